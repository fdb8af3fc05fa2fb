"""A signed head: how many entries a library's ledger had, and the root over them, with the library's signature.

A head on paper, at another site or with a friend is what a ledger is later held against.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields

from khizana.core.preservation.ledger.entry import LARGEST_NUMBER, canonical, check_when
from khizana.core.preservation.ledger.keys import SigningKey, is_key, is_signed

_ROOT = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
LONGEST_HEAD = 1024  # bytes of a line


@dataclass(frozen=True, slots=True)
class Head:
    """A head. Raises ``ValueError`` for values that are not written as those of one; its signature may be false."""

    library: str
    size: int
    """Entries under the root."""
    root: str
    """64 hexadecimal digits."""
    when: str
    """RFC 3339."""
    key: str
    """The public key it is signed with, 64 hexadecimal digits."""
    signature: str
    """128 hexadecimal digits."""

    def __post_init__(self) -> None:
        if type(self.size) is not int or not 0 <= self.size <= LARGEST_NUMBER or not isinstance(self.library, str):
            raise ValueError("not the size of a ledger, or no name")
        if not self.library or not self.library.isprintable():
            raise ValueError("not the name of a library")
        check_when(self.when)
        if not (_ROOT.fullmatch(self.root) and is_key(self.key) and _SIGNATURE.fullmatch(self.signature)):
            raise ValueError("not a root, a key and a signature")

    @property
    def is_true(self) -> bool:
        """Whether the signature is that of its key. Whose the key is, is another question."""
        content = signed_bytes(self.library, self.size, self.root, self.when, self.key)
        return is_signed(content, signature=self.signature, key=self.key)


def signed_bytes(library: str, size: int, root: str, when: str, key: str) -> bytes:
    """Return what is signed: six lines, each with its line end, the first of them always the same."""
    return f"khizana ledger head 1\n{library}\n{size}\n{root}\n{when}\n{key}\n".encode()


def sign_head(key: SigningKey, *, library: str, size: int, root: bytes, when: str) -> Head:
    """Return the head that says so, signed."""
    content = signed_bytes(library, size, root.hex(), when, key.public)
    return Head(library, size, root.hex(), when, key.public, key.sign(content))


def head_line(head: Head) -> bytes:
    """Return *head* as its line, without the line end."""
    return canonical({each.name: getattr(head, each.name) for each in fields(head)})


def read_head(line: bytes) -> Head:
    """Return the head that *line* is, however its JSON is spaced: its signature holds for the values.

    Raises ``ValueError`` for everything else.
    """
    if len(line) > LONGEST_HEAD:
        raise ValueError("too long for a head")
    try:
        return head_of(json.loads(line.decode()))
    except RecursionError as error:
        raise ValueError("nested without end") from error


def head_of(value: object) -> Head:
    """Return the head that a value read from JSON is.

    Raises ``ValueError``.
    """
    if not isinstance(value, dict) or value.keys() != _NAMES:
        raise ValueError("not a head")
    if not all(isinstance(each, str) for name, each in value.items() if name != "size"):
        raise ValueError("not a head")
    return Head(**value)


_NAMES = frozenset(each.name for each in fields(Head))
