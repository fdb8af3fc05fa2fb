"""What the BagIt validator says of bags that nobody should make, and that it always says something."""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import khizana.core.preservation.bagit
from data.bags import DECLARATION, files_of_bag, listed, write_folder, write_tar, write_zip
from khizana.core.errors import BadInput, NotFound
from khizana.core.findings import LANGUAGES
from khizana.core.preservation.bagit import validate_compare
from khizana.core.preservation.bagit.validate import is_bag, validate_bag

PAYLOAD = {"masters/0001.tif": b"first", "مخطوط/ورقة.tif": b"second", "a%b.txt": b"", "line\nend": b"third"}
FORMS = {"folder": write_folder, "zip": write_zip, "tar": write_tar}


def encoded(payload: dict[str, bytes]) -> dict[str, bytes]:
    """Return a manifest's names: CR, LF and percent signs encoded."""
    return {
        "data/" + name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D"): content
        for name, content in payload.items()
    }


def good(payload: dict[str, bytes] = PAYLOAD, **tags: bytes) -> dict[str, bytes]:
    return files_of_bag(payload, **{"manifest__sha512_txt": listed(encoded(payload)), **tags})


def codes(path: Path) -> set[str]:
    findings = validate_bag(path, workers=2).findings
    for finding in findings:
        assert all(finding.sentence(language) for language in LANGUAGES)
    return {finding.code for finding in findings}


@pytest.mark.parametrize("form", FORMS)
def test_a_good_bag_is_accepted_in_a_folder_a_zip_and_a_tar(form: str, tmp_path: Path) -> None:
    path = FORMS[form](tmp_path / "bag", good())
    verdict = validate_bag(path)
    assert {finding.code for finding in verdict.findings} == {"BAGIT_NAME_UNPORTABLE"}  # the line end
    assert (verdict.version, verdict.files, verdict.bytes) == ("1.0", 4, 16)
    assert verdict.value("payload-oxum") == "16.4"
    assert is_bag(path)


def test_an_encrypted_zip_is_called_that(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bag", good())
    raw = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # flags of each file and of its entry
        start = raw.find(signature)
        while start >= 0:
            raw[start + place] |= 1
            start = raw.find(signature, start + 4)
    path.write_bytes(raw)
    found = [each.facts["found"] for each in validate_bag(path).findings if each.code == "BAGIT_UNREADABLE"]
    assert found
    assert all("encrypted" in str(each) and "ZipInfo" not in str(each) for each in found)


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_an_archive_that_came_in_part_is_to_be_copied_again_and_no_disk_is_blamed(form: str, tmp_path: Path) -> None:
    bag = write_folder(tmp_path / "bag", good() | {"data/large": os.urandom(40_000)})
    path = Path(shutil.make_archive(str(tmp_path / "sent"), form, tmp_path, bag.name))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert [each.code for each in validate_bag(path).findings] == ["BAGIT_ARCHIVE_BROKEN"]


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_an_archive_with_entries_for_its_folders_is_the_same_bag(form: str, tmp_path: Path) -> None:
    bag = write_folder(tmp_path / "bag", good())
    verdict = validate_bag(Path(shutil.make_archive(str(tmp_path / "sent"), form, tmp_path, bag.name)))
    assert {finding.code for finding in verdict.findings} == {"BAGIT_NAME_UNPORTABLE"}
    assert verdict.files == 4


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ({"data/masters/0001.tif": b"other"}, "BAGIT_FILE_ALTERED"),
        ({"data/more.tif": b"more"}, "BAGIT_FILE_UNLISTED"),
        ({"data/masters/0001.tif": None}, "BAGIT_FILE_MISSING"),
        ({"bagit.txt": None}, "BAGIT_DECLARATION_MISSING"),
        ({"bagit.txt": b"BagIt-Version: 1.0\n"}, "BAGIT_DECLARATION_INVALID"),
        ({"bagit.txt": DECLARATION.replace(b"1.0", b"9.9")}, "BAGIT_VERSION_UNKNOWN"),
        ({"bagit.txt": DECLARATION.replace(b"UTF-8", b"zip")}, "BAGIT_ENCODING_UNKNOWN"),
        ({"bagit.txt": DECLARATION.replace(b"UTF-8", b"unicode_escape")}, "BAGIT_ENCODING_UNKNOWN"),
        ({"bagit.txt": b"\xff\xfe"}, "BAGIT_TAG_ENCODING"),
        ({"manifest-sha512.txt": None}, "BAGIT_MANIFEST_MISSING"),
        ({"manifest-sha512.txt": b"no digest here\n"}, "BAGIT_LINE_UNREADABLE"),
        ({"manifest-sha512.txt": b"abcd  data/x\n"}, "BAGIT_DIGEST_UNREADABLE"),
        ({"manifest-sha512.txt": b"\xff  data/x\n"}, "BAGIT_TAG_ENCODING"),
        ({"manifest-whirlpool.txt": b"abcd  data/x\n"}, "BAGIT_ALGORITHM_UNKNOWN"),
        ({"manifest-md5.txt": b""}, "BAGIT_MANIFESTS_DISAGREE"),
        ({"manifest-md5.txt": b""}, "BAGIT_TAG_MANIFEST_LACKS"),
        ({"bag-info.txt": b"Payload-Oxum: 1.1\n"}, "BAGIT_OXUM_DIFFERS"),
        ({"bag-info.txt": b"Payload-Oxum: lots\n"}, "BAGIT_OXUM_UNREADABLE"),
        ({"bag-info.txt": b"Payload-Oxum: 16.4\nPayload-Oxum: 16.4\n"}, "BAGIT_OXUM_REPEATED"),
        ({"bag-info.txt": b"no label\n"}, "BAGIT_LINE_UNREADABLE"),
        ({"bag-info.txt": b"\xef\xbb\xbfA: b\n"}, "BAGIT_BYTE_ORDER_MARK"),
        ({"fetch.txt": b"http://x.example/ - data/absent\n"}, "BAGIT_FETCH_UNLISTED"),
        ({"fetch.txt": b"http://x.example/ - ../absent\n"}, "BAGIT_PATH_UNSAFE"),
        ({"fetch.txt": b"http://x.example/\n"}, "BAGIT_LINE_UNREADABLE"),
        (
            {"data/masters/0001.tif": None, "fetch.txt": b"http://x.example/ 5 data/masters/0001.tif\n"},
            "BAGIT_FILE_NOT_FETCHED",
        ),
    ],
)
def test_what_is_wrong_has_its_code(form: str, damage: dict[str, bytes | None], code: str, tmp_path: Path) -> None:
    files = {name: content for name, content in ({**good(), **damage}).items() if content is not None}
    assert code in codes(FORMS[form](tmp_path / "bag", files))


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../x",
        "data/../../x",
        "~/x",
        "~root/x",
        "C:\\x",
        "c:x",
        "\\\\server\\x",
        "data/..\\x",
        "data/%00",
    ],
)
def test_a_name_that_leads_out_of_the_bag_is_refused_and_never_opened(name: str, tmp_path: Path) -> None:
    manifest = listed(encoded(PAYLOAD)) + listed({name.replace("%00", "\0"): b""})
    assert "BAGIT_PATH_UNSAFE" in codes(write_folder(tmp_path, good(manifest__sha512_txt=manifest)))


