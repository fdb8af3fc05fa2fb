"""Harvest, changes, sitemap, typed links and permanent addresses, from the server that other libraries meet."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from lxml import etree, html
from sickle import Sickle
from sickle.oaiexceptions import BadArgument, CannotDisseminateFormat, IdDoesNotExist, NoRecordsMatch

from data.cards import card
from data.commands import Served, served
from data.reading_library import reading_library

pytestmark = pytest.mark.xdist_group("harvested room")

OAI = "{http://www.openarchives.org/OAI/2.0/}"
HARVESTED = {"urn:khizana:reading:tb-1", "urn:khizana:reading:tb-2", "urn:khizana:reading:tb-3"}
CLOSED = ("tb-4", "tb-5", "never-1")
"""For staff, withdrawn, never published."""
LAW = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>Law</title></titleStmt>
<publicationStmt><p/></publicationStmt><sourceDesc><msDesc><msIdentifier><repository>Treasury</repository><idno>L</idno>
</msIdentifier><msContents><textLang mainLang="ar" otherLangs="ha"/><msItem><author key="https://viaf.org/viaf/1">
<persName xml:lang="ar">خليل بن إسحاق</persName></author><title xml:lang="ar">المختصر</title></msItem></msContents>
<history><origin><origDate>1204 AH</origDate></origin></history></msDesc></sourceDesc></fileDesc><profileDesc>
<textClass><keywords><term xml:lang="ar">الفقه</term><term xml:lang="en">Law</term></keywords></textClass></profileDesc>
</teiHeader><text><body><p/></body></text></TEI>
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("harvested")
    library = reading_library(place)
    (place / "law.xml").write_text(LAW)
    of_law = card(place / "law", ["1r.jpg"], seed=76)
    library.run("add", of_law, "--shelfmark", "Law 1", "--description", place / "law.xml")
    library.run("receive", card(place / "never", ["1r.jpg"], seed=77), "--shelfmark", "Never 1")
    library.run("accession", "--shelfmark", "Never 1", "--title", "en=Never told")
    with served(library) as open_library:
        yield open_library


@pytest.fixture
def harvester(room: Served) -> Sickle:
    return Sickle(f"{room.address}/oai")


def ark_of(room: Served, slug: str) -> str:
    """Return the permanent address that the page of a manuscript shows, as a path."""
    shown = html.document_fromstring(room.get(f"/en/m/{slug}/")[2].decode())
    (address,) = shown.xpath("//span[contains(@class, 'whole')]")
    return str(address.text).removeprefix(room.address)


def test_a_harvester_learns_what_repository_it_is(harvester: Sickle, room: Served) -> None:
    about = harvester.Identify()
    assert about.repositoryName == "خزانة · Treasury"
    assert (about.deletedRecord, about.granularity) == ("persistent", "YYYY-MM-DDThh:mm:ssZ")
    assert about.baseURL == f"{room.address}/oai"
    assert {each.metadataPrefix for each in harvester.ListMetadataFormats()} == {"oai_dc", "tei", "edm"}


@pytest.mark.parametrize("prefix", ["oai_dc", "tei", "edm"])
def test_every_open_manuscript_is_harvested_in_every_form(harvester: Sickle, prefix: str) -> None:
    records = {each.header.identifier: each for each in harvester.ListRecords(metadataPrefix=prefix)}
    assert records.keys() >= HARVESTED
    for identifier in HARVESTED:
        (metadata,) = records[identifier].xml.find(f"{OAI}metadata")
        assert etree.QName(metadata).localname == {"oai_dc": "dc", "tei": "TEI", "edm": "RDF"}[prefix]
        ark = re.search(r"ark:99999/k1[0-9a-z]{13}", etree.tostring(metadata, encoding="unicode"))
        assert ark, identifier
    one = harvester.GetRecord(metadataPrefix=prefix, identifier="urn:khizana:reading:tb-1")
    assert one.raw == records["urn:khizana:reading:tb-1"].raw


def test_every_set_that_is_listed_can_be_harvested(harvester: Sickle) -> None:
    sets = {each.setSpec: each.setName for each in harvester.ListSets()}
    assert sets.keys() >= {"holding", "language", "language:ar", "language:ha", "subject", "subject:law"}
    assert "Subjects" in sets["subject"]
    for spec in sets.keys() - {"holding"}:
        found = list(harvester.ListIdentifiers(metadataPrefix="oai_dc", set=spec))
        assert found
        assert all(spec in header.setSpecs for header in found)


def test_what_was_withdrawn_is_harvested_as_deleted_for_ever(harvester: Sickle) -> None:
    record = harvester.GetRecord(metadataPrefix="oai_dc", identifier="urn:khizana:reading:tb-5")
    assert record.deleted
    assert "Withdrawn" not in record.raw  # its title
    headers = {each.identifier: each.deleted for each in harvester.ListIdentifiers(metadataPrefix="oai_dc")}
    assert headers["urn:khizana:reading:tb-5"]
    assert not headers["urn:khizana:reading:tb-1"]


def test_a_harvest_by_time_ends_where_it_was_asked_to(harvester: Sickle) -> None:
    headers = list(harvester.ListIdentifiers(metadataPrefix="oai_dc"))
    times = [each.datestamp for each in headers]
    assert times == sorted(times)
    later = [each.identifier for each in harvester.ListIdentifiers(metadataPrefix="oai_dc", **{"from": times[1]})]
    assert later == [each.identifier for each in headers if each.datestamp >= times[1]]
    earlier = [each.identifier for each in harvester.ListIdentifiers(metadataPrefix="oai_dc", until=times[1])]
    assert earlier == [each.identifier for each in headers if each.datestamp <= times[1]]
    with pytest.raises(NoRecordsMatch):
        harvester.ListIdentifiers(metadataPrefix="oai_dc", until="1999-01-01")


def test_the_protocols_errors_reach_a_harvester(harvester: Sickle) -> None:
    with pytest.raises(IdDoesNotExist):
        harvester.GetRecord(metadataPrefix="oai_dc", identifier="urn:khizana:reading:nosuch")
    with pytest.raises(CannotDisseminateFormat):
        harvester.ListRecords(metadataPrefix="marc21")
    with pytest.raises(BadArgument):
        harvester.ListRecords(metadataPrefix="oai_dc", until="yesterday")
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", set="language:tlh")


def test_a_request_may_be_posted(room: Served, harvester: Sickle) -> None:
    form = urllib.parse.urlencode(
        {"verb": "GetRecord", "metadataPrefix": "tei", "identifier": "urn:khizana:reading:tb-1"}
    )
    request = urllib.request.Request(f"{room.address}/oai", form.encode())  # noqa: S310 - a loopback address
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        posted = answer.read()
    got = harvester.GetRecord(metadataPrefix="tei", identifier="urn:khizana:reading:tb-1")
    assert etree.fromstring(posted).find(f".//{OAI}record").findtext(f".//{OAI}identifier") == got.header.identifier


def test_an_answer_has_the_parts_that_the_protocol_asks_for_in_their_order(room: Served) -> None:
    for query in (
        "verb=Identify",
        "verb=ListSets",
        "verb=ListMetadataFormats",
        "verb=ListIdentifiers&metadataPrefix=edm",
        "verb=ListRecords&metadataPrefix=tei",
        "verb=Steal",
    ):
        status, headers, body = room.get(f"/oai?{query}")
        assert (status, headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
        root = etree.fromstring(body)
        answered = "error" if "Steal" in query else query.partition("=")[2].partition("&")[0]
        assert [each.tag for each in root] == [f"{OAI}{name}" for name in ("responseDate", "request", answered)]
        assert (root.find(f"{OAI}request").attrib == {}) == ("Steal" in query)
        for record in root.iter(f"{OAI}record"):
            assert [each.tag for each in record] in ([f"{OAI}header", f"{OAI}metadata"], [f"{OAI}header"])
            assert (record[0].get("status") == "deleted") == (len(record) == 1)
        for header in root.iter(f"{OAI}header"):
            assert [each.tag for each in header][:2] == [f"{OAI}identifier", f"{OAI}datestamp"]
            assert {each.tag for each in header[2:]} <= {f"{OAI}setSpec"}


def test_the_parts_of_edm_refer_to_each_other(room: Served) -> None:
    body = room.get("/oai?verb=GetRecord&metadataPrefix=edm&identifier=urn:khizana:reading:tb-3")[2]
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "edm": "http://www.europeana.eu/schemas/edm/",
        "ore": "http://www.openarchives.org/ore/terms/",
    }
    about = f"{{{spaces['rdf']}}}about"
    root = etree.fromstring(body)
    (object_,), (whole,) = (root.findall(f".//{name}", spaces) for name in ("edm:ProvidedCHO", "ore:Aggregation"))
    resources = {each.get(about) for each in root.iterfind(".//edm:WebResource", spaces)}
    said = {etree.QName(each).localname: each.get(f"{{{spaces['rdf']}}}resource") or each.text for each in whole}
    assert said["aggregatedCHO"] == object_.get(about)
    assert {said["isShownAt"], said["isShownBy"]} == resources
    assert said["isShownBy"].endswith("/480.jpg")  # only smaller images of it may be seen
    for address in (*resources, said["object"]):
        assert room.get(address.removeprefix(room.address))[0] == 200, address


def test_changes_are_told_the_earliest_first_and_lead_to_manifests(room: Served) -> None:
    whole = json.loads(room.get("/iiif/changes")[2])
    page = json.loads(room.get(whole["first"]["id"].removeprefix(room.address))[2])
    times = [each["endTime"] for each in page["orderedItems"]]
    assert times == sorted(times)
    for each in page["orderedItems"]:
        path = each["object"]["id"].removeprefix(room.address)
        assert room.get(path)[0] == (410 if each["type"] == "Delete" else 200), each
    assert room.get("/iiif/changes/99")[0] == 404
    assert room.get(f"/iiif/changes/{10**30}")[0] == 404


def test_the_sitemap_has_each_page_in_three_languages(room: Served) -> None:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    assert f"Sitemap: {room.address}/sitemap.xml" in room.get("/robots.txt")[2].decode().splitlines()
    parts = etree.fromstring(room.get("/sitemap.xml")[2]).findall("s:sitemap/s:loc", space)
    pages = [
        page
        for part in parts
        for page in etree.fromstring(room.get(part.text.removeprefix(room.address))[2]).iterfind("s:url", space)
    ]
    found = {page.findtext("s:loc", namespaces=space) for page in pages}
    assert found >= {f"{room.address}/{tag}/m/tb-1/" for tag in ("ar", "fr", "en")}
    for page in pages:
        alternates = {link.get("hreflang"): link.get("href") for link in page.iterfind("x:link", space)}
        assert alternates.keys() == {"ar", "fr", "en"}
        assert page.findtext("s:loc", namespaces=space) in alternates.values()
        assert set(alternates.values()) <= found
    assert room.get("/sitemap/99.xml")[0] == room.get(f"/sitemap/{10**30}.xml")[0] == 404


def test_a_page_is_linked_by_type_as_made_and_as_stored(room: Served) -> None:
    for _ in range(2):
        headers = room.get("/en/m/tb-1/")[1]
        links = dict(re.findall(r'<([^>]*)>; rel="([a-z-]+)"', headers["Link"]))
        relations = set(links.values())
        assert relations >= {"cite-as", "describedby", "item", "type", "collection", "linkset"}
    (address,) = [target for target, relation in links.items() if relation == "linkset"]
    status, headers, body = room.get(address.removeprefix(room.address))
    assert (status, headers["Content-Type"]) == (200, "application/linkset+json")
    (page,) = [each for each in json.loads(body)["linkset"] if each["anchor"] == f"{room.address}/en/m/tb-1/"]
    assert page["cite-as"] == [{"href": room.address + ark_of(room, "tb-1")}]
    for relation in ("describedby", "item", "collection"):
        for each in page[relation]:
            assert room.get(each["href"].removeprefix(room.address))[0] == 200, each
    for path in ("/iiif/manifest/tb-1", "/m/tb-1/description.xml"):
        for _ in range(2):
            assert 'rel="cite-as"' in room.get(path)[1]["Link"], path


def test_a_page_says_what_it_is_in_the_words_of_schema_org(room: Served) -> None:
    shown = html.document_fromstring(room.get("/fr/m/tb-1/")[2].decode())
    (script,) = shown.xpath("//script[@type='application/ld+json']")
    value = json.loads(script.text)
    assert value["@type"] == ["Manuscript", "ArchiveComponent"]
    assert value["@id"] == room.address + ark_of(room, "tb-1")
    assert value["url"] == f"{room.address}/fr/m/tb-1/"
    (canonical,) = shown.xpath("//link[@rel='canonical']/@href")
    assert canonical == value["url"]
    alternates = shown.xpath("//link[@rel='alternate' and @hreflang]/@href")
    assert {each.removeprefix(room.address) for each in alternates} == {f"/{tag}/m/tb-1/" for tag in ("ar", "fr", "en")}


def test_a_permanent_address_leads_to_the_page_in_the_readers_language(room: Served) -> None:
    ark = ark_of(room, "tb-1")
    for form in (ark, ark.replace("/ark:", "/ark:/")):
        for language in ("ar", "fr", "en"):
            status, headers, _ = room.get(form, Accept_Language=language)
            assert (status, headers["Location"]) == (302, f"/{language}/m/tb-1/")
    assert room.get(f"{ark}/2r", Accept_Language="en")[1]["Location"] == "/en/m/tb-1/2r"
    assert room.get(f"{ark}/99r")[0] == 404
    mistyped = ark[:-1] + ("0" if ark[-1] != "0" else "1")
    assert room.get(mistyped)[0] == room.get("/ark:99999/k1nosuchnosuch")[0] == room.get("/ark:99999/")[0] == 404
    for inflection in ("?info", "??"):
        status, headers, body = room.get(ark + inflection)
        assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert f"where: {room.address}{ark}" in body.decode().splitlines()
        assert "99999 is the number for trials" in body.decode()


def test_what_went_answers_gone_at_each_of_its_addresses(room: Served) -> None:
    for path in (
        "/en/m/tb-5/",
        "/iiif/manifest/tb-5",
        "/iiif/manifest/tb-5/v2",
        "/m/tb-5/description.xml",
        "/m/tb-5/linkset.json",
        "/m/tb-5/cite.ris",
        "/m/tb-5/cite.json?folio=1r",
    ):
        for accepted in ("ar", "fr", "en"):
            status, _, body = room.get(path, Accept_Language=accepted)
            assert (status, b"TB 5" in body) == (410, True), path
    for path in (
        "/en/m/never-1/",
        "/iiif/manifest/never-1",
        "/m/never-1/description.xml",
        "/m/never-1/linkset.json",
        "/m/never-1/cite.bib",
    ):
        assert room.get(path)[0] == 404, path


@pytest.mark.parametrize("slug", CLOSED)
def test_what_is_closed_appears_at_no_door_that_hands_on(room: Served, slug: str) -> None:
    shelfmark = slug.replace("-", " ").upper().encode()
    doors = [
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/oai?verb=ListRecords&metadataPrefix=tei",
        "/oai?verb=ListRecords&metadataPrefix=edm",
        "/oai?verb=ListSets",
        "/iiif/changes/1",
        "/sitemap/1.xml",
    ]
    for door in doors:
        body = room.get(door)[2]
        body = re.sub(rb'<header status="deleted">.*?</header>', b"", body)
        body = re.sub(rb'\{"type":"Delete","object":\{[^}]*\}[^}]*\}', b"", body)
        assert slug.encode() not in body, door
        assert shelfmark not in body.upper(), door
    page = room.get(f"/en/m/{slug}/")
    assert b'ld+json">{' not in page[2]
    assert b"schema.org" not in page[2]
    assert "Link" not in page[1]
    assert room.get(f"/m/{slug}/linkset.json")[0] in (404, 410)


def test_what_is_for_staff_tells_no_program_what_it_is(room: Served) -> None:
    ark = ark_of(room, "tb-4")  # its page is public, and says whom to ask
    assert room.get(ark, Accept_Language="en")[1]["Location"] == "/en/m/tb-4/"
    for inflection in ("?info", "??"):
        assert room.get(ark + inflection)[0] == 404
    assert b'<meta name="robots" content="noindex">' in room.get("/en/m/tb-4/")[2]
