"""PREMIS 3.0 events: written, read, and valid by the official schema."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.preservation.premis import (
    AGENT_TYPES,
    EVENT_TYPES,
    NAMESPACE,
    OUTCOMES,
    Agent,
    Event,
    FileFacts,
    read_events,
    software,
    write_events,
)

OBJECT = "urn:khizana:demo:ms-1:images"
NAMES = {"premis": NAMESPACE}
VOCABULARY = "http://id.loc.gov/vocabulary/preservation"

# XML 1.0 cannot hold other characters; what becomes of them has a test of its own.
_TEXT = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff", whitelist_characters="\t\n\r"
    ),
    max_size=60,
)
_WORD = _TEXT.filter(bool)
_WHEN = st.datetimes(timezones=st.just(UTC)).map(lambda when: when.isoformat().replace("+00:00", "Z"))
_AGENT = st.one_of(
    st.builds(Agent, _WORD, st.sampled_from([*AGENT_TYPES, "robot"]), _TEXT, st.just("")),
    st.builds(Agent, _WORD, st.sampled_from([*AGENT_TYPES]), _TEXT, _WORD),
)
_AGENTS = st.lists(_AGENT, max_size=3, unique_by=lambda agent: agent.identifier or agent.name).filter(
    lambda agents: not {a.identifier for a in agents if a.identifier} & {a.name for a in agents if not a.identifier}
)
_FILES = st.lists(
    st.builds(
        FileFacts, _WORD, st.text("0123456789abcdef", min_size=1).map(Digest), st.integers(0, 2**60), _WORD, _TEXT
    ),
    max_size=3,
)


@st.composite
def _events(draw: st.DrawFn) -> list[Event]:
    agents = draw(_AGENTS)
    event = st.builds(
        Event,
        identifier=_WORD,
        type=st.one_of(st.sampled_from([*EVENT_TYPES]), _WORD),
        when=_WHEN,
        detail=_TEXT,
        outcome=st.one_of(st.sampled_from([*OUTCOMES]), _TEXT),
        outcome_detail=_TEXT,
        agents=st.lists(st.sampled_from(agents), max_size=2).map(tuple) if agents else st.just(()),
        subject=_TEXT,
    )
    return draw(st.lists(event, max_size=4))


@given(_events(), _FILES, st.one_of(st.just(OBJECT), st.just("urn:x:a#b")))
def test_what_is_written_is_read_back_the_same(events: list[Event], files: list[FileFacts], object_id: str) -> None:
    content = write_events(events, object_id=object_id, files=files)
    assert read_events(content) == tuple(events)
    assert write_events(read_events(content), object_id=object_id, files=files) == content


@given(_events(), _FILES)
def test_every_document_is_valid_by_the_official_schema(events: list[Event], files: list[FileFacts]) -> None:
    schema = os.environ.get("KHIZANA_PREMIS_SCHEMA")
    if not schema:
        pytest.skip("set KHIZANA_PREMIS_SCHEMA to the Library of Congress's premis-v3-0.xsd to check against it")
    etree.XMLSchema(etree.parse(schema)).assertValid(
        etree.fromstring(write_events(events, object_id=OBJECT, files=files))
    )


def test_types_and_outcomes_carry_the_addresses_of_the_vocabularies() -> None:
    agent = Agent("Aïcha", "person")
    event = Event(
        "urn:uuid:1", "fixity check", "2026-03-01T12:00:00Z", agents=(software("0.1"), agent), subject="a/ب#1"
    )
    facts = FileFacts("a/ب#1", Digest("ab" * 64), 12, "image/tiff", "P1.TIF")
    root = etree.fromstring(write_events([event], object_id=OBJECT, files=[facts]))

    def addresses(tag: str) -> list[str]:
        return [element.get("valueURI", "") for element in root.iterfind(f".//premis:{tag}", NAMES)]

    assert addresses("eventType") == [f"{VOCABULARY}/eventType/fix"]
    assert addresses("eventOutcome") == [f"{VOCABULARY}/eventOutcome/suc"]
    assert addresses("messageDigestAlgorithm") == [f"{VOCABULARY}/cryptographicHashFunctions/sha512"]
    assert addresses("linkingAgentRole") == [
        f"{VOCABULARY}/eventRelatedAgentRole/exe",
        f"{VOCABULARY}/eventRelatedAgentRole/imp",
    ]
    assert addresses("agentType") == [f"{VOCABULARY}/agentType/sof", f"{VOCABULARY}/agentType/per"]
    assert root.findtext(".//premis:linkingObjectIdentifierValue", None, NAMES) == f"{OBJECT}#a/%D8%A8%231"
    assert [each.findtext(".//premis:objectIdentifierValue", None, NAMES) for each in root[:2]] == [
        OBJECT,
        f"{OBJECT}#a/%D8%A8%231",
    ]
    file = root[1]
    tags = ("messageDigest", "size", "formatName", "originalName")
    assert [file.findtext(f".//premis:{tag}", None, NAMES) for tag in tags] == ["ab" * 64, "12", "image/tiff", "P1.TIF"]


def test_an_agent_is_described_once_however_much_it_did() -> None:
    agent = software("0.1")
    events = [Event(f"urn:uuid:{n}", "validation", "2026-03-01T12:00:00Z", agents=(agent,)) for n in range(3)]
    assert write_events(events, object_id=OBJECT).count(b"<premis:agentName>") == 1


def test_two_agents_of_one_identity_are_refused() -> None:
    agents = (Agent("K", "person"), Agent("K", "software"))
    with pytest.raises(ValueError, match="two agents"):
        write_events([Event("urn:uuid:1", "capture", "2026-03-01T12:00:00Z", agents=agents)], object_id=OBJECT)


def test_characters_that_xml_cannot_hold_are_written_as_their_numbers() -> None:
    event = Event("urn:uuid:1", "ingestion", "2026-03-01T12:00:00Z", detail="a\x00b\x1bc\ud800d\uffff")
    (read,) = read_events(write_events([event], object_id=OBJECT))
    assert read.detail == "a\\u0000b\\u001bc\\ud800d\\uffff"


@pytest.mark.parametrize(
    "change",
    [{"when": "2026-03-01T12:00:00"}, {"when": "yesterday"}, {"identifier": ""}, {"type": ""}],
)
def test_an_event_without_identifier_type_or_true_time_is_refused(change: dict[str, str]) -> None:
    facts = {"identifier": "urn:uuid:1", "type": "capture", "when": "2026-03-01T12:00:00Z"}
    Event(**facts)
    with pytest.raises(ValueError, match=r"time|isoformat"):
        Event(**facts | change)


def test_an_agent_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        Agent("")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not XML",
        b"<a/>",
        b"<premis xmlns='info:lc/xmlns/premis-v2' version='2.0'/>",
        b"<premis xmlns='http://www.loc.gov/premis/v3' version='3.0'><event/></premis>",
        b"<premis xmlns='http://www.loc.gov/premis/v3' version='3.0'><agent/></premis>",
    ],
)
def test_what_is_no_premis_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        read_events(content, name="events/0001.xml")
    assert caught.value.facts["name"] == "events/0001.xml"


@given(st.binary(max_size=300))
def test_reading_raises_nothing_but_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        read_events(content)


def test_entities_and_files_of_this_machine_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    event = Event("urn:uuid:1", "ingestion", datetime(2026, 3, 1, tzinfo=UTC).isoformat(), detail="HERE")
    content = write_events([event], object_id=OBJECT).replace(b"HERE", b"&x;")
    doctype = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    hostile = content.replace(b"?>\n", b"?>\n" + doctype, 1)
    try:
        read = read_events(hostile)
    except Damaged:
        return
    assert "secret" not in read[0].detail
