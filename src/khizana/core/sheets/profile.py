"""A profile: how the columns of one library's inventories become entries, in a small file that a person can read."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from khizana.core.catalogue.columns import COLUMNS
from khizana.core.dates import Calendar
from khizana.core.errors import BadInput
from khizana.core.sheets.names import SIZE

FIND: Final = "find"
NONE: Final = "none"
AS_EXTRA: Final = "extra-column"
"""The field of a column that is kept as it stands, under its own name."""
FIELDS: Final = frozenset({*(column.name for column in COLUMNS), SIZE, AS_EXTRA})
_SETTINGS = ("recognise", "guess", "arabic", "latin", "calendar", "shelfmark_prefix", "encoding", "constant_language")
_TAG = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
LARGEST: Final = 1 << 20
"""Bytes of a profile."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What becomes of one column."""

    at: str
    """Its letter ("B"), or the header as written."""
    field: str
    """A column of ``core.catalogue.columns``, ``size`` for height and width, ``extra-column`` to keep it as it is."""
    language: str = ""
    """Tag of the language of its words; nothing: told by the script of each cell."""
    split: str = ""
    """What stands between several values in one cell; nothing: the cell is one value."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How workbooks of one kind are read."""

    name: str = "inventory"
    sheets: tuple[str, ...] = ()
    """Names of the sheets that are read; none: all."""
    header: str = FIND
    """``find``, ``none``, or the number of the row that names the columns."""
    columns: tuple[ColumnRule, ...] = ()
    recognise: bool = True
    """Whether columns without a rule are known by their names."""
    guess: bool = True
    """Whether columns without a name, where no row names them, are known by what is in them."""
    arabic: str = "ar"
    """Language of what is in Arabic letters."""
    latin: str = ""
    """Language of what is in Latin letters; nothing where it is not known."""
    calendar: str = ""
    """Calendar of years that name none: ``hijri``, ``common``; nothing: by the script."""
    shelfmark_prefix: str = ""
    """Set before identifiers that are bare numbers; ``{file}`` and ``{sheet}`` stand for the names of both."""
    shelfmark_digits: int = 0
    """Bare numbers are filled up with zeros to so many digits."""
    encoding: str = ""
    """Of text files, where what is told by their letters would be wrong: ``windows-1256``."""
    rows: str = "manuscripts"
    """``manuscripts``: each row is one; ``texts``: rows that follow one another with one shelfmark are its texts."""
    constants: tuple[tuple[str, str], ...] = ()
    """Field and value of what is true of every row: ``custodian``, ``languages``."""
    constant_language: str = field(default="", repr=False)
    """Tag of the language of the constants; nothing: told by their script."""

    def __post_init__(self) -> None:
        """Check what a person may have written wrongly; raise ``ValueError`` with the name of the setting."""
        sound = {
            "header": self.header in (FIND, NONE) or (self.header.isdecimal() and self.header != "0"),
            "rows": self.rows in ("manuscripts", "texts"),
            "calendar": not self.calendar or self.calendar in set(Calendar),
            "encoding": not self.encoding or _is_encoding(self.encoding),
            "shelfmark_digits": 0 <= self.shelfmark_digits <= 20,
            "columns": all(rule.at and rule.field in FIELDS for rule in self.columns),
            "constants": all(name in FIELDS - {SIZE, AS_EXTRA} for name, _ in self.constants),
        }
        tags = {"arabic": self.arabic, "latin": self.latin, "constant_language": self.constant_language}
        sound |= {name: not tag or bool(_TAG.fullmatch(tag)) for name, tag in tags.items()}
        sound["columns"] &= all(not rule.language or bool(_TAG.fullmatch(rule.language)) for rule in self.columns)
        for name, good in sound.items():
            if not good:
                raise ValueError(name)


def _is_encoding(name: str) -> bool:
    try:
        "é".encode(name, "replace").decode(name, "replace")  # not what is no encoding of text: rot13, zip
    except (LookupError, ValueError):
        return False
    return True


def read_profile(path: Path) -> Profile:
    """Return the profile in the TOML file at *path*; raise ``BadInput`` where it is none."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput("SHEET_PROFILE_UNREADABLE", file=str(path)) from error
    return profile_from(raw, str(path))


def profile_from(raw: bytes, name: str) -> Profile:
    """Return the profile that *raw* (TOML in UTF-8) is; *name* is what an error calls it."""
    if len(raw) > LARGEST:
        raise BadInput("SHEET_PROFILE_WRONG", file=name, part="TOML")
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("SHEET_PROFILE_WRONG", file=name, part="TOML") from error
    try:
        return _profile(table)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput("SHEET_PROFILE_WRONG", file=name, part=str(error.args[0] if error.args else "")) from error


def _profile(table: dict[str, Any]) -> Profile:
    known = dict(table)
    columns = tuple(
        ColumnRule(**{name: _text(name, value) for name, value in rule.items()}) for rule in known.pop("column", [])
    )
    constants = tuple((name, _text(name, value)) for name, value in known.pop("constants", {}).items())
    sheets = tuple(_text("sheets", each) for each in known.pop("sheets", []))
    for name, value in known.items():
        wanted = {"recognise": bool, "guess": bool, "shelfmark_digits": int}.get(name, str)
        if name == "header" and isinstance(value, int):
            known[name] = str(value)
        elif type(value) is not wanted:
            raise ValueError(name)
    return Profile(**known, columns=columns, constants=constants, sheets=sheets)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(name)  # noqa: TRY004 what is wrong is told by name, like everything else in the file
    return value


def profile_toml(profile: Profile) -> str:
    """Return *profile* as TOML; what is as it is by default is left out, but for what a reader looks for first."""
    bare = Profile()
    lines = [f"name = {_quoted(profile.name)}"]
    if profile.sheets:
        lines.append(f"sheets = [{', '.join(map(_quoted, profile.sheets))}]")
    lines.append(f"header = {profile.header if profile.header.isdecimal() else _quoted(profile.header)}")
    other = [name for name in _SETTINGS if getattr(profile, name) != getattr(bare, name)]
    lines += [f"{name} = {str(getattr(profile, name)).lower()}" for name in other if name in ("recognise", "guess")]
    lines.append(f"rows = {_quoted(profile.rows)}")
    lines += [f"{name} = {_quoted(getattr(profile, name))}" for name in other if name not in ("recognise", "guess")]
    if profile.shelfmark_digits:
        lines.append(f"shelfmark_digits = {profile.shelfmark_digits}")
    if profile.constants:
        lines += ["", "[constants]", *(f"{name} = {_quoted(value)}" for name, value in profile.constants)]
    for rule in profile.columns:
        lines += ["", "[[column]]", f"at = {_quoted(rule.at)}", f"field = {_quoted(rule.field)}"]
        lines += [f"{name} = {_quoted(getattr(rule, name))}" for name in ("language", "split") if getattr(rule, name)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A JSON string is a basic string of TOML, but for DEL; surrogates are in no profile that can be written.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
