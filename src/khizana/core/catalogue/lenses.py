"""How one column looks into an entry: what it shows, and how what is written there comes back.

Every lens keeps two laws: putting back what it shows changes nothing, and what was put is what it then shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from khizana.core.catalogue.entry import Entry, Person, Phrase, Phrases, Place, Text
from khizana.core.dates import DateStatement, parse_date
from khizana.core.languages import is_romanised

Values = tuple[str, ...]
Bearer = TypeVar("Bearer", Person, Place)

ARABIC = "ar"
ROMANISED = "ar-Latn"
NO_LANGUAGE = "none"
_TAGGED = re.compile(r"\[([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\] ")


class NotOfThisKind(ValueError):
    """A value that the column cannot hold: a word where a number belongs, several values where one does."""


class Lens(Protocol):
    """What a column shows of an entry, and the entry with other values in that column."""

    def get(self, entry: Entry) -> Values:
        """Return what the column shows."""

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with *values* in the column; raise ``NotOfThisKind`` where it cannot hold them."""


class Alone(Lens, Protocol):
    """A lens whose column needs no other beside it."""

    @property
    def field(self) -> Field:
        """The field that it looks at."""

    def fresh(self, values: Values) -> Any:
        """Return what putting *values* makes of the field where nothing is in it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the entry, or of a part of it: ``("physical", "leaves")``; ``("text", ...)`` is of the first text."""

    path: tuple[str, ...]

    def read(self, entry: Entry) -> Any:
        """Return what stands in the field."""
        found: Any = entry
        for name in self.path:
            found = (found.texts[0] if found.texts else Text()) if name == "text" else getattr(found, name)
        return found

    def write(self, entry: Entry, value: Any) -> Entry:
        """Return *entry* with *value* in the field; writing nothing where nothing is makes no text."""
        if value == self.read(entry):
            return entry
        *parts, last = self.path
        if parts == ["text"]:
            first = replace(entry.texts[0] if entry.texts else Text(), **{last: value})
            return replace(entry, texts=(first, *entry.texts[1:]))
        if parts:
            return replace(entry, **{parts[0]: replace(getattr(entry, parts[0]), **{last: value})})
        return replace(entry, **{last: value})


@dataclass(frozen=True, slots=True)
class OneText:
    """A field that holds one string."""

    field: Field

    def get(self, entry: Entry) -> Values:
        """Return the string, if there is one."""
        found = self.field.read(entry)
        return (found,) if found else ()

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the one value."""
        return self.field.write(entry, self.fresh(values))

    def fresh(self, values: Values) -> str:
        """Return the one value."""
        return _single(values)


@dataclass(frozen=True, slots=True)
class Number:
    """A field that holds a whole number."""

    field: Field

    def get(self, entry: Entry) -> Values:
        """Return the number in Western digits."""
        found = self.field.read(entry)
        return () if found is None else (str(found),)

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the number, whatever digits it is written in."""
        return self.field.write(entry, self.fresh(values))

    def fresh(self, values: Values) -> int | None:
        """Return the number that is written."""
        written = _single(values)
        if written and (not written.isdecimal() or len(written) > 9):
            raise NotOfThisKind(written)
        return int(written) if written else None


@dataclass(frozen=True, slots=True)
class Several:
    """A field that holds strings in an order."""

    field: Field

    def get(self, entry: Entry) -> Values:
        """Return the strings."""
        found: Values = self.field.read(entry)
        return found

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the values that are not empty."""
        return self.field.write(entry, self.fresh(values))

    def fresh(self, values: Values) -> Values:
        """Return the values that are not empty."""
        return tuple(value for value in values if value)


@dataclass(frozen=True, slots=True)
class Pairs:
    """A field that holds names and values, shown as ``name=value``."""

    field: Field

    def get(self, entry: Entry) -> Values:
        """Return each pair; an equals sign in a name stands behind a backslash."""
        return tuple(f"{_escaped(name)}={value}" for name, value in self.field.read(entry))

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the pairs."""
        return self.field.write(entry, self.fresh(values))

    def fresh(self, values: Values) -> tuple[tuple[str, str], ...]:
        """Return the pairs that are written."""
        pairs = []
        for value in filter(None, values):
            found = re.fullmatch(r"((?:[^\\=]|\\.)*)=(.*)", value, re.DOTALL)
            if found is None:
                raise NotOfThisKind(value)
            pairs.append((re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL), found[2]))
        return tuple(pairs)


