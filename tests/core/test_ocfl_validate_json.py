"""JSON of inventories: read swiftly or slowly, it is the same value, and a key that stands twice is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ocfl_objects import make_object, write_inventory
from khizana.core.preservation.ocfl.validate import validate_object
from khizana.core.preservation.ocfl.validate_json import NotJson, _parse_slowly, parse

if TYPE_CHECKING:
    from pathlib import Path

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=9)
)
VALUES = st.recursive(
    SCALARS | st.sampled_from([":", '":', "a:b", "\\u003a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(":ab", max_size=2), inner, max_size=3),
    max_leaves=12,
)


def both(data: bytes) -> tuple[Any, Any]:
    def told(read: Any) -> Any:
        try:
            document = read(data)
        except NotJson as error:
            return str(error)
        return repr(document.value), [keys for _, keys in document.repeats]

    return told(parse), told(_parse_slowly)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_swift_and_slow_reading_agree(value: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001 - Hypothesis gives them by place
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    swift, slow = both(data)
    assert swift == slow


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a" : 1, "a"\t: 2}',
        '{"a": {"b": ":", "b": "::"}}',
        '{"a": ["x:y", {"c": {}, "c": {}}], "::": ":"}',
        '{"a": {"x:": 1, "y:": 2}, "a": 3}',
        '{"a":1,"\\u0061":1}',
        '{"a": "\\u003a", "a": 1}',
    ],
)
def test_a_key_that_stands_twice_is_found_however_it_is_written(text: str) -> None:
    swift, slow = both(text.encode())
    assert swift == slow
    assert swift[1]


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf{}", b"[NaN]", b"[1e999]", b'"\xff"', b"[1" + b"1" * 5000 + b"]", b"{}x"]
)
def test_what_is_refused_is_refused_in_the_same_words(data: bytes) -> None:
    swift, slow = both(data)
    assert swift == slow


def test_a_block_that_was_sound_in_the_object_is_judged_by_the_manifest_of_its_own_version(tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object")
    inventory = json.loads((folder / "v1" / "inventory.json").read_bytes())
    del inventory["manifest"][next(iter(inventory["manifest"]))]
    write_inventory(folder / "v1", inventory)
    codes = {finding.code for finding in validate_object(folder) if finding.facts["path"] == "v1/inventory.json"}
    assert "E050" in codes


def test_a_manifest_that_was_sound_in_the_object_is_judged_by_the_versions_of_its_own(tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object")
    newest = json.loads((folder / "inventory.json").read_bytes())
    inventory = json.loads((folder / "v1" / "inventory.json").read_bytes())
    inventory["manifest"] = newest["manifest"]
    write_inventory(folder / "v1", inventory)
    codes = {finding.code for finding in validate_object(folder) if finding.facts["path"] == "v1/inventory.json"}
    assert {"E014", "E107"} <= codes
