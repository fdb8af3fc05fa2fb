"""The page order is an object of its own: small, kept beside the images, and nothing of it is ever lost."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import ocfl
import pytest

from data.cards import card
from data.commands import Library, command_environment, new_library
from khizana.core.identifiers import ManuscriptId, images_object_id, order_object_id
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object

SLUG = ManuscriptId("tb-1")

OPENED = """
import os
from khizana.cli.verb import open_library
opened = open_library(os.environ["KHIZANA_LIBRARY"])
from khizana.core.identifiers import images_object_id
from khizana.core.preservation import premis
from khizana.wiring.library import keeper
keep = keeper(opened.folder, opened.configuration)
images = keep.object(images_object_id(keep.library, "tb-1"))
"""

AS_ONCE = """
import json
from khizana.apps.publication.actions.accession import NEW_ORDER
from khizana.apps.publication.keeper import new_event
structure = json.loads(images.read_bytes("structure.json"))
structure["pages"].reverse()
structure["pages"][0]["label"] = "cover"
event = new_event(keep, "metadata modification", "page order, labels or direction")
keep.storage.write_version(
    images.id,
    put={
        "structure.json": json.dumps(structure).encode(),
        "events/0002.xml": premis.write_events([event], object_id=images.id),
    },
    message=NEW_ORDER, user=keep.user, created=keep.now(), validator=keep.validator,
)
"""

KILLED_BETWEEN = """
from khizana.apps.publication.actions import set_page_order as module
from khizana.apps.publication.keeper import Keeper
def killed(*_, **__):
    os._exit(9)
