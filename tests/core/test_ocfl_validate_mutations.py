"""Thousands of random kinds of damage to a valid object: never an exception, never a damage that passes.

The number of mutations is 250 here and as large as wanted by KHIZANA_MUTATIONS.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from data.ocfl_objects import TWO_VERSIONS, make_object, write_inventory
from khizana.core.findings import LANGUAGES, Severity
from khizana.core.preservation.ocfl import validate_object as validate_object_module
from khizana.core.preservation.ocfl.validate import Verdict, examine_object, validate_object
from khizana.core.preservation.ocfl.validate_disk import listing
from khizana.core.preservation.ocfl.validate_usual import read_usual

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MUTATIONS = int(os.environ.get("KHIZANA_MUTATIONS", "250"))
SIDECAR = re.compile(rb"([0-9A-Fa-f]+)[ \t]+inventory\.json\r?\n?")
JUNK: tuple[Any, ...] = (
    "", "v1", "v2", "v3", "v02", "..", "/", "content", "sha256", "md5", "\udc80", 0, -1, 10**30, 1.5, None, True,
    [], {}, [[]], ["v1/content/folio-1r.txt"], {"": []}, {"a": {"b": []}}, "é" * 300,
    "https://ocfl.io/1.0/spec/#inventory",
)  # fmt: skip
# Where a consistent change of every inventory must still be seen, because it cannot be true of the files.
CHECKED = ("type", "digestAlgorithm", "head", "manifest", "fixity")

Tree = dict[str, bytes]


def read_tree(folder: Path) -> Tree:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write_tree(folder: Path, tree: Tree) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def flip(tree: Tree, chance: random.Random) -> None:
    name = chance.choice([name for name, data in tree.items() if data])
    data = bytearray(tree[name])
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    tree[name] = bytes(data)


def truncate(tree: Tree, chance: random.Random) -> None:
    name = chance.choice([name for name, data in tree.items() if data])
    tree[name] = tree[name][: chance.randrange(len(tree[name]))]


def append(tree: Tree, chance: random.Random) -> None:
    name = chance.choice(list(tree))
    tree[name] += chance.choice([b"\0", b"x", b"{}", b"\xff\xfe", b"\n\n"])


def zero(tree: Tree, chance: random.Random) -> None:
    name = chance.choice([name for name, data in tree.items() if data])
    start = chance.randrange(len(tree[name]))
    tree[name] = tree[name][:start] + bytes(len(tree[name]) - start)


def delete(tree: Tree, chance: random.Random) -> None:
    del tree[chance.choice(list(tree))]


def rename(tree: Tree, chance: random.Random) -> None:
    name = chance.choice(list(tree))
    parent, slash, last = name.rpartition("/")
    tree[f"{parent}{slash}{chance.choice([last.upper(), last + '~', 'x', '.' + last, 'inventory.json.sha256'])}"] = (
        tree.pop(name)
    )


def move(tree: Tree, chance: random.Random) -> None:
    name = chance.choice(list(tree))
    folders = sorted({other.rpartition("/")[0] for other in tree})
    target = chance.choice([*folders, "v1/content/new", "v3", "v3/content", "V1", "v01"])
    tree[f"{target}/{name.rpartition('/')[2]}".lstrip("/")] = tree.pop(name)


def add(tree: Tree, chance: random.Random) -> None:
    folders = sorted({other.rpartition("/")[0] for other in tree})
    name = chance.choice(["x", "Inventory.json", "inventory.json.md5", "0=ocfl_object_1.0", "é", "a\nb", "\udcff"])
    tree[f"{chance.choice(folders)}/{name}".lstrip("/")] = b"added"


def swap(tree: Tree, chance: random.Random) -> None:
    one, other = chance.sample(list(tree), 2)
    tree[one], tree[other] = tree[other], tree[one]


def repeat_key(tree: Tree, chance: random.Random) -> None:
    name = chance.choice([name for name in tree if name.endswith("inventory.json")])
    keys = [match.start() for match in re.finditer(rb'"[^"]+":', tree[name])]
    place = chance.choice(keys)
    match = re.compile(rb'"[^"]+":').match(tree[name], place)
    assert match is not None
    tree[name] = tree[name][:place] + match[0] + b" {}, " + tree[name][place:]
    refresh(tree, name)


def refresh(tree: Tree, name: str) -> None:
    tree[f"{name}.sha512"] = f"{hashlib.sha512(tree[name]).hexdigest()} inventory.json\n".encode()


DAMAGES: tuple[Callable[[Tree, random.Random], None], ...] = (
    flip, truncate, append, zero, delete, rename, move, add, swap, repeat_key,
)  # fmt: skip


def is_same_meaning(before: Tree, after: Tree) -> bool:
    """A digest in capitals, or a sidecar that lost its line end, says what it said."""
    if before.keys() != after.keys():
        return False
    for name, data in before.items():
        if after[name] == data:
            continue
        old, new = SIDECAR.fullmatch(data), SIDECAR.fullmatch(after[name])
        if old is None or new is None or old[1].lower() != new[1].lower():
            return False
    return True


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = tmp_path_factory.mktemp("valid") / "object"
    make_object(folder, versions=[*TWO_VERSIONS, {"last.txt": b"", "same.txt": b"verso"}], fixity=["md5", "sha256"])
    return read_tree(folder)


def errors_of(folder: Path) -> list[str]:
    findings = validate_object(folder)
    for finding in findings:
        assert all(finding.sentence(language) for language in LANGUAGES)
    return [finding.code for finding in findings if finding.severity is Severity.ERROR]


def test_the_object_that_is_damaged_below_is_valid(tree: Tree, tmp_path: Path) -> None:
    write_tree(tmp_path / "object", tree)
    assert validate_object(tmp_path / "object") == ()


def test_every_damage_to_the_bytes_or_names_is_refused(tree: Tree, tmp_path: Path) -> None:
    chance = random.Random(20260101)
    for number in range(MUTATIONS):
        mutated = dict(tree)
        damage = DAMAGES[number % len(DAMAGES)]
        damage(mutated, chance)
        if is_same_meaning(tree, mutated):
            continue
        folder = tmp_path / str(number % 7)
        write_tree(folder, mutated)
        changed = sorted(name for name in tree.keys() | mutated.keys() if tree.get(name) != mutated.get(name))
        assert errors_of(folder), (number, damage.__name__, changed)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def change_json(value: Any, chance: random.Random) -> tuple[str | int, ...]:
    """Change one thing in the JSON *value*; return where, or nowhere when it came out the same."""
    before = json.dumps(value, sort_keys=True)
    path = chance.choice(places(value))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    match chance.randrange(4):
        case 0:
            del holder[path[-1]]
        case 1 if isinstance(holder, dict):
            holder[f"{path[-1]}x"] = holder.pop(path[-1])
        case 2 if isinstance(holder, dict):
            other = chance.choice(list(holder))
            holder[path[-1]], holder[other] = holder[other], holder[path[-1]]
        case _:
            holder[path[-1]] = chance.choice(JUNK)
    return path if json.dumps(value, sort_keys=True) != before else ()


def test_no_change_of_one_inventory_passes_even_with_its_digest_made_right(tree: Tree, tmp_path: Path) -> None:
    chance = random.Random(20260102)
    names = ("inventory.json", "v1/inventory.json", "v2/inventory.json", "v3/inventory.json")
    for number in range(MUTATIONS):
        mutated = dict(tree)
        name = names[number % 4]
        value = json.loads(tree[name])
        where = change_json(value, chance)
        if not where:
            continue
        mutated[name] = json.dumps(value).encode()
        refresh(mutated, name)
        folder = tmp_path / str(number % 7)
        write_tree(folder, mutated)
        # What an earlier inventory may say otherwise: an older specification, fewer fixity values, no state of files.
        if name in names[1:3] and (where[0] == "fixity" or str(value.get("type")).endswith("1.0/spec/#inventory")):
            errors_of(folder)
        else:
            assert validate_object(folder), (number, name, where)


def test_no_change_of_all_inventories_together_passes_where_the_files_belie_it(tree: Tree, tmp_path: Path) -> None:
    chance = random.Random(20260103)
    for number in range(MUTATIONS):
        value = json.loads(tree["inventory.json"])
        where = change_json(value, chance)
        mutated = dict(tree)
        for name in ("inventory.json", "v3/inventory.json"):
            mutated[name] = json.dumps(value).encode()
            refresh(mutated, name)
        folder = tmp_path / str(number % 7)
        write_tree(folder, mutated)
        errors = errors_of(folder)
        if where and where[0] in CHECKED and "fixity" in value and value["fixity"] != {}:
            is_subset = where[0] == "fixity" and is_part(value["fixity"], json.loads(tree["inventory.json"])["fixity"])
            assert errors or is_subset, (number, where)


def is_part(part: Any, whole: Any) -> bool:
    """Fixity values may be left out: tell whether *part* holds nothing that *whole* does not."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return all(one in whole for one in part)
    return bool(part == whole)


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_in_the_place_of_an_inventory_are_refused(seed: int, tree: Tree, tmp_path: Path) -> None:
    chance = random.Random(seed)
    for name in ("inventory.json", "v1/inventory.json", "inventory.json.sha512", "0=ocfl_object_1.1"):
        for size in (0, 1, 100, 5_000_000):
            write_tree(tmp_path / "object", {**tree, name: chance.randbytes(size)})
            assert errors_of(tmp_path / "object")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """An object of which the validator needs few steps to see that nothing is wrong."""
    folder = tmp_path_factory.mktemp("usual") / "object"
    make_object(folder, versions=[*TWO_VERSIONS, {"last.txt": b"", "same.txt": b"verso"}])
    return read_tree(folder)


