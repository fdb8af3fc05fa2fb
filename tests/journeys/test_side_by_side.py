"""Commands side by side on one library: each is done, or says that the other is at work, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, new_library, served


def start(library: Library, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*KHIZANA, *map(str, arguments)],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_each_ended_well(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode in (0, 7), said
        assert len(said.splitlines()) == (process.returncode == 7), said


def assert_whole(library: Library, **shelfmarks: Path) -> None:
    for shelfmark, photographs in shelfmarks.items():
        library.run("add", photographs, "--shelfmark", shelfmark)
    status = library.json("status")
    assert (status["manuscripts"], status["pages"]) == (len(shelfmarks), 3 * len(shelfmarks))
    assert (status["published"]["open"], status["staged"], status["unfinished"]) == (len(shelfmarks), 0, 0)
    assert library.run("verify").returncode == 0


@pytest.mark.both_databases
def test_two_cards_are_added_at_once_while_readers_read(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    one, two = card(tmp_path / "one"), card(tmp_path / "two", seed=50)
    with served(library) as here:
        assert_each_ended_well(
            start(library, "add", one, "--shelfmark", "A"), start(library, "add", two, "--shelfmark", "B")
        )
        assert here.get("/en/m/a/1r")[0] == 200
        assert here.get("/en/m/b/1r")[0] == 200
    assert_whole(library, A=one, B=two)


@pytest.mark.both_databases(long=True)
def test_a_card_is_added_while_the_database_is_made_again(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    one, two = card(tmp_path / "one"), card(tmp_path / "two", seed=50)
    library.run("add", one, "--shelfmark", "A")
    library.lose_database()
    assert_each_ended_well(
        start(library, "rebuild"), start(library, "add", two, "--shelfmark", "B"), start(library, "rebuild")
    )
    assert_whole(library, A=one, B=two)


LATE = """
import subprocess, sys
from pathlib import Path
from khizana.cli.verb import open_library
opened = open_library(sys.argv[1])
from khizana.apps.publication import from_objects
from khizana.apps.publication.actions import index_manuscript as module
real, calls = from_objects.missing_copies, []
def meanwhile(*arguments, **named):
    calls.append(1)
    if len(calls) == 1:
        subprocess.run([sys.executable, "-m", "khizana.cli.main", "publish", "A", "--withdraw"], check=True)
    return real(*arguments, **named)
from_objects.missing_copies = meanwhile
module.index_manuscript(manuscript="a", folder=opened.folder, library=opened.configuration.name)
print(len(calls))
"""


@pytest.mark.both_databases(long=True)
def test_what_is_withdrawn_while_its_rows_are_made_again_stays_withdrawn(
    database: Callable[[], str], tmp_path: Path
) -> None:
    library = new_library(tmp_path / "library", database=database())
    library.run("add", card(tmp_path / "one"), "--shelfmark", "A")
    done = subprocess.run(
        [sys.executable, "-c", LATE, str(library.root)],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == "2"  # read anew once, as it had changed
    assert library.json("status")["published"]["open"] == 0
