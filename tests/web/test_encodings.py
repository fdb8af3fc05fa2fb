"""Which encoding a request is answered with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.web.encodings import encoding_for


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", ""),
        ("identity", ""),
        ("br", "br"),
        ("BR", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0", ""),
        ("br;q=0.000, gzip", "gzip"),
        ("br; q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=oops, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=0, *", "gzip"),
        ("abracadabra", ""),
    ],
)
def test_the_better_liked_encoding_is_taken_and_a_refused_one_never(accepted: str, encoding: str) -> None:
    assert encoding_for(accepted) == encoding


@given(st.text())
def test_no_header_is_too_odd_to_be_read(accepted: str) -> None:
    assert encoding_for(accepted) in ("br", "gzip", "")
