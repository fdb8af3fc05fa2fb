"""Large masters need little memory: measured in a process of its own, by the system's own count."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import pyvips

from data import made_images as made

WIDTH, HEIGHT = 8000, 5000

MEASURE = """
import sys
from pathlib import Path
from khizana.core.imaging.access_copy import make
done = make(Path(sys.argv[1]), Path(sys.argv[2]), digest="ab" * 64)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(done.access_copy.width, int(status["VmHWM"].split()[0]) // 1024)
"""
"""getrusage would count the memory of the parent too: a new process starts from the peak of the one it left."""


def big_page() -> pyvips.Image:
    return made.vips(made.page(WIDTH // 4, HEIGHT // 4)).resize(4, kernel="nearest")


def lying(image: pyvips.Image) -> pyvips.Image:
    image = image.copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    return image


MASTERS: dict[str, tuple[Callable[[Path], Path], int, int]] = {
    "LZW TIFF": (lambda p: made.save(big_page(), p / "a.tif", compression="lzw"), WIDTH, 330),
    "turned TIFF": (lambda p: made.save(lying(big_page()), p / "a.tif"), HEIGHT, 400),
    "turned progressive JPEG": (
        lambda p: made.save(lying(big_page()), p / "a.jpg", Q=85, interlace=True),
        HEIGHT,
        480,
    ),
}
"""How it is made, its upright width, and the most megabytes that 40 megapixels may need."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak")
@pytest.mark.parametrize("kind", MASTERS)
def test_forty_megapixels_need_less_than_half_a_gigabyte(kind: str, tmp_path: Path) -> None:
    make_master, width, most = MASTERS[kind]
    master = make_master(tmp_path)
    command = [sys.executable, "-c", MEASURE, str(master), str(tmp_path / "out")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert int(answer[0]) == width
    assert int(answer[1]) < most
