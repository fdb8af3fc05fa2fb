"""An import asked for at the desk: planned, then done, each time with a table of every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from khizana.apps.publication import queries
from khizana.apps.publication.actions.import_descriptions import NamedBy, Planner
from khizana.apps.publication.actions.import_files import REPORTED, Importing, Row
from khizana.apps.publication.actions.import_files import Account as Imported
from khizana.apps.publication.actions.import_report import ENCODING, row_writer
from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.tasks.shown import SHOWN, imported
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.exchange.reading import read_source
from khizana.core.exchange.sources import Source, sources
from khizana.core.findings import Severity
from khizana.core.policy import Agreement, Level
from khizana.core.tasks.account import Account, Told
from khizana.core.tasks.asked import Asked, Import
from khizana.core.tasks.folder import DONE, PLANNED, Progress, TaskFolder


def run_import(task: TaskFolder, asked: Asked, work: Import, keeper: Keeper, *, dry_run: bool) -> Account:
    """Import what lies in the folder of *task*, or say what that would do. Raises as ``Importing.take`` does."""
    planner = Planner(keeper, queries.library_card(), NamedBy(work.named_by), prefer_theirs=work.take_theirs)
    account = Imported(task.batch, dry_run=dry_run)
    agreement = Agreement(Level.OPEN, published=work.publish)
    progress = Progress(task)
    with task.report(PLANNED if dry_run else DONE).open("w", encoding=ENCODING, newline="") as stream:
        write = row_writer(stream, asked.language)

        def on_row(row: Row) -> None:
            write(row)
            progress.add()

        Importing(planner, agreement, account, on_row).take(_given(task, work))
    # What a person has to decide stands first, wherever in the file it is.
    first = {each.manuscript: each for each in (*account.disputed, *account.changes)} if dry_run else {}
    shown = [imported(each, keeper) for each in list(first.values())[:SHOWN]]
    counts = {**account.counts, "left_out": account.left_out, "blank": account.fates[REPORTED] - account.left_out}
    findings = [Told.of(each.finding, file=each.file, line=each.line) for each in account.first if each.finding]
    if account.images["named"]:
        # Thousands of images are hours of work, which is no task of a page.
        facts = {each: account.images[each] for each in ("named", "manuscripts")}
        findings.append(Told("TASK_IMAGES_LEFT", Severity.INFO.value, facts))
    return Account(
        counts=counts,
        findings=tuple(findings),
        more=sum(account.codes.values()) - len(account.first),
        changes=tuple(shown),
        batch=task.batch if not dry_run and counts["added"] + counts["changed"] + counts["conflict"] else "",
    )


def _given(task: TaskFolder, work: Import) -> Iterator[Incoming | Reported]:
    for number, name in enumerate(work.files, 1):
        path = task.given(number, name)
        for source in sources((path,)):
            # The person knows the file by the name that it had on her machine, and not by where it lies here.
            shown = name + (source.name if isinstance(source, Source) else source.file).removeprefix(str(path))
            if isinstance(source, Reported):
                yield Reported(replace(source.finding, subject=shown), shown, source.line)
            else:
                yield from read_source(replace(source, name=shown), None)
