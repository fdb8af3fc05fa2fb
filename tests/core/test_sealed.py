"""Sealed copies: what goes in comes out, byte for byte; what was tampered with is found; nothing is readable."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ocfl_objects import TWO_VERSIONS, make_object, make_root, place_0003
from data.sealing import BLINDING, DebianAge, Site, tree
from khizana.adapters.age import AgeOpener, AgeSealer, new_identity, recipient_of
from khizana.adapters.disk import DiskStore
from khizana.core.errors import AlreadyThere, BadInput, Damaged, NotFound, Unreadable
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Unexpected
from khizana.core.preservation.replicas.outcome import Unreadable as NotRead
from khizana.core.preservation.sealed import contents as tables
from khizana.core.preservation.sealed.check import check_sealed, damages
from khizana.core.preservation.sealed.contents import Contents, SealedFile
from khizana.core.preservation.sealed.names import SUMS, name_parts, object_folder, version_folder
from khizana.core.preservation.sealed.seal import Sealing, mend_object, seal_object
from khizana.core.preservation.sealed.unseal import Incomplete, Restored, unseal

ODD = {
    "masters/0001.tif": b"II*\0" * 1000,
    "صفحة العنوان.txt": b"arabic",
    "two\nlines \\0101 and spaces.txt": b"odd",
    "-r": b"a dash",
    "100%.txt": b"",
    "Case.tif": b"one",
    "case.tif": b"another",
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with one object of two versions, sealed."""
    made = Site.made(tmp_path)
    made.seal(make_object(tmp_path / "object"))
    return made


def _whole(site: Site) -> bool:
    outcomes = [*check_sealed(site.store), *check_sealed(site.store, opener=site.opener)]
    return bool(outcomes) and all(isinstance(each, Intact) for each in outcomes)


def _back(site: Site, into: Path) -> list[Restored | Incomplete]:
    return list(unseal(site.store, site.opener, into))


def _problems(outcomes: Iterable[Restored | Incomplete]) -> list[str]:
    found = [problem for each in outcomes if isinstance(each, Incomplete) for problem in each.problems]
    assert all("\n" not in problem.sentence(language) for problem in found for language in ("ar", "fr", "en"))
    return [problem.code for problem in found]


def test_a_storage_root_comes_back_byte_for_byte(tmp_path: Path) -> None:
    ids = ["urn:a:1", "urn:a:2"]
    storage = make_root(tmp_path / "storage", ids, versions=(ODD, *TWO_VERSIONS))
    site = Site.made(tmp_path)
    site.seal_root(storage, [storage / place_0003(each) for each in ids])
    assert _whole(site)
    outcomes = _back(site, tmp_path / "back")
    assert [type(each) for each in outcomes] == [Restored] * 3
    assert {each.blinding for each in outcomes if isinstance(each, Restored)} == {BLINDING}
    assert tree(tmp_path / "back" / "storage") == tree(storage)
    assert [each.name for each in (tmp_path / "back").iterdir()] == ["storage"]
    assert [type(each) for each in _back(site, tmp_path / "back")] == [Restored] * 3  # the same again


