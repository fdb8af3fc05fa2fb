"""Sidecars: the small files that state the digest of the inventory beside them (OCFL 1.1, 3.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl.validate_digests import CONTENT_ALGORITHMS, is_computable
from khizana.core.preservation.ocfl.validate_disk import FILE, Kind, TooLarge, read_whole, reason
from khizana.core.preservation.ocfl.validate_report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INVENTORY = "inventory.json"
_PREFIX = f"{INVENTORY}."
_TEXT = re.compile(rb"([0-9A-Fa-f]+)[ \t]+inventory\.json\r?\n?")
_LARGEST = 4096  # bytes; a SHA-512 one has 144


def sidecars(entries: Mapping[str, Kind], algorithm: str | None) -> set[str]:
    """Return the names among *entries* that stand as the sidecar of an inventory of *algorithm*.

    That is the one so named; where there is none, those of other algorithms, which are then noted as
    wrong rather than as strangers. *algorithm* is None when the inventory does not say it.
    """
    right = f"{_PREFIX}{algorithm}"
    if entries.get(right) is FILE:
        return {right}
    return {name for name, kind in entries.items() if name.startswith(_PREFIX) and kind is FILE}


def check_sidecar(
    report: Report,
    folder: str,
    label: str,
    entries: Mapping[str, Kind],
    *,
    algorithm: str | None,
    digest: Callable[[str], str],
) -> None:
    """Compare the sidecar in *folder* with ``digest(algorithm)`` of the inventory beside it.

    *label* is the path of the folder within the object (``v1``), empty for the object root. When the
    inventory is too damaged to name its algorithm, a sidecar of any algorithm still tells of the damage.
    """
    there = sidecars(entries, algorithm)
    prefix = f"{label}/" if label else ""
    expected = f"{prefix}{_PREFIX}{algorithm or CONTENT_ALGORITHMS[0]}"
    if not there:
        report.add("E058", f"{prefix}{INVENTORY}", version=label, expected=expected)
        return
    name = min(there)
    stated = name.removeprefix(_PREFIX)
    if algorithm is not None and stated != algorithm:
        report.add("E059", f"{prefix}{name}", version=label, found=stated, expected=algorithm)
    try:
        text = read_whole(f"{folder}/{name}", at_most=_LARGEST)
    except TooLarge:
        text = b""
    except OSError as error:
        report.add("OCFL_UNREADABLE", f"{prefix}{name}", version=label, found=reason(error))
        return
    if algorithm == stated and text == f"{digest(stated)} {INVENTORY}\n".encode():
        return
    match = _TEXT.fullmatch(text)
    if match is None:
        report.add("E061", f"{prefix}{name}", version=label, found=text[:80].decode("utf-8", "replace"))
    elif is_computable(stated):
        given, real = match[1].decode().lower(), digest(stated)
        if given != real:
            report.add("E060", f"{prefix}{name}", version=label, found=real, expected=given)
