"""Splitting a secret among people, and putting it together, by SLIP-39 (``shamir-mnemonic``, its reference package).

One group, no passphrase, extendable, iteration exponent 1: what any other program for SLIP-39 takes.
"""

from __future__ import annotations

from collections.abc import Sequence

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from khizana.core.errors import BadInput

MOST = 16
"""People among whom SLIP-39 can split."""

_EXPONENT = 1
_WORDS = frozenset(WORDLIST)


def split(secret: bytes, *, needed: int, shares: int) -> tuple[str, ...]:
    """Return *shares* lines of words, of which any *needed* give *secret* back, and fewer say nothing of it.

    Raises ``BadInput`` unless 2 <= *needed* <= *shares* <= 16.
    """
    if not 2 <= needed <= shares <= MOST:
        raise BadInput("KEYS_SHARES_UNUSABLE", needed=needed, shares=shares, most=MOST)
    (group,) = generate_mnemonics(1, [(needed, shares)], secret, iteration_exponent=_EXPONENT)
    return tuple(group)


def join(lines: Sequence[str]) -> bytes:
    """Return the secret that *lines* of words are shares of; the same line twice counts once.

    Raises ``BadInput``: a word that is none, a mistyped or unfinished line, too few, shares of two keys.
    """
    shares: dict[int, Share] = {}
    for number, line in enumerate(lines, start=1):
        share = _share(line, number)
        for other in shares.values():
            if (other.group_parameters(), len(other.value)) != (share.group_parameters(), len(share.value)):
                raise BadInput("KEYS_SHARE_OF_ANOTHER", number=number)
            if other.index == share.index and other != share:
                raise BadInput("KEYS_SHARE_OF_ANOTHER", number=number)
        shares[share.index] = share
    needed = next(iter(shares.values())).member_threshold if shares else 2
    if len(shares) < needed:
        raise BadInput("KEYS_TOO_FEW_SHARES", given=len(shares), needed=needed)
    try:
        return bytes(combine_mnemonics([share.mnemonic() for share in list(shares.values())[:needed]]))
    except MnemonicError as error:
        raise BadInput("KEYS_SHARES_DISAGREE") from error


def needed_by(line: str, number: int) -> int:
    """Return how many shares are needed where *line*, the *number*-th that was typed, is one.

    Raises ``BadInput`` when it is none.
    """
    return int(_share(line, number).member_threshold)


def _share(line: str, number: int) -> Share:
    words = line.lower().split()
    for place, word in enumerate(words, start=1):
        if word not in _WORDS:
            raise BadInput("KEYS_WORD_UNKNOWN", word=word[:40], place=place, number=number)
    try:
        share = Share.from_mnemonic(" ".join(words))
    except (MnemonicError, ValueError) as error:
        raise BadInput("KEYS_SHARE_MISTYPED", number=number, words=len(words)) from error
    if share.group_count != 1:
        raise BadInput("KEYS_SHARE_OF_ANOTHER", number=number)
    return share
