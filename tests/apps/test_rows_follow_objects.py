"""Rows say what the objects say: when two commands meet, when objects go, when a power cut comes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, command_environment, new_library
from khizana.core.preservation.ocfl.inventory import sidecar

OPENED = """
import os, subprocess, sys, threading, time
from khizana.cli.verb import open_library
opened = open_library(os.environ["KHIZANA_LIBRARY"])
from khizana.wiring import library as wiring
from khizana.wiring import worker
from khizana.apps.publication import queries
from khizana.apps.publication import from_objects
from khizana.apps.publication.actions import index_manuscript as indexing
"""

WITHDRAWN_MEANWHILE = """
read = from_objects.read_with_entry
def slowly(raw):
    global other
    other = subprocess.Popen([sys.executable, "-m", "khizana.cli.main", "publish", "A 1", "--withdraw"])
    try:
        other.wait(5)
    except subprocess.TimeoutExpired:
        pass
    return read(raw)
from_objects.read_with_entry = slowly
indexing.index_manuscript(manuscript="a-1", folder=opened.folder, library=opened.configuration.name)
assert other.wait(60) == 0
print(queries.agreement_and_revision("a-1")[0].published)
"""

GENERATION = "print(queries.generation())"

FLUSHED = """
from django.db import connection
print(connection.cursor().execute("PRAGMA synchronous").fetchone()[0])
"""

WORKER = """
done = []
def faulty(*_, **__):
    done.append(1)
    if len(done) == 1:
        raise RuntimeError("can't start new thread")
worker.work, worker.IDLE, worker.AFTER_A_FAULT = faulty, 0.01, 0.01
stop = worker.start_worker(opened.folder, opened.configuration)
for _ in range(500):
    if len(done) > 2:
        break
    time.sleep(0.01)
stop()
print(len(done) > 2)
"""

TWICE = """
keeper = wiring.keeper(opened.folder, opened.configuration)
from khizana.core.identifiers import images_object_id
identifier = images_object_id(opened.configuration.name, "a-1")
events = keeper.object(identifier).read_bytes("events/0001.xml")
keeper.storage.write_version(
    identifier, put={"events/0009.xml": events}, message="by hand", user=keeper.user, created=keeper.now(),
    validator=keeper.validator,
)
print("written")
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "A 1")
    return library


def said(library: Library, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", OPENED + script],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_a_command_that_read_first_never_opens_what_another_has_closed_meanwhile(library: Library) -> None:
    assert said(library, WITHDRAWN_MEANWHILE) == "False"


def test_every_commit_is_flushed(library: Library) -> None:
    assert said(library, FLUSHED) == "2"  # FULL


def test_doors_are_told_when_a_manuscript_is_gone(library: Library) -> None:
    before = said(library, GENERATION)
    shutil.rmtree(library.root / "storage")
    shutil.copytree(new_library(library.root.with_name("empty")).root / "storage", library.root / "storage")
    assert "is in the ledger" in library.run("rebuild", status=1).stderr
    assert library.json("status")["manuscripts"] == 0
    assert said(library, GENERATION) != before


def test_a_worker_that_meets_a_fault_goes_on(library: Library) -> None:
    assert said(library, WORKER) == "True"


def test_an_object_with_one_event_twice_is_a_finding_and_the_others_are_indexed(
    library: Library, tmp_path: Path
) -> None:
    library.run("add", card(tmp_path / "other", ["1r.jpg"], seed=9), "--shelfmark", "B 2")
    assert said(library, TWICE) == "written"
    rebuilt = library.json("rebuild", status=1)
    assert rebuilt["manuscripts"] == 1
    assert [finding["code"] for finding in rebuilt["findings"]] == ["STRUCTURE_UNREADABLE"]


def test_nothing_is_written_on_what_somebody_rewrote_with_its_digests(library: Library) -> None:
    (folder,) = (library.root / "storage").glob("*/*/*/*description")
    for place in (folder, *folder.glob("v*")):
        content = (place / "inventory.json").read_bytes().replace(b'"khizana"', b'"somebody"')
        (place / "inventory.json").write_bytes(content)
        (place / "inventory.json.sha512").write_bytes(sidecar(content))
    before = sorted(folder.rglob("*"))
    done = library.run("publish", "A 1", "--withdraw", status=8)
    assert "is not the one that was recorded" in done.stderr
    assert sorted(folder.rglob("*")) == before
