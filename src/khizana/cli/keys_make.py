"""``khizana keys make --into DIR``: a key for sealed copies, its secret on printable pages and nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from khizana.cli.verb import Opened, tell
from khizana.core.errors import AlreadyThere, BadInput
from khizana.core.preservation.durable import make_directories, sync_directory, write_all, writing
from khizana.core.preservation.sealed.keys import refuse_second_keys, write_keys
from khizana.core.preservation.sealed.share_page import SharePage
from khizana.wiring.keys import make_key, sealer_for


def run(*, opened: Opened, into: Path, needed: int, shares: int, as_json: bool) -> None:
    """Make a key, write its pages into a folder outside the library, then its public half into the library."""
    keys = opened.folder.keys
    refuse_second_keys(keys)
    if opened.folder.root.resolve() in (into.resolve(), *into.resolve().parents):
        raise BadInput("KEYS_INTO_LIBRARY", path=str(into))
    with writing(into):
        if into.exists() and (not into.is_dir() or any(into.iterdir())):
            raise AlreadyThere("KEYS_INTO_NOT_EMPTY", path=str(into))
        key = make_key(needed=needed, shares=shares)
        make_directories(into)
        for number, words in enumerate(key.shares, start=1):
            page = SharePage(opened.configuration.name, number, shares, needed, words, key.recipient)
            write_secret(into / f"share-{number}.txt", page.text())
            write_secret(into / f"share-{number}.html", page.html())
        sync_directory(into)
    write_keys(keys, [key.recipient], sealer=sealer_for([key.recipient]))
    if as_json:
        click.echo(json.dumps({"recipient": key.recipient, "needed": needed, "shares": shares, "pages": str(into)}))
    else:
        tell("KEYS_MADE", path=str(into), needed=needed, shares=shares)


def write_secret(path: Path, text: str) -> None:
    """Write a new file that only its owner may read, and flush it; raises ``FileExistsError``."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        write_all(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
