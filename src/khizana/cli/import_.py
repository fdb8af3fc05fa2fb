"""``khizana import FILE-OR-FOLDER...``: descriptions from elsewhere, into the catalogue."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import click

from khizana.apps.publication.actions.copy_images import Copier
from khizana.apps.publication.actions.import_descriptions import NamedBy, Planner
from khizana.apps.publication.actions.import_files import IMAGE_FATES, Account, Importing, Row
from khizana.apps.publication.actions.import_report import ENCODING, row_writer
from khizana.cli.verb import Opened, Progress, language, tell, warn, words
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.errors import AlreadyThere, NotFound, Unreadable
from khizana.core.exchange.reading import read_source
from khizana.core.exchange.sources import sources
from khizana.core.findings import Severity
from khizana.core.imaging.lanes import ImageLanes
from khizana.core.policy import Agreement, Level
from khizana.core.sheets.profile import Profile, read_profile
from khizana.project.settings import KHIZANA_SERVING_AT
from khizana.wiring.images import image_servers
from khizana.wiring.library import keeper, make_good
from khizana.wiring.worker import lanes


def run(
    *,
    opened: Opened,
    paths: tuple[Path, ...],
    dry_run: bool,
    take_theirs: bool,
    named_by: str,
    profile: Path | None,
    publish: bool,
    level: str,
    images: str,
    nearby: bool,
    incomplete: bool,
    report: Path | None,
    as_json: bool,
) -> int:
    """Import, or say what an import would do; return 1 where something was left out or is in conflict.

    Raises ``NotFound`` for a path where nothing is, ``NoSpace``, ``Busy``; what was imported by then stays.
    """
    for path in paths:
        if not path.exists():
            raise NotFound("NO_SUCH_FILE", path=str(path))
    known = read_profile(profile) if profile else None
    make_good(opened.folder, opened.configuration)
    planner = Planner(
        keeper(opened.folder, opened.configuration),
        opened.configuration.card(serving_at=KHIZANA_SERVING_AT),
        NamedBy(named_by),
        prefer_theirs=take_theirs,
        references=images == "reference",
        nearby=nearby,
    )
    account = Account(f"urn:uuid:{uuid.uuid4()}", dry_run=dry_run)
    copies = images == "copy"
    with _report(report) as on_row, Progress(0, unit="") as progress, _lanes(wanted=copies) as image_lanes:
        importing = Importing(planner, Agreement(Level(level), published=publish), account, on_row)
        if image_lanes:
            servers = image_servers(opened.configuration, nearby=nearby)
            importing.copier = Copier(
                planner.keeper, image_lanes, servers, incomplete=incomplete, on_image=lambda: progress.add(1)
            )
        importing.take(_read(paths, known, progress))
    if as_json:
        click.echo(json.dumps(_value(account), ensure_ascii=False))
    else:
        _tell(account, images)
    return int(not account.clean)


def _lanes(*, wanted: bool) -> AbstractContextManager[ImageLanes | None]:
    return lanes() if wanted else nullcontext()


def _read(paths: tuple[Path, ...], profile: Profile | None, progress: Progress) -> Iterator[Incoming | Reported]:
    for source in sources(paths):
        for each in (source,) if isinstance(source, Reported) else read_source(source, profile):
            yield each
            progress.add(1)


def _value(account: Account) -> dict[str, object]:
    return {
        "dry_run": account.dry_run,
        "batch": "" if account.dry_run else account.batch,
        **account.counts,
        "images": {each: account.images[each] for each in IMAGE_FATES},
        "findings": dict(sorted(account.codes.items())),
        "first_findings": [
            {"code": each.finding.code, "severity": each.finding.severity, "sentence": each.said(language())}
            for each in account.first
            if each.finding
        ],
        "first_changes": [
            {
                "manuscript": each.manuscript,
                "fate": each.fate.value,
                "fields": list(each.fields),
                "conflicts": [conflict.field for conflict in each.conflicts],
            }
            for each in account.changes
        ],
    }


def _tell(account: Account, choice: str) -> None:
    for each in account.first:
        error = each.finding is not None and each.finding.severity is Severity.ERROR
        warn(f"{'✗' if error else '!'} {each.said(language())}")
    if (more := sum(account.codes.values()) - len(account.first)) > 0:
        warn(f"! {words('IMPORT_MORE_FINDINGS', count=more)}")
    counts = account.counts
    tell("IMPORT_WOULD" if account.dry_run else "IMPORT_DONE", **counts)
    images = {each: account.images[each] for each in IMAGE_FATES}
    if images["named"]:
        match choice:
            case "copy":
                tell("IMPORT_IMAGES_WOULD" if account.dry_run else "IMPORT_IMAGES_COPIED", **images)
            case "reference":
                tell("IMPORT_IMAGES_SHOWN", **images)
            case _:
                tell("IMPORT_IMAGES_LEFT", **images)
    if not account.dry_run and counts["added"] + counts["changed"] + counts["conflict"]:
        tell("IMPORT_BATCH", batch=account.batch)


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[Row], None]]:
    """Yield what writes rows of the account into the new file *path*, or nothing where none is wanted.

    Raises ``AlreadyThere`` where something is there, ``Unreadable``.
    """
    if path is None:
        yield lambda _: None
        return
    try:
        stream = path.open("x", encoding=ENCODING, newline="")
    except FileExistsError as error:
        raise AlreadyThere("FILE_EXISTS", path=str(path)) from error
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error
    with stream:
        yield row_writer(stream, language())
