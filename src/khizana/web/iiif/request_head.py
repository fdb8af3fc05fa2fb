"""The head of an image request, where it is written so plainly that there is nothing to judge (RFC 9112)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

LONGEST_KEPT_FIELDS = 2 * 1024  # bytes; 512 of them are kept, with what was read from them

_OURS = tuple(
    f"{method} {door}".encode()
    for method in ("GET", "HEAD", "OPTIONS")
    for door in ("/iiif/3/", "/iiif/2/", "/images/")
)
_NOT_OURS = (b"content-length", b"transfer-encoding", b"upgrade", b"expect")
_FIELD = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\x00-\x08\x0a-\x1f\x7f]*")  # RFC 9110, 5.1 and 5.5
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")


class Fields:
    """The header fields of one request, or of many: browsers send the same ones with every tile of a page."""

    __slots__ = ("_first", "is_last", "may_know", "pairs")

    def __init__(self, lines: list[bytes]) -> None:
        self.pairs: list[tuple[bytes, bytes]] = []
        self._first: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip(b" \t")
            self.pairs.append((name, value))
            self._first.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        self.may_know = "if-none-match" in self._first
        self.is_last = any(name == b"connection" and b"close" in value.lower() for name, value in self.pairs)

    def header(self, wanted: str) -> str | None:
        """Return the first header named *wanted* (lower case)."""
        return self._first.get(wanted)


class Head:
    """Request line and headers of one request with no body."""

    __slots__ = ("fields", "header", "method", "path", "target")

    def __init__(self, method: str, target: str, fields: Fields) -> None:
        self.method = method
        self.target = target
        path = target.partition("?")[0] if "?" in target else target
        self.path = unquote_to_bytes(path).decode("utf-8", "replace") if "%" in path else path
        self.fields = fields
        self.header = fields.header

    def scope(self) -> dict[str, Any]:
        """Return the request as ASGI gives it."""
        return {
            "type": "http",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "query_string": self.target.partition("?")[2].encode(),
            "headers": self.fields.pairs,
        }


def may_be_ours(data: bytes) -> bool:
    """Return whether *data* may be the beginning of an image request."""
    if data.count(b"\n") != data.count(b"\r\n"):
        return False
    return data.startswith(_OURS) or (len(data) < 20 and any(ours.startswith(data) for ours in _OURS))


def head_of(data: bytes) -> Head | None:
    """Return the request if it is one of ours, plainly written (RFC 9112), or None where the server behind judges."""
    if not data.startswith(_OURS):
        return None
    line, _, rest = data.partition(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != 3 or parts[2] != b"HTTP/1.1" or not parts[1].isascii() or _CONTROLS.search(line):
        return None
    fields = (_fields if len(rest) <= LONGEST_KEPT_FIELDS else _fields.__wrapped__)(rest)
    return Head(parts[0].decode("ascii"), parts[1].decode("ascii"), fields) if fields else None


@lru_cache(512)
def _fields(data: bytes) -> Fields | None:
    """Return the header fields if they are plainly written and announce no body, else None."""
    lower = data.lower()
    for word in _NOT_OURS:
        # Anywhere at all: a body, however it is announced, is not ours to measure.
        if word in lower:
            return None
    lines = data.split(b"\r\n")
    if not all(_FIELD.fullmatch(line) for line in lines) or (b"\n" + lower).count(b"\nhost:") != 1:
        return None
    return Fields(lines)
