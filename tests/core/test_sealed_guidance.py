"""Without this software: the script at a sealed site, in a bare shell, restores every byte or says what it cannot."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from data.ocfl_objects import TWO_VERSIONS, make_root, place_0003
from data.sealing import BLINDING, Site, tree
from khizana.adapters.age import new_identity
from khizana.core.findings import LANGUAGES
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.sealed import contents as tables
from khizana.core.preservation.sealed import sums
from khizana.core.preservation.sealed.contents import Contents, SealedFile
from khizana.core.preservation.sealed.guidance import PAGES, SCRIPT, write_guidance
from khizana.core.preservation.sealed.names import name_parts, sealed_name, version_folder
from khizana.core.preservation.sealed.stream import DigestingWriter

ODD = {
    "masters/0001.tif": b"II*\0" * 1000,
    "صفحة العنوان.txt": b"arabic",
    "two\nlines \\0101 and  spaces.txt": b"odd",
    "ends with a line end\n": b"end",
    "-r": b"a dash",
    "100%b$(x)`y`'\"*?.txt": b"",
    "\u202eright to left": b"bidi",
}
IDS = ["urn:a:1", "urn:a:2", "urn:a:3"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site in a folder with a space, holding a storage root of three objects."""
    storage = make_root(tmp_path / "storage", IDS, versions=(ODD, *TWO_VERSIONS))
    made = Site.made(tmp_path / "a site")
    made.seal_root(storage, [storage / place_0003(each) for each in IDS])
    with made.store.held():
        write_guidance(made.store)
    (tmp_path / "key file.txt").write_text(f"# a key\n{made.identity}\n", encoding="ascii")
    return made


def _restore(site: Site, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["env", "-i", "PATH=/usr/bin:/bin", "sh", str(site.root / SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_the_script_restores_every_byte_in_a_bare_shell(site: Site, tmp_path: Path) -> None:
    done = _restore(site, tmp_path / "key file.txt", tmp_path / "out of it")
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "out of it" / "storage") == tree(tmp_path / "storage")
    assert [each.name for each in (tmp_path / "out of it").iterdir()] == ["storage"]
    assert done.stderr.count("\n") == 1


def test_the_script_reads_a_site_that_it_does_not_lie_in(site: Site, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site.root / SCRIPT).rename(tmp_path / "elsewhere" / SCRIPT)
    done = subprocess.run(
        ["sh", SCRIPT, tmp_path / "key file.txt", "-out", site.root],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "elsewhere" / "-out" / "storage") == tree(tmp_path / "storage")


def test_the_script_tells_each_damage_and_restores_the_rest(site: Site, tmp_path: Path) -> None:
    first = site.root / version_folder(BLINDING, ObjectId("urn:a:1"), 1)
    victims = [path for path in sorted(first.iterdir()) if (parts := name_parts(path.name)) and not parts.is_contents]
    victims[0].write_bytes(victims[0].read_bytes()[:-3])
    victims[1].unlink()
    second = site.root / version_folder(BLINDING, ObjectId("urn:a:2"), 2)
    for path in second.iterdir():
        path.unlink()
    second.rmdir()
    done = _restore(site, tmp_path / "key file.txt", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 4, done.stderr
    for told in (victims[0].name, victims[1].name, "number 2, is missing", "Problems: 3"):
        assert told in done.stderr
    gone = (place_0003("urn:a:1"), place_0003("urn:a:2"))
    source = tree(tmp_path / "storage")
    assert tree(tmp_path / "out" / "storage") == {k: v for k, v in source.items() if not k.startswith(gone)}
    kept = tree(tmp_path / "out" / "incomplete")
    assert set(kept.values()) <= set(source.values())
    assert len(kept) > 20


def test_the_script_says_that_a_key_is_the_wrong_one(site: Site, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text(new_identity(), encoding="ascii")
    done = _restore(site, tmp_path / "other.txt", tmp_path / "out")
    assert done.returncode == 1
    assert "this key is not the key of this copy" in done.stderr
    assert tree(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give the key"),
        (("missing", "out"), "no key file"),
        (("key file.txt", "storage"), "is not empty"),
        (("key file.txt", "out", "storage"), "Nothing is sealed"),
    ],
)
def test_the_script_says_why_it_cannot_begin(site: Site, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = _restore(site, *(tmp_path / each for each in arguments))
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_table_of_contents_sealed_by_an_impostor_leads_nowhere(site: Site, tmp_path: Path) -> None:
    folder = version_folder(BLINDING, ObjectId("urn:a:1"), 4)
    (site.root / folder).mkdir()
    listed: dict[str, Digest] = {}

    def put(token: str, content: bytes) -> str:
        spool = io.BytesIO()
        writer = DigestingWriter(spool)
        site.sealing.sealer.seal(io.BytesIO(content), writer)
        name = sealed_name(token, writer.digest)
        (site.root / folder / name).write_bytes(spool.getvalue())
        listed[name] = writer.digest
        return name

    digest = DigestingWriter()
    digest.write(b"evil")
    evil = SealedFile(put("a" * 24, b"evil"), 4, digest.digest, "../../evil")
    put(
        "contents-" + "b" * 24,
        tables.to_text(Contents(ObjectId("urn:a:1"), 4, "x", BLINDING, (evil,), (("../a", "b"),))),
    )
    (site.root / folder / "SHA512SUMS").write_bytes(sums.to_text(listed))
    done = _restore(site, tmp_path / "key file.txt", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("leads out of its object") == 2
    assert not list(tmp_path.rglob("evil"))


def test_the_keeper_checks_with_sha512sum_as_the_pages_say(site: Site) -> None:
    for language in LANGUAGES:
        page = (site.root / PAGES[language]).read_text(encoding="utf-8")
        (command,) = [line.strip() for line in page.splitlines() if "sha512sum" in line and line.startswith("    ")]
        assert max(len(line) for line in page.splitlines() if "sha512sum" not in line) <= 90
        run = ["env", "-i", "PATH=/usr/bin:/bin", "sh", "-c", command]
        done = subprocess.run(run, cwd=site.root, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("", "")
    victim = site.files()[0]
    victim.write_bytes(victim.read_bytes() + b"x")
    done = subprocess.run(run, cwd=site.root, capture_output=True, text=True, check=True)
    assert victim.name in done.stdout


def test_guidance_is_written_once_and_mended_when_it_was_changed(site: Site) -> None:
    (site.root / SCRIPT).write_bytes(b"rm -rf /\n")
    before = (site.root / PAGES["en"]).stat().st_ino
    with site.store.held():
        write_guidance(site.store)
    assert b"age -d" in (site.root / SCRIPT).read_bytes()
    assert (site.root / PAGES["en"]).stat().st_ino == before
