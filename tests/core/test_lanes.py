"""Lanes: one bad image costs one image, and nothing outlives the parent."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from data import made_images as made
from khizana.core.errors import BadInput, KhizanaError
from khizana.core.identifiers import Digest
from khizana.core.imaging.lanes import ImageLanes

DIGEST = Digest("ab" * 64)


def page(tmp_path: Path, name: str = "page.png", side: int = 600) -> Path:
    return made.save(made.vips(made.page(side, side)), tmp_path / name)


def width_made(lanes: ImageLanes, tmp_path: Path) -> int:
    """Return the width of a page that goes well, made here and now."""
    folder = tmp_path / "well" / secrets.token_hex(4)
    return lanes.submit(page(tmp_path), folder, DIGEST).result(60).access_copy.width


def processes_of(lanes: ImageLanes) -> list[int]:
    return [lane._process.pid for lane in lanes._lanes if lane._process is not None]  # noqa: SLF001 - what is under test


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int) -> bool:
    for _ in range(200):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def test_good_and_bad_images_each_have_their_own_result(tmp_path: Path) -> None:
    good = [page(tmp_path, f"{number}.png") for number in range(3)]
    bad = tmp_path / "bad.tif"
    bad.write_bytes(b"%PDF-1.4")
    with ImageLanes(2) as lanes:
        futures = [lanes.submit(path, tmp_path / "out" / path.stem, DIGEST) for path in good]
        refused = lanes.submit(bad, tmp_path / "out" / "bad", DIGEST, name="IMG 7.TIF")
        for path, future in zip(good, futures, strict=True):
            done = future.result(60)
            assert (done.probed.media_type, done.access_copy.width) == ("image/png", 600)
            assert (tmp_path / "out" / path.stem / "pyramid.tif").is_file()
        with pytest.raises(BadInput) as told:
            refused.result(60)
        assert told.value.code == "IMAGE_DISGUISED"
        assert "IMG 7.TIF" in told.value.sentence()


def test_a_crash_costs_one_image_and_leaves_nothing(tmp_path: Path) -> None:
    # A pipe that nobody writes holds the lane while it is killed, as a codec that crashes would end it.
    stuck = tmp_path / "stuck.tif"
    os.mkfifo(stuck)
    with ImageLanes(1) as lanes:
        assert width_made(lanes, tmp_path) == 600
        future = lanes.submit(stuck, tmp_path / "out" / "stuck", DIGEST)
        time.sleep(0.2)
        (first,) = processes_of(lanes)
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / f".stuck.{first}.0000.making").mkdir()
        os.kill(first, signal.SIGSEGV)
        with pytest.raises(BadInput) as told:
            future.result(60)
        assert told.value.code == "IMAGE_CODEC_CRASHED"
        assert "stuck.tif" in told.value.sentence()
        assert list((tmp_path / "out").iterdir()) == []
        after = lanes.submit(page(tmp_path), tmp_path / "out" / "after", DIGEST)
        assert after.result(60).access_copy.width == 600


def test_a_lane_that_died_between_images_is_replaced_unseen(tmp_path: Path) -> None:
    with ImageLanes(1) as lanes:
        assert width_made(lanes, tmp_path) == 600
        (first,) = processes_of(lanes)
        os.kill(first, signal.SIGKILL)
        assert wait_until_gone(first)
        assert width_made(lanes, tmp_path) == 600
        assert processes_of(lanes) != [first]


def test_an_image_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    stuck = tmp_path / "stuck.tif"
    os.mkfifo(stuck)
    with ImageLanes(1, seconds=1.0) as lanes:
        with pytest.raises(BadInput) as told:
            lanes.submit(stuck, tmp_path / "out", DIGEST).result(60)
        assert (told.value.code, told.value.facts["seconds"]) == ("IMAGE_TOO_SLOW", 1)
        assert width_made(lanes, tmp_path) == 600


def test_an_image_that_eats_the_memory_is_given_up(tmp_path: Path) -> None:
    large = made.save(made.vips(made.page(4000, 4000)), tmp_path / "large.png")
    with ImageLanes(1, megabytes=90) as lanes:
        with pytest.raises(BadInput) as told:
            lanes.submit(large, tmp_path / "out" / "large", DIGEST).result(60)
        assert (told.value.code, told.value.facts["megabytes"]) == ("IMAGE_NEEDS_MEMORY", 90)
        assert list((tmp_path / "out").iterdir()) == []


def test_closing_cancels_what_waits_and_ends_the_processes(tmp_path: Path) -> None:
    lanes = ImageLanes(1)
    path = page(tmp_path, side=2500)
    futures = [lanes.submit(path, tmp_path / "out" / str(number), DIGEST) for number in range(6)]
    assert futures[0].result(60).access_copy.width == 2500
    (pid,) = processes_of(lanes)
    lanes.close()
    assert all(future.done() for future in futures)
    with pytest.raises(CancelledError):
        futures[-1].result()
    assert wait_until_gone(pid)
    with pytest.raises(RuntimeError):
        lanes.submit(path, tmp_path / "out" / "late", DIGEST)


def test_a_lane_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from khizana.core.imaging.lanes import ImageLanes\n"
        "lanes = ImageLanes(1)\n"
        "lanes.submit(Path(sys.argv[1]), Path(sys.argv[2]), 'ab' * 64).result()\n"
        "print(lanes._lanes[0]._process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, page(tmp_path), tmp_path / "out"], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    assert wait_until_gone(pid)


def test_a_lane_loads_no_framework() -> None:
    script = (
        "import sys, khizana.core.imaging.lane\n"
        "print([name for name in ('django', 'sqlite3', 'granian') if name in sys.modules])\n"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_asking_for_lanes_loads_no_image_library() -> None:
    script = (
        "import sys, khizana.core.imaging.lanes\n"
        "print([name for name in ('pyvips', 'cv2', 'PIL', 'numpy', 'rawpy') if name in sys.modules])\n"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_refusal_from_a_lane_is_an_error_a_person_is_told(tmp_path: Path) -> None:
    masters = {"missing": tmp_path / "missing.tif", "folder": tmp_path, "bomb": tmp_path / "bomb.png"}
    masters["bomb"].write_bytes(made.png_header(50_000, 50_000))
    with ImageLanes(1) as lanes:
        for path in masters.values():
            with pytest.raises(KhizanaError) as told:
                lanes.submit(path, tmp_path / "out", DIGEST).result(60)
            assert path.name in told.value.sentence("fr")


def test_closing_does_not_wait_for_a_task_that_a_lane_has_just_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = ImageLanes(1)
    queue = lanes._tasks  # noqa: SLF001 - what is under test

    class JustTaken:
        """A queue that says it holds a task which a lane takes in the same moment."""

        def __getattr__(self, name: str) -> object:
            return getattr(queue, name)

        def empty(self) -> bool:
            return False

    monkeypatch.setattr(lanes, "_tasks", JustTaken())
    closing = threading.Thread(target=lanes.close, daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
