"""The faces of all verbs: what each takes, an example, how it may end. Its deed stands in the module of its name."""

from __future__ import annotations

from pathlib import Path

import click

from khizana.cli.catalogue_verbs import CATALOGUE_VERBS, LEVELS, PUBLISH, PUBLISH_OFFLINE
from khizana.cli.given import Between, OneOf
from khizana.cli.searching_verbs import SEARCHING
from khizana.cli.verb import Verb, json_option, option, path
from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged, NoSpace, NotFound, Unreadable

DIRECTIONS = OneOf(["rtl", "ltr"])
PORTS = Between(1, 65535)
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
        option("--database", default="", metavar="ADDRESS"),
        json_option(),
        in_library=False,
        example='khizana init ~/library --name ahmed-baba --title-ar "خزانة أحمد بابا"',
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Busy),
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
        option("--more", is_flag=True),
        json_option(),
        example='khizana receive /media/CARD/DCIM --shelfmark "TB 42" --library ~/library',
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Busy),
    ),
    Verb(
        "accession",
        _shelfmark(),
        *_described(),
        json_option(),
        example='khizana accession --shelfmark "TB 42" --description tb42.xml --library ~/library',
        errors=(BadInput, NotFound, AlreadyThere, NoSpace, Busy, Damaged),
    ),
    PUBLISH,
    PUBLISH_OFFLINE,
    Verb(
        "order",
        click.Argument(["shelfmark"], metavar="SHELFMARK"),
        path("pages", required=False),
        option("--direction", type=DIRECTIONS),
        example='khizana order "TB 42" > pages.csv   # edit it, then:\nkhizana order "TB 42" pages.csv',
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "branches",
        click.Argument(["shelfmark"], metavar="[SHELFMARK]", required=False),
        option("--into", "directory", type=click.Path(path_type=Path), metavar="DIR"),
        json_option(),
        example="khizana branches --into ~/to-decide --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "settle",
        click.Argument(["shelfmark"], metavar="SHELFMARK"),
        click.Argument(["file"], metavar="FILE"),
        click.Argument(["choice"], metavar="keep|take", type=OneOf(["keep", "take"])),
        option("--branch", metavar="BRANCH"),
        json_option(),
        example='khizana settle "TB 42" description.xml take --library ~/library',
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "bag",
        click.Argument(["shelfmark"], metavar="SHELFMARK"),
        option("--into", "directory", type=click.Path(path_type=Path), required=True, metavar="DIR"),
        option("--zip", "as_zip", is_flag=True),
        option("--tar", "as_tar", is_flag=True),
        json_option(),
        example='khizana bag "TB 42" --into /media/DISK --zip --library ~/library',
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "adopt",
        path("source"),
        json_option(),
        example="khizana adopt /media/DISK/ocfl-root --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    *CATALOGUE_VERBS,
    Verb(
        "serve",
        option("--host", default="127.0.0.1", show_default=True, metavar="HOST"),
        option("--port", type=PORTS, default=DEFAULT_PORT, show_default=True, metavar="PORT"),
        example="khizana serve --library ~/library --port 8000",
        errors=(BadInput, NotFound, Busy),
    ),
    Verb(
        "demo",
        path("directory", required=False),
        option("--host", default="127.0.0.1", show_default=True, metavar="HOST"),
        option("--port", type=PORTS, default=DEFAULT_PORT, show_default=True, metavar="PORT"),
        option("--only-make", is_flag=True),
        in_library=False,
        example="khizana demo",
        errors=(BadInput, NoSpace, Busy),
    ),
    Verb(
        "verify",
        path("target", required=False),
        option("--site", metavar="SITE"),
        option("--for", "duration", metavar="TIME"),
        option("--key", type=click.Path(path_type=Path), metavar="FILE"),
        json_option(),
        _library(),
        in_library=False,
        example="khizana verify /media/DISK/storage --json\n"
        "khizana verify /media/DISK/tb-42.zip\n"
        "khizana verify --site all --for 2h --library ~/library",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    Verb(
        "site add",
        click.Argument(["name"], metavar="NAME"),
        click.Argument(["address"], metavar="ADDRESS"),
        option("--place", default="", metavar="TEXT"),
        option("--keeper", default="", metavar="TEXT"),
        option("--risk", default="", metavar="TEXT"),
        option("--offline", is_flag=True),
        option("--sealed", is_flag=True),
        example='khizana site add sahara disk:/media/SAHARA/khizana --place "Bamako" --offline\n'
        "khizana site add red courier:RED\n"
        'khizana site add bamako peer:ed25519-3b6a... --place "Bamako" --keeper "The imam"',
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Damaged),
    ),
    Verb(
        "site remove",
        click.Argument(["name"], metavar="NAME"),
        example="khizana site remove sahara --library ~/library",
        errors=(BadInput, NotFound, NoSpace, Unreadable),
    ),
    Verb("site list", json_option(), example="khizana site list --library ~/library", errors=(BadInput,)),
    Verb(
        "courier pack",
        path("disk"),
        option("--for", "peer", required=True, metavar="SITE"),
        option("--all", "everything", is_flag=True),
        option("--ask", is_flag=True),
        json_option(),
        example="khizana courier pack /media/COURIER --for bamako --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "courier receive",
        path("disk"),
        json_option(),
        example="khizana courier receive /media/COURIER --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "keys make",
        option("--into", required=True, type=click.Path(path_type=Path), metavar="DIR"),
        option("--needed", type=Between(2, 16), default=3, show_default=True, metavar="K"),
        option("--shares", type=Between(2, 16), default=5, show_default=True, metavar="N"),
        json_option(),
        example="khizana keys make --into /media/USB/pages --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace),
    ),
    Verb(
        "keys rehearse",
        option("--library", metavar="DIR", envvar="KHIZANA_LIBRARY"),
        in_library=False,
        example="khizana keys rehearse --library ~/library",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    Verb(
        "keys join",
        path("file"),
        in_library=False,
        example="khizana keys join /dev/shm/key.txt",
        errors=(BadInput, AlreadyThere, Unreadable, NoSpace),
    ),
    Verb(
        "keys bring",
        click.Argument(["site"], metavar="SITE"),
        option("--key", required=True, type=click.Path(path_type=Path), metavar="FILE"),
        example="khizana keys bring partner --key /dev/shm/key.txt --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Damaged),
    ),
    Verb(
        "replicate",
        option("--site", metavar="SITE"),
        json_option(),
        example="khizana replicate --site sahara --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "repair",
        option("--site", metavar="SITE"),
        option("--key", type=click.Path(path_type=Path), metavar="FILE"),
        json_option(),
        example="khizana repair --site here --library ~/library\n"
        "khizana repair --key /dev/shm/key.txt --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "restore",
        click.Argument(["address"], metavar="SITE"),
        option("--into", "directory", type=click.Path(path_type=Path), required=True, metavar="DIR"),
        option("--key", type=click.Path(path_type=Path), metavar="FILE"),
        option("--from", "signers", multiple=True, metavar="KEY"),
        json_option(),
        in_library=False,
        example="khizana restore disk:/media/SAHARA/khizana --into ~/library\n"
        "khizana restore courier:RED --from ed25519-3b6a... --into ~/library\n"
        "khizana restore disk:/media/SEALED --key /dev/shm/key.txt --into ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Damaged),
    ),
    Verb(
        "rehearse",
        option("--site", metavar="SITE"),
        option("--courier", type=click.Path(path_type=Path), metavar="DISK"),
        option("--into", "directory", type=click.Path(path_type=Path), metavar="DIR"),
        option("--key", type=click.Path(path_type=Path), metavar="FILE"),
        json_option(),
        example="khizana rehearse --site sahara --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Damaged),
    ),
    *SEARCHING,
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
        "guardian make",
        click.Argument(["name"], metavar="NAME"),
        option("--into", required=True, type=click.Path(path_type=Path), metavar="DIR"),
        in_library=False,
        example='khizana guardian make "The imam" --into /media/STICK',
        errors=(BadInput, AlreadyThere, Unreadable, NoSpace),
    ),
    Verb(
        "guardian name",
        click.Argument(["files"], type=click.Path(path_type=Path), metavar="FILE...", nargs=-1),
        example="khizana guardian name one.txt two.txt three.txt --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "delete ask",
        click.Argument(["shelfmark"], metavar="SHELFMARK"),
        option("--reason", required=True, metavar="TEXT"),
        json_option(),
        example='khizana delete ask "TB 42" --reason "Taken twice, as TB 43 too" --library ~/library',
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "delete list",
        json_option(),
        example="khizana delete list --library ~/library",
        errors=(BadInput, NotFound, Unreadable, Damaged),
    ),
    *(
        Verb(
            f"delete {answer}",
            click.Argument(["request"], metavar="REQUEST"),
            option("--key", required=True, type=click.Path(path_type=Path), metavar="FILE"),
            example=f"khizana delete {answer} 3f9a12cd --key /media/STICK/guardian.pem --library ~/library",
            errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
        )
        for answer in ("consent", "refuse")
    ),
    Verb(
        "delete carry-out",
        click.Argument(["request"], metavar="REQUEST"),
        example="khizana delete carry-out 3f9a12cd --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "account",
        click.Argument(["username"], metavar="NAME"),
        option("--reader", is_flag=True),
        option("--remove", is_flag=True),
        example="khizana account aicha --library ~/library\nkhizana account visitor --reader --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Busy),
    ),
    Verb(
        "accounts export",
        path("file"),
        example="khizana accounts export ~/accounts.json",
        errors=(AlreadyThere, NoSpace),
    ),
    Verb("accounts import", path("file"), example="khizana accounts import ~/accounts.json", errors=(Busy,)),
)
