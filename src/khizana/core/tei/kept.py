"""What of an entry TEI has no place for, kept beside the description as JSON: exactly, and only where it is needed.

TEI provides ``xenoData`` for what is not TEI (P5, 2.5). The values there stand in the place of what is read from the
description, field by field; a field of the object or of the origin is a field of its own.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from khizana.core.catalogue.entry import Entry, Origin, Physical

_WITHIN = {"physical": Physical, "origin": Origin}


def difference(read: Entry, wanted: Entry) -> str:
    """Return the fields of *wanted* that are not so in *read*, as JSON; nothing where there are none."""
    kept: dict[str, Any] = {}
    for field in fields(Entry):
        found, value = getattr(read, field.name), getattr(wanted, field.name)
        if found == value:
            continue
        if field.name in _WITHIN:
            for inner in fields(type(value)):
                if getattr(found, inner.name) != (each := getattr(value, inner.name)):
                    kept[f"{field.name}.{inner.name}"] = _plain(each)
        else:
            kept[field.name] = _plain(value)
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if kept else ""


def restored(read: Entry, kept: str) -> Entry:
    """Return *read* with the fields that *kept* states.

    Raises ``ValueError`` for what ``difference`` did not write.
    """
    try:
        stated = json.loads(kept)
        changes: dict[str, Any] = {}
        for path, value in stated.items():
            outer, _, inner = path.partition(".")
            if inner:
                holder = changes.get(outer, getattr(read, outer))
                changes[outer] = replace(holder, **{inner: _typed(_hints(_WITHIN[outer])[inner], value)})
            else:
                changes[outer] = _typed(_hints(Entry)[outer], value)
        return replace(read, **changes)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(each)
            for field in fields(value)
            if (each := getattr(value, field.name)) != field.default or field.name == "facts"
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): each for name, each in value.items()}
    return value


def _typed(kind: Any, value: Any) -> Any:  # noqa: PLR0911 - one for each kind of type
    if get_origin(kind) in (types.UnionType, Union):
        if value is None:
            return None
        return _typed(next(each for each in get_args(kind) if each is not type(None)), value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TypeError(kind)
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_typed(inner[0], each) for each in value)
        return tuple(_typed(each, one) for each, one in zip(inner, value, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise TypeError(kind)
        return kind(**{name: _typed(_hints(kind)[name], each) for name, each in value.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if isinstance(kind, type) and (not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool)):
        raise TypeError(kind)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns={"Mapping": Mapping})  # findings name it for type checkers only
