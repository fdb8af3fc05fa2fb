"""Writing preservation objects: layout, versions, refusals, and what stands after an error."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.keeping import OBJECT, WHEN, WHO, Place, unvalidated, validated
from data.readers import faults, independent_faults
from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged, NoSpace, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ocfl.intent import Intent, Transaction
from khizana.core.preservation.ocfl.inventory import check_logical_path, digest_of, from_json
from khizana.core.preservation.ocfl.layout import create_storage_root, object_path
from khizana.core.preservation.ocfl.read import iterate_objects, read_object
from khizana.core.preservation.ocfl.write import Recovered
from khizana.core.preservation.staging import staged_path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.made(tmp_path)


@pytest.mark.parametrize(
    ("object_id", "path"),
    [
        ("object-01", "3c0/ff4/240/object-01"),
        ("..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
        ("..Hor/rib:lè-$id", "373/529/21a/%2e%2eHor%2frib%3al%c3%a8-%24id"),
        (
            "abcdefghij" * 10 + "a",
            "5cc/73e/648/" + "abcdefghij" * 10 + "-5cc73e648fbcff136510e330871180922ddacf193b68fdeff855683a01464220",
        ),
        (
            "abcdefghij" * 26,
            "55b/432/806/" + "abcdefghij" * 10 + "-55b432806f4e270da0cf23815ed338742179002153cd8d896f23b3e2d8a14359",
        ),
    ],
)
def test_objects_lie_where_the_extension_says(object_id: str, path: str) -> None:
    assert object_path(object_id).as_posix() == path


@given(st.text(min_size=1, max_size=200).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_every_identifier_lies_where_an_independent_reader_looks(object_id: str) -> None:
    from ocfl.layout_0003_hash_and_id_n_tuple import Layout_0003_Hash_And_Id_N_Tuple  # noqa: PLC0415 - one test's

    assert object_path(object_id).as_posix() == Layout_0003_Hash_And_Id_N_Tuple().identifier_to_path(object_id)


@pytest.mark.parametrize("object_id", ["", "\ud800"])
def test_an_identifier_that_cannot_be_is_refused(object_id: str) -> None:
    with pytest.raises(BadInput):
        object_path(object_id)


def test_a_storage_root_says_in_itself_how_objects_are_found(place: Place) -> None:
    assert independent_faults(place.storage) == []
    assert set(place.files("storage")) == {
        "0003-hash-and-id-n-tuple-storage-layout.md",
        "0=ocfl_1.1",
        "extensions/0003-hash-and-id-n-tuple-storage-layout/config.json",
        "ocfl_layout.json",
    }
    description = place.files("storage")["0003-hash-and-id-n-tuple-storage-layout.md"].decode()
    assert object_path("urn:khizana:demo:ms-1:images").as_posix() in description


def test_making_a_storage_root_again_changes_nothing_and_goes_on_where_it_stopped(place: Place) -> None:
    before = place.files("storage")
    create_storage_root(place.storage)
    assert place.files("storage") == before
    (place.storage / "0=ocfl_1.1").rename(place.storage / "0=ocfl_1.1.part")
    (place.storage / "ocfl_layout.json").unlink()
    create_storage_root(place.storage)
    assert place.files("storage") == before


def test_a_folder_of_other_files_does_not_become_a_storage_root(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(BadInput) as caught:
        create_storage_root(tmp_path)
    assert caught.value.facts["found"] == "holiday.jpg"


def test_a_new_object_is_found_valid_by_two_validators(place: Place) -> None:
    first, second = place.picture("1.tif"), place.picture("2.tif")
    written = place.write({"masters/0001.tif": first, "masters/0002.tif": second, "structure.json": b"{}\n"})
    assert written.head == 1
    assert written.path == place.storage / object_path(OBJECT)
    assert faults(place.storage) == []
    stored = read_object(written.path)
    assert (stored.id, stored.head, stored.inventory_digest) == (OBJECT, 1, written.inventory_digest)
    assert (stored.versions[0].created, stored.versions[0].user, stored.versions[0].message) == (WHEN, WHO, "a change")
    assert stored.state() == {
        "masters/0001.tif": first.digest,
        "masters/0002.tif": second.digest,
        "structure.json": stored.state()["structure.json"],
    }
    assert stored.content_path("masters/0001.tif") == written.path / "v1/content/masters/0001.tif"
    assert stored.read_bytes("structure.json") == b"{}\n"
    assert place.files("staging") == {}
    assert place.files("work") == {}


def test_versions_add_replace_and_remove_and_every_one_stays_readable(place: Place) -> None:
    master = place.picture("1.tif")
    place.write({"masters/0001.tif": master, "structure.json": b"1"})
    place.write({"masters/0002.tif": place.picture("2.tif"), "structure.json": b"2"}, expected_head=1)
    written = place.write({}, remove=["masters/0001.tif", "never/there"], expected_head=2)
    assert faults(place.storage) == []
    stored = read_object(written.path)
    assert stored.head == 3
    assert set(stored.state(1)) == {"masters/0001.tif", "structure.json"}
    assert set(stored.state(2)) == {"masters/0001.tif", "masters/0002.tif", "structure.json"}
    assert set(stored.state()) == {"masters/0002.tif", "structure.json"}
    assert stored.read_bytes("structure.json", 1) == b"1"
    assert stored.read_bytes("structure.json", 2) == b"2"
    assert stored.ever("masters/") == (("masters/0001.tif", 1), ("masters/0002.tif", 2))
    assert stored.ever("structure") == (("structure.json", 1), ("structure.json", 2))
    assert stored.content_path("masters/0001.tif", 1).read_bytes() == b"1.tif" * 1000


def test_the_same_bytes_are_kept_once_within_an_object(place: Place) -> None:
    master = place.picture("1.tif")
    place.write({"masters/0001.tif": master, "masters/0002.tif": master, "a": b"x", "b": b"x"})
    written = place.write({"c": b"x"})
    assert faults(place.storage) == []
    stored = read_object(written.path)
    assert {len(paths) for paths in stored.inventory.manifest.values()} == {1}
    assert len(stored.inventory.manifest) == 2
    assert stored.content_path("masters/0002.tif") == stored.content_path("masters/0001.tif")


def test_writing_what_stands_already_writes_nothing(place: Place) -> None:
    put = {"masters/0001.tif": place.picture("1.tif"), "structure.json": b"1"}
    first = place.write(put, expected_head=0)
    before = place.files("storage")
    assert place.write(put, expected_head=0) == first
    assert place.files("storage") == before


def test_masters_are_moved_and_not_read_by_the_writer(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    master = place.picture("1.tif")
    inode = master.path.stat().st_ino
    opened: list[str] = []
    real = os.open

    def noted(path: Any, *args: Any, **kwargs: Any) -> int:
        opened.append(os.fspath(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", noted)
    given: dict[Path, str] = {}

    def validator(path: Path, read_back: Mapping[Path, str]) -> Iterable[Finding]:
        given.update({each.relative_to(path): digest for each, digest in read_back.items()})
        return ()

    written = place.write({"masters/0001.tif": master}, validator=validator)
    content = read_object(written.path).content_path("masters/0001.tif")
    assert content.stat().st_ino == inode
    assert given == {Path("v1/content/masters/0001.tif"): master.digest}
    assert not [path for path in opened if path.endswith("0001.tif") or path == str(master.path)]


def test_a_master_touched_since_it_was_read_back_is_read_by_the_validator(place: Place) -> None:
    master = place.picture("1.tif")
    os.utime(master.path, ns=(0, 0))
    unread = replace(place.picture("2.tif"), signature=None)
    given: list[Path] = []

    def validator(_: Path, read_back: Mapping[Path, str]) -> Iterable[Finding]:
        given.extend(read_back)
        return ()

    place.write({"masters/0001.tif": master, "masters/0002.tif": unread}, validator=validator)
    assert given == []


def test_a_staged_file_that_rotted_unseen_is_refused_and_goes_back_to_staging(place: Place) -> None:
    master = place.picture("1.tif")
    content = master.path.read_bytes()
    master.path.write_bytes(b"X" + content[1:])
    os.utime(master.path, ns=(0, 0))
    before = place.files("staging"), place.files("storage")
    with pytest.raises(Damaged) as caught:
        place.write({"masters/0001.tif": master})
    assert caught.value.code == "OBJECT_INVALID"
    assert (place.files("staging"), place.files("storage")) == before
    assert place.files("work") == {}
    assert sorted(path.name for path in place.storage.iterdir() if path.is_dir()) == ["extensions"]


def test_a_staged_file_of_another_size_or_gone_is_refused(place: Place) -> None:
    master = place.picture("1.tif")
    master.path.write_bytes(b"short")
    with pytest.raises(Damaged):
        place.write({"masters/0001.tif": master})
    master.path.unlink()
    with pytest.raises(NotFound):
        place.write({"masters/0001.tif": master})


def test_a_version_the_validator_refuses_leaves_everything_as_it_was(place: Place) -> None:
    place.write({"structure.json": b"1"})
    master = place.picture("1.tif")
    before = place.files("staging"), place.files("storage")

    def validator(path: Path, _: Mapping[Path, str]) -> Iterable[Finding]:
        assert (path / "v2/content/masters/0001.tif").is_file()
        yield Finding("W004", Severity.WARNING, "fine")
        yield Finding("NO_OBJECT", Severity.ERROR, "bad", {"path": "here"})

    with pytest.raises(Damaged) as caught:
        place.write({"masters/0001.tif": master}, validator=validator)
    assert (caught.value.code, caught.value.facts["rule"]) == ("OBJECT_INVALID", "NO_OBJECT")
    assert (place.files("staging"), place.files("storage")) == before
    assert place.files("work") == {}


def test_an_interrupt_while_validating_leaves_everything_as_it_was(place: Place) -> None:
    master = place.picture("1.tif")

    def validator(_: Path, __: Mapping[Path, str]) -> Iterable[Finding]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.write({"masters/0001.tif": master}, validator=validator)
    assert master.path.is_file()
    assert list(iterate_objects(place.storage)) == []
    assert place.files("work") == {}


def test_objects_are_written_where_links_do_not_exist(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "symlink", refuse)
    place.write({"masters/0001.tif": place.picture("1.tif")})
    place.write({"masters/0002.tif": place.picture("2.tif")})
    assert faults(place.storage) == []


def test_masters_staged_on_another_file_system_are_copied_and_read_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = place.picture("1.tif", os.urandom(3_000_000))
    content = master.path.read_bytes()
    real = os.rename

    def elsewhere(source: Any, target: Any) -> None:
        if str(place.staging) in str(source):
            raise OSError(errno.EXDEV, "another file system")
        real(source, target)

    monkeypatch.setattr(os, "rename", elsewhere)
    written = place.write({"masters/0001.tif": master})
    assert read_object(written.path).content_path("masters/0001.tif").read_bytes() == content
    assert faults(place.storage) == []
    assert place.files("staging") == {}


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a/.", "a\0b", "\ud800", "../../etc/passwd"]
)
def test_a_logical_path_that_cannot_be_is_refused(place: Place, path: str) -> None:
    with pytest.raises(BadInput) as caught:
        place.write({path: b"x"})
    assert caught.value.code == "LOGICAL_PATH_UNUSABLE"
    caught.value.sentence("ar").encode()


def test_a_path_cannot_be_a_file_and_a_folder(place: Place) -> None:
    with pytest.raises(BadInput):
        place.write({"a": b"1", "a/b": b"2"})
    place.write({"a/b/c": b"1"})
    with pytest.raises(BadInput) as caught:
        place.write({"a/b": b"2"})
    assert caught.value.facts == {"logical_path": "a/b/c", "other": "a/b"}
    place.write({"a/b": b"2"}, remove=["a/b/c"])
    assert faults(place.storage) == []


def test_names_that_some_disks_cannot_hold_get_plain_content_paths(place: Place) -> None:
    names = [
        "مخطوط/ورقة.tif",
        "case.tif",
        "Case.tif",
        "CASE.TIF/x",
        "con.txt",
        "a. ",
        "é" * 200,
        "new\nline",
        "x" * 300,
    ]
    written = place.write({name: name.encode() for name in names})
    stored = read_object(written.path)
    assert {name: stored.read_bytes(name) for name in names} == {name: name.encode() for name in names}
    paths = [path for paths in stored.inventory.manifest.values() for path in paths]
    assert all(path.isascii() and path.isprintable() and len(path) < 200 for path in paths)
    folded = {folder for path in paths for folder in (path, *map(str, Path(path).parents))}
    assert len({each.casefold() for each in folded}) == len(folded)
    assert faults(place.storage) == []


def test_an_object_that_is_there_is_not_written_as_new(place: Place) -> None:
    place.write({"a": b"1"})
    with pytest.raises(AlreadyThere):
        place.write({"a": b"2"}, expected_head=0)


def test_a_change_to_a_version_that_is_no_longer_the_newest_is_refused(place: Place) -> None:
    place.write({"a": b"1"})
    place.write({"a": b"2"})
    with pytest.raises(Busy) as caught:
        place.write({"a": b"3"}, expected_head=1)
    assert caught.value.code == "OBJECT_CHANGED"


def test_a_second_writer_is_told_that_the_storage_is_busy(place: Place) -> None:
    with place.writer.exclusive():
        with pytest.raises(Busy) as caught:
            place.write({"a": b"1"})
        assert caught.value.code == "STORAGE_BUSY"
        with pytest.raises(Busy):
            place.writer.recover()
    assert place.write({"a": b"1"}).head == 1


def test_a_folder_that_is_no_storage_root_is_not_written_to(place: Place) -> None:
    (place.storage / "0=ocfl_1.1").unlink()
    with pytest.raises(NotFound):
        place.write({"a": b"1"})


def test_a_time_without_a_time_zone_is_refused(place: Place) -> None:
    with pytest.raises(ValueError, match="time zone"):
        place.writer.write_version(
            OBJECT,
            put={"a": b"1"},
            message="",
            user=WHO,
            created=WHEN.replace(tzinfo=None),
            validator=unvalidated,
        )


def test_an_altered_inventory_stops_reading_and_writing(place: Place) -> None:
    written = place.write({"a": b"1"})
    inventory = written.path / "inventory.json"
    inventory.write_bytes(inventory.read_bytes().replace(b"a change", b"no change"))
    with pytest.raises(Damaged) as caught:
        read_object(written.path)
    assert caught.value.code == "INVENTORY_ALTERED"
    with pytest.raises(Damaged):
        place.write({"a": b"2"})


def test_a_version_directory_of_unknown_origin_stops_writing_and_is_left_alone(place: Place) -> None:
    written = place.write({"a": b"1"})
    (written.path / "v2").mkdir()
    (written.path / "v2" / "mine").write_bytes(b"precious")
    with pytest.raises(Damaged) as caught:
        place.write({"a": b"2"})
    assert caught.value.code == "OBJECT_IN_THE_WAY"
    assert (written.path / "v2" / "mine").read_bytes() == b"precious"


@pytest.mark.parametrize("versions", [1, 2])
def test_a_version_that_has_its_name_is_never_undone(place: Place, versions: int) -> None:
    # A power cut may lose the mark of a version and keep its record, whatever the order they were removed in.
    for number in range(versions):
        written = place.write({"a": b"%d" % number})
    before = place.files("storage")
    intent = Intent(OBJECT, versions, written.inventory_digest, ())
    Transaction.begin(place.work, place.storage, intent)
    assert place.writer.recover() == (Recovered(OBJECT, versions, completed=True),)
    assert place.files("storage") == before
    assert place.files("work") == {}


def test_undoing_a_version_that_has_its_name_completes_it(place: Place) -> None:
    place.write({"a": b"1"})
    written = place.write({"a": b"2"})
    before = place.files("storage")
    Transaction.begin(place.work, place.storage, Intent(OBJECT, 2, written.inventory_digest, ())).back()
    assert place.files("storage") == before


def test_a_version_that_is_nowhere_is_told_and_its_record_kept(place: Place) -> None:
    transaction = Transaction.begin(place.work, place.storage, Intent(OBJECT, 1, digest_of(b""), ()))
    transaction.mark_ready()
    with pytest.raises(Damaged) as caught:
        place.writer.recover()
    assert caught.value.code == "VERSION_LOST"
    assert transaction.folder.is_dir()


def test_something_else_in_the_place_of_a_ready_object_is_not_overwritten(place: Place) -> None:
    master = place.picture("1.tif")
    target = place.storage / object_path(OBJECT)

    def validator(_: Path, __: Mapping[Path, str]) -> Iterable[Finding]:
        target.mkdir(parents=True)
        (target / "mine").write_bytes(b"precious")
        return ()

    with pytest.raises(Damaged) as caught:
        place.write({"masters/0001.tif": master}, validator=validator)
    assert caught.value.code == "OBJECT_IN_THE_WAY"
    assert (target / "mine").read_bytes() == b"precious"
    assert master.path.is_file()


def test_an_intent_that_cannot_be_read_is_kept_for_a_person(place: Place) -> None:
    folder = place.work / "objects" / "x-v1"
    folder.mkdir(parents=True)
    (folder / "intent.json").write_text("{")
    with pytest.raises(Damaged) as caught:
        place.write({"a": b"1"})
    assert caught.value.code == "INTENT_UNREADABLE"
    assert folder.is_dir()


def test_altered_missing_and_unknown_content_is_told_apart(place: Place) -> None:
    stored = read_object(place.write({"a": b"1", "b": b"2"}).path)
    stored.content_path("a").write_bytes(b"X")
    stored.content_path("b").unlink()
    with pytest.raises(Damaged) as altered:
        stored.read_bytes("a")
    with pytest.raises(Damaged) as missing:
        stored.read_bytes("b")
    with pytest.raises(NotFound):
        stored.read_bytes("c")
    assert (altered.value.code, missing.value.code) == ("CONTENT_ALTERED", "FILE_MISSING")


def test_a_folder_that_is_no_object_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_object(tmp_path)
    with pytest.raises(NotFound):
        read_object(tmp_path / "nothing")


@pytest.mark.parametrize(
    "change",
    [
        {"head": "v2"},
        {"digestAlgorithm": "sha256"},
        {"manifest": {"ab": ["../../outside"]}},
        {"manifest": {"ab": ["/etc/passwd"]}},
        {"versions": {"w1": {}}},
        {"versions": []},
        {"manifest": None},
    ],
)
def test_an_inventory_that_leads_astray_is_damaged(place: Place, change: dict[str, Any]) -> None:
    written = place.write({"a": b"1"})
    value = json.loads((written.path / "inventory.json").read_bytes()) | change
    with pytest.raises(Damaged):
        from_json(json.dumps(value).encode(), "here")


_JSON = st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner))


@given(st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
def test_no_inventory_raises_anything_but_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        from_json(content, "here")


@pytest.mark.parametrize("change", [{"id": 7}, {"versions": {"v1": {"created": "2026-03-01T12:00:00", "state": {}}}}])
def test_an_inventory_that_states_no_identifier_or_no_true_time_is_damaged(change: dict[str, object]) -> None:
    good = {
        "digestAlgorithm": "sha512",
        "head": "v1",
        "id": "urn:x:1",
        "manifest": {},
        "versions": {"v1": {"created": "2026-03-01T12:00:00Z", "state": {}}},
    }
    assert from_json(json.dumps(good).encode(), "here").head == 1
    with pytest.raises(Damaged):
        from_json(json.dumps(good | change).encode(), "here")


def test_every_object_is_found_in_order_and_extensions_are_not_objects(place: Place) -> None:
    for number in range(12):
        place.write({"a": b"1"}, object_id=f"urn:x:{number}", validator=unvalidated)
    (place.storage / "extensions" / "0=ocfl_object_1.1").touch()
    found = list(iterate_objects(place.storage))
    assert found == sorted(found)
    assert {read_object(path).id for path in found} == {f"urn:x:{number}" for number in range(12)}


def test_a_full_disk_is_told_as_such_and_the_write_can_be_repeated(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = place.picture("1.tif")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(NoSpace):
            place.write({"masters/0001.tif": master})
    assert place.files("work") == {}
    assert place.write({"masters/0001.tif": master}).head == 1


def test_a_file_received_again_while_it_is_being_written_stays_staged_when_that_is_undone(place: Place) -> None:
    master = place.picture("1.tif")

    def validator(_: Path, __: Mapping[Path, str]) -> Iterable[Finding]:
        place.picture("1.tif")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.write({"masters/0001.tif": master}, validator=validator)
    assert staged_path(place.staging, master.digest).read_bytes() == b"1.tif" * 1000
    assert place.write({"masters/0001.tif": master}).head == 1


def test_a_file_received_again_while_it_is_being_written_stays_staged_for_whom_it_was_received(place: Place) -> None:
    master = place.picture("1.tif")

    def validator(_: Path, __: Mapping[Path, str]) -> Iterable[Finding]:
        place.picture("1.tif")
        return ()

    place.write({"masters/0001.tif": master}, validator=validator)
    assert staged_path(place.staging, master.digest).is_file()


_SEGMENTS = st.one_of(
    st.sampled_from(["masters", "Masters", "by-digest", "BY-DIGEST", "v1", "con", ".hidden", "a.TIF"]),
    st.sampled_from(["صفحة", "ورقة ١", "é", "e\u0301"]),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0"), min_size=1, max_size=40),
    st.text("ابجدهوز0123456789-", min_size=1, max_size=120),
).filter(lambda segment: segment not in {".", ".."})
_PATHS = st.lists(_SEGMENTS, min_size=1, max_size=4).map("/".join)


def test_the_last_right_copy_of_an_inventory_does_not_give_way_to_the_next_version(place: Place) -> None:
    written = place.write({"a": b"1"})
    (written.path / "v1" / "inventory.json").write_bytes(b"{}")
    before = place.files("storage")
    with pytest.raises(Damaged) as refused:
        place.write({"a": b"2"})
    assert refused.value.code == "INVENTORY_ALTERED"
    assert place.files("storage") == before


_PUTS = st.dictionaries(_PATHS, st.binary(max_size=3), max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(_PUTS, st.lists(_PATHS, max_size=2)), min_size=1, max_size=4),
    object_id=st.one_of(st.just("urn:khizana:demo:ms-1:images"), _PATHS.map(lambda path: f"urn:x:{quote(path)}")),
)
def test_what_the_writer_writes_the_validators_accept(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[dict[str, bytes], list[str]]], object_id: str
) -> None:
    place = Place.made(tmp_path_factory.mktemp("law"))
    wanted: dict[str, bytes] = {}
    for put, remove in changes:
        try:
            written = place.write(put, remove=remove, object_id=object_id)
        except BadInput as error:
            assert error.code == "LOGICAL_PATH_CONFLICT"  # noqa: PT017 - the only reason there may be
            continue
        wanted = {path: content for path, content in wanted.items() if path not in remove} | put
        stored = read_object(written.path)
        assert {path: stored.read_bytes(path) for path in stored.state()} == wanted
        assert stored.id == ObjectId(object_id)
    assert faults(place.storage) == []
    assert place.files("work") == {}


@given(_PATHS)
def test_any_other_path_is_a_logical_path(path: str) -> None:
    check_logical_path(path)


def no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "a file has one name here")


def test_where_a_file_can_have_one_name_only_it_stays_staged_until_the_version_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    master = place.picture("1.tif")

    def validator(path: Path, read: Mapping[Path, str]) -> Iterable[Finding]:
        assert master.path.is_file()
        return validated(path, read)

    place.write({"masters/0001.tif": master}, validator=validator)
    assert place.files("staging") == place.files("work") == {}
    assert faults(place.storage) == []


@pytest.mark.parametrize("left", ["nothing", "a folder without files"])
def test_a_version_that_a_power_cut_took_as_it_was_named_is_undone(
    place: Place, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    # What a file system without a journal may leave of a folder that was being renamed.
    monkeypatch.setattr(os, "link", no_links)
    master = place.picture("1.tif")

    def cut(transaction: Transaction) -> None:
        shutil.rmtree(transaction.built)
        if left != "nothing":
            transaction.target.mkdir(parents=True)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "forward", cut)
        with pytest.raises(KeyboardInterrupt):
            place.write({"masters/0001.tif": master})
    assert [each.completed for each in place.writer.recover()] == [False]
    assert master.path.is_file()
    assert place.write({"masters/0001.tif": master}).head == 1
    assert faults(place.storage) == []


def test_an_empty_folder_in_the_place_of_a_ready_object_makes_way(place: Place) -> None:
    master = place.picture("1.tif")

    def validator(path: Path, read: Mapping[Path, str]) -> Iterable[Finding]:
        (place.storage / object_path(OBJECT)).mkdir(parents=True)
        return validated(path, read)

    assert place.write({"masters/0001.tif": master}, validator=validator).head == 1
    assert faults(place.storage) == []
