"""The list of every file of an object that another institution made, which lies in the object itself.

An inventory of theirs may use a weaker digest, need not stand in every version, and says nothing of logs and
extensions; so what such an object must hold is told by a list of ours, with the sha512 of every file that it came with
and of the record of its adoption. The list is named for its own digest, which the ledger keeps. It lies in ``logs``,
which is outside every inventory (OCFL 1.1, 3.7), and ``sha512sum -c`` reads it in the object's folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of

_NAME = re.compile(r"logs/khizana-files-([0-9a-f]{40})\.sha512")
_LINE = re.compile(r"(\\?)([0-9a-f]{128})  (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of one object."""

    content: bytes
    files: Mapping[str, Digest]
    """Path below the object's folder to sha512, of every file but the list."""

    @property
    def digest(self) -> Digest:
        """What vouches for the object: whoever knows it, knows the digest of each of its files."""
        return digest_of(self.content)

    @property
    def name(self) -> str:
        """Where the list lies, below the object's folder."""
        return listing_name(self.digest)


def listing_name(digest: Digest) -> str:
    """Return where the list whose bytes have the sha512 *digest* lies, below its object's folder."""
    return f"logs/khizana-files-{digest[:40]}.sha512"


def listing_of(files: Mapping[str, Digest]) -> Listing:
    """Return the list of *files*, path below the object's folder to sha512."""
    return Listing("".join(map(_line, sorted(files.items()))).encode("utf-8", "surrogateescape"), dict(files))


def read_listing(content: bytes, name: str) -> Listing:
    """Return the list in *content*, as read at *name*. Raises ``Damaged`` where it is none, or of no whole object."""
    files: dict[str, Digest] = {}
    for line in content.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n"):
        match = _LINE.fullmatch(line)
        path = _unescaped(match[3]) if match and match[1] else (match[3] if match else "")
        if match is None or any(part in {"", ".", ".."} for part in path.split("/")) or "\0" in path:
            raise Damaged("LISTING_UNUSABLE", path=name)
        files[path] = Digest(match[2])
    if INVENTORY not in files:
        raise Damaged("LISTING_UNUSABLE", path=name)
    return Listing(content, files)


def newest_listing(candidates: Iterable[tuple[str, bytes]]) -> Listing | None:
    """Return the list that counts among *candidates*, names below the object's folder with their bytes, or None.

    That is the one with the most files: an object that was adopted twice, by two libraries, holds the older list as a
    file like others. One whose bytes are not those that its name says is none.
    """
    found = []
    for name, content in candidates:
        match = _NAME.fullmatch(name)
        if match and digest_of(content).startswith(match[1]):
            with suppress(Damaged):  # whoever can write there can plant one
                found.append(read_listing(content, name))
    return max(found, key=lambda each: len(each.files), default=None)


def is_listing(name: str) -> bool:
    """Say whether a list may lie at *name* below an object's folder."""
    return _NAME.fullmatch(name) is not None


def _line(file: tuple[str, Digest]) -> str:
    # As sha512sum escapes what would break its lines.
    path, digest = file
    escaped = path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == path else chr(92)}{digest}  {escaped}\n"


def _unescaped(path: str) -> str:
    return re.sub(r"\\([nr\\])", lambda match: {"n": "\n", "r": "\r", "\\": "\\"}[match[1]], path)
