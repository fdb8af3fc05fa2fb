"""The faces of the verbs by which descriptions come, change, are shown and go."""

from __future__ import annotations

from pathlib import Path

import click

from khizana.cli.given import OneOf, Size
from khizana.cli.verb import Verb, json_option, option
from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged, NoSpace, NotFound, Unreadable
from khizana.core.policy import Level

LEVELS = OneOf([level.value for level in Level])

PUBLISH = Verb(
    "publish",
    click.Argument(["shelfmarks"], metavar="[SHELFMARK]...", nargs=-1),
    option("--all", "everything", is_flag=True),
    option("--level", type=LEVELS),
    option("--withdraw", is_flag=True),
    json_option(),
    example='khizana publish "TB 42" --level smaller --library ~/library\nkhizana publish --all --library ~/library',
    errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
)

PUBLISH_OFFLINE = Verb(
    "publish offline",
    click.Argument(["directory"], type=click.Path(path_type=Path), metavar="DIR"),
    click.Argument(["shelfmarks"], metavar="[SHELFMARK]...", nargs=-1),
    option("--all", "everything", is_flag=True),
    option("--full", is_flag=True),
    option("--pack", type=Size(), metavar="SIZE"),
    option("--check", is_flag=True),
    json_option(),
    example="khizana publish offline /media/STICK/library --all --library ~/library\n"
    "khizana publish offline ~/sticks --all --full --pack 4GB --library ~/library\n"
    "khizana publish offline /media/STICK/library --check --library ~/library",
    errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
)

CATALOGUE_VERBS = (
    Verb(
        "import",
        click.Argument(
            ["paths"], type=click.Path(path_type=Path), metavar="FILE-OR-FOLDER...", nargs=-1, required=True
        ),
        option("--dry-run", is_flag=True),
        option("--take-theirs", is_flag=True),
        option("--named-by", type=OneOf(["shelfmark", "holding", "file"]), default="shelfmark", show_default=True),
        option("--profile", type=click.Path(path_type=Path), metavar="FILE"),
        option("--publish", is_flag=True),
        option("--level", type=LEVELS, default="open", show_default=True),
        option("--images", type=OneOf(["none", "reference", "copy"]), default="none", show_default=True),
        option("--incomplete", is_flag=True),
        option("--nearby", is_flag=True),
        option("--report", type=click.Path(path_type=Path), metavar="FILE"),
        json_option(),
        example="khizana import inventory.xlsx --dry-run --library ~/library\n"
        "khizana import descriptions/ --named-by holding --report report.csv --library ~/library\n"
        "khizana import manifest.json --images copy --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "export",
        click.Argument(["shelfmarks"], metavar="[SHELFMARK]...", nargs=-1),
        option(
            "--as", "kind", type=OneOf(["tei", "csv", "xlsx", "ods", "marcxml", "dc"]), default="tei", show_default=True
        ),
        option("--into", type=click.Path(path_type=Path), required=True, metavar="PATH"),
        option("--published", is_flag=True),
        json_option(),
        example="khizana export --into descriptions --library ~/library\n"
        "khizana export --as xlsx --into catalogue.xlsx --library ~/library",
        errors=(BadInput, NotFound, AlreadyThere, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "edit",
        click.Argument(["shelfmarks"], metavar="[SHELFMARK]...", nargs=-1),
        option("--all", "everything", is_flag=True),
        option("--where", metavar="COLUMN=VALUE"),
        option("--set", "sets", multiple=True, metavar="COLUMN=VALUE"),
        option("--add", "adds", multiple=True, metavar="COLUMN=VALUE"),
        option("--remove", "removes", multiple=True, metavar="COLUMN=VALUE"),
        option("--replace", "replaces", multiple=True, metavar="COLUMN=OLD=>NEW"),
        option("--dry-run", is_flag=True),
        json_option(),
        example='khizana edit "TB 42" --set condition=fragile --library ~/library\n'
        'khizana edit --where "subjects_ar=فلك" --add subjects_en=Astronomy --dry-run --library ~/library',
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
    Verb(
        "undo",
        click.Argument(["batch"], metavar="[BATCH]", required=False),
        option("--dry-run", is_flag=True),
        json_option(),
        example="khizana undo                       # lists what can be undone, then:\n"
        "khizana undo 3f9a12cd --library ~/library",
        errors=(BadInput, NotFound, Unreadable, NoSpace, Busy, Damaged),
    ),
)
