"""Permanent addresses: made from the object alone, told from what is mistyped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.ark import ALPHABET, Ark, ark_of, blade_of, check_character, parse_ark
from khizana.core.identifiers import Digest, ObjectId

OBJECT = ObjectId("urn:khizana:reading:tb-1:description")
FIRST = Digest("ab" * 64)
BLADE = blade_of(OBJECT, FIRST)
ARKS = st.builds(
    lambda text: ark_of("99999", blade_of(ObjectId(text), FIRST)), st.text(st.characters(codec="utf-8"), min_size=1)
)


def test_the_check_character_is_that_of_noid() -> None:
    # The example in NOID's own manual.
    assert check_character("13030/xf93gt2") == "q"


def test_a_name_follows_from_the_object_and_its_first_version_alone() -> None:
    # As written down once: a name that came out otherwise would lead nowhere.
    assert BLADE == "k1qgtvp22bk717"
    assert blade_of(OBJECT, FIRST) == BLADE
    assert blade_of(OBJECT, Digest("cd" * 64)) != BLADE
    assert blade_of(ObjectId("urn:khizana:reading:tb-2:description"), FIRST) != BLADE


@given(ARKS)
def test_an_address_is_read_back_in_every_form_that_people_write(ark: str) -> None:
    naan, _, name = ark.removeprefix("ark:").partition("/")
    wanted = Ark(naan, name[:-1])
    for form in (ark, f"ark:/{naan}/{name}", f"ark:{naan}/{name[:5]}-{name[5:]}", f"ark:{naan}/{name.upper()}"):
        assert parse_ark(form) == wanted
    assert parse_ark(f"{ark}/12r") == Ark(naan, name[:-1], "12r")


@given(ARKS, st.data())
def test_one_wrong_character_is_told(ark: str, data: st.DataObject) -> None:
    start = ark.index("/") + 3
    place = data.draw(st.integers(start, len(ark) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda char: char != ark[place]))
    assert parse_ark(ark[:place] + other + ark[place + 1 :]) is None


@given(ARKS, st.data())
def test_two_neighbours_that_changed_places_are_told(ark: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(ark.index("/") + 3, len(ark) - 2))
    swapped = ark[:place] + ark[place + 1] + ark[place] + ark[place + 2 :]
    assert (parse_ark(swapped) is None) == (swapped != ark)


@pytest.mark.parametrize(
    "text", ["", "ark:", "ark:99999", "ark:99999/", "ark:99999/x", "urn:99999/k1", "ark:é/k1", "ark:99999//"]
)
def test_what_is_no_address_of_ours_is_none(text: str) -> None:
    assert parse_ark(text) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    parse_ark(text)
    parse_ark(f"ark:{text}")
