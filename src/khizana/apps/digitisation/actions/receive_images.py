"""Take the images of one manuscript from the servers of another library: fetched, read back, looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from khizana.apps.digitisation.captured import captured
from khizana.core.catalogue.incoming import RemoteImage
from khizana.core.errors import Away, KhizanaError, NoSpace
from khizana.core.exchange.whole_image import is_another_shape, is_smaller, known_as, requests_of
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.imaging.access_facts import FIRST_WIDTHS, Made
from khizana.core.imaging.lanes import ImageLanes
from khizana.core.library import LibraryFolder
from khizana.core.ports import Fetched, ImageServers
from khizana.core.preservation.journal import Capture, Journal
from khizana.core.preservation.spool import Spool, spool
from khizana.core.preservation.staging import RECEIVING, Received, receive, staged_path

AT_ONCE = 2
"""Images in hand at a time: one is fetched while another is decoded."""
AWAY = 3
"""Images in a row, each asked for several times, after which a server that does not answer is left alone."""
IN_VAIN = 20
"""Images in a row after which a server that gives none is left alone, whatever it says."""
_NO_IMAGE = frozenset({"IMAGE_EMPTY", "IMAGE_NOT_RECOGNISED", "IMAGE_DISGUISED", "SOURCE_EMPTY"})
_BROKEN = frozenset({"IMAGE_DAMAGED", "IMAGE_CODEC_CRASHED"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One image that is to be taken."""

    image: RemoteImage
    label: str
    """The folio label of its page."""
    said: str
    """What a person calls it: its manifest and its canvas."""


@dataclass(frozen=True, slots=True)
class ImagesReceived:
    """What came of the images of one manuscript."""

    captures: tuple[tuple[Capture, str], ...]
    """Those that are safely in staging, in their order, each with its label and each file once."""
    findings: tuple[Finding, ...]
    read_back: Mapping[Digest, Received]
    """Every staged file that this process has itself read back from the disk."""
    fetched: int
    """How many were fetched now."""
    failed: int
    """How many are not there."""


def receive_images(
    *,
    wanted: Sequence[Wanted],
    held: Mapping[str, Capture],
    servers: ImageServers,
    folder: LibraryFolder,
    lanes: ImageLanes,
    journal: Journal,
    now: Callable[[], datetime],
    on_image: Callable[[], None],
) -> ImagesReceived:
    """Receive every image that is *wanted*; those that are *held*, by their addresses, or in staging are not fetched.

    An image that cannot be had is a finding, and the others are taken all the same. Raises ``NoSpace``, and
    ``Unreadable`` for the disk; what is in staging by then stays, and is not fetched again.
    """
    taking = _Taking(servers, folder, lanes, journal, now, held)
    taken: list[Capture | None] = []
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="images")
    try:
        running: list[Future[Capture | None]] = []
        for each in wanted:
            if len(running) >= AT_ONCE:
                taken.append(running.pop(0).result())
                on_image()
            running.append(pool.submit(taking.take, each))
        for future in running:
            taken.append(future.result())
            on_image()
    finally:
        taking.stopped = True
        pool.shutdown(cancel_futures=True)
    captures: dict[Digest, tuple[Capture, str]] = {}
    for each, capture in zip(wanted, taken, strict=True):
        if capture is not None and capture.digest in captures:
            facts = {"same": captures[capture.digest][1]}
            taking.findings.append(Finding("SAME_BYTES", Severity.WARNING, each.said, facts))
        elif capture is not None:
            captures[capture.digest] = (capture, each.label)
    place = {each.said: number for number, each in enumerate(wanted)}
    return ImagesReceived(
        tuple(captures.values()),
        tuple(sorted((*taking.findings, *taking.given_up()), key=lambda each: place[each.subject])),
        taking.read_back,
        taking.fetched,
        taken.count(None),
    )


class _Stopped(Exception):
    """The command ends; what is coming is dropped."""


@dataclass
class _Stoppable:
    """A spool that takes nothing more once the command ends: a slow server would else be waited for, for an hour."""

    spool: Spool
    taking: _Taking

    def restart(self) -> None:
        self._go_on()
        self.spool.restart()

    def write(self, content: memoryview) -> None:
        self._go_on()
        self.spool.write(content)

    def _go_on(self) -> None:
        if self.taking.stopped:
            raise _Stopped


