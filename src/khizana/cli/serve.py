"""``khizana serve``: web, tiles and worker in one process."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connections
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from khizana.cli.ending import is_ignored
from khizana.cli.verb import Opened, tell, warn, words
from khizana.core.errors import BadInput, Busy
from khizana.wiring.library import make_good

BACKLOG = 1024  # connections waiting to be taken
PATIENCE = 30  # seconds that answers under way have when it is closed


class Server(Granian):  # type: ignore[misc, valid-type]  # whichever of its servers fits this Python
    """The general server; a closed terminal ends it as Ctrl-C does, instead of starting its worker anew."""

    ended_by = signal.SIGINT

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """End, and remember by what."""
        if os.getpid() != self.pid:
            # The worker, told to end before it listens to that: it would never hear it again.
            os._exit(0)
        if not self.interrupt_signal:
            self.ended_by = signal.Signals(args[0])
        super().signal_handler_interrupt(*args, **kwargs)

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        """End when the terminal is closed, unless we were started to outlive it (nohup)."""
        if os.getpid() == self.pid and not self.outlives_terminal:
            self.signal_handler_interrupt(*args, **kwargs)

    def _stop_workers(self) -> None:
        """Tell the worker to end and wait until the system has it no more, before it counts as one that refuses.

        The library waits until the worker has closed its files, and for a millisecond after that.
        """
        deadline = time.monotonic() + PATIENCE
        for worker in self.wrks:
            worker.terminate()
        while any(worker.is_alive() for worker in self.wrks) and time.monotonic() < deadline:
            time.sleep(0.01)
        super()._stop_workers()

    def serve(self, *args: Any, **kwargs: Any) -> None:
        """Serve until told to end. Raises ``SystemExit`` where it ended by itself."""
        self.outlives_terminal = is_ignored(signal.SIGHUP)
        try:
            super().serve(*args, **kwargs)
        except SystemExit:
            if not self.interrupt_signal:
                raise


def run(*, opened: Opened, host: str, port: int) -> int:
    """Serve the library until Ctrl-C, which is what ends it well; return another status where the system ended it."""
    refuse_if_taken(host, port)
    with suppress(Busy):
        # Another command is at work on this library: it makes good what it finds, and readers need not wait.
        make_good(opened.folder, opened.configuration)
    # A connection to a server cannot be shared with the fork that the general server will be.
    connections.close_all()
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    # The server is a fork of this process, which has read its settings already, or a new one, which reads them anew.
    os.environ["KHIZANA_SERVING_AT"] = settings.KHIZANA_SERVING_AT = address
    tell("SERVING", address=opened.configuration.base_url or address)
    with TemporaryDirectory(prefix="khizana-") as folder:
        # Only we may enter that folder, so only the front, which listens for readers, speaks to the server behind.
        behind = Path(folder) / "behind"
        os.environ["KHIZANA_LISTENING"] = json.dumps({"host": host, "port": port, "behind": str(behind)})
        server = Server(
            "khizana.project.asgi:app",
            uds=behind,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            loop=Loops.uvloop,
            workers=1,
            runtime_threads=1,
            workers_kill_timeout=1,  # it has had our patience already
            backlog=BACKLOG,
            log_enabled=True,
            log_level=LogLevels.warning,
            websockets=False,
            http1_settings=HTTP1Settings(keep_alive=True),
        )
        server.serve()
    warn(words("CLOSED"))
    return 0 if server.ended_by is signal.SIGINT else 128 + server.ended_by


def refuse_if_taken(host: str, port: int) -> None:
    """Raise ``Busy`` when *port* is taken, ``BadInput`` when *host* is no address of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Busy("PORT_BUSY", port=port, next=port + 1) from error
        raise BadInput("ADDRESS_UNUSABLE", host=host, port=port, problem=error.strerror or str(error)) from error
