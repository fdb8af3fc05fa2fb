"""Doubt of an object that is remembered otherwise than it was entered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from data.ledgers import LIBRARY, when
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.doubts import Doubts
from khizana.core.preservation.ledger.entry import FILES, JOINED
from khizana.core.preservation.ledger.place import read_entries
from khizana.core.preservation.ledger.versions import differing, known_versions, version_entry
from khizana.core.preservation.ledger.write import open_ledger

OBJECT = ObjectId("urn:khizana:timbuktu:tb-1:images")
ONE, TWO, LIST, JOINT, BRANCH, FORGED = (Digest(each * 128) for each in "12345f")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger in which versions are entered: two as they were written, one adopted, one joined, one twice."""
    with open_ledger(tmp_path / "ledger") as writer:
        writer.begin(tmp_path / "keys", library=LIBRARY, when=when(0), agent="khizana")
        entered: list[tuple[int, Digest, Mapping[str, str | int], bool]] = [
            (1, ONE, {}, False),
            (2, TWO, {}, False),
            (3, TWO, {FILES: LIST}, False),
            (4, JOINT, {JOINED: BRANCH}, False),
            (4, TWO, {JOINED: BRANCH}, True),
            (5, TWO, {}, False),
            (5, BRANCH, {}, True),
        ]
        for version, inventory, facts, again in entered:
            entry = version_entry(
                object_id=OBJECT,
                version=version,
                inventory=inventory,
                when=when(version),
                agent="khizana",
                facts=facts,
                again=again,
            )
            assert writer.append([entry]) == 1
        writer.sign(tmp_path / "keys", when=when(9))
    return tmp_path / "ledger"


@pytest.mark.parametrize(
    ("remembered", "holds", "doubtful"),
    [
        ({1: ONE, 2: TWO, 3: LIST, 4: JOINT, 5: BRANCH}, (), None),
        ({1: ONE, 2: FORGED}, (), 2),
        ({1: FORGED, 2: TWO}, (), 1),  # a true version after it hides nothing
        ({1: BRANCH, 2: FORGED}, (ONE, TWO), None),  # branches were joined: it keeps what was entered
        ({3: TWO}, (), 3),
        ({4: TWO}, (), None),  # made by joining alone, and made again
        ({4: FORGED}, (JOINT,), 4),  # made again by whom?
        ({6: FORGED}, (), None),  # not entered yet
    ],
)
def test_a_version_that_was_entered_otherwise_is_doubtful(
    remembered: dict[int, Digest], holds: tuple[Digest, ...], doubtful: int | None, ledger: Path
) -> None:
    found = Doubts(ledger)(OBJECT, remembered, holds)
    assert (found.facts["version"] if found else None) == doubtful


def test_without_a_ledger_or_with_a_damaged_one_nothing_is_doubtful(ledger: Path, tmp_path: Path) -> None:
    assert Doubts(tmp_path / "none")(OBJECT, {1: FORGED}, ()) is None
    entries = ledger / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"', b"'", 1))
    assert Doubts(ledger)(OBJECT, {1: FORGED}, ()) is None


def test_an_older_version_that_was_entered_otherwise_is_told(ledger: Path) -> None:
    known = known_versions(entry for _, entry in read_entries(ledger))
    assert [each.facts["version"] for each in differing(known, OBJECT, {1: FORGED, 2: TWO, 5: BRANCH, 9: ONE})] == [1]
