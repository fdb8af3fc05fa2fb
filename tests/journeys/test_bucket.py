"""A library kept on a disk and in a bucket of a real S3 server: copied, damaged, checked, repaired, restored.

The server is rclone in every run, and Ceph too with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.cards import card, photograph
from data.ceph_server import CephBucket, CephServer
from data.commands import khizana, new_library
from data.lying_server import Answer, Asked, Forward, honest, lying_server, refusal
from data.s3_server import KEY, KEYS, SECRET, Folder, S3Server, files_below, s3_server

WRONG = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "another"}


LONG = os.environ.get("KHIZANA_DAMAGE") == "long"

Kept = tuple[S3Server | CephServer, Folder | CephBucket]


@pytest.fixture(params=["rclone", *(["ceph"] if LONG else [])])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """A server and an empty bucket of it."""
    name = f"kept-{uuid.uuid4().hex}"
    if request.param == "ceph":
        ceph: CephServer = request.getfixturevalue("ceph")
        yield ceph, ceph.bucket(name)
    else:
        with s3_server(tmp_path / "buckets") as server:
            yield server, Folder(server.bucket(name))


def test_from_the_camera_to_a_bucket_and_back_from_the_bucket_alone(tmp_path: Path, kept: Kept) -> None:
    server, bucket = kept
    library = new_library(tmp_path / "library", name="bucketed")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "MS 1")
    address = server.address(bucket.name)
    library.run("site", "add", "shelf", f"disk:{tmp_path / 'shelf'}")

    # Without keys, with wrong ones, without a bucket: a sentence, and no site.
    assert "AWS_ACCESS_KEY_ID" in library.run("site", "add", "cloud", address, status=3).stderr
    assert "refuses the keys" in library.run("site", "add", "cloud", address, status=5, **WRONG).stderr
    none = server.address("none")
    assert "no bucket none" in library.run("site", "add", "cloud", none, status=5, **KEYS).stderr

    library.run("site", "add", "cloud", address, **KEYS)
    assert SECRET not in (library.root / "sites.toml").read_text()
    # From now on from the file, so that no command needs an environment.
    (library.root / "keys").mkdir(exist_ok=True)
    (library.root / "keys" / "s3.toml").write_text(
        f'[{bucket.name}]\naccess_key_id = "{KEY}"\nsecret_access_key = "{SECRET}"\n'
    )
    library.run("replicate")
    truth = files_below(library.root / "storage")
    assert bucket.files("khizana/storage") == truth
    assert not any(SECRET.encode() in content for content in bucket.files("").values())

    # Behind the site's back: a flipped bit, a shorter file, a missing one, a stray one.
    masters = [name for name in truth if name.endswith(".jpg")]
    flipped = bytearray(truth[masters[0]])
    flipped[len(flipped) // 2] ^= 1
    shorter = truth[masters[1]][:-1]
    bucket.alter(f"khizana/storage/{masters[0]}", bytes(flipped))
    bucket.alter(f"khizana/storage/{masters[1]}", shorter)
    bucket.remove(f"khizana/storage/{masters[2]}")
    bucket.alter(f"khizana/storage/{masters[0].rpartition('/')[0]}/stray.tif", b"?")
    found = library.run("verify", "--site", "all", status=8)
    assert found.stderr.count("cloud: ") == 4, found.stderr
    assert "2 altered, 1 missing, 0 unreadable, 1 unexpected" in found.stdout + found.stderr
    library.run("repair")
    library.run("verify", "--site", "all")
    assert bucket.files("khizana/storage") == truth
    assert sorted(bucket.files("khizana/aside").values()) == sorted([bytes(flipped), shorter, b"?"])
    library.run("rehearse", "--site", "cloud")

    # And damage at home is repaired from the bucket, the disk being away.
    shutil.rmtree(tmp_path / "shelf")
    home = library.root / "storage" / masters[0]
    home.chmod(0o644)
    home.write_bytes(b"damaged")
    library.run("verify", "--site", "here", status=8)
    library.run("repair", "--site", "here")
    assert files_below(library.root / "storage") == truth

    # The house burns: the bucket alone makes the library again.
    shutil.rmtree(library.root)
    done = khizana("restore", address, "--into", tmp_path / "again", **KEYS)
    assert done.returncode == 0, done.stderr
    assert files_below(tmp_path / "again" / "storage") == truth
    assert khizana("verify", tmp_path / "again" / "storage").returncode == 0


@pytest.mark.parametrize("lie", ["less", "other"])
def test_nothing_counts_that_a_lying_server_does_not_give_back(tmp_path: Path, kept: Kept, lie: str) -> None:
    server, bucket = kept
    library = new_library(tmp_path / "library", name="deceived")
    library.run("add", card(tmp_path / "card", names=["0001_1r.jpg"]), "--shelfmark", "MS 1")
    with lying_server(server.port) as liar:
        library.run("site", "add", "cloud", server.address(bucket.name, port=liar.port, patience="3"), **KEYS)

        def lies(asked: Asked, forward: Forward) -> Answer:
            about = asked.path.partition("?")[0].endswith(".jpg")
            if about and asked.method == "PUT" and lie == "less":
                return Answer(200, {"ETag": '"5d41402abc4b2a76b9719d911017c592"'}, b"")
            answer = forward(asked.body)
            if about and asked.method == "GET" and lie == "other":
                answer.body = answer.body[:-1] + b"!"
            return answer

        liar.lie = lies
        done = library.run("replicate", status=8, **KEYS)
        assert "1 still lacking" in done.stdout + done.stderr
        liar.lie = honest
        library.run("replicate", **KEYS)
        library.run("verify", "--site", "cloud", **KEYS)


def test_a_server_that_goes_away_in_the_middle_is_told_of_and_the_same_command_goes_on(
    tmp_path: Path, kept: Kept
) -> None:
    server, bucket = kept
    library = new_library(tmp_path / "library", name="interrupted")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "MS 1")
    with lying_server(server.port) as liar:
        library.run("site", "add", "shelf", f"disk:{tmp_path / 'shelf'}")
        library.run("site", "add", "cloud", server.address(bucket.name, port=liar.port, patience="2"), **KEYS)
        assert "! cloud: There are no keys" in library.run("replicate").stderr, "the other sites are copied to"
        began = len(liar.asked)

        def gone(asked: Asked, forward: Forward) -> Answer:
            return forward(asked.body) if asked.number < began + 40 else refusal(500, "InternalError")

        liar.lie = gone
        done = library.run("replicate", "--site", "cloud", status=5, **KEYS)
        assert "does not answer as it should" in done.stderr
        liar.lie = honest
        library.run("replicate", "--site", "cloud", **KEYS)
        library.run("verify", "--site", "cloud", **KEYS)
        assert bucket.files("khizana/storage") == files_below(library.root / "storage")


@pytest.mark.skipif(not LONG, reason="a cluster takes long to start: KHIZANA_DAMAGE=long")
def test_a_part_that_a_cluster_has_lost_is_told_of_and_mended(tmp_path: Path, ceph: CephServer) -> None:
    library = new_library(tmp_path / "library", name="lost-part")
    (tmp_path / "card").mkdir()
    photograph(tmp_path / "card" / "0001_1r.tif", width=2200, height=2200)
    library.run("add", tmp_path / "card", "--shelfmark", "MS 1")
    bucket = ceph.bucket(f"kept-{uuid.uuid4().hex}")
    library.run("site", "add", "cloud", ceph.address(bucket.name, patience="5"), **KEYS)
    library.run("replicate", **KEYS)
    truth = files_below(library.root / "storage")
    (master,) = (name for name in truth if name.endswith(".tif"))
    (last,) = (piece for piece in bucket.pieces(f"khizana/storage/{master}") if piece.endswith(".3"))
    bucket.shorten(last, 1000)
    found = library.run("verify", "--site", "cloud", status=8, **KEYS)
    assert "0 altered, 0 missing, 1 unreadable, 0 unexpected" in found.stdout + found.stderr
    library.run("repair", **KEYS)
    library.run("verify", "--site", "cloud", **KEYS)
    assert bucket.files("khizana/storage") == truth
