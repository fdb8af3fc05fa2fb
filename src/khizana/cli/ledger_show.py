"""``khizana ledger show``: the entries of the ledger."""

from __future__ import annotations

import click

from khizana.cli.verb import words
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.courier.keys import key_text, own_keys
from khizana.core.preservation.ledger.entry import Entry, to_line
from khizana.core.preservation.ledger.place import read_entries


def run(*, subject: str | None, library: str | None, as_json: bool) -> None:
    """Show every entry, or those about one subject; with ``--json`` each on its line, as it stands in the ledger."""
    ledger = LibraryFolder.opened(library_root(library)).ledger
    if subject is None and not as_json and (own := own_keys(ledger).keys):
        click.echo(words("LEDGER_OWN_KEY", key=key_text(own[-1])))
    for number, entry in read_entries(ledger):
        if subject is None or entry.subject == subject:
            click.echo(to_line(entry).decode() if as_json else _told(number, entry))


def _told(number: int, entry: Entry) -> str:
    facts = " ".join(f"{name}={value}" for name, value in entry.facts.items())
    line = words(
        "LEDGER_ENTRY",
        number=number,
        when=entry.when,
        kind=entry.kind,
        outcome=entry.outcome,
        subject=entry.subject,
        facts=facts,
    )
    return line.rstrip()
