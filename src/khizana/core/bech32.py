"""Bech32: bytes as letters with a checksum, as age writes its keys. Source: BIP-173.

The limit of 90 characters is left out, as age leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6  # letters


def encode(prefix: str, content: bytes) -> str:
    """Return *content* under the lower-case *prefix*."""
    values = _regrouped(content, 8, 5, pad=True)
    polymod = _polymod([*_expanded(prefix), *values, *[0] * _CHECKSUM]) ^ 1
    checksum = [polymod >> 5 * (_CHECKSUM - 1 - each) & 31 for each in range(_CHECKSUM)]
    return f"{prefix}1{''.join(_LETTERS[value] for value in [*values, *checksum])}"


def decode(text: str) -> tuple[str, bytes]:
    """Return prefix, in lower case, and content.

    Raises ``ValueError`` when *text* is no Bech32 of whole bytes.
    """
    prefix, values = decode_values(text)
    return prefix, bytes(_regrouped(values, 5, 8, pad=False))


def decode_values(text: str) -> tuple[str, list[int]]:
    """Return prefix and values of five bits.

    Raises ``ValueError`` when *text* is no Bech32.
    """
    if text not in {text.lower(), text.upper()} or any(not "!" <= char <= "~" for char in text):
        raise ValueError("letters of both cases, or of neither")
    prefix, separator, data = text.lower().rpartition("1")
    if not separator or not prefix or len(data) < _CHECKSUM or set(data) - set(_LETTERS):
        raise ValueError("no prefix, too short, or letters that are not used")
    values = [_LETTERS.index(char) for char in data]
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise ValueError("checksum")
    return prefix, values[:-_CHECKSUM]


def _expanded(prefix: str) -> list[int]:
    return [*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix)]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check


def _regrouped(values: Iterable[int], from_bits: int, to_bits: int, *, pad: bool) -> list[int]:
    held = bits = 0
    out = []
    for value in values:
        held = held << from_bits | value
        bits += from_bits
        while bits >= to_bits:
            bits -= to_bits
            out.append(held >> bits & (1 << to_bits) - 1)
    rest = held & (1 << bits) - 1
    if pad and bits:
        out.append(rest << to_bits - bits)
    elif not pad and (bits >= from_bits or rest):
        raise ValueError("bits that are left over")
    return out
