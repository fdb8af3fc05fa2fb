"""Writes the reference pages that are made from the code, so that they say what the commands do.

python tools/reference.py            writes docs/reference/{commands,exit-statuses,settings}.md
python tools/reference.py --check    exit status 1, and their names, where one is not up to date
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

os.environ["KHIZANA_LANGUAGE"] = "en"  # read when the verbs are made, by the imports below

import click

from khizana.cli.ending import STATUSES
from khizana.cli.main import OWN_FAULT_STATUS
from khizana.cli.verb import Verb
from khizana.cli.verbs import VERBS
from khizana.core import errors
from khizana.core.configuration import Configuration
from khizana.core.findings import sentence

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
MADE = "<!-- Made by tools/reference.py from the code: change the code or the messages, then run it again. -->"


def main() -> None:
    """Write the pages, or say which are not up to date."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, and say which are not up to date")
    given = arguments.parse_args()
    pages = {"commands.md": commands(), "exit-statuses.md": exit_statuses(), "settings.md": settings()}
    if given.check:
        old = [name for name, text in pages.items() if _read(REFERENCE / name) != text]
        if old:
            sys.exit(f"Not up to date: {', '.join(old)}. Run: python tools/reference.py")
        return
    for name, text in pages.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def commands() -> str:
    """Return the page of all commands."""
    head = (
        "# Commands\n\n" + MADE + "\n\n"
        "Every command says the same with `--help`, in Arabic, French or English: the language of the system, or "
        "`KHIZANA_LANGUAGE=ar|fr|en`.\n"
        "Words in capitals stand for what you give. `--json` answers for a program to read.\n\n"
    )
    listed = "".join(
        f"- [`khizana {verb.name}`](#khizana-{(verb.name or '').replace(' ', '-')}): {verb.short_help}\n"
        for verb in VERBS
    )
    return head + listed + "".join(_command(verb) for verb in VERBS)


def _command(verb: Verb) -> str:
    arguments = [each for each in verb.params if isinstance(each, click.Argument)]
    options = [each for each in verb.params if isinstance(each, click.Option)]
    usage = " ".join(
        ["khizana", verb.name or ""]
        + [each.make_metavar(click.Context(verb)) for each in arguments]
        + ["[options]"] * bool(options)
    )
    lines = [f"\n## khizana {verb.name}\n", f"{verb.help}\n", f"    {usage}\n"]
    lines += ["| option | |", "|---|---|", *map(_option, options), ""]
    lines += ["Example:\n", *(f"    {line}" for line in verb.example.splitlines()), ""]
    statuses = ", ".join(str(status) for status in verb.statuses)
    lines.append(f"[Exit statuses](exit-statuses.md): {statuses}")
    return "\n".join(lines) + "\n"


def _option(option: click.Option) -> str:
    value = "" if option.is_flag else f" {_value(option)}"
    said = option.help or ""
    if option.required:
        said += " Required."
    elif option.show_default:
        said += f" Default: {option.default}."
    return f"| `{', '.join(option.opts)}{value}` | {said} |"


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " or ".join(option.type.choices)
    return option.metavar or option.type.name.upper().replace("INTEGER RANGE", "NUMBER").replace("TEXT", "ADDRESS")


def exit_statuses() -> str:
    """Return the page of exit statuses."""
    rows = "".join(f"| {status} | {kind} | {words} |\n" for status, kind, words in _statuses())
    return (
        "# Exit statuses\n\n" + MADE + "\n\n"
        "A command ends with one of these. The sentence it prints says what, where and what to do next.\n\n"
        "| status | error | meaning |\n|---|---|---|\n" + rows
    )


def _statuses() -> Iterator[tuple[int, str, str]]:
    kinds = {kind.exit_status: kind.__name__ for kind in vars(errors).values() if _is_error(kind)}
    for status in sorted({0, *kinds}):
        yield status, kinds.get(status, ""), sentence(f"STATUS_{status}", {}, "en")
    yield OWN_FAULT_STATUS, "", "a fault of Khizana's own; the message names a file with the details"
    for status in STATUSES:
        yield status, "", sentence(f"STATUS_{status}", {}, "en")


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.KhizanaError)


def settings() -> str:
    """Return the page of settings."""
    rows = "".join(
        f"| `{each.name}` | {'required' if each.default is MISSING else f'`{each.default}`' if each.default else ''} "
        f"| {each.metadata['help']} |\n"
        for each in fields(Configuration)
    )
    return (
        "# Settings of a library\n\n" + MADE + "\n\n"
        "`khizana.toml`, in the library's folder, is TOML; every setting is a text. "
        "`khizana init` writes all of them, each under its explanation. A change is in force when `khizana serve` is "
        "started again.\n\n"
        "| setting | default | |\n|---|---|---|\n" + rows
    )


if __name__ == "__main__":
    main()
