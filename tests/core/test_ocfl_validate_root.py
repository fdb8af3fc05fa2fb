"""Storage roots: their declarations, layouts, hierarchies, and the objects in them."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from data.ocfl_objects import LAYOUT_0003, make_object, make_root, place_0003
from khizana.core.errors import BadInput, Unreadable
from khizana.core.findings import LANGUAGES, catalogue
from khizana.core.preservation.ocfl import validate_disk
from khizana.core.preservation.ocfl.validate import Subject, Verdict, validate, validate_storage_root
from khizana.core.preservation.ocfl.validate_layout import UnusableConfiguration, build

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = int(os.environ.get("KHIZANA_MUTATIONS", "250")) // 5
IDENTIFIERS = ("urn:example:one", "urn:example:two", "urn:example:three")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path / "root", IDENTIFIERS)


def codes(verdicts: list[Verdict]) -> set[str]:
    return {finding.code for verdict in verdicts for finding in verdict.findings}


def check(root: Path, workers: int = 1) -> list[Verdict]:
    return list(validate_storage_root(root, workers=workers))


@pytest.mark.parametrize("workers", [1, 2, None])
def test_a_valid_root_has_a_verdict_for_each_object_and_for_itself(root: Path, workers: int | None) -> None:
    verdicts = list(validate_storage_root(root, workers=workers))
    assert codes(verdicts) == set()
    assert [verdict.identifier for verdict in verdicts[:-1]] == sorted(IDENTIFIERS, key=place_0003)
    assert [verdict.path for verdict in verdicts[:-1]] == sorted(place_0003(one) for one in IDENTIFIERS)
    assert [verdict.subject for verdict in verdicts] == [Subject.OBJECT] * 3 + [Subject.HIERARCHY]
    assert all(verdict.is_valid and verdict.specification == "1.1" for verdict in verdicts)


def write(name: str, data: bytes = b"x") -> Callable[[Path], object]:
    def act(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)

    return act


def layout(value: Any) -> Callable[[Path], object]:
    return write("ocfl_layout.json", value if isinstance(value, bytes) else json.dumps(value).encode())


def settings(value: Any) -> Callable[[Path], object]:
    return write(f"extensions/{LAYOUT_0003}/config.json", json.dumps(value).encode())


def both(*acts: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda root: [act(root) for act in acts]


def move(name: str, new: str) -> Callable[[Path], object]:
    def act(root: Path) -> None:
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (root / name).rename(root / new)

    return act


def remove(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).unlink()


FIRST = place_0003(IDENTIFIERS[0])
TUPLES = FIRST.rpartition("/")[0]
WRONG: list[tuple[set[str], Callable[[Path], object]]] = [
    ({"E069"}, remove("0=ocfl_1.1")),
    ({"E075"}, both(remove("0=ocfl_1.1"), lambda root: (root / "0=ocfl_1.1").mkdir())),
    ({"E076"}, write("0=ocfl_1.0", b"ocfl_1.0\n")),
    ({"E069", "E077"}, move("0=ocfl_1.1", "ocfl_1.1")),
    ({"E069", "E078"}, move("0=ocfl_1.1", "1=ocfl_1.1")),
    ({"E079"}, move("0=ocfl_1.1", "0=ocfl_7")),
    ({"E080"}, write("0=ocfl_1.1", b"ocfl_1.1\r\n")),
    ({"E070"}, layout(b"{")),
    ({"E070"}, layout([])),
    ({"E070"}, layout({"extension": LAYOUT_0003})),
    ({"E070"}, layout({"description": "somehow"})),
    ({"E070"}, layout(b'{"extension": "%s", "description": "a", "description": "b"}' % LAYOUT_0003.encode())),
    ({"E071"}, layout({"extension": "0003-another-name", "description": "d"})),
    ({"E071"}, layout({"extension": 3, "description": "d"})),
    ({"OCFL_LAYOUT_UNCHECKED"}, layout({"extension": "0011-direct-clean-path-layout", "description": "d"})),
    ({"OCFL_LAYOUT_UNUSABLE"}, settings({"extensionName": "another"})),
    ({"OCFL_LAYOUT_UNUSABLE"}, settings({"tupleSize": "3"})),
    ({"OCFL_LAYOUT_UNUSABLE"}, settings([])),
    ({"E083"}, settings({"extensionName": LAYOUT_0003, "tupleSize": 2})),
    ({"E083"}, move(FIRST, f"{TUPLES}/elsewhere")),
    ({"E072", "E084"}, write(f"{TUPLES[:3]}/stray")),
    ({"E072", "E085", "E088"}, write("strangers/file")),
    ({"E073"}, lambda root: (root / "empty" / "emptier").mkdir(parents=True)),
    ({"E082"}, write("0=ocfl_object_1.1", b"ocfl_object_1.1\n")),
    ({"E082", "E001"}, lambda root: make_object(root / FIRST / "inner")),
    ({"E090"}, lambda root: (root / "link").symlink_to(FIRST)),
    ({"E090"}, lambda root: (root / TUPLES / "link").symlink_to("/")),
    ({"E112"}, write("extensions/file")),
    ({"W016"}, write("extensions/ours/file")),
    ({"E003"}, remove(f"{FIRST}/0=ocfl_object_1.1")),
    ({"E037", "E083"}, both(*(lambda root, n=n: make_object(root / "c" / n, IDENTIFIERS[1]) for n in "ab"))),
    ({"W015", "E083"}, lambda root: make_object(root / "flat", "flat")),
    ({"E072"}, lambda root: os.mkfifo(root / TUPLES / "pipe")),
]


@pytest.mark.parametrize(("expected", "act"), WRONG)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_wrong_root_is_named_by_its_codes(
    expected: set[str], act: Callable[[Path], object], workers: int, root: Path
) -> None:
    act(root)
    verdicts = check(root, workers)
    assert expected <= codes(verdicts)
    for verdict in verdicts:
        assert all(finding.sentence(language) for finding in verdict.findings for language in LANGUAGES)


def test_files_beside_the_declaration_are_passed_over(root: Path) -> None:
    write("ocfl_1.1.md")(root)
    write("README")(root)
    assert codes(check(root)) == set()


def test_an_object_of_a_later_specification_than_its_root_is_refused(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root", ["urn:a"], spec="1.0")
    make_object(root / place_0003("urn:b"), "urn:b", spec="1.1")
    assert codes(check(root)) == {"E081"}
    write("extensions/file")(root)
    assert codes(check(root)) == {"E081", "E086"}


def test_two_patterns_in_a_root_without_a_layout_are_warned_of(root: Path) -> None:
    remove("ocfl_layout.json")(root)
    assert codes(check(root)) == set()
    hashed = build("0004-hashed-n-tuple-storage-layout", {}).path("urn:another")
    assert hashed is not None
    make_object(root / hashed, "urn:another")
    assert codes(check(root)) == {"W014"}


def test_two_objects_of_one_identifier_are_refused_where_no_layout_forbids_them(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root", [])
    remove("ocfl_layout.json")(root)
    for place in ("a", "b"):
        make_object(root / place, "urn:example:same")
    assert codes(check(root)) == {"E037"}


def test_an_unreadable_folder_hides_no_other_object(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir
    hidden = str(root / FIRST.partition("/")[0])

    def broken(path: str) -> object:
        if path == hidden:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return real(path)

    monkeypatch.setattr(validate_disk.os, "scandir", broken)
    verdicts = check(root)
    assert len(verdicts) == 3
    assert [finding.code for finding in verdicts[-1].findings] == ["OCFL_UNREADABLE"]


def test_a_reader_may_stop_before_the_end(root: Path) -> None:
    verdicts = validate_storage_root(root, workers=2)
    assert next(verdicts).is_valid
    verdicts.close()  # type: ignore[attr-defined]  # a generator, whose end is being tested


def test_a_path_is_taken_for_what_it_is(root: Path, tmp_path: Path) -> None:
    def paths(path: Path) -> list[str]:
        return [verdict.path for verdict in validate(path)]

    whole = [*sorted(place_0003(one) for one in IDENTIFIERS), "."]
    assert paths(root) == whole
    assert paths(root / TUPLES) == [FIRST, "."]
    assert paths(root / TUPLES[:3]) == [FIRST, "."]
    for inside in ("", "v1", "v1/content", "v2/content"):
        assert paths(root / FIRST / inside) == [str(root / FIRST)]
    (root / FIRST / "0=ocfl_object_1.1").unlink()
    assert paths(root / FIRST / "v1") == [FIRST, "."]
    bare = make_object(tmp_path / "bare")
    (bare / "0=ocfl_object_1.1").unlink()
    assert paths(bare / "v1" / "content") == [str(bare)]
    (root / "0=ocfl_1.1").unlink()
    assert paths(root) == whole
    with pytest.raises(BadInput, match="neither an OCFL storage root nor an object"):
        validate(tmp_path)


def test_a_path_that_cannot_be_listed_is_told_in_a_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str) -> object:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(validate_disk.os, "scandir", broken)
    with pytest.raises(Unreadable, match="Permission denied"):
        validate(root)


FLAT_OMIT, TUPLES_OMIT = "0006-flat-omit-prefix-storage-layout", "0007-n-tuple-omit-prefix-storage-layout"
HASHED = "0004-hashed-n-tuple-storage-layout"
# Every mapping is one that the text of the extension gives as an example.
MAPPINGS: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("0002-flat-direct-storage-layout", {}, "..hor_rib:lé-$id", "..hor_rib:lé-$id"),
    (LAYOUT_0003, {}, "object-01", "3c0/ff4/240/object-01"),
    (LAYOUT_0003, {}, "..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
    (LAYOUT_0003, {}, "..Hor/rib:lè-$id", "373/529/21a/%2e%2eHor%2frib%3al%c3%a8-%24id"),
    (
        LAYOUT_0003,
        {},
        "abcdefghij" * 10 + "a",
        f"5cc/73e/648/{'abcdefghij' * 10}-5cc73e648fbcff136510e330871180922ddacf193b68fdeff855683a01464220",
    ),
    (LAYOUT_0003, {"tupleSize": 0, "numberOfTuples": 0}, "object-01", "object-01"),
    (
        LAYOUT_0003,
        {"digestAlgorithm": "md5", "tupleSize": 2, "numberOfTuples": 15},
        "object-01",
        "ff/75/53/44/92/48/5e/ab/b3/9f/86/35/67/28/88/object-01",
    ),
    (HASHED, {}, "object-01", "3c0/ff4/240/3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4"),
    (
        HASHED,
        {"digestAlgorithm": "md5", "tupleSize": 2, "numberOfTuples": 15, "shortObjectRoot": True},
        "..hor/rib:le-$id",
        "08/31/97/66/fb/6c/29/35/dd/17/5b/94/26/77/17/e0",
    ),
    (FLAT_OMIT, {"delimiter": ":"}, "urn:uuid:6e8bc430", "6e8bc430"),
    (FLAT_OMIT, {"delimiter": "EDU/"}, "https://institution.edu/abc/edu/f8.05v", "f8.05v"),
    (FLAT_OMIT, {"delimiter": ":"}, "ends:", None),
    (
        TUPLES_OMIT,
        {"tupleSize": 4, "numberOfTuples": 2, "reverseObjectRoot": True},
        "namespace:12887296",
        "6927/8821/12887296",
    ),
    (TUPLES_OMIT, {"tupleSize": 4, "numberOfTuples": 2, "reverseObjectRoot": True}, "abc123", "321c/ba00/abc123"),
    (
        TUPLES_OMIT,
        {"delimiter": "edu/", "zeroPadding": "right"},
        "https://institution.edu/f8.05v",
        "f8./05v/000/f8.05v",
    ),
    (TUPLES_OMIT, {}, "urn:é", None),
]


@pytest.mark.parametrize(("name", "configuration", "identifier", "expected"), MAPPINGS)
def test_a_layout_maps_as_its_extension_says(
    name: str, configuration: dict[str, Any], identifier: str, expected: str | None
) -> None:
    assert build(name, configuration).path(identifier) == expected


UNUSABLE: list[tuple[str, dict[str, Any]]] = [
    (LAYOUT_0003, {"digestAlgorithm": "crc32"}),
    (LAYOUT_0003, {"digestAlgorithm": []}),
    (LAYOUT_0003, {"tupleSize": 33}),
    (LAYOUT_0003, {"tupleSize": True}),
    (LAYOUT_0003, {"tupleSize": 0}),
    (LAYOUT_0003, {"tupleSize": 32, "numberOfTuples": 32}),
    (HASHED, {"shortObjectRoot": 1}),
    (HASHED, {"tupleSize": 32, "numberOfTuples": 2, "shortObjectRoot": True}),
    (FLAT_OMIT, {}),
    (TUPLES_OMIT, {"delimiter": ""}),
    (TUPLES_OMIT, {"tupleSize": 0}),
    (TUPLES_OMIT, {"zeroPadding": "middle"}),
    (TUPLES_OMIT, {"reverseObjectRoot": "no"}),
]


@pytest.mark.parametrize(("name", "configuration"), UNUSABLE)
def test_a_configuration_outside_its_extension_is_refused(name: str, configuration: dict[str, Any]) -> None:
    with pytest.raises(UnusableConfiguration):
        build(name, configuration)


def test_every_code_of_the_catalogue_is_said_in_three_languages_of_the_same_facts() -> None:
    fields = {"subject", "path", "version", "found", "expected", "reason"}
    empty = dict.fromkeys(fields, "")
    for language in LANGUAGES:
        messages = catalogue(language)
        ours = {code for code in messages if code.startswith("OCFL_") or (code[0] in "EW" and code[1:].isdigit())}
        assert len(ours) == 134
        assert all(messages[code].format_map(empty) for code in ours)


def change_at_random(root: Path, chance: random.Random) -> None:
    junk = (b"", b"{", b"[" * 10_000, b'{"extension": {}, "description": []}', b"\xff" * 100, b"ocfl_1.1\n")
    path = chance.choice(sorted(root.rglob("*")))
    match chance.randrange(4):
        case 0 if path.is_file():
            path.write_bytes(chance.choice(junk))
        case 1 if path.is_file():
            path.unlink()
        case 2:
            new = path.with_name(chance.choice(("x", "extensions", "v1", "0=ocfl_1.1", "0=ocfl_object_1.1x")))
            if not new.exists():
                path.rename(new)
        case _:
            folder = path if path.is_dir() else path.parent
            (folder / "ocfl_layout.json").write_bytes(chance.choice(junk))


def test_random_changes_of_names_and_files_in_a_root_raise_nothing(tmp_path: Path) -> None:
    chance = random.Random(20260104)
    for _ in range(ROUNDS):
        shutil.rmtree(tmp_path / "root", ignore_errors=True)
        root = make_root(tmp_path / "root", IDENTIFIERS[:2])
        for _ in range(chance.randrange(1, 4)):
            change_at_random(root, chance)
        for verdict in check(root, chance.choice((1, 2))):
            assert all(finding.sentence(language) for finding in verdict.findings for language in LANGUAGES)
