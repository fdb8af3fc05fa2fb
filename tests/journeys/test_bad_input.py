"""What a tired volunteer or a hostile stranger may give: one sentence, the right status, and the good files taken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import time
import unicodedata
import zlib
from pathlib import Path

import pytest

from data.cards import card, photograph
from data.commands import KHIZANA, Library, command_environment, khizana, new_library, served
from data.tight import tight_file_system


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path / "library")


def sentences(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def small_bomb(path: Path, side: int = 50_000) -> Path:
    """Write a valid PNG of side x side black pixels in about 300 kB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    line = b"\0" * (side // 8 + 1)
    pixels = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    return path


def test_bad_files_are_named_and_the_good_ones_of_the_folder_are_taken(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    (folder / "empty.jpg").touch()
    (folder / "letter.tif").write_bytes(b"%PDF-1.7\nnot an image")
    (folder / "cut.jpg").write_bytes((folder / "0001_1r.jpg").read_bytes()[:20_000])
    small_bomb(folder / "bomb.png")
    os.mkfifo(folder / "pipe.jpg")
    said = library.json("add", folder, "--shelfmark", "TB 1", status=1)
    assert (said["pages"], said["published"]) == (3, False)
    refused = {each["subject"] for each in said["findings"] if each["severity"] == "error"}
    assert refused == {"empty.jpg", "letter.tif", "cut.jpg", "bomb.png", "pipe.jpg"}
    assert all(each["sentence"].count("\n") == 0 and each["sentence"][-1] in ".)" for each in said["findings"])
    assert library.run("verify").returncode == 0


def test_mended_files_are_added_by_the_same_command(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    (folder / "0004_2v.jpg").touch()
    assert library.json("add", folder, "--shelfmark", "TB 1", status=1)["pages"] == 3
    photograph(folder / "0004_2v.jpg", 99)
    said = library.json("add", folder, "--shelfmark", "TB 1")
    assert (said["pages"], said["new_pages"], said["published"]) == (4, 1, True)
    assert library.run("order", "TB 1").stdout.splitlines()[4].startswith("masters/0004.jpg,2v,")


def test_odd_names_of_files_are_all_taken(tmp_path: Path, library: Library) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    names = [
        b"\xff\xfe not utf-8 \xe9.jpg",
        b"n" * 251 + b".jpg",
        b"line\nend.jpg",
        b"a..jpg.jpg",
        b"Case.jpg",
        b"case.jpg",
        unicodedata.normalize("NFC", "éé.jpg").encode(),
        unicodedata.normalize("NFD", "éé.jpg").encode(),
        "ورقة ١٢.jpg".encode(),
        b"-rf.jpg",
        b"{braces} %s.jpg",
    ]
    for number, name in enumerate(names):
        made = photograph(tmp_path / "one.jpg", number)
        made.rename(folder / os.fsdecode(name))
    said = library.json("add", folder, "--shelfmark", "TB 1")
    assert said["pages"] == len(names)
    kept = sorted(path.name for path in (library.root / "storage").rglob("masters/*"))
    assert kept == [f"{number:04d}.jpg" for number in range(1, len(names) + 1)]
    with served(library) as here:
        manifest = json.loads(here.get("/iiif/manifest/tb-1")[2])
        assert len({canvas["id"] for canvas in manifest["items"]}) == len(names)


def test_the_same_file_twice_is_taken_once_and_said(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    shutil.copyfile(folder / "0001_1r.jpg", folder / "0009_5r.jpg")
    said = library.json("add", folder, "--shelfmark", "TB 1")
    assert said["pages"] == 3
    assert [(each["code"], each["subject"]) for each in said["findings"]] == [("SAME_BYTES", "0009_5r.jpg")]


def test_the_same_shelfmark_with_other_photographs_is_refused(tmp_path: Path, library: Library) -> None:
    library.run("add", card(tmp_path / "one"), "--shelfmark", "TB 1")
    other = card(tmp_path / "two", seed=50)
    before = {path for path in library.root.rglob("*") if path.is_file()}
    done = library.run("add", other, "--shelfmark", "TB 1", status=4)
    assert len(sentences(done.stderr)) == 1
    assert "--more" in done.stderr
    done = library.run("receive", other, "--shelfmark", "TB 1", status=4)
    assert "--more" in done.stderr
    done = library.run("add", other, "--shelfmark", "tb-1", status=4)
    assert "TB 1" in done.stderr
    # Nothing of the refused card was copied: staging does not grow with what nobody will ask for again.
    assert {path for path in library.root.rglob("*") if path.is_file()} - before <= {
        library.root / "khizana.sqlite3-shm",
        library.root / "khizana.sqlite3-wal",
    }
    assert library.json("status")["pages"] == 3
    library.run("add", other, "--shelfmark", "TB 1", "--more")
    assert library.json("status")["pages"] == 6


def test_a_card_with_one_photograph_of_the_manuscript_is_its_own(tmp_path: Path, library: Library) -> None:
    library.run("add", card(tmp_path / "one"), "--shelfmark", "TB 1")
    other = card(tmp_path / "two", ("0004_2v.jpg", "0005_3r.jpg"), seed=50)
    shutil.copyfile(tmp_path / "one" / "0002_1v.jpg", other / "9999.jpg")
    (other / "0000.jpg").touch()
    assert library.json("add", other, "--shelfmark", "TB 1", status=1)["new_pages"] == 2
    assert library.json("status")["staged"] == 0


def test_further_pages_are_received_where_that_is_said(tmp_path: Path, library: Library) -> None:
    library.run("add", card(tmp_path / "one"), "--shelfmark", "TB 1")
    other = card(tmp_path / "two", seed=50)
    library.run("receive", other, "--shelfmark", "TB 1", "--more")
    library.run("accession", "--shelfmark", "TB 1", status=4)
    assert library.json("status")["staged"] == 3  # the card may be gone by now: they are kept until they are taken
    library.run("accession", "--shelfmark", "TB 1", "--more")
    status = library.json("status")
    assert (status["pages"], status["staged"]) == (6, 0)


def test_the_same_command_again_changes_nothing(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    library.run("add", folder, "--shelfmark", "TB 1")
    before = {path: path.stat().st_mtime_ns for path in (library.root / "storage").rglob("*")}
    assert library.json("add", folder, "--shelfmark", "TB 1")["new_pages"] == 0
    assert {path: path.stat().st_mtime_ns for path in (library.root / "storage").rglob("*")} == before


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("file,label\n/etc/passwd,1r\n", "/etc/passwd"),
        ("file,label\n../secret.jpg,1r\n", "../secret.jpg"),
        ("file,label\n0001_1r.jpg,1r\n0001_1r.jpg,1v\n", "line 3"),
        ("file,label\n0001_1r.jpg,1r\n", "0002_1v.jpg"),
        ("nothing,of use\n", "headings"),
        ("", "headings"),
        ('file,label\n"unclosed,1r\n', "unclosed"),
    ],
)
def test_a_page_list_that_does_not_fit_is_refused_with_its_place(
    tmp_path: Path, library: Library, rows: str, words: str
) -> None:
    folder = card(tmp_path / "card")
    (folder / "pages.csv").write_text(rows)
    done = library.run("add", folder, "--shelfmark", "TB 1", status=2)
    assert words in done.stderr
    assert len(sentences(done.stderr)) == 1
    assert library.json("status")["staged"] == 0


def test_a_page_list_that_is_not_utf8_says_the_line(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    (folder / "pages.csv").write_bytes("file,label\n0001_1r.jpg,été\n".encode("latin-1"))
    assert "line 2" in library.run("add", folder, "--shelfmark", "TB 1", status=2).stderr


def test_a_missing_or_empty_folder_is_one_sentence(tmp_path: Path, library: Library) -> None:
    done = library.run("add", tmp_path / "none", "--shelfmark", "TB 1", status=3)
    assert len(sentences(done.stderr)) == 1
    (tmp_path / "empty").mkdir()
    library.run("add", tmp_path / "empty", "--shelfmark", "TB 1", status=1)
    library.run("add", tmp_path / "empty", "--shelfmark", "...", status=2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_card_is_one_sentence(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    folder.chmod(0)
    try:
        library.run("add", folder, "--shelfmark", "TB 1", status=5)
    finally:
        folder.chmod(0o755)


def test_no_library_and_no_choice_of_one_are_one_sentence_each(tmp_path: Path) -> None:
    done = khizana("status")
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1)
    done = khizana("status", "--library", tmp_path)
    assert (done.returncode, len(sentences(done.stderr))) == (3, 1)


def test_a_locked_database_is_said_and_the_same_command_completes(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    lock = sqlite3.connect(library.root / "khizana.sqlite3", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        done = library.run("add", folder, "--shelfmark", "TB 1", status=7)
        assert len(sentences(done.stderr)) == 1
    finally:
        lock.rollback()
        lock.close()
    library.run("add", folder, "--shelfmark", "TB 1")
    assert library.json("status")["pages"] == 3


def test_a_port_in_use_is_said_with_another_to_take(library: Library) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = library.run("serve", "--port", port, status=7)
    assert str(port + 1) in done.stderr
    assert len(sentences(done.stderr)) == 1


def test_a_damaged_database_is_said_and_rebuilt(tmp_path: Path, library: Library) -> None:
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    for path in library.root.glob("khizana.sqlite3-*"):
        path.unlink()
    (library.root / "khizana.sqlite3").write_bytes(b"not a database at all " * 500)
    done = library.run("status", status=5)
    assert len(sentences(done.stderr)) == 1
    assert "rebuild" in done.stderr
    assert f"move {library.root / 'khizana.sqlite3'} aside" in done.stderr
    (library.root / "khizana.sqlite3").unlink()
    library.run("rebuild")
    assert library.json("status")["pages"] == 3


def test_a_full_disk_at_any_step_loses_nothing_and_the_command_goes_on(tmp_path: Path) -> None:
    with tight_file_system(tmp_path / "disk", megabytes=40) as disk:
        library = new_library(disk / "library")
        folder = card(tmp_path / "card", [f"{n}.jpg" for n in range(4)])
        ballast = disk / "ballast"
        stopped = 0
        for free in range(0, 3000, 250):
            ballast.unlink(missing_ok=True)
            room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            with ballast.open("wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, max(1, room - free * 1024))
            done = library.run("add", folder, "--shelfmark", "TB 1", status=None)
            assert done.returncode in (0, 6), done.stderr
            assert len(sentences(done.stderr)) == (done.returncode == 6), done.stderr
            stopped += done.returncode == 6
        ballast.unlink()
        assert stopped >= 3
        library.run("add", folder, "--shelfmark", "TB 1")
        assert library.json("status")["pages"] == 4
        assert library.run("verify").returncode == 0
        assert library.json("status")["staged"] == 0


def test_every_verb_shows_an_example_and_its_exit_statuses_in_three_languages() -> None:
    verbs = ["init", "add", "receive", "accession", "publish", "order", "serve", "demo", "verify", "status", "doctor"]
    for language, heading in (("en", "Exit statuses"), ("fr", "sortie"), ("ar", "رموز الانتهاء")):
        for verb in (*verbs, "rebuild", "account"):
            done = khizana(verb, "--help", KHIZANA_LANGUAGE=language)
            assert done.returncode == 0
            assert f"khizana {verb}" in done.stdout
            assert heading in done.stdout, done.stdout


def test_ctrl_c_leaves_nothing_half_done_and_says_so(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card", [f"{n}.jpg" for n in range(12)])
    process = subprocess.Popen(
        [*KHIZANA, "add", str(folder), "--shelfmark", "TB 1"],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    for _ in range(600):
        if any((library.root / "staging").glob("*.journal")):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, len(sentences(said))) in ((130, 1), (0, 0)), said
    assert "Traceback" not in said
    library.run("add", folder, "--shelfmark", "TB 1")
    assert library.json("status")["pages"] == 12


def test_two_commands_for_one_shelfmark_leave_nothing_behind(tmp_path: Path, library: Library) -> None:
    folder = card(tmp_path / "card")
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    both = [
        subprocess.Popen(
            [*KHIZANA, "add", str(folder), "--shelfmark", shelfmark],
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for shelfmark in ("TB 1", "tb-1")
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in both]
    assert sorted(status for _, status in ended) in ([0, 0], [0, 7]), ended
    assert all(len(sentences(said)) == (status == 7) for said, status in ended), ended
    state = library.json("status")
    assert (state["manuscripts"], state["pages"], state["staged"], state["unfinished"]) == (1, 3, 0, 0)
    assert [path.name for path in (library.root / "staging").iterdir() if path.is_file()] == []


@pytest.mark.parametrize("verb", ["status", "doctor", "order"])
def test_whoever_reads_only_the_first_line_is_not_told_of_a_fault(tmp_path: Path, library: Library, verb: str) -> None:
    if verb == "order":
        library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    reading, writing = os.pipe()
    os.close(reading)
    arguments = [verb, *(["TB 1"] if verb == "order" else [])]
    done = subprocess.run(
        [*KHIZANA, *arguments],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_cannot_be_written_into_a_full_disk_is_said(library: Library) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*KHIZANA, "status"],
            env=command_environment(KHIZANA_LIBRARY=str(library.root)),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, len(sentences(done.stderr))) == (6, 1)
    assert "full at stdout" in done.stderr, "and not the library's disk"
