"""What people do in fifty years where a ledger, a database and the places do not agree: they hold, and put it right.

Which of two is the true one, where one was rewritten, a person finds out: no code of the library guesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from data.fifty_places import LIBRARY, Entered, Spot, Working
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.versions import compared, differing
from khizana.core.preservation.ledger.write import open_ledger
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.preservation.replicas.carried import bring_ledger, head_at
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.restore import restore, vouched

if TYPE_CHECKING:
    from data.fifty_years import FiftyYears


def hold(years: FiftyYears, sites: Mapping[str, Spot]) -> None:
    """Hold the laptop against its ledger and against what the sites have seen; put right what is not."""
    entered = _entered(years)
    against = [code for spot in sites.values() if (code := years.contradiction(spot.store))]
    years.counts.update(against)
    if against or entered is None:
        _restore(years, sites.values())
    elif not _agrees(entered, years.laptop.known):
        # Whoever edits what the database remembers has signed no ledger with it.
        heads = [(known.object_id, known.head, known.versions[known.head]) for known in years.laptop.known.values()]
        older = [differing(entered, known.object_id, known.versions) for known in years.laptop.known.values()]
        found = [finding.code for finding in chain(compared(entered, heads), *older)]
        assert found, "what the database remembers is not what was entered, and that was not said"
        years.counts.update(found)
        _know_from(years, [years.laptop.spot.store, *(spot.store for spot in sites.values())])
    for old in list(years.shelf):
        known = [each for known in old.known.values() if (each := years.truth.before_forged(known))]
        taken = all([years.take_in(years.laptop, each, old.spot.store) for each in known])  # noqa: C419 - each is taken in
        # A machine that an insider had is thrown away by nobody: beside what was made up may lie the only good copy.
        if taken and known == list(old.known.values()):
            years.shelf.remove(old)
    for spot in sites.values():
        if years.contradiction(spot.store):
            _reconcile(years, spot)


def _entered(years: FiftyYears) -> Entered | None:
    """Return what the laptop's ledger says, where it is as it was signed."""
    findings = LedgerCheck(years.laptop.ledger).findings()
    codes = {finding.code for finding in findings if finding.severity == "error"}
    years.counts.update(codes)
    return None if codes else years.laptop.entered()


def _restore(years: FiftyYears, sites: Iterable[Spot]) -> None:
    """Make the laptop anew from the site that has seen most, and put the old one on the shelf.

    That is the one that has seen most of the true ledger, where one has seen it and another what an insider wrote.
    """
    spots = list(sites)
    heads = [
        (not years.truth.tells_what_is_forged(spot.held), head.size, spot.name, spot)
        for spot in spots
        if (head := head_at(spot.store))
    ]
    if not heads:
        return
    years.counts["restored"] += 1
    best = max(heads)[-1].store
    old, years.laptop = years.laptop, years.working("laptop")
    if old.known:
        years.shelf.append(old)
        years.laptop.keys = old.keys
    for each in restore(best, years.laptop.spot.store, library=LIBRARY, stamp=years.stamp()):
        years.counts.update(finding.code for finding in each.findings)
    bring_ledger(best, years.laptop.ledger)
    with open_ledger(years.laptop.ledger) as ledger:
        ledger.go_on(years.laptop.keys, when=rfc3339(years.laptop.when(years.day)), agent="laptop")
    _know_from(years, [years.laptop.spot.store, *(spot.store for spot in spots)])


def _know_from(years: FiftyYears, stores: Sequence[ReplicaStore]) -> None:
    """Remember what the ledger says; where branches were joined, as a history does that it knows all of."""
    entered = years.laptop.entered()
    years.laptop.known = {object_id: _history(object_id, entered, stores) for object_id in entered}


def _reconcile(years: FiftyYears, spot: Spot) -> None:
    """Take in what a site has seen and the laptop has not; the site's ledger is kept, and ours begins there."""
    years.counts["reconciled"] += 1
    theirs = Working(spot.name, years.root / years.stamp(), years.laptop.keys)
    bring_ledger(spot.store, theirs.ledger)
    entered = theirs.entered()
    known = [_history(object_id, entered, [spot.store]) for object_id in entered]
    true = [each for each in known if not years.truth.is_forged(each)]
    if all([years.take_in(years.laptop, each, spot.store) for each in true]):  # noqa: C419 - each is taken in
        files, stamp = spot.held.files, years.stamp()
        for each in [each for each in files if each.startswith("ledger/")]:
            files[f"ledger-seen/{years.stamp()}/{each}"] = files.pop(each)
        # Later versions than are known here keep copies out: whoever has found out whose they are moves them by hand.
        for forged in [each for each in known if years.truth.is_forged(each)]:
            for each in [each for each in files if each.startswith(forged.prefix)]:
                files[f"{ASIDE}/{stamp}/{each}"] = files.pop(each)
            years.laptop.rows.pop((spot.name, forged.object_id), None)


def _agrees(entered: Entered, known: Mapping[ObjectId, Known]) -> bool:
    return all(
        inventory in entered.get(object_id, {}).get(number, ())
        for object_id, each in known.items()
        for number, inventory in each.versions.items()
    )


def _history(object_id: ObjectId, entered: Entered, stores: Sequence[ReplicaStore]) -> Known:
    """Return what the ledger says of an object; where it knows two versions of a number, as one of *stores* has it."""
    known = Known(object_id, {number: each[-1] for number, each in entered[object_id].items()})
    if any(len(each) > 1 for each in entered[object_id].values()):
        for store in stores:
            with suppress(KhizanaError):
                told = vouched(store, known.prefix, library=LIBRARY)
                if told.head == known.head and _agrees(entered, {object_id: told}):
                    return told
    return known
