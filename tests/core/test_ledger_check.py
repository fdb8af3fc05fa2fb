from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ledgers import LIBRARY, Kept, entry, kept_ledger, when
from khizana.core.errors import BadInput, Damaged, NotFound
from khizana.core.findings import LANGUAGES, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.entry import to_line
from khizana.core.preservation.ledger.head import Head, head_line, sign_head
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ledger.place import read_entries
from khizana.core.preservation.ledger.proof import confirm, find_entry, make_proof
from khizana.core.preservation.ledger.versions import compared, known_versions
from khizana.core.preservation.ledger.write import open_ledger, require_head

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A ledger of 13 entries in four commands: heads over 1, 4, 5, 10 and 13."""
    return kept_ledger(tmp_path_factory.mktemp("sound"), 3, 1, 5, 3)


@pytest.fixture
def kept(sound: Kept, tmp_path: Path) -> Kept:
    shutil.copytree(sound.root, tmp_path / "copy")
    return Kept(tmp_path / "copy")


def head_file(place: Path, *heads: Head) -> Path:
    place.write_bytes(b"".join(head_line(head) + b"\n" for head in heads))
    return place


def test_a_sound_ledger_has_no_finding_and_tells_what_it_is(sound: Kept) -> None:
    check = LedgerCheck(sound.folder)
    assert list(check.findings()) == []
    head = require_head(sound.folder)
    assert (check.size, check.root, check.library, check.signed) == (13, head.root, LIBRARY, 13)


def tampered(lines: list[bytes], deed: str, at: int) -> list[bytes]:
    lines = list(lines)
    if deed == "altered":
        lines[at] = lines[at].replace(b"Z", b"+00:00")
    elif deed == "removed":
        del lines[at]
    elif deed == "inserted":
        lines.insert(at, to_line(entry(99)) + b"\n")
    else:
        lines[at], lines[at - 1] = lines[at - 1], lines[at]
    return lines


DEEDS = pytest.mark.parametrize("deed", ["altered", "removed", "inserted", "moved"])


@DEEDS
@pytest.mark.parametrize(("at", "first", "last"), [(3, 2, 4), (7, 6, 10)])
def test_between_which_heads_entries_were_tampered_with_is_told(
    kept: Kept, deed: str, at: int, first: int, last: int
) -> None:
    kept.put(tampered(kept.lines(), deed, at))
    (found,) = [each for each in kept.findings() if each.code == "LEDGER_ALTERED"]
    assert (found.facts["first"], found.facts["last"]) == (first, last)


@DEEDS
@pytest.mark.parametrize("at", range(13))
def test_tampering_with_any_entry_is_an_error(kept: Kept, deed: str, at: int) -> None:
    kept.put(tampered(kept.lines(), deed, at))
    assert any(each.severity is Severity.ERROR for each in kept.findings())


def test_a_ledger_cut_short_is_seen_by_its_own_heads(kept: Kept) -> None:
    kept.put(kept.lines()[:11])
    (found,) = [each for each in kept.findings() if each.severity is Severity.ERROR]
    assert (found.code, found.facts["entries"], found.facts["signed"]) == ("LEDGER_CUT_SHORT", 11, 13)


def test_a_ledger_rolled_back_with_its_heads_is_seen_by_a_head_kept_elsewhere(kept: Kept, tmp_path: Path) -> None:
    paper = head_file(tmp_path / "paper", require_head(kept.folder))
    kept.put(kept.lines()[:5])
    kept.heads.write_bytes(b"".join(kept.heads.read_bytes().splitlines(keepends=True)[:3]))
    assert kept.codes() == set(), "by itself it is a whole ledger"
    (found,) = kept.findings(paper)
    assert (found.code, found.facts["entries"], found.facts["signed"]) == ("LEDGER_ROLLED_BACK", 5, 13)


def test_a_ledger_rolled_back_and_continued_is_a_fork(kept: Kept, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copyfile(kept.heads, elsewhere)
    kept.put(kept.lines()[:5])
    kept.heads.write_bytes(b"".join(kept.heads.read_bytes().splitlines(keepends=True)[:3]))
    kept.write(50, 70)
    assert kept.codes() == set()
    (found,) = kept.findings(elsewhere)
    assert (found.code, found.facts["first"], found.facts["last"]) == ("LEDGER_FORKED", 6, 10)


def test_entries_altered_with_all_heads_thrown_away_are_seen_from_elsewhere(kept: Kept, tmp_path: Path) -> None:
    paper = head_file(tmp_path / "paper", require_head(kept.folder))
    kept.put([line.replace(b"success", b"failure") for line in kept.lines()])
    kept.heads.unlink()
    assert kept.codes() == {"LEDGER_UNSIGNED"}
    assert kept.codes(paper) == {"LEDGER_UNSIGNED", "LEDGER_NOT_AS_KNOWN"}


def test_a_ledger_written_anew_with_another_key_is_seen_from_elsewhere(kept: Kept, tmp_path: Path) -> None:
    paper = head_file(tmp_path / "paper", require_head(kept.folder))
    key = SigningKey.read(kept.keys).public
    forged = kept_ledger(tmp_path / "forged", 3, 9)
    assert forged.codes() == set()
    assert forged.codes(paper) == {"LEDGER_KEY_UNKNOWN"}
    assert forged.codes(key=key) == {"LEDGER_KEY_NOT_GIVEN"}
    assert kept.codes(paper, key=key) == set()


def test_false_heads_are_told_apart(kept: Kept, tmp_path: Path) -> None:
    head = require_head(kept.folder)
    key = SigningKey.read(kept.keys)
    other = sign_head(key, library="elsewhere", size=13, root=bytes(32), when=when(1))
    assert kept.codes(head_file(tmp_path / "1", replace(head, root="0" * 64))) == {"LEDGER_SIGNATURE_FALSE"}
    assert kept.codes(head_file(tmp_path / "2", other)) == {"LEDGER_HEAD_OF_ANOTHER"}
    assert kept.codes(tmp_path / "3") == {"LEDGER_HEADS_MISSING"}
    (tmp_path / "4").write_bytes(b"\0\xff\n{}\n" + head_line(head))
    assert kept.codes(tmp_path / "4") == {"LEDGER_HEAD_UNREADABLE"}
    (tmp_path / "5").write_text(json.dumps(asdict(head)) + "\n")
    assert kept.codes(tmp_path / "5") == set(), "typed with other spaces"
    kept.heads.write_bytes(b"".join(kept.heads.read_bytes().splitlines(keepends=True)[::-1]))
    assert kept.codes() == {"LEDGER_HEADS_DISORDERED"}


def test_times_that_cannot_be_are_warnings(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 5)
    kept.write(6, 8, when="2006-01-01T00:00:00Z")
    found = kept.findings(now=datetime(2005, 1, 1, tzinfo=UTC))
    assert [(each.code, each.severity, each.facts["count"]) for each in found] == [
        ("LEDGER_TIME_BACKWARDS", Severity.WARNING, 1),
        ("LEDGER_TIME_AHEAD", Severity.WARNING, 9),
    ]


def test_a_ledger_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert Kept(tmp_path).codes() == {"NO_LEDGER"}
    (tmp_path / "ledger").mkdir()
    Kept(tmp_path).entries.mkdir()
    assert Kept(tmp_path).codes() == {"NO_LEDGER"}
    Kept(tmp_path).entries.rmdir()
    Kept(tmp_path).entries.touch()
    assert Kept(tmp_path).codes() == {"LEDGER_NO_BEGINNING"}


@quick
@given(entries=st.binary(max_size=400), heads=st.binary(max_size=400), known=st.binary(max_size=100))
def test_no_bytes_make_the_check_fail(tmp_path: Path, entries: bytes, heads: bytes, known: bytes) -> None:
    kept = Kept(tmp_path)
    kept.folder.mkdir(exist_ok=True)
    kept.entries.write_bytes(entries)
    kept.heads.write_bytes(heads)
    (tmp_path / "known").write_bytes(known)
    for finding in kept.findings(tmp_path / "known", now=datetime(2026, 1, 1, tzinfo=UTC)):
        assert all(finding.sentence(language) for language in LANGUAGES)


@quick
@given(data=st.data())
def test_any_damage_to_a_signed_ledger_is_found_and_nothing_raises(
    sound: Kept, tmp_path: Path, data: st.DataObject
) -> None:
    kept = Kept(tmp_path)
    kept.folder.mkdir(exist_ok=True)
    shutil.copyfile(sound.heads, kept.heads)
    content = bytearray(sound.entries.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "remove", "insert", "double"])):
        case "flip":
            content[at] ^= data.draw(st.integers(1, 255))
        case "cut":
            del content[at:]
        case "remove":
            del content[at : at + data.draw(st.integers(1, 300))]
        case "insert":
            content[at:at] = data.draw(st.binary(min_size=1, max_size=50))
        case _:
            content[at:at] = content[: data.draw(st.integers(1, len(content)))]
    kept.entries.write_bytes(content)
    found = kept.findings(sound.heads)
    assert any(each.severity is Severity.ERROR for each in found)
    for finding in found:
        assert all(finding.sentence(language) for language in LANGUAGES)


def test_a_proof_is_checked_with_nothing_but_the_file_and_the_key(kept: Kept) -> None:
    key = SigningKey.read(kept.keys).public
    for number, stands in read_entries(kept.folder):
        done = confirm(make_proof(kept.folder, number), key=key)
        assert (done.entry, done.number, done.head) == (stands, number, require_head(kept.folder))
        assert find_entry(kept.folder, stands.id) == number
    with pytest.raises(Damaged, match="proves nothing"):
        confirm(make_proof(kept.folder, 3), key=SigningKey.made().public)
    for number in (0, 14):
        with pytest.raises(NotFound):
            make_proof(kept.folder, number)
    with pytest.raises(NotFound):
        find_entry(kept.folder, "none")


def test_a_proof_that_was_altered_anywhere_proves_nothing(kept: Kept) -> None:
    key = SigningKey.read(kept.keys).public
    proof = json.loads(make_proof(kept.folder, 7))
    altered = [
        proof | {"entry": proof["entry"].replace("success", "failure")},
        proof | {"index": 5},
        proof | {"path": proof["path"][:-1]},
        proof | {"path": [*proof["path"], "00" * 32]},
        proof | {"path": ["00" * 32, *proof["path"][1:]]},
        proof | {"head": proof["head"] | {"size": 12}},
        proof | {"head": proof["head"] | {"root": "00" * 32}},
        proof | {"head": proof["head"] | {"when": when(2)}},
        proof | {"head": proof["head"] | {"library": "other"}},
    ]
    for each in altered:
        with pytest.raises(Damaged):
            confirm(json.dumps(each).encode(), key=key)


@given(st.binary(max_size=200))
def test_no_bytes_make_confirming_fail(content: bytes) -> None:
    with pytest.raises(BadInput):
        confirm(content, key="0" * 64)


def test_a_key_of_years_ago_confirms_what_a_later_one_signed(kept: Kept) -> None:
    first = SigningKey.read(kept.keys).public
    for number in (20, 21):
        with open_ledger(kept.folder) as ledger:
            ledger.change_key(kept.keys, when=when(number), agent="khizana")
    newest = SigningKey.read(kept.keys).public
    proof = make_proof(kept.folder, 2)
    for key in (first, newest):
        assert confirm(proof, key=key).number == 2
    value = json.loads(proof)
    value["keys"].pop(0)
    with pytest.raises(Damaged):
        confirm(json.dumps(value).encode(), key=first)


def test_no_proof_is_made_over_entries_that_are_not_those_signed(kept: Kept) -> None:
    lines = kept.lines()
    kept.put([*lines[:5], lines[5].replace(b"success", b"failure"), *lines[6:]])
    with pytest.raises(Damaged):
        make_proof(kept.folder, 2)
    kept.put(lines[:8])
    with pytest.raises(Damaged):
        make_proof(kept.folder, 2)


def test_the_versions_ever_written_are_known_and_compared(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 21)
    known = known_versions(each for _, each in read_entries(kept.folder))
    assert len(known) == 7
    one = ObjectId("urn:khizana:timbuktu:tb-1:images")
    assert known[one] == {n // 7 + 1: (Digest(f"{n:0128x}"),) for n in (1, 8, 15)}
    heads = [(each, max(versions), versions[max(versions)][0]) for each, versions in known.items()]
    assert list(compared(known, heads)) == []
    assert [each.code for each in compared(known, heads[1:])] == ["LEDGER_OBJECT_GONE"]
    name, version, digest = heads[0]
    rest = heads[1:]
    older = known[name][version - 1][0]
    for stored, codes in (
        ((name, version - 1, older), ["LEDGER_VERSION_GONE"]),
        ((name, version, Digest("0" * 128)), ["LEDGER_VERSION_DIFFERS"]),
        ((name, version + 1, digest), ["LEDGER_VERSION_UNENTERED"]),
    ):
        assert [each.code for each in compared(known, [stored, *rest])] == codes
