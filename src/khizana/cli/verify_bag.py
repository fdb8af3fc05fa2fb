"""``khizana verify BAG``: a bag in a folder, a zip or a tar, with no library and no database."""

from __future__ import annotations

import json
from pathlib import Path

import click

from khizana.cli.verb import language, tell, tell_findings
from khizana.core.errors import Damaged
from khizana.core.imaging.lanes import processors
from khizana.core.preservation.bagit.validate import validate_bag


def verify_bag(target: Path, *, as_json: bool) -> int:
    """Validate the bag; return 8 where it is not valid."""
    verdict = validate_bag(target, workers=processors())
    if as_json:
        findings = [
            {"code": each.code, "severity": each.severity, "sentence": each.sentence(language()), **each.facts}
            for each in verdict.findings
        ]
        value = {
            "path": str(target),
            "id": verdict.value("External-Identifier") or None,
            "bagit": verdict.version,
            "valid": verdict.is_valid,
            "findings": findings,
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell_findings(verdict.findings)
        code = "VERIFIED_BAG_VALID" if verdict.is_valid else "VERIFIED_BAG_INVALID"
        tell(code, path=str(target), files=verdict.files, bytes=verdict.bytes)
    return 0 if verdict.is_valid else Damaged.exit_status
