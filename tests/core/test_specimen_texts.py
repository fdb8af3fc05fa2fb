"""What the specimens say: every slot filled, every number true, every letter one that scribes use."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import get_args

import numpy as np
import pytest

from khizana.core.specimen.ajami import ajami
from khizana.core.specimen.hand import TATWEEL, lengthened, stretchable
from khizana.core.specimen.texts import Subject, abjad, chapters, digits, words


def said(subject: Subject, seed: int, count: int = 12) -> list[str]:
    return [
        " ".join(word.text for word in (*chapter.heading, *chapter.body))
        for chapter in islice(chapters(subject, np.random.default_rng(seed)), count)
    ]


@pytest.mark.parametrize("subject", get_args(Subject))
def test_chapters_come_again_from_the_same_seed_and_leave_no_slot_open(subject: Subject) -> None:
    text = said(subject, 7)
    assert text == said(subject, 7) != said(subject, 8)
    assert not re.search(r"[{}*A-Za-z0-9]", " ".join(text))


def test_no_sentence_is_said_again_before_all_are_said() -> None:
    sentences: list[list[str]] = [[]]
    for chapter in islice(chapters("astronomy", np.random.default_rng(1)), 4):
        for word in chapter.body:
            sentences[-1].append(word.text)
            if word.closes:
                sentences.append([])
    # Every one of the 26 begins with three words of its own.
    assert len({tuple(sentence[:3]) for sentence in sentences[:26]}) == 26


def test_a_letter_greets_first_and_takes_leave_last() -> None:
    for letter in islice(chapters("letters", np.random.default_rng(5)), 6):
        assert letter.body[0].text == "سلام"
        assert letter.body[-1].text == "والسلام"


def test_numbers_in_a_sentence_are_true_of_each_other() -> None:
    text = " ".join(said("mathematics", 3, 40))
    eastern = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
    products = re.findall(r"إذا ضربت (\S+) في (\S+) كان الخارج (\S+)", text)
    assert products
    for a, b, product in products:
        assert int(a.translate(eastern)) * int(b.translate(eastern)) == int(product.translate(eastern))


def test_abjad_writes_tens_before_ones() -> None:
    assert [abjad(n) for n in (0, 1, 10, 17, 23, 35, 59)] == ["٠", "ا", "ي", "يز", "كج", "له", "نط"]
    assert digits(1447) == "١٤٤٧"


def test_stars_stand_round_red_words() -> None:
    assert [(word.text, word.red) for word in words("*وإذا أردت* معرفة")] == [
        ("وإذا", True),
        ("أردت", True),
        ("معرفة", False),
    ]


def test_hausa_is_written_with_every_vowel() -> None:
    assert ajami("haske") == "هَسْكٜ"
    assert ajami("ilimi") == "إِلِمِ"
    assert ajami("allah") == unicodedata.normalize("NFC", "أَلَّهْ")
    assert ajami("ɗan kaasuwa") == "طَنْ كَاسُوَ"


@pytest.mark.parametrize("word", ["دار", "الله", "لا", "١٢", "ورود", "و"])
def test_a_word_without_a_free_joint_is_never_lengthened(word: str) -> None:
    assert stretchable(word) == 0
    assert lengthened(word, 3) == word


def test_the_last_joint_is_lengthened_and_never_lam_alef() -> None:
    assert lengthened("كتاب", 2) == "كت" + TATWEEL * 2 + "اب"
    assert lengthened("السلام", 1) == "الس" + TATWEEL + "لام"
    assert lengthened("هَسْ", 1) == "هَ" + TATWEEL + "سْ"
