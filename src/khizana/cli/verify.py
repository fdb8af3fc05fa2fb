"""``khizana verify [PATH]``: validation of OCFL and of bags, with no database."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from khizana.cli.verb import Progress, language, open_library, tell, tell_findings
from khizana.cli.verify_bag import verify_bag
from khizana.core.errors import BadInput, Damaged
from khizana.core.imaging.lanes import processors
from khizana.core.library import LibraryFolder
from khizana.core.preservation.bagit.validate import is_bag
from khizana.core.preservation.ocfl.validate import validate
from khizana.core.preservation.ocfl.validate_report import Subject


def run(
    *, target: Path | None, library: str | None, site: str | None, duration: str | None, key: Path | None, as_json: bool
) -> int:
    """Validate the path, or the library's storage root, or check sites; return 8 where something is not right."""
    if site is not None or duration is not None or key is not None:
        if target is not None:
            raise BadInput("PATH_OR_SITE")
        opened = open_library(library)
        # Not before: what looks at sites has tables, and this verb works where there are none.
        return import_module("khizana.cli.verify_sites").verify_sites(  # type: ignore[no-any-return]  # its own type
            opened=opened, site=site or "all", duration=duration, key=key, as_json=as_json
        )
    if target is None:
        if not library:
            raise BadInput("WHICH_LIBRARY")
        target = LibraryFolder.opened(Path(library)).storage
    elif is_bag(target):
        return verify_bag(target, as_json=as_json)
    objects = invalid = size = 0
    with Progress(0, unit="B", scaled=True) as progress:
        for verdict in validate(target, workers=processors()):
            progress.add(verdict.bytes)
            size += verdict.bytes
            objects += verdict.subject is Subject.OBJECT
            invalid += not verdict.is_valid
            if as_json:
                click.echo(
                    json.dumps(
                        {
                            "path": verdict.path,
                            "id": verdict.identifier,
                            "valid": verdict.is_valid,
                            "findings": [
                                {
                                    "code": each.code,
                                    "severity": each.severity,
                                    "sentence": each.sentence(language()),
                                    **each.facts,
                                }
                                for each in verdict.findings
                            ],
                        },
                        ensure_ascii=False,
                    )
                )
            else:
                tell_findings(verdict.findings)
    if not as_json:
        code = "VERIFIED_INVALID" if invalid else "VERIFIED_VALID"
        tell(code, path=str(target), objects=objects, bytes=size, invalid=invalid)
    return Damaged.exit_status if invalid else 0