Keeper.write = killed
module.set_page_order(
    manuscript="tb-1", order=[(number, "x") for number in (1, 2, 3)], direction=None, keeper=keep
)
"""


def scripted(library: Library, script: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", OPENED + script],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def stored(library: Library, part: object) -> StoredObject:
    assert callable(part)
    return read_object(library.root / "storage" / object_path(part("test", SLUG)))


def labels(library: Library) -> list[str]:
    return [row["label"] for row in csv.DictReader(library.run("order", "TB 1").stdout.splitlines())]


def relabel(library: Library, new: dict[str, str]) -> None:
    rows = list(csv.reader(library.run("order", "TB 1").stdout.splitlines()))
    for row in rows[1:]:
        row[1] = new.get(row[1], row[1])
    pages = library.root / "pages.csv"
    with pages.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    library.run("order", "TB 1", pages)


def made_again(library: Library) -> dict[str, object]:
    """Return what the library says of itself once its database was made again from nothing."""
    library.lose_database()
    assert library.json("rebuild")["findings"] == []
    return dict(library.json("status"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    return library


def test_an_order_leaves_the_images_alone_and_every_event_comes_back(library: Library) -> None:
    before = library.json("status")["events"]
    relabel(library, {"1r": "cover"})
    relabel(library, {"1v": "flyleaf"})
    library.run("publish", "TB 1", "--level", "smaller")
    assert labels(library) == ["cover", "flyleaf", "2r"]
    assert stored(library, images_object_id).head == 1
    order = stored(library, order_object_id)
    assert [sorted(version.state) for version in order.versions] == [
        ["structure.json"],
        ["events/0002.xml", "structure.json"],
        ["events/0003.xml", "structure.json"],
    ]
    assert library.json("status")["events"] == before + 3
    assert made_again(library)["events"] == before + 3
    assert labels(library) == ["cover", "flyleaf", "2r"]
    assert library.run("ledger", "check").returncode == 0
    assert library.run("verify").returncode == 0
    assert ocfl.StorageRoot(root=str(library.root / "storage")).validate()


def test_pages_that_come_later_are_at_the_end_of_an_order(library: Library, tmp_path: Path) -> None:
    relabel(library, {"1r": "cover"})
    library.run("add", card(tmp_path / "more", ["0004_2v.jpg"], seed=70), "--shelfmark", "TB 1", "--more")
    assert labels(library) == ["cover", "1v", "2r", "2v"]
    relabel(library, {"2v": "back"})
    assert labels(library) == ["cover", "1v", "2r", "back"]
    events = library.json("status")["events"]
    assert made_again(library)["events"] == events
    assert labels(library) == ["cover", "1v", "2r", "back"]


def test_a_bag_carries_the_order_that_is_in_force_and_every_event(library: Library, tmp_path: Path) -> None:
    relabel(library, {"1r": "cover"})
    library.run("publish", "TB 1", "--level", "smaller")
    library.run("publish", "TB 1", "--withdraw")
    library.run("add", card(tmp_path / "more", ["0004_2v.jpg"], seed=70), "--shelfmark", "TB 1", "--more")
    payload = Path(library.json("bag", "TB 1", "--into", tmp_path)["path"]) / "data"
    assert sorted(str(path.relative_to(payload / "events")) for path in payload.glob("events/*/*")) == [
        "description/0001.xml",
        "description/0002.xml",
        "description/0003.xml",
        "description/0004.xml",
        "images/0001.xml",
        "images/0002.xml",
        "order/0002.xml",
    ]
    receiver = new_library(tmp_path / "receiver")
    receiver.run("add", payload.parent, "--shelfmark", "TB 1")
    assert labels(receiver) == ["cover", "1v", "2r", "2v"]


def test_an_order_that_was_written_into_the_images_once_goes_on(library: Library, tmp_path: Path) -> None:
    assert scripted(library, AS_ONCE) == 0
    events = made_again(library)["events"]
    assert labels(library) == ["cover", "1v", "1r"]
    library.run("add", card(tmp_path / "more", ["0004_2v.jpg"], seed=70), "--shelfmark", "TB 1", "--more")
    assert labels(library) == ["cover", "1v", "1r", "2v"]
    relabel(library, {"1v": "flyleaf"})
    assert labels(library) == ["cover", "flyleaf", "1r", "2v"]
    # Three events of the new master, its accession and validation, and that of the order.
    assert made_again(library)["events"] == events + 6
    assert labels(library) == ["cover", "flyleaf", "1r", "2v"]


def test_a_first_order_killed_half_way_has_changed_nothing(library: Library) -> None:
    assert scripted(library, KILLED_BETWEEN) == 9
    assert stored(library, order_object_id).head == 1
    assert library.json("status")["unfinished"] == 0
    assert labels(library) == ["1r", "1v", "2r"]
    relabel(library, {"1r": "cover"})
    assert labels(library) == ["cover", "1v", "2r"]
    assert library.run("ledger", "check").returncode == 0


def test_two_places_begin_the_order_with_one_version(library: Library, tmp_path: Path) -> None:
    other = Library(tmp_path / "other")
    shutil.copytree(library.root, other.root)
    relabel(library, {"1r": "cover"})
    relabel(other, {"2r": "back"})
    one, two = stored(library, order_object_id), stored(other, order_object_id)
    assert (one.path / "v1" / "inventory.json").read_bytes() == (two.path / "v1" / "inventory.json").read_bytes()
    assert one.inventory_digest != two.inventory_digest


def test_an_order_that_is_gone_is_told_and_never_replaced(library: Library) -> None:
    relabel(library, {"1r": "cover"})
    path = stored(library, order_object_id).path
    kept = path.with_name("kept")
    path.rename(library.root / kept.name)
    assert str(path) in library.run("publish", "TB 1", "--level", "smaller", status=8).stderr
    assert str(path) in library.run("order", "TB 1", "--direction", "ltr", status=8).stderr
    library.lose_database()
    # The ledger knows of it, so that a replica can give it back.
    assert {each["code"] for each in library.json("rebuild", status=1)["findings"]} == {
        "FILE_MISSING",
        "LEDGER_OBJECT_GONE",
    }
    assert not path.exists()
    (library.root / kept.name).rename(path)
    assert library.json("rebuild")["findings"] == []
    assert labels(library) == ["cover", "1v", "2r"]
