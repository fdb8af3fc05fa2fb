"""What an inventory can get wrong, one thing at a time, in otherwise valid objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from data.ocfl_objects import edit, make_object, write_inventory
from khizana.core.findings import Severity
from khizana.core.preservation.ocfl.validate import validate_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Inventory = dict[str, Any]


def codes(folder: Path) -> set[str]:
    return {finding.code for finding in validate_object(folder)}


def put(key: str, value: Any) -> Callable[[Inventory], object]:
    return lambda inventory: inventory.update({key: value})


def put_in_version(key: str, value: Any) -> Callable[[Inventory], object]:
    return lambda inventory: inventory["versions"]["v2"].update({key: value})


def drop(key: str) -> Callable[[Inventory], object]:
    return lambda inventory: inventory.pop(key)


def rename_key(key: str, new: str) -> Callable[[Inventory], object]:
    return lambda inventory: inventory.update({new: inventory.pop(key)})


def put_state(paths: Any) -> Callable[[Inventory], object]:
    """Give the first digest of the newest state other *paths*."""

    def change(inventory: Inventory) -> None:
        state = inventory["versions"]["v2"]["state"]
        state[next(iter(state))] = paths

    return change


def put_manifest(paths: Any) -> Callable[[Inventory], object]:
    def change(inventory: Inventory) -> None:
        inventory["manifest"][next(iter(inventory["manifest"]))] = paths

    return change


def put_fixity(algorithm: str, digest: str, paths: Any) -> Callable[[Inventory], object]:
    return put("fixity", {algorithm: {digest: paths}})


FIRST = "v1/content/folio-1r.txt"
WRONG: list[tuple[str, Callable[[Inventory], object]]] = [
    ("E016", lambda i: (put("contentDirectory", "content")(i), put_manifest(["v1/other/folio-1r.txt"])(i))),
    ("E017", put("contentDirectory", "a/b")),
    ("E018", put("contentDirectory", "..")),
    ("E108", put("contentDirectory", 7)),
    ("E108", put("contentDirectory", "")),
    ("E020", put("contentDirectory", "masters")),
    ("E021", put_manifest(["v1/other/folio-1r.txt"])),
    ("E025", put("digestAlgorithm", "sha1")),
    ("E025", put("digestAlgorithm", ["sha512"])),
    ("E029", put_fixity("sha1", "zz", [FIRST])),
    ("E030", put_fixity("sha256", "0b13", [FIRST])),
    ("E031", put_fixity("sha512", "0b13", [FIRST])),
    ("E031", lambda i: i["manifest"].update({"not hexadecimal": ["v1/content/x"]})),
    ("E032", put_fixity("blake2b-512", "0b13", [FIRST])),
    ("E035", put_manifest(["v1\\content\\folio-1r.txt"])),
    ("E036", drop("id")),
    ("E036", drop("type")),
    ("E036", drop("digestAlgorithm")),
    ("E036", drop("head")),
    ("E037", put("id", "")),
    ("E037", put("id", 5)),
    ("E038", put("type", "https://ocfl.io/1.0/spec/#inventory")),
    ("E038", put("type", None)),
    ("E039", lambda i: i["manifest"].update({"abcd": ["v1/content/x"]})),
    ("E040", put("head", "v1")),
    ("E040", put("head", 2)),
    ("E041", drop("manifest")),
    ("E042", put_manifest(["content/folio-1r.txt"])),
    ("E043", drop("versions")),
    ("E044", rename_key("versions", "Versions")),
    ("E045", put("versions", [])),
    ("E046", lambda i: i["versions"].pop("v1")),
    ("E047", lambda i: i["versions"].update({"v2": "the second"})),
    ("E048", lambda i: i["versions"]["v2"].pop("created")),
    ("E048", lambda i: i["versions"]["v2"].pop("state")),
    ("E049", put_in_version("created", "2026-02-30T12:00:00Z")),
    ("E049", put_in_version("created", "2026-01-02 12:00:00Z")),
    ("E049", put_in_version("created", "2026-01-02T12:00:00")),
    ("E050", put_in_version("state", {"ab": ["x"]})),
    ("E050", put_state("folio-1r.txt")),
    ("E051", put_state([7])),
    ("E052", put_state(["a/./b"])),
    ("E052", put_state(["a//b"])),
    ("E053", put_state(["/a"])),
    ("E053", put_state(["a/"])),
    ("E054", put_in_version("user", {"address": "mailto:x@example.org"})),
    ("E055", put("Fixity", {})),
    ("E056", put_fixity("crc32", "00", [FIRST])),
    ("E057", put_fixity("md5", "zz", [FIRST])),
    ("E057", put("fixity", {"md5": []})),
    ("E057", put_fixity("md5", "0" * 32, "v1")),
    ("E057", put_fixity("md5", "0" * 32, ["v1/content/absent.txt"])),
    ("E092", put_manifest("v1/content/folio-1r.txt")),
    ("E092", put_manifest([])),
    ("E092", put_manifest(["v1/content/absent.txt"])),
    ("E093", put_fixity("md5", "0" * 32, [FIRST])),
    ("E093", put_fixity("blake2b-160", "0" * 40, [FIRST])),
    ("E093", put_fixity("blake2b-384", "0" * 96, [FIRST])),
    ("E093", put_fixity("sha512/256", "0" * 64, [FIRST])),
    ("E093", put_fixity("size", "9", [FIRST])),
    ("E094", put_in_version("message", ["text"])),
    ("E095", put_state(["notes"])),
    ("E095", put_state(["a", "a"])),
    ("E096", lambda i: i["manifest"].update({key.upper(): [] for key in list(i["manifest"])})),
    ("E097", put("fixity", {"md5": {"ab" * 16: [FIRST], "AB" * 16: []}})),
    ("E098", put_manifest([None])),
    ("E099", put_manifest(["v1/content/../content/folio-1r.txt"])),
    ("E100", put_manifest(["v1/content/folio-1r.txt/"])),
    ("E101", put_manifest([FIRST, FIRST])),
    ("E101", put_manifest([FIRST, f"{FIRST}/deeper"])),
    ("E102", put("comment", "none of OCFL's")),
    ("E102", put_in_version("comment", "none of OCFL's")),
    ("E102", put_in_version("user", {"name": "n", "address": "mailto:x@example.org", "role": "r"})),
    ("E104", lambda i: i["versions"].update({"2": {}})),
    ("E105", lambda i: i["versions"].update({"v0": {}})),
    ("E105", lambda i: i["versions"].update({"v" + "9" * 5000: {}})),
    ("E106", put("manifest", [])),
    ("E107", lambda i: i["manifest"].update({"ab" * 64: ["v1/content/folio-1r.txt"]})),
    ("E110", put("id", "urn:example:another")),
    ("E111", put("fixity", None)),
    ("W005", put("id", "not a uri")),
    ("W005", put("id", "urn:مخطوط")),
    ("W007", lambda i: i["versions"]["v2"].pop("message")),
    ("W008", put_in_version("user", {"name": "n"})),
    ("W009", put_in_version("user", {"name": "n", "address": "behind the mosque"})),
    ("W011", lambda i: i["versions"]["v1"].update({"message": "another"})),
]


@pytest.mark.parametrize(("code", "change"), WRONG)
def test_a_wrong_inventory_is_named_by_its_code(
    code: str, change: Callable[[Inventory], object], tmp_path: Path
) -> None:
    folder = make_object(tmp_path / "object")
    assert validate_object(folder) == ()
    edit(folder, change)
    assert code in codes(folder)


OLDER: list[tuple[str, Callable[[Inventory], object]]] = [
    ("E017", put("contentDirectory", 7)),
    ("E041", put("manifest", [])),
    ("E046", lambda i: i["versions"].update({"2": {}})),
    ("E057", put("fixity", None)),
]


@pytest.mark.parametrize(("code", "change"), OLDER)
def test_an_object_of_1_0_is_judged_by_the_codes_of_1_0(
    code: str, change: Callable[[Inventory], object], tmp_path: Path
) -> None:
    folder = edit(make_object(tmp_path / "object", spec="1.0"), change)
    found = codes(folder)
    assert code in found
    assert not found & {"E103", "E104", "E105", "E106", "E107", "E108", "E110", "E111", "E112"}


NOT_JSON = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"\xef\xbb\xbf{}",
    b'{"id": "\xff"}',
    '{"id": "UTF-16"}'.encode("utf-16"),
    b'{"id": NaN}',
    b'{"id": -Infinity}',
    b'{"id": ' + b"1" * 5000 + b"}",
    b'{"id": "\\ud800"}',
    b"[" * 200_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"\0" * 1000,
]


@pytest.mark.parametrize("data", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_no_inventory_in_json_is_refused_as_such(data: bytes, tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object")
    for place in (folder, folder / "v2"):
        write_inventory(place, data)
    assert "E033" in codes(folder)


def repeated(folder: Path, block: str) -> None:
    """Write the inventory with the first key of its *block* standing twice, which only the bytes can show."""
    text = (folder / "inventory.json").read_text(encoding="utf-8")
    value = json.loads(text)
    first = next(iter(value[block] if block else value))
    entry = f'"{first}": '
    doubled = text.replace(entry, f"{entry}[], {entry}", 1)
    for place in (folder, folder / "v2"):
        write_inventory(place, doubled.encode())


@pytest.mark.parametrize(
    ("block", "expected"), [("", {"E033"}), ("manifest", {"E033", "E096"}), ("versions", {"E033"})]
)
def test_a_key_that_stands_twice_is_refused(block: str, expected: set[str], tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object")
    repeated(folder, block)
    assert expected <= codes(folder)


def test_the_same_content_by_two_algorithms_is_the_same_history(tmp_path: Path) -> None:
    old = make_object(tmp_path / "old", algorithm="sha512")
    folder = make_object(tmp_path / "object", algorithm="sha256")
    inventory = json.loads((old / "v1" / "inventory.json").read_bytes())
    write_inventory(folder / "v1", inventory)
    assert codes(folder) == {"W004"}
    state = inventory["versions"]["v1"]["state"]
    one, other = state
    state[one], state[other] = state[other], state[one]
    write_inventory(folder / "v1", inventory)
    assert "E066" in codes(folder)


def test_an_earlier_inventory_of_a_later_specification_is_refused(tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object", versions=[{"a": b"1"}, {"a": b"2"}, {"a": b"3"}])
    edit(folder, put("type", "https://ocfl.io/1.0/spec/#inventory"), where="v1")
    assert codes(folder) == set()
    edit(folder, put("type", "https://ocfl.io/1.1/spec/#inventory"), where="v1")
    edit(folder, put("type", "https://ocfl.io/1.0/spec/#inventory"), where="v2")
    assert codes(folder) == {"E103"}


def test_a_content_directory_set_only_after_the_first_version_is_refused(tmp_path: Path) -> None:
    folder = edit(make_object(tmp_path / "object"), put("contentDirectory", "content"))
    assert codes(folder) == {"E019"}


def test_every_digest_of_the_vocabulary_is_accepted_when_it_is_right(tmp_path: Path) -> None:
    names = ["md5", "sha1", "sha256", "sha512", "sha512_256"]
    folder = make_object(tmp_path / "object", versions=[{"a": b"one"}], fixity=names)

    def name_by_ocfl(inventory: Inventory) -> None:
        inventory["fixity"]["sha512/256"] = inventory["fixity"].pop("sha512_256")
        inventory["fixity"]["size"] = {"3": ["v1/content/a"]}

    edit(folder, name_by_ocfl)
    assert validate_object(folder) == ()


def test_findings_of_one_code_are_counted_when_they_are_too_many(tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object")
    edit(folder, lambda i: i.update({f"key{number}": 1 for number in range(500)}))
    findings = validate_object(folder)
    assert sum(finding.code == "E102" for finding in findings) == 200
    more = next(finding for finding in findings if finding.code == "OCFL_MORE")
    assert more.severity is Severity.INFO
    assert more.facts == {"found": "E102", "expected": 300}


def test_a_path_of_a_million_elements_costs_no_more_than_its_length(tmp_path: Path) -> None:
    folder = edit(make_object(tmp_path / "object"), put_state(["a/" * 1_000_000 + "b", "a"]))
    assert "E095" in codes(folder)
