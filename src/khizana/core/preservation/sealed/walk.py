"""What a site holds of sealed copies, as it lists it: versions and their files, one version in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.ports import Opener, ReplicaStore, Stored
from khizana.core.preservation.sealed.contents import LARGEST, Contents, parse
from khizana.core.preservation.sealed.names import SEALED, SUMS, folder_parts, name_parts, version_folder
from khizana.core.preservation.sealed.stream import RunsReader


@dataclass(frozen=True, slots=True)
class VersionFolder:
    """The files in the folder of one version; or, where ``version`` is 0, files in no such folder."""

    folder: str
    object_name: str
    version: int
    sizes: dict[str, int]
    """Name in the folder to bytes."""

    @property
    def contents(self) -> list[str]:
        """The names of its tables of contents: one, where nothing happened to it."""
        return [name for name in sorted(self.sizes) if (parts := name_parts(name)) and parts.is_contents]

    @property
    def is_unfinished(self) -> bool:
        """Whether it is what a killed run leaves: files, and neither table of contents nor list."""
        return SUMS not in self.sizes and not self.contents


def versions_at(store: ReplicaStore, below: str = f"{SEALED}/") -> Iterator[VersionFolder]:
    """Yield each folder of sealed files *below* a folder of *store*: an object's together, the lowest version first."""

    def folder_of(each: Stored) -> str:
        return each.name.rpartition("/")[0] + "/"

    for folder, files in groupby(store.names(below), key=folder_of):
        name, version = folder_parts(folder) or ("", 0)
        yield VersionFolder(folder, name, version, {each.name.removeprefix(folder): each.size for each in files})


def opened_contents(store: ReplicaStore, found: VersionFolder, opener: Opener) -> Contents:
    """Return the table of contents of *found*.

    Raises ``Damaged`` when there is none that is whole and stands in its own folder, ``BadInput`` for another's key,
    ``Unreadable``.
    """
    problem: KhizanaError = Damaged("SEALED_CONTENTS_MISSING", folder=found.folder)
    for name in found.contents:
        try:
            return open_contents(store, found.folder + name, opener)
        except KhizanaError as error:
            problem = error
    raise problem


def open_contents(store: ReplicaStore, name: str, opener: Opener) -> Contents:
    """Return the table of contents in the sealed file *name*; raises as ``opened_contents`` does."""
    goal = _Limited(name)
    try:
        opener.open(RunsReader(store.read(name)), goal)
    except Damaged as error:
        raise Damaged("SEALED_FILE_DAMAGED", name=name) from error
    contents = parse(bytes(goal.content), name)
    # A table that was carried to another folder is whole, and speaks of other files.
    if not name.startswith(version_folder(contents.blinding, contents.object_id, contents.version)):
        raise Damaged("SEALED_CONTENTS_ELSEWHERE", name=name)
    return contents


class _Limited:
    """Holds what is written, up to the size of the largest table."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.content = bytearray()

    def write(self, content: bytes, /) -> int:
        self.content += content
        if len(self.content) > LARGEST:
            raise Damaged("SEALED_CONTENTS_UNUSABLE", name=self._name, problem=f"> {LARGEST}")
        return len(content)

    def flush(self) -> None:
        pass
