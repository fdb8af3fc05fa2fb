"""The few words of HTTP that the image doors speak: answers, refusals, languages, entity tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from khizana.core.findings import LANGUAGES, sentence

Pairs = Sequence[tuple[str, str]]


class Headers:
    """Response headers in every form that servers take, each made once and only where it is asked for.

    Thousands are remembered, so that each holds no more than it must.
    """

    __slots__ = ("_lines", "_raw", "text")

    def __init__(self, pairs: Pairs) -> None:
        self.text = [*pairs]
        self._raw: list[tuple[bytes, bytes]] | None = None
        self._lines: bytes | None = None

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """Pairs of bytes, as ASGI takes them."""
        if self._raw is None:
            self._raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.text]
        return self._raw

    @property
    def lines(self) -> bytes:
        """Lines as they go over the wire, for the front."""
        if self._lines is None:
            self._lines = "".join(f"{name}: {value}\r\n" for name, value in self.text).encode("latin-1")
        return self._lines


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body. For HEAD the body is left out, and its length stays in the headers."""

    status: int
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as either server interface gives it."""

    method: str
    path: str
    """Percent-decoded."""
    scheme: str
    header: Callable[[str], str | None]
    """Gives the first header of that lower-case name."""


OPEN_TO_ALL = ("access-control-allow-origin", "*")
"""Any viewer on any site may read what a door gives: that is what IIIF is for."""


def unchanged(headers: Headers) -> Answer:
    """Return the answer to a reader who has it already (RFC 9110, 15.4.5)."""
    return Answer(304, Headers([pair for pair in headers.text if pair[0] not in {"content-type", "content-length"}]))


def refusal(status: int, code: str, asked: Asked, *more: tuple[str, str], **facts: str | int) -> Answer:
    """Return the answer that says in one sentence, in the reader's language, why there is no image."""
    language = language_of(asked.header("accept-language") or "")
    body = (sentence(code, facts, language) + "\n").encode()
    headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-language", language),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
        ("vary", "Accept-Language"),
        ("x-content-type-options", "nosniff"),
        OPEN_TO_ALL,
        *more,
    ]
    return Answer(status, Headers(headers), body)


def language_of(accept_language: str) -> str:
    """Return the language of ours that an Accept-Language header prefers, English where it names none."""
    best, best_weight = "en", 0.0
    for part in accept_language[:200].split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    value = value.strip()
    digits = value.replace(".", "", 1)
    return min(1.0, float(value)) if digits.isascii() and digits.isdigit() and len(value) <= 5 else 0.0


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Return whether the asker has the version named *etag* (RFC 9110, 13.1.2: weak comparison)."""
    return if_none_match is not None and (etag in if_none_match or if_none_match.strip() == "*")
