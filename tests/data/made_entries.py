"""Entries made by seeded chance, for laws: what columns can hold and what they cannot, in every script."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Phrases, Physical, Place, Text
from khizana.core.dates import parse_date

# As a catalogue keeps text: no controls, no two spaces, no tatweel, composed.
LETTERS = "abzÉéḥʿابتجمحيةئؤ٣7;,\\[]=+-@'\"«؛؟."
LANGUAGES = ("none", "ar", "ar-Latn", "fr", "en", "ha-Arab", "de")
DATES = ("1107", "رجب ١١٠٧", "ca. 1695", "n.d.")

clean = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


def made_entry(chance: Random) -> Entry:
    """Return an entry with something or nothing in every field that a column shows."""

    def words() -> str:
        return " ".join("".join(chance.choices(LETTERS, k=chance.randint(1, 6))) for _ in range(chance.randint(1, 3)))

    def maybe() -> str:
        return words() if chance.random() < 0.5 else ""

    def several() -> tuple[str, ...]:
        return tuple(words() for _ in range(chance.choice((0, 0, 1, 2, 3))))

    def phrases() -> Phrases:
        return tuple(Phrase(each, chance.choice(LANGUAGES)) for each in several())

    def number() -> int | None:
        return chance.choice((None, 0, chance.randint(1, 999_999)))

    def pairs() -> tuple[tuple[str, str], ...]:
        return tuple((each, words()) for each in several())

    def names() -> Phrases:
        return phrases() or (Phrase(words(), chance.choice(LANGUAGES)),)

    def persons(role: str) -> tuple[Person, ...]:
        return tuple(Person(names(), chance.choice((role, role, "patron"))) for _ in range(chance.randint(0, 3)))

    def text() -> Text:
        return Text(
            titles=phrases(), persons=persons("author"), incipit=phrases(), explicit=phrases(), colophon=phrases()
        )

    return Entry(
        shelfmark=maybe(),
        former_shelfmarks=several(),
        identifiers=pairs(),
        titles=phrases(),
        languages=several(),
        owner=phrases(),
        custodian=phrases(),
        holding=phrases(),
        present_location=phrases(),
        country=maybe(),
        settlement=maybe(),
        summary=phrases(),
        texts=tuple(text() for _ in range(chance.randint(0, 2))),
        persons=persons("scribe"),
        origin=Origin(
            tuple(parse_date(each) for each in chance.sample(DATES, chance.randint(0, 2))),
            tuple(Place(names()) for _ in range(chance.randint(0, 2))),
        ),
        physical=Physical(
            extent=phrases(),
            leaves=number(),
            height=number(),
            width=number(),
            written_height=number(),
            written_width=number(),
            lines=maybe(),
            material=maybe(),
            support=phrases(),
            script=phrases(),
            script_styles=several(),
            binding=phrases(),
            condition=phrases(),
        ),
        subjects=phrases(),
        genres=phrases(),
        notes=phrases(),
        extra=pairs(),
    )


entries = st.integers(0, 2**32).map(lambda seed: made_entry(Random(seed)))
