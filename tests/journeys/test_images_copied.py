"""Images that a manifest names are fetched into the library, all of a manuscript or none, and never twice."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, new_library, served
from data.image_server import Gives, ImageServer, image_server, jpeg, manifest
from khizana.core.preservation.premis import read_events

LABELS = ["1r", "1v", "2r", "2v"]
COPY = ("--images", "copy", "--nearby")


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with image_server() as running:
        yield running


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path / "library")


def filled(server: ImageServer, folder: Path, count: int = 4) -> list[bytes]:
    """Let *server* have *count* images as an image service of version 3 has them; return their bytes."""
    images = [jpeg(folder, seed) for seed in range(1, count + 1)]
    for number, image in enumerate(images, 1):
        server.answers[f"/{number}/full/max/0/default.jpg"] = Gives(image)
    return images


def written(server: ImageServer, folder: Path, labels: list[str] = LABELS, **how: int) -> Path:
    path = folder / "manifest.json"
    path.write_text(manifest(server, labels, **how), encoding="utf-8")
    return path


def masters(library: Library) -> list[Path]:
    return sorted((library.root / "storage").rglob("masters/*"))


def digests(library: Library) -> list[str]:
    return [hashlib.sha512(path.read_bytes()).hexdigest() for path in masters(library)]


def staged(library: Library) -> list[Path]:
    return [path for path in (library.root / "staging").rglob("*") if path.is_file()]


def test_without_a_choice_the_images_stay_where_they_are_and_that_is_said(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    file = written(server, tmp_path)
    said = library.run("import", file).stdout
    assert "name 4 images of 1 manuscripts at other libraries, and none was taken: --images copy" in said
    assert library.json("import", file)["images"] == {
        "named": 4, "manuscripts": 1, "fetched": 0, "had": 0, "failed": 0, "waiting": 0,
    }  # fmt: skip
    assert server.asked == []
    assert "would be fetched" in library.run("import", file, *COPY, "--dry-run").stdout
    assert server.asked == []
    assert masters(library) == []


def test_each_is_fetched_whole_kept_as_a_master_and_its_event_says_from_where(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    images = filled(server, tmp_path)
    file = written(server, tmp_path)
    said = library.run("import", file, *COPY, "--publish").stdout
    assert "Images: 4 fetched, 0 were here already, 0 could not be had, 0 wait" in said
    assert digests(library) == [hashlib.sha512(image).hexdigest() for image in images]
    assert [each for each in server.asked if "400," in each] == []  # never the reduced one of the manifest
    events = [
        event for path in (library.root / "storage").rglob("events/*.xml") for event in read_events(path.read_bytes())
    ]
    fetched = [event for event in events if event.type == "ingestion"]
    assert [event.subject for event in fetched] == [f"masters/000{number}.jpg" for number in range(1, 5)]
    assert f"fetched from {server.address}/1/full/max/0/default.jpg, as {file}, 1r names it" in fetched[0].detail
    assert f"canvas {server.address}/canvas/1" in fetched[0].detail
    assert staged(library) == []
    library.run("verify")
    order = library.run("order", "MS 1").stdout
    assert [line.split(",")[1] for line in order.splitlines()[1:]] == LABELS
    # From the objects alone it is the same again, and readers have it.
    library.lose_database()
    library.run("rebuild")
    assert library.run("order", "MS 1").stdout == order
    with served(library) as running:
        answered = json.loads(running.get("/iiif/manifest/ms-1")[2])
        assert [canvas["label"]["none"] for canvas in answered["items"]] == [[label] for label in LABELS]
        assert answered["viewingDirection"] == "right-to-left"
        assert running.get("/en/m/ms-1/1r")[0] == 200
    # The same command again has nothing to do.
    asked = len(server.asked)
    assert library.json("import", file, *COPY)["images"]["had"] == 4
    assert len(server.asked) == asked
    assert len(list((library.root / "storage").rglob("inventory.json"))) == 4  # two objects, a version each


def test_an_image_that_cannot_be_had_keeps_all_waiting_until_it_can(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    images = filled(server, tmp_path)
    missing = server.answers.pop("/3/full/max/0/default.jpg")
    file = written(server, tmp_path)
    report = tmp_path / "report.csv"
    done = library.run("import", file, *COPY, "--report", report, status=1)
    assert f"{file}, 2r: {server.address}/3/full/max/0/default.jpg was answered with HTTP status 404" in done.stderr
    assert "3 images of MS 1 are fetched and wait for 1 that could not be had" in done.stderr
    assert "FETCH_REFUSED" in report.read_text(encoding="utf-8-sig")
    assert masters(library) == []  # none of a manuscript that is not whole
    assert library.json("import", file)["unchanged"] == 1  # its description is there
    server.answers["/3/full/max/0/default.jpg"] = missing
    server.asked.clear()
    assert library.json("import", file, *COPY)["images"] | {"named": 0, "manuscripts": 0} == {
        "named": 0, "manuscripts": 0, "fetched": 1, "had": 0, "failed": 0, "waiting": 0,
    }  # fmt: skip
    assert server.asked == ["/3/full/max/0/default.jpg"]
    assert digests(library) == [hashlib.sha512(image).hexdigest() for image in images]
    assert staged(library) == []


def test_what_there_is_is_taken_when_a_person_says_so_and_the_rest_comes_into_its_place(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    images = filled(server, tmp_path)
    missing = server.answers.pop("/2/full/max/0/default.jpg")
    file = written(server, tmp_path)
    assert "3 fetched" in library.run("import", file, *COPY, "--incomplete", status=1).stdout
    assert len(masters(library)) == 3
    server.answers["/2/full/max/0/default.jpg"] = missing
    assert library.json("import", file, *COPY)["images"]["had"] == 3
    order = [line.split(",")[:2] for line in library.run("order", "MS 1").stdout.splitlines()[1:]]
    assert [label for _, label in order] == LABELS
    assert [path for path, _ in order] == [
        "masters/0001.jpg",
        "masters/0004.jpg",
        "masters/0002.jpg",
        "masters/0003.jpg",
    ]
    assert sorted(digests(library)) == sorted(hashlib.sha512(image).hexdigest() for image in images)


def test_what_is_less_than_stated_is_told_and_what_is_another_image_is_not_taken(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    filled(server, tmp_path)
    file = written(server, tmp_path, width=480, height=640)
    done = library.run("import", file, *COPY)
    assert "1r: " in done.stderr
    assert "gave 240 x 320 pixels and not the 480 x 640 that are stated" in done.stderr
    assert len(masters(library)) == 4
    other = written(server, tmp_path, width=900, height=640)
    other.write_text(other.read_text(encoding="utf-8").replace("MS 1", "MS 2"), encoding="utf-8")
    done = library.run("import", other, *COPY, status=1)
    assert "which cannot be the one of 900 x 640" in done.stderr
    assert len(masters(library)) == 4
    assert staged(library) == []


def test_a_killed_import_goes_on_and_asks_for_nothing_twice(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    images = filled(server, tmp_path)
    third = server.answers["/3/full/max/0/default.jpg"]
    reached: list[float] = []

    def hangs(handler: BaseHTTPRequestHandler) -> None:
        reached.append(time.monotonic())
        handler.wfile.write(
            b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n" + b"x" * 500
        )
        handler.wfile.flush()
        time.sleep(60)

    server.answers["/3/full/max/0/default.jpg"] = hangs
    file = written(server, tmp_path)
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    process = subprocess.Popen([*KHIZANA, "import", str(file), *COPY], env=environment, stderr=subprocess.DEVNULL)
    received: set[str] = set()
    while not (reached and len(received) >= 2) and process.poll() is None:
        time.sleep(0.05)
        lines = b"".join(path.read_bytes() for path in (library.root / "staging").glob("*.journal"))
        received = set(re.findall(rf"{server.address}/([0-9])", lines.decode()))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert masters(library) == []
    assert not list((library.root / "staging" / "receiving").iterdir())  # what was coming had no name
    server.answers["/3/full/max/0/default.jpg"] = third
    server.asked.clear()
    left = sorted({"1", "2", "3", "4"} - received)
    assert library.json("import", file, *COPY)["images"]["fetched"] == len(left)
    assert sorted(server.asked) == [f"/{number}/full/max/0/default.jpg" for number in left]
    assert digests(library) == [hashlib.sha512(image).hexdigest() for image in images]


def test_what_was_altered_while_it_waited_is_fetched_again(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    images = filled(server, tmp_path, 2)
    last = server.answers.pop("/2/full/max/0/default.jpg")
    file = written(server, tmp_path, LABELS[:2])
    library.run("import", file, *COPY, status=1)
    (waiting,) = [path for path in staged(library) if path.suffix != ".journal"]
    waiting.write_bytes(images[0][:-1] + b"x")
    server.answers["/2/full/max/0/default.jpg"] = last
    library.run("import", file, *COPY, status=None)
    library.run("import", file, *COPY)
    assert digests(library) == [hashlib.sha512(image).hexdigest() for image in images]


def test_what_a_command_left_that_was_killed_at_its_very_end_is_cleared_away(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    filled(server, tmp_path, 2)
    last = server.answers.pop("/2/full/max/0/default.jpg")
    file = written(server, tmp_path, LABELS[:2])
    library.run("import", file, *COPY, status=1)
    shutil.copytree(library.root / "staging", tmp_path / "staging")
    server.answers["/2/full/max/0/default.jpg"] = last
    library.run("import", file, *COPY)
    shutil.copytree(tmp_path / "staging", library.root / "staging", dirs_exist_ok=True)
    assert len(staged(library)) == 2
    assert library.json("import", file, *COPY)["images"]["had"] == 2
    assert staged(library) == []


def test_an_import_that_is_told_to_end_does_not_wait_for_a_slow_server(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    filled(server, tmp_path)
    reached: list[float] = []

    def drips(handler: BaseHTTPRequestHandler) -> None:
        reached.append(time.monotonic())
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 5000)
            handler.wfile.flush()
            time.sleep(0.1)

    server.answers["/2/full/max/0/default.jpg"] = drips
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    command = [*KHIZANA, "import", str(written(server, tmp_path)), *COPY]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    while not reached and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)  # it would drip for an hour
    assert process.returncode != 0
    assert "Traceback" not in said
    assert masters(library) == []


def test_photographs_of_its_own_are_never_mixed_with_those_of_another_library(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    filled(server, tmp_path)
    file = written(server, tmp_path)
    library.run("receive", card(tmp_path / "card"), "--shelfmark", "MS 1")
    assert "wait to be accessioned" in library.run("import", file, *COPY, status=1).stderr
    library.run("accession", "--shelfmark", "MS 1")
    assert "has photographs already and none of these images" in library.run("import", file, *COPY, status=1).stderr
    assert server.asked == []
    assert len(masters(library)) == 3


def test_what_was_closed_stays_closed(server: ImageServer, library: Library, tmp_path: Path) -> None:
    filled(server, tmp_path)
    file = written(server, tmp_path)
    library.run("import", file, "--level", "staff", "--publish")
    library.run("import", file, *COPY)
    assert len(masters(library)) == 4
    with served(library) as running:
        assert running.get("/en/m/ms-1/1r")[0] != 200
        answered = json.loads(running.get("/iiif/manifest/ms-1")[2])
        assert [canvas["items"] for canvas in answered["items"]] == [[]] * 4


@pytest.mark.parametrize("version", [1, 2])
def test_older_services_are_asked_as_they_know_it(
    server: ImageServer, library: Library, tmp_path: Path, version: int
) -> None:
    image = jpeg(tmp_path, 1)
    known = "/1/full/full/0/native.jpg" if version == 1 else "/1/full/full/0/default.jpg"
    server.answers[known] = Gives(image)
    library.run("import", written(server, tmp_path, ["1r"], version=version), *COPY)
    assert server.asked == (["/1/full/max/0/default.jpg"] if version == 2 else []) + [known]
    assert digests(library) == [hashlib.sha512(image).hexdigest()]


def test_hostile_answers_are_a_sentence_each_and_nothing_of_them_stays(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    good = jpeg(tmp_path, 1)
    html = Gives(b"<html>sign in", headers={"Content-Type": "text/html"})
    answers = {
        1: html,
        2: Gives(b"nothing of the kind", headers={"Content-Type": "image/jpeg"}),
        3: Gives(good[: len(good) // 2]),
        4: Gives(good, headers={"Content-Type": "image/jpeg", "Content-Encoding": "br"}),
        5: Gives(b"", 302, {"Location": "file:///etc/passwd"}),
    }
    server.answers = {f"/{number}/full/max/0/default.jpg": answer for number, answer in answers.items()}
    server.answers["/1/full/400,/0/default.jpg"] = html
    file = written(server, tmp_path, [f"p{number}" for number in range(1, 6)])
    done = library.run("import", file, *COPY, "--incomplete", status=1)
    for number, words in enumerate(
        ("no image but", "no image", "cut short", "packed (br)", "no address of the web"), 1
    ):
        lines = [line for line in done.stderr.splitlines() if f"{file}, p{number}: " in line]
        assert len(lines) == 1, done.stderr
        assert words in lines[0]
    assert masters(library) == []
    assert [path for path in staged(library) if path.suffix != ".journal"] == []
    assert library.json("import", file)["unchanged"] == 1  # the description is there


def test_addresses_of_this_machine_are_asked_only_with_leave(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    filled(server, tmp_path)
    done = library.run("import", written(server, tmp_path), "--images", "copy", status=1)
    assert "add --nearby" in done.stderr
    assert server.asked == []


def test_a_server_that_gives_nothing_is_left_alone_after_a_while(
    server: ImageServer, library: Library, tmp_path: Path
) -> None:
    labels = [f"{number}r" for number in range(1, 41)]
    done = library.run("import", written(server, tmp_path, labels), *COPY, status=1)
    assert "127.0.0.1" in done.stderr
    assert "gave none for a while" in done.stderr
    assert len(server.asked) <= 2 * 22
    assert library.json("import", tmp_path / "manifest.json")["unchanged"] == 1
