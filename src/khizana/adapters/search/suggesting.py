"""Names that begin like what is being typed."""

from __future__ import annotations

from khizana.adapters.search.asking import Asking, Made, Must
from khizana.adapters.search.engine import body_of
from khizana.adapters.search.names import NearName, near_names
from khizana.adapters.search.reader import Reading
from khizana.adapters.search.schema import MANUSCRIPT, NAME_TERMS
from khizana.core.search.analysis import common_terms
from khizana.core.search.document import Part
from khizana.core.search.query import Query
from khizana.core.search.results import Asked, Suggestion

LEAST_TYPED = 2
LONGEST_TYPED = 100
_CONSIDERED = 60
_NEAR = 0.55


def suggested(reading: Reading, typed: str, *, everything: bool, limit: int) -> tuple[Suggestion, ...]:
    """Return names with words that begin like *typed*, then those that sound like it, whichever script."""
    typed = typed[:LONGEST_TYPED]
    terms = [term for term, _ in common_terms(typed)]
    if not terms or len("".join(terms)) < LEAST_TYPED:
        return ()
    asking = Asking(reading.schema)
    filters = asking.filters(MANUSCRIPT, Query(typed), Asked(everything=everything))
    found: dict[str, Suggestion] = {}
    for name in [*_beginning(reading, terms), *near_names(reading.searcher, reading.schema, typed, None)]:
        if name.text in found or (not name.same_letters and name.nearness < _NEAR):
            continue
        suggestion = reading.suggestion(name, filters, asking)
        if suggestion:
            found[name.text] = suggestion
        if len(found) == limit:
            break
    return tuple(found.values())


def _beginning(reading: Reading, terms: list[str]) -> list[NearName]:
    if len(terms) == 1:
        query = Made.fuzzy_term_query(reading.schema, NAME_TERMS, terms[0], 0, prefix=True)
    else:
        query = Made.phrase_prefix_query(reading.schema, NAME_TERMS, [*terms])
    # Every name that begins so is as good as another: short ones are seen whole.
    query = Made.boolean_query([(Must, Made.const_score_query(query, 1.0))])
    hits = reading.searcher.search(query, _CONSIDERED, count=False, weight_by_field="shortness").hits
    found = []
    for _, address in hits:
        part, text, _, _, number = body_of(reading.searcher, address)
        found.append(NearName(number, Part(part), text, 1.0, same_letters=True))
    return found
