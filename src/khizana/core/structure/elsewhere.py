"""``images-elsewhere.json``: the pages of a manuscript whose images another library holds, as the objects keep them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from khizana.core.errors import Damaged
from khizana.core.identifiers import ManuscriptId
from khizana.core.manuscript import Direction, Elsewhere, PageElsewhere, Words
from khizana.core.structure.labels import page_names

ELSEWHERE = "images-elsewhere.json"
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""An origin that is safe wherever it is written: also in a policy, whose parts end with spaces and ``;``."""


def origin_of(address: str) -> str:
    """Return the origin of *address* (RFC 6454), or nothing where it is none of the web."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
        host = (
            f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "").encode("idna").decode()
        )
    except ValueError:
        return ""
    origin = f"{parts.scheme}://{host}{port}"
    return origin if _ORIGIN.fullmatch(origin) else ""


def elsewhere_json(elsewhere: Elsewhere, direction: Direction) -> bytes:
    """Return *elsewhere* as deterministic JSON."""
    value = {
        "direction": direction,
        "holder": {tag: list(texts) for tag, texts in elsewhere.holder.items()},
        "statement": {tag: list(texts) for tag, texts in elsewhere.statement.items()},
        "rights": elsewhere.rights,
        "manifest": elsewhere.manifest,
        "pages": [
            {
                "number": page.number,
                "label": page.label,
                "address": page.address,
                "service": page.service,
                "version": page.version,
                "profile": page.profile,
                "width": page.width,
                "height": page.height,
                "measured": page.measured,
            }
            for page in elsewhere.pages
        ],
    }
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_elsewhere(raw: bytes, manuscript: ManuscriptId) -> tuple[Elsewhere, Direction]:
    """Return what ``elsewhere_json`` wrote.

    Raises ``Damaged`` where it is not that, or has an address that no page may ask for: what is read here stands in the
    policy of pages.
    """
    try:
        value = json.loads(raw)
        names = page_names(str(page["label"]) for page in value["pages"])
        pages = tuple(_page(page, name) for page, name in zip(value["pages"], names, strict=True))
        asked = [origin_of(each) for page in pages for each in (page.service, page.address) if each]
        if not all(asked) or any(not page.address for page in pages):
            raise ValueError("addresses")  # noqa: TRY301 - told with the others
        if len({page.number for page in pages}) < len(pages):
            raise ValueError("page numbers")  # noqa: TRY301 - the same
        elsewhere = Elsewhere(
            _read_words(value["holder"]),
            _read_words(value["statement"]),
            str(value["rights"]),
            str(value["manifest"]) if origin_of(str(value["manifest"])) else "",
            tuple(dict.fromkeys(asked)),
            pages,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem=repr(error)) from error
    return elsewhere, "ltr" if value["direction"] == "ltr" else "rtl"


def _page(page: dict[str, Any], name: str) -> PageElsewhere:
    return PageElsewhere(
        number=int(page["number"]),
        label=str(page["label"]),
        name=name,
        address=str(page["address"]),
        service=str(page["service"]),
        version=int(page["version"]),
        profile=str(page["profile"]),
        width=max(0, int(page["width"])),
        height=max(0, int(page["height"])),
        measured=page["measured"] is True,
    )


def _read_words(value: dict[str, list[str]]) -> Words:
    return {str(tag): tuple(map(str, texts)) for tag, texts in value.items()}
