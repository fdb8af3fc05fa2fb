"""``khizana ledger confirm FILE``: what a proof file proves, with nothing but it and the library's public key."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from khizana.cli.verb import tell
from khizana.core.errors import NotFound, Unreadable
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.ledger.keys import PUBLIC, public_key
from khizana.core.preservation.ledger.proof import LARGEST_PROOF, confirm


def run(*, file: Path, key: str | None, library: str | None, as_json: bool) -> None:
    """Say what is proved."""
    if key is None:
        key = str(LibraryFolder.opened(library_root(library)).keys / PUBLIC)
    done = confirm(_read(file), key=public_key(key))
    if as_json:
        value = {"number": done.number, "entry": asdict(done.entry), "head": asdict(done.head)}
        click.echo(json.dumps(value, ensure_ascii=False))
        return
    tell(
        "LEDGER_CONFIRMED",
        number=done.number,
        kind=done.entry.kind,
        subject=done.entry.subject,
        when=done.entry.when,
        library=done.head.library,
        size=done.head.size,
        signed=done.head.when,
    )


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_PROOF)
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(file)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(file), problem=error.strerror or "") from error
