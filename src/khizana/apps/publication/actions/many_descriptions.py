"""Edits of many descriptions, and the undoing of what was done to many: worked through some hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from khizana.apps.preservation.queries import objects_of_batch
from khizana.apps.publication.actions.describe import Change, describe
from khizana.apps.publication.actions.edit_descriptions import (
    EDITED,
    UNDONE,
    Condition,
    Edit,
    plan_edit,
    plan_undo,
)
from khizana.apps.publication.keeper import Keeper
from khizana.core.catalogue.columns import NotOfThisKind
from khizana.core.errors import KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId, manuscript_of

AT_ONCE = 100


@dataclass
class Outcome:
    """What came of it."""

    batch: str
    dry_run: bool
    changed: list[ManuscriptId] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """What stays as it is, and why."""
    on_change: Callable[[Change], None] = lambda _: None
    """Is told of each change before it is written."""


def edit_many(
    manuscripts: Iterable[ManuscriptId],
    edits: Sequence[Edit],
    *,
    where: Condition | None,
    keeper: Keeper,
    outcome: Outcome,
) -> None:
    """Make *edits* in the descriptions of *manuscripts* that *where* names; what cannot be edited is a finding.

    Raises what ``describe`` does; what was written by then stays.
    """
    _work_through(
        manuscripts, lambda each: plan_edit(each, edits, where=where, keeper=keeper), keeper, outcome, message=EDITED
    )


def undo_batch(undone: str, *, keeper: Keeper, outcome: Outcome) -> None:
    """Take the batch *undone* back wherever nothing was changed since. Raises what ``describe`` does."""

    def plan(manuscript: ManuscriptId) -> Change | None:
        undoing = plan_undo(manuscript, undone, keeper=keeper)
        if undoing.added:
            outcome.findings.append(Finding("UNDO_STAYS", Severity.WARNING, manuscript))
        outcome.findings += [
            Finding("UNDO_CHANGED_SINCE", Severity.WARNING, manuscript, {"field": each.field})
            for each in undoing.conflicts
        ]
        return undoing.change

    found = (manuscript_of(keeper.library, each) for each in objects_of_batch(undone))
    _work_through((each for each in found if each is not None), plan, keeper, outcome, message=UNDONE)


def _work_through(
    manuscripts: Iterable[ManuscriptId],
    plan: Callable[[ManuscriptId], Change | None],
    keeper: Keeper,
    outcome: Outcome,
    *,
    message: str,
) -> None:
    changes = _planned(manuscripts, plan, outcome)
    while chunk := list(islice(changes, AT_ONCE)):
        for each in chunk:
            outcome.on_change(each)
        if not outcome.dry_run:
            describe(chunk, keeper=keeper, batch=outcome.batch, message=message)
        outcome.changed += [each.manuscript for each in chunk]


def _planned(
    manuscripts: Iterable[ManuscriptId], plan: Callable[[ManuscriptId], Change | None], outcome: Outcome
) -> Iterator[Change]:
    for manuscript in manuscripts:
        try:
            change = plan(manuscript)
        except NotOfThisKind as error:
            facts: dict[str, str | int] = {"manuscript": manuscript, "problem": str(error)}
            outcome.findings.append(Finding("EDIT_NOT_OF_THIS_KIND", Severity.ERROR, manuscript, facts))
        except KhizanaError as error:
            outcome.findings.append(Finding(error.code, Severity.ERROR, manuscript, error.facts))
        else:
            if change is not None:
                yield change
