"""``khizana publish offline DIR``: a selection as a folder that opens by a double click, or a check of one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from khizana.apps.publication import queries
from khizana.cli.verb import Opened, Progress, tell, warn, words
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import ManuscriptId, manuscript_id
from khizana.core.offline.folder import Checked, check_edition
from khizana.web.offline.edition import Published, publish_offline
from khizana.wiring import search
from khizana.wiring.library import make_good

MEGABYTE = 1_000_000
_NAMED = 20  # of a kind that are told one by one; --json tells all


def run(
    *,
    opened: Opened,
    directory: Path,
    shelfmarks: tuple[str, ...],
    everything: bool,
    full: bool,
    pack: int | None,
    check: bool,
    as_json: bool,
) -> int:
    """Write the edition, or check it; return 1 where a check found damage, or pages could not be read.

    Raises ``BadInput`` where no manuscript is named, and ``NotFound`` for one that there is not.
    """
    if check:
        return _check(directory, as_json=as_json)
    if bool(shelfmarks) is everything:
        raise BadInput("OFFLINE_WHICH")
    make_good(opened.folder, opened.configuration)
    with Progress(0, unit="") as progress:
        published = publish_offline(
            manuscripts=_wanted(shelfmarks),
            into=directory,
            day=datetime.now(UTC).date().isoformat(),
            library=opened.folder,
            card=queries.library_card(),
            document_of=partial(search.document, folder=opened.folder, configuration=opened.configuration),
            with_full=full,
            pack_bytes=pack,
            on_total=progress.total,
            on_manuscript=partial(progress.add, 1),
        )
    _tell(published, directory, as_json=as_json)
    return 1 if published.unreadable else 0


def _wanted(shelfmarks: tuple[str, ...]) -> Iterable[ManuscriptId]:
    if not shelfmarks:
        return queries.manuscript_ids(published_only=True)
    found = {shelfmark: manuscript_id(shelfmark) for shelfmark in shelfmarks}
    for shelfmark, manuscript in found.items():
        if queries.agreement_and_revision(manuscript) is None:
            raise NotFound("NO_MANUSCRIPT", manuscript=shelfmark)
    return found.values()


def _tell(published: Published, directory: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"path": str(directory), **asdict(published)}, ensure_ascii=False))
        return
    tell(
        "OFFLINE_PUBLISHED",
        manuscripts=published.manuscripts,
        pages=published.pages,
        megabytes=f"{published.bytes / MEGABYTE:.1f}",
        packs=published.packs,
        files=published.files,
        path=str(directory),
    )
    for manuscript in published.refused[:_NAMED]:
        warn(words("OFFLINE_REFUSED", manuscript=manuscript))
    _tell_more(len(published.refused))
    if published.unfinished:
        warn(words("OFFLINE_UNFINISHED", count=published.unfinished))
    if published.unreadable:
        warn(words("OFFLINE_UNREADABLE", count=published.unreadable))


def _check(directory: Path, *, as_json: bool) -> int:
    """Check the edition in *directory*, or every pack below it."""
    packs = sorted(directory.glob("pack-*")) or [directory]
    whole = True
    for pack in packs:
        with Progress(0, unit="") as progress:
            checked = check_edition(pack, on_file=partial(progress.add, 1))
        whole = whole and checked.is_whole
        if as_json:
            click.echo(json.dumps({"path": str(pack), **asdict(checked)}, ensure_ascii=False))
        else:
            _tell_checked(checked, pack)
    return 0 if whole else 1


def _tell_checked(checked: Checked, pack: Path) -> None:
    for code, paths in (
        ("OFFLINE_ALTERED", checked.altered),
        ("OFFLINE_MISSING", checked.missing),
        ("OFFLINE_UNEXPECTED", checked.unexpected),
    ):
        for path in paths[:_NAMED]:
            warn(words(code, path=str(pack / path)))
        _tell_more(len(paths))
    counts = {"altered": len(checked.altered), "missing": len(checked.missing)}
    tell("OFFLINE_CHECKED", path=str(pack), intact=checked.intact, **counts)


def _tell_more(count: int) -> None:
    if count > _NAMED:
        warn(words("OFFLINE_MORE", count=count - _NAMED))
