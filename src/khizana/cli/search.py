"""``khizana search WORDS``: what the catalogue knows of some words, in any script; ``-`` reads queries, one a line."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from dataclasses import replace

import click

from khizana.cli.verb import Opened, Progress, language, tell, tell_findings, warn, words
from khizana.core.errors import BadInput, Busy
from khizana.core.policy import ANYONE, STAFF, Reader
from khizana.core.search.answer import results_csv, results_json
from khizana.core.search.document import Facet, Part
from khizana.core.search.query import FIELDS, Query, Words, parse_query
from khizana.core.search.results import Asked, Highlight, Results
from khizana.wiring.search import find, index_all, index_waiting, is_of_another_version, is_ready

BOLD = ("\x1b[1m", "\x1b[0m")


def run(
    *,
    opened: Opened,
    query: tuple[str, ...],
    field: str | None,
    facets: tuple[str, ...],
    limit: int,
    offset: int,
    sort: str,
    public: bool,
    explain: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Search, and show what was found."""
    asked = Asked(filters=_filters(facets), limit=limit, offset=offset, sort=sort, facets=as_json)
    part = _part(field)
    reader = ANYONE if public else STAFF
    _up_to_date(opened)
    if query == ("-",):
        for line in sys.stdin:
            _answer(opened, line.rstrip("\n"), part, asked, reader, as_csv=as_csv, as_json=True, explain=False)
            sys.stdout.flush()
        return
    _answer(opened, " ".join(query), part, asked, reader, as_csv=as_csv, as_json=as_json, explain=explain)


def _filters(facets: tuple[str, ...]) -> tuple[tuple[Facet, str], ...]:
    found = []
    for each in facets:
        name, equals, value = each.partition("=")
        if not equals or name not in set(Facet):
            raise BadInput("SEARCH_FACET_UNKNOWN", given=each, known=", ".join(Facet))
        found.append((Facet(name), value))
    return tuple(found)


def _part(field: str | None) -> Part | None:
    if field is None:
        return None
    if field.lower() not in FIELDS:
        raise BadInput("SEARCH_FIELD_UNKNOWN", given=field, known=", ".join(Part))
    return FIELDS[field.lower()]


def _up_to_date(opened: Opened) -> None:
    """Make the index where there is none, and bring into it what waits."""
    if not is_ready(opened.folder):
        code = "SEARCH_OTHER_VERSION" if is_of_another_version(opened.folder) else "SEARCH_INDEXING"
        warn(words(code))
        with Progress(0, unit="ms") as progress:
            index_all(opened.folder, opened.configuration, on_manuscript=lambda: progress.add(1))
    with suppress(Busy):
        index_waiting(opened.folder, opened.configuration)


def _answer(
    opened: Opened,
    typed: str,
    part: Part | None,
    asked: Asked,
    reader: Reader,
    *,
    as_csv: bool,
    as_json: bool,
    explain: bool,
) -> None:
    started = time.perf_counter()
    query = _within(parse_query(typed), part)
    results = find(opened.folder, query, asked, reader)
    took = 1000 * (time.perf_counter() - started)
    if as_csv:
        click.echo(results_csv(results), nl=False)
    elif as_json:
        value = results_json(results, query=typed, took_ms=took, language=language())
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        _show(results, asked, explain=explain)


def _within(query: Query, part: Part | None) -> Query:
    if part is None:
        return query
    groups = tuple(
        tuple(replace(each, part=each.part or part) if isinstance(each, Words) else each for each in group)
        for group in query.groups
    )
    return replace(query, groups=groups)


def _show(results: Results, asked: Asked, *, explain: bool) -> None:
    tell_findings(results.findings)
    tell("SEARCH_FOUND_AT_LEAST" if results.at_least else "SEARCH_FOUND", total=results.total)
    for number, hit in enumerate(results.hits, asked.offset + 1):
        title = hit.titles[0].text if hit.titles else ""
        click.echo(f"{number:>4}  {hit.shelfmark}  {title}")
        for each in hit.highlights[: None if explain else 1]:
            click.echo(f"      {_marked(each)}")
        if explain:
            click.echo(f"      {hit.evidence.sentence(language())}")
    if results.suggestions:
        tell("SEARCH_MEANT", names=" · ".join(each.text for each in results.suggestions))


def _marked(each: Highlight) -> str:
    before, after = BOLD if sys.stdout.isatty() else ("[", "]")
    made, place = [], 0
    for start, end in each.spans:
        made += [each.text[place:start], before, each.text[start:end], after]
        place = end
    return " ".join("".join([*made, each.text[place:]]).split())
