"""The one stylesheet, cut into the parts each page needs and set into it: no page waits for a second request."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files

from django.utils.safestring import SafeString, mark_safe

_STATIC = files("khizana.web") / "static"
_FILE = re.compile(r"url\(/static/([^)]+)\)")
_PART = re.compile(r"/\* part: (\w+) \*/")


@cache
def style(*parts: str) -> SafeString:
    """Return the *parts* of ``reading-room.css``, in the order they stand there, without comments and spaces.

    Raises ``ValueError`` when the stylesheet has no part of that name.
    """
    pieces = _PART.split((_STATIC / "reading-room.css").read_text(encoding="utf-8"))
    named = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if missing := set(parts) - set(named):
        raise ValueError(f"reading-room.css has no part {sorted(missing)}")
    text = "".join(_tight(text) for name, text in named.items() if name in parts)
    text = _FILE.sub(lambda found: f"url({static(found[1])})", text)
    return mark_safe(text)  # noqa: S308 - our own file


@cache
def static(path: str) -> str:
    """Return the address of a static file, with its digest, so that a browser may keep it for ever."""
    try:
        digest = hashlib.sha256((_STATIC / path).read_bytes()).hexdigest()[:8]
    except FileNotFoundError:
        # Fonts and the viewer are made at set-up: a page without them is still a page.
        digest = "absent"
    return f"/static/{path}?v={digest}"


def _tight(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    # Spaces around + and - mean something inside calc(), and before ( inside media queries.
    text = re.sub(r" ?([{};,>]) ?", r"\1", text)
    return re.sub(r": (?=\S)", ":", text).replace(";}", "}").strip()
