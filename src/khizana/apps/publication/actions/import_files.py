"""Import what files hold: planned as it is read, written some hundred at a time, accounted for to the last row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from khizana.apps.publication.actions.copy_images import Copied, Copier, Named
from khizana.apps.publication.actions.import_descriptions import AT_ONCE, Fate, Planned, Planner, carry_out
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement

REPORTED = "reported"
"""The fate of what became no manuscript."""
IMAGE_FATES = ("named", "manuscripts", "fetched", "had", "failed", "waiting")
IMAGES = "images"
"""The fate in rows that speak of a manuscript's images."""
KEPT = 40
"""Findings and changes that an account shows; rows of it are told one by one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the account."""

    file: str
    line: int
    fate: str
    """A ``Fate``, ``reported`` or ``images``."""
    manuscript: str = ""
    finding: Finding | None = None

    def said(self, language: str) -> str:
        """Return the finding's sentence, with its place where it does not name it by itself."""
        if self.finding is None:
            return ""
        sentence = self.finding.sentence(language)
        return sentence if self.file in sentence else f"{self.file}, {self.line}: {sentence}"


@dataclass
class Account:
    """What came of an import: as much was read as the fates count together."""

    batch: str
    dry_run: bool
    fates: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    """Findings, by their codes."""
    left_out: int = 0
    """Rows and records that are reported by more than an information."""
    first: list[Row] = field(default_factory=list)
    """The first findings that are more than information."""
    changes: list[Planned] = field(default_factory=list)
    """The first descriptions that are new, changed or in conflict."""
    disputed: list[Planned] = field(default_factory=list)
    """The first descriptions that are in conflict."""
    images: Counter[str] = field(default_factory=Counter)
    """Images at other libraries: how many are ``named``, of how many ``manuscripts``; how many were ``fetched``,
    ``had`` already, ``failed``, or are ``waiting`` for the others of their manuscript."""

    @property
    def counts(self) -> dict[str, int]:
        """The number of descriptions of each fate, and of all that were read."""
        counts = {str(each): self.fates[each] for each in (*Fate, REPORTED)}
        return {"read": sum(counts.values()), **counts}

    @property
    def clean(self) -> bool:
        """Whether nothing that may be a manuscript was left out, nothing is in conflict, and no image is missing.

        A blank row or a row of column names is reported and is no fault.
        """
        return not self.left_out and not self.fates[Fate.CONFLICT] and not self.images["failed"]


@dataclass
class Importing:
    """One import under way."""

    planner: Planner
    agreement: Agreement
    account: Account
    on_row: Callable[[Row], None] = lambda _: None
    copier: Copier | None = None
    """Copies the images that manifests name; where there is none, they are counted and left where they are."""
    _waiting: list[Planned] = field(default_factory=list)
    _imaged: list[Planned] = field(default_factory=list)
    _seen: dict[ManuscriptId, str] = field(default_factory=dict)

    def take(self, given: Iterable[Incoming | Reported]) -> None:
        """Import *given*, all or nothing of each description.

        Raises ``NoSpace``, ``Busy``: what was imported by then stays, and the same import goes on.
        """
        for each in given:
            if isinstance(each, Reported):
                self._report(each.finding, each.file, each.line)
            else:
                self._take(each)
        self._write()

    def _take(self, incoming: Incoming) -> None:
        try:
            planned = self.planner.plan(incoming)
        except (AlreadyThere, BadInput, Damaged, Unreadable) as error:
            finding = Finding(error.code, Severity.ERROR, incoming.file, {**error.facts, "line": incoming.line})
            self._report(finding, incoming.file, incoming.line)
            return
        place = f"{incoming.file}, {incoming.line}"
        first = self._seen.setdefault(planned.manuscript, place)
        if first != place:
            facts: dict[str, str | int] = {"line": incoming.line, "shelfmark": planned.shelfmark, "other": first}
            self._report(Finding("IMPORT_TWICE", Severity.ERROR, incoming.file, facts), incoming.file, incoming.line)
            return
        self._account_for(planned)
        if planned.put and not self.account.dry_run:
            self._waiting.append(planned)
        if incoming.images:
            self.account.images.update(named=len(incoming.images), manuscripts=1)
            if self.copier and not self.account.dry_run:
                self._imaged.append(planned)
        if len(self._waiting) >= AT_ONCE or len(self._imaged) >= AT_ONCE:
            self._write()

    def _write(self) -> None:
        carry_out(self._waiting, keeper=self.planner.keeper, agreement=self.agreement, batch=self.account.batch)
        self._waiting.clear()
        # Descriptions first: they are written in a moment, and stay whatever becomes of the images.
        while self._imaged and self.copier:
            self._copy(self.copier, self._imaged.pop(0))

    def _copy(self, copier: Copier, planned: Planned) -> None:
        incoming = planned.incoming
        named = Named(planned.manuscript, planned.shelfmark, incoming.entry, incoming.images, incoming.file)
        try:
            copied = copier.copy(named)
        except (Busy, Damaged, AlreadyThere) as error:
            finding = Finding(error.code, Severity.ERROR, incoming.file, error.facts)
            copied = Copied((finding,), failed=len(incoming.images))
        self.account.images.update(fetched=copied.fetched, had=copied.had, failed=copied.failed, waiting=copied.waiting)
        for finding in copied.findings:
            self._enter(Row(incoming.file, incoming.line, IMAGES, planned.manuscript, finding))

    def _report(self, finding: Finding, file: str, line: int) -> None:
        self.account.fates[REPORTED] += 1
        self.account.left_out += finding.severity is not Severity.INFO
        self._enter(Row(file, line, REPORTED, finding=finding))

    def _account_for(self, planned: Planned) -> None:
        incoming = planned.incoming
        self.account.fates[planned.fate] += 1
        if planned.fate is not Fate.UNCHANGED and len(self.account.changes) < KEPT:
            self.account.changes.append(planned)
        if planned.fate is Fate.CONFLICT and len(self.account.disputed) < KEPT:
            self.account.disputed.append(planned)
        findings = [*incoming.findings, *(_conflict(planned, each.field) for each in planned.conflicts)]
        for said in findings or (None,):
            self._enter(Row(incoming.file, incoming.line, planned.fate.value, planned.manuscript, said))

    def _enter(self, row: Row) -> None:
        if row.finding is not None:
            self.account.codes[row.finding.code] += 1
            if len(self.account.first) < KEPT and row.finding.severity is not Severity.INFO:
                self.account.first.append(row)
        self.on_row(row)


def _conflict(planned: Planned, name: str) -> Finding:
    facts: dict[str, str | int] = {"line": planned.incoming.line, "field": name, "shelfmark": planned.shelfmark}
    return Finding("IMPORT_CONFLICT", Severity.WARNING, planned.incoming.file, facts)
