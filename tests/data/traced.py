"""``khizana`` under strace: killed, or failed by the system, at any call that changes a disk.

A server with everything imported is forked for each command, so that a trial costs little more than its work.

As a program (``python traced.py LIBRARY``) it is that server.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from select import select

CALLS = (
    *("openat", "write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate", "copy_file_range", "sendfile"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "fsync", "fdatasync", "sync_file_range", "chmod", "fchmod", "utimensat"),
)
"""Every call that changes a disk; of ``openat`` those that open for writing."""
_LINE = re.compile(r"(\d+) +(\w+)\((.*)")
_WRITING = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
LONGEST = 60  # seconds, so that a hang is a failure


def strace_works() -> bool:
    """Say whether strace is here and may trace."""
    strace = shutil.which("strace")
    if strace is None:
        return False
    command = [strace, "-qq", "-o", os.devnull, "-e", "inject=getppid:signal=KILL:when=1", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status, negative where a signal ended it, and what it said."""

    status: int
    said: str
    stdout: str


class Commands:
    """Runs commands on one library, each in a fork of a process that has everything imported."""

    def __init__(self, library: Path, scratch: Path, process: subprocess.Popen[str]) -> None:
        self._library, self._scratch, self._process = library, scratch, process
        self._gate = scratch / "gate"
        os.mkfifo(self._gate)

    def run(self, *arguments: object, tracing: tuple[str, ...] = (), after: float | None = None) -> Ended:
        """Run one command, under strace with *tracing* where that is given, killed *after* so many seconds."""
        said, stdout = self._scratch / "said", self._scratch / "stdout"
        order = {"arguments": [str(each) for each in arguments], "said": str(said), "stdout": str(stdout)}
        pid = int(self._ask(order | {"gate": str(self._gate)}))
        with self._traced(pid, tracing):
            with self._gate.open("w") as gate:
                gate.write("\n")
            if after is not None:
                time.sleep(after)
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
            status = os.waitstatus_to_exitcode(int(self._answer()))
        return Ended(status, said.read_text(errors="replace"), stdout.read_text(errors="replace"))

    def calls(self, *arguments: object, below: Path) -> list[tuple[str, int]]:
        """Run one command and return its calls that change what lies *below*: each with its number, as strace counts.

        That is by thread: one number may stand for a call of several threads. A number under which the first
        thread opens something elsewhere is left out, lest the program's own files fail.
        """
        log = self._scratch / "calls"
        names = f"trace={','.join(f'?{call}' for call in CALLS)}"
        ended = self.run(*arguments, tracing=("-y", "-s", "0", "-e", names, "-o", str(log)))
        assert ended.status == 0, ended
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        found: dict[tuple[str, int], None] = {}
        elsewhere = set()
        for thread, call, rest in filter(
            None, (_parsed(line) for line in log.read_text(errors="replace").splitlines())
        ):
            counts[thread][call] += 1
            if str(below) in rest and (call != "openat" or any(flag in rest for flag in _WRITING)):
                found[call, counts[thread][call]] = None
            elif call == "openat" and thread == next(iter(counts)):
                elsewhere.add((call, counts[thread][call]))
        return [each for each in found if each not in elsewhere]

    def _ask(self, order: dict[str, object]) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the server of commands has ended"
        return answer

    @contextmanager
    def _traced(self, pid: int, tracing: tuple[str, ...]) -> Iterator[None]:
        if not tracing:
            yield
            return
        strace = subprocess.Popen(
            ["strace", "-f", "-qq", "-p", str(pid), *tracing], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        end = time.monotonic() + LONGEST
        while "TracerPid:\t0" in Path(f"/proc/{pid}/status").read_text():
            assert time.monotonic() < end, "strace did not attach"
            assert strace.poll() is None, "strace may not trace"
            time.sleep(0.001)
        try:
            yield
        finally:
            strace.wait(LONGEST)


def inject(call: str, number: int, fault: str) -> tuple[str, ...]:
    """Return what makes strace kill ("KILL") or fail ("EIO") call *number* of that name."""
    how = "signal=KILL" if fault == "KILL" else f"error={fault}"
    return ("-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:{how}:when={number}")


def _parsed(line: str) -> tuple[str, str, str] | None:
    found = _LINE.match(line)
    return (found[1], found[2], found[3]) if found else None


@contextmanager
def commands(library: Path, scratch: Path) -> Iterator[Commands]:
    """Serve commands on *library*, which is there; it may be replaced by another at the same place at any time."""
    scratch.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KHIZANA_", "DJANGO_"))}
    process = subprocess.Popen(
        [sys.executable, "-B", __file__, str(library)],
        env=kept | {"KHIZANA_LANGUAGE": "en", "KHIZANA_LIBRARY": str(library)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Commands(library, scratch, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(LONGEST)
        assert process.stdout is not None
        process.stdout.close()


def serve(library: str) -> None:
    """Fork for each order on standard input: answer its number, then how it ended."""
    from importlib import import_module  # noqa: PLC0415 - as a program only, as what follows

    from khizana.cli.main import run  # noqa: PLC0415
    from khizana.cli.verb import open_library  # noqa: PLC0415
    from khizana.cli.verbs import VERBS  # noqa: PLC0415

    open_library(library)
    from django.db import connections  # noqa: PLC0415 - it has tables

    for verb in VERBS:
        import_module(verb.module)
    connections.close_all()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(order)
            status = run(order["arguments"])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        _say(os.waitpid(pid, 0)[1])


def _become(order: dict[str, str]) -> None:
    """Say that the child is there, wait until whoever traces it is too, and let it say what it says into files."""
    # All is opened before, so that the calls are counted from the same one each time.
    gate = os.open(order["gate"], os.O_RDONLY | os.O_NONBLOCK)
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    handles = [
        os.open(os.devnull, os.O_RDONLY),
        os.open(order["stdout"], new, 0o644),
        os.open(order["said"], new, 0o644),
    ]
    _say(os.getpid())
    select([gate], [], [])
    os.close(gate)
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
