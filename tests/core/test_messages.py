"""The three catalogues say the same of the same facts, and every code that is used has its sentence."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from khizana.cli.verb import Verb
from khizana.cli.verbs import VERBS
from khizana.core.errors import BadInput
from khizana.core.findings import LANGUAGES, Finding, Severity, catalogue, sentence

SOURCE = Path(__file__).parents[2] / "src" / "khizana"
MESSAGES = SOURCE / "core" / "findings" / "messages"
DOMAINS = sorted(path.stem for path in (MESSAGES / "en").glob("*.toml"))
SPEAKERS = re.compile(
    r"KhizanaError|BadInput|NotFound|AlreadyThere|Unreadable|Away|NoSpace|Busy|Damaged|Finding|Refuse|sentence|tell|words"
)
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
OCFL_CODE = re.compile(r"[EW][0-9]{3}[a-z]?|EXTENSION_[A-Z_]+|LAYOUT_[A-Z_]+")


@cache
def _trees() -> dict[Path, ast.Module]:
    return {
        path.relative_to(SOURCE): ast.parse(path.read_text(encoding="utf-8"))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
    }


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield every text that *node* may be: a constant, or either side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Yield every call by which an error, a finding or a command says something, and what is called."""
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if SPEAKERS.fullmatch(name):
                    yield path, node, name


def _codes(call: ast.Call) -> list[str]:
    return [text for text in _texts(call.args[0]) if re.fullmatch(r"[A-Z][A-Z0-9_]+", text)]


