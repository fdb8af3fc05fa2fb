"""What a disk can hold where an object should be: strangers, links, pipes, names of any bytes, unreadable files."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.ocfl_objects import TWO_VERSIONS, edit, make_object
from khizana.core.errors import BadInput, NotFound
from khizana.core.findings import LANGUAGES, Severity
from khizana.core.preservation.ocfl import validate_digests, validate_disk, validate_object, validate_sidecar
from khizana.core.preservation.ocfl.validate import examine_object, validate
from khizana.core.preservation.ocfl.validate import validate_object as findings_of

if TYPE_CHECKING:
    from collections.abc import Callable


def codes(folder: Path) -> set[str]:
    return {finding.code for finding in findings_of(folder)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_object(tmp_path / "object", versions=[*TWO_VERSIONS, {"last": b"3"}])


def write(name: str, data: bytes = b"x") -> Callable[[Path], object]:
    def act(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    return act


def remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def remove_folder(name: str) -> Callable[[Path], object]:
    def act(folder: Path) -> None:
        for path in sorted((folder / name).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        (folder / name).rmdir()

    return act


def move(name: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).rename(folder / new)


def make_folder(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).mkdir(parents=True)


def both(*acts: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda folder: [act(folder) for act in acts]


DECLARATION = "0=ocfl_object_1.1"
WRONG: list[tuple[set[str], Callable[[Path], object]]] = [
    ({"E001"}, write("stranger")),
    ({"E001"}, make_folder("strangers")),
    ({"E001"}, write("inventory.json.sha256")),
    ({"E001", "E034"}, write("Inventory.JSON")),
    ({"E001", "E082"}, write("inner/0=ocfl_object_1.1", b"ocfl_object_1.1\n")),
    ({"E002"}, both(remove(DECLARATION), make_folder(DECLARATION))),
    ({"E003"}, remove(DECLARATION)),
    ({"E003"}, write("0=ocfl_object_1.0", b"ocfl_object_1.0\n")),
    ({"E003", "E004"}, move(DECLARATION, "ocfl_object_1.1")),
    ({"E003", "E005"}, move(DECLARATION, "1=ocfl_object_1.1")),
    ({"E006"}, move(DECLARATION, "0=ocfl_object_9.9")),
    ({"E007"}, write(DECLARATION, b"ocfl_object_1.1")),
    ({"E007"}, write(DECLARATION, b"x" * 100_000)),
    ({"E009", "E046", "E092"}, remove_folder("v1")),
    ({"E010", "E046", "E092"}, remove_folder("v2")),
    ({"E046", "E092"}, remove_folder("v3")),
    ({"E008", "E046", "E092"}, both(remove_folder("v1"), remove_folder("v2"), remove_folder("v3"))),
    ({"E012", "E013", "E046", "W001"}, move("v3", "v03")),
    ({"E015"}, write("v1/stranger")),
    ({"E015"}, write("v2/inventory.json.md5")),
    ({"E015", "E034"}, write("v1/INVENTORY.json")),
    ({"E015", "W010"}, remove("v1/inventory.json")),
    ({"E023"}, write("v1/content/stranger")),
    ({"E023"}, write("v3/content/" + "é" * 100)),
    ({"E024"}, make_folder("v1/content/empty/emptier")),
    ({"E046"}, make_folder("v4/content")),
    ({"E058"}, remove("inventory.json.sha512")),
    ({"E058"}, remove("v1/inventory.json.sha512")),
    (
        {"E059", "E060"},
        both(remove("v1/inventory.json.sha512"), write("v1/inventory.json.md5", b"00 inventory.json\n")),
    ),
    ({"E060"}, write("v1/inventory.json.sha512", b"00 inventory.json\n")),
    ({"E061"}, write("v1/inventory.json.sha512", b"00inventory.json\n")),
    ({"E061"}, write("v1/inventory.json.sha512", b"x" * 100_000)),
    ({"E063"}, both(remove("inventory.json"), remove("inventory.json.sha512"))),
    ({"E063"}, both(remove("inventory.json"), make_folder("inventory.json"))),
    ({"E067"}, write("extensions/file")),
    ({"E092"}, remove("v1/content/folio-1r.txt")),
    ({"E092"}, write("v1/content/folio-1r.txt", b"first leaF")),
    ({"E092", "E023"}, move("v1/content/folio-1r.txt", "v1/content/FOLIO-1r.txt")),
    ({"W002"}, write("v1/beside/file")),
    ({"W003"}, both(remove_folder("v3/content"), make_folder("v3/content"))),
    ({"W010"}, both(remove("v1/inventory.json"), remove("v1/inventory.json.sha512"))),
    ({"W013"}, write("extensions/ours/file")),
]


@pytest.mark.parametrize(("expected", "act"), WRONG)
def test_a_wrong_tree_is_named_by_its_codes(expected: set[str], act: Callable[[Path], object], folder: Path) -> None:
    assert findings_of(folder) == ()
    act(folder)
    assert expected <= codes(folder)


def test_logs_and_registered_extensions_may_hold_anything(folder: Path) -> None:
    write("logs/2026/audit.log")(folder)
    write("extensions/0005-mutable-head/any")(folder)
    assert findings_of(folder) == ()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is bounded to a hundred bytes
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def upwards(path: Path) -> None:
    path.symlink_to("..", target_is_directory=True)


def outside(path: Path) -> None:
    path.symlink_to("/etc/hostname")


LINKS = (loop, upwards, outside)
SPECIALS = (pipe, unix_socket)
PLACES = {
    "x": "E001",
    DECLARATION: "E002",
    "inventory.json": "E063",
    "inventory.json.sha512": "E058",
    "v1/x": "E015",
    "v1/inventory.json": "E015",
    "v1/content/x": "E089",
    "v1/content/folio-1r.txt": "E089",
    "logs/x": "W012",
    "extensions/initial/x": "E089",
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("make", LINKS)
def test_a_link_is_refused_and_never_followed(make: Callable[[Path], None], name: str, folder: Path) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    assert "E090" in codes(folder)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("make", SPECIALS)
def test_a_pipe_or_socket_is_named_and_never_waited_for(make: Callable[[Path], None], name: str, folder: Path) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    assert PLACES[name] in codes(folder)


def test_a_pipe_put_in_the_place_of_a_file_after_the_listing_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(validate_disk.NotAFile):
        validate_digests.digest_file(str(tmp_path / "pipe"), ["sha512"])


def test_two_names_of_one_file_are_a_link(folder: Path) -> None:
    (folder / "v1/content/folio-1r.txt").unlink()
    os.link(folder / "v2/content/folio-1r.txt", folder / "v1/content/folio-1r.txt")
    assert {"E090", "E092"} <= codes(folder)


def test_a_second_name_outside_the_object_is_nobodys_business(folder: Path, tmp_path: Path) -> None:
    os.link(folder / "v2/content/folio-1r.txt", tmp_path / "backup")
    assert findings_of(folder) == ()


@pytest.mark.parametrize("name", [b"\xff\xfe", b"a\nb", b"\x1b[31m", b"\xc3\xa9", b"e\xcc\x81", b" ", b"x" * 255])
def test_a_file_of_any_name_is_found_and_said_in_one_line(name: bytes, folder: Path) -> None:
    for place in ("", "v1", "v1/content", "extensions"):
        (folder / place).mkdir(exist_ok=True)
        (folder / place / os.fsdecode(name)).write_bytes(b"x")
    findings = findings_of(folder)
    assert {"E001", "E015", "E023", "E067"} <= {finding.code for finding in findings}
    for finding in findings:
        for language in LANGUAGES:
            assert finding.sentence(language).isprintable()
        assert "".join(map(str, finding.facts.values())).encode()


def test_a_very_deep_folder_is_a_finding(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder / "v1" / "content")
    try:
        for _ in range(60):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
        Path("file").write_bytes(b"x")
    finally:
        os.chdir(here)
    assert codes(folder) & {"OCFL_UNREADABLE", "E024", "E023"}
    assert "E092" not in codes(folder)


def failing(monkeypatch: pytest.MonkeyPatch, wanted: str, number: int) -> None:
    """Make every opening of a file whose path ends with *wanted* fail with error *number*."""
    real_open, real_scandir = os.open, os.scandir

    def broken_open(path: str, flags: int) -> int:
        if path.endswith(wanted):
            raise OSError(number, os.strerror(number), path)
        return real_open(path, flags)

    def broken_scandir(path: str) -> object:
        if path.endswith(wanted):
            raise OSError(number, os.strerror(number), path)
        return real_scandir(path)

    monkeypatch.setattr(validate_disk.os, "open", broken_open)
    monkeypatch.setattr(validate_disk.os, "scandir", broken_scandir)


UNREADABLE = (
    "v1/content/folio-1r.txt", "/inventory.json", "/inventory.json.sha512", DECLARATION, "/v1", "/v1/content",
    "/object", "/extensions", "/logs",
)  # fmt: skip


@pytest.mark.parametrize("wanted", UNREADABLE)
@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE, errno.EMFILE])
def test_what_cannot_be_read_is_said_to_be_unreadable_never_altered(
    wanted: str, number: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("logs/log")(folder)
    write("extensions/initial/x")(folder)
    failing(monkeypatch, wanted, number)
    findings = findings_of(folder)
    assert {finding.code for finding in findings if finding.severity is Severity.ERROR} == {"OCFL_UNREADABLE"}
    assert os.strerror(number) in findings[0].sentence()


def test_a_file_that_goes_away_while_being_checked_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "v1/content/folio-1r.txt", errno.ENOENT)
    assert codes(folder) == {"E092"}


def test_a_huge_inventory_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate_object, "LARGEST_INVENTORY", 100)
    assert "OCFL_INVENTORY_TOO_LARGE" in codes(folder)


def test_content_is_checked_against_the_newest_inventory_when_the_roots_is_lost(folder: Path) -> None:
    (folder / "inventory.json").write_bytes(b"{")
    assert codes(folder) == {"E033", "E060", "E064"}
    (folder / "v1/content/folio-1r.txt").write_bytes(b"altered")
    assert "E092" in codes(folder)


def test_what_was_read_back_is_compared_and_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "v1" / "content" / "folio-1r.txt"
    digest = hashlib.sha512(file.read_bytes()).hexdigest()
    all_read = examine_object(folder)
    some_read = examine_object(folder, read_back={file: digest})
    assert (all_read.findings, some_read.findings) == ((), ())
    assert all_read.files == some_read.files
    assert all_read.bytes - some_read.bytes == file.stat().st_size
    assert [finding.code for finding in findings_of(folder, read_back={file: "ab" * 64})] == ["E092"]
    failing(monkeypatch, "folio-1r.txt", errno.EIO)
    assert "OCFL_UNREADABLE" in {finding.code for finding in findings_of(folder)}


def test_a_fixity_value_is_checked_even_of_what_was_read_back(folder: Path) -> None:
    file = folder / "v1" / "content" / "folio-1r.txt"
    edit(folder, lambda i: i.update(fixity={"md5": {"0" * 32: ["v1/content/folio-1r.txt"]}}))
    known = {file: hashlib.sha512(file.read_bytes()).hexdigest()}
    assert [finding.code for finding in findings_of(folder, read_back=known)] == ["E093"]


def test_large_files_are_read_by_threads_with_the_same_findings(tmp_path: Path) -> None:
    files = {f"{number}.bin": bytes([number]) * 1_500_000 for number in range(6)}
    folder = make_object(tmp_path / "object", versions=[files], fixity=["md5"])
    damaged = folder / "v1/content/3.bin"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    verdicts = [examine_object(folder, workers=workers) for workers in (1, 3)]
    assert verdicts[0] == verdicts[1]
    assert [finding.code for finding in verdicts[0].findings] == ["E092", "E093"]
    assert verdicts[0].bytes == 6 * 1_500_000 - 1


def test_what_is_not_there_or_no_folder_is_told_in_a_sentence(folder: Path) -> None:
    with pytest.raises(NotFound, match="nothing at"):
        findings_of(folder / "absent")
    with pytest.raises(BadInput, match="not a folder"):
        findings_of(folder / DECLARATION)
    with pytest.raises(BadInput, match="not a folder"):
        validate(Path("a\0b"))


def test_the_sidecar_of_an_unknown_algorithm_is_left_alone(folder: Path) -> None:
    entries = {"inventory.json.sha999": validate_disk.Kind.FILE}
    assert validate_sidecar.sidecars(entries, None) == {"inventory.json.sha999"}
    edit(folder, lambda i: i.update(digestAlgorithm="sha999"))
    assert "E025" in codes(folder)
