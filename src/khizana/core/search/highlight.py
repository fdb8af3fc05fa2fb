"""Where passages meet a query, in the text as stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from khizana.core.search.analysis import common_terms, term, unspaced
from khizana.core.search.document import Line, Passage
from khizana.core.search.query import Query, Words
from khizana.core.search.results import Highlight, Tier
from khizana.core.text.fold import APOSTROPHE, fold
from khizana.core.text.likeness import likeness
from khizana.core.text.sounds import sounded
from khizana.core.text.words import Spoken, alternatives

MOST_SHOWN = 6
"""Passages of one hit that are shown."""
LONGEST_SHOWN = 400
"""Characters of a passage that are shown: a longer one is cut around its first match."""
BEFORE = 80
ALIKE = 0.7
"""Words that sound less alike are not marked."""

Span = tuple[int, int]


def word_spans(text: str, wanted: Sequence[Words], *, fuzzy: bool = False) -> list[Span]:
    """Return where the words and phrases of *wanted* stand in *text*, in order and without overlap."""
    if not fuzzy:
        # Most passages of what was found have no word of the query: that is seen without taking them apart.
        plain = fold(text).text.replace(APOSTROPHE, "")
        wanted = [each for each in wanted if any(asked in plain for asked in _accepted(each.terms[0]))]
        if not wanted:
            return []
    found = Spoken(text)
    said = found.texts
    terms = [term(word) for word in said]
    places = {place for each in wanted for place in _of_words(terms, said, each, fuzzy=fuzzy)}
    return _apart(found.span(place) for place in places)


def edits_allowed(term: str) -> int:
    """Return by how many letters a word may differ from *term* and still be meant: none in short words."""
    return 0 if len(term) < 4 else 1 if len(term) < 8 else 2


def _accepted(asked: str) -> set[str]:
    return {asked, *alternatives(asked)}


def _of_words(terms: Sequence[str], said: Sequence[str], wanted: Words, *, fuzzy: bool) -> Iterator[int]:
    """Yield the places of what meets *wanted* among the *terms* of a text and its words as *said*."""
    count = len(wanted.terms)
    accepted = [_accepted(asked) for asked in wanted.terms]
    fuzzy = fuzzy and not wanted.quoted

    def meets(place: int, number: int) -> bool:
        found, asked = terms[place], wanted.terms[number]
        if found in accepted[number] or said[place] == asked:
            return True
        if wanted.prefix and number == count - 1:
            return found.startswith(asked)
        allowed = edits_allowed(asked) if fuzzy else 0
        return bool(allowed) and DamerauLevenshtein.distance(found, asked, score_cutoff=allowed) <= allowed

    for place in range(len(terms) - count + 1):
        if meets(place, 0) and all(meets(place + number, number) for number in range(1, count)):
            yield from range(place, place + count)


def sound_spans(text: str, asked: Sequence[str]) -> list[Span]:
    """Return the words of *text* that sound like one of the *asked* words."""
    spans = []
    for _, word in common_terms(text):
        sounds = sounded(text[word.start : word.end])
        if any(likeness(one, other) >= ALIKE for one in sounds for other in asked):
            spans.append((word.start, word.end))
    return _apart(spans)


def window_span(text: str, asked: str) -> tuple[float, list[Span]]:
    """Return how like the likest stretch of *text* is to the unspaced letters *asked* (0 to 1), and where it is."""
    within = unspaced(text)
    if not within.letters or not asked:
        return 0.0, []
    met = fuzz.partial_ratio_alignment(asked, within.letters)
    if met is None or met.dest_end <= met.dest_start:
        return 0.0, []
    start, end = within.origins[met.dest_start], within.origins[met.dest_end - 1] + 1
    return met.score / 100, [(start, end)]


def _apart(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for start, end in sorted(set(spans)):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        elif end > start:
            kept.append((start, end))
    return kept


def highlights(passages: Sequence[Passage], query: Query, tier: Tier, *, spelling: str = "") -> tuple[Highlight, ...]:
    """Return the passages that meet *query* in the way of *tier*; that with *spelling* first."""
    shown: list[Highlight] = []
    asked = sounded(query.plain) if tier is Tier.SOUNDS else ()
    for passage in sorted(passages, key=lambda each: each.text != spelling):
        wanted = [each for each in query.wanted if each.part in (None, passage.part)]
        spans = word_spans(passage.text, wanted, fuzzy=tier is Tier.FUZZY) if wanted else []
        if tier is Tier.SOUNDS and passage.text == spelling:
            spans = sound_spans(passage.text, asked)
        if spans or (spelling and passage.text == spelling):
            shown.append(_cut(Highlight(passage.part, passage.kind, passage.language, passage.text, 0, tuple(spans))))
        if len(shown) == MOST_SHOWN:
            break
    return tuple(shown)


def line_highlight(line: Line, passage: Passage, query: Query, tier: Tier) -> Highlight:
    """Return *line* with what meets *query* marked."""
    if tier is Tier.WINDOW:
        spans = window_span(line.text, unspaced(query.plain).letters)[1]
    else:
        spans = word_spans(line.text, query.wanted, fuzzy=tier is Tier.FUZZY)
    return _cut(
        Highlight(passage.part, passage.kind, line.language, line.text, 0, tuple(spans), line.page, line.number)
    )


def _cut(whole: Highlight) -> Highlight:
    """Return *whole* with a long text cut around its first match, between words where it can be."""
    if len(whole.text) <= LONGEST_SHOWN:
        return whole
    first = whole.spans[0][0] if whole.spans else 0
    start = max(0, first - BEFORE)
    if start:
        start = whole.text.find(" ", start, first) + 1 or start
    end = min(len(whole.text), start + LONGEST_SHOWN)
    spans = tuple((a - start, b - start) for a, b in whole.spans if a >= start and b <= end)
    return Highlight(
        whole.part, whole.kind, whole.language, whole.text[start:end], start, spans, whole.page, whole.line
    )
