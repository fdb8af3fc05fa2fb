"""What is tried with power cuts: each action of the software that promises something about a disk.

Another one is added by saying how it is done, what must hold after a cut, and what must hold at its end.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from data import interrupted, interrupted_joining, ledgers
from data.interrupted import broken
from data.interrupted_site import copied, damaged, files, kept_aside, repaired
from data.keeping import Place
from data.ledgers import Kept
from data.power import DONE, Action, Told
from data.readers import faults
from khizana.core.preservation.durable import sync_directory, write_file
from khizana.core.preservation.ocfl.layout import create_storage_root
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.staging import tidy

_DAMAGED = {b"damaged", b"{}", b"stray"}


class _Library(Place):
    """A library's folders on the disk, the card beside it."""

    @property
    def card(self) -> Path:
        return self.root.parent / "card"


def _accession(disk: Path, told: Told) -> None:
    library = _Library(disk)
    library.card.mkdir(exist_ok=True)
    create_storage_root(library.storage)
    interrupted.history(library, told)


def _accession_after(disk: Path, promised: list[str]) -> None:
    library = _Library(disk)
    create_storage_root(library.storage)
    library.writer.recover()
    tidy(library.staging)
    assert library.files("work") == {}
    assert library.files("staging/receiving") == {}
    assert faults(library.storage) == []
    assert broken(library, (each for each in promised if each != DONE)) == []


def _accession_at_end(disk: Path) -> None:
    interrupted.assert_whole(_Library(disk))


def _site(disk: Path) -> Path:
    return disk / "site"


def _replicate(disk: Path, told: Told) -> None:
    copied(_site(disk), told)


def _good(folder: Path) -> dict[str, bytes]:
    """Return the files of a whole site, which is made in *folder*."""
    folder.mkdir(exist_ok=True)
    copied(folder)
    return files(folder)


def _replicate_after(disk: Path, promised: list[str]) -> None:
    found, good = files(_site(disk)), _good(disk.parent / "good")
    if "copied 1" in promised:
        first = {name: content for name, content in good.items() if "/v1/" in name}
        assert {name: found.get(name) for name in first} == first


def _replicate_at_end(disk: Path) -> None:
    # Where there is no journal a file may come out of a cut damaged before anything was promised of it.
    found = {name: content for name, content in files(_site(disk)).items() if not name.startswith(ASIDE)}
    assert found == _good(disk.parent / "good")


def _repair(disk: Path, _: Told) -> None:
    aside = _site(disk) / ASIDE
    repaired(_site(disk), f"repair-{len(list(aside.iterdir())) if aside.is_dir() else 0}")


def _repair_after(disk: Path, _: list[str]) -> None:
    assert set(files(_site(disk)).values()) >= _DAMAGED, "damaged bytes were thrown away"


def _repair_at_end(disk: Path) -> None:
    _replicate_at_end(disk)
    assert kept_aside(_site(disk)) >= _DAMAGED


def _joining(disk: Path, _: Told) -> None:
    interrupted_joining.joined(disk / "place")


def _joining_after(disk: Path, _: list[str]) -> None:
    place = disk / "place"
    interrupted_joining.desk_at(place)
    assert Place(place).files("work") == {}
    assert faults(place / "storage") == []
    assert set(interrupted_joining.kept(place).values()) >= interrupted_joining.OURS


def _joining_at_end(disk: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        goal = interrupted_joining.begun(Path(folder)).place.root
        interrupted_joining.joined(goal)
        assert interrupted_joining.kept(disk / "place") == interrupted_joining.kept(goal)


def _kept(disk: Path) -> Kept:
    return Kept(disk / "library")


def _ledger(disk: Path, told: Told) -> None:
    ledgers.history(_kept(disk), lambda last: told(str(last)))


def _ledger_after(disk: Path, promised: list[str]) -> None:
    ledgers.assert_sound(_kept(disk), max((int(each) for each in promised if each != DONE), default=0), "after the cut")


def _ledger_at_end(disk: Path) -> None:
    ledgers.assert_whole(_kept(disk), "at the end")


def _plain(disk: Path, told: Told) -> None:
    (disk / "plain").mkdir(exist_ok=True)
    sync_directory(disk)
    for number in range(40):
        (disk / "plain" / str(number)).unlink(missing_ok=True)
        write_file(disk / "plain" / str(number), _content(number))
        sync_directory(disk / "plain")
        told(str(number))


def _plain_after(disk: Path, promised: list[str]) -> None:
    for number in promised:
        assert number == DONE or (disk / "plain" / number).read_bytes() == _content(number)


def _content(number: str | int) -> bytes:
    return str(number).encode() * 100


PLAIN = Action("plain files", _plain, _plain_after, lambda _: None)
"""Files written and flushed, with their directory, by nothing but calls to the system: what is lost of these, the file
system loses by itself."""

ACTIONS = (
    Action("accession", _accession, _accession_after, _accession_at_end),
    Action(
        "replicate",
        _replicate,
        _replicate_after,
        _replicate_at_end,
        before=lambda disk: _site(disk).mkdir(),
    ),
    Action(
        "repair",
        _repair,
        _repair_after,
        _repair_at_end,
        before=lambda disk: (_site(disk).mkdir(), damaged(_site(disk))),
    ),
    Action(
        "joining",
        _joining,
        _joining_after,
        _joining_at_end,
        before=lambda disk: interrupted_joining.begun(disk / "place"),
    ),
    Action("ledger", _ledger, _ledger_after, _ledger_at_end, before=lambda disk: _kept(disk).root.mkdir()),
)
