"""``khizana keys join FILE``: the key file again from the shares, for a restore. No library is needed."""

from __future__ import annotations

from pathlib import Path

from khizana.cli.keys_make import write_secret
from khizana.cli.shares import typed_identity
from khizana.cli.verb import tell
from khizana.core.errors import AlreadyThere
from khizana.core.preservation.durable import writing
from khizana.wiring.keys import public_half


def run(*, file: Path) -> None:
    """Write the key file, readable by its owner alone."""
    if file.exists():
        raise AlreadyThere("FILE_EXISTS", path=str(file))
    identity = typed_identity()
    recipient = public_half(identity)
    with writing(file):
        write_secret(file, f"# public key: {recipient}\n{identity}\n")
    tell("KEYS_JOINED", path=str(file), recipient=recipient)
