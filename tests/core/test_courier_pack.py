"""Packs: what is packed comes out as it went in, cut and gathered, from the versions that are lacking on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from data.couriers import packed_objects, received, sender
from data.memory_store import MemoryStore
from data.replicated import put_object, some_object
from khizana.core.errors import Damaged, KhizanaError, NotFound
from khizana.core.preservation.courier import pieces as cutting
from khizana.core.preservation.courier.lines import LedgerPiece, PackedObject, object_line, pack_line
from khizana.core.preservation.courier.pieces import PIECE, SMALL
from khizana.core.preservation.courier.places import begun_name, pack_name
from khizana.core.preservation.courier.signed import fetch
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.courier.view import PackView

FAT32 = (1 << 32) - 1  # bytes of the largest file there


def kinds(done: list[TakenIn | KhizanaError]) -> list[str]:
    return [each.kind if isinstance(each, TakenIn) else each.code for each in done]


def test_what_is_packed_is_taken_in_byte_for_byte(tmp_path: Path) -> None:
    place, courier, other = sender(tmp_path / "place"), MemoryStore(), MemoryStore()
    knowns = [some_object(place.here, f"o{number}", random.Random(number)) for number in range(20)]
    header = place.pack(courier, [(known, 0) for known in knowns], tmp_path / "list")
    assert kinds(received(courier, header, other, tmp_path / "in")) == ["new"] * 20
    assert other.files == place.here.files
    assert kinds(received(courier, header, other, tmp_path / "in")) == ["had"] * 20
    assert {name.partition("/")[0] for name in courier.files} == {"packs", "pieces"}
    assert all(name.isascii() and name == name.lower() for name in courier.files)


def test_no_file_on_the_courier_is_larger_than_a_piece(tmp_path: Path) -> None:
    place, courier, other = sender(tmp_path / "place"), MemoryStore(), MemoryStore()
    piece = 100_000
    chance = random.Random(1)
    sizes = [piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 17, SMALL, SMALL - 1, 0, 1]
    files = {f"masters/{size}.tif": chance.randbytes(size) for size in sizes}
    known = put_object(place.here, "large", [files])
    header = place.pack(courier, [(known, 0)], tmp_path / "list", piece=piece)
    pieces = {name: len(content) for name, content in courier.files.items() if name.startswith("pieces/")}
    # Bundles hold small files only and are far smaller than any piece of the true size.
    assert sorted(size for name, size in pieces.items() if "." in name) == [1, 17, *[piece] * 6]
    assert max(pieces.values()) <= cutting.BUNDLE
    assert kinds(received(courier, header, other, tmp_path / "in")) == ["new"]
    assert other.files == place.here.files
    assert PIECE < FAT32
    assert cutting.BUNDLE < FAT32


def test_small_files_are_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, courier, other = sender(tmp_path / "place"), MemoryStore(), MemoryStore()
    known = put_object(place.here, "many", [{f"masters/{number}.tif": b"%d" % number * 100 for number in range(500)}])
    monkeypatch.setattr(cutting, "BUNDLE", 20_000)
    header = place.pack(courier, [(known, 0)], tmp_path / "list")
    assert 2 < len([name for name in courier.files if name.startswith("pieces/")]) < 15
    assert kinds(received(courier, header, other, tmp_path / "in")) == ["new"]
    assert other.files == place.here.files


def test_only_the_versions_after_the_base_are_carried(tmp_path: Path) -> None:
    place, courier, other = sender(tmp_path / "place"), MemoryStore(), MemoryStore()
    master = random.Random(2).randbytes(SMALL)
    first = put_object(place.here, "one", [{"masters/1.tif": master}])
    other.files.update(place.here.files)
    known = put_object(place.here, "one", [{"masters/1.tif": master}, {"structure.json": b"2"}])
    assert known.versions[1] == first.versions[1]
    header = place.pack(courier, [(known, 1)], tmp_path / "list")
    assert not any(master in content for content in courier.files.values())
    assert kinds(received(courier, header, other, tmp_path / "in")) == ["extended"]
    assert other.files == place.here.files


def test_packs_share_pieces_and_what_lies_there_is_not_written_again(tmp_path: Path) -> None:
    place, courier = sender(tmp_path / "place"), MemoryStore()
    known = some_object(place.here, "one", random.Random(3))
    place.pack(courier, [(known, 0)], tmp_path / "list")
    before = dict(courier.files)
    header = place.header(2)
    place.pack(courier, [(known, 0)], tmp_path / "list", header=header)
    assert courier.files.keys() - before.keys() == {pack_name(header.pack), begun_name(header.pack)}


def test_a_piece_that_is_wrong_on_the_courier_is_set_aside_and_written_again(tmp_path: Path) -> None:
    place, courier, other = sender(tmp_path / "place"), MemoryStore(), MemoryStore()
    known = put_object(place.here, "one", [{"masters/1.tif": b"1" * SMALL}])
    place.pack(courier, [(known, 0)], tmp_path / "list")
    name = next(name for name, content in courier.files.items() if content == b"1" * SMALL)
    courier.files[name] = b"2" * SMALL
    header = place.header(2)
    place.pack(courier, [(known, 0)], tmp_path / "list", header=header)
    assert kinds(received(courier, header, other, tmp_path / "in")) == ["new"]
    assert courier.files[f"aside/stamp/{name}"] == b"2" * SMALL


def test_nothing_damaged_here_gets_a_name_on_the_courier(tmp_path: Path) -> None:
    place, courier = sender(tmp_path / "place"), MemoryStore()
    known = put_object(place.here, "one", [{"masters/1.tif": b"1" * SMALL, "structure.json": b"x"}])
    name = next(name for name, content in place.here.files.items() if content == b"1" * SMALL)
    place.here.files[name] = b"1" * (SMALL - 1) + b"2"
    for piece in (PIECE, SMALL - 1):
        with pytest.raises(Damaged) as told:
            place.pack(courier, [(known, 0)], tmp_path / "list", piece=piece)
        assert told.value.code == "ORIGIN_ALTERED"
    del place.here.files[name]
    with pytest.raises(NotFound) as absent:
        place.pack(courier, [(known, 0)], tmp_path / "list")
    assert absent.value.code == "ORIGIN_MISSING"
    assert not any(name.endswith(".jsonl") for name in courier.files)
    # Of a file in one piece nothing is left; parts of one that was cut have no list that names them.
    assert not any(content.endswith(b"12") and len(content) == SMALL for content in courier.files.values())


@pytest.mark.parametrize("piece", [PIECE, 70_000])
def test_a_damaged_piece_takes_only_its_object_with_it(tmp_path: Path, piece: int) -> None:
    place = sender(tmp_path / "place")
    large = random.Random(4).randbytes(SMALL * 3)
    knowns = [
        put_object(place.here, name, [{"masters/1.tif": content, "structure.json": b"%d" % number}])
        for number, (name, content) in enumerate({"a": large, "b": b"b" * SMALL, "c": b"c" * SMALL}.items())
    ]
    good = MemoryStore()
    header = place.pack(good, [(known, 0) for known in knowns], tmp_path / "list", piece=piece)
    of_one = {name for name, content in good.files.items() if name.startswith("pieces/") and content in large}
    assert len(of_one) == (1 if piece == PIECE else 3)
    for name in of_one:
        for code in ("COURIER_PIECE_ALTERED", "COURIER_PIECE_MISSING", "COURIER_PIECE_UNREADABLE"):
            courier, other = MemoryStore(dict(good.files)), MemoryStore()
            if code.endswith("ALTERED"):
                courier.files[name] = b"\0" + courier.files[name][1:]
            elif code.endswith("MISSING"):
                del courier.files[name]
            else:
                courier.unreadable.add(name)
            assert kinds(received(courier, header, other, tmp_path / "in")) == [code, "new", "new"]
            assert not any(content == large or content[:1] == b"\0" for content in other.files.values())
            assert kinds(received(good, header, other, tmp_path / "in")) == ["new", "had", "had"]
            assert other.files == place.here.files


def test_a_view_of_a_pack_cannot_be_written(tmp_path: Path) -> None:
    place, courier = sender(tmp_path / "place"), MemoryStore()
    known = some_object(place.here, "one", random.Random(5))
    header = place.pack(courier, [(known, 0)], tmp_path / "list")
    view = PackView(courier, packed_objects(fetch(courier, pack_name(header.pack), tmp_path / "in"))[0])
    for write in (
        lambda: view.put("x", [b""], size=0),
        lambda: view.replace("x", b""),
        lambda: view.set_aside("x", "y"),
    ):
        with pytest.raises(KhizanaError):
            write()
    with pytest.raises(NotFound):
        list(view.read(known.prefix + "v9/inventory.json"))
    with view.held():
        assert next(view.names("elsewhere/"), None) is None


def test_the_ledger_goes_with_the_pack_from_where_it_was_known(tmp_path: Path) -> None:
    place, courier = sender(tmp_path / "place", 3, 4), MemoryStore()
    header = place.pack(courier, [], tmp_path / "list", header=place.header(begins=4))
    signed = fetch(courier, pack_name(header.pack), tmp_path / "in")
    brought = [each for line in signed.lines() if isinstance(each := pack_line(line, "x"), LedgerPiece)]
    assert b"".join(place.kept.lines()[4:]) == b"".join(
        courier.files[f"pieces/{each.digest[:2]}/{each.digest}"] for each in brought
    )


@pytest.mark.parametrize("path", ["../v1/a", "/v1/a", "v1//a", "v1/./a", "", "a\0b", 7])
def test_a_name_that_leads_out_of_an_adopted_object_is_refused(path: object) -> None:
    line = {"adopted": "urn:other:one", "version": 1, "list": "a" * 128, "files": [[path, 1, "b" * 128]]}
    with pytest.raises(Damaged):
        pack_line(line, "pack")
    good = pack_line(line | {"files": [["inventory.json", 1, "b" * 128]]}, "pack")
    assert isinstance(good, PackedObject)
    assert object_line(good) == line | {"files": [["inventory.json", 1, "b" * 128]]}
    for other in ({"version": 0}, {"list": "x"}, {"adopted": ""}):
        with pytest.raises(Damaged):
            pack_line(line | {"files": []} | other, "pack")
