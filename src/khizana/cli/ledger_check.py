"""``khizana ledger check``: whether the ledger is as it was signed, and what it knows of is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from khizana.cli.verb import language, tell, tell_findings
from khizana.core.errors import Damaged, KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.keys import public_key
from khizana.core.preservation.ledger.versions import Known, KnownVersions, compared, differing
from khizana.core.preservation.ocfl.adopt import vouched_by
from khizana.core.preservation.ocfl.read import iterate_objects, older_inventories


def run(*, target: Path | None, heads: tuple[Path, ...], key: str | None, library: str | None, as_json: bool) -> int:
    """Check the ledger in the folder *target*, or the library's and its storage root; return 8 where it is at fault."""
    storage = None
    if target is None:
        folder = LibraryFolder.opened(library_root(library))
        target, storage = folder.ledger, folder.storage
    versions = KnownVersions()
    check = LedgerCheck(
        target, known=heads, key=public_key(key) if key else "", now=datetime.now(UTC), on_entry=versions.take
    )
    findings = list(check.findings())
    if storage is not None and check.size:
        stored = _Stored(storage, check.library, versions.known)
        findings += [*compared(versions.known, stored.heads()), *stored.findings]
    wrong = sum(each.severity is Severity.ERROR for each in findings)
    if as_json:
        value = {
            "library": check.library,
            "entries": check.size,
            "signed": check.signed,
            "root": check.root,
            "findings": [
                {"code": each.code, "severity": each.severity, "subject": each.subject, **each.facts}
                | {"sentence": each.sentence(language())}
                for each in findings
            ],
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell_findings(findings)
        code = "LEDGER_CHECKED_WRONG" if wrong else "LEDGER_CHECKED_FINE"
        tell(code, path=str(target), entries=check.size, signed=check.signed, wrong=wrong, root=check.root)
    return Damaged.exit_status if wrong else 0


class _Stored:
    """The objects of a storage root; one that cannot be read is a finding, and so is not taken for one that is gone."""

    def __init__(self, storage: Path, library: str, known: Known) -> None:
        self._storage = storage
        self._library = library
        self._known = known
        self.findings: list[Finding] = []

    def heads(self) -> Iterator[tuple[ObjectId, int, Digest]]:
        """Yield each object's identifier, newest version, and the digest that vouches for it."""
        try:
            for path in iterate_objects(self._storage):
                try:
                    stored = vouched_by(path, library=self._library)
                except KhizanaError as error:
                    self.findings.append(Finding(error.code, Severity.ERROR, path.name, error.facts))
                else:
                    self.findings += differing(self._known, stored[0], older_inventories(path, stored[1]))
                    yield stored
        except KhizanaError as error:
            self.findings.append(Finding(error.code, Severity.ERROR, str(self._storage), error.facts))
