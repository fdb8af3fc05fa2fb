"""From a folder of photographs to a reader's screen, and back from the objects alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import ocfl
import pytest
import pyvips
from lxml import etree

from data.cards import card, photograph
from data.commands import Library, Served, new_library, served

TEI = "{http://www.tei-c.org/ns/1.0}"


def fingerprint(folder: Path) -> dict[str, tuple[int, str]]:
    """Return modification time and digest of every file below *folder*."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def every_answer(open_library: Served) -> dict[str, bytes]:
    """Return every public page and manifest, each as it is served."""
    _, _, collection = open_library.get("/iiif/collection")
    answers = {"/iiif/collection": collection}
    for item in json.loads(collection)["items"]:
        slug = item["id"].rpartition("/")[2]
        _, _, manifest = open_library.get(f"/iiif/manifest/{slug}")
        answers[f"/iiif/manifest/{slug}"] = manifest
        for suffix in (f"/iiif/manifest/{slug}/v2", f"/m/{slug}/description.xml"):
            answers[suffix] = open_library.get(suffix)[2]
        for language in ("ar", "fr", "en"):
            for path in (f"/{language}/", f"/{language}/m/", f"/{language}/m/{slug}/"):
                answers[path] = open_library.get(path)[2]
            for canvas in json.loads(manifest)["items"]:
                label = canvas["label"]["none"][0]
                path = f"/{language}/m/{slug}/{label}"
                status, _, answers[path] = open_library.get(path)
                assert status == 200, path
    # The port is another each time; it stands in manifests and nowhere else.
    return {path: body.replace(open_library.address.encode(), b"http://here") for path, body in answers.items()}