def _facts(call: ast.Call, name: str) -> set[str] | None:
    """Return the names of the facts that a call gives, or None where reading the code does not tell."""
    if name in ("Finding", "sentence"):
        given = call.args[3:4] if name == "Finding" else call.args[1:2]
        own = {"subject"} if name == "Finding" else set()
        if not given:
            return own
        if not isinstance(given[0], ast.Dict):
            return None
        return own | {
            key.value for key in given[0].keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    if name == "Refuse" or any(keyword.arg is None for keyword in call.keywords):
        return None
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def _spoken() -> dict[str, Path]:
    """Return every code that an error, a finding or a command says, and where."""
    return {code: path for path, call, _ in _calls() for code in _codes(call)}


def _written() -> set[str]:
    """Return every text in the code that could be a code: codes also stand in tables and conditions."""
    return {
        node.value
        for tree in _trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _spelled(name: str | None) -> str:
    return (name or "").upper().replace("-", "_").replace(" ", "_")


def _asked_of_click() -> set[str]:
    """Return the codes that the faces of the verbs make from names."""
    codes = set()
    for verb in VERBS:
        spelled = _spelled(verb)
        codes |= {f"HELP_{spelled}", f"HELP_{spelled.partition('_')[0]}"}
        for parameter in verb.params:
            own = "" if parameter.name in ("library", "as_json") and verb.name not in ("verify", "doctor") else spelled
            codes.add("_".join(filter(None, ("HELP", own, (parameter.name or "").upper()))))
    return codes


def _spelled(verb: Verb) -> str:
    return (verb.name or "").upper().replace("-", "_").replace(" ", "_")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _domain(language: str, domain: str) -> dict[str, str]:
    return tomllib.loads((MESSAGES / language / f"{domain}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_domain_and_no_other(language: str) -> None:
    assert sorted(path.stem for path in (MESSAGES / language).iterdir()) == DOMAINS


@pytest.mark.parametrize("language", ["ar", "fr"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_says_the_same_of_the_same_facts_in_every_language(domain: str, language: str) -> None:
    english, other = _domain("en", domain), _domain(language, domain)
    assert list(other) == list(english)
    assert {code: _placeholders(text) for code, text in other.items()} == {
        code: _placeholders(text) for code, text in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_formats_shows_its_facts_and_is_one_line(language: str) -> None:
    for code, text in catalogue(language).items():
        facts = {name: f"<{name}>" for name in _placeholders(text)}
        assert all(name.isidentifier() for name in facts), code
        told = sentence(code, facts, language)
        assert all(fact in told for fact in facts.values()), code
        assert told == told.strip(), code
        assert told, code
        assert "\n" not in told, code


def test_arabic_is_written_in_arabic_letters_and_french_is_not_english() -> None:
    english = catalogue("en")
    for code, text in catalogue("ar").items():
        if code != "STATUS_LIBRARY":  # two facts and a comma
            assert re.search("[\u0621-\u064a]", text), code
    same = {code for code, text in catalogue("fr").items() if text == english[code]}
    assert same <= {"STATUS_LIBRARY", "DOCTOR_VERSION", "HELP_OPTIONS"}  # names and numbers; a word of both


def test_arabic_speaks_to_its_reader_in_the_polite_plural() -> None:
    # Singular imperatives of the commonest verbs, each as a whole word.
    verbs = "أعد|شغّل|نفّذ|افحص|اكتب|صحّح|أصلح|أضف|اطلب|اختر|ابحث|انسخه|احفظ|احذفه|اجعل|عيّن|جرّب"
    letter = "[\u0621-\u0652]"
    singular = re.compile(rf"(?<!{letter})(?:{verbs}|تحقق من)(?!{letter})")
    for code, text in catalogue("ar").items():
        assert not singular.search(text), code


def test_every_code_that_is_said_has_its_sentence() -> None:
    known = catalogue("en")
    assert {code: str(path) for code, path in _spoken().items() if code not in known} == {}
    assert len(_spoken()) > 60  # the reading of the code found what it looks for


def test_every_call_gives_the_facts_that_its_sentence_shows() -> None:
    known, looked_at = catalogue("en"), 0
    for path, call, name in _calls():
        facts = _facts(call, name)
        for code in _codes(call) if facts is not None else ():
            missing = _placeholders(known[code]) - (facts or set())
            assert not missing, f"{path}:{call.lineno} {code} lacks {missing}"
            looked_at += 1
    assert looked_at > 60


def test_every_help_text_that_a_verb_asks_for_is_there() -> None:
    options = {code for code in _asked_of_click() if code in catalogue("en")}
    assert {f"HELP_{_spelled(verb)}" for verb in VERBS} <= options
    for verb in VERBS:
        for parameter in verb.params:
            assert parameter.param_type_name == "argument" or parameter.help, (verb.name, parameter.name)


def test_every_exit_status_that_a_verb_lists_has_its_words() -> None:
    for verb in VERBS:
        for status in verb.statuses:
            assert f"STATUS_{status}" in catalogue("en")


def test_no_sentence_is_kept_that_nothing_says() -> None:
    """Codes of the OCFL specification are said by number, help and status texts by the verbs' names."""
    used = _written() | _asked_of_click()
    unused = {
        code
        for code in catalogue("en")
        if code not in used and not OCFL_CODE.fullmatch(code) and not re.fullmatch(r"STATUS_[0-9]+", code)
    }
    assert unused == set()


def test_a_file_name_with_line_ends_is_told_on_one_line() -> None:
    error = BadInput("NOT_A_FOLDER", path="a\nb\x1b\udcff")
    assert str(error) == "a\\u000ab\\u001b\\udcff is not a folder: give the path of a new or empty folder."


def test_a_finding_names_its_subject_and_an_unknown_language_is_answered_in_english() -> None:
    finding = Finding("SAME_BYTES", Severity.WARNING, "b.tif", {"same": "a.tif"})
    assert finding.sentence("de") == finding.sentence("en")
    for language in LANGUAGES:
        assert "a.tif" in finding.sentence(language)
        assert "b.tif" in finding.sentence(language)


def test_a_code_that_two_domains_claim_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.cache_clear()
    monkeypatch.setattr(tomllib, "loads", lambda _: {"TWICE": "said"})
    with pytest.raises(ValueError, match="TWICE"):
        catalogue("en")
    monkeypatch.undo()
    catalogue.cache_clear()
    assert len(CODE.findall(" ".join(catalogue("en")))) > 60
