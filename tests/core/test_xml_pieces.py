"""Records of long XML files, one at a time: the same as a parser of the whole finds, and broken ones alone are lost."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from khizana.core.xml import LARGEST
from khizana.core.xml_pieces import Broken, Piece, pieces

NAMES = frozenset({"record"})


def _read(data: bytes, names: frozenset[str] = NAMES) -> list[Piece | Broken]:
    return list(pieces(io.BytesIO(data), names, file="f.xml"))


def _codes(found: list[Piece | Broken]) -> list[str]:
    return [each.finding.code if isinstance(each, Broken) else each.element.get("n", "") for each in found]


def test_records_are_found_with_their_lines_past_comments_and_quoted_text() -> None:
    data = b"""<?xml version="1.0"?>
<!-- <record n="none"> -->
<c xmlns="urn:c" xmlns:m="urn:m">
<?note <record n="none"> ?>
<m:record n="1"><a><![CDATA[</m:record><record>]]></a></m:record>
<record n="2" t="a > b"/><record
 n="3"><records/></record>
</c>"""
    found = _read(data)
    assert _codes(found) == ["1", "2", "3"]
    assert [each.line for each in found] == [5, 6, 6]
    assert [each.element.tag for each in found if isinstance(each, Piece)] == [
        "{urn:m}record",
        "{urn:c}record",
        "{urn:c}record",
    ]


def test_a_record_within_a_record_is_part_of_it() -> None:
    found = _read(b"<o><record n='1'><metadata><record n='2'/></metadata></record><record n='3'/></o>")
    assert _codes(found) == ["1", "3"]


def test_a_single_record_is_its_own_document() -> None:
    assert _codes(_read(b"<record n='1'><a/></record>")) == ["1"]


def test_a_broken_record_is_told_by_its_line_and_spoils_no_other() -> None:
    found = _read(b"<c>\n<record n='1'/>\n<record>\n<a>\n</b></record>\n<record n='2'/></c>")
    assert _codes(found) == ["1", "XML_NOT_WELL_FORMED", "2"]
    assert isinstance(found[1], Broken)
    assert found[1].finding.facts["line"] == 5


@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_a_record_that_lacks_its_end_takes_no_other_with_it(after: int) -> None:
    rest = "".join(f"<record n='{number}'><a/></record>" for number in range(after))
    found = _read(f"<c><record n='lost'><a/>{rest}</c>".encode())
    assert _codes(found) == ["XML_CUT_OFF", *map(str, range(after))]


def test_a_file_cut_between_two_records_is_said_to_be_cut() -> None:
    assert _codes(_read(b"<c><record n='1'/>\n")) == ["1", "XML_CUT_OFF"]


def test_a_file_that_defines_entities_is_not_read() -> None:
    bomb = b"<!DOCTYPE c [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><c><record>&b;</record></c>"
    assert _codes(_read(bomb)) == ["XML_ENTITIES"]
    assert _codes(_read(bomb.replace(b"record", b"other"))) == ["XML_ENTITIES"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "windows-1256"])
def test_a_file_in_another_encoding_is_read_by_what_it_says(encoding: str) -> None:
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    text = f'<?xml version="1.0" encoding="{name}"?>\n<c>\n<record n="é"/></c>'
    found = _read(text.encode(encoding))
    assert _codes(found) == ["é"]
    assert found[0].line == 3


@pytest.mark.parametrize("encoding", ["zip", "no-such", "rot13"])
def test_an_encoding_that_nobody_knows_is_said(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><c><record/></c>'.encode()
    assert _codes(_read(data)) == ["XML_ENCODING"]


def test_bytes_that_are_no_text_spoil_one_record() -> None:
    assert _codes(_read(b"<c><record>\xff</record><record n='2'/></c>")) == ["XML_NOT_WELL_FORMED", "2"]


def test_a_file_without_records_gives_none_and_what_is_no_xml_is_said() -> None:
    assert _read(b"<c><d/></c>") == []
    assert _codes(_read(b"no XML at all")) == ["XML_NOT_WELL_FORMED"]
    assert _codes(_read(b"")) == ["XML_NOT_WELL_FORMED"]


class _Endless(io.RawIOBase):
    """A stream of *left* bytes that a small file could be packed from."""

    def __init__(self, begin: bytes, left: int) -> None:
        self.begin, self.left = begin, left

    def read(self, size: int = -1, /) -> bytes:
        if self.begin:
            begin, self.begin = self.begin, b""
            return begin
        self.left -= size
        return b"x" * size if self.left > 0 else b""


@pytest.mark.parametrize("begin", [b"<c><record>", b"<c><record/><!--", b"<c a='", b"<c><record a='"])
def test_what_never_ends_is_given_up_in_bounded_memory(begin: bytes) -> None:
    tracemalloc.start()
    found = list(pieces(_Endless(begin, 4 * LARGEST), NAMES, file="f.xml"))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert any(isinstance(each, Broken) for each in found)
    assert peak < 4 * LARGEST


@pytest.mark.parametrize(
    "noise", [b" ", b"<?xml encoding='x' ", b"<", b"<record", b"<!--", b"</record>", b"<a:record>"]
)
def test_long_runs_are_passed_in_time_that_grows_with_their_length(noise: bytes) -> None:
    # A search that begins again at every byte would need an hour here.
    for begin in (b"", b"<c>", b"<c><record>"):
        _read(begin + noise * (400_000 // len(noise)))


@given(st.binary(max_size=200) | st.text(alphabet="<>/!-[]?rc'\" =&;", max_size=60).map(str.encode))
def test_no_bytes_make_it_raise(noise: bytes) -> None:
    for data in (noise, b"<c><record>" + noise + b"</record></c>", b"<record" + noise):
        _read(data)


TREES = st.recursive(
    st.sampled_from(["", "text", "<!-- <record> -->", "<![CDATA[</record>]]>", "&lt;record&gt;", "\n"]),
    lambda inner: st.builds(
        "<{0}>{1}</{0}>".format, st.sampled_from(["a", "records", "m:b"]), st.lists(inner, max_size=3).map("".join)
    ),
)


@given(st.lists(TREES, max_size=6))
@settings(max_examples=200)
def test_a_parser_of_the_whole_finds_the_same_records(bodies: list[str]) -> None:
    records = "".join(f"{body}<record n='{number}'>{body}</record>" for number, body in enumerate(bodies))
    data = f"<c xmlns:m='urn:m'>{records}</c>".encode()
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True))
    found = _read(data)
    assert [etree.tostring(each.element, method="c14n") for each in found if isinstance(each, Piece)] == [
        etree.tostring(record, method="c14n", with_tail=False) for record in root.iter("record")
    ]
    assert [each.line for each in found] == [record.sourceline for record in root.iter("record")]
