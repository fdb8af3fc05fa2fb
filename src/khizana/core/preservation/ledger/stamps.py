"""Time-stamps of heads by an authority outside the library, asked for and answered by files carried by hand.

``stamps/<size>.head`` is the head, one line; ``.tsq`` the request over its bytes; ``.tsr`` the authority's reply. Kept
is a reply to that very request. Whether the authority's certificate is to be trusted is left to ``openssl ts -verify``.

Source: RFC 3161, sections 2.4.1 (request) and 2.4.2 (reply, TSTInfo); DER after ITU-T X.690; RFC 5652, section 5
(SignedData).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from khizana.core.errors import BadInput, NotFound
from khizana.core.preservation.durable import make_directories, replace_beside, write_beside, writing
from khizana.core.preservation.ledger.head import Head, head_line
from khizana.core.preservation.ledger.place import STAMPS

LARGEST_REPLY = 1_000_000  # bytes; those with a chain of certificates have about 10,000
_SHA256 = bytes.fromhex("0609608648016503040201")  # object identifier 2.16.840.1.101.3.4.2.1
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")  # 1.2.840.113549.1.9.16.1.4
_INTEGER, _OCTETS, _NULL, _SEQUENCE, _EXPLICIT, _TIME = 0x02, 0x04, 0x05, 0x30, 0xA0, 0x18
_TRUE = bytes.fromhex("0101ff")
_GRANTED = (0, 1)  # granted, and granted with modifications


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a request asks to be stamped, or a reply stamps."""

    digest: bytes
    """SHA-256."""
    nonce: int
    when: str = ""
    """The authority's time, as in the reply: ``20260131120000Z``."""


def ask(ledger: Path, head: Head, *, nonce: int) -> Path:
    """Write the request for *head*, with a *nonce* of 64 bits by chance, and return its path; the one that is there.

    Raises ``NoSpace``.
    """
    place = ledger / STAMPS / f"{head.size}.tsq"
    with writing(place):
        make_directories(place.parent)
        content = head_line(head) + b"\n"
        if not place.exists():
            replace_beside(place.with_suffix(".head"), content)
            write_beside(place, request(sha256(content).digest(), nonce))
    return place


def keep_reply(ledger: Path, reply: bytes) -> tuple[int, Imprint]:
    """Keep *reply* beside the request that it answers; return the size of that head, and what was stamped.

    Raises ``BadInput`` for what is no granted reply, ``NotFound`` where no such request was made, ``NoSpace``.
    """
    try:
        stamped = read_reply(reply[: LARGEST_REPLY + 1])
    except (ValueError, IndexError, StopIteration) as error:
        raise BadInput("LEDGER_STAMP_UNREADABLE", problem=str(error)) from error
    for asked in sorted((ledger / STAMPS).glob("*.tsq")):
        try:
            wanted, size = read_request(asked.read_bytes()), int(asked.stem)
        except (ValueError, IndexError, StopIteration):
            continue
        if (wanted.digest, wanted.nonce) == (stamped.digest, stamped.nonce):
            with writing(asked):
                replace_beside(asked.with_suffix(".tsr"), reply)
            return size, stamped
    raise NotFound("LEDGER_STAMP_NOT_ASKED")


def request(digest: bytes, nonce: int) -> bytes:
    """Return the request, DER, for a time-stamp of a SHA-256 *digest*; the certificate is to come with the reply."""
    imprint = _der(_SEQUENCE, _der(_SEQUENCE, _SHA256 + _der(_NULL, b"")) + _der(_OCTETS, digest))
    return _der(_SEQUENCE, _integer(1) + imprint + _integer(nonce) + _TRUE)


def read_request(content: bytes) -> Imprint:
    """Return what the request in *content* asks for.

    Raises ``ValueError``, ``IndexError`` or ``StopIteration`` for what is none of ours.
    """
    parts = list(_parts(_only(content, _SEQUENCE)))
    return Imprint(_digest(parts[1]), _number(parts[2]))


def read_reply(content: bytes) -> Imprint:
    """Return what the reply in *content* stamps.

    Raises ``ValueError``, ``IndexError`` or ``StopIteration`` for what is none, or was not granted.
    """
    status, token = list(_parts(_only(content, _SEQUENCE)))[:2] if content else (None, None)
    if status is None or token is None or _number(next(_parts(status[1]))) not in _GRANTED:
        raise ValueError("not granted")
    signed = _inside(list(_parts(token[1]))[1], _EXPLICIT, _SEQUENCE)
    kind, wrapped = list(_parts(list(_parts(signed))[2][1]))[:2]
    if _der(*kind) != _TST_INFO:
        raise ValueError("not a time-stamp")
    info = list(_parts(_only(_inside(wrapped, _EXPLICIT, _OCTETS), _SEQUENCE)))
    when = next(value for tag, value in info if tag == _TIME).decode("ascii")
    # Version and serial number come before the time; the nonce is the one whole number after it.
    after = info[[tag for tag, _ in info].index(_TIME) + 1 :]
    nonce = next(part for part in after if part[0] == _INTEGER)
    return Imprint(_digest(info[2]), _number(nonce), when)


_Part = tuple[int, bytes]


def _digest(part: _Part) -> bytes:
    algorithm, digest = list(_parts(part[1]))
    if not algorithm[1].startswith(_SHA256) or digest[0] != _OCTETS or len(digest[1]) != 32:
        raise ValueError("not a SHA-256 digest")
    return digest[1]


def _number(part: _Part) -> int:
    if part[0] != _INTEGER or not part[1]:
        raise ValueError("not a whole number")
    return int.from_bytes(part[1], signed=True)


def _only(content: bytes, tag: int) -> bytes:
    found = list(_parts(content))
    if len(found) != 1 or found[0][0] != tag:
        raise ValueError("not one part of that kind")
    return found[0][1]


def _inside(part: _Part, outer: int, inner: int) -> bytes:
    if part[0] != outer:
        raise ValueError("not where it should be")
    return _only(part[1], inner)


def _parts(content: bytes) -> Iterator[_Part]:
    """Yield tag and value of each part of *content*, DER with tags of one byte."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length > 0x80:
            end = at + (length & 0x7F)
            length, at = int.from_bytes(content[at:end]), end
        elif length == 0x80:
            raise ValueError("a length that is not stated")
        if at + length > len(content):
            raise ValueError("cut short")
        yield tag, content[at : at + length]
        at += length


def _der(tag: int, content: bytes) -> bytes:
    # All that is written here is short; longer lengths are only read.
    if len(content) >= 0x80:
        raise ValueError("too long")
    return bytes([tag, len(content)]) + content


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))
