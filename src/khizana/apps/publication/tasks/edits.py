"""A change of many descriptions asked for at the desk, or its undoing: what it would do, then done."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from khizana.apps.publication import queries
from khizana.apps.publication.actions.describe import Change as Written
from khizana.apps.publication.actions.edit_descriptions import Condition, Edit, How
from khizana.apps.publication.actions.import_report import ENCODING
from khizana.apps.publication.actions.many_descriptions import Outcome, edit_many, undo_batch
from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.tasks.shown import SHOWN, changed
from khizana.core.catalogue.columns import column
from khizana.core.errors import NotFound
from khizana.core.identifiers import ManuscriptId, manuscript_id
from khizana.core.sheets.safety import guarded
from khizana.core.tasks.account import Account, Changed, Told
from khizana.core.tasks.asked import ALL, PUBLISHED, WHERE, Asked, Change, Undo
from khizana.core.tasks.folder import DONE, PLANNED, Progress, TaskFolder

FINDINGS = 40
"""Findings that a page shows; the report has all."""


def run_change(task: TaskFolder, asked: Asked, work: Change, keeper: Keeper, *, dry_run: bool) -> Account:
    """Change what *work* names, or say what that would do.

    Raises ``NotFound`` for a shelfmark that is not there, and what ``edit_many`` does.
    """
    edit = Edit(work.column, How(work.how), work.values)
    where = Condition(work.where_column, work.where_value) if work.which == WHERE else None
    progress = Progress(task)

    def counted() -> Iterator[ManuscriptId]:
        for each in wanted(work.which, work.shelfmarks):
            yield each
            progress.add()

    def edited(outcome: Outcome) -> None:
        edit_many(counted(), [edit], where=where, keeper=keeper, outcome=outcome)

    return _run(task, asked, keeper, edited, dry_run=dry_run)


def run_undo(task: TaskFolder, asked: Asked, work: Undo, keeper: Keeper, *, dry_run: bool) -> Account:
    """Take a batch back, or say what that would do. Raises what ``undo_batch`` does."""

    def undone(outcome: Outcome) -> None:
        undo_batch(work.batch, keeper=keeper, outcome=outcome)

    return _run(task, asked, keeper, undone, dry_run=dry_run)


def wanted(which: str, shelfmarks: Iterable[str]) -> Iterator[ManuscriptId]:
    """Yield the manuscripts that a task is about. Raises ``NotFound`` for a shelfmark that is not there."""
    if which in (ALL, WHERE, PUBLISHED):
        yield from queries.manuscript_ids(published_only=which == PUBLISHED)
        return
    named = {each: manuscript_id(each) for each in shelfmarks}
    for shelfmark, manuscript in named.items():
        if queries.agreement_and_revision(manuscript) is None:
            raise NotFound("NO_MANUSCRIPT", manuscript=shelfmark)
    yield from dict.fromkeys(named.values())


@dataclass
class _Table:
    """Every change and every finding, a row each; the first changes are kept to be shown."""

    write: Callable[[Iterable[str]], object]
    keeper: Keeper
    language: str
    first: list[Changed] = field(default_factory=list)

    def add(self, change: Written) -> None:
        """Enter a change that is not written yet."""
        shown = changed(change, self.keeper)
        if len(self.first) < SHOWN:
            self.first.append(shown)
        for each in shown.differences:
            label = column(each.column).labels[self.language]
            row = (change.manuscript, label, " | ".join(each.before), " | ".join(each.after), "")
            self.write(map(guarded, row))


def _run(task: TaskFolder, asked: Asked, keeper: Keeper, work: Callable[[Outcome], None], *, dry_run: bool) -> Account:
    outcome = Outcome(task.batch, dry_run=dry_run)
    with _table(task, asked, keeper, dry_run=dry_run) as table:
        outcome.on_change = table.add
        work(outcome)
        for each in outcome.findings:
            table.write(map(guarded, (each.subject, "", "", "", each.sentence(asked.language))))
    return Account(
        counts={"changed": len(outcome.changed), "stays": len(outcome.findings)},
        findings=tuple(Told.of(each) for each in outcome.findings[:FINDINGS]),
        more=max(0, len(outcome.findings) - FINDINGS),
        changes=tuple(table.first) if dry_run else (),
        batch=task.batch if outcome.changed and not dry_run else "",
    )


@contextmanager
def _table(task: TaskFolder, asked: Asked, keeper: Keeper, *, dry_run: bool) -> Iterator[_Table]:
    with task.report(PLANNED if dry_run else DONE).open("w", encoding=ENCODING, newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("manuscript", "column", "before", "after", "finding"))
        yield _Table(table.writerow, keeper, asked.language)
