"""The shell blocks marked ``sh run`` of README and tutorial are run, in order, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
RUNNABLE = re.compile(r"^```sh run\n(.*?)^```", re.MULTILINE | re.DOTALL)
LIMIT = 120  # seconds until a hanging command is given up; the blocks take about ten


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with three small photographs, named as the tutorial has them."""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for number, name in enumerate(("0001_1r", "0002_1v", "0003_2r")):
        Image.linear_gradient("L").rotate(90 * number).resize((300, 400)).convert("RGB").save(
            photographs / f"{name}.jpg"
        )
    return tmp_path


def _run(place: Path, script: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KHIZANA_", "DJANGO_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["KHIZANA_LANGUAGE"] = "en"
    return subprocess.run(
        ["bash", "-euc", script], cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT
    )


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("README.md", ["A new library is ready", "3 pages are safe and published, 3 of them new", "all valid"]),
        (
            "docs/tutorial/first-manuscript.md",
            [
                "A new library is ready",
                "tb-42: 3 pages are safe and published, 3 of them new.",
                "0 of them new",
                "the new order is in force",
                "is withdrawn from readers",
                "all valid",
                "The database is made again: 1 manuscripts",
                "masters/0001.jpg,title page,0001_1r.jpg",  # the order that was changed
            ],
        ),
    ],
)
def test_the_blocks_of_a_page_do_what_it_says(place: Path, page: str, said: list[str]) -> None:
    _says(place, page, said, 'khizana order "TB 42" --library library\n')


def test_the_page_for_cataloguers_does_what_it_says(place: Path) -> None:
    said = [
        "A new library is ready",
        "Nothing was written. 4 descriptions read: 3 would be added",
        "4 descriptions read: 3 added",
        "Nothing was written: 1 descriptions would change",
        "1 descriptions changed",
        "3 descriptions changed",
        "2 descriptions changed",
        "replace owner: A family of the desert | Another family",
        "2 descriptions are as they were before",
        "3 descriptions written into catalogue.xlsx",
        "0 added, 0 changed, 3 as before",
        "3 descriptions written into descriptions",
    ]
    _says(place, "docs/how-to/import-and-edit.md", said)


def _says(place: Path, page: str, said: list[str], last: str = "") -> None:
    blocks = RUNNABLE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert blocks
    done = _run(place, "".join(blocks) + last)
    assert done.returncode == 0, done.stdout + done.stderr
    where = -1
    for sentence in said:
        found = done.stdout.find(sentence, where + 1)
        assert found > where, f"{sentence!r} is not said, or too early, in:\n{done.stdout}{done.stderr}"
        where = found
