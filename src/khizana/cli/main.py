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
from khizana.cli.ending import ToldToEnd, ending
from khizana.cli.verb import Option, Verb, Verbs, stop, warn, words
from khizana.cli.verbs import VERBS
from khizana.core.errors import BadInput, KhizanaError

LITTLE = 1_000_000  # bytes: less than the database needs to begin anything
OWN_FAULT_STATUS = 70  # as sysexits.h has it for a fault of the software


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        click.echo(f"khizana {__version__}")
        ctx.exit()


def _commands() -> dict[str, click.Command]:
    """Return the verbs by name; those of two words ("site add") below a group, or a verb, named by the first."""
    commands: dict[str, click.Command] = {}
    for verb in VERBS:
        first, _, second = (verb.name or "").partition(" ")
        if not second:
            commands[first] = verb
            continue
        group = commands.setdefault(
            first, Verbs(first, help=words(f"HELP_{first.upper()}"), subcommand_metavar=words("HELP_VERB"))
        )
        if isinstance(group, Verbs):
            group.add_command(verb, second)
        elif isinstance(group, Verb):
            group.branches[second] = verb
    return commands


khizana = Verbs(
    "khizana",
    commands=_commands(),
    help=words("HELP_KHIZANA"),
    callback=lambda: None,
    options_metavar=f"[{words('HELP_OPTIONS')}]",
    subcommand_metavar=words("HELP_VERB"),
    params=[
        Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help=words("HELP_VERSION"),
        )
    ],
)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command line and exit."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; nothing but a sentence reaches the person."""
    # Names from cards may hold bytes that are no text: they are shown escaped, and never stop the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with ending() as told:
        try:
            result = khizana.main(
                args=list(arguments) if arguments is not None else None, prog_name="khizana", standalone_mode=False
            )
        except KhizanaError as error:
            return stop(error)
        except click.ClickException as error:
            return stop(BadInput("GIVEN_UNUSABLE", command="khizana", problem=error.format_message()))
        except (ToldToEnd, KeyboardInterrupt, click.Abort):
            if sys.stderr.isatty():
                warn("")  # the terminal has written ^C into the line
            warn(words("INTERRUPTED"))
            return told.status
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

    from khizana.core.errors import NoSpace, Unreadable  # noqa: PLC0415 - the same

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace("NO_SPACE", path=_place(error))
    if isinstance(error, OSError) and error.errno in (errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS):
        return Unreadable("PATH_UNREADABLE", path=_place(error), problem=error.strerror or "")
    if (of_server := _of_server(error)) is not None:
        return of_server
    # The third is what Django makes of the second while it makes the tables.
    if type(error).__name__ in ("DatabaseError", "OperationalError", "MigrationSchemaMissing"):
        return _of_database(str(error))
    return None


def _place(error: OSError) -> str:
    """Return the whole path that *error* is about, so that its drive is known; the library where it tells none."""
    if isinstance(error.filename, str | bytes):
        return str(Path(os.fsdecode(error.filename)).absolute())
    writers = [frame.f_globals["__name__"] for frame, _ in traceback.walk_tb(error.__traceback__)]
    if writers[-1:] in (["click.utils"], ["khizana.cli.verb"]):  # the output went into a file, on a disk of its own
        return "stdout"
    return os.environ.get("KHIZANA_LIBRARY") or "stdout"


def _of_server(error: BaseException) -> KhizanaError | None:
    """Return the error that lies behind one of PostgreSQL's, or None."""
    chain: list[BaseException] = [error]
    while (behind := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(behind)
    if not any(type(each).__module__.startswith("psycopg") for each in chain):
        return None
    from django.conf import settings  # noqa: PLC0415 - only when something went wrong

    from khizana.project.postgresql.told import told  # noqa: PLC0415 - the same

    address = settings.KHIZANA.database_address
    return told(error, address) if address else None


def _of_database(text: str) -> KhizanaError:
    """Return the error that SQLite means by *text*."""
    from khizana.core.errors import Busy, NoSpace, Unreadable  # noqa: PLC0415 - as above

    if "locked" in text:
        return Busy("DATABASE_BUSY")
    # So it says of a disk that fails, and of one without room for its shared memory or its log.
    of_disk = any(each in text for each in ("disk I/O", "unable to open", "readonly"))
    if "full" in text or (of_disk and _disk_is_full()):
        return NoSpace("NO_SPACE", path=_database())
    if of_disk:
        return Unreadable("PATH_UNREADABLE", path=_database(), problem=text)
    return Unreadable("DATABASE_UNREADABLE", path=_database(), problem=text)


def _database() -> str:
    return os.path.join(os.environ.get("KHIZANA_LIBRARY", ""), "khizana.sqlite3")  # noqa: PTH118 - to be shown


def _disk_is_full() -> bool:
    library = os.environ.get("KHIZANA_LIBRARY")
    return bool(library) and shutil.disk_usage(str(library)).free < LITTLE


if __name__ == "__main__":
    main()
