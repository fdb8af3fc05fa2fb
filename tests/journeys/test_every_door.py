"""The walk: every address that is answered, for every level and every kind of reader, gives what the policy decides.

Nothing leaks and nothing is wrongly refused: each answer is compared with ``core.policy.decide``, and each image that
a page or document names is asked for by the reader who was shown it. An address that is new must be given its place
here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from data.commands import command_environment
from data.staff import Answer
from data.walking import HEIGHT, WIDTH, Kept, Walker, images_named, kept, mentions, size_of, walked_library, walkers
from khizana.core.identifiers import ManuscriptId
from khizana.core.iiif.authorization import WHOLE
from khizana.core.oai.identifier import identifier_of
from khizana.core.policy import ANYONE, SMALLER_IMAGE, Action, Allow, Decision, Degrade, Refuse, way_in

pytestmark = pytest.mark.xdist_group("every door")  # its library is made once

MANUSCRIPTS = list(kept())

DESCRIBE = (
    "/{language}/m/{slug}/",
    "/iiif/manifest/{slug}",
    "/iiif/manifest/{slug}/v2",
    "/iiif/manifest/{slug}/v3",
    "/m/{slug}/description.xml",
    "/m/{slug}/cite.bib",
    "/m/{slug}/cite.ris",
    "/m/{slug}/cite.json",
)
"""What a manuscript is."""

HARVEST = ("/m/{slug}/linkset.json", "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={identifier}")
"""What may be handed on."""

VIEW = "/{language}/m/{slug}/{name}"
"""Its page."""

LISTS = (
    "/{language}/m/",
    "/{language}/search",
    "/{language}/search?q=Kitab",
    "/search.json?q=kitab",
    "/search.csv?q=kitab",
    "/search.rss?q=kitab",
    "/iiif/collection",
)
"""All that this reader may know of."""

HANDED_ON = (
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    "/iiif/changes/1",
    "/sitemap/1.xml",
)
"""All that other libraries may know of, whoever asks."""

ELSEWHERE = {
    "": "leads to the home page",
    "{language}/": "a part of the list: walked below",
    "suggest.json": "walked below",
    "{language}/sign-in": "tells of no manuscript",
    "{language}/sign-out": "tells of no manuscript",
    "{language}/terms": "tells of no manuscript",
    "{language}/access": "tells of no manuscript",
    "{language}/access/given": "tells of no manuscript",
    "{language}/access/ended": "tells of no manuscript",
    "iiif/auth/terms": "tells of no manuscript",
    "iiif/auth/sign-in": "tells of no manuscript",
    "iiif/auth/sign-out": "tells of no manuscript",
    "iiif/auth/token/terms": "tells of no manuscript",
    "iiif/auth/token/sign-in": "tells of no manuscript",
    "iiif/auth/probe/{image}": "walked in test_authorization",
    "iiif/collection/{part}": "a part of the collection: the same listing",
    "iiif/changes": "counts alone",
    "sitemap.xml": "counts alone",
    "robots.txt": "tells of no manuscript",
    "ark:{naan}/{name}": "walked below",
    "ark:/{naan}/{name}": "the older spelling of the same",
}
"""Addresses that are walked otherwise, and why."""

_PATTERNS = """
import django
django.setup()
from khizana.web.urls import urlpatterns
print("\\n".join(str(each.pattern) for each in urlpatterns))
"""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Walker]]:
    with walkers(walked_library(tmp_path_factory.mktemp("walk"))) as (_, everyone):
        yield everyone


def _of(path: str, manuscript: Kept) -> str:
    slug = manuscript.slug
    return path.format(language="en", slug=slug, name="1r", identifier=identifier_of("walk", ManuscriptId(slug)))


def test_every_address_that_is_answered_has_its_place_in_the_walk() -> None:
    environment = command_environment(DJANGO_SETTINGS_MODULE="khizana.project.settings")
    done = subprocess.run(
        [sys.executable, "-c", _PATTERNS], env=environment, capture_output=True, text=True, check=True
    )
    answered = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", line) for line in done.stdout.splitlines()} - {"{language}/desk/"}
    assert len(answered) > 30
    walked = {path.partition("?")[0].lstrip("/") for path in (*DESCRIBE, *HARVEST, VIEW, *LISTS, *HANDED_ON)}
    walked |= {"iiif/changes/{page}", "sitemap/{number}.xml"}
    desk = {path for path in answered if path.startswith("{language}/desk/")}
    assert answered - desk == (walked - {"iiif/changes/1", "sitemap/1.xml"}) | ELSEWHERE.keys()
    assert desk


def test_the_desk_is_for_staff_alone(walk: list[Walker]) -> None:
    for walker in walk:
        page = walker.browser.get("/en/desk/")
        assert (page.address == "/en/desk/") is walker.reader.staff, walker.name
        assert mentions(page.text, MANUSCRIPTS) == set() or walker.reader.staff


@pytest.mark.parametrize("manuscript", MANUSCRIPTS, ids=lambda each: each.slug)
def test_what_it_is_is_told_to_whom_the_policy_tells_it(walk: list[Walker], manuscript: Kept) -> None:
    for walker in walk:
        told = manuscript.decision(Action.DESCRIBE, walker.reader)
        for path in DESCRIBE:
            answer = walker.browser.get(_of(path, manuscript))
            where = (walker.name, _of(path, manuscript))
            if isinstance(told, Allow):
                assert answer.status == 200, where
                assert mentions(answer.text, MANUSCRIPTS) == {manuscript.slug}, where
            else:
                assert answer.status == 404, where
                assert mentions(answer.text, MANUSCRIPTS) == set(), where
            _every_image_named_can_be_seen(answer, walker, where)


@pytest.mark.parametrize("manuscript", MANUSCRIPTS, ids=lambda each: each.slug)
def test_what_is_handed_on_is_what_everyone_may_have(walk: list[Walker], manuscript: Kept) -> None:
    handed = isinstance(manuscript.decision(Action.HARVEST, ANYONE), Allow)
    for walker in walk:
        for path in HARVEST:
            answer = walker.browser.get(_of(path, manuscript))
            is_told = manuscript.slug in answer.text and answer.status == 200 and "idDoesNotExist" not in answer.text
            assert is_told is handed, (walker.name, path)
            assert handed or mentions(answer.text, MANUSCRIPTS) == set()


def test_lists_tell_of_all_that_a_reader_may_know_and_of_nothing_else(walk: list[Walker]) -> None:
    for walker in walk:
        known = {each.slug for each in MANUSCRIPTS if isinstance(each.decision(Action.DESCRIBE, walker.reader), Allow)}
        for path in LISTS:
            answer = walker.browser.get(path.format(language="en"))
            assert answer.status == 200
            assert mentions(answer.text, MANUSCRIPTS) == known, (walker.name, path)
            _every_image_named_can_be_seen(answer, walker, (walker.name, path))
        home = walker.browser.get("/en/")
        assert mentions(home.text, MANUSCRIPTS) <= known, walker.name
        _every_image_named_can_be_seen(home, walker, (walker.name, "/en/"))
        for each in MANUSCRIPTS:
            suggested = walker.browser.get(f"/suggest.json?q={each.secret[:-1]}").text
            assert mentions(suggested, MANUSCRIPTS) <= known, walker.name


def test_what_other_libraries_are_given_is_the_same_whoever_asks(walk: list[Walker]) -> None:
    handed = {each.slug for each in MANUSCRIPTS if isinstance(each.decision(Action.HARVEST, ANYONE), Allow)}
    for walker in walk:
        for path in HANDED_ON:
            text = walker.browser.get(path).text
            assert {each.slug for each in MANUSCRIPTS if re.search(rf"\b{each.slug}\b", text)} == handed, path
            assert mentions(text, MANUSCRIPTS) <= handed


def test_a_permanent_address_leads_only_where_its_reader_may_go(walk: list[Walker]) -> None:
    anyone, staff = walk[0], walk[-1]
    for each in MANUSCRIPTS:
        page = staff.browser.get(f"/en/m/{each.slug}/").text
        ark = re.search(r"ark:99999/[a-z0-9]+", page)
        assert ark, each.slug
        for walker in walk:
            told = isinstance(each.decision(Action.DESCRIBE, walker.reader), Allow)
            answer = walker.browser.get(f"/{ark[0]}")
            assert (answer.status == 200) is told, (walker.name, each.slug)
            assert mentions(answer.text, MANUSCRIPTS) == ({each.slug} if told else set())
        handed = isinstance(each.decision(Action.HARVEST, ANYONE), Allow)
        about = anyone.browser.get(f"/{ark[0]}?info")
        assert (about.status == 200) is handed, each.slug
        assert handed or mentions(about.text, MANUSCRIPTS) == set()


@pytest.mark.parametrize("manuscript", MANUSCRIPTS, ids=lambda each: each.slug)
def test_pages_are_shown_as_the_policy_decides(walk: list[Walker], manuscript: Kept) -> None:
    for walker in walk:
        answer = walker.browser.get(_of(VIEW, manuscript))
        where = (walker.name, manuscript.slug)
        match manuscript.decision(Action.VIEW, walker.reader):
            case Refuse(conceal=True):
                assert answer.status == 404, where
                assert mentions(answer.text, MANUSCRIPTS) == set(), where
            case Refuse():
                assert answer.status == 403, where
                assert mentions(answer.text, MANUSCRIPTS) <= {manuscript.slug}, where
                assert not images_named(answer.text), where
                way = way_in(manuscript.agreement)
                assert (f"/en/{way}?next=" in answer.text) is (way is not None), where
            case Allow() | Degrade():
                assert answer.status == 200, where
                assert images_named(answer.text), where
                _every_image_named_can_be_seen(answer, walker, where)


@pytest.mark.parametrize("manuscript", MANUSCRIPTS, ids=lambda each: each.slug)
def test_images_are_given_as_the_policy_decides(walk: list[Walker], manuscript: Kept) -> None:
    image = f"{manuscript.slug}.0001"
    for walker in walk:
        decision = manuscript.decision(Action.VIEW, walker.elsewhere)
        for path, most in _image_addresses(image).items():
            for _ in range(2):  # made, and as it was remembered
                answer = walker.browser.get(path)
                _image_is_as_decided(answer, decision, most, (walker.name, path))
        for version in (2, 3):
            _document_is_as_decided(walker, manuscript, decision, f"/iiif/{version}/{image}/info.json", version)


def _image_addresses(image: str) -> dict[str, float]:
    """Return addresses of the image, with the scale at which each shows it."""
    third, second = f"/iiif/3/{image}", f"/iiif/2/{image}"
    return {
        f"/images/{image}/480.jpg": 480 / WIDTH,
        f"/images/{image}/480.avif": 480 / WIDTH,
        f"/images/{image}/800.jpg": 800 / WIDTH,
        f"{third}/full/{WIDTH},/0/default.jpg": 1.0,
        f"{third}/full/300,/0/default.jpg": 300 / WIDTH,
        f"{third}/0,0,512,512/512,/0/default.jpg": 1.0,
        f"{third}/0,0,512,512/128,/0/default.jpg": 0.25,
        f"{third}{WHOLE}/full/{WIDTH},/0/default.jpg": 1.0,
        f"{second}/0,0,512,512/512,/0/default.jpg": 1.0,
        f"{second}/full/{WIDTH},/0/default.jpg": 1.0,
    }


def _image_is_as_decided(answer: Answer, decision: Decision, scale: float, where: tuple[str, str]) -> None:
    match decision:
        case Allow():
            assert answer.status == 200, where
            assert size_of(answer.body)[0] == pytest.approx(scale * (512 if "512,512" in where[1] else WIDTH), abs=1)
        case Degrade(longest_side=longest):
            allowed = scale * HEIGHT <= longest and WHOLE not in where[1]
            assert answer.status == (200 if allowed else 403), where
            assert not allowed or max(size_of(answer.body)) <= longest
        case Refuse(conceal=conceal):
            assert answer.status == (404 if conceal else 403), where
            assert not answer.headers["Content-Type"].startswith("image/"), where


def _document_is_as_decided(walker: Walker, manuscript: Kept, decision: Decision, path: str, version: int) -> None:
    answer, where = walker.browser.get(path), (walker.name, path)
    way = way_in(manuscript.agreement) if version == 3 else None
    if isinstance(decision, Refuse) and (way is None or decision.conceal):
        assert answer.status == (404 if decision.conceal else 403), where
        return
    assert answer.status == 200, where
    assert ("AuthProbeService2" in answer.text) is (way is not None), where
    is_small = f'"maxWidth":{SMALLER_IMAGE}' in answer.text
    assert is_small is isinstance(decision, Degrade), where


def _every_image_named_can_be_seen(answer: Answer, walker: Walker, where: tuple[str, str]) -> None:
    """A page or document names no image that its reader is refused, but for what leads that reader in."""
    for path in images_named(answer.text):
        slug, _, _ = re.sub(r"^/(?:images|iiif/[23])/", "", path).partition(".")
        manuscript = next(each for each in MANUSCRIPTS if each.slug == slug)
        decision = manuscript.decision(Action.VIEW, walker.reader)
        if isinstance(decision, Refuse):
            assert way_in(manuscript.agreement), (where, path)
            assert ("/iiif/manifest/" in where[1] and "/iiif/3/" in path) or "/iiif/2/" in path, (where, path)
            continue
        asked = walker.browser.get(path if path.rpartition("/")[2].count(".") else f"{path}/info.json")
        assert asked.status == 200, (where, path)
        if isinstance(decision, Degrade) and asked.headers["Content-Type"].startswith("image/"):
            assert max(size_of(asked.body)) <= decision.longest_side, (where, path)
