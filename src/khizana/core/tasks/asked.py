"""What a member of the staff asked for, as it is kept until it is done."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

ALL = "all"
PUBLISHED = "published"
WHERE = "where"
SHELFMARKS = "shelfmarks"


@dataclass(frozen=True, slots=True)
class Import:
    """Descriptions from files."""

    files: tuple[str, ...]
    """Their names as the browser gave them: shown, and never used as paths."""
    named_by: str = "shelfmark"
    publish: bool = False
    take_theirs: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one column of many descriptions."""

    which: str
    """``all``, ``where`` or ``shelfmarks``."""
    column: str
    how: str
    values: tuple[str, ...]
    where_column: str = ""
    where_value: str = ""
    shelfmarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undo:
    """What was done to many, taken back."""

    batch: str
    what: str


@dataclass(frozen=True, slots=True)
class Export:
    """Descriptions as one file."""

    form: str
    which: str
    """``all``, ``published`` or ``shelfmarks``."""
    shelfmarks: tuple[str, ...] = ()


Work = Import | Change | Undo | Export
_KINDS: dict[str, type[Work]] = {"import": Import, "change": Change, "undo": Undo, "export": Export}


@dataclass(frozen=True, slots=True)
class Asked:
    """One task as it was asked for."""

    work: Work
    by: str
    """Name of the account."""
    at: str
    """ISO 8601, UTC."""
    language: str
    """Of the one who asked: that of the report."""

    def written(self) -> bytes:
        """Return it as JSON."""
        kind = next(name for name, each in _KINDS.items() if isinstance(self.work, each))
        value = {"kind": kind, "work": asdict(self.work), "by": self.by, "at": self.at, "language": self.language}
        return json.dumps(value, ensure_ascii=False, indent=1).encode()


def read_asked(content: bytes) -> Asked:
    """Return what ``Asked.written`` wrote. Raises ``ValueError`` or ``KeyError`` where it is nothing of the kind."""
    value = json.loads(content)
    kind = _KINDS[value["kind"]]
    given = {each.name: _frozen(value["work"][each.name]) for each in fields(kind)}
    return Asked(kind(**given), value["by"], value["at"], value["language"])


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
