"""The faces of all verbs: what each takes, an example, how it may end. Its deed stands in the module of its name."""

from __future__ import annotations

from pathlib import Path

import click

from khizana.cli.verb import Verb, json_option, option, path
from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged, NoSpace, NotFound, Unreadable

LEVELS = click.Choice(["open", "smaller", "staff"])
DIRECTIONS = click.Choice(["rtl", "ltr"])
DEFAULT_PORT = 8000


def _shelfmark() -> click.Option:
    return option("--shelfmark", required=True, metavar="S")


def _library() -> click.Option:
    """Return ``--library`` of a verb that opens no database."""
    return option("--library", metavar="DIR", envvar="KHIZANA_LIBRARY")


def _described() -> tuple[click.Option, ...]:
    return (
        option("--title", "titles", multiple=True, metavar="T"),
        option("--description", type=click.Path(), metavar="TEI"),
        option("--direction", type=DIRECTIONS, default="rtl", show_default=True),
        option("--level", type=LEVELS, default="open", show_default=True),
        option("--more", is_flag=True),
    )


VERBS = (
    Verb(
        "init",
        path("directory"),
        option("--name", metavar="NAME"),
        option("--title-ar", default="", metavar="TEXT"),
        option("--title-fr", default="", metavar="TEXT"),
        option("--title-en", default="", metavar="TEXT"),
        json_option(),
        in_library=False,
        example='khizana init ~/library --name ahmed-baba --title-ar "خزانة أحمد بابا"',
        errors=(BadInput, AlreadyThere, NoSpace),
    ),
    Verb(
        "add",
        path("folder"),
        _shelfmark(),
        *_described(),
        json_option(),
        example='khizana add /media/CARD/DCIM --shelfmark "TB 42" --title "ar=كتاب في الفلك" --library ~/library',
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "receive",
        path("folder"),
        _shelfmark(),
        json_option(),
        example='khizana receive /media/CARD/DCIM --shelfmark "TB 42" --library ~/library',
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy),
    ),
    Verb(
        "accession",
        _shelfmark(),
        *_described(),
        json_option(),
        example='khizana accession --shelfmark "TB 42" --description tb42.xml --library ~/library',
        errors=(BadInput, NotFound, AlreadyThere, NoSpace, Busy, Damaged),
    ),
    Verb(
        "publish",
        click.Argument(["shelfmark"], metavar="SHELFMARK"),
        option("--level", type=LEVELS),
        option("--withdraw", is_flag=True),
        json_option(),
        example='khizana publish "TB 42" --level smaller --library ~/library',
        errors=(BadInput, NotFound, NoSpace, Busy),
    ),
    Verb(
        "order",
        click.Argument(["shelfmark"], metavar="SHELFMARK"),
        path("pages", required=False),
        option("--direction", type=DIRECTIONS),
        example='khizana order "TB 42" > pages.csv   # edit it, then:\nkhizana order "TB 42" pages.csv',
        errors=(BadInput, NotFound, NoSpace, Busy),
    ),
    Verb(
        "serve",
        option("--host", default="127.0.0.1", show_default=True),
        option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True),
        example="khizana serve --library ~/library --port 8000",
        errors=(BadInput, NotFound, Busy),
    ),
    Verb(
        "demo",
        path("directory", required=False),
        option("--host", default="127.0.0.1", show_default=True),
        option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True),
        option("--only-make", is_flag=True),
        in_library=False,
        example="khizana demo",
        errors=(BadInput, NoSpace, Busy),
    ),
    Verb(
        "verify",
        path("target", required=False),
        json_option(),
        _library(),
        in_library=False,
        example="khizana verify /media/DISK/storage --json",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    Verb("status", json_option(), example="khizana status --library ~/library", errors=(BadInput, NotFound)),
    Verb(
        "doctor",
        json_option(),
        _library(),
        in_library=False,
        example="khizana doctor --library ~/library",
        errors=(BadInput, NotFound),
    ),
    Verb(
        "rebuild",
        option("--no-access-copies", is_flag=True),
        json_option(),
        example="khizana rebuild --library ~/library",
        errors=(BadInput, NotFound, Busy, Damaged, NoSpace),
    ),
    Verb(
        "ledger show",
        option("--subject", metavar="S"),
        json_option(),
        _library(),
        in_library=False,
        example="khizana ledger show --library ~/library",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    Verb(
        "ledger check",
        path("target", required=False),
        option("--head", "heads", multiple=True, type=click.Path(path_type=Path), metavar="FILE"),
        option("--key", metavar="KEY"),
        json_option(),
        _library(),
        in_library=False,
        example="khizana ledger check --head /media/COURIER/ledger/heads.jsonl --library ~/library",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    Verb(
        "ledger prove",
        click.Argument(["entry"], metavar="ENTRY"),
        option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE"),
        _library(),
        in_library=False,
        example="khizana ledger prove 12 --out entry-12.json --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Damaged),
    ),
    Verb(
        "ledger confirm",
        path("file"),
        option("--key", metavar="KEY"),
        json_option(),
        _library(),
        in_library=False,
        example="khizana ledger confirm entry-12.json --key ledger.pub",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    Verb(
        "ledger stamp",
        click.Argument(["replies"], type=click.Path(path_type=Path), metavar="[REPLY]...", nargs=-1),
        _library(),
        in_library=False,
        example="khizana ledger stamp                       # carry the .tsq file to an authority, then:\n"
        "khizana ledger stamp /media/STICK/12.tsr",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "ledger rekey",
        _library(),
        in_library=False,
        example="khizana ledger rekey --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "account",
        click.Argument(["username"], metavar="NAME"),
        option("--remove", is_flag=True),
        example="khizana account aicha --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Busy),
    ),
)
