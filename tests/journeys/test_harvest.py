"""A harvest that goes on while manuscripts change, and what is left of one that went: for ever, and after a rebuild."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, command_environment, new_library, served
from data.deleting import deleted, guarded

HARVEST = """
import json, os, subprocess, sys, threading
from wsgiref.simple_server import WSGIRequestHandler, make_server
from khizana.cli.verb import open_library
opened = open_library(os.environ["KHIZANA_LIBRARY"])
from django.core.wsgi import get_wsgi_application
from sickle import Sickle
from khizana.web.oai import door
door.RECORDS = door.HEADERS = 2

class Quiet(WSGIRequestHandler):
    def log_message(self, *_): pass

def serve():
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

def khizana(*arguments):
    subprocess.run([sys.executable, "-m", "khizana.cli.main", *arguments], check=True, capture_output=True)

server = serve()
"""

MEANWHILE = """
harvester = Sickle(f"http://127.0.0.1:{server.server_port}/oai")
seen = []
for number, record in enumerate(harvester.ListRecords(metadataPrefix="oai_dc")):
    seen.append([record.header.identifier, record.deleted, record.raw])
    if number == 1:
        khizana("publish", "H 0", "--level", "smaller")
        khizana("publish", "H 4", "--withdraw")
    if number == 2:
        # Another process goes on with the same list.
        server.shutdown()
        server.server_close()
        server = serve()
        harvester.endpoint = f"http://127.0.0.1:{server.server_port}/oai"
print(json.dumps([seen, [h.identifier for h in harvester.ListIdentifiers(metadataPrefix="edm", set="language:ar")]]))
"""

ENTITLED = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>A</title></titleStmt>
<publicationStmt><p/></publicationStmt><sourceDesc><msDesc><msIdentifier><idno>H</idno></msIdentifier><msContents>
<textLang mainLang="ar"/><msItem><title>كتاب</title></msItem></msContents></msDesc></sourceDesc></fileDesc></teiHeader>
<text><body><p/></body></text></TEI>
"""


