"""``khizana init DIR``: a new library."""

from __future__ import annotations

import json
import re
import secrets
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import click

from khizana import __version__
from khizana.cli.verb import open_library, tell
from khizana.core.configuration import NAME, Configuration, configuration_text
from khizana.core.errors import AlreadyThere, BadInput, Damaged
from khizana.core.library import LibraryFolder
from khizana.core.preservation.durable import make_directories, replace_beside, sync_directory, write_beside, writing
from khizana.core.preservation.ledger.place import ENTRIES, HEADS
from khizana.core.preservation.ledger.write import open_ledger
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.preservation.ocfl.layout import create_storage_root

_BY_A_RESTORE = ("aside", "arriving", "incomplete", "restoring", "khizana-site.lock")
"""What a restoring that was stopped may leave beside the folders of a library."""


def run(*, directory: Path, name: str | None, as_json: bool, **titles: str) -> None:
    """Make a new library."""
    folder = make_library(directory, name=name, **titles)
    if as_json:
        click.echo(json.dumps({"library": str(folder.root)}))
    else:
        tell("LIBRARY_MADE", path=str(directory))


def make_library(directory: Path, *, name: str | None = None, **settings: str) -> LibraryFolder:
    """Make a new library in *directory*: configuration, database, storage root, staging, access copies.

    The configuration is written last: a folder without one is no library, and the same command goes on there.

    Raises ``AlreadyThere`` where there is a library, ``BadInput`` where there is something else.
    """
    configuration = Configuration(name=name or _name_from(directory), secret=_secret(), **settings)
    folder = _made(directory, configuration, lambda _: None)
    with unmade_if_stopped(folder):
        open_library(str(folder.root))
    return folder


@contextmanager
def unmade_if_stopped(folder: LibraryFolder) -> Iterator[None]:
    """Take settings and database away again where the first work on a new library fails: for want of room, say.

    With the settings left behind, the same command would find a library there.
    """
    try:
        yield
    except BaseException:
        folder.configuration.unlink(missing_ok=True)
        for part in folder.root.glob(f"{folder.database.name}*"):
            part.unlink(missing_ok=True)
        raise


def remake_library(
    directory: Path, *, name: str, settings: bytes, sites: bytes, fill: Callable[[LibraryFolder], None]
) -> LibraryFolder:
    """Make the library *name* again in *directory* with the *settings* and *sites* that a site kept of it.

    *fill* puts back the objects; stopped there, the same command goes on. Raises as ``make_library`` does, and what
    *fill* raises; settings that cannot be read are those of a new library.
    """
    known = {each.name for each in fields(Configuration)} - {"name", "secret", "database"}
    try:
        kept = {key: value for key, value in tomllib.loads(settings.decode()).items() if key in known}
        configuration = Configuration(name=name, secret=_secret(), **kept)
    except (ValueError, TypeError, BadInput):
        configuration = Configuration(name=name, secret=_secret())

    def refill(folder: LibraryFolder) -> None:
        fill(folder)
        if sites:
            replace_beside(folder.sites, sites)

    return _made(directory, configuration, refill)


def _made(directory: Path, configuration: Configuration, fill: Callable[[LibraryFolder], None]) -> LibraryFolder:
    folder = LibraryFolder(directory.absolute())
    if folder.configuration.exists():
        raise AlreadyThere("LIBRARY_THERE", path=str(directory))
    if directory.exists() and not directory.is_dir():
        raise BadInput("NOT_A_FOLDER", path=str(directory))
    places = (folder.storage, folder.work, folder.staging, folder.access, folder.stored, folder.ledger, folder.keys)
    half_made = {each.name for each in places} | {
        f"{folder.configuration.name}.part",
        folder.sites.name,
        *_BY_A_RESTORE,
    }
    if directory.is_dir() and {each.name for each in directory.iterdir()} - half_made:
        raise BadInput("FOLDER_NOT_EMPTY", path=str(directory))
    with writing(folder.root):
        for each in places:
            make_directories(each)
        create_storage_root(folder.storage)
        fill(folder)
        try:
            _begin_ledger(folder, configuration)
        except Damaged:
            # What a site gave back is not as it was signed: it is kept, and a new one begins.
            set_ledger_aside(folder.ledger)
            _begin_ledger(folder, configuration)
        write_beside(folder.configuration, configuration_text(configuration).encode(), mode=0o600)
    return folder


def _begin_ledger(folder: LibraryFolder, configuration: Configuration) -> None:
    when, agent = rfc3339(datetime.now(UTC).replace(microsecond=0)), f"khizana {__version__}"
    with open_ledger(folder.ledger) as ledger:
        if ledger.size:
            ledger.go_on(folder.keys, when=when, agent=agent)
        else:
            ledger.begin(folder.keys, library=configuration.name, when=when, agent=agent)


def set_ledger_aside(ledger: Path) -> Path:
    """Move what was signed otherwise, in the folder *ledger*, out of the way of a new ledger; return where it lies."""
    aside = ledger / "damaged"
    make_directories(aside)
    for name in (ENTRIES, HEADS):
        if (ledger / name).exists():
            (ledger / name).replace(aside / name)
    sync_directory(aside)
    sync_directory(ledger)
    return aside


def _secret() -> str:
    return secrets.token_urlsafe(48)


def _name_from(directory: Path) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", directory.absolute().name.lower()).strip("-")[:40].strip("-")
    return plain if NAME.fullmatch(plain) else "library"
