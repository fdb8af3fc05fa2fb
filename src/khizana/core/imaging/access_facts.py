"""What the access copies of a master are: the facts beside them, written and read. Imports no image library."""

from __future__ import annotations

import glob
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.imaging.probe import Probed

RECIPE: Final = 1
"""Changes whenever the same master would give other bytes; copies of another recipe are made again."""

FACTS: Final = "access.json"
PYRAMID: Final = "pyramid.tif"

FIRST_WIDTHS: Final = 800
"""Pixels: reading sizes up to here, which phones ask for, are made while a card is received; wider ones take half of
all the work, and can be made from the pyramid while nobody waits."""


@dataclass(frozen=True, slots=True)
class ReadingSize:
    """One ready-made size."""

    name: int
    """480, 800, 1200 or 2000: what it is asked for as."""
    width: int
    """Pixels it truly has."""
    height: int
    avif_bytes: int
    jpeg_bytes: int
    avif_quality: int = 0
    """What the AVIF was encoded at; 0 where that was not written down. With the bytes it foretells the larger sizes."""


@dataclass(frozen=True, slots=True)
class AccessCopy:
    """What the access copies of one master are."""

    digest: Digest
    """SHA-512 of the master."""
    width: int
    """Pixels of the upright image, the same as of the pyramid."""
    height: int
    bands: int
    """1 for grey, 3 for sRGB."""
    pyramid_bytes: int
    sizes: tuple[ReadingSize, ...]
    """The least first; always one at least."""
    findings: tuple[Finding, ...] = ()
    awaited: tuple[int, ...] = ()
    """Names of the larger sizes that are not made yet; until then the image door makes them when they are asked for."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a master is, and its access copies."""

    probed: Probed
    access_copy: AccessCopy


def read_access_copy(folder: Path, *, digest: Digest, subject: str = "") -> AccessCopy | None:
    """Return what stands in *folder*, or None unless it is whole, of this recipe and of the master with *digest*."""
    try:
        facts = json.loads((folder / FACTS).read_bytes())
        if facts["recipe"] != RECIPE or facts["master"] != digest:
            return None
        copy = _from_facts(facts, subject or digest)
        files = {PYRAMID: copy.pyramid_bytes}
        for size in copy.sizes:
            files |= {f"{size.name}.avif": size.avif_bytes, f"{size.name}.jpg": size.jpeg_bytes}
        whole = all((folder / file).stat().st_size == count for file, count in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return copy if whole else None


def unfinished(folder: Path) -> Path:
    """Return a new name beside *folder* for copies that this process is making."""
    return folder.with_name(f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}.making")


def clear_unfinished(folder: Path, pid: int) -> None:
    """Remove what process *pid*, now dead, was making for *folder*."""
    for left in folder.parent.glob(f".{glob.escape(folder.name)}.{pid}.*.making"):
        shutil.rmtree(left, ignore_errors=True)


def sweep(root: Path) -> int:
    """Remove what dead processes left unfinished below *root*, the folder of all access copies; return how many.

    Safe while others make copies there: the name of an unfinished folder says whose it is.
    """
    left = [folder for folder in (*root.glob("??/.*.making"), *root.glob("??/.*.replaced")) if not _is_alive(folder)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _is_alive(unfinished: Path) -> bool:
    try:
        os.kill(int(unfinished.name.split(".")[2]), 0)
    except PermissionError:
        return True
    except (OSError, ValueError, IndexError, OverflowError):
        return False
    return True


def facts_of(copy: AccessCopy) -> bytes:
    """Return the facts as JSON, the same bytes for the same copies."""
    facts = {
        "recipe": RECIPE,
        "master": copy.digest,
        "width": copy.width,
        "height": copy.height,
        "bands": copy.bands,
        "pyramid": {"bytes": copy.pyramid_bytes},
        "sizes": [
            {
                "name": size.name,
                "width": size.width,
                "height": size.height,
                "avif": size.avif_bytes,
                "jpg": size.jpeg_bytes,
                "quality": size.avif_quality,
            }
            for size in copy.sizes
        ],
        "awaited": list(copy.awaited),
        "findings": [
            {"code": finding.code, "severity": finding.severity.value, "facts": dict(finding.facts)}
            for finding in copy.findings
        ],
    }
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _from_facts(facts: dict[str, Any], subject: str) -> AccessCopy:
    return AccessCopy(
        facts["master"],
        int(facts["width"]),
        int(facts["height"]),
        int(facts["bands"]),
        int(facts["pyramid"]["bytes"]),
        tuple(
            ReadingSize(
                int(s["name"]),
                int(s["width"]),
                int(s["height"]),
                int(s["avif"]),
                int(s["jpg"]),
                int(s.get("quality", 0)),
            )
            for s in facts["sizes"]
        ),
        tuple(Finding(f["code"], Severity(f["severity"]), subject, dict(f["facts"])) for f in facts["findings"]),
        tuple(int(name) for name in facts["awaited"]),
    )