@pytest.mark.parametrize(
    ("older", "code", "valid"), [(False, "BAGIT_LISTED_TWICE", False), (True, "BAGIT_LISTED_TWICE", True)]
)
def test_a_name_listed_twice_is_an_error_since_1_0(older: bool, code: str, valid: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table's columns
    payload = {"x": b"x"}
    declaration = DECLARATION.replace(b"1.0", b"0.97") if older else DECLARATION
    manifest = listed({"data/x": b"x"})
    path = write_folder(tmp_path, good(payload, bagit_txt=declaration, manifest__sha512_txt=manifest * 2))
    assert code in codes(path)
    assert validate_bag(path).is_valid is valid
    (path / "manifest-sha512.txt").write_bytes(manifest + listed({"data/./x": b"y"}))
    assert "BAGIT_LISTED_DIFFERENTLY" in codes(path)


def test_links_are_never_followed(tmp_path: Path) -> None:
    outside = write_folder(tmp_path / "outside", {"secret": b"first"})
    bag = write_folder(tmp_path / "bag", good())
    (bag / "data" / "masters" / "0001.tif").unlink()
    (bag / "data" / "masters" / "0001.tif").symlink_to(outside / "secret")
    (bag / "data" / "folder").symlink_to(outside)
    os.mkfifo(bag / "data" / "pipe")
    findings = validate_bag(bag).findings
    assert {(finding.code, finding.facts["path"]) for finding in findings} >= {
        ("BAGIT_LINK", "data/masters/0001.tif"),
        ("BAGIT_LINK", "data/folder"),
        ("BAGIT_LINK", "data/pipe"),
    }
    shutil.move(bag / "data", tmp_path / "moved")
    (bag / "data").symlink_to(tmp_path / "moved")
    assert "BAGIT_PAYLOAD_MISSING" in codes(bag)


def test_two_files_whose_names_differ_by_case_are_a_warning_and_other_bytes_are_missing(tmp_path: Path) -> None:
    both = write_folder(tmp_path / "both", good({"x.tif": b"1", "X.tif": b"2"}))
    assert codes(both) == {"BAGIT_NAME_CASE"}
    (both / "data" / "X.tif").unlink()
    assert "BAGIT_FILE_MISSING" in codes(both)
    renamed = write_folder(tmp_path / "renamed", good({"x.tif": b"1"}))
    (renamed / "data" / "x.tif").rename(renamed / "data" / "X.TIF")
    assert codes(renamed) == {"BAGIT_NAME_CASE"}
    (renamed / "data" / "X.TIF").write_bytes(b"2")
    assert codes(renamed) == {"BAGIT_FILE_MISSING", "BAGIT_FILE_UNLISTED"}


def test_an_archive_with_one_name_twice_or_outside_itself_or_that_lies_of_its_size_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "twice.zip", good())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bag/data/masters/0001.tif", b"other")
    assert "BAGIT_ARCHIVE_TWICE" in codes(path)
    path = write_zip(tmp_path / "out.zip", good())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../out", b"out")
    assert "BAGIT_PATH_UNSAFE" in codes(path)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bag/data/zeros", "w") as sink:
        for _ in range(1100):
            sink.write(bytes(1 << 20))
    assert "BAGIT_ARCHIVE_EXPANDS" in codes(path)


