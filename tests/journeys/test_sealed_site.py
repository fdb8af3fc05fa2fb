"""A plain and a sealed site: damage in both, repair, and the library again from the sealed site alone."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, khizana, new_library
from data.forged import forge_with_database
from data.s3_server import KEY, KEYS, SECRET, s3_server
from data.sealing import joined_key
from khizana.adapters.age import new_identity
from khizana.core.errors import AlreadyThere, BadInput, Damaged, NotFound
from khizana.core.preservation.sealed import sums
from khizana.core.preservation.sealed.guidance import SCRIPT
from khizana.core.preservation.sealed.keys import read_keys
from khizana.core.preservation.sealed.names import LIBRARY, object_folder, sealed_name
from khizana.core.preservation.sealed.stream import DigestingWriter
from khizana.wiring.keys import sealer_for

WORDS = ("Haidara", "Kitab al-Falak", "Treasury", "Bamako", "Timbuktu", "The imam", "1r.jpg", "masters", "urn:khizana")
"""What would tell of the manuscripts and the places, were it to stand at the sealed site."""


def made(place: Path) -> Library:
    library = new_library(place / "library")
    library.run("keys", "make", "--into", place / "pages", "--needed", 2, "--shares", 3)
    for number in range(2):
        photographs = card(place / f"card{number}", ["1r.jpg", "1v.jpg", "2r.jpg"], seed=number * 10)
        library.run("add", photographs, "--shelfmark", f"Haidara {number}", "--title", "en=Kitab al-Falak")
    (place / "disks").mkdir()
    library.run("site", "add", "first", f"disk:{place / 'disks' / 'first'}", "--place", "Bamako")
    sealed = ("--place", "Timbuktu", "--keeper", "The imam", "--offline", "--sealed")
    library.run("site", "add", "second", f"disk:{place / 'disks' / 'second'}", *sealed)
    return library


@pytest.fixture(scope="module")
def replicated(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = made(tmp_path_factory.mktemp("sealed-sites"))
    library.run("replicate")
    return library


@pytest.fixture
def library(replicated: Library, tmp_path: Path) -> Library:
    """The library with its two sites and its pages, a copy for each test."""
    before = replicated.root.parent
    for name in ("library", "disks", "pages"):
        shutil.copytree(before / name, tmp_path / name)
    sites = tmp_path / "library" / "sites.toml"
    sites.write_text(sites.read_text().replace(str(before), str(tmp_path)))
    return Library(tmp_path / "library")


def first(library: Library) -> Path:
    return library.root.parent / "disks" / "first"


def second(library: Library) -> Path:
    return library.root.parent / "disks" / "second"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def joined(library: Library) -> Path:
    """The key file, from two of the three pages."""
    return joined_key(library.root.parent / "pages", library.root.parent / "key.txt")


def sealed_files(library: Library) -> list[Path]:
    """The encrypted files at the sealed site, the largest first: those are masters."""
    found = (second(library) / "sealed").rglob("*.age")
    return sorted(found, key=lambda path: (-path.stat().st_size, path.name))


def assert_keeper_finds_it_whole(library: Library) -> None:
    lists = list((second(library) / "sealed").rglob("SHA512SUMS"))
    assert len(lists) >= 6, "four objects, what lies around them, and what the library is made again with"
    for each in lists:
        subprocess.run(["sha512sum", "--quiet", "-c", "SHA512SUMS"], cwd=each.parent, check=True)


def test_nothing_at_the_sealed_site_tells_of_the_manuscripts_and_its_keeper_can_check_it(library: Library) -> None:
    assert_keeper_finds_it_whole(library)
    everything = files(second(library))
    plain = {content for content in files(library.root / "storage").values() if len(content) > 20}
    plain |= {content for content in files(first(library)).values() if len(content) > 20}
    clear = {name for name, content in everything.items() if content in plain}
    assert all(name.startswith("ledger/heads/") for name in clear), clear
    starts = {content[start : start + 24] for content in plain for start in (0, 100) if len(content) > 200}
    for name, content in everything.items():
        for word in WORDS:
            assert word.lower() not in name.lower(), name
            assert word.lower().encode() not in content.lower(), (name, word)
        if name.startswith("sealed/") and name.endswith(".age"):
            assert content.startswith(b"age-encryption.org/v1\n")
            assert not any(start in content for start in starts), name
    known = ("sealed/", "ledger/heads/", "README-", "restore.sh", "khizana-site.json", "khizana-site.lock")
    assert all(name.startswith(known) for name in everything)


def test_sealed_replicas_count_and_are_listed(library: Library) -> None:
    assert library.json("status")["sites_lacking"] == {"first": 0, "second": 0}
    library.run("verify", "--site", "all")
    assert library.json("status")["safety"] == {"green": 4, "amber": 0, "red": 0}
    assert "sealed" in library.run("site", "list").stdout
    before = files(second(library))
    done = library.json("replicate", "--site", "second")
    assert (done["objects"], done["of"]) == (0, 0)
    third = files(second(library))
    assert {name: third.get(name) for name in before} == before, "nothing is written twice"
    library.run("replicate")
    again = files(second(library))
    library.run("replicate")
    assert files(second(library)) == again, "what was carried to all sites is not carried again"
    library.run("publish", "Haidara 0", "--level", "staff")
    assert library.json("replicate", "--site", "second")["objects"] == 1
    library.run("verify", "--site", "second", "--json")
    assert_keeper_finds_it_whole(library)


def test_damage_is_told_without_a_key_and_repaired(library: Library) -> None:
    good = files(library.root / "storage")
    altered, missing = sealed_files(library)[:2]
    altered.write_bytes(altered.read_bytes()[:-1] + b"\0")
    missing.unlink()
    (second(library) / "holiday.jpg").write_bytes(b"x")
    master = min((first(library) / "storage").rglob("masters/0001.jpg"))
    master.write_bytes(b"other")
    said = library.run("verify", "--site", "all", status=Damaged.exit_status).stderr
    for name, words in ((altered.name, "is altered"), (missing.name, "is missing"), ("holiday.jpg", "is unexpected")):
        assert any(name in line and words in line and line.startswith("✗ second") for line in said.splitlines())
    library.run("repair")
    library.run("verify", "--site", "all")
    library.run("verify", "--site", "second", "--key", joined(library))
    assert_keeper_finds_it_whole(library)
    assert files(first(library) / "storage") == good
    assert (second(library) / "aside" / "holiday.jpg.1").read_bytes() == b"x"
    assert not (second(library) / "holiday.jpg").exists()


def test_with_the_key_the_library_and_a_plain_site_are_mended_from_the_sealed_site(library: Library) -> None:
    good, disks = files(library.root / "storage"), library.root.parent / "disks"
    sealed = files(second(library))
    gone = min(path.parent for path in (library.root / "storage").rglob("0=ocfl_object_1.1"))
    for storage in (library.root / "storage", first(library) / "storage"):
        shutil.rmtree(storage / gone.relative_to(library.root / "storage"))
        masters = sorted(storage.rglob("masters/*.jpg"))
        masters[0].write_bytes(b"other")
        masters[1].unlink()
    library.run("verify", "--site", "all", status=Damaged.exit_status)
    said = library.run("repair", status=Damaged.exit_status).stderr
    lines = [line for line in said.splitlines() if "only second, which is sealed" in line and "--key" in line]
    assert len(lines) >= 6, said
    other = library.root.parent / "other.txt"
    other.write_text(f"{new_identity()}\n")
    library.run("repair", "--key", other, status=BadInput.exit_status)
    assert files(second(library)) == sealed
    library.run("repair", "--key", joined(library))
    for storage in (library.root / "storage", first(library) / "storage"):
        assert files(storage) == good
    library.run("verify", "--site", "all")
    plain = {content for name, content in good.items() if "/masters/" in name}
    kept = (disks, library.root / "work", library.root / "aside", library.root / "arriving")
    left = [path for folder in kept for path in folder.rglob("*") if path.is_file() and path.read_bytes() in plain]
    assert all(path.is_relative_to(first(library) / "storage") for path in left), left


def test_what_is_damaged_at_the_sealed_site_mends_nothing(library: Library) -> None:
    shutil.rmtree(first(library))
    key, masters = joined(library), sorted((library.root / "storage").rglob("masters/*.jpg"))
    good = [path.read_bytes() for path in masters[:2]]
    for path in masters[:2]:
        path.write_bytes(b"other")
    # Sealed for the right key, in the right place, and not what was recorded.
    for victim in sealed_files(library):
        victim.write_bytes(victim.read_bytes()[:-1] + b"\0")
        if victim.stat().st_size < min(map(len, good)):
            break
    library.run("verify", "--site", "here", status=Damaged.exit_status)
    said = library.run("repair", "--site", "here", "--key", key, status=Damaged.exit_status).stderr
    assert said.count("good bytes") == 2
    assert [path.read_bytes() for path in masters[:2]] == [b"other"] * 2


def test_lists_versions_and_settings_that_are_lost_are_sealed_again(library: Library) -> None:
    folders = sorted(each.parent for each in (second(library) / "sealed").rglob("SHA512SUMS"))
    for each in folders:
        (each / "SHA512SUMS").write_bytes(b"")
    (second(library) / SCRIPT).write_bytes(b"#!/bin/sh\nrm -rf /\n")
    library.run("verify", "--site", "second", status=Damaged.exit_status)
    library.run("repair", "--site", "second")
    library.run("verify", "--site", "second", "--key", joined(library))
    shutil.rmtree(folders[0])
    library.run("verify", "--site", "second", status=Damaged.exit_status)
    library.run("repair", "--site", "second")
    assert_keeper_finds_it_whole(library)
    library.run("verify", "--site", "second", "--key", joined(library))


def test_what_is_damaged_here_is_sealed_nowhere(library: Library) -> None:
    altered = sealed_files(library)[0]
    altered.write_bytes(b"x")
    library.run("verify", "--site", "second", status=Damaged.exit_status)
    masters = sorted((library.root / "storage").rglob("masters/*.jpg"))
    for master in masters:
        master.write_bytes(master.read_bytes()[:-1] + b"\0")
    assert "good bytes" in library.run("repair", "--site", "second", status=Damaged.exit_status).stderr
    assert altered.read_bytes() == b"x", "nothing was set aside"
    library.run("site", "add", "third", f"disk:{library.root.parent / 'disks' / 'third'}", "--sealed")
    said = library.run("replicate", "--site", "third", status=Damaged.exit_status).stderr
    assert "not what its object recorded" in said
    library.run("verify", "--site", "here", status=Damaged.exit_status)
    library.run("repair")
    library.run("replicate", "--site", "third")
    library.run("verify", "--site", "all")


def test_what_was_rewritten_with_the_database_is_sealed_nowhere(library: Library) -> None:
    forge_with_database(library)
    library.run("site", "add", "third", f"disk:{library.root.parent / 'third'}", "--sealed")
    said = library.run("replicate", "--site", "third", status=8)
    assert "remembered otherwise than it was entered" in said.stderr
    for path in sealed_files(library):
        path.unlink()
    library.run("verify", "--site", "second", status=8)
    said = library.run("repair", "--site", "second", status=8)
    assert "remembered otherwise than it was entered" in said.stderr
    library.run("verify", "--site", "second", status=8)


def test_the_sealed_site_alone_gives_the_library_back(library: Library, tmp_path: Path) -> None:
    key, storage, status = joined(library), files(library.root / "storage"), library.json("status")
    settings = (library.root / "khizana.toml").read_text()
    blinding = (library.root / "keys" / "blinding.txt").read_bytes()
    shutil.rmtree(library.root)
    shutil.rmtree(first(library))
    address, goal = f"disk:{second(library)}", tmp_path / "again"
    assert "khizana keys join" in khizana("restore", address, "--into", goal).stderr
    other = tmp_path / "other.txt"
    other.write_text(f"{new_identity()}\n")
    refused = khizana("restore", address, "--into", goal, "--key", other)
    assert refused.returncode == BadInput.exit_status, refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not goal.exists()
    done = khizana("restore", address, "--into", goal, "--key", key)
    assert done.returncode == 0, done.stderr
    again = Library(goal)
    assert files(goal / "storage") == storage
    for each in ("name", "manuscripts", "pages", "objects", "events", "published"):
        assert again.json("status")[each] == status[each]
    secret = re.compile(r"(?m)^secret = .*$")
    assert secret.sub("", (goal / "khizana.toml").read_text()) == secret.sub("", settings)
    assert "Timbuktu" in (goal / "sites.toml").read_text()
    assert (goal / "keys" / "blinding.txt").read_bytes() == blinding
    assert "haidara-0" in (goal / "ledger" / "entries.jsonl").read_text()
    assert khizana("ledger", "check", goal / "ledger").returncode == 0
    before = files(second(library) / "sealed")
    sites = goal / "sites.toml"  # where this test's copy lies, and not the one that all tests begin with
    sites.write_text(re.sub('"disk:[^"]*/second"', f'"disk:{second(library)}"', sites.read_text()))
    again.run("replicate", "--site", "second")
    after = files(second(library) / "sealed")
    assert {name: after.get(name) for name in before} == before, "what is sealed is found again"
    again.run("verify", "--site", "second", "--key", key)
    assert again.json("status")["sites_lacking"]["second"] == 0


def test_a_library_restored_from_a_plain_site_says_what_it_lacks_and_goes_on(library: Library, tmp_path: Path) -> None:
    key, goal = joined(library), tmp_path / "again"
    done = khizana("restore", f"disk:{first(library)}", "--into", goal)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(library.root)
    again, sites = Library(goal), goal / "sites.toml"
    for site in ("first", "second"):
        sites.write_text(re.sub(f'"disk:[^"]*/{site}"', f'"disk:{tmp_path / "disks" / site}"', sites.read_text()))
    again.run("site", "add", "third", f"disk:{tmp_path / 'disks' / 'third'}")
    before = files(second(library))
    done = again.run("replicate", status=NotFound.exit_status)
    lines = [line for line in done.stderr.splitlines() if line.startswith("✗")]
    assert len(lines) == 1
    assert "khizana keys bring second" in lines[0]
    assert files(tmp_path / "disks" / "third" / "storage") == files(goal / "storage"), "the other sites are copied to"
    sealed_files(library)[0].write_bytes(b"x")
    again.run("repair", status=NotFound.exit_status)
    assert "no sealed site" in again.run("keys", "bring", "first", "--key", key, status=BadInput.exit_status).stderr
    again.run("keys", "bring", "second", "--key", key)
    again.run("keys", "bring", "second", "--key", key, status=AlreadyThere.exit_status)
    again.run("replicate")
    after = files(second(library))
    anew = {name for name in before if after.get(name) != before[name]}
    assert len(anew) == 3, "the damaged file, and the table and the list that name it"
    assert len({name.rpartition("/")[0] for name in anew}) == 1
    again.run("verify", "--site", "all")
    again.run("verify", "--site", "second", "--key", key)


@pytest.mark.parametrize("at", ["rebuilt", "restored"])
def test_a_site_that_was_rolled_back_is_seen_by_a_library_whose_rows_are_lost(
    at: str, library: Library, tmp_path: Path
) -> None:
    key, sealed = joined(library), second(library) / "sealed"
    before = set(sealed.rglob("v*"))
    victim = sealed_files(library)[0]
    victim.write_bytes(b"x")
    library.run("verify", "--site", "second", status=Damaged.exit_status)
    library.run("repair", "--site", "second")  # its list is another one now
    library.run("publish", "Haidara 0", "--level", "staff")
    library.run("replicate")
    newer = set(sealed.rglob("v*")) - before
    if at == "rebuilt":
        library.lose_database()
        library.run("rebuild", "--no-access-copies")
    else:
        keys = library.root / "keys"
        assert khizana("restore", f"disk:{first(library)}", "--into", tmp_path / "again").returncode == 0
        for name in ("recipients.txt", "blinding.txt", "rehearsal.age"):
            shutil.copy(keys / name, tmp_path / "again" / "keys" / name)
        shutil.copy(library.root / "sites.toml", tmp_path / "again" / "sites.toml")
        library = Library(tmp_path / "again")
    assert library.json("status")["sites_lacking"]["second"] == 4, "nothing is known of it until it is read"
    library.run("verify", "--site", "second")
    assert library.json("status")["sites_lacking"]["second"] == 0
    blinding = read_keys(library.root / "keys").blinding
    beside = second(library) / object_folder(blinding, LIBRARY)
    rolled_back = next(path for path in newer if path.parent != beside)
    shutil.rmtree(rolled_back)
    library.lose_database()
    library.run("rebuild", "--no-access-copies")
    said = library.run("verify", "--site", "second", status=Damaged.exit_status).stderr
    assert f"{rolled_back.name}/SHA512SUMS is missing" in said
    library.run("repair", "--site", "second")
    library.run("replicate")
    library.run("verify", "--site", "second", "--key", key)


def test_a_rehearsal_opens_the_sealed_site(library: Library, tmp_path: Path) -> None:
    key = joined(library)
    assert "--key" in library.run("rehearse", "--site", "second", status=BadInput.exit_status).stderr
    done = library.run("rehearse", "--site", "second", "--key", key, "--into", tmp_path)
    assert "4 objects whole, 0 in an older version, 0 damaged; 0 are not there" in done.stdout
    assert "4 objects whole" in library.run("rehearse", "--into", tmp_path).stdout
    assert not list(tmp_path.glob("khizana-rehearsal-*"))


def test_the_script_restores_what_replicate_wrote_in_a_bare_shell(library: Library, tmp_path: Path) -> None:
    library.run("publish", "Haidara 0", "--level", "staff")
    library.run("replicate", "--site", "second")
    bare = ["env", "-i", "PATH=/usr/bin:/bin", "sh", str(second(library) / SCRIPT)]
    done = subprocess.run(
        [*bare, str(joined(library)), str(tmp_path / "out")], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "out" / "storage") == files(library.root / "storage")
    assert "Bamako" in (tmp_path / "out" / "library" / "sites.toml").read_text()
    entries = sorted((tmp_path / "out" / "library").glob("v*/entries-*.jsonl"), key=lambda path: path.name)
    ledger = (library.root / "ledger" / "entries.jsonl").read_bytes()
    assert ledger.startswith(b"".join(path.read_bytes() for path in entries))
    assert not (tmp_path / "out" / "incomplete").exists()


def test_what_does_not_come_out_as_it_was_is_found_with_the_key_and_sealed_again(library: Library) -> None:
    keys, key = library.root / "keys", joined(library)
    # Sealed here as it should not have been: the row of the database tells its list, and no keeper can see it.
    folder = sealed_files(library)[0].parent
    spool = io.BytesIO()
    writer = DigestingWriter(spool)
    sealer_for(read_keys(keys).recipients).seal(io.BytesIO(b"other bytes"), writer)
    victim = sealed_files(library)[0]
    name = sealed_name(victim.name.rpartition("-")[0], writer.digest)
    victim.unlink()
    (folder / name).write_bytes(spool.getvalue())
    listed = sums.parse((folder / "SHA512SUMS").read_bytes())
    assert listed is not None
    del listed[victim.name]
    text = sums.to_text(listed | {name: writer.digest})
    old = hashlib.sha512((folder / "SHA512SUMS").read_bytes()).hexdigest()
    (folder / "SHA512SUMS").write_bytes(text)
    with sqlite3.connect(library.root / "khizana.sqlite3") as database:
        new = hashlib.sha512(text).hexdigest()
        database.execute("update preservation_replica set sealed = replace(sealed, ?, ?)", (old, new))
    database.close()
    with_key = library.run("verify", "--site", "second", "--key", key, status=Damaged.exit_status).stderr
    assert "is altered" in with_key or "is missing" in with_key
    library.run("repair", "--site", "second")
    library.run("verify", "--site", "second", "--key", key)


def test_a_restore_that_was_killed_is_completed_by_the_same_command(library: Library, tmp_path: Path) -> None:
    key, storage, goal = joined(library), files(library.root / "storage"), tmp_path / "again"
    command = [*KHIZANA, "restore", f"disk:{second(library)}", "--into", str(goal), "--key", str(key)]
    for goal_files in (1, 20):
        process = subprocess.Popen(
            command, env=command_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and sum(len(names) for _, _, names in os.walk(goal / "storage")) < goal_files:
            time.sleep(0.002)
        assert process.poll() is None
        process.kill()
        process.wait()
    done = khizana(*command[len(KHIZANA) :])
    assert done.returncode == 0, done.stderr
    assert files(goal / "storage") == storage
    assert Library(goal).json("status")["manuscripts"] == 2


def test_sealing_is_refused_without_keys_and_never_mixed_with_plain(library: Library, tmp_path: Path) -> None:
    bare = new_library(tmp_path / "bare")
    address = f"disk:{tmp_path / 'disks' / 'fourth'}"
    assert "khizana keys make" in bare.run("site", "add", "x", address, "--sealed", status=NotFound.exit_status).stderr
    assert not (tmp_path / "disks" / "fourth").exists()
    sites = library.root / "sites.toml"
    kept, before = sites.read_text(), files(tmp_path / "disks")
    sites.write_text(kept.replace("sealed = true", "sealed = false"))
    assert "sealed = true" in library.run("replicate", "--site", "second", status=BadInput.exit_status).stderr
    sites.write_text(re.sub("sealed = (true|false)", "sealed = true", kept))
    assert "is not" in library.run("replicate", "--site", "first", status=BadInput.exit_status).stderr
    assert files(tmp_path / "disks") == before
    sites.write_text(kept)
    other = tmp_path / "other.txt"
    other.write_text(f"{new_identity()}\n")
    said = library.run("verify", "--site", "second", "--key", other, status=BadInput.exit_status).stderr
    assert said.count("\n") == 1
    library.run("keys", "make", "--into", tmp_path / "p", status=AlreadyThere.exit_status)


def test_a_replicate_killed_at_random_moments_is_completed_by_the_same_command(tmp_path: Path) -> None:
    library, chance = made(tmp_path), random.Random(7)
    command = [*KHIZANA, "replicate", "--site", "second"]
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    killed = 0
    for goal in sorted(chance.sample(range(1, 70), 6)):  # files at the site, wherever in its work the command then is
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and sum(len(names) for _, _, names in os.walk(second(library))) < goal:
            time.sleep(0.002)
        killed += process.poll() is None
        process.kill()
        process.wait()
    assert killed >= 4
    library.run("replicate", "--site", "second")
    assert library.json("status")["sites_lacking"]["second"] == 0
    library.run("verify", "--site", "second", "--key", joined(library))
    assert_keeper_finds_it_whole(library)
    done = khizana("restore", f"disk:{second(library)}", "--into", tmp_path / "again", "--key", tmp_path / "key.txt")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "again" / "storage") == files(library.root / "storage")
    assert not list((library.root / "work" / "sealing").glob("*")), "no plaintext is left in the scratch folder"


def test_a_bucket_is_a_sealed_site_like_a_disk(library: Library, tmp_path: Path) -> None:
    (library.root / "keys" / "s3.toml").write_text(f'[kept]\naccess_key_id = "{KEY}"\nsecret_access_key = "{SECRET}"\n')
    with s3_server(tmp_path / "buckets") as server:
        bucket, address, key = server.bucket("kept"), server.address("kept"), joined(library)
        library.run("site", "add", "cloud", address, "--sealed")
        library.run("replicate", "--site", "cloud")
        library.run("verify", "--site", "cloud", "--key", key)
        assert not any(b"Haidara" in content for content in files(bucket).values())
        victim = max(bucket.rglob("*.age"), key=lambda path: path.stat().st_size)
        victim.write_bytes(b"other bytes")
        library.run("verify", "--site", "cloud", status=Damaged.exit_status)
        library.run("repair", "--site", "cloud")
        library.run("verify", "--site", "cloud")
        done = khizana("restore", address, "--into", tmp_path / "again", "--key", key, **KEYS)
        assert done.returncode == 0, done.stderr
        assert files(tmp_path / "again" / "storage") == files(library.root / "storage")
