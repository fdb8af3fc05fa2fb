"""Information documents name what can be had, and nothing more."""

from __future__ import annotations

from khizana.core.iiif.image_information import image_information
from khizana.core.iiif.image_request import MOST_PIXELS, Source, parse

LEVELS = [(12000, 9000), (6000, 4500), (3000, 2250), (1500, 1125), (750, 563), (375, 282)]


def test_an_image_beyond_the_limits_says_so_and_names_no_size_beyond_them() -> None:
    source = Source(12000, 9000)
    information = image_information(3, "https://a/1", source, levels=LEVELS, tile=512, ready=[(480, 360)])
    assert information["maxArea"] == MOST_PIXELS
    sizes = [(size["width"], size["height"]) for size in information["sizes"]]
    assert (480, 360) in sizes
    assert (12000, 9000) not in sizes
    assert information["tiles"] == [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4, 8, 16, 32]}]
    for width, height in sizes:
        assert parse(3, ("full", f"{width},{height}", "0", "default.jpg"), source).width == width


def test_version_2_says_its_limits_in_the_profile() -> None:
    information = image_information(2, "https://a/1", Source(12000, 9000), levels=LEVELS, tile=512)
    assert "maxArea" not in information
    assert information["profile"][1]["maxArea"] == MOST_PIXELS


def test_the_formats_that_viewers_shall_ask_for_can_be_chosen() -> None:
    source = Source(100, 100)
    information = image_information(3, "https://a/1", source, levels=[(100, 100)], tile=512, preferred=("webp", "jpg"))
    assert information["preferredFormats"] == ["webp", "jpg"]


def test_an_image_shown_small_names_only_what_may_be_seen() -> None:
    source = Source(12000, 9000, shown_side=800)
    information = image_information(3, "https://a/1", source, levels=LEVELS, tile=512, ready=[(1200, 900)])
    assert (information["width"], information["maxWidth"], information["maxHeight"]) == (12000, 800, 800)
    assert [size["width"] for size in information["sizes"]] == [375, 750]
    assert information["tiles"][0]["scaleFactors"] == [16, 32]
