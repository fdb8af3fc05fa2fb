"""Publish a selection as a folder for readers without a network: what anyone may be handed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from khizana.apps.publication import queries
from khizana.core.errors import BadInput
from khizana.core.identifiers import ManuscriptId
from khizana.core.library import LibraryFolder
from khizana.core.manuscript import LibraryCard, Manuscript, Page
from khizana.core.offline.folder import MARK, EditionFolder
from khizana.core.offline.index import DOCUMENTS, IndexMaker
from khizana.core.offline.scripts import data_script, folding_table
from khizana.core.policy import ANYONE, Action, Decision, Refuse, decide
from khizana.core.search.document import SearchDocument
from khizana.web.offline.files import PageFiles, allotted, file_name, page_files
from khizana.web.offline.pages import SHELF, Entry, Pack, PageMaker


@dataclass(frozen=True, slots=True)
class Published:
    """What went into an edition."""

    manuscripts: int
    pages: int
    """Whose image is in it."""
    packs: int
    files: int
    """Written now; those that were there already are not counted."""
    bytes: int
    """Of the whole edition."""
    refused: tuple[ManuscriptId, ...]
    """Asked for, and not to be handed on."""
    unfinished: int
    """Pages of which the library has yet to make the size that was wanted."""
    unreadable: int
    """Pages whose access copy could not be read."""


@dataclass(slots=True)
class _Counted:
    """What is counted while packs are written."""

    pages: int = 0
    unfinished: int = 0
    unreadable: int = 0


def publish_offline(
    *,
    manuscripts: Iterable[ManuscriptId],
    into: Path,
    day: str,
    library: LibraryFolder,
    card: LibraryCard,
    document_of: Callable[[ManuscriptId], SearchDocument | None],
    with_full: bool,
    pack_bytes: int | None,
    on_total: Callable[[int], None],
    on_manuscript: Callable[[], None],
) -> Published:
    """Write the *manuscripts* that may be handed on into the folder *into*, or into packs of *pack_bytes* below it.

    *document_of* gives what is searched of a manuscript; *day* is the date that the edition says it was made on.

    Raises ``BadInput`` for a folder that has something else in it, or where nothing may be handed on; ``NoSpace``,
    ``Unreadable`` and ``Damaged`` for a disk that cannot be written. Whatever stops it, the same call goes on there.
    """
    wanted = list(dict.fromkeys(manuscripts))
    chosen = [each for each in wanted if _is_handed_on(each)]
    if not chosen:
        raise BadInput("OFFLINE_NOTHING")
    sizes = [_image_bytes(each, library, with_full=with_full) for each in chosen] if pack_bytes else []
    numbers = allotted(sizes, pack_bytes) if pack_bytes else [1] * len(chosen)
    count = numbers[-1]
    on_total(len(chosen) * count)
    roots = [into / f"pack-{number}" for number in range(1, count + 1)] if pack_bytes else [into]
    if pack_bytes:
        _make_room(into, roots, card.name)
    counted, written, size = _Counted(), 0, 0
    for number, root in enumerate(roots, 1):
        folder = EditionFolder.begun(root, card.name)
        maker = PageMaker(card, len(chosen), day, Pack(number, count))
        writer = _PackWriter(folder, maker, library, counted, with_full=with_full)
        writer.write(chosen, numbers, document_of, on_manuscript, number)
        written, size = written + folder.written, size + folder.size
    may = set(chosen)
    return Published(
        manuscripts=len(chosen),
        pages=counted.pages,
        packs=count,
        files=written,
        bytes=size,
        refused=tuple(each for each in wanted if each not in may),
        unfinished=counted.unfinished,
        unreadable=counted.unreadable,
    )


def _make_room(into: Path, roots: list[Path], library: str) -> None:
    """Empty the packs in *into* that an earlier edition had and this one has not.

    Raises ``BadInput`` where *into* is an edition itself.
    """
    if (into / MARK).exists():
        raise BadInput("OFFLINE_NOT_EMPTY", path=str(into))
    for root in into.glob("pack-*"):
        if root not in roots and (root / MARK).is_file():
            EditionFolder.begun(root, library).finish()


class _PackWriter:
    def __init__(
        self, folder: EditionFolder, maker: PageMaker, library: LibraryFolder, counted: _Counted, *, with_full: bool
    ) -> None:
        self._folder = folder
        self._counted = counted
        self._maker = maker
        self._library = library
        self._with_full = with_full

    def write(
        self,
        chosen: list[ManuscriptId],
        numbers: list[int],
        document_of: Callable[[ManuscriptId], SearchDocument | None],
        on_manuscript: Callable[[], None],
        number: int,
    ) -> None:
        """Write the pack *number*: all that is said of the *chosen* manuscripts, and the images that are its own."""
        self._put(self._maker.shared())
        self._folder.put("k/fold.js", data_script("k/fold.js", folding_table()))
        shelves, texts = _Batches(SHELF), _Batches(DOCUMENTS)
        last = -(-len(chosen) // SHELF)
        with IndexMaker() as index:
            for place, manuscript in enumerate(chosen, 1):
                entry = self._manuscript(manuscript, numbers[place - 1], number)
                if entry:
                    document = document_of(manuscript) or _bare(entry.manuscript)
                    index.add(document)
                    shelves.add(entry)
                    texts.add(_described(document))
                for shelf, entries in shelves.full(at_end=place == len(chosen)):
                    self._put(self._maker.lists(entries, shelf + 1, last))
                for script, described in texts.full(at_end=place == len(chosen)):
                    name = f"s/d{script:04d}.js"
                    self._folder.put(name, data_script(name, described))
                on_manuscript()
            self._put(index.scripts())
        self._folder.finish()

    def _manuscript(self, id: ManuscriptId, pack: int, number: int) -> Entry | None:  # noqa: A002 - the glossary's word
        found = queries.manuscript(id)
        # An edition takes hours: what was closed meanwhile is not handed on.
        if found is None or isinstance(decide(found.agreement, Action.HARVEST, ANYONE), Refuse):
            return None
        decision = decide(found.agreement, Action.VIEW, ANYONE)
        pages = _files_of(found, self._library, decision, with_full=self._with_full)
        if pack == number:
            pages = [self._images(each) for each in pages]
            self._counted.pages += sum(each is not None for each in pages)
            self._counted.unfinished += sum(each is not None and not each.is_final for each in pages)
        cover = next((each.light for each in pages if each), None)
        entry = Entry(
            manuscript=replace(found, pages=()),
            page_count=len(found.shown),
            cover=cover.path if cover else "",
            width=cover.width if cover else 0,
            height=cover.height if cover else 0,
            pack=pack,
        )
        self._put(self._maker.manuscript(found, pages, decision, entry))
        return entry

    def _images(self, files: PageFiles | None) -> PageFiles | None:
        """Copy the images of one page; return those that could be."""
        if files is None:
            return None
        try:
            for each in files:
                self._folder.put(each.path, _read(each.source))
        except _SourceUnreadable:
            self._counted.unreadable += 1
            return None
        return files

    def _put(self, made: Iterable[tuple[str, bytes]]) -> None:
        for path, content in made:
            self._folder.put(path, content)


class _Batches:
    """Gathers what comes one by one into batches of *size*, numbered from 0."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._number = 0
        self._held: list[Any] = []

    def add(self, value: Any) -> None:
        self._held.append(value)

    def full(self, *, at_end: bool) -> Iterator[tuple[int, list[Any]]]:
        """Yield the batch that is full, or at the end whatever there is."""
        if len(self._held) == self._size or (at_end and self._held):
            yield self._number, self._held
            self._number, self._held = self._number + 1, []


