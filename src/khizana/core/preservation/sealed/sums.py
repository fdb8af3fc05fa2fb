"""``SHA512SUMS``: the list that ``sha512sum -c`` reads, of one version's files, sorted by name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from khizana.core.identifiers import Digest
from khizana.core.preservation.sealed.names import name_parts

_LINE = re.compile(rb"([0-9a-f]{128})  ([ -~]+)")


def to_text(files: Mapping[str, Digest]) -> bytes:
    """Return the list for *files*, name to digest."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items())).encode("ascii")


def parse(content: bytes) -> dict[str, Digest] | None:
    """Return name to digest, or None when *content* is not, byte for byte, what ``to_text`` writes of sealed files."""
    files = {}
    for line in content.removesuffix(b"\n").split(b"\n"):
        match = _LINE.fullmatch(line)
        if not match:
            return None
        name, digest = match[2].decode("ascii"), Digest(match[1].decode("ascii"))
        parts = name_parts(name)
        if parts is None or not digest.startswith(parts.certified):
            return None
        files[name] = digest
    return files if content == to_text(files) else None
