"""Runs ``khizana`` as a person does: a process of its own, its output and its exit status."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from data import forked
from data.databases import lose_database

KHIZANA = (sys.executable, "-m", "khizana.cli.main")
LONGEST = 300  # seconds, so that a hang is a failure


@dataclass(frozen=True)
class Library:
    """A library on disk and the command for it."""

    root: Path

    def run(self, *arguments: object, status: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one verb on this library; *status* is the exit status that is right."""
        done = khizana(*arguments, KHIZANA_LIBRARY=str(self.root), **environment)
        if status is not None:
            assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return done

    def lose_database(self) -> None:
        """Take the database away."""
        lose_database(self.root)

    def json(self, *arguments: object, status: int = 0) -> Any:
        """Run one verb with ``--json`` and return what it says."""
        return json.loads(self.run(*arguments, "--json", status=status).stdout)


def khizana(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it said and how it ended."""
    return forked.run([*map(str, arguments)], environment=command_environment(**environment), timeout=LONGEST)


def command_environment(**more: str) -> Mapping[str, str]:
    """Return this environment with an English-speaking command and no library."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KHIZANA_", "DJANGO_"))}
    return {**kept, "KHIZANA_LANGUAGE": "en", **more}


def new_library(root: Path, *, name: str = "test", database: str = "") -> Library:
    """Make an empty library, with a *database* at that address or, where there is none, in its folder."""
    titles = ("--title-ar", "خزانة", "--title-en", "Treasury")
    done = khizana("init", root, "--name", name, *titles, "--database", database)
    assert done.returncode == 0, done.stderr
    return Library(root)


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A library being served."""

    library: Library
    address: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        """Return status, headers and body of a GET, redirects not followed."""
        request = urllib.request.Request(  # noqa: S310 - a loopback address
            self.address + path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


_OPENER = urllib.request.build_opener(_Stay)


@contextmanager
def served(library: Library, **environment: str) -> Iterator[Served]:
    """Serve *library* on a free port of this machine until the block ends."""
    port = free_port()
    with (library.root / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [*KHIZANA, "serve", "--port", str(port)],
            env=command_environment(KHIZANA_LIBRARY=str(library.root), **environment),
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, library.root / "serve.log")
        yield Served(library, address, process)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/en/", timeout=5):  # noqa: S310 - a loopback address
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"not served within a minute: {log.read_text()}")