def said(library: Library, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HARVEST + script],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(library: Library, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(library.root / "khizana.sqlite3") as database:
        return database.execute(query).fetchall()


def remade(library: Library) -> None:
    """Make the database again from nothing."""
    for name in ("khizana.sqlite3", "khizana.sqlite3-wal", "khizana.sqlite3-shm"):
        (library.root / name).unlink(missing_ok=True)
    library.run("rebuild", status=None)


@pytest.mark.both_databases(long=True)
def test_what_changes_while_a_harvest_runs_is_in_it(tmp_path: Path, database: Callable[[], str]) -> None:
    library = new_library(tmp_path / "library", database=database())
    (tmp_path / "description.xml").write_text(ENTITLED)
    for number in range(6):
        folder = card(tmp_path / f"card{number}", ["1r.jpg"], seed=number)
        library.run("add", folder, "--shelfmark", f"H {number}", "--description", tmp_path / "description.xml")
    seen, in_set = json.loads(said(library, MEANWHILE))
    identifiers = [identifier for identifier, _, _ in seen]
    assert set(identifiers) == {f"urn:khizana:test:h-{number}" for number in range(6)}
    # Seen before it changed, and again after it had.
    assert identifiers.count("urn:khizana:test:h-0") == 2
    assert {identifier: is_deleted for identifier, is_deleted, _ in seen}["urn:khizana:test:h-4"]
    assert set(in_set) == set(identifiers)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of which one manuscript was deleted; its shelfmark was given to another since."""
    place = tmp_path_factory.mktemp("left")
    library = guarded(place)
    library.run("publish", "S 1", "--level", "smaller")
    before = rows(library, "select blade from publication_publication p join catalogue_manuscript m "
                           "on m.id = p.manuscript_id where slug = 's-0'")  # fmt: skip
    (place / "blade").write_text(str(before[0][0]))
    deleted(library, place)
    return library


def arks(library: Library) -> tuple[str, str]:
    from khizana.core.ark import ark_of  # noqa: PLC0415 - beside its only use

    old = (library.root.parent / "blade").read_text()
    new = rows(library, "select blade from publication_publication p join catalogue_manuscript m "
                        "on m.id = p.manuscript_id where slug = 's-0'")  # fmt: skip
    return f"/{ark_of('99999', old)}", f"/{ark_of('99999', str(new[0][0]))}" if new else ""


def gone_everywhere(library: Library) -> None:
    with served(library) as here:
        ark, _ = arks(library)
        for path in (
            ark,
            f"{ark}?info",
            f"{ark}/1r",
            "/fr/m/s-0/",
            "/fr/m/s-0/1r",
            "/iiif/manifest/s-0",
            "/m/s-0/description.xml",
        ):
            status, _, body = here.get(path, Accept_Language="fr")
            assert (status, b"S 0" in body) == (410, True), path
        header = here.get("/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=urn:khizana:test:s-0")[2]
        assert b'<header status="deleted">' in header
        changes = json.loads(here.get("/iiif/changes/1")[2])["orderedItems"]
        assert [each["type"] for each in changes if each["object"]["id"].endswith("/s-0")] == ["Delete"]


def test_what_was_deleted_is_told_as_gone_also_after_a_rebuild(left: Library) -> None:
    gone_everywhere(left)
    left.run("rebuild")
    gone_everywhere(left)
    remade(left)
    gone_everywhere(left)


def test_a_shelfmark_that_comes_again_gets_another_permanent_address(left: Library, tmp_path: Path) -> None:
    left.run("add", card(tmp_path / "again", ["1r.jpg"], seed=9), "--shelfmark", "S 0")
    for _ in range(2):
        old, new = arks(left)
        assert old != new
        with served(left) as here:
            assert here.get(new, Accept_Language="en")[1]["Location"] == "/en/m/s-0/"
            assert here.get("/en/m/s-0/")[0] == 200
            assert here.get(old)[0] == 410
        remade(left)


def test_a_rebuild_makes_the_same_changes_and_addresses_from_the_versions_alone(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    for number in range(3):
        library.run("add", card(tmp_path / f"card{number}", ["1r.jpg"], seed=number), "--shelfmark", f"R {number}")
    for shelfmark, *how in (
        ("R 0", "--withdraw"),
        ("R 1", "--level", "staff"),
        ("R 0", "--level", "smaller"),
        ("R 2", "--level", "smaller"),
    ):
        time.sleep(1 - time.time() % 1)  # the changes of one manuscript in one second are made again as one
        library.run("publish", shelfmark, *how)
    query = "select slug, kind from publication_change order by number"
    addresses = "select slug, blade, is_open, shelfmark from publication_offered order by slug"
    before, kept = rows(library, query), rows(library, addresses)
    assert [kind for slug, kind in before if slug == "r-0"] == ["create", "delete", "create"]
    library.run("rebuild")
    assert rows(library, query) == before
    remade(library)
    assert sorted(rows(library, query)) == sorted(before)
    assert rows(library, addresses) == kept
    numbers = [number for (number,) in rows(library, "select number from publication_change order by number")]
    assert numbers == list(range(1, len(before) + 1))
    times = [when for (when,) in rows(library, 'select "when" from publication_change order by number')]
    assert times == sorted(times)


def test_a_manuscript_that_is_closed_for_a_damage_is_told_again_once_it_is_mended(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "D 1")
    (inventory,) = (library.root / "storage").glob("*/*/*/*description/inventory.json")
    good = inventory.read_bytes()
    inventory.write_bytes(good.replace(b"khizana", b"khizanb"))
    library.run("publish", "D 1", "--level", "smaller", status=8)
    with served(library) as here:
        assert here.get("/en/m/d-1/")[0] == 404  # closed, and not said to have gone
    inventory.write_bytes(good)
    library.run("rebuild")
    kinds = [kind for (kind,) in rows(library, "select kind from publication_change order by number")]
    assert kinds == ["create", "update"]
