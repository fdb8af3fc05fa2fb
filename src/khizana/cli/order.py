"""``khizana order SHELFMARK [PAGES]``: shows the order of pages as CSV, or takes a new one."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from khizana.apps.publication import queries
from khizana.apps.publication.actions.set_page_order import set_page_order
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import manuscript_id
from khizana.core.manuscript import Direction, Manuscript
from khizana.core.structure.order import read_pages
from khizana.wiring.library import keeper, make_good


def run(*, opened: Opened, shelfmark: str, pages: Path | None, direction: Direction | None) -> None:
    """Show the order of pages (file, label), or write the one in *pages*; no master is touched."""
    make_good(opened.folder, opened.configuration)
    manuscript = queries.manuscript(manuscript_id(shelfmark))
    if manuscript is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=shelfmark)
    if pages is None and direction is None:
        _show(manuscript)
        return
    changed = set_page_order(
        manuscript=manuscript.id,
        order=_order(manuscript, pages),
        direction=direction,
        keeper=keeper(opened.folder, opened.configuration),
    )
    tell("ORDER_CHANGED" if changed else "ORDER_AS_BEFORE", manuscript=manuscript.id)


def _show(manuscript: Manuscript) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("file", "label", "original_name"))
    for page in manuscript.pages:
        table.writerow((page.master.logical_path, page.label, page.master.original_name))


def _order(manuscript: Manuscript, pages: Path | None) -> list[tuple[int, str]]:
    if pages is None:
        return [(page.master.number, page.label) for page in manuscript.pages]
    numbers = {page.master.logical_path: page.master.number for page in manuscript.pages}
    order: list[tuple[int, str]] = []
    for line, name, label in read_pages(pages):
        if name not in numbers:
            raise BadInput("PAGES_NAMES_NO_FILE", path=str(pages), line=line, name=name)
        order.append((numbers[name], label or str(len(order) + 1)))
    return order
