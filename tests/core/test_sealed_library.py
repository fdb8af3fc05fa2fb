"""What a library is made again with: sealed in versions, put together again, and never from what nobody vouches for."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from data.ledgers import Kept
from data.ocfl_objects import make_object
from data.sealing import BLINDING, Site
from khizana.adapters.age import AgeOpener, new_identity
from khizana.adapters.disk import DiskStore
from khizana.core.errors import Away, BadInput, Damaged, NotFound
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Unexpected
from khizana.core.preservation.replicas.reading import Reader
from khizana.core.preservation.sealed import contents as tables
from khizana.core.preservation.sealed.check import check_folders
from khizana.core.preservation.sealed.contents import Contents
from khizana.core.preservation.sealed.library import Carried, bring_ledger, carry_library
from khizana.core.preservation.sealed.mend import reseal, set_all_aside
from khizana.core.preservation.sealed.names import LIBRARY, SUMS, object_folder, sealed_name, version_folder
from khizana.core.preservation.sealed.seal import seal_object
from khizana.core.preservation.sealed.stream import DigestingWriter
from khizana.core.preservation.sealed.unseal import Incomplete, Restored, blinding_at, unseal, unseal_library

FILES = {"khizana.toml": b'name = "timbuktu"\n', "sites.toml": b'[[site]]\nplace = "Bamako"\n'}


def carry(site: Site, kept: Kept, files: dict[str, bytes] | None = None) -> Carried:
    with site.store.held():
        return carry_library(
            site.store, kept.folder, files or FILES, sealing=site.sealing, known={}, site="second", stamp="now"
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.made(tmp_path)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "here")
    made.write(1, 5)
    return made


def back(site: Site, kept: Kept, into: Path) -> Path:
    """Unseal, put the ledger together, compare it with the one here, and return the folder of the rest."""
    found = unseal_library(site.store, site.opener, BLINDING, into)
    assert isinstance(found, Restored)
    assert bring_ledger(site.store, found.path, into / "ledger")
    assert (into / "ledger" / "entries.jsonl").read_bytes() == kept.entries.read_bytes()
    assert Kept(into).codes() == set()
    return found.path


def test_each_carrying_seals_what_is_new_and_the_ledger_comes_back_whole(
    site: Site, kept: Kept, tmp_path: Path
) -> None:
    assert len(carry(site, kept).sums) == 1
    assert len(carry(site, kept).sums) == 1, "nothing is new"
    kept.write(6, 9)
    assert len(carry(site, kept).sums) == 2
    carried = carry(site, kept, FILES | {"sites.toml": b"[[site]]\n"})
    assert len(carried.sums) == 3
    path = back(site, kept, tmp_path / "back")
    assert (path / "sites.toml").read_bytes() == b"[[site]]\n", "the newest counts"
    assert all(isinstance(each, Intact) for each in check_folders(site.store, carried.sums, opener=site.opener))
    assert not list(site.scratch.iterdir())


def test_a_run_that_died_before_its_head_leaves_pieces_that_overlap(site: Site, kept: Kept, tmp_path: Path) -> None:
    carry(site, kept)
    head = (site.root / "ledger" / "heads").iterdir()
    before = {path: path.read_bytes() for path in head}
    kept.write(6, 9)
    carry(site, kept)
    for path in (site.root / "ledger" / "heads").iterdir():
        if path not in before:
            path.unlink()
    kept.write(10, 11)
    assert len(carry(site, kept).sums) == 3
    back(site, kept, tmp_path / "back")


def test_versions_that_were_lost_are_carried_anew_from_the_first_entry(site: Site, kept: Kept, tmp_path: Path) -> None:
    carry(site, kept)
    kept.write(6, 9)
    carry(site, kept)
    set_all_aside(site.store, object_folder(BLINDING, LIBRARY))
    assert len(carry(site, kept).sums) == 1
    back(site, kept, tmp_path / "back")


def test_a_site_that_has_seen_another_ledger_gets_settings_and_no_entries(
    site: Site, kept: Kept, tmp_path: Path
) -> None:
    carry(site, kept)
    other = Kept(tmp_path / "other")
    other.write(1, 2)
    carried = carry(site, other, {"khizana.toml": b"new"})
    assert carried.finding is not None
    assert carried.finding.code == "LEDGER_BEHIND_SITE"
    before = set(site.files())
    with site.store.held():
        again = carry_library(
            site.store, other.folder, FILES, sealing=site.sealing, known={}, site="x", stamp="now", anew=True
        )
    assert again.finding is not None
    assert set(site.files()) == before, "what may be nowhere else is not set aside"
    assert (back(site, kept, tmp_path / "back") / "khizana.toml").read_bytes() == b"new"


def test_a_lost_piece_ends_the_ledger_and_is_told(site: Site, kept: Kept, tmp_path: Path) -> None:
    carry(site, kept)
    kept.write(6, 9)
    carry(site, kept)
    first = site.root / version_folder(BLINDING, LIBRARY, 1)
    max(first.glob("*.age"), key=lambda path: path.stat().st_size).unlink()
    found = unseal_library(site.store, site.opener, BLINDING, tmp_path / "back")
    assert isinstance(found, Incomplete)
    assert [each.code for each in found.problems] == ["SEALED_FILE_MISSING"]
    assert found.path is not None
    assert (found.path / "khizana.toml").read_bytes() == FILES["khizana.toml"]
    bring_ledger(site.store, found.path, tmp_path / "ledger")
    assert (tmp_path / "ledger" / "entries.jsonl").read_bytes() == b"", "what follows a gap has no place"


def test_a_whole_unsealing_restores_it_beside_the_storage_root_again_and_again(
    site: Site, kept: Kept, tmp_path: Path
) -> None:
    carry(site, kept)
    for _ in range(2):
        assert [type(each) for each in unseal(site.store, site.opener, tmp_path / "back")] == [Restored]
        assert {path.name for path in (tmp_path / "back").iterdir()} == {"library"}
        kept.write(6, 9)
        carry(site, kept)


def test_no_table_leads_beside_the_storage_root_but_to_the_folder_of_the_library() -> None:
    text = tables.to_text(Contents(LIBRARY, 1, "library", BLINDING, (), is_beside=True))
    assert tables.parse(text, "x").is_beside
    for evil in (b"storage", b"keys", b"..", b"library/x"):
        with pytest.raises(Damaged):
            tables.parse(text.replace(b"beside library", b"beside " + evil), "x")


def test_the_blinding_value_is_found_with_the_key_and_with_no_other(site: Site, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        blinding_at(site.store, site.opener)
    site.seal(make_object(tmp_path / "object"))
    assert blinding_at(site.store, site.opener) == BLINDING
    with pytest.raises(BadInput):
        blinding_at(site.store, AgeOpener([new_identity()]))


def test_what_an_impostor_sealed_under_a_name_that_fits_is_not_taken_up_by_a_repair(site: Site, tmp_path: Path) -> None:
    source = make_object(tmp_path / "object")
    known = {each.folder: each.sums for each in site.seal(source)}
    victim = max((each for each in site.files() if "contents" not in each.name), key=lambda path: path.stat().st_size)
    spool = io.BytesIO()
    writer = DigestingWriter(spool)
    site.sealing.sealer.seal(io.BytesIO(b"evil"), writer)
    token = victim.name.rpartition("-")[0]
    impostor = victim.with_name(sealed_name(token, writer.digest))
    impostor.write_bytes(spool.getvalue())
    victim.unlink()
    wrong = [each for each in check_folders(site.store, known) if not isinstance(each, Intact)]
    assert {type(each) for each in wrong} == {Missing, Unexpected}
    known = {each.folder: each.sums for each in reseal(source, wrong, store=site.store, sealing=site.sealing)}
    assert not impostor.exists()
    assert all(isinstance(each, Intact) for each in check_folders(site.store, known, opener=site.opener))
    # The same with a list that fits, too: nothing of that version is taken up.
    lists = site.root / next(iter(known)) / SUMS
    lists.write_bytes(lists.read_bytes().splitlines(keepends=True)[0])
    before = set(site.files())
    wrong = [each for each in check_folders(site.store, known) if not isinstance(each, Intact)]
    assert Altered in {type(each) for each in wrong}
    reseal(source, wrong, store=site.store, sealing=site.sealing)
    assert not {path for path in before if path.parent == lists.parent and path.name != SUMS} & set(site.files())


def test_a_whole_version_that_nobody_knows_is_unexpected(site: Site, tmp_path: Path) -> None:
    known = {each.folder: each.sums for each in site.seal(make_object(tmp_path / "object"))}
    first = site.root / version_folder(BLINDING, ObjectId("urn:example:one"), 1)
    shutil.copytree(first, first.with_name("v000009"))
    outcomes = {type(each) for each in check_folders(site.store, known) if "v000009" in each.name}
    assert outcomes == {Unexpected}


def test_a_disk_that_is_pulled_out_in_the_middle_is_no_damage(site: Site, tmp_path: Path) -> None:
    known = {each.folder: each.sums for each in site.seal(make_object(tmp_path / "object"))}

    class Pulled(DiskStore):
        def read(self, name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - it gives nothing back
            if "contents" in name:
                raise Away("SITE_GONE", path=name)
            return super().read(name)

    with pytest.raises(Away):
        list(check_folders(Pulled(site.root), known))


def test_a_check_in_threads_finds_the_same_and_tells_of_every_byte(tmp_path: Path) -> None:
    source = make_object(
        tmp_path / "object", "urn:khizana:test:x:images", [{f"{n}.tif": bytes([n]) * 5000} for n in range(8)]
    )
    site = Site.made(tmp_path)
    told: list[int] = []
    sealing = replace(site.sealing, at_once=4, on_bytes=told.append)
    with site.store.held():
        known = {each.folder: each.sums for each in seal_object(source, store=site.store, sealing=sealing)}
    assert sum(told) >= 8 * 5000
    victims = site.files()[::7]
    for path in victims:
        path.write_bytes(b"x")
    alone = list(check_folders(site.store, known, opener=site.opener))
    read: list[int] = []
    with Reader(site.store, threads=4, on_bytes=read.append) as reader:
        together = list(check_folders(site.store, known, opener=site.opener, reader=reader))
    assert together == alone
    assert {each.name for each in alone if not isinstance(each, Intact)} >= {
        path.relative_to(site.root).as_posix() for path in victims
    }
    assert sum(read) >= sum(
        path.stat().st_size for path in site.files() if path.suffix == ".age" and path not in victims
    )
