"""The keys folder of a library: whom to seal for, and the blinding value of names. No secret key is ever in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import AlreadyThere, BadInput, Damaged, NotFound, Unreadable
from khizana.core.ports import Opener, Sealer
from khizana.core.preservation.durable import make_directories, write_beside, writing
from khizana.core.preservation.sealed.names import Blinding, new_blinding

RECIPIENTS = "recipients.txt"
BLINDING = "blinding.txt"
REHEARSAL = "rehearsal.age"
"""A small sealed file, by which a rehearsal tells whether shares would open the copies."""

_REHEARSED = b"khizana: these shares open the sealed copies\n"


@dataclass(frozen=True, slots=True)
class LibraryKeys:
    """What a library knows of its keys."""

    recipients: tuple[str, ...]
    """Public keys of age."""
    blinding: Blinding


def read_keys(folder: Path) -> LibraryKeys:
    """Return the keys in *folder*.

    Raises ``NotFound`` when none were made, ``Damaged`` when a file is not one of keys, ``Unreadable``.
    """
    lines = recipients_in(_read(folder / RECIPIENTS))
    try:
        blinding = Blinding(bytes.fromhex(_read(folder / BLINDING).strip()))
    except ValueError as error:
        raise Damaged("KEYS_FILE_UNUSABLE", path=str(folder / BLINDING)) from error
    if len(blinding) != len(new_blinding()):
        raise Damaged("KEYS_FILE_UNUSABLE", path=str(folder / BLINDING))
    if not lines:
        raise BadInput("KEYS_NO_RECIPIENT")
    return LibraryKeys(tuple(lines), blinding)


def _read(path: Path) -> str:
    try:
        return without_comments(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise NotFound("KEYS_NONE", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise Damaged("KEYS_FILE_UNUSABLE", path=str(path)) from error
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error


def recipients_in(text: str) -> list[str]:
    """Return the public keys in the *text* of a file of recipients."""
    return without_comments(text).split()


def without_comments(text: str) -> str:
    """Return the lines of *text* up to the sign that begins a comment."""
    return "\n".join(line.partition("#")[0] for line in text.splitlines())


def write_keys(folder: Path, recipients: Sequence[str], *, sealer: Sealer, blinding: Blinding | None = None) -> None:
    """Write the public keys of a new set, a rehearsal file, and the blinding value unless there is one.

    The recipients are written last: without them there are no keys. Raises ``AlreadyThere`` when there are some.
    """
    refuse_second_keys(folder)
    rehearsal = io.BytesIO()
    sealer.seal(io.BytesIO(_REHEARSED), rehearsal)
    head = "# Public keys of age: each of their secret keys opens the sealed copies alone. One a line.\n"
    with writing(folder):
        make_directories(folder)
        if not (folder / BLINDING).exists():
            write_beside(folder / BLINDING, f"{(blinding or new_blinding()).hex()}\n".encode())
            (folder / BLINDING).chmod(0o600)
        (folder / REHEARSAL).unlink(missing_ok=True)  # of a run that died before the recipients were written
        write_beside(folder / REHEARSAL, rehearsal.getvalue())
        write_beside(folder / RECIPIENTS, (head + "".join(f"{each}\n" for each in recipients)).encode("ascii"))


def refuse_second_keys(folder: Path) -> None:
    """Raise ``AlreadyThere`` when *folder* holds keys."""
    if (folder / RECIPIENTS).exists():
        raise AlreadyThere("KEYS_THERE", path=str(folder))


def rehearse(folder: Path, *, recipient: str, opener: Opener) -> None:
    """Return when the key of *opener*, whose public key is *recipient*, would open what this library seals.

    Raises ``BadInput`` when it would not, ``NotFound`` when there are no keys.
    """
    if recipient not in read_keys(folder).recipients:
        raise BadInput("KEYS_NOT_OF_THIS_LIBRARY", path=str(folder))
    opened = io.BytesIO()
    try:
        with (folder / REHEARSAL).open("rb") as stream:
            opener.open(stream, opened)
    except FileNotFoundError as error:
        raise NotFound("KEYS_NONE", path=str(folder / REHEARSAL)) from error
    if opened.getvalue() != _REHEARSED:
        raise Damaged("KEYS_FILE_UNUSABLE", path=str(folder / REHEARSAL))
