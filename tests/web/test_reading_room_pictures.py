"""Which image files a page offers, by size and agreement."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.identifiers import Digest, ImageId
from khizana.core.manuscript import Master, Page
from khizana.core.policy import SMALLER_IMAGE, Allow, Degrade, Refuse
from khizana.web.reading_room.pictures import contact_image, folio_picture, picture


def page(width: int, height: int, image: str = "tb-42.0001") -> Page:
    master = Master(1, "masters/0001.tif", Digest("0" * 128), 1, "image/tiff", width, height, "1.tif")
    return Page(ImageId(image), "12r", "12r", master)


@pytest.mark.parametrize(
    ("width", "height", "offered"),
    [
        (3000, 4000, [480, 800, 1200, 2000]),
        (2000, 2600, [480, 800, 1200, 2000]),
        (1999, 2600, [480, 800, 1200]),
        (300, 400, [300]),
    ],
)
def test_an_open_page_offers_each_size_it_is_wide_enough_for(width: int, height: int, offered: list[int]) -> None:
    found = picture(page(width, height), Allow(), "100vw")
    assert found is not None
    assert [int(each) for each in re.findall(r" (\d+)w", found.avif)] == offered
    assert [int(each) for each in re.findall(r" (\d+)w", found.jpeg)] == offered
    assert (found.width, found.height) == (width, height)


def test_a_smaller_page_offers_only_sizes_whose_longest_side_is_allowed() -> None:
    found = folio_picture(page(2000, 2600), Degrade(SMALLER_IMAGE))
    assert found is not None
    assert re.findall(r"/(\d+)\.avif", found.avif) == ["480"]
    assert max(found.width, found.height) <= SMALLER_IMAGE


def test_a_long_narrow_page_that_must_be_smaller_is_made_to_measure() -> None:
    found = folio_picture(page(1000, 5000), Degrade(800))
    assert found is not None
    assert found.avif == ""
    assert found.source == "/iiif/3/tb-42.0001/full/160,/0/default.jpg"


def test_a_page_that_may_not_be_seen_offers_nothing() -> None:
    refused = Refuse("STAFF_ONLY", conceal=False)
    assert folio_picture(page(2000, 2600), refused) is None
    assert contact_image(page(2000, 2600), refused) == ""


def test_a_contact_image_that_must_be_smaller_is_within_what_is_allowed() -> None:
    assert contact_image(page(2000, 2600), Allow()) == "/iiif/3/tb-42.0001/full/200,/0/default.jpg"
    assert contact_image(page(1000, 8000), Degrade(800)) == "/iiif/3/tb-42.0001/full/100,/0/default.jpg"


def test_addresses_are_percent_encoded() -> None:
    found = picture(page(480, 600, "تب-1.0001"), Allow(), "100vw")
    assert found is not None
    assert found.source == "/images/%D8%AA%D8%A8-1.0001/480.jpg"


@given(st.integers(1, 30_000), st.integers(1, 30_000), st.integers(1, 4000))
def test_no_size_offered_is_longer_than_allowed(width: int, height: int, longest: int) -> None:
    found = picture(page(width, height), Degrade(longest), "100vw")
    assert found is not None
    for offered in re.findall(r" (\d+)w", found.jpeg):
        assert int(offered) <= width
        # A made-to-measure width of one pixel is the least there is.
        assert int(offered) == 1 or round(int(offered) * height / width) <= longest + height / width
