"""Two places that wrote one object without knowing of each other: joined, nothing lost, the same bytes everywhere."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.desks import Desk, held
from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.preservation.branches.arrival import Arrived
from khizana.core.preservation.branches.history import MERGED, merge_at
from khizana.core.preservation.ocfl.inventory import digest_of, sidecar


def structure(*pages: tuple[str, int, str], direction: str = "rtl") -> bytes:
    """Return a structure of (digest, number, label)."""
    value = {
        "direction": direction,
        "pages": [
            {"digest": digest, "file": f"masters/{number:04d}.jpg", "number": number, "label": label}
            for digest, number, label in pages
        ],
    }
    return json.dumps(value).encode()


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Desk, Desk]:
    """Two places that have the same first version."""
    one, two = Desk.made(tmp_path / "one"), Desk.made(tmp_path / "two")
    one.write({"description.xml": b"first", "masters/0001.jpg": b"1"})
    two.take(one.packed())
    assert two.known == one.known
    return one, two


def test_what_only_one_place_wrote_is_put_after_what_is_there(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"description.xml": b"second"})
    one.write({"description.xml": b"third"})
    assert two.take(one.packed()).kind is Arrived.EXTENDED
    assert two.place.files("storage") == one.place.files("storage")
    assert two.take(one.packed()).kind is Arrived.HAD
    assert one.take(two.packed()).kind is Arrived.HAD


def test_both_places_come_to_the_same_bytes_in_whatever_order(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"masters/0002.jpg": b"one's second"}, day=2)
    two.write({"masters/0002.jpg": b"two's second", "notes.txt": b"two's"}, day=3)
    before = held(one.object) | held(two.object)
    packs = one.packed(), two.packed()
    assert {one.take(packs[1]).kind, two.take(packs[0]).kind} == {Arrived.JOINED}
    assert one.place.files("storage") == two.place.files("storage")
    stored = one.object
    assert before <= held(stored)
    masters = {stored.read_bytes(path) for path in stored.state() if path.startswith("masters/")}
    assert masters == {b"1", b"one's second", b"two's second"}
    assert one.text("notes.txt") == "two's"
    assert stored.versions[-1].message == MERGED
    assert stored.versions[-1].created == datetime(2026, 1, 3, tzinfo=UTC)
    assert one.take(two.packed()).kind is Arrived.HAD


def test_what_the_joined_history_took_the_place_of_is_set_aside_whole(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"masters/0002.jpg": b"x" * 100})
    two.write({"masters/0002.jpg": b"y" * 100})
    before = {desk.place.root: (desk.folder / "v2/inventory.json").read_bytes() for desk in desks}
    packs = one.packed(), two.packed()
    one.take(packs[1])
    two.take(packs[0])
    aside = [path for desk in desks for path in (desk.place.root / "aside").rglob("inventory.json")]
    assert len(aside) == 1, "one of the two histories goes on as it was"
    assert aside[0].read_bytes() == before[aside[0].parents[6]]


def test_what_both_changed_waits_for_a_person_and_neither_is_lost(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"description.xml": b"one says"}, day=2, by="One")
    two.write({"description.xml": b"two says"}, day=3, by="Two")
    taken = one.take(two.packed())
    (conflict,) = taken.conflicts
    assert conflict.path == "description.xml"
    stored = one.object
    both = {conflict.kept, conflict.other}
    assert both == {digest_of(b"one says"), digest_of(b"two says")}
    assert both <= stored.inventory.manifest.keys()
    assert stored.state()["description.xml"] == conflict.kept
    other = {digest_of(b"one says"): ("One", "2026-01-02"), digest_of(b"two says"): ("Two", "2026-01-03")}
    assert (conflict.by, conflict.written[:10]) == other[conflict.other]


def test_a_conflict_stays_until_a_person_decides_whatever_else_arrives(
    desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    one, two = desks
    three = Desk.made(tmp_path / "three")
    three.take(one.packed())
    one.write({"description.xml": b"one says"})
    two.write({"description.xml": b"two says"})
    three.write({"notes.txt": b"three says"})
    one.take(two.packed())
    one.write({"else.txt": b"else"})
    one.take(three.packed())
    stored = one.object
    merge = merge_at(stored.state(), lambda digest: (stored.path / stored.inventory.manifest[digest][0]).read_bytes())
    assert [conflict.path for conflict in merge.conflicts] == ["description.xml"]
    assert (one.text("notes.txt"), one.text("else.txt")) == ("three says", "else")


def test_three_places_that_pass_in_a_ring_come_to_the_same(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    one, two = desks
    three = Desk.made(tmp_path / "three")
    three.take(one.packed())
    ring = (one, two, three)
    for number, desk in enumerate(ring):
        desk.write({f"{number}.txt": b"%d" % number})
    before = frozenset[Digest]().union(*(held(desk.object) for desk in ring))
    for _ in range(2):  # all packs are made before any is opened: nobody has heard of what the others join
        packs = [desk.packed() for desk in ring]
        for number, desk in enumerate(ring):
            desk.take(packs[number - 1])
    assert one.place.files("storage") == two.place.files("storage") == three.place.files("storage")
    assert before <= held(one.object)
    assert one.object.head == 3, "joinings of joinings are not joined: what people wrote is"


def test_the_same_manuscript_begun_in_two_places(tmp_path: Path) -> None:
    one, two = Desk.made(tmp_path / "one"), Desk.made(tmp_path / "two")
    one.write({"masters/0001.jpg": b"one", "structure.json": structure((digest_of(b"one")[:16], 1, "1r"))})
    two.write({"masters/0001.jpg": b"two", "structure.json": structure((digest_of(b"two")[:16], 1, "1r"))})
    packs = one.packed(), two.packed()
    one.take(packs[1])
    two.take(packs[0])
    assert one.place.files("storage") == two.place.files("storage")
    pages = json.loads(one.text("structure.json"))["pages"]
    assert sorted(page["number"] for page in pages) == [1, 2]
    assert {page["digest"] for page in pages} == {digest_of(b"one")[:16], digest_of(b"two")[:16]}


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted", "undecided"),
    [
        ("abc", "acb", "acb", 0),  # only they changed the order
        ("acb", "abc", "acb", 0),  # only we did
        ("acb", "bac", "acb", 1),  # both did
        ("abcd", "abce", "abcde", 0),  # both added
        ("abcd", "cbae", "cbaed", 0),  # they changed the order, both added
        ("bac", "bac", "bac", 0),
    ],
)
def test_the_order_of_pages(ours: str, theirs: str, wanted: str, undecided: int, tmp_path: Path) -> None:
    def pages(letters: str) -> bytes:
        return structure(*((letter, "abcde".index(letter) + 1, letter) for letter in letters))

    result = _joined_structure(tmp_path, pages("abc"), pages(ours), pages(theirs))
    assert ("".join(page["label"] for page in result[0]["pages"]), result[1]) == (wanted, undecided)


def test_labels_and_numbers_of_pages(tmp_path: Path) -> None:
    base = structure(("a", 1, "1r"), ("b", 2, "1v"))
    ours = structure(("a", 1, "title"), ("b", 2, "1v"), ("c", 3, "2r"))
    theirs = structure(("a", 1, "1r"), ("b", 2, "end"), ("d", 3, "2r"), direction="ltr")
    value, undecided = _joined_structure(tmp_path, base, ours, theirs)
    shown = [(page["digest"], page["number"], page["label"]) for page in value["pages"]]
    assert shown == [("a", 1, "title"), ("b", 2, "end"), ("c", 3, "2r"), ("d", 4, "2r")]
    assert (value["direction"], undecided) == ("ltr", 0)


def _joined_structure(root: Path, base: bytes, ours: bytes, theirs: bytes) -> tuple[dict, int]:
    """Join so that *ours* goes on: it is written in two steps, and the longer history does."""
    one, two = Desk.made(root / "one"), Desk.made(root / "two")
    one.write({"structure.json": base})
    two.take(one.packed())
    one.write({"x": b"x"})
    one.write({"structure.json": ours, "x": b"y"})
    two.write({"structure.json": theirs, "z": b"z"})
    taken = one.take(two.packed())
    return json.loads(one.text("structure.json")), len(taken.conflicts)


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted", "undecided"),
    [
        (("open", True), ("open", False), ("open", True), 0),  # only we changed it
        (("open", False), ("open", True), ("open", True), 0),
        (("smaller", False), ("staff", False), ("staff", False), 1),
        (("staff", True), ("open", True), ("staff", True), 0),
        (("staff", False), ("smaller", True), ("staff", True), 1),
    ],
)
def test_agreements_come_to_the_narrower(
    ours: tuple[str, bool], theirs: tuple[str, bool], wanted: tuple[str, bool], undecided: int, tmp_path: Path
) -> None:
    def publication(level: str, published: bool) -> bytes:  # noqa: FBT001 - a pair of the table above
        return json.dumps({"shelfmark": "TB 1", "level": level, "published": published}).encode()

    one, two = Desk.made(tmp_path / "one"), Desk.made(tmp_path / "two")
    one.write({"publication.json": publication("open", False)})
    two.take(one.packed())
    one.write({"x": b"x"})
    one.write({"publication.json": publication(*ours), "x": b"y"})
    two.write({"publication.json": publication(*theirs), "z": b"z"})
    taken = one.take(two.packed())
    value = json.loads(one.text("publication.json"))
    assert ((value["level"], value["published"]), len(taken.conflicts)) == (wanted, undecided)


def test_events_of_both_are_kept(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"events/0002.xml": b"one", "a": b"a"})
    two.write({"events/0002.xml": b"two", "b": b"b"})
    one.take(two.packed())
    stored = one.object
    events = {stored.read_bytes(path, version) for path, version in stored.ever("events/")}
    assert {b"one", b"two"} < events
    assert len(events) == 3, "and that of the joining"


def test_what_did_not_come_along_is_told_and_nothing_is_written(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"a": b"a"})
    one.write({"b": b"b"})
    known, store = one.packed()
    for name in [name for name in store.files if "/v2/content" in name]:
        del store.files[name]
    before = two.place.files("storage")
    assert two.take((known, store)).kind is Arrived.LACKING
    assert two.place.files("storage") == before


@pytest.mark.parametrize("parts", [["v2/content/a"], ["v2/inventory.json", "inventory.json"]])
def test_altered_bytes_are_never_taken_in(parts: list[str], desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"a": b"a"})
    known, store = one.packed()
    for name in (known.prefix + part for part in parts):
        store.files[name] = store.files[name].replace(b"a", b"o")
    before = two.place.files("storage")
    with pytest.raises(Damaged) as refused:
        two.take((known, store))
    assert refused.value.code == "ORIGIN_ALTERED"
    assert two.place.files("storage") == before


@pytest.mark.parametrize("lost", ["v2/inventory.json", "inventory.json"])
def test_what_comes_from_a_place_that_has_its_newest_inventory_once_is_taken_in(
    desks: tuple[Desk, Desk], lost: str
) -> None:
    one, two = desks
    one.write({"a": b"a"})
    known, store = one.packed()
    store.files[known.prefix + lost] = b"{}"
    assert two.take((known, store)).kind is Arrived.EXTENDED
    assert two.place.files("storage") == one.place.files("storage")


@pytest.mark.parametrize("harm", ["all", "inventories", "rewritten"])
def test_what_is_damaged_here_comes_again_from_a_place_that_holds_all_of_it(
    desks: tuple[Desk, Desk], harm: str
) -> None:
    one, two = desks
    one.write({"notes.txt": b"one's"}, day=2)
    two.write({"description.xml": b"two's"}, day=3)
    theirs, (known, store) = held(two.object), two.packed()
    one.take((known, store))
    if harm == "all":
        shutil.rmtree(two.folder)
    for name in ("inventory.json", "v2/inventory.json") if harm != "all" else ():
        content = (two.folder / name).read_bytes().replace(b"a change", b"no change") if harm == "rewritten" else b"{}"
        (two.folder / name).write_bytes(content)
        if harm == "rewritten":
            (two.folder / f"{name}.sha512").write_bytes(sidecar(content))
    assert two.take(one.packed()).kind is Arrived.JOINED
    assert two.place.files("storage") == one.place.files("storage")
    assert theirs <= held(two.object)


def test_what_is_damaged_here_stays_where_another_place_does_not_hold_all_of_it(desks: tuple[Desk, Desk]) -> None:
    one, two = desks
    one.write({"notes.txt": b"one's"}, day=2)
    two.write({"description.xml": b"two's"}, day=3)
    (two.folder / "inventory.json").write_bytes(b"{}")
    before = two.place.files("storage")
    with pytest.raises(Damaged) as refused:
        two.take(one.packed())
    assert refused.value.code == "INVENTORY_ALTERED"
    assert two.place.files("storage") == before


def test_the_same_photographs_added_in_another_order_are_the_same_pages(tmp_path: Path) -> None:
    one, two = Desk.made(tmp_path / "one"), Desk.made(tmp_path / "two")
    for desk, photographs in ((one, (b"x", b"y")), (two, (b"y", b"x"))):
        masters = {f"masters/{number:04d}.jpg": each for number, each in enumerate(photographs, 1)}
        pages = [(digest_of(each)[:16], number, each.decode()) for number, each in enumerate(photographs, 1)]
        desk.write({**masters, "structure.json": structure(*pages)})
    one.take(two.packed())
    pages = json.loads(one.text("structure.json"))["pages"]
    assert sorted(page["label"] for page in pages) == ["x", "y"]
    assert sorted(page["number"] for page in pages) == [1, 2]


HOSTILE = [b"", b"null", b"[]", b'"x"', b"\xff", b"[" * 200_000]
SAYS_NOTHING = [b"{}", b'{"pages": 3}', b'{"pages": [3]}']


def one_and_another(desks: tuple[Desk, Desk], path: str, content: bytes) -> tuple[Desk, Desk]:
    """Let the first place write *path* well and the second write *content* there."""
    one, two = desks
    one.write({path: b'{"level": "open", "direction": "rtl", "pages": [], "branches": [], "conflicts": []}'})
    two.write({path: content})
    return one, two


@pytest.mark.parametrize(
    ("path", "content"),
    [
        *((path, content) for path in ("structure.json", "merge.json") for content in HOSTILE + SAYS_NOTHING),
        *(("publication.json", content) for content in HOSTILE),
    ],
    ids=lambda each: each if isinstance(each, str) else ascii(each[:12]),
)
def test_files_that_cannot_be_joined_are_said_to_be_so_and_nothing_changes(
    path: str, content: bytes, desks: tuple[Desk, Desk]
) -> None:
    one, two = one_and_another(desks, path, content)
    before = one.place.files("storage")
    with pytest.raises(Damaged) as refused:
        one.take(two.packed())
    assert refused.value.code == "MERGE_UNREADABLE"
    assert one.place.files("storage") == before


@pytest.mark.parametrize("content", SAYS_NOTHING)
def test_an_agreement_that_says_nothing_leaves_the_other_as_it_is(content: bytes, desks: tuple[Desk, Desk]) -> None:
    one, two = one_and_another(desks, "publication.json", content)
    one.take(two.packed())
    assert json.loads(one.text("publication.json"))["level"] == "open"
