"""What happened to what other libraries may know of a manuscript: kinds of changes, their times, and their history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import ANYONE, Action, Agreement, Refuse, decide


class ChangeKind(StrEnum):
    """As the IIIF Change Discovery API 1.0 (2.1) has them."""

    CREATE = "create"
    """It was opened, or opened again."""
    UPDATE = "update"
    """Something that a reader can see of it changed."""
    DELETE = "delete"
    """It was withdrawn, narrowed to staff, or deleted."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change."""

    manuscript: ManuscriptId
    kind: ChangeKind
    when: str
    """RFC 3339, UTC, to the second."""


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """One object version of a manuscript: when it came to be known here, and the agreement where it states one."""

    when: str
    agreement: Agreement | None = None


def is_offered(agreement: Agreement) -> bool:
    """Return whether other libraries may know of a manuscript under *agreement*."""
    return not isinstance(decide(agreement, Action.HARVEST, ANYONE), Refuse)


def change_of(*, was_open: bool, is_open: bool, is_other: bool) -> ChangeKind | None:
    """Return what happened, or None; *is_other*: a reader may see something that has changed."""
    if is_open and not was_open:
        return ChangeKind.CREATE
    if was_open and not is_open:
        return ChangeKind.DELETE
    return ChangeKind.UPDATE if is_open and is_other else None


def history_of(manuscript: ManuscriptId, versions: Iterable[VersionSeen]) -> Iterator[Change]:
    """Yield the changes that *versions* of the objects of *manuscript* made, in the order of their times.

    Versions of one time, as a command writes them together, count once: by the last agreement among them.
    """
    is_open, agreement = False, Agreement()
    in_time = sorted(versions, key=lambda version: version.when)
    for number, version in enumerate(in_time):
        agreement = version.agreement or agreement
        if number + 1 < len(in_time) and in_time[number + 1].when == version.when:
            continue
        kind = change_of(was_open=is_open, is_open=is_offered(agreement), is_other=True)
        is_open = is_offered(agreement)
        if kind is not None:
            yield Change(manuscript, kind, version.when)


def to_the_second(when: datetime | str) -> str:
    """Return *when* (RFC 3339 where it is text) in UTC, to the second that it lies in."""
    moment = (datetime.fromisoformat(when) if isinstance(when, str) else when).astimezone(UTC)
    return moment.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")
