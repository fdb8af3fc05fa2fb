"""Names meet across scripts and romanisations, and what asks for them never fails."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.text.keys import MOST_KEYS, blind_key, cross_keys, name_keys
from khizana.core.text.likeness import likeness
from khizana.core.text.nearest import Names
from khizana.core.text.sounds import sounded

any_text = st.text(st.characters(exclude_categories=()), max_size=60)
name_text = st.text("abdhklmnrstuw ḥṣāī-'ʻʼ" + "ابتثجحخدذ ةىيوال", max_size=40)


@given(any_text | name_text)
def test_any_text_has_sounds_and_keys(text: str) -> None:
    for sounds in sounded(text):
        keys = cross_keys(sounds)
        assert len(keys) <= MOST_KEYS
        assert len(set(keys)) == len(keys)
        assert blind_key(sounds)
    assert "" not in name_keys(text)


@given(name_text, name_text)
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    for sounds in sounded(one):
        assert likeness(sounds, sounds) == 1.0
        for others in sounded(other):
            assert 0.0 <= likeness(sounds, others) <= 1.0
            assert likeness(sounds, others) == pytest.approx(likeness(others, sounds))


def test_a_name_of_a_million_letters_has_few_keys() -> None:
    assert len(name_keys("ث" * 1_000_000)) <= MOST_KEYS
    assert len(name_keys("th" * 500_000)) <= MOST_KEYS
    assert likeness("t" * 1_000_000, "d" * 1_000_000) < 1.0


@pytest.mark.parametrize(
    "spellings",
    [
        ["Muḥammad", "Mohammed", "Muhammad", "Mohamad", "Mouhammad"],
        ["Khalīl", "Ḫalīl", "Khaleel", "K̲h̲alīl"],
        ["Jundī", "Ǧundī", "Djoundi", "Jundi"],
        ["Qāḍī", "Kadi", "Qadi", "Ḳāḍī"],
        ["Shaykh", "Šayḫ", "Šaiḫ", "Sheikh"],
        ["Timbuktī", "Tinbuktī", "Tombouctou"],
    ],
)
def test_a_romanised_word_has_one_blind_key_in_every_romanisation(spellings: list[str]) -> None:
    assert len({blind_key(sounds) for spelling in spellings for sounds in sounded(spelling)}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ʻAbd al-Raḥmān ibn ʻAlī", "عبد الرحمن بن علي"),
        ("ʿAbd ar-Raḥmān b. ʿAlī", "عبد الرحمن ابن علي"),
        ("Abderrahmane ben Ali", "عبدالرحمن بن علي"),
        ("Abū l-Ḥasan", "أبو الحسن"),
        ("Abu'l-Hassan", "ابي الحسن"),
        ("El-Hâdj Oumar", "الحاج عمر"),
        ("Nûreddin", "نور الدين"),
    ],
)
def test_two_spellings_sound_alike_word_by_word(one: str, other: str) -> None:
    ours, theirs = sounded(one), sounded(other)
    assert len(ours) == len(theirs)
    for sounds, others in zip(ours, theirs, strict=True):
        assert likeness(sounds, others) > 0.75


def test_an_article_that_stands_alone_is_no_word_of_a_name() -> None:
    assert sounded("al-Kutub wa-al-rasāʼil") == sounded("Kutub rasāʼil")


def _names() -> Names[str]:
    names: Names[str] = Names()
    for name, spelling in [
        ("timbuktu", "تنبكتي، أحمد بابا بن أحمد"),
        ("fodio", "عثمان بن فودي"),
        ("fodio", "Usman dan Fodio"),
        ("bello", "محمد بلو بن عثمان بن فودي"),
        ("maghili", "مغيلي، محمد بن عبد الكريم"),
        ("umar", "الحاج عمر بن سعيد الفوتي"),
        ("sadi", "السعدي، عبد الرحمن بن عبد الله"),
    ]:
        names.add(name, spelling)
    return names


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Ahmed Baba de Tombouctou", "timbuktu"),
        ("Aḥmad Bābā al-Tinbuktī", "timbuktu"),
        ("Ousmane dan Fodio", "fodio"),
        ("ʿUṯmān b. Fūdī", "fodio"),
        ("El Hadj Oumar Tall al-Fouti", "umar"),
        ("Mohammed el-Mghili", "maghili"),
        ("Abderrahmane es-Sadi", "sadi"),
        ("محمد بلّو", "bello"),
    ],
)
def test_a_person_is_found_first(asked: str, found: str) -> None:
    assert _names().nearest(asked)[0].name == found


def test_a_person_with_two_spellings_is_found_once_and_the_spelling_itself_is_the_nearest() -> None:
    found = _names().nearest("عُثْمَان بن فودي")
    assert [near.name for near in found].count("fodio") == 1
    assert found[0].text == "عثمان بن فودي"
    assert found[0].nearness == 1.0
    assert all(one.nearness >= other.nearness for one, other in pairwise(found))


def test_nothing_is_found_for_what_has_no_sounds_or_no_likeness() -> None:
    assert _names().nearest("") == []
    assert _names().nearest("1234 ---") == []
    assert Names[str]().nearest("Aḥmad") == []


@given(any_text)
def test_any_text_can_be_asked_for(text: str) -> None:
    names = _names()
    names.add("other", text)
    names.nearest(text)


def test_persons_of_a_public_catalogue_are_found_across_scripts(shared_data: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    try:
        import names as benchmark  # noqa: PLC0415 a script, found when the data is there
    finally:
        sys.path.pop(0)
    catalogue = benchmark.catalogue(shared_data / "open" / "openn-tei" / "openn-tei-arabic-script-1036.tar.xz")
    task = benchmark.persons_to_arabic(catalogue, "held-out")
    first, ten = benchmark.recall(benchmark.ours(task.kept), task)
    assert first >= 92.0
    assert ten >= 97.5
