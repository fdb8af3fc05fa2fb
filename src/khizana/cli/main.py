"""``khizana <verb>``: finds the verb's module, runs it, and turns whatever stops it into one sentence."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from khizana import __version__
from khizana.cli.verb import stop, warn, words
from khizana.cli.verbs import VERBS
from khizana.core.errors import KhizanaError


class InOrder(click.Group):
    """Lists its commands in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """Return the verbs."""
        return list(self.commands)


def _commands() -> dict[str, click.Command]:
    """Return the verbs by name; those of two words under their first."""
    commands: dict[str, click.Command] = {}
    for verb in VERBS:
        first, _, second = (verb.name or "").partition(" ")
        if not second:
            commands[first] = verb
            continue
        group = commands.setdefault(first, InOrder(first, help=words(f"HELP_{first.upper()}"), no_args_is_help=True))
        if isinstance(group, click.Group):
            group.add_command(verb, second)
    return commands


INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it
LITTLE = 1_000_000  # bytes: less than the database needs to begin anything
OWN_FAULT_STATUS = 70  # as sysexits.h has it for a fault of the software


@click.group(commands=_commands(), cls=InOrder, help=words("HELP_KHIZANA"), no_args_is_help=True)
@click.version_option(__version__)
def khizana() -> None:
    """Do one thing with a library."""


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command line and exit."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; nothing but a sentence reaches the person."""
    # Names from cards may hold bytes that are no text: they are shown escaped, and never stop the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = khizana.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except KhizanaError as error:
        return stop(error)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        warn(words("INTERRUPTED"))
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the last door: a fault of ours is told in one sentence too
        return _own_fault(error)
    return int(result or 0)


def _own_fault(error: Exception) -> int:
    known = _from_outside(error)
    if known is not None:
        return stop(known)
    with tempfile.NamedTemporaryFile("w", prefix="khizana-fault-", suffix=".txt", delete=False) as report:
        traceback.print_exception(error, file=report)
    warn(words("OWN_FAULT", path=str(Path(report.name)), problem=f"{type(error).__name__}: {error}"[:300]))
    return OWN_FAULT_STATUS


def _from_outside(error: Exception) -> KhizanaError | None:
    """Return the error a person can act on that lies behind a foreign library's, or None."""
    import errno  # noqa: PLC0415 - only when something went wrong

    from khizana.core.errors import Busy, NoSpace, Unreadable  # noqa: PLC0415 - the same

    text = str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace("NO_SPACE", path=str(error.filename or ""))
    if isinstance(error, OSError) and error.errno in (errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS):
        return Unreadable("PATH_UNREADABLE", path=str(error.filename or ""), problem=error.strerror or "")
    if type(error).__name__ == "OperationalError" and "locked" in text:
        return Busy("DATABASE_BUSY")
    # SQLite says "disk I/O error" for a disk without room for its shared memory, too.
    if type(error).__name__ == "OperationalError" and ("full" in text or ("disk I/O" in text and _disk_is_full())):
        return NoSpace("NO_SPACE", path="khizana.sqlite3")
    if type(error).__name__ in ("OperationalError", "DatabaseError"):
        return Unreadable("DATABASE_UNREADABLE", problem=text)
    return None


def _disk_is_full() -> bool:
    library = os.environ.get("KHIZANA_LIBRARY")
    return bool(library) and shutil.disk_usage(str(library)).free < LITTLE


if __name__ == "__main__":
    main()
