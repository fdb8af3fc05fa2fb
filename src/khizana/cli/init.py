"""``khizana init DIR``: a new library."""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from khizana import __version__
from khizana.cli.verb import open_library, tell
from khizana.core.configuration import NAME, Configuration, configuration_text
from khizana.core.errors import AlreadyThere, BadInput
from khizana.core.library import LibraryFolder
from khizana.core.preservation.durable import make_directories, write_beside, writing
from khizana.core.preservation.ledger.write import open_ledger
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.preservation.ocfl.layout import create_storage_root


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
    folder = LibraryFolder(directory.absolute())
    if folder.configuration.exists():
        raise AlreadyThere("LIBRARY_THERE", path=str(directory))
    if directory.exists() and not directory.is_dir():
        raise BadInput("NOT_A_FOLDER", path=str(directory))
    places = (folder.storage, folder.work, folder.staging, folder.access, folder.stored, folder.ledger, folder.keys)
    half_made = {each.name for each in places} | {f"{folder.configuration.name}.part"}
    if directory.is_dir() and {each.name for each in directory.iterdir()} - half_made:
        raise BadInput("FOLDER_NOT_EMPTY", path=str(directory))
    configuration = Configuration(name=name or _name_from(directory), secret=secrets.token_urlsafe(48), **settings)
    with writing(folder.root):
        for each in places:
            make_directories(each)
        create_storage_root(folder.storage)
        with open_ledger(folder.ledger) as ledger:
            began = rfc3339(datetime.now(UTC).replace(microsecond=0))
            ledger.begin(folder.keys, library=configuration.name, when=began, agent=f"khizana {__version__}")
        write_beside(folder.configuration, configuration_text(configuration).encode())
        folder.configuration.chmod(0o600)
    open_library(str(folder.root))
    return folder


def _name_from(directory: Path) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", directory.absolute().name.lower()).strip("-")[:40].strip("-")
    return plain if NAME.fullmatch(plain) else "library"
