"""Adopt another institution's OCFL storage root: each valid object as it is, the others refused one by one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from khizana.apps.preservation.actions.index_adopted import index_adopted
from khizana.core.errors import BadInput, KhizanaError, NoSpace
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ObjectId
from khizana.core.preservation import premis
from khizana.core.preservation.ledger.deletions import Deletions
from khizana.core.preservation.ocfl.adopt import Adoption, Validator
from khizana.core.preservation.ocfl.summary import Summary
from khizana.core.preservation.ocfl.validate_report import Subject, Verdict
from khizana.core.preservation.ocfl.write import StorageRoot
from khizana.core.preservation.removal import named_at

LONGEST_IDENTIFIER = 700  # characters: of a row, and little enough for an entry of the ledger


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of it."""

    new: int
    there: int
    """Objects that had been adopted before."""
    refused: int
    findings: tuple[Finding, ...]


def adopt(
    *,
    source: Path,
    verdicts: Callable[[Path], Iterable[Verdict]],
    storage: StorageRoot,
    validator: Validator,
    library: str,
    agent: premis.Agent,
    now: Callable[[], datetime],
    enter: Callable[[Path], None],
    deletions: Deletions,
    on_bytes: Callable[[int], None] = lambda _: None,
) -> Adopted:
    """Take every valid object of the storage root *source* into *storage*, index it, and *enter* it into the ledger.

    *verdicts* validates a storage root, object by object. Identifiers are kept; one of this library's own is refused,
    as is one that another object has, and an object that was deleted here (*deletions*), whichever its versions. Raises
    ``BadInput`` when *source* is no storage root, ``Busy``, and ``NoSpace``.
    """
    if not any(source.glob("0=ocfl_1.*")):
        raise BadInput("ADOPT_NO_ROOT", path=str(source))
    new = there = refused = 0
    findings: list[Finding] = []
    adoption = Adoption(storage, validator)

    def record(summary: Summary) -> bytes:
        event = premis.Event(
            identifier=f"urn:uuid:{uuid.uuid4()}",
            type="ingestion",
            when=now().isoformat(timespec="seconds"),
            detail=f"adopted as it was at version {summary.head}, inventory sha512 {summary.inventory_digest}",
            agents=(agent,),
        )
        return premis.write_events([event], object_id=summary.id)

    with adoption.held():
        for verdict in verdicts(source):
            findings += verdict.findings
            if verdict.subject is not Subject.OBJECT:
                continue
            try:
                identifier = _checked(verdict, library)
                if gone := deletions.deleted(named_at(source / verdict.path)):
                    raise BadInput("ADOPT_DELETED", object_id=identifier, request=gone.id)
                place = adoption.take(source / verdict.path, record, on_bytes)
                index_adopted(storage.object_directory(identifier), storage=storage.path)
                enter(storage.object_directory(identifier))
            except NoSpace:
                raise
            except KhizanaError as error:
                refused += 1
                findings.append(Finding(error.code, Severity.ERROR, verdict.path, error.facts))
                continue
            new += place is not None
            there += place is None
    return Adopted(new, there, refused, tuple(findings))


def _checked(verdict: Verdict, library: str) -> ObjectId:
    if not verdict.is_valid or verdict.identifier is None:
        raise BadInput("ADOPT_INVALID", path=verdict.path)
    if verdict.identifier.startswith(f"urn:khizana:{library}:"):
        raise BadInput("ADOPT_OWN", object_id=verdict.identifier)
    if len(verdict.identifier) > LONGEST_IDENTIFIER:
        raise BadInput("OBJECT_ID_UNUSABLE", object_id=f"{verdict.identifier[:LONGEST_IDENTIFIER]}…")
    return ObjectId(verdict.identifier)
