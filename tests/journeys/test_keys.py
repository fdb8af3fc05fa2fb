"""Keys: made once, split among people, rehearsed, joined; the library never holds the secret."""

from __future__ import annotations

import re
import stat
import subprocess
from itertools import combinations
from pathlib import Path

import pytest

from data.commands import KHIZANA, Library, command_environment, khizana
from data.ocfl_objects import make_object
from data.sealing import tree
from khizana.adapters.disk import DiskStore
from khizana.cli.init import make_library
from khizana.core.errors import AlreadyThere, BadInput, Damaged, NotFound
from khizana.core.findings import LANGUAGES
from khizana.core.library import LibraryFolder
from khizana.core.preservation.sealed.keys import read_keys, write_keys
from khizana.core.preservation.sealed.seal import seal_object
from khizana.core.preservation.sealed.unseal import Restored, unseal
from khizana.wiring.keys import joined_identity, make_key, opener_from, opener_of, public_half, sealer_for, sealing


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library whose keys were made, with the pages in a folder beside it."""
    folder = tmp_path_factory.mktemp("keys")
    khizana("init", folder / "library", "--name", "timbuktu")
    made = Library(folder / "library")
    made.run("keys", "make", "--into", folder / "pages")
    return made


def _words(library: Library) -> list[str]:
    found = []
    for path in sorted((library.root.parent / "pages").glob("*.txt")):
        rows = re.findall(r"(\d+)\. ([a-z]+)", path.read_text(encoding="utf-8").split("\n\n")[0])
        found.append(" ".join(word for _, word in sorted(rows, key=lambda row: int(row[0]))))
    return found


def _typed(verb: str, *arguments: object, lines: list[str], library: Library) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*KHIZANA, "keys", verb, *map(str, arguments)],
        input="\n".join(lines),
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def test_any_three_of_five_pages_open_what_the_library_seals(library: Library, tmp_path: Path) -> None:
    words = _words(library)
    assert [len(each.split()) for each in words] == [33] * 5
    assert len({joined_identity(some) for some in combinations(words, 3)}) == 1
    done = _typed("rehearse", lines=words[1:4], library=library)
    assert done.returncode == 0, done.stderr
    assert "open the sealed copies" in done.stdout
    (tmp_path / "site").mkdir()
    store, source = DiskStore(tmp_path / "site"), make_object(tmp_path / "object")
    seal_object(source, store=store, sealing=sealing(LibraryFolder(library.root)), place="p")
    key = tmp_path / "key.txt"
    assert _typed("join", key, lines=[words[0], words[4], words[2]], library=library).returncode == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [type(each) for each in unseal(store, opener_from(key), tmp_path / "back")] == [Restored]
    assert tree(tmp_path / "back" / "storage" / "p") == tree(source)
    again = _typed("join", key, lines=words, library=library)
    assert again.returncode == AlreadyThere.exit_status


def test_the_library_holds_no_secret_and_others_read_no_page(library: Library) -> None:
    secret = joined_identity(_words(library)[:3])
    everything = b"".join(path.read_bytes() for path in library.root.rglob("*") if path.is_file())
    assert secret.encode() not in everything
    assert public_half(secret).encode() in everything
    assert not any(each.encode() in everything for each in _words(library))
    pages = list((library.root.parent / "pages").iterdir())
    assert len(pages) == 10
    assert {stat.S_IMODE(each.stat().st_mode) for each in pages} == {0o600}


def test_a_page_says_in_three_languages_how_many_are_needed_and_whose_key_it_is(library: Library) -> None:
    recipient = read_keys(LibraryFolder(library.root).keys).recipients[0]
    for path in (library.root.parent / "pages").iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.count(recipient) == len(LANGUAGES)
        assert all(
            each in text
            for each in (
                "timbuktu",
                "Any 3 of them",
                "3 d'entre elles".replace("'", "&#x27;" if path.suffix == ".html" else "'"),
                "أي 3 منهم",
            )
        )
        assert "$" not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda words: words[:2], "2 of the 3 shares"),
        (lambda words: [words[0], words[0], words[0]], "1 of the 3 shares"),
        (lambda _: [], "0 of the 2 shares"),
        (lambda words: [words[0], "zebra " + words[1], words[2]], "Word 1 of share 2"),
        (lambda words: [words[0], " ".join(words[1].split()[:-1]), words[2]], r"Share 2 \(32 words\) is not as it was"),
        (lambda words: [words[0], words[1], " ".join(reversed(words[2].split()))], "Share 3 .* is not as it was"),
        (lambda words: [words[0], words[1], make_key(needed=3, shares=5).shares[2]], "Share 3 is of another key"),
        (lambda words: [words[0], make_key(needed=2, shares=3).shares[2]], "Share 2 is of another key"),
    ],
)
def test_what_is_wrong_with_shares_is_told_in_one_sentence(library: Library, change, said: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a table of lambdas
    done = _typed("rehearse", lines=change(_words(library)), library=library)
    assert done.returncode == BadInput.exit_status
    assert re.search(said, done.stderr)
    assert done.stderr.count("\n") == 1


def test_shares_of_another_library_do_not_pass_the_rehearsal(library: Library) -> None:
    done = _typed("rehearse", lines=list(make_key(needed=2, shares=2).shares), library=library)
    assert done.returncode == BadInput.exit_status
    assert "another key" in done.stderr


def test_keys_are_made_once_and_never_into_the_library(library: Library, tmp_path: Path) -> None:
    before = tree(library.root / "keys")
    assert library.run("keys", "make", "--into", tmp_path / "p", status=AlreadyThere.exit_status).stderr
    assert not (tmp_path / "p").exists()
    assert tree(library.root / "keys") == before
    other = Library(make_library(tmp_path / "other").root)
    other.run("keys", "make", "--into", other.root / "keys", status=BadInput.exit_status)
    other.run("keys", "make", "--into", tmp_path / "p", "--needed", 1, status=BadInput.exit_status)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a").touch()
    other.run("keys", "make", "--into", tmp_path / "mine", status=AlreadyThere.exit_status)
    assert not (other.root / "keys" / "recipients.txt").exists()
    assert other.run("keys", "rehearse", status=NotFound.exit_status)
    assert other.json("keys", "make", "--into", tmp_path / "p", "--needed", 2, "--shares", 2)["shares"] == 2


def test_a_keys_folder_that_was_changed_is_told(tmp_path: Path) -> None:
    key = make_key(needed=2, shares=2)
    write_keys(tmp_path, [key.recipient], sealer=sealer_for([key.recipient]))
    (tmp_path / "blinding.txt").write_text("00\n", encoding="ascii")
    with pytest.raises(Damaged):
        read_keys(tmp_path)
    with pytest.raises(BadInput):
        sealer_for(["age1nothing"])
    with pytest.raises(BadInput):
        opener_of("AGE-SECRET-KEY-1")
