"""A bag in one file as a card: what is read is what lies there, and what goes wrong is told of one photograph."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from hashlib import sha512
from pathlib import Path

import pytest

from khizana.core.errors import BadInput, Unreadable
from khizana.core.preservation.bagit.card import packed_card
from khizana.core.preservation.bagit.validate_source import Form, form_of
from khizana.core.preservation.staging import CHUNK, receive
from khizana.core.structure.order import photographs

PICTURE = bytes(range(256)) * 9000  # 2.2 MiB: three runs of the buffer, the last one short
PAYLOAD = {"masters/2.tif": PICTURE, "masters/10.tif": b"ten", ".DS_Store": b"?", "masters/notes.txt": b"beside"}


def pack(path: Path, payload: Mapping[str, bytes] = PAYLOAD) -> Path:
    """Write a bag with *payload*: a zip, deflated, or a tar, as its name says."""
    files = {"bag/bagit.txt": b"BagIt-Version: 1.0\n"} | {f"bag/data/{name}": each for name, each in payload.items()}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def form(path: Path) -> Form:
    """Return the form of the bag at *path*."""
    found = form_of(path)
    assert found is not None
    return found


@pytest.fixture(params=["zip", "tar"])
def bag(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return pack(tmp_path / f"bag.{request.param}")


def test_the_photographs_of_the_payload_are_received_in_their_order(bag: Path, tmp_path: Path) -> None:
    with packed_card(bag, form(bag)) as card:
        found = photographs(card)
        assert [each.name for each in found] == ["masters/2.tif", "masters/10.tif"]
        received = [receive(each.file, tmp_path / "staging") for each in found]
        assert card.content("masters/10.tif", 2) == b"te"
        assert card.content("masters/10.tif", 100) == b"ten"
        assert card.content("pages.csv", 100) is None
    assert [each.digest for each in received] == [sha512(PICTURE).hexdigest(), sha512(b"ten").hexdigest()]
    assert received[0].path.read_bytes() == PICTURE


def test_an_order_in_the_payload_is_followed(tmp_path: Path) -> None:
    path = pack(tmp_path / "bag.zip", PAYLOAD | {"pages.csv": b"file,label\nmasters/10.tif,1r\nmasters/2.tif,1v\n"})
    with packed_card(path, Form.ZIP) as card:
        assert [(each.name, each.label) for each in photographs(card)] == [
            ("masters/10.tif", "1r"),
            ("masters/2.tif", "1v"),
        ]


def test_a_bag_that_is_written_to_meanwhile_gives_nothing(bag: Path, tmp_path: Path) -> None:
    def write(_: int) -> None:
        with bag.open("ab") as stream:
            stream.write(b"more")

    with packed_card(bag, form(bag)) as card, pytest.raises(BadInput, match="changed while"):
        receive(photographs(card)[0].file, tmp_path / "staging", on_bytes=write)
    assert [path for path in (tmp_path / "staging").rglob("*") if path.is_file()] == []


def test_a_tar_that_ends_within_a_photograph_is_unreadable(tmp_path: Path) -> None:
    bag = pack(tmp_path / "bag.tar")
    with packed_card(bag, Form.TAR) as card:
        one = photographs(card)[0]
        with bag.open("r+b") as stream:
            stream.truncate(2 * CHUNK)
        with pytest.raises(Unreadable, match=r"2\.tif"):
            receive(one.file, tmp_path / "staging")


def test_a_photograph_whose_bytes_in_a_zip_are_others_is_unreadable(tmp_path: Path) -> None:
    bag = tmp_path / "bag.zip"
    with zipfile.ZipFile(bag, "w") as archive:
        archive.writestr("bag/bagit.txt", b"")
        archive.writestr("bag/data/1.tif", PICTURE)
    raw = bytearray(bag.read_bytes())
    raw[CHUNK] ^= 1
    bag.write_bytes(raw)
    with packed_card(bag, Form.ZIP) as card, pytest.raises(Unreadable, match=r"1\.tif"):
        receive(photographs(card)[0].file, tmp_path / "staging")


def test_a_file_that_is_no_archive_any_more_is_told(tmp_path: Path) -> None:
    (tmp_path / "bag.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(Unreadable, match=r"bag\.zip"), packed_card(tmp_path / "bag.zip", Form.ZIP):
        pass
