"""``khizana doctor``: is this machine fit for the work, and if not, what to do."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from khizana import __version__
from khizana.cli.verb import language
from khizana.core.configuration import Configuration, read_configuration
from khizana.core.errors import KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.library import LibraryFolder
from khizana.project.databases import database_of

OLDEST_SQLITE = (3, 37, 0)  # STRICT tables and a WAL that is safe on every file system of ours
LITTLE_SPACE = 5 * 1000**3  # bytes: about a day's photographs
BUILT = 1_790_000_000  # Unix time shortly before this version was made: a clock before it is wrong
PARTS = ("django", "granian", "pyvips", "simplejpeg", "opencv-python-headless", "lxml", "orjson", "pillow")


def run(*, as_json: bool, library: str | None) -> int:
    """Check the machine, and the library where one is named; return 1 where something must be mended."""
    findings = list(machine())
    if library:
        try:
            findings += list(examine(LibraryFolder.opened(Path(library))))
        except KhizanaError as error:
            findings.append(Finding(error.code, Severity.ERROR, library, error.facts))
    if as_json:
        value = [
            {"code": each.code, "severity": each.severity, "sentence": each.sentence(language()), **each.facts}
            for each in findings
        ]
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        marks = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "✓"}
        for each in findings:
            click.echo(f"{marks[each.severity]} {each.sentence(language())}")
    return int(any(each.severity is Severity.ERROR for each in findings))


def machine() -> Iterator[Finding]:
    """Yield what is found of versions and clock."""
    yield _good("DOCTOR_VERSION", version=__version__, python=platform.python_version(), system=platform.platform())
    for part in PARTS:
        try:
            version(part)
        except PackageNotFoundError:
            yield Finding("DOCTOR_PART_MISSING", Severity.ERROR, part, {"part": part})
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield Finding("DOCTOR_SQLITE_OLD", Severity.ERROR, "sqlite", {"version": sqlite3.sqlite_version})
    now = time.time()
    if now < BUILT:
        yield Finding("DOCTOR_CLOCK", Severity.ERROR, "clock", {"now": time.strftime("%Y-%m-%d %H:%M")})
    else:
        yield _good("DOCTOR_CLOCK_FINE", now=time.strftime("%Y-%m-%d %H:%M %Z"))
    if sys.getfilesystemencoding().lower() != "utf-8":
        yield Finding("DOCTOR_ENCODING", Severity.ERROR, "locale", {"encoding": sys.getfilesystemencoding()})


def examine(folder: LibraryFolder) -> Iterator[Finding]:
    """Yield what is found of one library: configuration, space, permissions, database."""
    configuration = read_configuration(folder.configuration)
    if folder.configuration.stat().st_mode & 0o077:
        yield Finding("DOCTOR_SECRET_OPEN", Severity.WARNING, "configuration", {"path": str(folder.configuration)})
    usage = shutil.disk_usage(folder.root)
    space: dict[str, str | int] = {
        "path": str(folder.root),
        "free": usage.free // 1000**3,
        "percent": 100 * usage.free // usage.total,
    }
    if usage.free < LITTLE_SPACE:
        yield Finding("DOCTOR_SPACE", Severity.WARNING, "disk", space)
    else:
        yield _good("DOCTOR_SPACE_FINE", **space)
    for place in (folder.storage, folder.work, folder.staging, folder.access, folder.stored):
        # Only the storage root cannot be made again: a copy of a library may come without the others.
        wanted = place == folder.storage or place.exists()
        if wanted and not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            yield Finding("DOCTOR_PERMISSION", Severity.ERROR, place.name, {"path": str(place)})
    disks = {place.stat().st_dev for place in (folder.storage, folder.work) if place.is_dir()}
    if len(disks) > 1:
        yield Finding("DOCTOR_TWO_DISKS", Severity.ERROR, "disk", {"path": str(folder.work)})
    if configuration.database_address is None:
        yield from _database(folder.database)
    else:
        yield from _server(folder, configuration)


def _database(path: Path) -> Iterator[Finding]:
    if not path.is_file():
        yield Finding("DOCTOR_NO_DATABASE", Severity.WARNING, "database", {"path": str(path)})
        return
    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5) as connection:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        connection.close()
    except sqlite3.Error as error:
        answer = str(error)
    if answer == "ok":
        yield _good("DOCTOR_DATABASE_FINE", path=str(path))
    else:
        yield Finding("DOCTOR_DATABASE", Severity.ERROR, "database", {"path": str(path), "problem": str(answer)[:200]})


def _server(folder: LibraryFolder, configuration: Configuration) -> Iterator[Finding]:
    database_of(folder, configuration)  # raises where the driver is not installed
    from khizana.project.postgresql.examine import examine as examine_server  # noqa: PLC0415 - it imports the driver

    if configuration.database_address is not None:
        yield from examine_server(configuration.database_address)


def _good(code: str, **facts: str | int) -> Finding:
    return Finding(code, Severity.INFO, "", facts)
