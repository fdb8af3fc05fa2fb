"""What the pages say of commands, settings, addresses, packages and files is so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from khizana import __version__
from khizana.cli.verbs import VERBS
from khizana.core.findings import LANGUAGES, catalogue
from khizana.core.imaging.reading_sizes import WIDTHS
from khizana.core.library import LibraryFolder
from khizana.core.structure.written import PUBLICATION, STRUCTURE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OF_TWO_WORDS = "|".join(sorted({verb.name.partition(" ")[0] for verb in VERBS if verb.name and " " in verb.name}))
COMMAND = re.compile(rf"(?<![\w./-])khizana ((?:{OF_TWO_WORDS}) [a-z][a-z-]*|[a-z][a-z-]*)((?:[^\S\n][^\n`|#;>]*)?)")
INLINE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^[ \t]*```([^\n]*)\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _code(text: str) -> Iterator[str]:
    """Yield every line of code that a page shows, in blocks and in its sentences."""
    for kind, block in BLOCK.findall(text):
        if kind.split()[:1] in ([], ["sh"]):
            yield from block.splitlines()
    yield from INLINE.findall(BLOCK.sub("", text))
    yield from (line for line in text.splitlines() if line.startswith("    "))


def test_the_pages_made_from_the_code_are_up_to_date() -> None:
    done = _made("--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("--chek", 2), ("settings.md", 2)])
def test_no_page_is_written_for_a_question_or_a_slip(argument: str, status: int) -> None:
    pages = [ROOT / "docs" / "reference" / name for name in ("commands.md", "exit-statuses.md", "settings.md")]
    before = [page.stat().st_mtime_ns for page in pages]
    done = _made(argument)
    assert done.returncode == status
    assert "--check" in f"{done.stdout}{done.stderr}"  # both say how it is used
    assert [page.stat().st_mtime_ns for page in pages] == before


def _made(argument: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), argument], capture_output=True, text=True, check=False
    )


@each_page
def test_every_command_and_option_that_a_page_names_is_there(page: Path) -> None:
    verbs = {verb.name: verb for verb in VERBS}
    for line in _code(_text(page)):
        for first, rest in COMMAND.findall(line):
            # Some verbs have two words: "site add".
            name = next(
                (each for each in (f"{first} {rest.split()[0]}" if rest.split() else "", first) if each in verbs), first
            )
            assert name in verbs, f"khizana {name}"
            known = {given for each in verbs[name].params if isinstance(each, click.Option) for given in each.opts}
            asked = set(re.findall(r"(?<!\S)--[a-z-]+", rest))
            assert asked <= known | {"--help"}, f"khizana {name} {asked - known}"


@each_page
def test_every_make_target_that_a_page_names_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    named = {word for line in _code(_text(page)) for word in re.findall(r"(?<!\S)make ([a-z]+)", line)}
    assert named <= targets


@each_page
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in LINK.findall(_text(page)):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in LINK.findall(_text(page))
        if "://" not in target
    }
    for page in set(PAGES) - {ROOT / "README.md"}:
        # The decisions are linked as a folder.
        assert page in linked or page.parent in linked, page


@each_page
def test_every_file_of_the_code_that_a_page_names_is_there(page: Path) -> None:
    roots = (ROOT, ROOT / "src" / "khizana")
    for name in INLINE.findall(BLOCK.sub("", _text(page))):
        if re.fullmatch(r"(?:src|core|apps|web|cli|project|tests|tools|docs|benchmarks)/[\w./-]+", name):
            assert any((root / name).exists() for root in roots), name


@each_page
def test_a_page_names_no_machine_and_promises_nothing_undone(page: Path) -> None:
    assert not re.search(r"TODO|FIXME|/work/|/home/\w|/tmp/|coming soon", _text(page))


def test_every_command_stands_in_the_reference_and_in_some_page_written_by_hand() -> None:
    by_hand = " ".join(_text(page) for page in PAGES if page.name != "commands.md")
    for verb in VERBS:
        assert f"## khizana {verb.name}\n" in _text(DOCS / "reference" / "commands.md")
        assert f"khizana {verb.name}" in by_hand


def test_every_direct_dependency_has_its_line_and_every_line_its_dependency() -> None:
    project = CONFIGURATION["project"]
    stated = [re.split(r"[\[<>=!~; ]", each)[0] for each in project["dependencies"]]
    stated += [re.split(r"[\[<>=!~; ]", each)[0] for each in project["optional-dependencies"]["develop"]]
    npm = json.loads(_text(ROOT / "tools" / "npm" / "package.json"))
    stated += [*npm["dependencies"], *npm["devDependencies"]]
    rows = re.findall(r"^\| (\S+) \| \S.* \|$", _text(DOCS / "explanation" / "dependencies.md"), re.MULTILINE)
    assert sorted(row for row in rows if row not in ("package", "|---|---|")) == sorted(stated)


ADDRESSES = """
import django
django.setup()
from khizana.web.urls import urlpatterns
print("\\n".join(str(each.pattern) for each in urlpatterns))
from khizana.web.dispatch import _IMAGE_DOORS
print("\\n".join(door.strip("/") for door in _IMAGE_DOORS))
"""


def test_every_address_that_is_answered_stands_in_the_reference() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KHIZANA_LIBRARY"}
    environment["DJANGO_SETTINGS_MODULE"] = "khizana.project.settings"
    done = subprocess.run(
        [sys.executable, "-c", ADDRESSES], env=environment, capture_output=True, text=True, check=True
    )
    page = _text(DOCS / "reference" / "addresses.md")
    answered = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", line) for line in done.stdout.splitlines()}
    assert len(answered) > 12
    listed = set(INLINE.findall(page))
    for address in answered:
        assert any(each == address or each.startswith(f"{address}/") for each in listed), address


def test_the_sizes_and_languages_of_the_addresses_are_those_of_the_code() -> None:
    page = _text(DOCS / "reference" / "addresses.md")
    assert f"{', '.join(map(str, WIDTHS[:-1]))} or {WIDTHS[-1]}" in page
    assert all(f"`{language}`" in page for language in LANGUAGES)


def test_every_part_of_a_library_stands_in_the_reference() -> None:
    page = _text(DOCS / "reference" / "library-folder.md")
    folder = LibraryFolder(Path("/library"))
    parts = {value.name for name in vars(LibraryFolder) if isinstance(value := getattr(folder, name), Path)} - {
        "library"
    }
    assert len(parts) == 13
    for part in (*parts, STRUCTURE, PUBLICATION, "pyramid.tif", "access.json", "description.xml"):
        assert re.search(rf"`{re.escape(part)}/?`", page), part


def test_every_refusal_of_a_file_is_explained() -> None:
    page = set(re.findall(r"`([A-Z][A-Z_]+)`", _text(DOCS / "how-to" / "bad-files.md")))
    imaging = tomllib.loads(_text(ROOT / "src/khizana/core/findings/messages/en/imaging.toml"))
    assert page <= set(catalogue("en"))
    assert set(imaging) <= page
    assert {
        code for code in catalogue("en") if code.startswith(("SOURCE_", "PAGES_", "SHELFMARK_TA", "SHELFMARK_TOO"))
    } - {
        "PAGES_WITHOUT_COPY"  # a state of the library, not of the card
    } <= page


def test_the_changes_of_this_version_are_told() -> None:
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", _text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == __version__ == CONFIGURATION["project"]["version"]


def test_every_decision_has_its_four_parts_and_fits_on_a_page() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = _text(path)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Alternatives", "Consequences"]
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert len(text.splitlines()) <= 60


def test_codes_of_messages_that_pages_name_are_there() -> None:
    known = set(catalogue("en")) | {"KHIZANA_LIBRARY", "KHIZANA_LANGUAGE", "KHIZANA_MOUNTS", "KHIZANA_TEST_DATA"}
    for page in PAGES:
        named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", _text(page)))
        assert named <= known | {name for name in named if name == "README" or name.startswith("AWS_")}, page
