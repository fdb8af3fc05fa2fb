"""JSON as an inventory must be: UTF-8, RFC 8259, one value for each key, nothing that recurses without end."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import orjson


class NotJson(Exception):
    """The bytes are no JSON that two programs would read alike; says why."""


class Document(NamedTuple):
    """A JSON value, and every object in it in which a key stands twice, with those keys."""

    value: Any
    repeats: tuple[tuple[dict[str, Any], tuple[str, ...]], ...]


def parse(data: bytes) -> Document:
    """Return the JSON document in *data*.

    Raises ``NotJson`` for anything but UTF-8 without a byte order mark, for NaN and infinities, for halves
    of surrogate pairs (RFC 8259, 8.2), for integers of thousands of digits, and for nesting deeper than
    this program can follow. An integer of more than 64 bits may come back rounded.
    """
    if b"\\" not in data:
        try:
            value = orjson.loads(data)
            # Of a key that stands twice, one member was dropped, and its colon with it.
            if orjson.dumps(value).count(b":") == data.count(b":"):
                return Document(value, ())
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            pass  # what is wrong, and whether it is, is told below
    return _parse_slowly(data)


def _parse_slowly(data: bytes) -> Document:
    """Do so in the interpreter, which can say of every object what stood in it."""
    repeats: list[tuple[dict[str, Any], tuple[str, ...]]] = []

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            seen: set[str] = set()
            repeats.append((value, tuple(key for key, _ in pairs if key in seen or seen.add(key))))  # type: ignore[func-returns-value]  # add returns None: the key is noted and passed over
        return value

    decoder = json.JSONDecoder(object_pairs_hook=to_object, parse_constant=_refuse_constant)
    try:
        value = decoder.decode(data.decode("utf-8"))
        if b"\\u" in data and _has_surrogate(value):
            raise NotJson("half of a surrogate pair")
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg}, line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise NotJson(type(error).__name__) from None
    return Document(value, tuple(repeats))


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _has_surrogate(value: Any) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not one.isascii() and any("\ud800" <= char <= "\udfff" for char in one):
                return True
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False