@dataclass
class _Taking:
    """The images of one manuscript being received, by several threads."""

    servers: ImageServers
    folder: LibraryFolder
    lanes: ImageLanes
    journal: Journal
    now: Callable[[], datetime]
    held: Mapping[str, Capture]
    findings: list[Finding] = field(default_factory=list)
    read_back: dict[Digest, Received] = field(default_factory=dict)
    fetched: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        """Look at what an earlier run received."""
        self._lock = Lock()
        self._before = self.journal.captures()
        self._away: Counter[str] = Counter()
        self._in_vain: Counter[str] = Counter()
        self._left: dict[str, list[str]] = {}

    def take(self, wanted: Wanted) -> Capture | None:
        """Receive one image; None (and a finding) where it cannot be had."""
        if self.stopped:
            return None
        if (here := self.held.get(known_as(wanted.image)) or self._seen_before(wanted)) is not None:
            return here
        host = urlsplit(wanted.image.service or wanted.image.address).netloc
        with self._lock:
            if self._away[host] >= AWAY or self._in_vain[host] >= IN_VAIN:
                self._left.setdefault(host, []).append(wanted.said)
                return None
        try:
            capture = self._received(wanted)
        except _Stopped:
            return None
        except NoSpace:
            self.stopped = True
            raise
        except KhizanaError as error:
            with self._lock:
                self._away[host] = self._away[host] + 1 if isinstance(error, Away) else 0
                self._in_vain[host] += 1
                self.findings.append(_finding(error, wanted))
            return None
        with self._lock:
            self._away[host] = self._in_vain[host] = 0
        return capture

    def given_up(self) -> list[Finding]:
        """Return what is to be said of servers that were left alone."""
        return [
            Finding("FETCH_GIVEN_UP", Severity.ERROR, names[0], {"host": host, "count": len(names)})
            for host, names in self._left.items()
        ]

    def _seen_before(self, wanted: Wanted) -> Capture | None:
        capture = self._before.get(known_as(wanted.image))
        if capture is None or not (master := staged_path(self.folder.staging, capture.digest)).is_file():
            return None
        try:
            self._made(master, capture.digest, wanted.said)  # its access copies may have been cleared since
        except NoSpace:
            raise
        except KhizanaError:
            return None  # it was altered in staging: the server has it still
        # Said again: the person who reads this may not have seen how an earlier run ended.
        return self._judged(capture, wanted)

    def _received(self, wanted: Wanted) -> Capture | None:
        with spool(self.folder.staging / RECEIVING, name=wanted.said) as file:
            fetched = self.servers.fetch(requests_of(wanted.image), _Stoppable(file, self), name=wanted.said)
            received = receive(file, self.folder.staging)
        try:
            made = self._made(received.path, received.digest, wanted.said)
        except NoSpace:
            raise
        except KhizanaError:
            received.path.unlink(missing_ok=True)
            raise
        capture = captured(known_as(wanted.image), received, made, now=self.now(), came=_came(fetched, wanted))
        if self._judged(capture, wanted) is None:
            received.path.unlink(missing_ok=True)
            return None
        with self._lock:
            self.read_back[received.digest] = received
            self.fetched += 1
            self.findings += [
                Finding(each.code, each.severity, wanted.said, each.facts) for each in made.access_copy.findings
            ]
            self.journal.note(capture)
        return capture

    def _made(self, master: Path, digest: Digest, name: str) -> Made:
        return self.lanes.submit(
            master, self.folder.access_copy(digest), digest, name=name, widest=FIRST_WIDTHS
        ).result()

    def _judged(self, capture: Capture, wanted: Wanted) -> Capture | None:
        """Return *capture*, or None for what cannot be the image that was asked for; say so, and where it is less."""
        image, width, height = wanted.image, capture.width, capture.height
        sizes = {"width": width, "height": height, "stated_width": image.width, "stated_height": image.height}
        if is_another_shape(image, width, height):
            code, severity = "FETCHED_ANOTHER", Severity.ERROR
        elif is_smaller(image, width, height):
            code, severity = "FETCHED_SMALLER", Severity.WARNING
        else:
            return capture
        with self._lock:
            self.findings.append(Finding(code, severity, wanted.said, {"address": capture.name, **sizes}))
        return None if severity is Severity.ERROR else capture


def _came(fetched: Fetched, wanted: Wanted) -> str:
    """Return how an image came, for its event."""
    led = f", which led to {fetched.address}" if fetched.address != fetched.asked else ""
    canvas = f", canvas {wanted.image.canvas}" if wanted.image.canvas else ""
    return f"fetched from {fetched.asked}{led}, as {wanted.said} names it{canvas}"


def _finding(error: KhizanaError, wanted: Wanted) -> Finding:
    """Return what *error* says of an image that was fetched: advice for photographs would lead astray."""
    address = known_as(wanted.image)
    if error.code in _NO_IMAGE:
        kind = str(error.facts.get("found", "?"))
        return Finding(
            "FETCH_NOT_IMAGE", Severity.ERROR, wanted.said, {"name": wanted.said, "address": address, "kind": kind}
        )
    if error.code == "IMAGE_TRUNCATED":
        return Finding("FETCH_CUT_SHORT", Severity.ERROR, wanted.said, {"address": address})
    if error.code in _BROKEN:
        return Finding("FETCH_DAMAGED", Severity.ERROR, wanted.said, {"address": address})
    return Finding(error.code, Severity.ERROR, wanted.said, error.facts)
