"""Receiving files from a card into staging."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.keeping import on_disk
from khizana.core.errors import BadInput, Damaged, KhizanaError, NoSpace, NotFound, Unreadable
from khizana.core.findings import LANGUAGES
from khizana.core.preservation import card as cards
from khizana.core.preservation import staging as room
from khizana.core.preservation.staging import (
    CHUNK,
    Signature,
    discard,
    receive,
    staged,
    staged_path,
    tidy,
    untouched,
    verify,
)

PICTURE = bytes(range(256)) * 9000  # 2.2 MiB: three runs of the buffer, the last one short


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "P1.tif").write_bytes(PICTURE)
    return folder


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    return tmp_path / "staging"


def _everything(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _at_call(monkeypatch: pytest.MonkeyPatch, name: str, number: int, act: Callable[..., Any]) -> None:
    """Let the call *number* (from 1) of ``os.<name>`` be answered by *act*, which gets the real function first."""
    real, calls = getattr(os, name), iter(range(1, 10**6))

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return act(real, *args, **kwargs) if next(calls) == number else real(*args, **kwargs)

    monkeypatch.setattr(os, name, wrapped)


def _fails(code: int) -> Callable[..., Any]:
    def act(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return act


def test_a_received_file_is_named_by_its_digest_and_is_the_same_bytes(card: Path, staging: Path) -> None:
    progress: list[int] = []
    received = receive(on_disk(card / "P1.tif"), staging, on_bytes=progress.append)
    digest = hashlib.sha512(PICTURE).hexdigest()
    assert received.path == staging / digest[:2] / digest
    assert received.path.read_bytes() == PICTURE
    assert (received.digest, received.size) == (digest, len(PICTURE))
    assert sum(progress) == len(PICTURE)
    assert max(progress) <= CHUNK
    assert _everything(staging) == [received.path]
    assert received.signature == Signature.of(received.path.stat())


def test_the_source_is_read_once_and_the_copy_read_back_once(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: dict[int, int] = {}
    real = os.readv

    def counted(handle: int, buffers: list[memoryview]) -> int:
        length = real(handle, buffers)
        inode = os.fstat(handle).st_ino
        read[inode] = read.get(inode, 0) + length
        return length

    monkeypatch.setattr(os, "readv", counted)
    received = receive(on_disk(card / "P1.tif"), staging)
    assert read == {
        (card / "P1.tif").stat().st_ino: len(PICTURE),
        received.path.stat().st_ino: len(PICTURE),
    }


def test_the_copy_is_flushed_before_it_is_read_back_and_named(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("fsync", "posix_fadvise", "rename", "replace"):
        real = getattr(os, name)

        def noted(*args: Any, _name: str = name, _real: Callable[..., Any] = real) -> Any:
            is_folder = _name == "fsync" and os.path.isdir(f"/proc/self/fd/{args[0]}")  # noqa: PTH112 - a handle
            drops = _name == "posix_fadvise" and args[3] == os.POSIX_FADV_DONTNEED
            calls.append("fsync folder" if is_folder else "drop" if drops else _name)
            return _real(*args)

        monkeypatch.setattr(os, name, noted)
    receive(on_disk(card / "P1.tif"), staging)
    steps = [call for call in calls if call in {"fsync", "drop", "replace"}]
    assert steps == ["fsync", "drop", "replace"]
    assert calls[-2:] == ["fsync folder", "fsync folder"]


def test_the_card_is_not_altered(card: Path, staging: Path) -> None:
    os.utime(card / "P1.tif", ns=(1_000_000_000, 2_000_000_000))
    before = (card / "P1.tif").stat()
    receive(on_disk(card / "P1.tif"), staging)
    after = (card / "P1.tif").stat()
    assert (after.st_atime_ns, after.st_mtime_ns, after.st_ctime_ns, after.st_mode) == (
        before.st_atime_ns,
        before.st_mtime_ns,
        before.st_ctime_ns,
        before.st_mode,
    )


def test_the_same_file_twice_is_kept_once_and_the_first_copy_stays(card: Path, staging: Path) -> None:
    (card / "P2.tif").write_bytes(PICTURE)
    first = receive(on_disk(card / "P1.tif"), staging)
    second = receive(on_disk(card / "P2.tif"), staging)
    assert second == first
    assert _everything(staging) == [first.path]


def test_a_staged_file_that_rotted_is_replaced_by_the_good_copy(card: Path, staging: Path) -> None:
    first = receive(on_disk(card / "P1.tif"), staging)
    first.path.write_bytes(b"rot" + PICTURE[3:])
    second = receive(on_disk(card / "P1.tif"), staging)
    assert second.path == first.path
    assert second.path.read_bytes() == PICTURE


def test_a_file_that_grows_while_it_is_read_is_refused(card: Path, staging: Path) -> None:
    def grow(_: int) -> None:
        with (card / "P1.tif").open("ab") as file:
            file.write(b"more")

    with pytest.raises(BadInput) as caught:
        receive(on_disk(card / "P1.tif"), staging, on_bytes=grow)
    assert caught.value.code == "SOURCE_CHANGED"
    assert _everything(staging) == []


def test_a_file_that_is_rewritten_while_it_is_read_is_refused(card: Path, staging: Path) -> None:
    def rewrite(_: int) -> None:
        with (card / "P1.tif").open("r+b") as file:
            file.write(b"new")
        os.utime(card / "P1.tif", ns=(0, 5_000_000_000))

    with pytest.raises(BadInput) as caught:
        receive(on_disk(card / "P1.tif"), staging, on_bytes=rewrite)
    assert caught.value.code == "SOURCE_CHANGED"


def test_a_file_that_shrinks_while_it_is_read_is_refused(card: Path, staging: Path) -> None:
    with pytest.raises(BadInput) as caught:
        receive(on_disk(card / "P1.tif"), staging, on_bytes=lambda _: os.truncate(card / "P1.tif", CHUNK))
    assert caught.value.code == "SOURCE_CHANGED"


def test_an_empty_file_is_refused(card: Path, staging: Path) -> None:
    (card / "empty.tif").touch()
    with pytest.raises(BadInput) as caught:
        receive(on_disk(card / "empty.tif"), staging)
    assert caught.value.code == "SOURCE_EMPTY"
    assert _everything(staging) == []


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _make_link(path: Path) -> None:
    path.symlink_to("P1.tif")


def _make_dangling(path: Path) -> None:
    path.symlink_to("nothing")


@pytest.mark.parametrize("make", [Path.mkdir, _make_pipe, _make_link, _make_dangling])
def test_what_is_not_a_plain_file_is_refused_without_waiting(
    card: Path, staging: Path, make: Callable[[Path], None]
) -> None:
    make(card / "thing.tif")
    with pytest.raises(BadInput) as caught:
        receive(on_disk(card / "thing.tif"), staging)
    assert caught.value.code == "SOURCE_NOT_A_FILE"


def test_a_device_is_refused(staging: Path) -> None:
    with pytest.raises(BadInput):
        receive(on_disk(Path("/dev/zero")), staging)


def test_a_pipe_put_in_the_place_of_a_file_at_the_last_moment_is_refused(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regular = (card / "P1.tif").lstat()
    (card / "P1.tif").unlink()
    os.mkfifo(card / "P1.tif")
    monkeypatch.setattr(Path, "lstat", lambda _: regular)
    with pytest.raises(BadInput) as caught:
        receive(on_disk(card / "P1.tif"), staging)
    assert caught.value.code == "SOURCE_NOT_A_FILE"


def test_a_missing_file_is_not_found(card: Path, staging: Path) -> None:
    with pytest.raises(NotFound):
        receive(on_disk(card / "P9.tif"), staging)


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ENODEV])
def test_a_card_that_cannot_be_opened_is_unreadable(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(cards, "_open_untouched", _fails(code))
    with pytest.raises(Unreadable) as caught:
        receive(on_disk(card / "P1.tif"), staging)
    assert caught.value.code == "SOURCE_UNREADABLE"


def test_a_card_that_fails_in_the_middle_is_unreadable_and_leaves_nothing(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _at_call(monkeypatch, "readv", 2, _fails(errno.EIO))
    with pytest.raises(Unreadable) as caught:
        receive(on_disk(card / "P1.tif"), staging)
    assert caught.value.code == "SOURCE_UNREADABLE"
    assert _everything(staging) == []


def test_a_reader_who_does_not_own_the_card_can_read_it(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(real: Callable[..., int], path: Path, flags: int, *rest: int) -> int:
        if flags & os.O_NOATIME:
            raise PermissionError(errno.EPERM, "only the owner")
        return real(path, flags, *rest)

    _at_call(monkeypatch, "open", 1, refuse)
    assert receive(on_disk(card / "P1.tif"), staging).path.read_bytes() == PICTURE


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("at", [("mkdir", 1), ("mkdir", 3), ("open", 4), ("write", 2), ("fsync", 3), ("replace", 1)])
def test_a_full_disk_leaves_nothing_half_written(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch, code: int, at: tuple[str, int]
) -> None:
    _at_call(monkeypatch, *at, _fails(code))
    with pytest.raises(NoSpace) as caught:
        receive(on_disk(card / "P1.tif"), staging)
    assert caught.value.code == "DISK_FULL"
    assert _everything(staging) == []


def test_short_writes_are_taken_up_where_they_stopped(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _at_call(monkeypatch, "write", 1, lambda real, handle, content: real(handle, content[:1000]))
    assert receive(on_disk(card / "P1.tif"), staging).path.read_bytes() == PICTURE


def test_a_disk_that_gives_back_other_bytes_is_found_out(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flip(real: Callable[..., int], handle: int, content: memoryview) -> int:
        return real(handle, bytes([content[0] ^ 1]) + bytes(content[1:]))

    _at_call(monkeypatch, "write", 2, flip)
    with pytest.raises(Damaged) as caught:
        receive(on_disk(card / "P1.tif"), staging)
    assert caught.value.code == "READ_BACK_DIFFERS"
    assert _everything(staging) == []


def test_an_interrupt_leaves_nothing_half_received(card: Path, staging: Path) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        receive(on_disk(card / "P1.tif"), staging, on_bytes=interrupt)
    assert _everything(staging) == []


def test_what_a_killed_process_left_is_tidied_and_what_another_is_receiving_is_not(card: Path, staging: Path) -> None:
    (staging / "receiving").mkdir(parents=True)
    (staging / "receiving" / "4711-0").write_bytes(b"half")
    removed: list[int] = []
    received = receive(on_disk(card / "P1.tif"), staging, on_bytes=lambda _: removed.append(tidy(staging)))
    assert removed == [1, 0, 0]
    assert received.path.read_bytes() == PICTURE
    assert tidy(staging) == 0


def test_a_name_left_by_a_killed_process_of_our_number_is_not_reused(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (staging / "receiving").mkdir(parents=True)
    left = staging / "receiving" / f"{os.getpid()}-7"
    left.write_bytes(b"half")
    monkeypatch.setattr(room, "_numbers", iter([7, 8]))
    receive(on_disk(card / "P1.tif"), staging)
    assert left.read_bytes() == b"half"


def test_a_file_left_in_staging_is_found_again_without_a_signature(card: Path, staging: Path) -> None:
    received = receive(on_disk(card / "P1.tif"), staging)
    again = staged(staging, received.digest)
    assert again is not None
    assert (again.digest, again.size, again.path, again.signature) == (
        received.digest,
        received.size,
        received.path,
        None,
    )
    assert not untouched(again)
    assert verify(again) == received
    discard(again)
    assert staged(staging, received.digest) is None
    discard(again)


def test_verifying_finds_a_staged_file_that_was_altered_or_is_gone(card: Path, staging: Path) -> None:
    received = receive(on_disk(card / "P1.tif"), staging)
    received.path.write_bytes(PICTURE[:-1] + b"x")
    with pytest.raises(Damaged):
        verify(received)
    received.path.unlink()
    with pytest.raises(NotFound):
        verify(received)


def test_a_touched_file_is_read_again_and_an_untouched_one_is_not(
    card: Path, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = receive(on_disk(card / "P1.tif"), staging)
    with monkeypatch.context() as patch:
        patch.setattr(room, "_read_back", _fails(errno.EIO))
        assert verify(received) is received
    os.utime(received.path, ns=(0, 0))
    assert not untouched(received)
    assert verify(received).signature == Signature.of(received.path.stat())


def test_names_of_undecodable_bytes_and_line_ends_are_received_and_told_in_one_line(
    tmp_path: Path, staging: Path
) -> None:
    folder = os.fsencode(tmp_path / "card")
    os.mkdir(folder)  # noqa: PTH102 - bytes
    name = folder + b"/\xff\n" + b"x" * 240
    with open(name, "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"page")
    path = Path(os.fsdecode(name))
    assert receive(on_disk(path), staging).size == 4
    path.write_bytes(b"")
    with pytest.raises(KhizanaError) as caught:
        receive(on_disk(path), staging)
    for language in LANGUAGES:
        assert "\n" not in caught.value.sentence(language)
        caught.value.sentence(language).encode()


def test_the_place_in_staging_is_two_characters_and_the_digest(tmp_path: Path) -> None:
    digest = hashlib.sha512(b"x").hexdigest()
    assert staged_path(tmp_path, room.Digest(digest)) == tmp_path / digest[:2] / digest
