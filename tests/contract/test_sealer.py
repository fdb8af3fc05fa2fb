"""What the ports ``Sealer`` and ``Opener`` promise, held to by ``pyrage`` and by Debian's ``age``, in every pairing."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pytest

from data.sealing import DebianAge
from khizana.adapters.age import AgeOpener, AgeSealer, new_identity, recipient_of
from khizana.core.errors import BadInput, Damaged, NotFound
from khizana.core.ports import Opener, Sealer

CHUNK = 65536  # bytes that age encrypts at a time
SEALERS = {
    "pyrage": lambda identity: AgeSealer([recipient_of(identity)]),
    "age": lambda identity: DebianAge(recipient_of(identity)),
}
OPENERS = ("pyrage", "age")


@pytest.fixture(params=SEALERS)
def sealer(request: pytest.FixtureRequest, identity: str) -> Sealer:
    """Each implementation that seals, for the public half of *identity*."""
    return SEALERS[request.param](identity)


@pytest.fixture
def identity() -> str:
    """A new secret key."""
    return new_identity()


def opener_of(kind: str, identity: str, folder: Path) -> Opener:
    if kind == "pyrage":
        return AgeOpener([identity])
    (folder / "key.txt").write_text(f"{identity}\n", encoding="ascii")
    return DebianAge(identity=folder / "key.txt")


@pytest.fixture(params=OPENERS)
def opener(request: pytest.FixtureRequest, identity: str, tmp_path: Path) -> Opener:
    """Each implementation that opens, with *identity*."""
    return opener_of(request.param, identity, tmp_path)


def sealed(sealer: Sealer, content: bytes) -> bytes:
    out = io.BytesIO()
    sealer.seal(io.BytesIO(content), out)
    return out.getvalue()


def opened(opener: Opener, content: bytes) -> bytes:
    out = io.BytesIO()
    opener.open(io.BytesIO(content), out)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_003])
def test_what_is_sealed_is_opened(sealer: Sealer, opener: Opener, size: int) -> None:
    content = Random(size).randbytes(size)
    ciphertext = sealed(sealer, content)
    assert ciphertext.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert len(ciphertext) - size < 1000 + 16 * (size // CHUNK + 2)
    assert opened(opener, ciphertext) == content


def test_the_same_bytes_are_sealed_twice_differently(sealer: Sealer) -> None:
    assert sealed(sealer, b"same") != sealed(sealer, b"same")


@pytest.mark.parametrize("kind", OPENERS)
def test_another_key_is_told_as_such(sealer: Sealer, kind: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sealed for other keys"):
        opened(opener_of(kind, new_identity(), tmp_path), sealed(sealer, b"x"))


def test_every_damage_is_told(sealer: Sealer, opener: Opener) -> None:
    good = sealed(sealer, b"x" * 100_000)
    chance = Random(3)
    for number in range(25):
        at = chance.randrange(len(good))
        bad = [
            good[:at],
            good + b"\0",
            good[:at] + bytes([good[at] ^ 1 << chance.randrange(8)]) + good[at + 1 :],
            good[:at] + good[at + 1 :],
            b"",
        ][number % 5]
        # A flipped bit of the recipient's line is a line for someone else.
        with pytest.raises((Damaged, BadInput)):
            opened(opener, bad)


class Raising:
    """Raises at each end."""

    def read(self, _: int = -1, /) -> bytes:
        raise NotFound("FILE_MISSING", path="here")

    def write(self, _: bytes, /) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        pass


def test_what_the_ends_raise_comes_through(identity: str) -> None:
    sealer, opener = AgeSealer([recipient_of(identity)]), AgeOpener([identity])
    with pytest.raises(NotFound):
        sealer.seal(Raising(), io.BytesIO())
    for size in (0, 1, CHUNK * 2):  # the last block too, which pyrage 1.4 loses without a word
        with pytest.raises(OSError, match="No space left"):
            sealer.seal(io.BytesIO(b"x" * size), Raising())
    with pytest.raises(NotFound):
        opener.open(Raising(), io.BytesIO())
    with pytest.raises(OSError, match="No space left"):
        opener.open(io.BytesIO(sealed(sealer, b"x" * CHUNK * 2)), Raising())
