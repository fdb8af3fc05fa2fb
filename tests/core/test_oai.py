"""Requests of OAI-PMH: what the protocol takes, what it refuses and how; tokens that nobody can make or alter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.catalogue.entry import Entry, Phrase, Text
from khizana.core.identifiers import ManuscriptId
from khizana.core.oai.identifier import identifier_of, manuscript_of
from khizana.core.oai.request import GetRecord, Identify, ListFormats, ListRecords, ListSets, Refused, after, parse
from khizana.core.oai.sets import SPEC, sets_of, spec_of
from khizana.core.oai.token import Place, TokenRefused, read_token, write_token

SECRET = "s3cret"  # noqa: S105 - of no library
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
PLACES = st.builds(Place, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, st.integers(0, 10**9))


def asked(query: str) -> object:
    pairs = [tuple(part.split("=", 1)) for part in query.split("&")]
    return parse(pairs, secret=SECRET)


def code(query: str) -> str:
    with pytest.raises(Refused) as refused:
        asked(query)
    assert refused.value.words
    return refused.value.code


def test_each_verb_is_understood() -> None:
    assert asked("verb=Identify") == Identify()
    assert asked("verb=ListSets") == ListSets()
    assert asked("verb=ListMetadataFormats") == ListFormats()
    assert asked("verb=GetRecord&identifier=urn:a:b&metadataPrefix=tei") == GetRecord("urn:a:b", "tei")
    assert asked("verb=ListIdentifiers&metadataPrefix=oai_dc") == ListRecords("oai_dc", headers_only=True)


def test_days_are_whole_days_and_seconds_are_seconds() -> None:
    days = asked("verb=ListRecords&metadataPrefix=edm&from=2026-02-28&until=2026-02-28&set=a:b")
    assert days == ListRecords("edm", False, "2026-02-28T00:00:00Z", "2026-02-28T23:59:59Z", "a:b")
    seconds = asked("verb=ListRecords&metadataPrefix=edm&from=2026-02-28T01:02:03Z")
    assert seconds == ListRecords("edm", False, "2026-02-28T01:02:03Z")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("a=b", "badVerb"),
        ("verb=Steal", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=x", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=tei", "badArgument"),
        ("verb=GetRecord&metadataPrefix=tei&identifier=no uri", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&metadataPrefix=tei", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&set=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&set=كتاب", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=tei&from=2026", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&from=0000-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&from=٢٠٢٦-٠١-٠١", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&from=2026-02-01T00:00:00+01:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&from=2026-02-01&until=2026-02-02T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=tei&from=2026-02-02&until=2026-02-01", "badArgument"),
        ("verb=ListRecords&resumptionToken=x&metadataPrefix=tei", "badArgument"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=", "badResumptionToken"),
    ],
)
def test_what_the_protocol_refuses_is_refused_with_its_code(query: str, wanted: str) -> None:
    assert code(query) == wanted


def test_the_last_days_that_can_be_written_are_days() -> None:
    for query in ("from=9999-12-31", "until=9999-12-31", "from=0001-01-01&until=9999-12-31"):
        asked(f"verb=ListRecords&metadataPrefix=tei&{query}")


@given(PLACES)
def test_a_token_says_what_it_was_given(place: Place) -> None:
    token = write_token(place, secret=SECRET)
    assert read_token(token, secret=SECRET) == place
    with pytest.raises(TokenRefused):
        read_token(token, secret="another")  # noqa: S106 - of no library


@given(PLACES, st.data())
def test_a_token_that_was_altered_is_refused(place: Place, data: st.DataObject) -> None:
    token = write_token(place, secret=SECRET)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AZaz09-_=+/ ").filter(lambda char: char != token[at]))
    with pytest.raises(TokenRefused):
        read_token(token[:at] + other + token[at + 1 :], secret=SECRET)


@given(st.text(max_size=3000))
def test_no_text_breaks_the_reading_of_tokens(text: str) -> None:
    with pytest.raises(TokenRefused):
        read_token(text, secret=SECRET)


def test_a_token_goes_on_with_the_list_that_it_was_given_for() -> None:
    first = ListRecords("tei", True, "2026-01-01T00:00:00Z", "", "language:ar")
    token = write_token(after(first, "2026-01-02T00:00:00Z tb-9", 50), secret=SECRET)
    second = asked(f"verb=ListIdentifiers&resumptionToken={token}")
    assert second == ListRecords(
        "tei", True, "2026-01-01T00:00:00Z", "", "language:ar", "2026-01-02T00:00:00Z tb-9", 50
    )
    assert code(f"verb=ListRecords&resumptionToken={token}") == "badResumptionToken"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_an_identifier_leads_back_to_its_manuscript(slug: str) -> None:
    assert manuscript_of("reading", identifier_of("reading", ManuscriptId(slug))) == slug
    assert manuscript_of("another", identifier_of("reading", ManuscriptId(slug))) is None


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_every_set_has_a_specification_that_the_protocol_takes(name: str) -> None:
    assert SPEC.fullmatch(spec_of("subject", name))


def test_names_that_fold_alike_are_one_set_and_others_are_not() -> None:
    assert spec_of("subject", "الفِقْه") == spec_of("subject", "الفقه")
    assert spec_of("subject", "الفقه") != spec_of("subject", "الطب")
    assert spec_of("subject", "Théologie") == "subject:theologie"


def test_a_manuscript_is_in_the_sets_of_its_languages_and_subjects_and_those_above() -> None:
    entry = Entry(
        languages=("ar", "ha-Arab"),
        holding=(Phrase("Fondo Kati", "fr"),),
        texts=(Text(languages=("ff-Arab",)),),
        subjects=(Phrase("Law", "en"), Phrase("law"), Phrase(" ")),
    )
    assert [each.spec for each in sets_of(entry)] == [
        "language",
        "language:ar",
        "language:ha-Arab",
        "language:ff-Arab",
        "holding",
        "holding:fondo-kati",
        "subject",
        "subject:law",
    ]
