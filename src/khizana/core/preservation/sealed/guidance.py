"""What is written to a sealed site so that it can be restored without this software: a page to print, and a script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from khizana.core.errors import NotFound
from khizana.core.ports import ReplicaStore

SCRIPT = "restore.sh"
PAGES = {language: f"README-{language}.txt" for language in ("ar", "fr", "en")}


@cache
def guidance() -> Mapping[str, bytes]:
    """Return name to bytes of everything that is written beside the sealed copies."""
    folder = files(__package__) / "guide"
    return {name: (folder / name).read_bytes() for name in (*PAGES.values(), SCRIPT)}


def write_guidance(store: ReplicaStore) -> None:
    """Write the pages and the script to *store*, where they are not as they should be; the caller holds the store."""
    for name, content in guidance().items():
        try:
            found = b"".join(bytes(run) for run in store.read(name))
        except NotFound:
            found = b""
        if found != content:
            store.replace(name, content)
