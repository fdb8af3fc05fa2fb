"""Answers queries from the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tantivy

from khizana.adapters.search.asking import EXACT, NEAR, Asking, Made, Must, Should
from khizana.adapters.search.counting import Counting, FacetCounts
from khizana.adapters.search.engine import Filters, body_of, count_of, one_of
from khizana.adapters.search.merging import Found, Gathered
from khizana.adapters.search.names import NearName, near_names
from khizana.adapters.search.schema import LINE, LINE_TERMS, MANUSCRIPT, SLICES, TERMS
from khizana.adapters.search.windows import like_lines
from khizana.core.identifiers import ManuscriptId
from khizana.core.search.document import Line, Part, Passage
from khizana.core.search.highlight import edits_allowed, highlights, line_highlight
from khizana.core.search.query import Query
from khizana.core.search.results import DEEPEST, MOST_HITS, Asked, Hit, Results, Suggestion, Tier

_MERGED = 200
"""Hits by words that are weighed against hits by names; further ones follow in the engine's order."""
_ENOUGH = 10
"""With fewer hits by words, more tolerant ways are tried."""
_MOST_NAMES = 40
_MOST_NAMED = 300
_LINES_SHOWN = 3
_MEANT = 0.75  # nearness of names that a query without hits may have meant


@dataclass(frozen=True, slots=True)
class Reading:
    """One state of the index: what is committed later is not seen."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema

    def search(self, query: Query, asked: Asked) -> Results:
        """Return what meets *query*."""
        limit, offset = max(1, min(asked.limit, MOST_HITS)), max(0, asked.offset)
        asking = Asking(self.schema)
        filters = asking.filters(MANUSCRIPT, query, asked)
        if not query.wanted:
            return self._all(query, asked, filters, limit, offset)
        beside = asking.filters(MANUSCRIPT, query, asked, beside_words=True)
        by_words = Made.boolean_query([*asking.words(query, lines=False), *beside])
        gathered, names = Gathered(), []
        counting = Counting(self.searcher, self.schema, asked.everything)
        by_words_total = self._words(asking, by_words, query, gathered, min(DEEPEST, max(_MERGED, offset + limit)))
        of_words = len(gathered.found)
        self._lines(asking, query, asked, gathered)
        if query.is_simple and not any(each.quoted for each in query.wanted):
            names = near_names(self.searcher, self.schema, query.plain, query.wanted[0].part)
            self._names(names, filters, asking, gathered)
        if len(gathered.found) < _ENOUGH:
            self._tolerant(asking, query, asked, filters, gathered)
        others = list(gathered.found)[of_words:]
        total = max(by_words_total, len(gathered.found))
        facets: FacetCounts = {}
        counted: int | None = None
        if asked.facets:
            facets, counted = counting.facets(counting.united(by_words, others, filters), total)
        if others and by_words_total > of_words:
            # Whether the words stand in the others too is not known of those beyond the ones that were gathered.
            if counted is None or counting.slices(total) < SLICES:
                gathered.is_cut = True
            else:
                total = counted
        ordered = gathered.ordered()
        if asked.sort == "date":
            ordered = self._by_date(ordered, asking)
        shown = ordered[offset : offset + limit]
        self._find_addresses(shown, asking)
        return Results(
            total=total,
            hits=tuple(self._hit(each.address, each, query) for each in shown if each.address is not None),
            at_least=gathered.is_cut,
            facets=facets,
            facets_part=counting.slices(total) / SLICES,
            suggestions=self._meant(names, filters, asking, by_words_total),
            findings=query.findings,
        )

    def _all(self, query: Query, asked: Asked, filters: Filters, limit: int, offset: int) -> Results:
        """Return all that passes the filters, the earliest first where that is asked."""
        if not query.groups and not asked.filters and query.typed.strip():
            return Results(0, (), findings=query.findings)
        everything = Made.boolean_query(filters)
        found = self._ordered(everything, asked, limit, min(offset, DEEPEST))
        total, counting = count_of(found), Counting(self.searcher, self.schema, asked.everything)
        return Results(
            total=total,
            hits=tuple(self._hit(address, Found(0, tier=Tier.ALL), query) for _, address in found.hits),
            facets=counting.facets(everything, total)[0] if asked.facets else {},
            facets_part=counting.slices(total) / SLICES,
            findings=query.findings,
        )

    def _ordered(self, query: Made, asked: Asked, limit: int, offset: int) -> tantivy.SearchResult:
        if asked.sort == "date":
            return self.searcher.search(query, limit, offset=offset, order_by_field="earliest", order=tantivy.Order.Asc)
        return self.searcher.search(query, limit, offset=offset)

    def _words(self, asking: Asking, by_words: Made, query: Query, gathered: Gathered, most: int) -> int:
        scored = [(Must, by_words), *self._scores(asking, query, tuple(TERMS.values()))]
        found = self.searcher.search(Made.boolean_query(scored), most)
        numbers = self.searcher.fast_field_values("manuscript", [address for _, address in found.hits])
        single = len(query.wanted) < 2 or not query.is_simple
        for (score, address), number in zip(found.hits, numbers, strict=True):
            one = gathered.of(int(number or 0))
            one.address = address
            tier, near, rest = _told(score)
            gathered.word(one, tier, rest, near=near or single)
        return count_of(found)

    def _scores(self, asking: Asking, query: Query, fields: tuple[str, ...]) -> list[tuple[tantivy.Occur, Made]]:
        added = []
        if (near := asking.near(query, fields)) is not None:
            added.append((Should, Made.const_score_query(near, NEAR)))
        if (exact := asking.exact(query)) is not None:
            added.append((Should, Made.const_score_query(exact, EXACT)))
        return added

    def _lines(self, asking: Asking, query: Query, asked: Asked, gathered: Gathered) -> None:
        if not self.searcher.doc_freq("kind", LINE):
            return
        filters = asking.filters(LINE, query, asked)
        beside = asking.filters(LINE, query, asked, beside_words=True)
        words = [*asking.words(query, lines=True), *beside, *self._scores(asking, query, (LINE_TERMS,))]
        found = self.searcher.search(Made.boolean_query(words), _MERGED, count=False)
        self._of_lines([(_told(score), address) for score, address in found.hits], gathered)
        gathered.is_cut |= len(found.hits) == _MERGED
        if len(found.hits) < _ENOUGH and query.is_simple and query.wanted[0].part in (None, Part.TEXT):
            like = like_lines(self.searcher, self.schema, query.plain, filters)
            self._of_lines([((Tier.WINDOW, False, score), address) for score, address in like], gathered)

    def _of_lines(self, found: list[tuple[tuple[Tier, bool, float], tantivy.DocAddress]], gathered: Gathered) -> None:
        numbers = self.searcher.fast_field_values("manuscript", [address for _, address in found])
        for ((tier, near, score), address), number in zip(found, numbers, strict=True):
            one = gathered.of(int(number or 0))
            if len(one.lines) < _LINES_SHOWN:
                one.lines.append(address)
            if tier is Tier.WINDOW:
                one.words = max(one.words, 0.6 * score)
            else:
                gathered.word(one, tier, score, near=near)

    def _names(self, names: list[NearName], filters: Filters, asking: Asking, gathered: Gathered) -> None:
        """Gather the manuscripts in which one of *names* stands, each under the nearest of its names."""
        names = names[:_MOST_NAMES]
        if not names:
            return
        # One question for all: the score tells which name was met.
        ranked = [
            Made.const_score_query(asking.term("spelling", name.number), float(len(names) - place))
            for place, name in enumerate(names)
        ]
        held = Made.boolean_query([(Must, Made.disjunction_max_query(ranked)), *filters])
        found = self.searcher.search(held, _MOST_NAMED, count=False).hits
        gathered.is_cut |= len(found) == _MOST_NAMED
        numbers = self.searcher.fast_field_values("manuscript", [address for _, address in found])
        for (score, address), number in zip(found, numbers, strict=True):
            name, one = names[len(names) - round(score)], gathered.of(int(number or 0))
            one.address = one.address or address
            gathered.named(one, name.nearness, name.part, name.text)

    def _tolerant(self, asking: Asking, query: Query, asked: Asked, filters: Filters, gathered: Gathered) -> None:
        """Look for words that differ by a letter or two."""
        loose = [each for each in query.wanted if not each.quoted and not each.prefix]
        if not any(edits_allowed(term) for each in loose for term in each.terms):
            return
        fuzzy = Made.boolean_query([*asking.words(query, lines=False, fuzzy=True), *filters])
        found = self.searcher.search(fuzzy, _MERGED, count=False).hits
        for (score, address), number in zip(
            found, self.searcher.fast_field_values("manuscript", [each for _, each in found]), strict=True
        ):
            one = gathered.of(int(number or 0))
            one.address = one.address or address
            gathered.word(one, Tier.FUZZY, score / (score + 10), near=False)
        if self.searcher.doc_freq("kind", LINE):
            words = [*asking.words(query, lines=True, fuzzy=True), *asking.filters(LINE, query, asked)]
            hits = self.searcher.search(Made.boolean_query(words), _MERGED, count=False).hits
            self._of_lines([((Tier.FUZZY, False, score / (score + 10)), each) for score, each in hits], gathered)

    def _by_date(self, ordered: list[Found], asking: Asking) -> list[Found]:
        self._find_addresses(ordered, asking)
        known = [(each, each.address) for each in ordered if each.address is not None]
        days = self.searcher.fast_field_values("earliest", [address for _, address in known])
        dated = sorted(
            zip(days, range(len(known)), strict=True), key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1])
        )
        return [known[place][0] for _, place in dated]

    def _find_addresses(self, several: Sequence[Found], asking: Asking) -> None:
        """Find the documents of the manuscripts that were found by their lines alone."""
        wanted = {each.number: each for each in several if each.address is None}
        if not wanted:
            return
        own = [
            (Must, one_of(self.schema, "manuscript", wanted)),
            (Must, asking.term("kind", MANUSCRIPT)),
        ]
        addresses = [address for _, address in self.searcher.search(Made.boolean_query(own), len(wanted)).hits]
        numbers = self.searcher.fast_field_values("manuscript", addresses)
        for number, address in zip(numbers, addresses, strict=True):
            wanted[int(number or 0)].address = address

    def _hit(self, address: tantivy.DocAddress, found: Found, query: Query) -> Hit:
        manuscript, shelfmark, kept = body_of(self.searcher, address)
        passages = tuple(Passage(Part(part), text, language, kind) for part, kind, language, text in kept)
        tier = found.tier
        marked = [] if tier is Tier.ALL else list(highlights(passages, query, tier, spelling=found.spelling))
        for each in found.lines:
            text, page, number, language, machine = body_of(self.searcher, each)
            line = Line(text, page, number, language, machine)
            marked.append(line_highlight(line, Passage(Part.TEXT, text, language, "line"), query, tier))
        return Hit(
            ManuscriptId(manuscript),
            shelfmark,
            tuple(each for each in passages if each.part is Part.TITLE),
            found.evidence(),
            tuple(marked),
        )

    def _meant(self, names: list[NearName], filters: Filters, asking: Asking, total: int) -> tuple[Suggestion, ...]:
        """Return the names that a query without hits may have meant."""
        if total:
            return ()
        found = (self.suggestion(each, filters, asking) for each in names[:8] if each.nearness >= _MEANT)
        return tuple(each for each in found if each)[:3]

    def suggestion(self, name: NearName, filters: Filters, asking: Asking) -> Suggestion | None:
        """Return *name* with the number of manuscripts it stands in that pass *filters*; None where there is none."""
        held = Made.boolean_query([(Must, asking.term("spelling", name.number)), *filters])
        count = count_of(self.searcher.search(held, 1))
        return Suggestion(name.text, name.part, count) if count else None


def _told(score: float) -> tuple[Tier, bool, float]:
    """Return what a score tells: the tier, whether the words are near one another, and the rest from 0 to 1."""
    near = score >= NEAR
    score -= NEAR if near else 0.0
    tier = Tier.EXACT if score >= EXACT else Tier.FOLDED
    score -= EXACT if tier is Tier.EXACT else 0.0
    return tier, near, score / (score + 10.0)