@pytest.fixture(scope="module")
def filled(database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("main")
    library = new_library(root / "library", database=database())
    titles = ("--title", "ar=كتاب في الفلك", "--title", "en=On Stars")
    library.run("add", card(root / "one"), "--shelfmark", "TB 42", *titles)
    library.run("add", card(root / "two", ("b.png", "a.tif"), seed=40), "--shelfmark", "مخ ٧", "--title", "رسالة")
    return library


@pytest.mark.both_databases
def test_one_command_makes_a_safe_copy_and_a_readable_page(filled: Library) -> None:
    status = filled.json("status")
    assert (status["manuscripts"], status["pages"], status["objects"]) == (2, 5, 4)
    assert filled.run("verify").stdout.strip().endswith("all valid.")
    assert ocfl.StorageRoot(root=str(filled.root / "storage")).validate()
    with served(filled) as here:
        code, _, page = here.get("/en/m/tb-42/1r")
        assert code == 200
        assert "On Stars" in page.decode()
        source = page.decode().partition("<img")[2].partition('src="')[2].partition('"')[0]
        code, headers, image = here.get(source)
        assert (code, headers["content-type"]) == (200, "image/jpeg")
        assert image.startswith(b"\xff\xd8")
        code, _, manifest = here.get("/iiif/manifest/%D9%85%D8%AE-7")
        assert code == 200
        assert [canvas["label"] for canvas in json.loads(manifest)["items"]] == [{"none": ["1"]}, {"none": ["2"]}]


def test_the_card_is_never_altered(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card")
    before = fingerprint(photographs)
    library.run("add", photographs, "--shelfmark", "TB 1")
    assert fingerprint(photographs) == before


def test_masters_are_kept_byte_for_byte(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card")
    library.run("add", photographs, "--shelfmark", "TB 1")
    kept = {sha256(path.read_bytes()).hexdigest() for path in (library.root / "storage").rglob("masters/*")}
    assert kept == {digest for _, digest in fingerprint(photographs).values()}


@pytest.mark.both_databases
def test_the_database_is_made_again_from_the_objects_alone(filled: Library) -> None:
    with served(filled) as here:
        before = every_answer(here)
    events = filled.json("status")["events"]
    filled.lose_database()
    shutil.rmtree(filled.root / "stored")
    shutil.rmtree(filled.root / "access")
    (filled.root / "access").mkdir()
    said = filled.json("rebuild")
    assert (said["manuscripts"], said["access_copies_missing"], said["findings"]) == (2, 5, [])
    assert filled.json("status")["events"] == events > 0
    with served(filled) as here:
        assert every_answer(here) == before
    assert len(before) > 30


@pytest.mark.both_databases(long=True)
def test_an_order_that_a_person_has_set_outlives_the_next_card(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    photographs = card(tmp_path / "card", ["0001_1r.jpg", "0002_1v.jpg"])
    library.run("add", photographs, "--shelfmark", "TB 1")
    pages = tmp_path / "pages.csv"
    shown = library.run("order", "TB 1").stdout.splitlines()
    pages.write_text("\n".join([shown[0], shown[2].replace("1v", "cover"), shown[1]]) + "\n")
    library.run("order", "TB 1", pages)
    before = library.run("order", "TB 1").stdout.splitlines()
    card(photographs, ["0003_2r.jpg"], seed=50)
    library.run("add", photographs, "--shelfmark", "TB 1")
    after = library.run("order", "TB 1").stdout.splitlines()
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert ",2r," in after[-1]


def test_a_new_order_touches_no_master_and_keeps_every_identifier(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    masters = {path: path.stat().st_mtime_ns for path in (library.root / "storage").rglob("masters/*")}
    shown = library.run("order", "TB 1").stdout.splitlines()
    assert shown[1].startswith("masters/0001.jpg,1r,")
    pages = tmp_path / "pages.csv"
    pages.write_text("\n".join([shown[0], *reversed(shown[1:])]) + "\n")
    library.run("order", "TB 1", pages, "--direction", "ltr")
    assert {path: path.stat().st_mtime_ns for path in (library.root / "storage").rglob("masters/*")} == masters
    with served(library) as here:
        manifest = json.loads(here.get("/iiif/manifest/tb-1")[2])
    assert [canvas["label"]["none"] for canvas in manifest["items"]] == [["2r"], ["1v"], ["1r"]]
    assert manifest["viewingDirection"] == "left-to-right"
    services = [canvas["items"][0]["items"][0]["body"]["service"][0]["id"] for canvas in manifest["items"]]
    assert [each.rpartition(".")[2] for each in services] == ["0003", "0002", "0001"]
    assert library.run("verify").returncode == 0


@pytest.mark.both_databases(long=True)
def test_the_steps_alone_come_to_the_same_as_the_one_command(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    photographs = card(tmp_path / "card")
    library.run("receive", photographs, "--shelfmark", "TB 1")
    assert library.json("status")["staged"] == 3
    library.run("accession", "--shelfmark", "TB 1")
    status = library.json("status")
    assert (status["staged"], status["pages"], status["published"]["open"]) == (0, 3, 0)
    library.run("publish", "TB 1", "--level", "smaller")
    assert library.json("status")["published"]["smaller"] == 1
    assert library.run("verify").returncode == 0


@pytest.mark.both_databases(long=True)
def test_a_withdrawn_manuscript_is_gone_from_every_door_within_seconds(
    database: Callable[[], str], tmp_path: Path
) -> None:
    library = new_library(tmp_path / "library", database=database())
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    doors = [
        "/en/m/tb-1/",
        "/en/m/tb-1/1r",
        "/iiif/manifest/tb-1",
        "/m/tb-1/description.xml",
        "/m/tb-1/cite.bib",
        "/iiif/3/tb-1.0001/info.json",
        "/iiif/3/tb-1.0001/0,0,512,512/512,/0/default.jpg",
        "/images/tb-1.0001/480.jpg",
    ]
    with served(library) as here:
        assert [here.get(door)[0] for door in doors] == [200] * len(doors)
        library.run("publish", "TB 1", "--withdraw")
        for _ in range(100):
            if here.get(doors[0])[0] == 410:
                break
            time.sleep(0.1)
        seen = [here.get(door)[0] for door in doors]
        assert seen == [410] * 5 + [404] * 3  # pages say that it was here, images say nothing
        assert "tb-1" not in here.get("/iiif/collection")[2].decode()
        assert "tb-1" not in here.get("/en/m/")[2].decode()


def test_smaller_images_only_and_staff_only_hold_at_every_door(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    wide = tmp_path / "wide"
    wide.mkdir()
    photograph(wide / "1r.jpg", width=2400, height=3000)
    library.run("add", wide, "--shelfmark", "small", "--level", "smaller")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "staff", "--level", "staff")
    with served(library) as here:
        assert here.get("/images/small.0001/480.jpg")[0] == 200
        assert here.get("/images/small.0001/2000.jpg")[0] == 403
        assert here.get("/iiif/3/small.0001/full/!800,800/0/default.jpg")[0] == 200
        assert here.get("/iiif/3/small.0001/0,0,512,512/512,512/0/default.jpg")[0] in (200, 403)
        assert here.get("/iiif/3/small.0001/full/1200,/0/default.jpg")[0] == 403
        assert here.get("/iiif/3/staff.0001/full/max/0/default.jpg")[0] in (401, 403)
        assert here.get("/images/staff.0001/480.jpg")[0] in (401, 403)
        code, _, page = here.get("/en/m/staff/1r")
        assert code == 403
        assert "staff only" in page.decode()
        assert here.get("/en/m/staff/")[0] == 200


@pytest.mark.both_databases(long=True)
def test_the_largest_sizes_come_from_the_pyramid_until_they_are_made(
    database: Callable[[], str], tmp_path: Path
) -> None:
    library = new_library(tmp_path / "library", database=database())
    wide = tmp_path / "wide"
    wide.mkdir()
    photograph(wide / "1r.jpg", width=2400, height=3000)
    library.run("add", wide, "--shelfmark", "wide")
    assert library.json("status")["jobs"] == {"waiting": 3, "running": 0, "failed": 0}, "larger sizes, and search twice"
    with served(library) as here:
        status, headers, _ = here.get("/images/wide.0001/2000.avif")
        if status == 307:
            status, headers, body = here.get(headers["location"])
            assert (status, headers["content-type"]) == (200, "image/jpeg")
            assert pyvips.Image.new_from_buffer(body, "").width == 2000
        for _ in range(300):
            status, headers, _ = here.get("/images/wide.0001/2000.avif")
            if status == 200:
                break
            time.sleep(0.1)
        assert (status, headers["content-type"]) == (200, "image/avif")
        assert library.json("status")["jobs"] == {"waiting": 0, "running": 0, "failed": 0}
        assert here.get("/images/wide.0001/3000.avif")[0] == 404


def test_real_pages_with_their_tei_come_to_the_screen(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "open" / "columbia-ms-or-150"
    photographs = tmp_path / "card"
    photographs.mkdir()
    for name in ("page_6.png", "page_7.png"):
        shutil.copyfile(source / name, photographs / name)
    library = new_library(tmp_path / "library")
    tei = source / "ms_or_150_TEI.xml"
    library.run("add", photographs, "--shelfmark", "MS Or 150", "--description", tei)
    with served(library) as here:
        status, _, kept = here.get("/m/ms-or-150/description.xml")
        assert (status, kept) == (200, tei.read_bytes())
        title = etree.parse(tei).findtext(f".//{TEI}msItem/{TEI}title")
        assert title
        assert title.strip().split()[-1] in here.get("/en/m/ms-or-150/")[2].decode()


def every_event(library: Library) -> dict[str, dict[str, object]]:
    """Return every event by its identifier: all that the database says of it, and which object and file it is of."""
    with sqlite3.connect(library.root / "khizana.sqlite3") as database:
        database.row_factory = sqlite3.Row
        rows = database.execute(
            "SELECT o.identifier AS object, e.* FROM preservation_event e "
            "JOIN preservation_preservationobject o ON o.id = e.object_id"
        )
        events = [{name: row[name] for name in row.keys() if name not in ("id", "object_id")} for row in rows]  # noqa: SIM118 - a row's own iteration gives values
    database.close()
    assert len({each["identifier"] for each in events}) == len(events)
    return {str(each["identifier"]): each for each in events}


def test_every_event_is_the_same_one_by_one_after_the_database_is_made_again(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "one"), "--shelfmark", "TB 1", "--title", "ar=كتاب")
    library.run("add", card(tmp_path / "two", seed=50), "--shelfmark", "TB 1", "--more")
    library.run("order", "TB 1", "--direction", "ltr")
    library.run("publish", "TB 1", "--withdraw")
    library.run("publish", "TB 1", "--level", "smaller")
    library.run("add", card(tmp_path / "three", ("a.png",), seed=90), "--shelfmark", "مخ ٧")
    before = every_event(library)
    # By hand from what was done: one ingestion, one digest and one fixity check a master; the rest by version.
    kinds = Counter(str(each["kind"]) for each in before.values())
    assert kinds == {
        "ingestion": 7,
        "message digest calculation": 7,
        "fixity check": 7,
        "accession": 5,
        "validation": 5,
        "metadata modification": 1,
        "policy assignment": 4,
    }
    assert {each["outcome"] for each in before.values()} == {"success", "valid"}
    assert all(json.loads(str(each["agents"])) for each in before.values())
    assert {each["subject"] for each in before.values() if each["kind"] == "ingestion"} == {
        *(f"masters/{number:04d}.jpg" for number in range(1, 7)),
        "masters/0001.png",
    }
    library.lose_database()
    library.run("rebuild")
    assert every_event(library) == before
    library.run("rebuild")
    assert every_event(library) == before
