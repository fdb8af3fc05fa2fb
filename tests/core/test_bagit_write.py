"""What the bag writer writes is a bag to everyone, whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import tarfile
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged, NoSpace
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.preservation.bagit import write
from khizana.core.preservation.bagit.validate import validate_bag
from khizana.core.preservation.bagit.write import BagForm, Carried, write_bag

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INFO = (("Source-Organization", "خزانة أحمد\nبابا"), ("External-Identifier", "urn:khizana:x"), ("Contact-Name", ""))
ENDINGS = {BagForm.FOLDER: "", BagForm.ZIP: ".zip", BagForm.TAR: ".tar"}
NAMES = st.lists(
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0"), min_size=1, max_size=30),
    min_size=1,
    max_size=3,
).map("/".join)


def made(path: Path, payload: dict[str, bytes], form: BagForm = BagForm.FOLDER) -> write.Bag:
    carried = [Carried(name, content, Digest(hashlib.sha512(content).hexdigest())) for name, content in payload.items()]
    return write_bag(
        path, carried, form=form, info=INFO, created=WHEN, validator=lambda part: validate_bag(part).findings
    )


def unpacked(path: Path, form: BagForm, into: Path) -> Path:
    if form is BagForm.FOLDER:
        return path
    if form is BagForm.ZIP:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(into)  # noqa: S202 - our own
    else:
        with tarfile.open(path) as archive:
            archive.extractall(into, filter="data")
    return into / path.stem


def usable(payload: dict[str, bytes]) -> bool:
    """Tell whether one disk holds all the names: none is a folder of another, none is too long for it."""
    folders = {name.rpartition("/")[0] for name in payload}
    folders |= {"/".join(name.split("/")[:1]) for name in payload if "/" in name}
    folded = {name.casefold() for name in payload}
    return not {folder.casefold() for folder in folders} & folded and len(folded) == len(payload)


@settings(max_examples=60)
@given(payload=st.dictionaries(NAMES, st.binary(max_size=20), min_size=1, max_size=5), form=st.sampled_from(BagForm))
def test_the_library_of_congress_accepts_what_is_written_and_what_is_not_written_is_refused(
    payload: dict[str, bytes], form: BagForm
) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"مخطوط{ENDINGS[form]}"
        try:
            written = made(path, payload, form)
        except BadInput as error:
            assert error.code == "BAG_NAME_UNUSABLE"  # noqa: PT017 - either way is right
            assert list(Path(place).iterdir()) == []
            return
        except (AlreadyThere, Damaged, KeyError) as error:
            raise AssertionError from error
        except Exception as error:  # noqa: BLE001 - a disk refuses names in many ways
            assert not usable(payload), error  # noqa: PT017 - either way is right
            assert list(Path(place).iterdir()) == []
            return
        assert (written.files, written.bytes) == (len(payload), sum(map(len, payload.values())))
        assert validate_bag(path).is_valid
        if usable(payload):
            bag = bagit.Bag(str(unpacked(path, form, Path(place) / "out")))
            assert bag.is_valid()
            assert bag.info["Source-Organization"] == "خزانة أحمد بابا"
            assert bag.info["Bagging-Date"] == "2026-01-02"
            assert "Contact-Name" not in bag.info


@pytest.mark.parametrize("form", BagForm)
def test_every_form_is_accepted_with_names_in_arabic(form: BagForm, tmp_path: Path) -> None:
    payload = {"صفحات/ورقة ١.tif": b"1" * 3_000_000, "masters/0002.tif": b"2", "empty": b""}
    path = tmp_path / f"خزانة{ENDINGS[form]}"
    made(path, payload, form)
    assert validate_bag(path).findings == ()
    assert bagit.Bag(str(unpacked(path, form, tmp_path / "out"))).is_valid()
    assert {each.name for each in tmp_path.iterdir()} - {"out"} == {path.name}


@pytest.mark.parametrize("name", ["a%20b", "a\\b", "a\nb", "../a", "/a", "a//b", "./a", "", " a", "a ", "a\x00b"])
def test_names_that_readers_disagree_about_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        made(tmp_path / "bag", {name: b""})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", BagForm)
def test_nothing_is_overwritten_and_a_killed_runs_rest_is_replaced(form: BagForm, tmp_path: Path) -> None:
    path = tmp_path / f"bag{ENDINGS[form]}"
    (tmp_path / f"{path.name}.part").write_bytes(b"left behind")
    made(path, {"a": b"a"}, form)
    with pytest.raises(AlreadyThere):
        made(path, {"a": b"b"}, form)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("form", BagForm)
def test_a_source_that_is_not_what_it_was_or_that_cannot_be_written_leaves_nothing(
    form: BagForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"bag{ENDINGS[form]}"
    wrong = [Carried("a", b"a"), Carried("b", b"b", Digest("0" * 128))]
    with pytest.raises(Damaged):
        write_bag(path, wrong, form=form, info=(), created=WHEN, validator=lambda _: ())
    with pytest.raises(Damaged):
        write_bag(
            path,
            wrong[:1],
            form=form,
            info=(),
            created=WHEN,
            validator=lambda _: [Finding("BAGIT_PAYLOAD_MISSING", Severity.ERROR, "x")],
        )

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpace):
        made(path, {"a": b"a"}, form)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_never_write_one_bag(tmp_path: Path) -> None:
    def within(_: Path) -> tuple[Finding, ...]:
        with pytest.raises(Busy):
            made(tmp_path / "bag", {"a": b"a"})
        return ()

    write_bag(tmp_path / "bag", [Carried("a", b"a")], form=BagForm.FOLDER, info=(), created=WHEN, validator=within)
    assert validate_bag(tmp_path / "bag").is_valid
