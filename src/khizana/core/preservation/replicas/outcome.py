"""What a check says of one file of a replica: one of five things, never mixed."""

from __future__ import annotations

from dataclasses import dataclass

from khizana.core.identifiers import Digest


@dataclass(frozen=True, slots=True)
class Intact:
    """The bytes are those that were recorded."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Altered:
    """The file can be read, and its bytes are not those that were recorded."""

    name: str
    found: Digest
    """Of the bytes that came."""


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such file, and there should be."""

    name: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The file is there and cannot be read: its bytes may be right or wrong, which is not known."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class Unexpected:
    """The file is there and nothing says that it should be."""

    name: str
    size: int


Outcome = Intact | Altered | Missing | Unreadable | Unexpected

KINDS = {Intact: "intact", Altered: "altered", Missing: "missing", Unreadable: "unreadable", Unexpected: "unexpected"}
"""The word of the glossary for each outcome, as it is stored and shown."""


def kind_of(outcome: Outcome) -> str:
    """Return the word for *outcome*."""
    return KINDS[type(outcome)]
