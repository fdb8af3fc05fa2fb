"""A missing, misspelt or unusable option is told in one sentence, in the reader's language, and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.commands import khizana
from khizana.cli.main import run
from khizana.core.findings import LANGUAGES, catalogue

WRONG = {
    "add": ("GIVEN_TOO_LITTLE", "FOLDER"),
    "add card": ("GIVEN_TOO_LITTLE", "--shelfmark S"),
    "add card --shelfmark": ("GIVEN_WITHOUT_VALUE", "--shelfmark"),
    "add card --shelfmark --more": ("GIVEN_WITHOUT_VALUE", "--shelfmark"),
    "add card --shelfmark TB 42": ("GIVEN_TOO_MUCH", "42"),
    "add card --shelfmark A --more=yes": ("GIVEN_NEEDLESS_VALUE", "--more"),
    "add card --shelfmark A --level all": ("GIVEN_NOT_ONE_OF", "--level"),
    "add card --shelfmark A --direction up": ("GIVEN_NOT_ONE_OF", "rtl, ltr"),
    "add card --shelfmrk A": ("NO_SUCH_OPTION_NEAR", "--shelfmark"),
    "add card --shelfmark A --quite-another": ("NO_SUCH_OPTION", "--quite-another"),
    "add card -x": ("NO_SUCH_OPTION", "-x"),
    "add card \u2014shelfmark A": ("GIVEN_LONG_DASH", "--shelfmark"),
    "serve --port 99999999": ("GIVEN_NO_SUCH_NUMBER", "65535"),
    "serve --port \u0668\u0660\u0660\u0660x": ("GIVEN_NO_SUCH_NUMBER", "--port"),
    "serv": ("NO_SUCH_VERB_NEAR", "serve"),
    "quite-another": ("NO_SUCH_VERB", "quite-another"),
    "--quite-another": ("NO_SUCH_OPTION", "--quite-another"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_is_one_sentence_in_the_language_to_speak(
    line: str, language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KHIZANA_LANGUAGE", language)
    assert run(line.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (sentence,) = said.err.splitlines()
    code, fact = WRONG[line]
    pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(catalogue(language)[code]))
    assert re.fullmatch(f"✗ {pattern}", sentence)
    assert fact in sentence


def test_a_value_that_looks_like_an_option_is_taken_where_it_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KHIZANA_LANGUAGE", "en")
    # Read to the end: what is missing then is the library.
    assert run(["add", "--shelfmark=--more", "--library", str(tmp_path), "card"]) == 3
    assert run(["verify", "--", "--json"]) == 3
    assert "--json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"KHIZANA_LANGUAGE": "ar", "LANG": "fr_FR.UTF-8"}, "ar"),
        # Locales that are not installed on the machine: whoever set them still reads that language.
        ({"LANG": "fr_ML.UTF-8"}, "fr"),
        ({"LANG": "ar_MR"}, "ar"),
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "ar_MR"}, "fr"),
        ({"LC_MESSAGES": "fr_FR.UTF-8", "LANG": "en_GB.UTF-8"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_system_or_the_one_that_is_stated(
    environment: dict[str, str], language: str
) -> None:
    nothing = dict.fromkeys(("KHIZANA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"), "")
    done = khizana("add", **{**nothing, **environment})
    assert done.returncode == 2
    assert done.stderr.startswith(f"✗ {catalogue(language)['GIVEN_TOO_LITTLE'].partition('{')[0]}")
    shown = khizana("--help", **{**nothing, **environment})
    assert shown.returncode == 0
    for code in ("HELP_KHIZANA", "HELP_USAGE", "HELP_OPTIONS", "HELP_VERBS", "HELP_VERSION", "HELP_HELP"):
        assert catalogue(language)[code].split()[0] in shown.stdout


def test_no_words_of_the_library_beneath_are_left_in_any_help() -> None:
    foreign = re.compile(r"Usage|Options|Commands|default|required|Show|COMMAND|INTEGER|ARGS|Missing|Error")
    for verb in ("", "init", "add", "receive", "accession", "publish", "order", "serve", "rebuild", "account"):
        done = khizana(*filter(None, [verb]), "--help", KHIZANA_LANGUAGE="ar")
        assert not foreign.search(done.stdout), done.stdout


def test_nothing_but_two_hyphens_or_nothing_at_all_shows_the_help() -> None:
    for given in ([], ["--"]):
        done = khizana(*given)
        assert done.returncode == 2
        assert "Commands:" in done.stderr


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"khizana \d+\.\d+\.\d+\n", khizana("--version").stdout)
