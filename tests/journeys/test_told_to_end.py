"""Ctrl-C, a closed terminal and a system that shuts down: an orderly end, a sentence, the right status."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import ocfl
import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, new_library, served

PAGES = 12


def start(library: Library, *arguments: object, **settings: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*KHIZANA, *map(str, arguments)],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        stdout=subprocess.DEVNULL,
        text=True,
        **{"stderr": subprocess.PIPE, **settings},
    )


def wait_for(happened: Callable[[], object]) -> None:
    for _ in range(3000):
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within a minute")


def is_receiving(library: Library) -> bool:
    return any((library.root / "staging").glob("*.journal"))


def is_taken_up(process: subprocess.Popen[str], number: signal.Signals, deaf: frozenset[str]) -> bool:
    """Say whether a signal that was sent waits for no thread of *process*, and none is at it; *deaf* threads never are.

    A thread that takes a signal up blocks it until it is through: only then do the others know of it.
    """
    status = Path(f"/proc/{process.pid}/status").read_text()
    waiting = int(status.partition("ShdPnd:")[2].split()[0], 16)
    return not waiting >> (number - 1) & 1 and blocking(process, number) <= deaf


def blocking(process: subprocess.Popen[str], number: signal.Signals) -> frozenset[str]:
    """Return the threads of *process* that block a signal."""
    threads = {path.parent.name: path for path in Path(f"/proc/{process.pid}/task").glob("*/status")}
    found = set()
    for name, path in threads.items():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
            if int(path.read_text().partition("SigBlk:")[2].split()[0], 16) >> (number - 1) & 1:
                found.add(name)
    return frozenset(found)


def assert_goes_on(library: Library, photographs: Path) -> None:
    library.run("status")  # makes good what was left
    assert ocfl.StorageRoot(root=str(library.root / "storage")).validate()
    assert not list((library.root / "work").glob("*/*"))
    assert not list((library.root / "staging" / "receiving").glob("*"))
    library.run("add", photographs, "--shelfmark", "TB 1")
    status = library.json("status")
    assert (status["pages"], status["staged"], status["unfinished"]) == (PAGES, 0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_add_that_is_told_to_end_says_so_and_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card", [f"{n}.jpg" for n in range(PAGES)])
    process = start(library, "add", photographs, "--shelfmark", "TB 1")
    wait_for(lambda: is_receiving(library))
    deaf = blocking(process, number)
    process.send_signal(number)
    # Whoever is in a hurry says it more than once; two that wait at a time may be taken up in either order.
    wait_for(lambda: is_taken_up(process, number, deaf))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number, said
    assert [line for line in said.splitlines() if line] == [
        "Stopped. Nothing is half-done: run the same command again and it goes on."
    ]
    assert_goes_on(library, photographs)


def test_every_process_of_a_service_told_at_once_is_an_orderly_end_too(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card", [f"{n}.jpg" for n in range(PAGES)])
    process = start(library, "add", photographs, "--shelfmark", "TB 1", start_new_session=True)
    wait_for(lambda: is_receiving(library))
    os.killpg(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    # No photograph was taken for a bad one because its lane was told to end.
    assert said.count("\n") == 1, said
    assert_goes_on(library, photographs)


def test_a_terminal_that_is_closed_ends_an_add_in_order(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card", [f"{n}.jpg" for n in range(PAGES)])
    keyboard, screen = pty.openpty()
    process = start(
        library, "add", photographs, "--shelfmark", "TB 1", stdin=screen, stderr=screen, start_new_session=True
    )
    os.close(screen)
    wait_for(lambda: is_receiving(library))
    os.close(keyboard)  # what is written from here on fails
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=60) == 129
    assert_goes_on(library, photographs)


def test_an_add_that_was_started_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card", [f"{n}.jpg" for n in range(PAGES)])
    deaf = ["nohup", *KHIZANA, "add", str(photographs), "--shelfmark", "TB 1"]
    process = subprocess.Popen(
        deaf,
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: is_receiving(library))
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=120) == 0
    assert library.json("status")["pages"] == PAGES


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_serving_that_is_told_to_end_closes_in_order_and_says_so(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    library = new_library(tmp_path / "library")
    with served(library) as here:
        here.process.send_signal(number)
        assert here.process.wait(30) == status
    said = (library.root / "serve.log").read_text().splitlines()
    assert said == [f"Khizana is open at {here.address} (Ctrl-C closes it).", "Khizana is closed."]


def test_serving_that_was_started_to_outlive_its_terminal_does(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup hands it on
    try:
        with served(library) as here:
            here.process.send_signal(signal.SIGHUP)
            for _ in range(20):
                time.sleep(0.05)
                assert here.get("/en/")[0] == 200
    finally:
        signal.signal(signal.SIGHUP, before)
