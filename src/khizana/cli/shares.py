"""Shares as people type them: asked for one by one, or one a line where nobody sits."""

from __future__ import annotations

import sys

import click

from khizana.cli.verb import language, warn, words
from khizana.core.errors import BadInput
from khizana.wiring.keys import joined_identity, needed_by


def typed_identity() -> str:
    """Return the secret key of the shares that are typed; it is kept in memory alone.

    At a terminal a share that is mistyped is asked for again. Raises ``BadInput`` with what is wrong with them.
    """
    if not sys.stdin.isatty():
        return joined_identity([line for line in sys.stdin.read().splitlines() if line.strip()])
    lines: list[str] = []
    needed = 0
    while len(lines) < (needed or 1):
        line = click.prompt(words("ASK_SHARE", number=len(lines) + 1), prompt_suffix="\n")
        try:
            needed = needed_by(line, len(lines) + 1)
            if line.lower().split() in [each.lower().split() for each in lines]:
                raise BadInput("KEYS_SHARE_TWICE")  # noqa: TRY301 - told as what is mistyped is
        except BadInput as error:
            warn(f"✗ {error.sentence(language())}")
            continue
        lines.append(line)
    return joined_identity(lines)
