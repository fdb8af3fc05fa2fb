"""Image requests are read as the specifications say, and refuse everything else in bounded work."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.iiif.image_request import (
    LONGEST_SIDE,
    MOST_PIXELS,
    ImageRequest,
    RequestRefused,
    SmallerOnly,
    Source,
    Version,
    parse,
    turned_size,
)

PAGE = Source(6000, 4000)
HUGE = Source(12000, 9000)
DEGRADED = Source(6000, 4000, shown_side=800)


def read(address: str, version: Version = 3, source: Source = PAGE) -> ImageRequest:
    region, size, rotation, rest = address.split("/")
    return parse(version, (region, size, rotation, rest), source)


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("full/max/0/default.jpg", "full/max/0/default.jpg"),
        ("0,0,6000,4000/6000,4000/0/color.jpg", "full/max/0/default.jpg"),
        ("0,0,9000,9000/6000,/360/default.jpg", "full/max/0/default.jpg"),
        ("square/max/0/gray.png", "1000,0,4000,4000/max/0/gray.png"),
        ("pct:0,0,50,50/1500,/0/default.jpg", "0,0,3000,2000/1500,1000/0/default.jpg"),
        ("pct:12.5,.5,25,1.25/max/0/default.jpg", "750,20,1500,50/max/0/default.jpg"),
        ("full/,1000/!90.50/default.webp", "full/1500,1000/!90.5/default.webp"),
        ("full/pct:50/0.0/bitonal.tif", "full/3000,2000/0/bitonal.tif"),
        ("full/!1000,1000/022.5/default.jpg", "full/1000,667/22.5/default.jpg"),
        ("0,0,1000,500/!3000,3000/0/default.jpg", "0,0,1000,500/max/0/default.jpg"),
        ("0,0,1000,500/^!3000,3000/0/default.jpg", "0,0,1000,500/^3000,1500/0/default.jpg"),
        ("0,0,1000,500/^2000,/0/default.jpg", "0,0,1000,500/^2000,1000/0/default.jpg"),
        ("0,0,1000,500/^pct:200/0/default.jpg", "0,0,1000,500/^2000,1000/0/default.jpg"),
        ("0,0,1000,500/^500,/0/default.jpg", "0,0,1000,500/500,250/0/default.jpg"),
        ("full/^max/0/default.jpg", "full/max/0/default.jpg"),
        ("5900,3900,512,512/max/0/default.jpg", "5900,3900,100,100/max/0/default.jpg"),
    ],
)
def test_version_3_has_one_canonical_form(asked: str, canonical: str) -> None:
    assert read(asked).canonical == canonical
    assert read(canonical).canonical == canonical


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("full/full/0/default.jpg", "full/full/0/default.jpg"),
        ("full/max/0/color.jpg", "full/full/0/default.jpg"),
        ("0,0,6000,4000/3000,2000/0/default.jpg", "full/3000,/0/default.jpg"),
        ("full/,1000/0/default.jpg", "full/1500,/0/default.jpg"),
        ("full/300,300/0/default.jpg", "full/300,300/0/default.jpg"),
        ("0,0,100,50/200,/0/default.jpg", "0,0,100,50/200,/0/default.jpg"),
        ("full/!1000,1000/0/default.jpg", "full/1000,/0/default.jpg"),
    ],
)
def test_version_2_has_its_own_canonical_form(asked: str, canonical: str) -> None:
    assert read(asked, 2).canonical == canonical
    assert read(canonical, 2).canonical == canonical


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("0,0,0,10/max/0/default.jpg", "IMAGE_REGION_OUTSIDE"),
        ("6000,0,10,10/max/0/default.jpg", "IMAGE_REGION_OUTSIDE"),
        ("pct:0,0,0,10/max/0/default.jpg", "IMAGE_REGION_OUTSIDE"),
        ("1,2,3/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("1,2,3,4,5/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("-1,2,3,4/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("1.5,2,3,4/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("pct:1e1,2,3,4/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("١,٢,٣,٤/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("0,0,9999999999,1/max/0/default.jpg", "IMAGE_REGION_MALFORMED"),
        ("full/full/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/0,/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/,/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/!100,/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/pct:0/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/pct:nan/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/^^max/0/default.jpg", "IMAGE_SIZE_MALFORMED"),
        ("full/7000,/0/default.jpg", "IMAGE_SIZE_ABOVE"),
        ("full/pct:100.1/0/default.jpg", "IMAGE_SIZE_ABOVE"),
        ("0,0,100,100/100,101/0/default.jpg", "IMAGE_SIZE_ABOVE"),
        ("full/^15000,15000/0/default.jpg", "IMAGE_SIZE_TOO_LARGE"),
        ("0,0,1,1/^16001,1/0/default.jpg", "IMAGE_SIZE_TOO_LARGE"),
        ("0,0,10,1/^15999,1600/45/default.jpg", "IMAGE_TURNED_TOO_LARGE"),
        ("full/max/0/default.jp2", "IMAGE_TURNED_TOO_LARGE"),
        ("full/max/361/default.jpg", "IMAGE_ROTATION_MALFORMED"),
        ("full/max/-90/default.jpg", "IMAGE_ROTATION_MALFORMED"),
        ("full/max//default.jpg", "IMAGE_ROTATION_MALFORMED"),
        ("full/max/0/pretty.jpg", "IMAGE_QUALITY_UNKNOWN"),
        ("full/max/0/default.bmp", "IMAGE_FORMAT_UNKNOWN"),
        ("full/max/0/default", "IMAGE_FORMAT_UNKNOWN"),
    ],
)
def test_what_is_not_a_request_is_refused_with_its_reason(asked: str, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        read(asked)
    assert refused.value.code == code
    for language in ("ar", "fr", "en"):
        assert len(refused.value.sentence(language)) > 20


def test_version_2_enlarges_without_a_sign_and_knows_no_sign() -> None:
    assert read("0,0,100,50/400,/0/default.jpg", 2).width == 400
    with pytest.raises(RequestRefused):
        read("full/^max/0/default.jpg", 2)


def test_the_largest_size_of_a_huge_image_fits_the_limits() -> None:
    request = read("full/max/0/default.jpg", 3, HUGE)
    assert request.width * request.height <= MOST_PIXELS
    assert request.canonical == "full/max/0/default.jpg"
    assert abs(request.width / request.height - 12000 / 9000) < 0.001
    with pytest.raises(RequestRefused, match="larger than this server makes"):
        read("full/full/0/default.jpg", 2, HUGE)


def test_a_region_of_an_image_shown_small_is_held_to_the_same_scale() -> None:
    assert (read("full/max/0/default.jpg", 3, DEGRADED).width) == 800
    assert read("0,0,3000,2000/max/0/default.jpg", 3, DEGRADED).width == 400
    assert read("full/!800,800/0/default.jpg", 3, DEGRADED).height == 533
    for address in ("0,0,512,512/512,512/0/default.jpg", "full/801,/0/default.jpg", "0,0,512,512/^max/0/default.jpg"):
        if "max" in address:
            assert read(address, 3, DEGRADED).width <= 69
        else:
            with pytest.raises(SmallerOnly):
                read(address, 3, DEGRADED)


def test_grey_is_the_default_of_a_grey_image() -> None:
    assert read("full/max/0/gray.jpg", 3, Source(10, 10, grey=True)).canonical.endswith("default.jpg")


def test_a_canvas_turned_by_quarters_swaps_its_sides() -> None:
    assert turned_size(30, 10, 90) == (10, 30)
    assert turned_size(30, 10, 180) == (30, 10)
    assert turned_size(30, 10, 45) == (29, 29)


_PIECES = st.lists(
    st.sampled_from(
        [*"0123456789.,:^!%-+eE ", "full", "max", "square", "pct:", "512", "default", ".jpg", "\x00", "١", "nan"]
    ),
    max_size=12,
).map("".join)


_SOURCE = st.builds(
    Source,
    width=st.integers(1, 100_000),
    height=st.integers(1, 100_000),
    shown_side=st.none() | st.integers(1, 2000),
)


@given(
    version=st.sampled_from([2, 3]),
    parameters=st.tuples(_PIECES, _PIECES, _PIECES, _PIECES | st.just("default.jpg")),
    source=_SOURCE,
)
def test_no_address_makes_anything_but_a_bounded_request_or_a_refusal(
    version: Version, parameters: tuple[str, str, str, str], source: Source
) -> None:
    request = None
    # Any other exception would fail the test.
    with suppress(RequestRefused, SmallerOnly):
        request = parse(version, parameters, source)
    if request is None:
        return
    _check(request, source)
    assert parse(version, tuple(request.canonical.split("/")), source).canonical == request.canonical  # type: ignore[arg-type]


_NUMBER = st.integers(0, 20_000).map(str)
_REGION = st.sampled_from(["full", "square"]) | st.tuples(_NUMBER, _NUMBER, _NUMBER, _NUMBER).map(",".join)
_SIZE = (
    st.tuples(st.sampled_from(["", "^", "!", "^!"]), _NUMBER | st.just(""), _NUMBER | st.just("")).map(
        lambda size: f"{size[0]}{size[1]},{size[2]}"
    )
    | st.sampled_from(["max", "^max", "full"])
    | st.decimals(0, 300, places=3).map(lambda share: f"pct:{share}")
)
_ROTATION = st.tuples(st.sampled_from(["", "!"]), st.decimals(0, 360, places=2).map(str)).map("".join)


@given(version=st.sampled_from([2, 3]), parameters=st.tuples(_REGION, _SIZE, _ROTATION), source=_SOURCE)
def test_a_canonical_form_means_the_same_image(
    version: Version, parameters: tuple[str, str, str], source: Source
) -> None:
    try:
        request = parse(version, (*parameters, "default.jpg"), source)
    except (RequestRefused, SmallerOnly):
        return
    _check(request, source)
    again = parse(version, tuple(request.canonical.split("/")), source)  # type: ignore[arg-type]
    assert again == request


def _check(request: ImageRequest, source: Source) -> None:
    assert request.region_width >= 1
    assert request.region_height >= 1
    assert 0 <= request.x <= source.width - request.region_width
    assert 0 <= request.y <= source.height - request.region_height
    assert 1 <= request.width <= LONGEST_SIDE
    assert 1 <= request.height <= LONGEST_SIDE
    assert request.width * request.height <= MOST_PIXELS
    turned = turned_size(request.width, request.height, request.rotation)
    assert turned[0] * turned[1] <= MOST_PIXELS
    if source.shown_side is not None:
        assert request.width <= request.region_width * source.shown_scale + 1
        assert request.height <= request.region_height * source.shown_scale + 1
