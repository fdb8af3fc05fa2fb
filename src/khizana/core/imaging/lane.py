"""The far side of a lane: one process that makes access copies, one after another (see ``lanes``).

Run as ``python -m khizana.core.imaging.lane <descriptor>``; it ends when the near side closes the connection.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import cv2
import pyvips

from khizana.core.errors import KhizanaError
from khizana.core.imaging.access_copy import complete, make

_PR_SET_PDEATHSIG: Final = 1


def main(descriptor: int, parent: int) -> None:
    """Answer requests until the connection is closed."""
    _live_and_die_with(parent)
    cv2.setNumThreads(1)
    pyvips.cache_set_max(0)
    line: Connection[Any, Any] = Connection(descriptor)
    line.send(("ready",))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            line.send(_answer(*line.recv()))


def _live_and_die_with(parent: int) -> None:
    # Ctrl-C and a closed terminal reach every process of it, and a service manager tells each process of a service to
    # end: the near side decides when its lanes end.
    for told in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(told, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(0)


def _done(task: str, arguments: dict[str, Any]) -> Any:
    if task == "complete":
        return complete(Path(arguments["folder"]), digest=arguments["digest"])
    return make(
        Path(arguments["master"]),
        Path(arguments["folder"]),
        digest=arguments["digest"],
        name=arguments["name"],
        largest=arguments["largest"],
        widest=arguments["widest"],
    )


def _answer(task: str, arguments: dict[str, Any]) -> tuple[Any, ...]:
    try:
        return ("done", _done(task, arguments))
    except KhizanaError as error:
        return ("told", type(error).__name__, error.code, error.facts)
    except MemoryError:
        return ("memory",)
    except OSError as error:
        return ("disk", error.strerror or str(error))
    except Exception:  # noqa: BLE001 - an unforeseen fault of one image is told to the near side, and the lane goes on
        return ("fault", traceback.format_exc())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