def known_at_once(folder: Path) -> bool:
    return read_usual(str(folder), listing(str(folder)), at_most=1 << 20) is not None


def told_the_long_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    with monkeypatch.context() as patch:
        patch.setattr(validate_object_module, "read_usual", lambda *_, **__: None)
        return examine_object(folder)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_sound_object_of_up_to_nine_versions_is_known_at_once(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = [{"same.txt": b"same", f"{number}/leaf.txt": b"%d" % number} for number in range(count)]
    folder = make_object(tmp_path / "object", versions=versions)
    assert known_at_once(folder)
    assert examine_object(folder) == told_the_long_way(folder, monkeypatch)
    assert examine_object(folder).files == count + 1


@pytest.mark.parametrize("size", [(1 << 14) - 1, 1 << 14, (1 << 14) + 1, 1 << 17])
def test_a_sound_object_with_an_inventory_of_any_size_is_known_at_once(
    size: int, usual: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = dict(usual)
    for name in ("inventory.json", "v2/inventory.json", "v3/inventory.json"):
        long[name] = usual[name].ljust(size)
        refresh(long, name)
    folder = tmp_path / "object"
    write_tree(folder, long)
    assert known_at_once(folder)
    assert read_usual(str(folder), listing(str(folder)), at_most=size - 1) is None
    assert examine_object(folder) == told_the_long_way(folder, monkeypatch)
    write_tree(folder, {**long, "v3/inventory.json": long["v3/inventory.json"] + b" "})
    assert not known_at_once(folder)
    assert errors_of(folder)


def test_no_damage_is_told_otherwise_where_a_sound_object_is_known_at_once(
    usual: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(20260104)
    for number in range(MUTATIONS):
        mutated = dict(usual)
        damage = DAMAGES[number % len(DAMAGES)]
        damage(mutated, chance)
        folder = tmp_path / str(number % 7)
        write_tree(folder, mutated)
        assert examine_object(folder) == told_the_long_way(folder, monkeypatch), (number, damage.__name__)


@pytest.mark.parametrize(
    "names", [("inventory.json", "v3/inventory.json"), ("v1/inventory.json",), ("v2/inventory.json",)]
)
def test_no_change_of_an_inventory_is_told_otherwise_where_a_sound_object_is_known_at_once(
    names: tuple[str, ...], usual: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(20260105)
    for number in range(MUTATIONS):
        mutated = dict(usual)
        value = json.loads(usual[names[0]])
        where = change_json(value, chance)
        for name in names:
            mutated[name] = json.dumps(value).encode()
            refresh(mutated, name)
        folder = tmp_path / str(number % 7)
        write_tree(folder, mutated)
        assert examine_object(folder) == told_the_long_way(folder, monkeypatch), (number, where)


def logical_twice(inventory: dict[str, Any]) -> None:
    state = inventory["versions"]["v2"]["state"]
    one, other, *_ = state
    state[one] = [*state[other]]


def logical_below_a_file(inventory: dict[str, Any]) -> None:
    state = inventory["versions"]["v2"]["state"]
    one, other, *_ = state
    state[one] = [f"{state[other][0]}/below"]


def unused_in_an_earlier_version(inventory: dict[str, Any]) -> None:
    used_later = next(iter(inventory["versions"]["v1"]["state"]))
    inventory["versions"]["v2"]["state"][used_later] = ["used-later.txt"]
    del inventory["versions"]["v1"]["state"][used_later]


def content_twice(inventory: dict[str, Any]) -> None:
    paths = next(iter(inventory["manifest"].values()))
    paths.append(paths[0])


def content_of_two_digests(inventory: dict[str, Any]) -> None:
    one, other, *_ = inventory["manifest"].values()
    one.append(other[0])


def no_content_of_a_digest(inventory: dict[str, Any]) -> None:
    inventory["manifest"]["0" * 128] = []
    inventory["versions"]["v2"]["state"]["0" * 128] = []


@pytest.mark.parametrize(
    "change",
    [
        logical_twice,
        logical_below_a_file,
        unused_in_an_earlier_version,
        content_twice,
        content_of_two_digests,
        no_content_of_a_digest,
    ],
)
def test_what_two_inventories_say_alike_and_wrongly_is_told_with_its_codes(
    change: Callable[[dict[str, Any]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_object(tmp_path / "object")
    inventory = json.loads((folder / "inventory.json").read_bytes())
    change(inventory)
    for where in (folder, folder / "v2"):
        write_inventory(where, inventory)
    inventory["head"] = "v1"
    inventory["versions"] = {"v1": inventory["versions"]["v1"]}
    inventory["manifest"] = {key: paths for key, paths in inventory["manifest"].items() if "v1/" in str(paths)}
    write_inventory(folder / "v1", inventory)
    assert errors_of(folder)
    assert examine_object(folder) == told_the_long_way(folder, monkeypatch)


def test_a_second_name_of_a_content_file_is_told_where_all_else_is_sound(tmp_path: Path) -> None:
    folder = make_object(tmp_path / "object", versions=[{"a.txt": b"same"}, {"a.txt": b"same", "b.txt": b"other"}])
    before = json.loads((folder / "inventory.json").read_bytes())
    one = hashlib.sha512(b"same").hexdigest()
    before["manifest"][one].append("v2/content/a.txt")
    (folder / "v2/content/a.txt").hardlink_to(folder / "v1/content/a.txt")
    for where in (folder, folder / "v2"):
        write_inventory(where, before)
    assert known_at_once(folder)
    assert errors_of(folder) == ["E090"]
