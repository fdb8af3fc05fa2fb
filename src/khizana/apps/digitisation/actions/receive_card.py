"""Take the photographs of one manuscript off a card: copied, read back, looked at, with access copies made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from khizana.apps.digitisation.captured import captured
from khizana.core.errors import KhizanaError, NoSpace, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, manuscript_id
from khizana.core.imaging.access_facts import FIRST_WIDTHS, Made
from khizana.core.imaging.lanes import ImageLanes
from khizana.core.library import LibraryFolder
from khizana.core.ports import Card
from khizana.core.preservation.journal import Capture, Journal, Receipt
from khizana.core.preservation.staging import Received, receive, staged_path
from khizana.core.structure.order import Photograph, photographs


@dataclass(frozen=True, slots=True)
class CardReceived:
    """What came of a card."""

    receipt: Receipt
    findings: tuple[Finding, ...]
    read_back: Mapping[Digest, Received]
    """Every staged file that this process has itself read back from the disk."""

    @property
    def refused(self) -> int:
        """How many files were refused."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def receive_card(
    *,
    card: Card,
    shelfmark: str,
    folder: LibraryFolder,
    lanes: ImageLanes,
    at_once: int,
    now: Callable[[], datetime],
    on_bytes: Callable[[int], None],
    on_total: Callable[[int], None],
    path_of_held: Callable[[Digest], Path | None],
) -> CardReceived:
    """Receive every photograph of *card*; what was received before is not read again.

    *at_once* is how many files are in hand at one time: somewhat more than there are lanes, as copying waits
    for the disk while decoding does not. *path_of_held* gives the master with a digest that an object of this
    manuscript holds already. A file that cannot be used is a finding, and the others are taken all the same.

    Raises ``NotFound``, ``Unreadable``, ``BadInput`` (for the card as a whole) and ``NoSpace``.
    """
    found = photographs(card)
    on_total(sum(photograph.file.size for photograph in found))
    taking = _Taking(
        card=card,
        folder=folder,
        lanes=lanes,
        journal=Journal(folder.staging, manuscript_id(shelfmark)),
        now=now,
        on_bytes=on_bytes,
        path_of_held=path_of_held,
    )
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="receive")
    try:
        taken = _all(pool, taking, found)
    finally:
        # On Ctrl-C or a full disk: what has not begun is not begun, what is being copied is finished or dropped.
        taking.stopped = True
        pool.shutdown(cancel_futures=True)
    findings = list(taking.findings)
    captures: dict[Digest, tuple[Capture, str]] = {}
    for photograph, capture in zip(found, taken, strict=True):
        if capture is None:
            continue
        if capture.digest in captures:
            facts = {"same": captures[capture.digest][0].name}
            findings.append(Finding("SAME_BYTES", Severity.WARNING, photograph.name, facts))
            continue
        captures[capture.digest] = (capture, photograph.label)
    receipt = Receipt(shelfmark, tuple(captures.values()))
    if captures:
        taking.journal.close(receipt)
    return CardReceived(receipt, tuple(findings), taking.read_back)


def _all(pool: ThreadPoolExecutor, taking: _Taking, found: tuple[Photograph, ...]) -> list[Capture | None]:
    # A few at a time: a card of ten thousand files makes no ten thousand waiting tasks that Ctrl-C must unwind.
    futures: list[Future[Capture | None]] = []
    running: set[Future[Capture | None]] = set()
    for photograph in found:
        if len(running) >= 16:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        future = pool.submit(taking.take, photograph)
        futures.append(future)
        running.add(future)
    return [future.result() for future in futures]


@dataclass(kw_only=True)
class _Taking:
    """One card being received, by several threads."""

    card: Card
    folder: LibraryFolder
    lanes: ImageLanes
    journal: Journal
    now: Callable[[], datetime]
    on_bytes: Callable[[int], None]
    path_of_held: Callable[[Digest], Path | None]
    findings: list[Finding] = field(default_factory=list)
    read_back: dict[Digest, Received] = field(default_factory=dict)
    stopped: bool = False

    def __post_init__(self) -> None:
        """Look at what an earlier run received."""
        self._lock = Lock()
        self._before = self.journal.captures()

    def take(self, photograph: Photograph) -> Capture | None:
        """Receive one photograph; None (and a finding) where it cannot be used."""
        if self.stopped:
            return None
        try:
            return self._seen_before(photograph) or self._received(photograph)
        except NoSpace:
            self.stopped = True
            raise
        except KhizanaError as error:
            if isinstance(error, Unreadable) and not self.card.is_there():
                self.stopped = True
                raise Unreadable("CARD_GONE", path=str(self.card.path)) from error
            with self._lock:
                self.findings.append(Finding(error.code, Severity.ERROR, photograph.name, error.facts))
            return None

    def _seen_before(self, photograph: Photograph) -> Capture | None:
        capture = self._before.get(photograph.name)
        if capture is None:
            return None
        if (photograph.file.size, photograph.file.modified) != (capture.size, capture.modified):
            return None
        master = staged_path(self.folder.staging, capture.digest)
        if not master.is_file():
            held = self.path_of_held(capture.digest)
            if held is None:
                return None
            master = held
        made = self._made(master, capture.digest, photograph.name)
        self.on_bytes(capture.size)
        with self._lock:
            self._tell(made, photograph.name)
        return capture

    def _tell(self, made: Made, name: str) -> None:
        # Also of what an earlier run received: the person who reads this may not have seen that one end.
        self.findings += [Finding(each.code, each.severity, name, each.facts) for each in made.access_copy.findings]

    def _made(self, master: Path, digest: Digest, name: str) -> Made:
        folder = self.folder.access_copy(digest)
        return self.lanes.submit(master, folder, digest, name=name, widest=FIRST_WIDTHS).result()

    def _received(self, photograph: Photograph) -> Capture:
        modified = photograph.file.modified
        received = receive(photograph.file, self.folder.staging, on_bytes=self.on_bytes)
        try:
            made = self._made(received.path, received.digest, photograph.name)
        except NoSpace:
            raise
        except KhizanaError:
            # Not an image that can be used: the card still has it, staging need not.
            received.path.unlink(missing_ok=True)
            raise
        capture = captured(photograph.name, received, made, now=self.now(), modified=modified)
        with self._lock:
            self.read_back[received.digest] = received
            self._tell(made, photograph.name)
            self.journal.note(capture)
        return capture