@dataclass(frozen=True, slots=True)
class Said:
    """Those phrases of a field that are in one language, or with no *language* those that no other column shows."""

    field: Field
    language: str = ""
    others: tuple[str, ...] = ()
    """The languages that have columns of their own, for the column of all the rest."""

    def get(self, entry: Entry) -> Values:
        """Return the words; in the column of the rest, a language that is known stands before them in brackets."""
        return tuple(self.shown(phrase) for phrase in self.field.read(entry) if self._mine(phrase))

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the phrases in place of those shown; those of other languages stay where they are."""
        found: Phrases = self.field.read(entry)
        ours = iter(self.fresh(values))
        after: list[Phrase] = []
        for phrase in found:
            after += [phrase] if not self._mine(phrase) else [each for each in [next(ours, None)] if each]
        return self.field.write(entry, (*after, *ours))

    def fresh(self, values: Values) -> Phrases:
        """Return the phrases that the values are."""
        return tuple(self._phrase(value) for value in values if value)

    def shown(self, phrase: Phrase) -> str:
        """Return *phrase* as the column shows it."""
        if self.language or (phrase.language == NO_LANGUAGE and not _TAGGED.match(phrase.text)):
            return phrase.text
        return f"[{phrase.language}] {phrase.text}"

    def _mine(self, phrase: Phrase) -> bool:
        return phrase.language == self.language if self.language else phrase.language not in self.others

    def _phrase(self, value: str) -> Phrase:
        if self.language:
            return Phrase(value, self.language)
        tagged = _TAGGED.match(value)
        # A bracket that names a language with a column of its own would be shown there and not here.
        if tagged is None or tagged[1] in self.others:
            return Phrase(value, NO_LANGUAGE)
        return Phrase(value[tagged.end() :], tagged[1])


@dataclass(frozen=True, slots=True)
class Named(Generic[Bearer]):
    """Names of persons or places in one script: of each who is shown, the first name in it, or an empty string."""

    field: Field
    arabic: bool
    shows: Callable[[Bearer], bool]
    made: Callable[[], Bearer]

    def get(self, entry: Entry) -> Values:
        """Return the names, empty where one has none in this script, so that two columns can be read side by side."""
        names = [self._name(each) for each in self.field.read(entry) if self.shows(each)]
        while names and not names[-1]:
            names.pop()
        return tuple(names)

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the names; who has no name left in any script and no key is there no more."""
        given = iter(values)
        after = [self._renamed(each, next(given, "")) if self.shows(each) else each for each in self.field.read(entry)]
        after += [self._renamed(self.made(), name) for name in given]
        while after and self.shows(after[-1]) and not after[-1].names and after[-1] == self.made():
            after.pop()
        return self.field.write(entry, tuple(after))

    def _name(self, each: Bearer) -> str:
        return next((name.text for name in each.names if self._mine(name)), "")

    def _mine(self, name: Phrase) -> bool:
        return (name.language == ARABIC) is self.arabic

    def _renamed(self, each: Bearer, written: str) -> Bearer:
        if written == self._name(each):
            return each
        if not written:  # none of the names in this script: another one would be shown in its place
            return replace(each, names=tuple(name for name in each.names if not self._mine(name)))
        place = next((place for place, name in enumerate(each.names) if self._mine(name)), None)
        if place is None:
            latin = ROMANISED if is_romanised(written) else NO_LANGUAGE
            return replace(each, names=(*each.names, Phrase(written, ARABIC if self.arabic else latin)))
        names = list(each.names)
        names[place] = Phrase(written, names[place].language)
        return replace(each, names=tuple(names))


@dataclass(frozen=True, slots=True)
class Dated:
    """When it was made, in the words of each statement."""

    field: Field

    def get(self, entry: Entry) -> Values:
        """Return the words."""
        return tuple(date.words for date in self.field.read(entry))

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with the statements; words that stood there already keep the days they were given."""
        known = {date.words: date for date in reversed(self.field.read(entry))}
        return self.field.write(entry, tuple(known.get(words) or parse_date(words) for words in values if words))

    def fresh(self, values: Values) -> tuple[DateStatement, ...]:
        """Return what the values say of a time."""
        return tuple(parse_date(words) for words in values if words)


def settled(entry: Entry) -> Entry:
    """Return *entry* without persons and places that have neither name nor key.

    Two columns of names side by side need the empty places between them while an entry is being filled.
    """
    texts = tuple(
        text if all(map(_borne, text.persons)) else replace(text, persons=tuple(filter(_borne, text.persons)))
        for text in entry.texts
    )
    return replace(
        entry,
        texts=texts,
        persons=tuple(filter(_borne, entry.persons)),
        origin=replace(entry.origin, places=tuple(filter(_borne, entry.origin.places))),
    )


def of_role(role: str) -> Callable[[Person], bool]:
    """Return whether a person has the *role*."""
    return lambda person: person.role == role


def in_role(role: str) -> Callable[[], Person]:
    """Return what makes a person of the *role* who has no name yet."""
    return lambda: Person((), role)


def _borne(bearer: Person | Place) -> bool:
    return bool(bearer.names or bearer.key)


def _single(values: Iterable[str]) -> str:
    found = [value for value in values if value]
    if len(found) > 1:
        raise NotOfThisKind("; ".join(found))
    return found[0] if found else ""


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("=", "\\=")
