"""Logical paths and content paths: their elements, and whether one stands in the way of another."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SUSPECT = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")


def has_edge_slash(path: str) -> bool:
    """Tell whether *path* begins or ends with a slash."""
    return path[:1] == "/" or path[-1:] == "/"


def has_bad_element(path: str) -> bool:
    """Tell whether *path* has an element that is empty, ``.`` or ``..``, beside a slash at either edge."""
    if _SUSPECT.search(path) is None:
        return False
    inner = path.removeprefix("/").removesuffix("/")
    return any(element in {"", ".", ".."} for element in inner.split("/"))


def is_plain(path: str) -> bool:
    """Tell whether *path* has only real elements and no slash at its edges (the common case, in one search)."""
    return _SUSPECT.search(path) is None


def are_plain(paths: Iterable[str]) -> bool:
    """Tell whether each of *paths* is plain."""
    return not any(map(_SUSPECT.search, paths))


def conflicts(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each two of *paths* (unique) where the first is a folder of the second.

    With the slash sorted before every other character, a path stands directly before what it contains,
    so neighbours are enough, and a path of a million elements costs no more than its length.
    """
    ordered = sorted([path.replace("/", "\0") for path in paths if "\0" not in path])
    for before, after in pairwise(ordered):
        if after.startswith(before) and after[len(before)] == "\0":
            yield before.replace("\0", "/"), after.replace("\0", "/")
