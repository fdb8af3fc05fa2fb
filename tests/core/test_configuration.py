"""The settings of a library, and where things lie in it."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.configuration import Configuration, configuration_text, read_configuration
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import Digest
from khizana.core.library import LibraryFolder, library_root

PLAIN = Configuration(name="ahmed-baba", secret="s3cret")  # noqa: S106 - of no library
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "khizana.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@given(WORDS, WORDS, WORDS, WORDS.filter(bool))
def test_settings_are_read_back_as_they_were_written(title: str, credit: str, rights: str, secret: str) -> None:
    configuration = replace(PLAIN, title_ar=title, credit_fr=credit, rights=rights, secret=secret)
    assert Configuration(**tomllib.loads(configuration_text(configuration))) == configuration


def test_a_written_file_explains_every_setting_and_is_read(tmp_path: Path) -> None:
    text = configuration_text(PLAIN)
    for each in fields(Configuration):
        assert f"# {each.metadata['help']}\n{each.name} = " in text
    assert read_configuration(_file(tmp_path, text)) == PLAIN


@pytest.mark.parametrize("name", ["a", "ahmed-baba", "0", "a" * 40])
def test_a_short_plain_name_is_taken(name: str) -> None:
    assert replace(PLAIN, name=name).name == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "خزانة", "a/b", "a.b", "a" * 41, "a\n"])
def test_a_name_that_could_not_stand_in_an_identifier_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        replace(PLAIN, name=name)
    assert caught.value.code == "LIBRARY_NAME_UNUSABLE"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("language", "de"),
        ("base_url", "example.org"),
        ("base_url", "ftp://example.org"),
        ("base_url", "http://example.org/"),
        ("base_url", "http://example.org/a/"),
        ("base_url", "http://exam ple.org"),
        ("title_ar", "\udcff"),
    ],
)
def test_a_value_that_would_fail_later_is_refused_now(setting: str, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        replace(PLAIN, **{setting: value})
    assert caught.value.facts["setting"] == setting


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "https://example.org/library", "https://[::1]:8000"])
def test_a_public_address_is_taken(address: str) -> None:
    assert replace(PLAIN, base_url=address).card(serving_at="http://other").base_url == address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('name = "a"\n', "SETTING_MISSING"),
        ('secret = "a"\n', "SETTING_MISSING"),
        ('name = ""\nsecret = "b"\n', "SETTING_MISSING"),
        ('name = "a"\nsecret = "b"\ncolour = "red"\n', "SETTING_UNKNOWN"),
        ('name = "a"\nsecret = 3\n', "SETTING_UNKNOWN"),
        ("name = a\n", "CONFIGURATION_UNREADABLE"),
        (b"name = '\xff'\n", "CONFIGURATION_UNREADABLE"),
    ],
)
def test_a_file_of_settings_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, text: str | bytes, code: str
) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_configuration(path)
    assert caught.value.code == code
    assert str(path) in str(caught.value)


def test_a_library_without_titles_goes_by_its_name_and_without_an_address_by_where_it_is_served() -> None:
    card = PLAIN.card(serving_at="http://127.0.0.1:8000")
    assert card.titles == {"none": ("ahmed-baba",)}
    assert card.base_url == "http://127.0.0.1:8000"
    titled = replace(PLAIN, title_fr="Bibliothèque", title_en="Library").card(serving_at="")
    assert titled.titles == {"fr": ("Bibliothèque",), "en": ("Library",)}


def test_a_folder_without_settings_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        LibraryFolder.opened(tmp_path)
    with pytest.raises(NotFound):
        LibraryFolder.opened(tmp_path / "none")
    _file(tmp_path, configuration_text(PLAIN))
    assert LibraryFolder.opened(tmp_path).root == tmp_path


@pytest.mark.parametrize("given_root", [None, ""])
def test_a_command_that_was_told_of_no_library_asks_which(given_root: str | None) -> None:
    with pytest.raises(BadInput) as caught:
        library_root(given_root)
    assert caught.value.code == "WHICH_LIBRARY"


def test_nothing_of_a_library_lies_outside_its_folder_or_in_another_part() -> None:
    folder = LibraryFolder(Path("/library"))
    parts = [folder.configuration, folder.database, folder.storage, folder.work, folder.staging, folder.pending]
    parts += [folder.access, folder.stored]
    assert {part.parent for part in parts} == {Path("/library")}
    assert len(set(parts)) == len(parts)
    digest = Digest("ab" + "0123456789abcdef" * 8)
    assert folder.access_copy(digest) == Path("/library/access/ab") / digest[2:32]
