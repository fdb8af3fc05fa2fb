"""What came of a task, or would come of it: counted, with its findings and its first changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from khizana.core.findings import Finding, sentence


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, kept so that it can be said in any language."""

    code: str
    severity: str
    facts: Mapping[str, str | int]
    place: str = ""
    """File and line, where the sentence may not name them."""

    @classmethod
    def of(cls, finding: Finding, *, file: str = "", line: int = 0) -> Told:
        """Return *finding* as it is kept."""
        facts = {"subject": finding.subject, **finding.facts}
        return cls(finding.code, finding.severity.value, facts, f"{file}, {line}" if file else "")

    def said(self, language: str) -> str:
        """Return its sentence in *language*, with its place where it does not name that by itself."""
        words = sentence(self.code, self.facts, language)
        file = self.place.rpartition(", ")[0]
        return words if not file or file in words else f"{self.place}: {words}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One column that differs."""

    column: str
    """Name of the column; where no column shows it, of the field of the entry."""
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """One description that changes."""

    manuscript: str
    fate: str
    differences: tuple[Difference, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    """Ours before, theirs after."""


@dataclass(frozen=True, slots=True)
class Account:
    """What came of a task."""

    counts: Mapping[str, int]
    findings: tuple[Told, ...] = ()
    """The first ones; the report has all."""
    more: int = 0
    """Findings beyond those."""
    changes: tuple[Changed, ...] = ()
    batch: str = ""
    """By which it can be taken back; nothing where nothing was done."""
    facts: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()


def read_account(content: bytes) -> Account:
    """Return what ``Account.written`` wrote."""
    value = json.loads(content)
    return Account(
        counts=value["counts"],
        findings=tuple(Told(**each) for each in value["findings"]),
        more=value["more"],
        changes=tuple(
            Changed(
                each["manuscript"], each["fate"], _differences(each["differences"]), _differences(each["conflicts"])
            )
            for each in value["changes"]
        ),
        batch=value["batch"],
        facts=value["facts"],
    )


def _differences(values: list[dict[str, Any]]) -> tuple[Difference, ...]:
    return tuple(Difference(each["column"], tuple(each["before"]), tuple(each["after"])) for each in values)
