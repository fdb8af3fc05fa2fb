"""What the index holds: manuscripts, the names in them, and lines of their texts, as documents of three kinds."""

from __future__ import annotations

import math
from hashlib import blake2b
from typing import Final

import tantivy

from khizana.core.search.document import Facet, Part
from khizana.core.text.nearest import MOST_WORDS

SCHEMA_VERSION: Final = 2
"""Changes with every change of the fields below: an index of another version is made again."""

MANUSCRIPT, NAME, LINE = "m", "n", "l"
OPEN, CLOSED = "o", "c"
"""Behind the kind of a manuscript or a line: whether readers without an account may see it."""
WHITESPACE = "spaces"
BETWEEN = "\u001f"
"""Stands between two passages of one field, so that no phrase runs from one into the other."""
NO_BOUND: Final = 1 << 40
"""A day that nothing comes before, or after."""

TERMS: Final = {part: f"terms_{part.value}" for part in Part}
LINE_TERMS: Final = "terms_line"
NAME_TERMS: Final = "terms_name"
FACETS: Final = {facet: f"facet_{facet.value}" for facet in Facet}
LINE_FACETS: Final = "facet_of_line"
"""The facets of a line's manuscript, each with its name: to narrow lines down by, never to count."""
SLICE: Final = "slice"
SLICES: Final = 64
"""Parts of the collection, by chance and of one size: what too much would meet is looked for in some of them."""


def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    for name in ("kind", "id", "part", SLICE, LINE_FACETS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (*TERMS.values(), LINE_TERMS, NAME_TERMS):
        builder.add_text_field(name, tokenizer_name=WHITESPACE, index_option="position")
    for name in ("letters", "keys", "rarest", "grams"):
        builder.add_text_field(name, tokenizer_name=WHITESPACE, index_option="basic")
    for name in FACETS.values():
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("manuscript", indexed=True, fast=True)
    builder.add_unsigned_field("spelling", indexed=True)
    builder.add_unsigned_field("name", indexed=True)
    builder.add_integer_field("earliest", indexed=True, fast=True)
    builder.add_integer_field("latest", indexed=True, fast=True)
    builder.add_float_field("shortness", fast=True)
    builder.add_bytes_field("body", stored=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Tell *index* how our terms stand in a field: between spaces."""
    index.register_tokenizer(WHITESPACE, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


def number_of(*parts: str) -> int:
    """Return 64 bits that stand for *parts*: of a manuscript, or of a spelling in a part."""
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).digest())


def slice_of(number: int, *, published: bool) -> str:
    """Return the slice of the manuscript with *number*: those that readers may see have slices of their own."""
    return f"{OPEN if published else CLOSED}{number % SLICES}"


def of_line(facet: Facet, value: str) -> str:
    """Return *value* of *facet* as it is kept of lines."""
    return f"{facet.value}{BETWEEN}{value}"


def shortness(words: int) -> float:
    """Return the value by which the engine multiplies a name's score so that it is divided by the root of 4 + *words*.

    The engine multiplies by the binary logarithm of 2 + the value, which is 1 for the longest name.
    """
    return math.pow(2.0, math.sqrt(4 + MOST_WORDS) / math.sqrt(4 + min(words, MOST_WORDS))) - 2.0
