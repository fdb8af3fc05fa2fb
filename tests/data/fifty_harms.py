"""What befalls a library in fifty years: rot, fire, ransomware, old images that come back, insiders, wrong clocks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from data.fifty_places import LIBRARY, Spot, Working
from data.fifty_truths import digest
from data.replicated import DAMAGES, damage
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import Digest
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, sidecar
from khizana.core.preservation.replicas.carried import head_at
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.expected import STORAGE, Known
from khizana.core.preservation.replicas.restore import vouched

if TYPE_CHECKING:
    from data.fifty_years import FiftyYears

_ROT = [kind for kind in DAMAGES if kind not in {"rewrite inventory", "roll back", "encrypt", "remove object"}]
_MONTHS_AWAY = 18
_YEARS_WRONG = 20


def rot(years: FiftyYears) -> None:
    """Bits flip, files go, names change, in one place."""
    _hit(years, years.chance.choice(_ROT))


def _hit(years: FiftyYears, kind: str) -> None:
    name, spot = years.chance.choice(list(years.spots().items()))
    keeper = years.second if name == "second" else years.laptop
    for known in years.chance.sample(list(keeper.known.values()), min(1, len(keeper.known))):
        for _ in range(years.chance.randint(1, 5)):
            if _befalls(years, spot, lambda known=known: damage(spot.held, known, kind, years.chance)):
                years.counts[kind] += 1


def _befalls(years: FiftyYears, spot: Spot, harm: Callable[[], object]) -> bool:
    """Let *harm* happen to *spot*, unless it would take the last good copy of a file in a careful history."""
    if years.is_careless:
        harm()
        spot.settle()
        return True
    before, files, unreadable = years.truth.in_place(spot.held), dict(spot.held.files), set(spot.held.unreadable)
    harm()
    spot.settle()
    if _may_stand(years, before - years.truth.in_place(spot.held)):
        return True
    spot.lay_out(files, unreadable)
    return False


def _may_stand(years: FiftyYears, lost: set[Digest]) -> bool:
    return not (lost & years.needed() - years.alive())


def go_away(years: FiftyYears) -> None:
    """A site cannot be reached for eighteen months."""
    years.away[years.chance.choice(list(years.sites))] = years.day + _MONTHS_AWAY * 365 // 12


def die(years: FiftyYears) -> None:
    """A place burns, and an empty one stands in its stead."""
    name = years.chance.choice(list(years.spots()))
    if name in years.sites:
        spot = years.sites[name]
        if _befalls(years, spot, lambda: spot.lay_out({})):
            years.counts["struck"] += 1
    else:
        _takes_the_place(years, name, years.working(name))


def _takes_the_place(years: FiftyYears, name: str, other: Working) -> None:
    working: Working = getattr(years, name)
    before = years.truth.in_place(working.spot.held)
    setattr(years, name, other)
    if years.is_careless or _may_stand(years, before - years.truth.in_place(other.spot.held)):
        years.counts["struck"] += 1
    else:
        setattr(years, name, working)


def encrypt(years: FiftyYears) -> None:
    """Ransomware, at one place; perhaps in the middle of a copying."""
    name, spot = years.chance.choice(list(years.spots().items()))
    files = spot.held.files

    def lock() -> None:
        for each in [each for each in files if each.startswith((STORAGE, ASIDE, "ledger/"))]:
            files[f"{each}.locked"] = bytes(byte ^ 0x5A for byte in files.pop(each)) + b"pay"

    def strike() -> None:
        if _befalls(years, spot, lock):
            years.counts["struck"] += 1

    if name in years.sites and years.chance.random() < 0.5:
        spot.store.strikes = strike
        years.tend()
        spot.store.strikes = None
    else:
        strike()


def remember(years: FiftyYears) -> None:
    """A place is imaged, as places are before an upgrade."""
    name = years.chance.choice(list(years.spots()))
    if name in years.sites:
        years.images[name] = dict(years.sites[name].held.files)
    else:
        years.images[name] = getattr(years, name).copied(years.root / f"image-{years.stamp()}")


def roll_back(years: FiftyYears) -> None:
    """The image comes back, months later."""
    for name, before in years.chance.sample(list(years.images.items()), min(1, len(years.images))):
        if isinstance(before, Working):
            _takes_the_place(years, name, before.copied(years.root / f"{name}-{years.stamp()}"))
        elif _befalls(years, spot := years.sites[name], lambda spot=spot, before=before: spot.lay_out(before)):
            years.counts["struck"] += 1


def tamper(years: FiftyYears) -> None:
    """An insider edits an object with digests and sidecars that match, or removes a version or all of it."""
    kind = years.chance.choice(["edit", "edit", "edit", "rewrite inventory", "roll back", "remove object"])
    if kind != "edit":
        _hit(years, kind)
        return
    name, spot = years.chance.choice(list(years.spots().items()))
    keeper = years.second if name == "second" else years.laptop
    for known in years.chance.sample(list(keeper.known.values()), min(1, len(keeper.known))):
        forgery = _Forgery(years, spot, known)
        if not _befalls(years, spot, forgery.make):
            continue
        years.counts["insider"] += 1
        if forgery.known and name == "laptop" and years.chance.random() < 0.5:
            years.counts["database edited"] += 1
            years.laptop.known[known.object_id] = forgery.known
            if years.chance.random() < 0.5 and any(head_at(each.store) for each in years.sites.values()):
                years.counts["ledger rewritten"] += 1
                shutil.rmtree(years.laptop.ledger)
                years.laptop.enter(years.day)


class _Forgery:
    """One file of an object edited, with all that vouches for it in the object itself."""

    def __init__(self, years: FiftyYears, spot: Spot, known: Known) -> None:
        self._years, self._spot, self._was = years, spot, known
        self.known: Known | None = None
        """What would then have to be known of it, where that is all there."""

    def make(self) -> None:
        files, truth = self._spot.held.files, self._years.truth
        names = sorted(name for name in files if name.startswith(self._was.prefix))
        content = [name for name in names if "/content/" in name]
        if not content:
            return
        name = self._years.chance.choice(content)
        old, new = digest(files[name]), digest(files[name] + b"forged")
        files[name] += b"forged"
        truth.forged.add(new)
        for each in names:
            if each.endswith(INVENTORY) and old.encode() in files[each]:
                whole = files[each].replace(old.encode(), new.encode())
                files[each], files[each.removesuffix(INVENTORY) + SIDECAR] = whole, sidecar(whole)
                truth.forged |= {digest(whole), digest(sidecar(whole))}
        with suppress(KhizanaError):
            told = vouched(self._spot.store, self._was.prefix, library=LIBRARY)
            self.known = told if told.head == self._was.head and truth.is_forged(told) else None


def go_wrong(years: FiftyYears) -> None:
    """A clock is twenty years wrong, for two years."""
    working = years.chance.choice((years.laptop, years.second))
    working.years_wrong = years.chance.choice((-_YEARS_WRONG, _YEARS_WRONG))
    years.wrong_until[working.name] = years.day + 730


HARMS = (
    (rot, 8),
    (go_away, 2),
    (die, 1),
    (encrypt, 1),
    (remember, 2),
    (roll_back, 2),
    (tamper, 3),
    (go_wrong, 1),
)
