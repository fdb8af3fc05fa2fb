"""An export asked for at the desk: written by the worker, then fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator

from khizana.apps.publication.actions.export_descriptions import described, write_descriptions
from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.tasks.edits import FINDINGS, wanted
from khizana.core.findings import Finding
from khizana.core.identifiers import ManuscriptId
from khizana.core.preservation.durable import PART
from khizana.core.tasks.account import Account, Told
from khizana.core.tasks.asked import Asked, Export
from khizana.core.tasks.folder import Progress, TaskFolder


def run_export(task: TaskFolder, asked: Asked, work: Export, keeper: Keeper) -> Account:
    """Write the file of an export into the folder of *task*.

    One that cannot be read is told, and the others are written. Raises ``NotFound`` for a shelfmark that is not there,
    ``OSError``.
    """
    progress = Progress(task)
    findings: list[Finding] = []
    given = described(_named(work), keeper=keeper, tell_of=findings.append, on_each=progress.add)
    part = task.exported().with_name(task.exported().name + PART)
    with part.open("wb") as stream:
        count = write_descriptions(given, stream, work.form, language=asked.language)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(task.exported())
    return Account(
        counts={"exported": count, "stays": len(findings)},
        findings=tuple(Told.of(each) for each in findings[:FINDINGS]),
        more=max(0, len(findings) - FINDINGS),
    )


def _named(work: Export) -> Iterator[ManuscriptId]:
    return wanted(work.which, work.shelfmarks)
