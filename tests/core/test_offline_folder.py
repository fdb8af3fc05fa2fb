"""The folder of an offline edition: written whole or not at all, taken up again, and checked file by file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from khizana.core.errors import BadInput, Damaged, NoSpace, NotFound
from khizana.core.offline import folder
from khizana.core.offline.folder import MARK, SUMS, EditionFolder, check_edition

FILES = {"index.html": b"<p>one</p>", "i/tb-1/0001.avif": b"\0" * 5_000, "s/d0000.js": b"khizana()"}


def edition(root: Path, files: dict[str, bytes] | None = None) -> EditionFolder:
    made = EditionFolder.begun(root, "test")
    for path, content in (FILES if files is None else files).items():
        made.put(path, content)
    made.finish()
    return made


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_what_was_written_is_there_and_anyone_can_check_it(tmp_path: Path) -> None:
    made = edition(tmp_path / "new" / "edition")
    assert names(made.root) == {*FILES, MARK, SUMS}
    assert {path: (made.root / path).read_bytes() for path in FILES} == FILES
    checked = check_edition(made.root)
    assert (checked.intact, checked.is_whole, checked.unexpected) == (len(FILES) + 1, True, ())
    done = subprocess.run(["sha512sum", "-c", SUMS, "--quiet", "--strict"], cwd=made.root, check=False)
    assert done.returncode == 0


def test_the_same_again_writes_nothing_and_another_selection_takes_away_what_is_no_part_of_it(tmp_path: Path) -> None:
    edition(tmp_path / "e")
    (tmp_path / "e" / "notes.txt").write_text("the teacher's own")
    before = {path: (tmp_path / "e" / path).stat().st_mtime_ns for path in FILES}
    assert edition(tmp_path / "e").written == 0
    assert {path: (tmp_path / "e" / path).stat().st_mtime_ns for path in FILES} == before
    changed = {"index.html": b"<p>two</p>"}
    assert edition(tmp_path / "e", changed).written == 1
    assert names(tmp_path / "e") == {"index.html", MARK, SUMS, "notes.txt"}
    assert not (tmp_path / "e" / "i").exists()
    assert check_edition(tmp_path / "e").unexpected == ("notes.txt",)


@pytest.mark.parametrize("stop", range(7))
def test_wherever_it_stops_no_file_is_half_there_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    root, left = tmp_path / "e", [stop]
    real = Path.replace

    def stopping(path: Path, goal: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(path, goal)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stopping)
        if stop < len(FILES) + 3:  # the mark, the files, the list, the mark
            with pytest.raises(KeyboardInterrupt):
                edition(root)
    for path in names(root) & FILES.keys():
        assert (root / path).read_bytes() == FILES[path]
    if stop < len(FILES) + 3:
        with pytest.raises(NotFound) as raised:
            check_edition(root)
        assert raised.value.code == "OFFLINE_NOT_FINISHED"
    edition(root)
    assert names(root) == {*FILES, MARK, SUMS}
    assert check_edition(root).is_whole


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "1.jpg").write_bytes(b"mine")
    with pytest.raises(BadInput) as raised:
        EditionFolder.begun(tmp_path / "photographs", "test")
    assert raised.value.code == "OFFLINE_NOT_EMPTY"
    EditionFolder.begun(tmp_path / "theirs", "other").finish()
    with pytest.raises(BadInput) as raised:
        EditionFolder.begun(tmp_path / "theirs", "test")
    assert raised.value.code == "OFFLINE_OF_ANOTHER"
    assert names(tmp_path / "photographs") == {"1.jpg"}


def test_every_kind_of_damage_is_told_by_name(tmp_path: Path) -> None:
    root = edition(tmp_path / "e").root
    (root / "index.html").unlink()
    (root / "s/d0000.js").write_bytes(b"khizanb()")
    (root / "i/tb-1/0001.avif").unlink()
    (root / "i/tb-1/0001.avif").mkdir()
    checked = check_edition(root)
    assert checked.altered == ("s/d0000.js",)
    assert sorted(checked.missing) == ["i/tb-1/0001.avif", "index.html"]
    assert not checked.is_whole


def test_a_list_that_was_altered_leads_nowhere_else(tmp_path: Path) -> None:
    root = edition(tmp_path / "e").root
    (tmp_path / "precious").write_text("keep")
    with (root / SUMS).open("a") as sums:
        sums.write(f"{'0' * 128}  ../precious\n{'0' * 128}  /etc/hostname\nnonsense\n\n{'0' * 128}  a\\..\\b\n")
    assert check_edition(root).is_whole
    edition(root)
    assert (tmp_path / "precious").read_text() == "keep"


def test_what_does_not_read_back_is_never_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = EditionFolder.begun(tmp_path / "e", "test")
    monkeypatch.setattr(folder, "replace_beside", lambda path, _content: path.write_bytes(b"something else"))
    with pytest.raises(Damaged) as raised:
        made.put("index.html", b"<p>")
    assert raised.value.code == "OFFLINE_NOT_READ_BACK"


def test_a_full_stick_is_told_and_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    made = EditionFolder.begun(tmp_path / "e", "test")
    with monkeypatch.context() as patched:
        patched.setattr(folder, "replace_beside", full)
        with pytest.raises(NoSpace):
            made.put("index.html", b"<p>")
    assert edition(tmp_path / "e").written == len(FILES)


def test_what_a_run_that_was_cut_off_left_goes_when_it_is_no_longer_part_of_it(tmp_path: Path) -> None:
    begun = EditionFolder.begun(tmp_path / "e", "test")
    begun.put("en/m/closed.html", b"<p>")
    begun.put("i/closed/0001-800.avif", b"x")  # cut off here, and closed before the next run
    edition(tmp_path / "e")
    assert names(tmp_path / "e") == {*FILES, MARK, SUMS}


def test_a_damaged_mark_is_mended_and_another_librarys_is_not_taken_for_it(tmp_path: Path) -> None:
    for library, is_ours in (("test", True), ("other", False)):
        root = tmp_path / library
        EditionFolder.begun(root, library).finish()
        (root / MARK).write_bytes(b"")
        if is_ours:
            edition(root)
            assert check_edition(root).is_whole
        else:
            with pytest.raises(BadInput):
                EditionFolder.begun(root, "test")
