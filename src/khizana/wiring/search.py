"""Search: the index of a library, kept up to date with its objects, and asked on behalf of a reader."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from khizana.adapters.search.index import TantivyIndex
from khizana.apps.jobs import queue
from khizana.apps.publication import queries
from khizana.apps.publication.doors import SEARCH
from khizana.apps.publication.from_objects import DESCRIPTION
from khizana.apps.publication.queries import Searchable
from khizana.core.configuration import Configuration
from khizana.core.errors import Busy, KhizanaError
from khizana.core.identifiers import ManuscriptId, description_object_id
from khizana.core.library import LibraryFolder
from khizana.core.policy import Action, Agreement, Reader, Refuse, decide
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.search.document import SearchDocument
from khizana.core.search.from_entry import search_document
from khizana.core.search.query import Query
from khizana.core.search.results import Asked, Results, Suggestion
from khizana.core.tei.entries import read_entry

__all__ = [
    "SEARCH",
    "document",
    "find",
    "index_all",
    "index_now",
    "index_waiting",
    "is_of_another_version",
    "is_ready",
    "make_ready",
    "suggest",
]

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""Manuscripts of one commit."""


@cache
def _index(root: Path) -> TantivyIndex:
    return TantivyIndex(root)


def is_ready(folder: LibraryFolder) -> bool:
    """Say whether there is an index to ask."""
    return _index(folder.search).is_usable()


def is_of_another_version(folder: LibraryFolder) -> bool:
    """Say whether there is an index, and another version of this software made it."""
    return _index(folder.search).is_of_another_version()


def find(folder: LibraryFolder, query: Query, asked: Asked, reader: Reader) -> Results:
    """Return what *reader* may know of what meets *query*; each hit is judged by the agreement in force now.

    Raises ``NotFound`` where there is no index.
    """
    results = _index(folder.search).search(query, replace(asked, everything=reader.staff))
    agreements = queries.agreements([hit.manuscript for hit in results.hits])
    hits = tuple(hit for hit in results.hits if _is_shown(agreements.get(hit.manuscript), reader))
    return replace(results, hits=hits, total=results.total - len(results.hits) + len(hits))


def suggest(folder: LibraryFolder, typed: str, reader: Reader) -> tuple[Suggestion, ...]:
    """Return names that *typed* may go on to, for *reader*. Raises ``NotFound`` where there is no index."""
    return _index(folder.search).suggest(typed, everything=reader.staff)


def _is_shown(agreement: Agreement | None, reader: Reader) -> bool:
    return agreement is not None and not isinstance(decide(agreement, Action.DESCRIBE, reader), Refuse)


def index_all(folder: LibraryFolder, configuration: Configuration, *, on_manuscript: Callable[[], None]) -> int:
    """Make the index anew from the description objects; return how many manuscripts are in it.

    A description that cannot be read is left out, as it is closed to readers. Raises ``Busy``, ``NoSpace``.
    """
    count, begun = 0, time.time_ns()
    with _index(folder.search).writing(anew=True) as writer:
        for known in queries.searchable():
            document = _document(known, folder, configuration.name)
            on_manuscript()
            if document is None:
                continue
            writer.put(document)
            count += 1
    queue.finish_waiting(SEARCH, before=begun)
    return count


def make_ready(folder: LibraryFolder, configuration: Configuration) -> None:
    """Make the index where there is none that this version can read; a failure is told and tried at the next start."""
    if is_ready(folder):
        return
    try:
        index_all(folder, configuration, on_manuscript=lambda: None)
    except Exception as error:  # noqa: BLE001 - without an index, everything but search goes on
        logger.warning("the search index could not be made: %s", error)


def index_now(folder: LibraryFolder, configuration: Configuration, subjects: Sequence[str]) -> None:
    """Bring the manuscripts of the *subjects* of jobs up to date in the index. Raises ``Busy``, ``NoSpace``."""
    wanted = list(dict.fromkeys(ManuscriptId(subject.rpartition(" ")[0]) for subject in subjects))
    index = _index(folder.search)
    if not index.is_usable():
        # What is to be added to an index of another version is all there is.
        index_all(folder, configuration, on_manuscript=lambda: None)
        return
    with index.writing() as writer:
        known = {each.id: each for each in queries.searchable(wanted)}
        for manuscript in wanted:
            document = _document(known[manuscript], folder, configuration.name) if manuscript in known else None
            if document is None:
                writer.remove(manuscript)
            else:
                writer.put(document)


def index_waiting(folder: LibraryFolder, configuration: Configuration) -> None:
    """Do the jobs that bring the index up to date, many with one commit; left for later while another writes."""
    while jobs := queue.take_all(SEARCH, most=AT_ONCE, now=time.time()):
        try:
            index_now(folder, configuration, [job.subject for job in jobs])
        except Exception as error:  # noqa: BLE001 - whatever it is, the jobs are tried again and their problem is kept
            for job in jobs:
                queue.give_up(job, str(error), now=time.time())
            if not isinstance(error, KhizanaError) or isinstance(error, Busy):
                return
        else:
            for job in jobs:
                queue.finish(job)


def document(manuscript: ManuscriptId, folder: LibraryFolder, configuration: Configuration) -> SearchDocument | None:
    """Return what is searched of *manuscript*; None where there is none, or its description cannot be read."""
    known = next(queries.searchable([manuscript]), None)
    return _document(known, folder, configuration.name) if known else None


def _document(known: Searchable, folder: LibraryFolder, library: str) -> SearchDocument | None:
    try:
        place = folder.storage / object_path(description_object_id(library, known.id))
        entry = read_entry(read_object(place).read_bytes(DESCRIPTION), file=DESCRIPTION)
    except KhizanaError:
        return None
    except Exception:
        # One description that our reader fails on must not keep all others from being found.
        logger.exception("the description of %s could not be read for the search index", known.id)
        return None
    # A description made elsewhere may state another shelfmark; the one given at accession is this library's.
    entry = replace(entry, shelfmark=known.shelfmark)
    return search_document(entry, manuscript=known.id, agreement=known.agreement, pages=known.page_count)
