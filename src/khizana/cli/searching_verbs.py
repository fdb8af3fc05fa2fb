"""The faces of the verbs that search."""

from __future__ import annotations

import click

from khizana.cli.given import Between, OneOf
from khizana.cli.verb import Verb, json_option, option
from khizana.core.errors import BadInput, Busy, Damaged, NoSpace, NotFound

SEARCHING = (
    Verb(
        "search",
        click.Argument(["query"], metavar="WORDS...", nargs=-1),
        option("--field", metavar="FIELD"),
        option("--facet", "facets", multiple=True, metavar="FACET=VALUE"),
        option("--limit", type=Between(1, 1000), default=10, show_default=True, metavar="N"),
        option("--offset", type=Between(0, 10_000), default=0, show_default=True, metavar="N"),
        option("--sort", type=OneOf(["relevance", "date"]), default="relevance", show_default=True),
        option("--public", is_flag=True),
        option("--explain", is_flag=True),
        option("--csv", "as_csv", is_flag=True),
        json_option(),
        example="khizana search al-Maghili date:1100..1200 --explain --library ~/library\n"
        "khizana search --json - --library ~/library < queries.txt",
        errors=(BadInput, NotFound, Busy, NoSpace, Damaged),
    ),
    Verb(
        "index",
        json_option(),
        example="khizana index --library ~/library",
        errors=(BadInput, NotFound, Busy, NoSpace, Damaged),
    ),
)
