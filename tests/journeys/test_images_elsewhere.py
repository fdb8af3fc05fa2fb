"""Images that stay at another library: pages show them from there, and this one never asks for them itself."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from data.cards import card
from data.commands import Library, Served, new_library, served
from data.image_server import Gives, ImageServer, image_server, jpeg, manifest, serve_tiles

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-3d-apis"]
SHOWN = ("--images", "reference", "--nearby")
LABELS = ["1r", "1v", "2r", "2v"]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with image_server() as running:
        yield running


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path / "library")


def written(server: ImageServer, folder: Path, labels: list[str] = LABELS, *, name: str = "manifest.json") -> Path:
    path = folder / name
    path.write_text(manifest(server, labels, width=1800, height=2400), encoding="utf-8")
    return path


def answered(running: Served, path: str) -> str:
    status, _, body = running.get(path)
    assert status == 200, path
    return body.decode()


def doors(library: Library) -> dict[str, str]:
    """Return what readers get of the manuscript, its own address apart."""
    paths = ("/iiif/manifest/ms-1", "/iiif/manifest/ms-1/v2", "/en/m/ms-1/", "/ar/m/ms-1/2r", "/en/m/")
    with served(library) as running:
        return {path: answered(running, path).replace(running.address, "") for path in paths}


def test_pages_and_manifests_show_them_from_where_they_are_and_a_rebuild_does_the_same(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    file = written(server, tmp_path)
    said = library.run("import", file, *SHOWN, "--publish").stdout
    assert "4 images of 1 manuscripts at other libraries: pages show them from there" in said
    shown = doors(library)
    presented = json.loads(shown["/iiif/manifest/ms-1"])
    assert [each["label"]["none"] for each in presented["items"]] == [[label] for label in LABELS]
    assert [(each["width"], each["height"]) for each in presented["items"]] == [(1800, 2400)] * 4
    body = presented["items"][1]["items"][0]["items"][0]["body"]
    assert body["service"] == [{"id": f"{server.address}/2", "type": "ImageService3", "profile": "level2"}]
    assert body["id"].startswith(f"{server.address}/2/")
    assert presented["rights"] == "http://creativecommons.org/licenses/by/4.0/"
    assert presented["requiredStatement"]["value"] == {"none": ["A library by the river"]}
    assert presented["viewingDirection"] == "right-to-left"
    page = shown["/ar/m/ms-1/2r"]
    assert f'<img src="{server.address}/3/full/1200,/0/default.jpg"' in page
    assert f'data-zoom="{server.address}/3/info.json"' in page
    assert f"127.0.0.1:{server.port}" in page
    assert "A library by the river" in page
    (policy,) = POLICY.findall(page)
    assert f"img-src 'self' data: blob: {server.address};connect-src 'self' {server.address};" in policy
    (policy,) = POLICY.findall(shown["/en/m/ms-1/"])
    assert f"img-src 'self' data: blob: {server.address};object-src" in policy
    (policy,) = POLICY.findall(shown["/en/m/"])
    assert server.address not in policy
    assert "4 pages" in shown["/en/m/"]
    library.lose_database()
    library.run("rebuild")
    assert doors(library) == shown
    library.run("verify")
    assert server.asked == []
    assert library.json("import", file, *SHOWN)["unchanged"] == 1


def test_images_on_a_network_of_ones_own_are_told_and_shown_only_where_a_person_says_so(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    file = written(server, tmp_path)

    def shows_any() -> bool:
        with served(library) as running:
            bodies = [answered(running, "/en/m/ms-1/"), running.get("/ar/m/ms-1/2r")[2].decode()]
        return any(f":{server.port}/" in body for body in bodies)

    done = library.run("import", file, "--images", "reference", "--publish")
    assert "4 images of MS 1 are not shown" in done.stderr
    assert "--nearby" in done.stderr
    assert not shows_any()
    assert library.json("import", file, "--images", "reference")["unchanged"] == 1
    assert library.json("import", file, *SHOWN)["changed"] == 1
    assert shows_any()
    assert library.json("import", file, "--images", "reference")["changed"] == 1
    assert not shows_any()


def test_what_the_agreement_closes_is_closed_here_wherever_the_images_are(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    file = written(server, tmp_path)
    library.run("import", file, *SHOWN, "--level", "smaller", "--publish")
    shown = doors(library)
    assert f'<img src="{server.address}/3/full/600,/0/default.jpg"' in shown["/ar/m/ms-1/2r"]
    assert "data-zoom" not in shown["/ar/m/ms-1/2r"].replace('data-zoom="in"', "").split("<figure")[0]
    assert "service" not in json.dumps(json.loads(shown["/iiif/manifest/ms-1"])["items"])
    library.run("publish", "MS 1", "--level", "staff")
    with served(library) as running:
        status, _, page = running.get("/en/m/ms-1/2r")
        assert (status, str(server.port).encode() in page) == (403, False)
        assert f":{server.port}" not in answered(running, "/iiif/manifest/ms-1")
        assert f":{server.port}" not in answered(running, "/en/m/ms-1/")
    library.run("publish", "MS 1", "--withdraw")
    with served(library) as running:
        assert {running.get(path)[0] for path in ("/en/m/ms-1/2r", "/en/m/ms-1/")} <= {404, 410}


def test_a_newer_manifest_changes_them_undo_takes_it_back_and_photographs_here_come_first(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    library.run("import", written(server, tmp_path), "--publish")
    first = library.json("import", written(server, tmp_path, LABELS[:2]), *SHOWN)
    assert (first["changed"], first["first_changes"][0]["fields"]) == (1, ["images"])
    second = library.json("import", written(server, tmp_path), *SHOWN)
    assert second["changed"] == 1

    def labels() -> list[str]:
        with served(library) as running:
            status, _, body = running.get("/iiif/manifest/ms-1")
            return [] if status == 404 else [each["label"]["none"][0] for each in json.loads(body)["items"]]

    assert labels() == LABELS
    library.run("undo", second["batch"])
    assert labels() == LABELS[:2]
    library.run("undo", first["batch"])
    assert labels() == []
    library.run("import", tmp_path / "manifest.json", *SHOWN)
    library.run("add", card(tmp_path / "card"), "--shelfmark", "MS 1")
    assert labels() == ["1r", "1v", "2r"]
    said = library.json("import", tmp_path / "manifest.json", *SHOWN)
    assert (said["changed"], said["findings"]["IMAGES_HERE"]) == (0, 1)


def test_images_that_were_shown_from_elsewhere_can_be_copied(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    image = jpeg(tmp_path, 1, width=1800, height=2400)
    server.answers["/1/full/max/0/default.jpg"] = Gives(image)
    file = written(server, tmp_path, ["1r"])
    library.run("import", file, *SHOWN, "--publish")
    assert library.json("import", file, "--images", "copy", "--nearby")["images"]["fetched"] == 1
    with served(library) as running:
        presented = answered(running, "/iiif/manifest/ms-1")
        assert f":{server.port}/" not in json.dumps(json.loads(presented)["items"])
        assert f":{server.port}" not in POLICY.findall(answered(running, "/en/m/ms-1/1r"))[0]


def test_a_page_of_the_longest_manifest_costs_what_one_of_the_shortest_does(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    labels = [f"{number}{side}" for number in range(1, 1302) for side in "rv"]
    assert len(labels) == 2602
    library.run("import", written(server, tmp_path, labels), *SHOWN, "--publish")
    with served(library) as running:
        assert len(answered(running, "/en/m/ms-1/650r")) < 40_000
        assert len(json.loads(answered(running, "/iiif/manifest/ms-1"))["items"]) == 2602
        assert answered(running, "/en/m/ms-1/").count('loading="lazy"') == 2602


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no Chromium at {CHROMIUM}: set CHROMIUM to one")
def test_a_browser_turns_and_zooms_them_in_tiles_and_the_policy_lets_it(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    serve_tiles(server, tmp_path, width=1800, height=2400)
    library.run("import", written(server, tmp_path), *SHOWN, "--publish")
    with served(library) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        complaints: list[str] = []
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{running.address}/ar/m/ms-1/1r", wait_until="load")
        assert page.evaluate("() => document.querySelector('.stage img').naturalWidth") == 1200
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**/1v")
        page.wait_for_function("() => document.querySelector('.stage img')?.naturalWidth === 1200")
        for _ in range(3):
            page.click(".zoom [data-zoom=in]")
            page.wait_for_timeout(400)
        page.wait_for_selector(".deep[data-shown]")
        assert "/2/info.json" in server.asked
        assert any(re.match(r"/2/\d+,\d+,", path) for path in server.asked)
        # Without JavaScript it is a page with an image.
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(f"{running.address}/en/m/ms-1/2r", wait_until="load")
        assert "/3/full/1200,/0/default.jpg" in server.asked
        browser.close()
    assert complaints == []
