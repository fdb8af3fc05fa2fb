"""Files made to take for ever or to fill the memory are read in their stride or refused."""

from __future__ import annotations

import pytest

from khizana.core.tei import entries
from khizana.core.tei.entries import read_entries
from khizana.core.tei.measures import lines_in, measured

HEAD = b"<TEI><teiHeader><fileDesc><sourceDesc>"
FOOT = b"</sourceDesc></fileDesc></teiHeader></TEI>"


def described(inner: bytes) -> bytes:
    return HEAD + b"<msDesc><msIdentifier><idno>1</idno></msIdentifier>" + inner + b"</msDesc>" + FOOT


@pytest.mark.parametrize(
    "inner",
    [
        b"<history><provenance>" + b"a" * 400_000 + b"</provenance></history>",
        b"<history><origin><origDate>" + b"1 " * 200_000 + b"</origDate></origin></history>",
        b"<physDesc><extent xml:space='preserve'>1" + b" " * 400_000 + b"</extent></physDesc>",
        b"".join(b'<p xml:id="n%d"/>' % number for number in range(50_000)) + b'<p xml:id="n49999"/>',
        b"<msContents>" + b"<msItem>" * 100 + b"<title>T</title>" + b"</msItem>" * 100 + b"</msContents>",
        b"<msContents>" + b"<msItem><title>T</title></msItem>" * 5_000 + b"</msContents>",
    ],
    ids=["letters", "numbers", "blanks", "identifiers", "deep", "many"],
)  # fmt: skip
def test_a_file_made_to_take_for_ever_is_read(inner: bytes) -> None:
    reading = read_entries(described(inner), file="hostile.xml")
    assert [one.entry.shelfmark for one in reading.entries] == ["1"]


def test_long_words_are_no_measure() -> None:
    assert measured("1" + " " * 100_000 + "leaves").leaves is None
    assert lines_in("23 " * 100_000) == ""


def test_a_long_header_that_would_be_copied_for_each_of_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST", 10_000)
    one = b"<msDesc><msIdentifier><idno>1</idno></msIdentifier></msDesc>"
    data = HEAD + one * 9 + b"<p>" + b"long " * 500 + b"</p>" + FOOT
    reading = read_entries(data, file="many.xml")
    assert reading.entries == ()
    assert [finding.code for finding in reading.findings] == ["TEI_TOO_LARGE"]
