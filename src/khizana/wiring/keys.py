"""Keys and what seals and opens with them. No table is asked: keys are joined where there is no library left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from khizana.adapters import age, slip39
from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.library import LibraryFolder
from khizana.core.ports import Opener, Sealer
from khizana.core.preservation.sealed.identity import identity_of, secret_of
from khizana.core.preservation.sealed.keys import RECIPIENTS, read_keys, recipients_in, write_keys
from khizana.core.preservation.sealed.names import Blinding
from khizana.core.preservation.sealed.seal import Sealing

LONGEST_KEY_FILE = 1 << 16  # bytes


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: its public half, and its secret half split among people."""

    recipient: str
    shares: tuple[str, ...]


def make_key(*, needed: int, shares: int) -> NewKey:
    """Make a key and split it; its secret is nowhere but in the shares.

    Raises ``BadInput`` when it cannot be split so.
    """
    identity = age.new_identity()
    words = slip39.split(secret_of(identity), needed=needed, shares=shares)
    # Every share is in one of these, so that one that would not open is never printed.
    for start in range(shares):
        some = [*islice((words * 2)[start:], needed)]
        if joined_identity(some) != identity:
            raise AssertionError("shares that do not give the key back")
    return NewKey(age.recipient_of(identity), words)


def joined_identity(lines: Sequence[str]) -> str:
    """Return the secret key that *lines* of words are shares of.

    Raises ``BadInput`` with what is wrong with them.
    """
    return identity_of(slip39.join(lines))


def needed_by(line: str, number: int) -> int:
    """Return how many shares are needed where *line*, the *number*-th typed, is one.

    Raises ``BadInput`` when it is none.
    """
    return slip39.needed_by(line, number)


def public_half(identity: str) -> str:
    """Return the public key of a secret one; raises ``BadInput`` when it is none."""
    return age.recipient_of(identity)


def sealer_for(recipients: Sequence[str]) -> Sealer:
    """Return what seals for public keys; raises ``BadInput`` for none, or for what is no such key."""
    return age.AgeSealer(recipients)


def opener_of(identity: str) -> Opener:
    """Return what opens with a secret key; raises ``BadInput`` when it is none."""
    return age.AgeOpener([identity])


def sealing(folder: LibraryFolder) -> Sealing:
    """Return what seals for the library in *folder*; raises ``NotFound`` when no keys were made."""
    keys = read_keys(folder.keys)
    return Sealing(sealer_for(keys.recipients), keys.blinding, folder.work / "sealing")


def opener_from(path: Path) -> Opener:
    """Return what opens with the secret keys in the key file *path*.

    Raises ``BadInput`` when they are none, ``NotFound``, ``Unreadable``.
    """
    return age.AgeOpener(_identities(path))


def keep_keys(folder: LibraryFolder, *, blinding: Blinding, recipients: str, key: Path) -> None:
    """Give a restored library its keys: *recipients* as a site kept them, else the public halves of the key file *key*.

    Keys that are there already are left. Raises as ``opener_from`` does.
    """
    if (folder.keys / RECIPIENTS).exists():
        return
    try:
        found = recipients_in(recipients) or [age.recipient_of(each) for each in _identities(key)]
        seals = sealer_for(found)
    except BadInput:
        found = [age.recipient_of(each) for each in _identities(key)]
        seals = sealer_for(found)
    write_keys(folder.keys, found, sealer=seals, blinding=blinding)


def _identities(path: Path) -> list[str]:
    try:
        with path.open("rb") as stream:
            text = stream.read(LONGEST_KEY_FILE).decode("ascii", "replace")
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(path)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(path), problem=error.strerror or "") from error
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
