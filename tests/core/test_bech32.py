"""Bech32 as BIP-173 has it, and the secret keys of age as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.adapters.age import new_identity, recipient_of
from khizana.core import bech32
from khizana.core.errors import BadInput
from khizana.core.preservation.sealed.identity import identity_of, secret_of

# BIP-173, "Test vectors"; one valid string of 90 letters and one invalid one of 91 show that age has no limit.
VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]
INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "\x801eym55h",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "de1lg7wt\xff",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "a12UEL5L",
]


@pytest.mark.parametrize("text", VALID)
def test_what_bip_173_calls_valid_is_read(text: str) -> None:
    prefix, values = bech32.decode_values(text)
    assert text.lower().startswith(f"{prefix}1")
    assert len(prefix) + 1 + len(values) + 6 == len(text)


@pytest.mark.parametrize("text", INVALID)
def test_what_bip_173_calls_invalid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"letters|checksum"):
        bech32.decode_values(text)


@given(content=st.binary(max_size=80), prefix=st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20))
def test_bytes_come_back(content: bytes, prefix: str) -> None:
    assert bech32.decode(bech32.encode(prefix, content)) == (prefix, content)


@given(secret=st.binary(min_size=32, max_size=32))
def test_every_32_bytes_are_a_secret_key_of_age(secret: bytes) -> None:
    identity = identity_of(secret)
    assert secret_of(identity) == secret
    assert recipient_of(identity).startswith("age1")


def test_a_key_that_age_made_is_the_same_again() -> None:
    identity = new_identity()
    assert identity_of(secret_of(identity)) == identity


# Of a fixed secret: tests that run side by side must have the same names.
A_KEY = identity_of(bytes(range(32)))


@pytest.mark.parametrize("text", ["", "age1x", "AGE-SECRET-KEY-1", recipient_of(A_KEY), A_KEY[:-1]])
def test_what_is_no_secret_key_is_told(text: str) -> None:
    with pytest.raises(BadInput):
        secret_of(text)