def test_what_is_no_bag_at_all_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        validate_bag(tmp_path / "absent")
    (tmp_path / "text").write_bytes(b"text")
    with pytest.raises(BadInput):
        validate_bag(tmp_path / "text")
    assert not is_bag(tmp_path)


def test_memory_does_not_grow_with_the_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate_compare, "AT_ONCE", 1000)
    names = {f"data/{number:06}.tif": b"" for number in range(30_000)}
    bag = write_folder(tmp_path, good(manifest__sha512_txt=listed(encoded(PAYLOAD) | names)))
    tracemalloc.start()
    findings = validate_bag(bag).findings
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000
    missing = [finding for finding in findings if finding.code == "BAGIT_FILE_MISSING"]
    more = [finding.facts for finding in findings if finding.code == "BAGIT_MORE"]
    assert len(missing) == 200
    assert more == [{"found": "BAGIT_FILE_MISSING", "expected": 29_800}]


def test_many_parts_say_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = write_folder(tmp_path, good({**PAYLOAD, "Case": b"1", "case": b"2", **{str(n): b"" for n in range(40)}}))
    (bag / "data" / "7").write_bytes(b"altered")
    (bag / "data" / "8").unlink()
    (bag / "data" / "stray").touch()
    whole = sorted((f.code, str(f.facts)) for f in validate_bag(bag).findings)
    monkeypatch.setattr(validate_compare, "AT_ONCE", 3)
    assert sorted((f.code, str(f.facts)) for f in validate_bag(bag).findings) == whole
    assert len(whole) == 6


@settings(max_examples=150)
@given(data=st.data(), form=st.sampled_from(sorted(FORMS)))
def test_no_mutation_of_a_bag_raises_and_none_of_the_payload_goes_unseen(data: st.DataObject, form: str) -> None:
    files = good()
    with tempfile.TemporaryDirectory() as place:
        name = data.draw(st.sampled_from(sorted(files)))
        content = files[name]
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 40)))
        files[name] = content[:start] + data.draw(st.binary(max_size=40)) + content[end:]
        path = FORMS[form](Path(place) / "bag", files)
        changed = files[name] != content
        verdict = validate_bag(path, workers=1)
        if changed and name != "tagmanifest-sha512.txt":
            assert not verdict.is_valid
        elif not changed:
            assert verdict.is_valid
        if form != "folder":
            raw = bytearray(path.read_bytes())
            for _ in range(data.draw(st.integers(1, 4))):
                raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
            path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
            if is_bag(path):
                validate_bag(path, workers=1)


@settings(max_examples=150)
@given(manifest=st.text(max_size=200), info=st.binary(max_size=100), declaration=st.binary(max_size=80))
def test_any_text_in_the_tag_files_is_judged(manifest: str, info: bytes, declaration: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        lines = f"{manifest}\nabcd  {manifest}\nabcd  data/{manifest}\n".encode("utf-8", "surrogatepass")
        bag = write_folder(Path(place), good(manifest__md5_txt=lines, bag__info_txt=info, fetch_txt=lines))
        validate_bag(bag, workers=1)
        (bag / "bagit.txt").write_bytes(declaration)
        validate_bag(bag, workers=1)


def test_the_validator_imports_nothing_of_the_writer() -> None:
    own = ("khizana.core.preservation.bagit.validate", "khizana.core.findings", "khizana.core.errors")
    looks = "khizana.core.preservation.ocfl.validate_disk"
    for module in Path(khizana.core.preservation.bagit.__path__[0]).glob("validate*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            name = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not name.startswith("khizana") or name.startswith(own) or name == looks
