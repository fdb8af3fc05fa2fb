"""Checking, mending and copying in fifty years, as the verbs do it, all of it held to the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from data.fifty_places import Row, Spot, Working
from data.fifty_truths import digest
from khizana.core.errors import KhizanaError
from khizana.core.ports import ReplicaSource
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.replicas.carried import carry_ledger, head_at, rewritten
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.elsewhere import expected_elsewhere
from khizana.core.preservation.replicas.expected import STORAGE, Expected, Known, expected, small_file
from khizana.core.preservation.replicas.mend import NO_GOOD_REPLICA, NotMended, mend
from khizana.core.preservation.replicas.outcome import Intact, Missing, Outcome, kind_of
from khizana.core.preservation.replicas.reading import Reader

if TYPE_CHECKING:
    from data.fifty_years import FiftyYears


def look_after(
    years: FiftyYears, keeper: Working, name: str, others: Sequence[ReplicaSource], *, and_mend: bool = True
) -> None:
    """Check every object that *keeper* knows at the place *name*, and mend it from *others*."""
    spot = years.spots()[name]
    with years.own_hands(spot):
        for object_id, known in keeper.known.items():
            row = keeper.rows.get((name, object_id))
            head = known.head if name == keeper.name else min(row.head, known.head) if row else 0
            if head:
                wrong, wanted = wrong_in(years, spot, known, head, others)
                if wanted is None and (wanted := expected_elsewhere(known, head, [spot.store, *others])):
                    wrong = _wrong(spot, wanted)
                if wrong and wanted and and_mend:
                    if keeper.doubts(known, wanted):
                        years.counts["not mended: not as entered"] += 1
                    else:
                        wrong = _mended(years, spot, wanted, wrong, others)
                for each in wrong:
                    years.counts[f"found {kind_of(each)}"] += 1
                keeper.rows[name, object_id] = Row(head, kind_of(wrong[0]) if wrong else "intact")


def wrong_in(
    years: FiftyYears, spot: Spot, known: Known, head: int, others: Iterable[ReplicaSource] = ()
) -> tuple[list[Outcome], Expected | None]:
    """Return what a check finds wrong, which must be all that is, and what the object should hold, if that is known.

    Where an insider changed what the keeper remembers, too, nothing at that place can tell: others must.
    """
    sources = [spot.store, *others]
    wanted = expected(known, head, [small_file(each, known.prefix) for each in sources])
    years.counts["checks"] += 1
    is_judged = not years.truth.is_forged(known)
    if wanted is None:
        names = (f"{known.prefix}v{head}/{INVENTORY}", f"{known.prefix}{INVENTORY}")
        for name in names if is_judged else ():
            years.truth.assert_lost(name, known.versions[head], sources)
        return [Missing(names[0])], None
    wrong = _wrong(spot, wanted)
    if is_judged:
        good, prefix = years.truth.good(known, head), known.prefix
        assert {prefix + name: each for name, each in wanted.files.items()} == good
        years.truth.judge_check(known, head, spot.held, wrong)
    return wrong, wanted


def _wrong(spot: Spot, wanted: Expected) -> list[Outcome]:
    with Reader(spot.store) as reader:
        return [each for each in check(spot.store, reader, wanted) if not isinstance(each, Intact)]


def _mended(
    years: FiftyYears, spot: Spot, wanted: Expected, wrong: list[Outcome], others: Sequence[ReplicaSource]
) -> list[Outcome]:
    """Mend what is wrong, and return what still is: what no place that was asked has good bytes of."""
    attacks = years.counts["struck"]
    with at_work(years, spot, wanted):
        done = list(mend(spot.store, wanted, wrong, others, stamp=years.stamp()))
    left = [each for each in done if isinstance(each, NotMended)]
    years.counts["mended"] += len(done) - len(left)
    years.counts.update(each.problem.code for each in left)
    after, _ = wrong_in(years, spot, wanted.known, wanted.head, others)
    if years.counts["struck"] == attacks:
        assert {each.name for each in after} == {each.name for each in left}
        for each in left:
            assert each.problem.code == NO_GOOD_REPLICA, each
            years.truth.assert_lost(each.name, wanted.files[each.name.removeprefix(wanted.known.prefix)], others)
    return after


@contextmanager
def at_work(years: FiftyYears, spot: Spot, wanted: Expected) -> Iterator[None]:
    if not years.truth.is_forged(wanted.known):
        spot.store.right = years.truth.good(wanted.known, wanted.head)
    try:
        yield
    finally:
        spot.store.right = {}


def copy_to(years: FiftyYears, spot: Spot) -> None:
    """Do as ``replicate`` does."""
    if refused := rewritten(years.laptop.ledger, spot.store, site=spot.name):
        years.counts[f"not copied: {refused.code}"] += 1
        return
    # A site that was empty when the rewritten ledger came, and has seen no other, is no witness against it: there it
    # takes what follows from that ledger, also what joins it with the truth. Nothing gives way for it.
    has_seen = head_at(spot.store) is not None and not years.truth.tells_what_is_forged(spot.held)
    had = _forged_in(years, spot)
    with years.own_hands(spot):
        try:
            finding = carry_ledger(spot.store, years.laptop.ledger, site=spot.name, stamp=years.stamp())
        except KhizanaError as error:
            years.counts[error.code] += 1
            return
        years.counts[finding.code if finding else "ledger carried"] += 1
        for known in years.laptop.known.values():
            _copy_object(years, spot, known, may_replace=finding is None)
    if has_seen:
        assert _forged_in(years, spot) <= had, f"{spot.name} has seen the true ledger, and took what an insider made"


def _copy_object(years: FiftyYears, spot: Spot, known: Known, *, may_replace: bool) -> None:
    row = years.laptop.rows.get((spot.name, known.object_id), Row(0, "missing"))
    if row == Row(known.head, "intact"):
        return
    here = years.laptop.spot.store
    wanted = expected(known, known.head, [small_file(here, known.prefix)])
    if wanted is None:
        years.counts["not copied: LOCAL_NOT_WHOLE"] += 1
        return
    if years.laptop.doubts(known, wanted):
        years.counts["not copied: not as entered"] += 1
        return
    verified = row.head if row.state == "intact" else 0
    lost: list[KhizanaError] = []
    attacks = years.counts["struck"]
    try:
        with at_work(years, spot, wanted):
            copy_object(
                here,
                spot.store,
                wanted,
                verified_head=verified,
                stamp=years.stamp(),
                problems=lost,
                may_replace=may_replace,
            )
    except KhizanaError as error:
        years.counts[f"not copied: {error.code}"] += 1
    else:
        if not lost and years.counts["struck"] == attacks and not years.truth.is_forged(known):
            _judge_copied(years, spot, known, verified)
        years.laptop.rows[spot.name, known.object_id] = Row(known.head, "missing" if lost else "intact")
    for error in lost:
        years.counts[f"file not copied: {error.code}"] += 1


def _judge_copied(years: FiftyYears, spot: Spot, known: Known, verified: int) -> None:
    prefix = known.prefix
    for name, each in years.truth.good(known, known.head).items():
        version = name.removeprefix(prefix).partition("/")[0].removeprefix("v")
        if not version.isdigit() or int(version) > verified:
            there = spot.held.files.get(name, b"")
            assert digest(there) == each, f"{name} was copied to {spot.name} and is not right"


def _forged_in(years: FiftyYears, spot: Spot) -> set[str]:
    if not years.truth.forged:
        return set()
    files = spot.held.files
    return {name for name in files if name.startswith(STORAGE) and digest(files[name]) in years.truth.forged}
