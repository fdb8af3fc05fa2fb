"""A written date cut into tokens: numbers, names, and the words between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile

from khizana.core.dates.numerals import ARABIC_NUMBERS, ARABIC_ORDINALS, EUROPEAN_ORDINALS, arabic_number, roman
from khizana.core.dates.vocabulary import (
    Kind,
    Meaning,
    Value,
    phrases_by_first_word,
    vocabulary,
    words_worth_guessing,
)

_LEXEME = re.compile(
    r"(?P<numeric>(?<!\d)\d{1,4}(?P<mark>[./-])\d{1,2}(?P=mark)\d{1,4}(?!\d))"
    r"|(?P<century>(?<!\d)\d{1,2}(?:--|xx\b|\?\?|\.\.))"
    r"|(?P<decade>(?<!\d)\d{2,3}(?:x\b|_|-(?!\s*(?:\d|c))))"
    r"|(?P<tens>(?<!\d)\d{1,3}0s\b)"
    r"|(?P<ordinal>(?<!\d)\d{1,4}(?:st|nd|rd|th|ers?|eres?|res?|es?|emes?|iemes?|o)\b)"
    r"|(?P<number>\d{1,9})"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<other>\S)"
)
_ROMAN_ORDINAL = re.compile(r"([xvi]+)(?:es?|emes?|iemes?|o|th)?")
_PREFIXES = ("وال", "بال", "لل", "و", "ب", "ل", "ف", "ال", "l", "d")
_SURE = 0.82  # likeness of a misspelling to a known word: one letter in six

_PLURAL = "annees"
_MOST_GUESSES = 2  # with more unknown words it is no date, and looking for likenesses takes time


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number of a date: what it is, what it says, and how it was written (folded)."""

    kind: Kind
    value: Value
    written: str
    numbers: tuple[int, ...] = ()
    guessed: str = ""


def tokens_of(folded: str) -> list[Token]:
    """Return the tokens of a folded date, in order; words that say nothing are left out."""
    lexemes = [
        (str(found.lastgroup if found.lastgroup != "mark" else "numeric"), found[0])
        for found in _LEXEME.finditer(folded)
    ]
    tokens: list[Token] = []
    place = 0
    while place < len(lexemes):
        token, taken = _next(lexemes, place)
        place += taken
        tokens.extend(token)
    unknown = [at for at, token in enumerate(tokens) if token.kind is Kind.UNKNOWN]
    for at in unknown[:_MOST_GUESSES]:
        tokens[at] = _guess(tokens[at].written)
    return _tidied([token for token in tokens if token.kind is not Kind.NOISE])


def _tidied(tokens: list[Token]) -> list[Token]:
    """Settle what only the neighbours tell: "third" may be an ordinal, brackets may hold the calendar alone."""
    tidy: list[Token] = []
    for token in tokens:
        before = tidy[-1] if tidy else None
        if token.written == "third" and (before is None or before.kind not in (Kind.ORDINAL, Kind.LAST)):
            tidy.append(Token(Kind.ORDINAL, 3, token.written))
        elif token.written == "-" and before is not None and before.kind is Kind.PORTION:
            continue  # "mid-17th century"
        elif token.kind is Kind.CENTURY and _is_hyphen_after_ordinal(tidy):
            tidy[-1] = token  # "19th-century"
        elif token.kind is Kind.NUMBER and before is not None and before.written == _PLURAL:
            tidy[-1] = Token(Kind.DECADE, token.value, token.written)
        elif token.kind is Kind.EQUIVALENT:
            if before is not None and before.written in (",", ";", "=", "/", "("):
                tidy.pop()
            tidy.append(Token(Kind.MARK, None, "(" if before is not None and before.written == "(" else "="))
        elif token.written in (")", "]") and len(tidy) > 1 and _is_bracketed_name(tidy):
            del tidy[-2]
        else:
            tidy.append(token)
    return tidy


def _is_hyphen_after_ordinal(tokens: list[Token]) -> bool:
    return len(tokens) > 1 and tokens[-1].written == "-" and tokens[-2].kind is Kind.ORDINAL


def _is_bracketed_name(tokens: list[Token]) -> bool:
    return tokens[-1].kind in (Kind.CALENDAR, Kind.DOUBT, Kind.WEEKDAY) and tokens[-2].written in ("(", "[")


