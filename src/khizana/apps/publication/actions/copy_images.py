"""Copy the images that a manifest names into the library: fetched, then taken into its responsibility all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from khizana.apps.digitisation.actions.receive_images import ImagesReceived, Wanted, receive_images
from khizana.apps.publication.actions.accession import accession, masters_held
from khizana.apps.publication.keeper import Keeper
from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import RemoteImage
from khizana.core.exchange.whole_image import known_as, labelled
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId, images_object_id
from khizana.core.imaging.lanes import ImageLanes
from khizana.core.languages import reading_direction
from khizana.core.manuscript import Direction, Master
from khizana.core.policy import Level
from khizana.core.ports import ImageServers
from khizana.core.preservation.journal import Capture, Journal, Receipt
from khizana.core.preservation.staging import staged_path


@dataclass(frozen=True, slots=True)
class Named:
    """The images that a manifest names of one manuscript, whose description is in the catalogue."""

    manuscript: ManuscriptId
    shelfmark: str
    entry: Entry
    images: tuple[RemoteImage, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of the images of one manuscript."""

    findings: tuple[Finding, ...] = ()
    fetched: int = 0
    """How many were fetched now."""
    had: int = 0
    """How many are in the library already."""
    failed: int = 0
    """How many could not be had."""
    waiting: int = 0
    """How many wait in staging for the others."""


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies images.

    *incomplete*: what can be had is taken, though some cannot be had; else a manuscript's images are taken when all of
    them are there, and wait in staging until then.
    """

    keeper: Keeper
    lanes: ImageLanes
    servers: ImageServers
    incomplete: bool = False
    on_image: Callable[[], None] = field(default=lambda: None)

    def copy(self, named: Named) -> Copied:
        """Fetch the images that are not here, and take them in.

        Raises ``Busy`` where another process receives for the manuscript, ``NoSpace``, ``Unreadable`` and ``Damaged``
        as accession does. What was fetched by then stays in staging, and the same command goes on.
        """
        wanted, findings = _wanted(named)
        images = self.keeper.object(images_object_id(self.keeper.library, named.manuscript))
        held = {each.original_name: _capture(each) for each in masters_held(images, named.manuscript)}
        missing = sum(known_as(each.image) not in held for each in wanted)
        if not missing:
            self._forget_received(named, held)
            return Copied(findings, had=len(wanted))
        if held and missing == len(wanted):
            others = Finding("IMAGES_OTHERS_HELD", Severity.ERROR, named.file, {"shelfmark": named.shelfmark})
            return Copied((*findings, others), failed=missing)
        journal = Journal(self.keeper.folder.staging, named.manuscript)
        with journal.held(named.shelfmark):
            before = journal.captures()
            if any(not each.came for each in before.values()):
                # Taken in together, the photographs would be forgotten in staging.
                card = Finding("IMAGES_BESIDE_A_CARD", Severity.ERROR, named.file, {"shelfmark": named.shelfmark})
                return Copied((*findings, card), failed=missing)
            received = receive_images(
                wanted=wanted,
                held=held,
                servers=self.servers,
                folder=self.keeper.folder,
                lanes=self.lanes,
                journal=journal,
                now=self.keeper.now,
                on_image=self.on_image,
            )
            new = {each.digest for each, _ in received.captures} - {each.digest for each in held.values()}
            waits = bool(received.failed) and not self.incomplete
            if new and not waits:
                self._take_in(named, received)
                for each in before.values():
                    # Of an image that the manifest named at another address then.
                    staged_path(self.keeper.folder.staging, each.digest).unlink(missing_ok=True)
        findings = (*findings, *received.findings)
        if new and waits:
            facts: dict[str, str | int] = {"shelfmark": named.shelfmark, "count": len(new), "failed": received.failed}
            findings = (*findings, Finding("IMAGES_WAIT", Severity.WARNING, named.file, facts))
        had = len(wanted) - missing
        return Copied(findings, received.fetched, had, received.failed, len(new) if waits else 0)

    def _forget_received(self, named: Named, held: Mapping[str, Capture]) -> None:
        """Clear away what a command left in staging that was killed after it had taken all in."""
        journal = Journal(self.keeper.folder.staging, named.manuscript)
        taken = {each.digest for each in held.values()}
        with journal.held(named.shelfmark):
            before = journal.captures().values()
            if before and all(each.came and each.digest in taken for each in before):
                for each in before:
                    staged_path(self.keeper.folder.staging, each.digest).unlink(missing_ok=True)
                journal.remove()

    def _take_in(self, named: Named, received: ImagesReceived) -> None:
        accession(
            receipt=Receipt(named.shelfmark, received.captures),
            description=b"",  # it is there
            direction=_direction(named.entry),
            level=Level.STAFF,  # the same: what was decided of the manuscript stays
            keeper=self.keeper,
            read_back=received.read_back,
            more=True,
        )


def _wanted(named: Named) -> tuple[list[Wanted], tuple[Finding, ...]]:
    """Return the images of *named*, each once, with labels; and a finding for each that is named again."""
    wanted: dict[str, Wanted] = {}
    findings = []
    for image, label in labelled(named.images):
        each = Wanted(image, label, f"{named.file}, {label}")
        first = wanted.setdefault(known_as(image), each)
        if first is not each:
            findings.append(Finding("SAME_BYTES", Severity.WARNING, each.said, {"same": first.label}))
    return list(wanted.values()), tuple(findings)


def _direction(entry: Entry) -> Direction:
    stated = next((value for name, value in entry.extra if name == "iiif:viewingDirection"), "")
    if stated in ("right-to-left", "left-to-right"):
        return "rtl" if stated == "right-to-left" else "ltr"
    return reading_direction(entry.languages)


def _capture(master: Master) -> Capture:
    """Return what is received of an image that the library holds."""
    return Capture(
        name=master.original_name,
        modified=0,
        size=master.size,
        digest=master.digest,
        media_type=master.media_type,
        extension=master.logical_path.rpartition(".")[2],
        width=master.width,
        height=master.height,
        received="",
    )
