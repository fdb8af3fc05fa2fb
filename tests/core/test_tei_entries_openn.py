"""Real descriptions go into entries and back: a sample of the public ones, with all of the West African ones."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from khizana.core.tei.entries import read_entries, read_entry
from khizana.core.tei.measures import measured

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from tei import Count, checked, files_of  # found by the line above

SAMPLE = 141
LEAST_UNDERSTOOD = 0.95
"""Share of the characters of these descriptions that the model takes: the measured share less a little."""


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> list[tuple[str, bytes]]:
    folder = shared_data / "open" / "openn-tei"
    if not folder.is_dir():
        pytest.skip(f"no OPenn descriptions at {folder}")
    nine = sorted((folder / "west-african-and-astronomy-samples").glob("*/*_TEI.xml"))
    assert len(nine) == 9
    chosen = set(random.Random(42).sample(range(1036), SAMPLE))
    others = enumerate(files_of(folder / "openn-tei-arabic-script-1036.tar.xz"))
    return [(path.name, path.read_bytes()) for path in nine] + [file for place, file in others if place in chosen]


def test_every_law_holds_for_real_descriptions(sample: list[tuple[str, bytes]]) -> None:
    count = Count()
    for name, data in sample:
        checked(name, data, count)
    assert count.files == SAMPLE + 9
    assert count.wrong == {}
    assert count.kept_beside == 0
    assert count.understood >= LEAST_UNDERSTOOD * count.characters > 100_000


def test_real_descriptions_give_what_a_catalogue_needs(sample: list[tuple[str, bytes]]) -> None:
    seen: Counter[str] = Counter()
    for name, data in sample:
        entry = read_entry(data, file=name)
        seen["named"] += bool(entry.shelfmark and entry.titles and entry.languages)
        seen["dated"] += any(date.dated for date in entry.all_dates())
        seen["sized"] += bool(entry.physical.height and entry.physical.width)
        seen["counted"] += entry.physical.leaves is not None
        seen["styled"] += bool(entry.physical.script_styles)
    assert seen["named"] == len(sample)
    assert min(seen["dated"], seen["sized"], seen["counted"]) > 0.5 * len(sample)
    assert seen["styled"] > 0.3 * len(sample)


def test_a_charm_in_arabic_and_soninke_is_read_whole(sample: list[tuple[str, bytes]]) -> None:
    (data,) = [data for name, data in sample if name.endswith("b10_f4_TEI.xml")][:1]
    (incoming,) = read_entries(data, file="b10_f4_TEI.xml").entries
    entry = incoming.entry
    assert (entry.shelfmark, entry.country, entry.settlement) == ("B10.F4", "United States", "Philadelphia")
    assert entry.languages == ("ar", "snk")
    assert [text.locus for text in entry.texts] == ["", "Side 1"]
    assert entry.persons[0].role == "former owner"
    assert entry.persons[0].key == "http://id.loc.gov/authorities/names/n88140545"
    assert entry.origin.dates[0].words == "1750\u20131784"
    assert (entry.physical.height, entry.physical.width, entry.physical.lines) == (385, 315, "39")
    assert entry.physical.script_styles == ("west african", "maghribi")
    assert entry.physical.decoration[1].locus == "Side 2"
    assert "Talismans" in [subject.text for subject in entry.subjects]
    assert [genre.text for genre in entry.genres] == ["Talismans"]
    assert incoming.images == ()  # the addresses are those of files beside the description
    assert incoming.document == data


def test_measures_of_real_extents_are_read() -> None:
    found = measured("58 leaves : 197 x 155 (134 x 92) mm bound to 198 x 160 mm")
    assert (found.leaves, found.height, found.width, found.written_height, found.written_width) == (
        58,
        197,
        155,
        134,
        92,
    )
    assert measured("15 leaves ; 25 cm").leaves == 15
    assert measured("12.5 x 19 cm").height == 125
    assert measured("٣٤ ورقة ، ٢١ × ١٦ سم").width == 160
    assert measured("1 item (2 leaves) : 11 x 22 cm").leaves == 2
    assert measured("iii, 192, ii paginated leaves : 195 x 146 (163 x 115) mm").leaves == 192
    assert measured("4.2 linear feet (5 boxes)").leaves is None
