"""The official IIIF image validator against ``khizana serve``, on a library its image came to by ``khizana add``.

Its command runs as its makers meant it, for 3.0 and 2.0 (its name for 2.x) at level 2. Then every test of it is run,
those of optional features too, against ``khizana serve`` and against the image doors alone over granian's interface.
Tests of the validator that are wrong are pinned here with the reason.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import types
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from PIL import Image

from data.commands import free_port, new_library, served
from data.iiif_images import write_pyramid

SOURCE = "67352ccc-d1b0-11e1-89ae-279075081939"
IDENTIFIER = f"{SOURCE}.0001"
"""The image's own name is a shelfmark like any other; its first page image has this identifier."""
COMMAND = Path(sys.executable).parent / "iiif-validate.py"
TESTS = Path(__file__).parent.parent

WRONG = {
    # It asks that "!2000,3000" be refused for an image of 1,000 px, but 3.0 section 4.2 has a size that fits the box
    # and is "not larger than the extracted region": 1,000 px. The sizes before that one in it are tested below.
    "size_noup": "contradicts the specification on !w,h",
    # It compares bytes with text, which are never equal in Python 3. What it means to test is tested below.
    "format_webp": "compares bytes with text",
}


def _magic_of_today() -> types.ModuleType:
    """Return ``magic`` with the class that the validator was written for, over the one that is installed."""
    installed: Any = importlib.import_module("magic")
    module = types.ModuleType("magic")

    class Magic:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def id_buffer(self, data: bytes) -> str:
            return str(installed.from_buffer(data))

    module.Magic = Magic  # type: ignore[attr-defined]  # a module of our own making
    return module


@pytest.fixture(scope="module")
def validator() -> Any:
    """The validator, with what it needs of Python 2 put where it looks for it."""
    with contextlib.redirect_stdout(io.StringIO()):
        module = importlib.import_module("iiif_validator.validator")
    import urllib  # noqa: PLC0415 - the module itself is patched

    urllib.urlopen = urllib.request.urlopen  # type: ignore[attr-defined]  # where Python 2 had it
    for name in ("format_jp2", "format_pdf"):
        sys.modules[f"iiif_validator.tests.{name}"].magic = _magic_of_today()  # type: ignore[attr-defined]  # the same
    return module


@pytest.fixture(scope="module")
def image(shared_data: Path) -> Path:
    return shared_data / "open/image-formats/iiif-image-validator" / f"{SOURCE}.png"


@pytest.fixture(scope="module")
def khizana_serve(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of ``khizana serve`` on a library that the validator's image was added to, as a person would."""
    folder = tmp_path_factory.mktemp("validated")
    library = new_library(folder / "library")
    (folder / "card").mkdir()
    shutil.copyfile(image, folder / "card/1r.png")
    library.run("add", folder / "card", "--shelfmark", SOURCE)
    with served(library) as here:
        yield int(here.address.rpartition(":")[2])


@pytest.fixture(scope="module")
def granian(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a granian with nothing but the image doors."""
    images = tmp_path_factory.mktemp("images")
    (images / IDENTIFIER).mkdir()
    write_pyramid(images / IDENTIFIER / "pyramid.tif", np.asarray(Image.open(image).convert("RGB")))
    port = free_port()
    command = [sys.executable, "-m", "granian", "--factory", "--no-log", "--loop", "uvloop", "--interface", "rsgi"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "data.iiif_application:application"],
        env=os.environ | {"KHIZANA_TEST_IMAGES": str(images), "PYTHONPATH": f"{TESTS}:{os.environ.get('PYTHONPATH')}"},
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module", params=["khizana_serve", "granian"])
def port(request: pytest.FixtureRequest) -> int:
    found: int = request.getfixturevalue(request.param)
    return found


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    pytest.fail(f"no server on port {port} after 30 seconds")


def _names(version: str) -> list[str]:
    folder = Path(importlib.import_module("iiif_validator").__file__ or "").parent / "tests"
    sources = {path.stem: path.read_text().replace('"', "'") for path in sorted(folder.glob("*.py"))}
    return [name for name, source in sources.items() if f"'{version}'" in source and name != "test"]


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_the_command_of_the_validator_is_satisfied_at_level_2(khizana_serve: int, version: str) -> None:
    where = ["-s", f"127.0.0.1:{khizana_serve}", "-p", f"iiif/{version[0]}", "-i", IDENTIFIER]
    done = subprocess.run(
        [sys.executable, COMMAND, *where, "--version", version, "--level", "2"],
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"test (\w+) (PASS|FAIL)$", done.stdout + done.stderr, re.MULTILINE))
    assert len(verdicts) >= {"2.0": 28, "3.0": 32}[version]
    failed = {name for name, verdict in verdicts.items() if verdict == "FAIL"}
    assert failed == ({"size_noup"} if version == "3.0" else set()), done.stderr


@pytest.mark.parametrize(
    ("version", "name"), [(version, name) for version in ("2.0", "3.0") for name in _names(version)]
)
def test_the_validator_is_satisfied(validator: Any, port: int, version: str, name: str) -> None:
    if name in WRONG:
        pytest.skip(f"the validator's test is wrong: {WRONG[name]}")
    result = _run(validator, port, version, name)
    assert result.exception is None, (str(result.exception), result.urls)


def test_every_test_of_the_validator_is_run(validator: Any) -> None:
    for version in ("2.0", "3.0"):
        listed = validator.TestSuite(validator.ValidationInfo()).list_tests(version)
        assert set(listed) == set(_names(version))
    assert len(_names("3.0")) >= 45
    assert len(_names("2.0")) >= 42


def test_the_square_region_that_only_2_1_knows(validator: Any, khizana_serve: int) -> None:
    # Its version "2.1" asks for the quality "native" of 1.0 without a format; as 2.0 it asks what 2.1 says.
    assert _run(validator, khizana_serve, "2.0", "region_square").exception is None


def test_what_the_wrong_tests_mean_to_test(khizana_serve: int) -> None:
    base = f"http://127.0.0.1:{khizana_serve}/iiif/3/{IDENTIFIER}/full"
    for size in ("1500,1500", ",1500", "1500,", "pct:200"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/{size}/0/default.jpg", timeout=20)  # noqa: S310 - an http address
        assert refused.value.code == 400
    with urllib.request.urlopen(f"{base}/!2000,3000/0/default.jpg", timeout=20) as reply:  # noqa: S310 - the same
        assert Image.open(io.BytesIO(reply.read())).size == (1000, 1000)
    with urllib.request.urlopen(f"{base}/max/0/default.webp", timeout=20) as reply:  # noqa: S310 - the same
        assert reply.read()[8:12] == b"WEBP"


def _run(validator: Any, port: int, version: str, name: str) -> Any:
    result = validator.ImageAPI(IDENTIFIER, f"127.0.0.1:{port}", f"iiif/{version[0]}", "http", "", version, False)
    with contextlib.redirect_stdout(io.StringIO()):
        validator.TestSuite(validator.ValidationInfo()).run_test(name, result)
    return result