class _SourceUnreadable(Exception):
    pass


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise _SourceUnreadable from error


def _is_handed_on(manuscript: ManuscriptId) -> bool:
    known = queries.agreement_and_revision(manuscript)
    return known is not None and not isinstance(decide(known[0], Action.HARVEST, ANYONE), Refuse)


def _files_of(
    found: Manuscript, library: LibraryFolder, decision: Decision, *, with_full: bool
) -> list[PageFiles | None]:
    """Return the image files of every page that is shown, in their order; None for one that has none to be seen."""
    if isinstance(decision, Refuse):
        return [None for _ in found.shown]
    return [
        page_files(
            page,
            f"i/{file_name(found.id)}/{number:04d}",
            library.access_copy(page.master.digest),
            decision,
            with_full=with_full,
        )
        if isinstance(page, Page)
        else None
        for number, page in enumerate(found.shown, 1)
    ]


def _image_bytes(manuscript: ManuscriptId, library: LibraryFolder, *, with_full: bool) -> int:
    found = queries.manuscript(manuscript)
    if found is None:
        return 0
    pages = _files_of(found, library, decide(found.agreement, Action.VIEW, ANYONE), with_full=with_full)
    return sum(each.bytes for files in pages if files for each in files)


def _bare(found: Manuscript) -> SearchDocument:
    """Return what is searched of a manuscript whose description cannot be read: its shelfmark."""
    return SearchDocument(found.id, found.description.shelfmark, (), found.agreement)


def _described(document: SearchDocument) -> dict[str, object]:
    """Return what a result shows of *document*."""
    lines = [(line.language, line.text) for line in document.lines]
    return {
        "file": file_name(document.manuscript),
        "shelfmark": document.shelfmark,
        "titles": [(_tag(each.language), each.text) for each in document.titles],
        "passages": [(_tag(tag), text) for tag, text in [*((p.language, p.text) for p in document.passages), *lines]],
    }


def _tag(language: str) -> str:
    return "" if language in ("none", "und") else language