@settings(max_examples=12)
@given(
    versions=st.lists(
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=20).filter(
                lambda name: name not in {".", ".."}
            ),
            st.binary(max_size=200),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_object_comes_back_byte_for_byte(
    versions: list[dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    source = make_object(folder / "object", versions=versions)
    site = Site.made(folder)
    site.seal(source, "here/it is")
    assert [type(each) for each in _back(site, folder / "back")] == [Restored]
    assert tree(folder / "back" / "storage" / "here" / "it is") == tree(source)
    shutil.rmtree(folder)


PATHS = (
    st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=3)
    .map(lambda parts: b"/".join(parts).decode("utf-8", "surrogateescape"))
    .filter(lambda path: "\0" not in path and not {"", ".", ".."} & set(path.split("/")))
)


@given(path=PATHS, size=st.integers(0), object_id=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_table_of_contents_is_read_as_it_was_written(path: str, size: int, object_id: str) -> None:
    name = f"{'a' * 24}-{'b' * 40}.age"
    table = Contents(
        ObjectId(object_id), 7, path, BLINDING, (SealedFile(name, size, Digest("c" * 128), path),), ((path, "other"),)
    )
    assert tables.parse(tables.to_text(table), "t") == table


@given(content=st.binary() | st.text().map(lambda text: f"{tables.HEADER}\n{text}\nend\n".encode()))
def test_no_table_of_contents_makes_the_reader_fail_otherwise_than_by_a_sentence(content: bytes) -> None:
    with pytest.raises(Damaged):
        tables.parse(content, "t")


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a//b", "."])
def test_a_table_of_contents_that_leads_out_of_its_object_is_refused(path: str) -> None:
    name = f"{'a' * 24}-{'b' * 40}.age"
    table = Contents(ObjectId("x"), 1, "p", BLINDING, (SealedFile(name, 1, Digest("c" * 128), path),))
    with pytest.raises(Damaged):
        tables.parse(tables.to_text(table), "t")


def test_debians_age_opens_what_is_sealed_here(site: Site, tmp_path: Path) -> None:
    key = tmp_path / "key.txt"
    key.write_text(f"{site.identity}\n", encoding="ascii")
    outcomes = list(unseal(site.store, DebianAge(identity=key), tmp_path / "back"))
    assert [type(each) for each in outcomes] == [Restored]


def test_what_debians_age_sealed_is_opened_here(tmp_path: Path) -> None:
    site = Site.made(tmp_path)
    source = make_object(tmp_path / "object")
    sealing = Sealing(DebianAge(recipient_of(site.identity)), BLINDING, tmp_path / "scratch")
    seal_object(source, store=site.store, sealing=sealing, place="one")
    assert _whole(site)
    assert [type(each) for each in _back(site, tmp_path / "back")] == [Restored]
    assert tree(tmp_path / "back" / "storage" / "one") == tree(source)


def test_each_of_several_recipients_opens_it_alone(tmp_path: Path) -> None:
    source, one, other = make_object(tmp_path / "object"), new_identity(), new_identity()
    (tmp_path / "site").mkdir()
    store = DiskStore(tmp_path / "site")
    sealing = Sealing(AgeSealer([recipient_of(one), recipient_of(other)]), BLINDING, tmp_path / "scratch")
    seal_object(source, store=store, sealing=sealing, place="p")
    for number, identity in enumerate((one, other)):
        assert [type(each) for each in unseal(store, AgeOpener([identity]), tmp_path / str(number))] == [Restored]


def test_names_and_bytes_reveal_nothing_and_every_file_system_holds_them(tmp_path: Path) -> None:
    site = Site.made(tmp_path)
    site.seal(make_object(tmp_path / "object", "urn:khizana:timbuktu:tb-42", (ODD,)))
    names = [path.relative_to(site.root).as_posix() for path in site.files()]
    assert all(
        re.fullmatch(r"sealed/[0-9a-f]{2}/[0-9a-f]{40}/v[0-9]{6}/(SHA512SUMS|[0-9a-z-]+\.age)", each) for each in names
    )
    assert len({each.casefold() for each in names}) == len(names)
    everything = b"".join(path.read_bytes() for path in site.files())
    for secret in (b"tb-42", b"inventory", b"masters", "صفحة".encode(), b"II*\0II*\0", BLINDING):
        assert secret not in everything
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_same_object_has_another_folder_in_another_library() -> None:
    other = type(BLINDING)(bytes(32))
    assert object_folder(BLINDING, ObjectId("urn:x")) != object_folder(other, ObjectId("urn:x"))
    assert object_folder(BLINDING, ObjectId("urn:x")) == object_folder(BLINDING, ObjectId("urn:x"))


def test_a_new_version_adds_files_and_touches_none(site: Site, tmp_path: Path) -> None:
    before = tree(site.root / "sealed")
    three = (*TWO_VERSIONS, {"new.txt": b"new"})
    sealed = site.seal(make_object(tmp_path / "later", versions=three))
    assert [each.is_new for each in sealed] == [False, False, True]
    after = tree(site.root / "sealed")
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 6  # file, inventory, its digest, declaration, table of contents, list
    assert _whole(site)


def test_a_version_of_another_history_is_refused(site: Site, tmp_path: Path) -> None:
    before = tree(site.root)
    with pytest.raises(AlreadyThere, match="another history"):
        site.seal(make_object(tmp_path / "other", versions=(TWO_VERSIONS[0], {"other.txt": b"other"})))
    assert tree(site.root) == before


def test_what_lies_beside_the_versions_comes_back_too(tmp_path: Path) -> None:
    source = make_object(tmp_path / "object")
    (source / "logs").mkdir()
    (source / "logs" / "a.txt").write_bytes(b"log")
    site = Site.made(tmp_path)
    site.seal(source, "p")
    assert [type(each) for each in _back(site, tmp_path / "back")] == [Restored]
    assert tree(tmp_path / "back" / "storage" / "p") == tree(source)


def test_a_declaration_that_was_replaced_comes_back_as_the_new_one_alone(tmp_path: Path) -> None:
    site = Site.made(tmp_path)
    site.seal(make_object(tmp_path / "old", versions=TWO_VERSIONS[:1]), "p")
    source = make_object(tmp_path / "object")
    (source / "0=ocfl_object_1.1").rename(source / "0=ocfl_object_1.2")
    site.seal(source, "p")
    assert [type(each) for each in _back(site, tmp_path / "back")] == [Restored]
    assert tree(tmp_path / "back" / "storage" / "p") == tree(source)


def test_an_altered_source_is_found_before_a_byte_of_it_leaves(tmp_path: Path) -> None:
    source, site = make_object(tmp_path / "object", versions=TWO_VERSIONS[:1]), Site.made(tmp_path)
    (source / "v1" / "content" / "folio-1r.txt").write_bytes(b"rotten")
    with pytest.raises(Damaged, match="is not what its object recorded"):
        site.seal(source)
    assert not any(path.name == SUMS for path in site.files())
    (source / "v1" / "content" / "folio-1r.txt").write_bytes(b"first leaf")
    site.seal(source)
    assert _whole(site)
    (source / "v1" / "content" / "folio-1r.txt").unlink()
    other = Site.made(tmp_path / "other")
    with pytest.raises(Damaged, match="is missing"):
        other.seal(source)


class Dying(DiskStore):
    """A store whose process dies at its *dies*-th writing call: before it, or after it."""

    def __init__(self, root: Path, dies: int) -> None:
        super().__init__(root)
        self.left = dies

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        super().put(name, content, size=size)
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_a_sealing_that_died_anywhere_is_taken_up(tmp_path: Path) -> None:
    source = make_object(tmp_path / "object")
    for dies in range(1, 100):
        site = Site.made(tmp_path / str(dies))
        try:
            seal_object(source, store=Dying(site.root, dies), sealing=site.sealing, place="p")
        except KeyboardInterrupt:
            pass
        else:
            break
        left = tree(site.root / "sealed") if (site.root / "sealed").exists() else {}
        assert all(isinstance(each, Intact | Unexpected | Missing) for each in check_sealed(site.store))
        site.seal(source, "p")
        after = tree(site.root / "sealed")
        assert {name: after[name] for name in left} == left  # what was complete is not sent again
        assert _whole(site)
        assert not (site.root / "aside").exists()
        assert [type(each) for each in _back(site, tmp_path / str(dies) / "back")] == [Restored]
    assert dies > 20


def test_a_restore_from_a_site_that_was_still_being_sealed_gives_what_was_finished(tmp_path: Path) -> None:
    source = make_object(tmp_path / "object")
    site = Site.made(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        seal_object(source, store=Dying(site.root, 17), sealing=site.sealing)
    (outcome,) = _back(site, tmp_path / "back")
    assert isinstance(outcome, Restored)
    assert outcome.version == 1
    early = Site.made(tmp_path / "early")
    with pytest.raises(KeyboardInterrupt):
        seal_object(source, store=Dying(early.root, 5), sealing=early.sealing)
    assert _problems(_back(early, tmp_path / "early" / "back")) == ["SEALED_UNFINISHED"]


def test_a_killed_process_leaves_what_the_next_one_finishes(tmp_path: Path) -> None:
    files = {f"{each}.bin": bytes([each]) * 3_000_000 for each in range(12)}
    source = make_object(tmp_path / "object", versions=(files,))
    site = Site.made(tmp_path)
    script = (
        "from pathlib import Path; from data.sealing import Site\n"
        f"site = Site(Path({str(site.root)!r}), {site.identity!r}, Path({str(site.scratch)!r}))\n"
        f"site.seal(Path({str(source)!r}), 'p')"
    )
    chance, runs = Random(1), 0
    while True:
        process = subprocess.Popen([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(filter(None, sys.path))})
        try:
            process.wait(chance.uniform(0.2, 0.9) * (1 + runs / 10))  # in the end it is let through, however slow
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        runs += 1
        assert runs < 60
    assert process.returncode == 0
    assert _whole(site)
    assert list(site.scratch.iterdir()) == []
    assert [type(each) for each in _back(site, tmp_path / "back")] == [Restored]


class Lying(DiskStore):
    """A store that keeps other bytes than it was given, once."""

    lied = False

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        whole = b"".join(bytes(run) for run in content)
        if not self.lied:
            self.lied = True
            whole = whole[:-1] + bytes([whole[-1] ^ 1])
        super().put(name, [whole], size=size)


def test_a_store_that_keeps_other_bytes_is_found_out_and_the_next_run_mends_it(tmp_path: Path) -> None:
    source, site = make_object(tmp_path / "object"), Site.made(tmp_path)
    with pytest.raises(Damaged, match="gave back other bytes"):
        seal_object(source, store=Lying(site.root), sealing=site.sealing)
    assert len(tree(site.root / "aside")) == 1
    site.seal(source)
    assert _whole(site)


def test_a_file_that_rotted_in_an_unfinished_version_is_set_aside_and_sealed_anew(tmp_path: Path) -> None:
    source, site = make_object(tmp_path / "object"), Site.made(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        seal_object(source, store=Dying(site.root, 5), sealing=site.sealing)
    victim = site.files()[0]
    victim.write_bytes(victim.read_bytes()[:-1])
    site.seal(source)
    assert len(tree(site.root / "aside")) == 1
    assert _whole(site)


@settings(max_examples=8)
@given(seed=st.integers(0, 1 << 32))
def test_a_damaged_version_is_mended_from_the_object_and_its_good_files_stay(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance, folder = Random(seed), tmp_path_factory.mktemp("mended")
    source, site = make_object(folder / "object"), Site.made(folder)
    site.seal(source, "p")
    before = tree(site.root / "sealed")
    for _ in range(3):
        _damage(chance, site.files())
    good = {
        name: content
        for name, content in tree(site.root / "sealed").items()
        if before.get(name) == content and not name.endswith(SUMS) and "/contents-" not in name
    }
    mend_object(source, versions=[1, 2], store=site.store, sealing=site.sealing, place="p")
    after = tree(site.root / "sealed")
    assert {name: after.get(name) for name in good} == good
    assert _whole(site)
    assert [type(each) for each in _back(site, folder / "back")] == [Restored]
    shutil.rmtree(folder)


def _damage(chance: Random, files: list[Path]) -> str:
    kind = chance.choice(["flip", "truncate", "lengthen", "remove", "swap", "rename", "stray", "empty", "zeros"])
    victim = chance.choice(files)
    content = victim.read_bytes()
    if not content and kind in {"flip", "truncate"}:
        kind = "lengthen"  # an earlier damage emptied it
    match kind:
        case "flip":
            at = chance.randrange(len(content))
            victim.write_bytes(content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :])
        case "truncate":
            victim.write_bytes(content[: chance.randrange(len(content))])
        case "lengthen":
            victim.write_bytes(content + chance.randbytes(chance.randint(1, 100)))
        case "remove":
            victim.unlink()
        case "swap":
            other = chance.choice([each for each in files if each != victim])
            content, its = victim.read_bytes(), other.read_bytes()
            victim.write_bytes(its)
            other.write_bytes(content)
        case "rename":
            victim.rename(victim.with_name(f"{chance.randbytes(12).hex()}-{chance.randbytes(20).hex()}.age"))
        case "stray":
            (victim.parent / chance.choice(["a.age", "Thumbs.db", f"{'0' * 24}-{'0' * 40}.age"])).write_bytes(b"stray")
        case "empty":
            victim.write_bytes(b"")
        case _:
            victim.write_bytes(bytes(len(content)))
    return f"{kind} {victim.name}"


def test_every_tampering_is_found_with_and_without_the_key_and_never_raises(site: Site, tmp_path: Path) -> None:
    chance, pristine = Random(20), tmp_path / "pristine"
    shutil.copytree(site.root, pristine)
    for round_ in range(60):
        shutil.rmtree(site.root)
        shutil.copytree(pristine, site.root)
        told = [_damage(chance, site.files()) for _ in range(chance.choice([1, 1, 2, 5]))]
        if tree(site.root) == tree(pristine):
            continue  # two damages that undid each other
        keeper = [each for each in check_sealed(site.store) if not isinstance(each, Intact)]
        holder = [each for each in check_sealed(site.store, opener=site.opener) if not isinstance(each, Intact)]
        assert keeper, told
        assert holder, told
        assert all("\n" not in each.sentence() for each in damages(iter(keeper)))
        into = tmp_path / f"back{round_}"
        try:
            outcomes = list(unseal(site.store, site.opener, into))
        except (NotFound, BadInput):
            outcomes = []
        for each in outcomes:
            if isinstance(each, Restored) and each.version == 2:
                assert tree(each.path) == tree(tmp_path / "object"), told
        assert not (into / "restoring").exists()


def test_what_is_wrong_is_told_by_its_kind(site: Site) -> None:
    first, second, third = [path for path in site.files() if path.name != SUMS and "contents" not in path.name][:3]
    first.write_bytes(b"x")
    second.unlink()
    third.unlink()
    third.mkdir()
    (first.parent / "notes.txt").write_bytes(b"?")
    kinds = {each.name.rpartition("/")[2]: type(each) for each in check_sealed(site.store)}
    assert kinds.pop(first.name) is Altered
    assert kinds.pop(second.name) is Missing
    assert kinds.pop(third.name) is Missing
    assert kinds.pop("notes.txt") is Unexpected
    assert set(kinds.values()) == {Intact}


def test_a_file_that_cannot_be_read_is_not_called_altered(site: Site) -> None:
    victim = next(path.name for path in site.files() if "contents" in path.name)

    class Failing(DiskStore):
        def read(self, name: str) -> Iterator[memoryview]:
            if name.endswith(victim):
                raise Unreadable("DISK_FAILED", path=name, problem="Input/output error")
            return super().read(name)

    outcomes = list(check_sealed(Failing(site.root)))
    assert [type(each) for each in outcomes if each.name.endswith(victim)] == [NotRead]
    assert sum(not isinstance(each, Intact) for each in outcomes) == 1


def test_a_version_that_was_taken_away_or_replaced_whole_is_missed_by_who_knows_it(tmp_path: Path) -> None:
    source, site = make_object(tmp_path / "object"), Site.made(tmp_path)
    known = {each.folder: each.sums for each in site.seal(source)}
    assert all(isinstance(each, Intact) for each in check_sealed(site.store, known=known))
    second = site.root / version_folder(BLINDING, ObjectId("urn:example:one"), 2)
    shutil.rmtree(second)
    assert all(isinstance(each, Intact) for each in check_sealed(site.store))  # the keeper alone can't know
    assert [type(each) for each in check_sealed(site.store, known=known) if not isinstance(each, Intact)] == [Missing]
    site.seal(source)  # sealed anew, to the same public key: other bytes, the same plaintext
    assert [type(each) for each in check_sealed(site.store, known=known) if not isinstance(each, Intact)] == [Altered]


def test_the_wrong_key_is_told_in_one_sentence_and_leaves_nothing(site: Site, tmp_path: Path) -> None:
    other = AgeOpener([new_identity()])
    with pytest.raises(BadInput, match="sealed for other keys"):
        list(unseal(site.store, other, tmp_path / "back"))
    assert list((tmp_path / "back").iterdir()) == []
    said = [each for each in check_sealed(site.store, opener=other) if not isinstance(each, Intact)]
    assert {type(each) for each in said} == {NotRead}


def test_a_damaged_object_spoils_no_other_and_its_good_files_are_kept(tmp_path: Path) -> None:
    ids = [f"urn:a:{number}" for number in range(3)]
    storage = make_root(tmp_path / "storage", ids)
    site = Site.made(tmp_path)
    site.seal_root(storage, [storage / place_0003(each) for each in ids])
    folder = site.root / version_folder(BLINDING, ObjectId("urn:a:1"), 2)
    victims = [path for path in sorted(folder.iterdir()) if (parts := name_parts(path.name)) and not parts.is_contents]
    victims[0].write_bytes(victims[0].read_bytes()[:-5])
    victims[1].unlink()
    outcomes = _back(site, tmp_path / "back")
    assert sorted(_problems(outcomes)) == ["SEALED_FILE_DAMAGED", "SEALED_FILE_MISSING"]
    back = tree(tmp_path / "back" / "storage")
    gone = place_0003("urn:a:1")
    assert back == {name: content for name, content in tree(storage).items() if not name.startswith(gone)}
    (rest,) = [each.path for each in outcomes if isinstance(each, Incomplete)]
    assert rest is not None
    kept, source = tree(rest), tree(storage / gone)
    assert all(source[name] == content for name, content in kept.items())
    assert len(source) - 4 <= len(kept) < len(source)


def test_a_lost_table_of_contents_is_told_and_the_rest_comes_back(site: Site, tmp_path: Path) -> None:
    folder = site.root / version_folder(BLINDING, ObjectId("urn:example:one"), 2)
    next(folder.glob("contents-*")).unlink()
    assert _problems(_back(site, tmp_path / "back")) == ["SEALED_CONTENTS_LOST"]
    shutil.rmtree(site.root / version_folder(BLINDING, ObjectId("urn:example:one"), 1))
    site.seal(make_object(tmp_path / "again", versions=TWO_VERSIONS[:1]))
    assert len(tree(tmp_path / "back" / "incomplete")) > 3


def test_a_restore_into_a_folder_of_other_things_is_refused(site: Site, tmp_path: Path) -> None:
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "mine.txt").write_bytes(b"mine")
    with pytest.raises(AlreadyThere, match=r"mine\.txt"):
        _back(site, tmp_path / "back")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound):
        list(unseal(DiskStore(tmp_path / "empty"), site.opener, tmp_path / "other"))


def test_a_restore_that_was_killed_goes_on(site: Site, tmp_path: Path) -> None:
    (tmp_path / "back" / "restoring" / "half").mkdir(parents=True)
    assert [type(each) for each in _back(site, tmp_path / "back")] == [Restored]
    assert [each.name for each in (tmp_path / "back").iterdir()] == ["storage"]


MEMORY = """
import resource, sys
from pathlib import Path
from data.sealing import Site
from khizana.core.preservation.sealed.check import check_sealed
from khizana.core.preservation.sealed.unseal import unseal
site, source, into = Site.made(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[1]) / "back"
site.seal(source)
list(check_sealed(site.store, opener=site.opener))
list(unseal(site.store, site.opener, into))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_stays_flat_however_large_the_file(tmp_path: Path) -> None:
    used = []
    for size in (1, 80):
        source = make_object(tmp_path / f"object{size}", versions=({"big.tif": bytes(size << 20)},))
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(tmp_path / str(size)), str(source)],
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        )
        used.append(int(done.stdout))
        shutil.rmtree(tmp_path / str(size))
    assert used[1] - used[0] < 40_000  # kB, of 80 MB


def test_the_words_of_the_inventory_are_json_again(site: Site, tmp_path: Path) -> None:
    (outcome,) = _back(site, tmp_path / "back")
    assert isinstance(outcome, Restored)
    assert json.loads((outcome.path / "inventory.json").read_bytes())["id"] == outcome.object_id
