"""``khizana`` in a fork of a process that has imported what commands import: a quarter of a second less for each.

Nothing of Khizana that knows a library or a language is imported before the fork, so that a command begins as it
does anywhere: it reads its environment, sets up Django, and ends as a process of its own.

As a program (``python forked.py SOCKET``) it is the process that forks.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from select import select
from typing import Any, NoReturn

OF_A_LIBRARY = ("khizana.cli", "khizana.apps", "khizana.wiring", "khizana.project", "khizana.web", "django.contrib")
LARGEST = 1_000_000  # bytes of one order


def run(
    arguments: Sequence[str], *, environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it said and how it ended; raise ``TimeoutExpired`` where it doesn't end."""
    order = {"arguments": list(arguments), "environment": dict(environment), "folder": str(Path.cwd())}
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr, _connected(_server()) as server:
        server.settimeout(timeout)
        socket.send_fds(server, [json.dumps(order).encode() + b"\n"], [stdout.fileno(), stderr.fileno()])
        answers = server.makefile()
        pid = int(answers.readline())
        try:
            status = int(answers.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        said = [os.pread(each.fileno(), each.seek(0, os.SEEK_END), 0) for each in (stdout, stderr)]
    return subprocess.CompletedProcess(list(arguments), status, *(each.decode(errors="replace") for each in said))


@cache
def _server() -> Path:
    """Start the process that forks, and return its socket; it ends with this process."""
    address = Path(tempfile.mkdtemp(prefix="khizana-")) / "commands"
    # Else numpy and OpenCV begin threads when they are imported, which would not be there after a fork.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, __file__, str(address)], env=environment, stdin=subprocess.PIPE)

    def end() -> None:
        process.communicate()
        shutil.rmtree(address.parent)

    atexit.register(end)
    return address


def _connected(address: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    end = time.monotonic() + 60
    while True:
        try:
            connection.connect(str(address))
        except OSError:
            assert time.monotonic() < end, "the process that forks commands does not answer"
            time.sleep(0.02)
        else:
            return connection


def serve(address: str) -> None:
    """Fork for each connection, until standard input ends: answer the command's process number, then how it ended."""
    for name in _imported_by_commands():
        if not name.startswith(OF_A_LIBRARY):
            with suppress(ImportError):  # some cannot be imported but by another, which is in the list too
                import_module(name)
    assert [each.name for each in Path("/proc/self/task").iterdir()] == [str(os.getpid())], (
        "a thread would not be there after a fork"
    )
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that answer
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    while sys.stdin not in select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if not os.fork():
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(connection)
        connection.close()


def _imported_by_commands() -> list[str]:
    """Return the names of all modules that the verbs import, found out by a process that imports them."""
    script = (
        "import os, sys, django\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'khizana.project.settings'\n"
        "django.setup()\n"
        "from importlib import import_module\n"
        "from khizana.cli.verbs import VERBS\n"
        "import khizana.project.tables, psycopg\n"
        "for verb in VERBS: import_module(verb.module)\n"
        "print(*sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "KHIZANA_LIBRARY"}
    names = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    return [name for name in names.stdout.split() if name != "__main__"]


def _answer(connection: socket.socket) -> NoReturn:
    data, handles, _, _ = socket.recv_fds(connection, LARGEST, 2)
    while not data.endswith(b"\n"):
        data += connection.recv(LARGEST)
    order = json.loads(data)
    command = get_context("fork").Process(target=_become, args=(order, handles))
    command.start()
    connection.sendall(f"{command.pid}\n".encode())
    command.join()
    connection.sendall(f"{command.exitcode}\n".encode())
    os._exit(0)


def _become(order: dict[str, Any], handles: list[int]) -> None:
    """Run the command as if this process had been started for it."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, handle in enumerate([os.open(os.devnull, os.O_RDONLY), *handles]):
        os.dup2(handle, number)
        os.close(handle)
    from django.conf import settings  # noqa: PLC0415 - of the process that forks only
    from django.db import connections  # noqa: PLC0415 - the same

    sys.argv = ["khizana", *order["arguments"]]
    try:
        import_module("khizana.cli.main").main()
    finally:
        # An interpreter that ends lets go of them; this one is left as it is, which takes a third of the time.
        if settings.configured:
            connections.close_all()


if __name__ == "__main__":
    serve(sys.argv[1])
