"""Put a manuscript into a bag that anyone can read: masters, page order, description, agreement and events."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.page_order import order_object, structure_of
from khizana.core.errors import Damaged, NotFound
from khizana.core.identifiers import Digest, ManuscriptId, description_object_id, images_object_id
from khizana.core.preservation.bagit.write import Bag, BagForm, Carried, Validator, write_bag
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.preservation.premis import EVENTS
from khizana.core.structure.order import PAGES
from khizana.core.structure.written import PUBLICATION, STRUCTURE, Structure, read_publication, structure_json

LONGEST_NAME = 180  # bytes; with an ending, and another while it is written, a file system takes 255
ENDINGS = {BagForm.FOLDER: "", BagForm.ZIP: ".zip", BagForm.TAR: ".tar"}


def bag_manuscript(
    *,
    manuscript: ManuscriptId,
    into: Path,
    form: BagForm,
    organisation: str,
    keeper: Keeper,
    validator: Validator,
    on_bytes: Callable[[int], None] = lambda _: None,
    on_total: Callable[[int], None] = lambda _: None,
) -> Bag:
    """Write a bag of the newest versions of the objects of *manuscript*, and all their events, into the folder *into*.

    *organisation* is who sends it. What an object kept is compared with its digest while it is copied, and the bag is
    read back before it has its name.

    Raises ``NotFound`` for a manuscript that is not there, ``Damaged`` when an object is not what it was, and what
    ``write_bag`` raises.
    """
    images = keeper.object(images_object_id(keeper.library, manuscript))
    description = keeper.object(description_object_id(keeper.library, manuscript))
    if images is None or description is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
    order = order_object(keeper.folder, keeper.library, manuscript)
    structure = structure_of(images, order, manuscript)
    publication = read_publication(description.read_bytes(PUBLICATION), manuscript)
    objects = {"images": images, "description": description} | ({"order": order} if order else {})
    payload = [
        *(carried for kind, stored in objects.items() for carried in _carried(stored, kind)),
        Carried(STRUCTURE, structure_json(structure)),
        Carried(PAGES, _pages(structure)),
    ]
    on_total(sum(each.source.stat().st_size for each in payload if isinstance(each.source, Path)))
    return write_bag(
        into / f"{_name(manuscript)}{ENDINGS[form]}",
        payload,
        form=form,
        info=(
            ("Source-Organization", organisation),
            ("Bag-Group-Identifier", keeper.library),
            *(("External-Identifier", stored.id) for stored in objects.values()),
            ("Internal-Sender-Identifier", publication.shelfmark),
            ("Internal-Sender-Description", ", ".join(f"{kind} at version {objects[kind].head}" for kind in objects)),
            ("Bag-Software-Agent", f"{keeper.agent.name} {keeper.agent.version}"),
        ),
        created=keeper.now(),
        validator=validator,
        on_bytes=on_bytes,
    )


def _carried(stored: StoredObject, kind: str) -> Iterator[Carried]:
    for logical in sorted(stored.state()):
        if logical != STRUCTURE and not logical.startswith(EVENTS):
            yield _file(stored, logical, stored.head, logical)
    for logical, version in stored.ever(EVENTS):
        # Every object numbers its events from 0001: each has a folder of its own.
        yield _file(stored, logical, version, f"{EVENTS}{kind}/{logical.removeprefix(EVENTS)}")


def _file(stored: StoredObject, logical: str, version: int, name: str) -> Carried:
    source = stored.content_path(logical, version)
    if not source.is_file():
        raise Damaged("FILE_MISSING", path=str(source))
    return Carried(name, source, Digest(stored.state(version)[logical]))


def _pages(structure: Structure) -> bytes:
    """Return the page order as a spreadsheet shows it, and as ``khizana add`` reads it."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(("file", "label", "original_name"))
    for page in structure.pages:
        table.writerow((page.master.logical_path, page.label, page.master.original_name))
    return text.getvalue().encode()


def _name(manuscript: ManuscriptId) -> str:
    raw = manuscript.encode()
    if len(raw) <= LONGEST_NAME:
        return manuscript
    return f"{raw[:LONGEST_NAME].decode(errors='ignore')}-{hashlib.sha256(raw).hexdigest()[:8]}"
