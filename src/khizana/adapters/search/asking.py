"""Queries of the engine, made of a query as a reader means it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import tantivy

from khizana.adapters.search.engine import Filters, Terms
from khizana.adapters.search.schema import CLOSED, FACETS, LINE, LINE_FACETS, LINE_TERMS, OPEN, TERMS, of_line
from khizana.core.dates import Days
from khizana.core.search.analysis import exact_terms
from khizana.core.search.document import Part
from khizana.core.search.highlight import edits_allowed
from khizana.core.search.query import Clause, Dated, Query, Words
from khizana.core.search.results import Asked
from khizana.core.text.words import alternatives

Must, Should, MustNot = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
Made = tantivy.Query

NEAR: Final = 2_000.0
EXACT: Final = 1_000.0
"""Added to the score of what has the words near one another, and of what has them letter by letter: in the order that
``merging`` has too, or the best would not be among the first."""
_WORTH = {
    Part.TITLE: 3.0, Part.PERSON: 3.0, Part.SHELFMARK: 4.0, Part.SUBJECT: 2.0, Part.PLACE: 2.0,
    Part.TEXT: 1.0, Part.NOTE: 1.0,
}  # fmt: skip
_SLOP = 3  # words that may stand between those of a query that are near one another


class Asking:
    """Makes the engine's queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self.schema = schema

    def term(self, field: str, value: str | int) -> Made:
        """Return: *field* has *value*."""
        return Made.term_query(self.schema, field, value)

    def filters(self, kind: str, query: Query, asked: Asked, *, beside_words: bool = False) -> Filters:
        """Return what every hit of *kind* must meet beside the words, at no score.

        *beside_words* that no document of another kind has, few are left out sooner than most are let in.
        """
        found = [(Must, self.term("kind", kind if asked.everything else kind + OPEN))]
        if beside_words and any(all(isinstance(each, Words) for each in group) for group in _wanted_groups(query)):
            found = [] if asked.everything else [(MustNot, self.term("kind", kind + CLOSED))]
        for facet, value in asked.filters:
            of_lines = kind == LINE
            kept = self.term(LINE_FACETS, of_line(facet, value)) if of_lines else self.term(FACETS[facet], value)
            found.append((Must, kept))
        for group in query.groups:
            dated = [self.dated(each.days) for each in group if isinstance(each, Dated) and not each.negated]
            if dated and len(dated) == len(group):
                found.append((Must, _any(dated)))
            found += [
                (
                    MustNot,
                    self.clause(each, tuple(TERMS.values())) if isinstance(each, Words) else self.dated(each.days),
                )
                for each in group
                if each.negated
            ]
        return [(occur, Made.const_score_query(each, 0.0) if occur == Must else each) for occur, each in found]

    def dated(self, days: Days) -> Made:
        """Return: may have been made within *days*."""
        integer = tantivy.FieldType.Integer
        bounds = []
        # Where there is no bound, a date there must be all the same.
        lower, upper = days.earliest, days.latest
        bounds.append(Made.range_query(self.schema, "latest", integer, -(1 << 50) if lower is None else lower, None))
        bounds.append(Made.range_query(self.schema, "earliest", integer, None, 1 << 50 if upper is None else upper))
        return Made.boolean_query([(Must, each) for each in bounds])

    def words(self, query: Query, *, lines: bool, fuzzy: bool = False) -> list[tuple[tantivy.Occur, Made]]:
        """Return: every group is met by one of its clauses; with *lines*, in lines of texts."""
        found = []
        for group in query.groups:
            wanted = [each for each in group if not each.negated]
            if not any(isinstance(each, Words) for each in wanted):
                continue
            found.append((Must, _any([self._wanted(each, lines=lines, fuzzy=fuzzy) for each in wanted])))
        return found

    def _wanted(self, clause: Clause, *, lines: bool, fuzzy: bool) -> Made:
        if isinstance(clause, Dated):
            return self.dated(clause.days)
        if lines:
            return self.clause(clause, (LINE_TERMS,), fuzzy=fuzzy) if clause.part in (None, Part.TEXT) else _none()
        fields = tuple(TERMS.values()) if clause.part is None else (TERMS[clause.part],)
        return self.clause(clause, fields, fuzzy=fuzzy)

    def clause(self, clause: Words, fields: Sequence[str], *, fuzzy: bool = False) -> Made:
        """Return: *clause* is met in one of *fields*."""
        worth = {field: _WORTH[part] for part, field in TERMS.items()}
        made = []
        for field in fields:
            each = self._in_field(clause, field, fuzzy=fuzzy)
            made.append(Made.boost_query(each, worth.get(field, 1.0)) if worth.get(field, 1.0) != 1.0 else each)
        return made[0] if len(made) == 1 else Made.disjunction_max_query(made, 0.1)

    def _in_field(self, clause: Words, field: str, *, fuzzy: bool) -> Made:
        terms: Terms = list(clause.terms)
        if len(terms) == 1:
            return self._one(clause.terms[0], field, clause, fuzzy=fuzzy)
        if fuzzy and not clause.quoted:
            return Made.boolean_query([(Must, self._one(term, field, clause, fuzzy=True)) for term in clause.terms])
        if clause.prefix:
            return Made.phrase_prefix_query(self.schema, field, terms)
        return Made.phrase_query(self.schema, field, terms)

    def _one(self, term: str, field: str, clause: Words, *, fuzzy: bool) -> Made:
        if clause.prefix:
            return Made.fuzzy_term_query(self.schema, field, term, 0, prefix=True)
        allowed = edits_allowed(term) if fuzzy and not clause.quoted else 0
        if allowed:
            return Made.fuzzy_term_query(self.schema, field, term, allowed)
        others = [each for each in alternatives(term) if each]
        return _any([self.term(field, each) for each in (term, *others)])

    def near(self, query: Query, fields: Iterable[str]) -> Made | None:
        """Return: the words stand near one another, in their order; None where there is but one."""
        terms: Terms = [term for each in query.wanted for term in each.terms]
        if len(query.wanted) < 2 or not query.is_simple:
            return None
        return _any([Made.phrase_query(self.schema, field, terms, _SLOP) for field in fields])

    def exact(self, query: Query) -> Made | None:
        """Return: has every word letter by letter; None where words were left open."""
        if any(each.prefix for each in query.wanted) or any(len(group) > 1 for group in query.groups):
            return None
        words = [word for each in query.wanted for word in exact_terms(each.text)]
        if not words:
            return None
        return Made.boolean_query([(Must, self.term("letters", word)) for word in dict.fromkeys(words)])


def _wanted_groups(query: Query) -> list[list[Clause]]:
    groups = ([each for each in group if not each.negated] for group in query.groups)
    return [group for group in groups if group]


def _any(several: list[Made]) -> Made:
    return several[0] if len(several) == 1 else Made.boolean_query([(Should, each) for each in several])


def _none() -> Made:
    return Made.empty_query()
