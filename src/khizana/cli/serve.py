"""``khizana serve``: web, tiles and worker in one process."""

from __future__ import annotations

import errno
import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput, Busy
from khizana.wiring.library import make_good

BACKLOG = 1024  # connections waiting to be taken


def run(*, opened: Opened, host: str, port: int) -> None:
    """Serve the library until Ctrl-C."""
    refuse_if_taken(host, port)
    with suppress(Busy):
        # Another command is at work on this library: it makes good what it finds, and readers need not wait.
        make_good(opened.folder, opened.configuration)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    # The server is a fork of this process, which has read its settings already, or a new one, which reads them anew.
    os.environ["KHIZANA_SERVING_AT"] = settings.KHIZANA_SERVING_AT = address
    tell("SERVING", address=opened.configuration.base_url or address)
    with TemporaryDirectory(prefix="khizana-") as folder:
        # Only we may enter that folder, so only the front, which listens for readers, speaks to the server behind.
        behind = Path(folder) / "behind"
        os.environ["KHIZANA_LISTENING"] = json.dumps({"host": host, "port": port, "behind": str(behind)})
        Granian(
            "khizana.project.asgi:app",
            uds=behind,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            loop=Loops.uvloop,
            workers=1,
            runtime_threads=1,
            backlog=BACKLOG,
            log_enabled=True,
            log_level=LogLevels.warning,
            websockets=False,
            http1_settings=HTTP1Settings(keep_alive=True),
        ).serve()


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