def _next(lexemes: list[tuple[str, str]], place: int) -> tuple[list[Token], int]:  # noqa: PLR0911  # a line for each kind
    kind, written = lexemes[place]
    if kind == "word":
        return _word(lexemes, place)
    digits = tuple(int(each) for each in re.findall(r"\d+", written))
    match kind:
        case "numeric":
            return [Token(Kind.NUMERIC, None, written, digits)], 1
        case "century":
            return [Token(Kind.YEARS, (digits[0] * 100, digits[0] * 100 + 99), written)], 1
        case "decade":
            return [Token(Kind.YEARS, (digits[0] * 10, digits[0] * 10 + 9), written)], 1
        case "tens":
            return [Token(Kind.DECADE, digits[0], written)], 1
        case "ordinal":
            return [Token(Kind.ORDINAL, digits[0], written)], 1
        case "number":
            return [Token(Kind.NUMBER, digits[0], written)], 1
    marks = {"?": Kind.DOUBT, "&": Kind.AND, "~": Kind.CIRCA, "±": Kind.CIRCA, ">": Kind.AFTER, "<": Kind.BEFORE}
    return [Token(marks.get(written, Kind.MARK), None, written)], 1


def _word(lexemes: list[tuple[str, str]], place: int) -> tuple[list[Token], int]:
    """Read the longest phrase that begins here, or else a number in words, or else a word with a prefix."""
    found = _phrase(lexemes, place, lexemes[place][1])
    if found:
        return found
    words = [written for _, written in takewhile(lambda lexeme: lexeme[0] == "word", lexemes[place : place + 12])]
    for prefix in ("", "ل", "ب", "و"):
        value, taken = arabic_number([words[0].removeprefix(prefix), *words[1:]])
        if taken and words[0].startswith(prefix):
            ahead = [Token(Kind.AND, None, prefix)] if prefix == "و" else []
            return [*ahead, Token(Kind.NUMBER, value, " ".join(words[:taken]))], taken
    return _single(lexemes, place)


def _single(lexemes: list[tuple[str, str]], place: int) -> tuple[list[Token], int]:
    word = lexemes[place][1]
    value = _ordinal(word)
    if value is not None:
        return _ordinal_of_two(lexemes, place, value)
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > 1:
            found = _phrase(lexemes, place, rest)
            if found:
                tokens, taken = found
                return ([Token(Kind.AND, None, prefix), *tokens] if prefix.startswith("و") else tokens), taken
    return [Token(Kind.UNKNOWN, None, word)], 1


def _ordinal_of_two(lexemes: list[tuple[str, str]], place: int, value: int) -> tuple[list[Token], int]:
    """Read an ordinal, and "the second ten" or "the second and the twentieth" as one."""
    word = lexemes[place][1]
    after = lexemes[place + 1][1] if place + 1 < len(lexemes) else ""
    tens = ARABIC_NUMBERS.get(after.removeprefix("و").removeprefix("ال"), 0)
    unit = value % 10 if word.endswith(("حادي", "حاديه")) else value
    if after in ("عشر", "عشره") and unit < 10:
        return [Token(Kind.ORDINAL, unit + 10, f"{word} {after}")], 2
    if after.startswith("و") and 20 <= tens <= 90 and unit < 10:
        return [Token(Kind.ORDINAL, unit + tens, f"{word} {after}")], 2
    return [Token(Kind.ORDINAL, value, word)], 1


def _phrase(lexemes: list[tuple[str, str]], place: int, first: str) -> tuple[list[Token], int] | None:
    for phrase in phrases_by_first_word().get(first, ()):
        taken = _matches(lexemes, place, phrase)
        if taken:
            kind, value = vocabulary()[phrase]
            return [Token(kind, value, " ".join(phrase))], taken
    return None


def _matches(lexemes: list[tuple[str, str]], place: int, phrase: tuple[str, ...]) -> int:
    """Return how many lexemes *phrase* takes from *place*, its first word granted: 0 where it does not stand there.

    Hyphens between the words of a name are passed over: "Dhu-l-Hijja".
    """
    at = place + 1
    for word in phrase[1:]:
        while at < len(lexemes) and lexemes[at][1] == "-":
            at += 1
        if at >= len(lexemes) or lexemes[at][1] != word:
            return 0
        at += 1
    return at - place


def _ordinal(word: str) -> int | None:
    bare = word.removeprefix("ال")
    if bare in ARABIC_ORDINALS:
        return ARABIC_ORDINALS[bare]
    tens = ARABIC_NUMBERS.get(bare, 0)
    if bare != word and 20 <= tens <= 90:
        return tens
    if word in EUROPEAN_ORDINALS:
        return EUROPEAN_ORDINALS[word]
    found = _ROMAN_ORDINAL.fullmatch(word)
    return roman(found[1]) if found and len(word) > 1 else None


def _guess(word: str) -> Token:
    """Read a word as the known one that it is most like, or as unknown."""
    known: dict[str, Meaning] = words_worth_guessing()
    like = get_close_matches(word, known, n=2, cutoff=_SURE) if 5 <= len(word) <= 20 else []
    if not like or (len(like) > 1 and known[like[0]] != known[like[1]]):
        return Token(Kind.UNKNOWN, None, word)
    kind, value = known[like[0]]
    return Token(kind, value, word, guessed=like[0])
