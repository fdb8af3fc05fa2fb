"""Power cuts: work is recorded on a disk that remembers, then the disk is made as a cut at any moment leaves it.

All up to the last flush before the cut is on the disk. Of what was written after it some came there and some did not,
in order, and the last of it may be torn between two sectors.
"""

from __future__ import annotations

import os
import random
import shutil
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.file_systems import FileSystem
from data.logged_disk import Event, Flush, Mark, Write, logged_disk

LATE = 0.25
"""Share of the cuts that come when all has been promised, and not all that was written was flushed."""

DONE = "done"
"""What is told when the work has ended: from then on all of it must be there."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class Action:
    """One thing that the software does on a disk, and how to tell that a power cut did no harm to it."""

    name: str
    work: Callable[[Path, Told], None]
    """Does it below a folder, and tells each promise. Done again it goes on where it was cut off."""
    after_cut: Callable[[Path, list[str]], None]
    """Recovers as the next start does, and asserts that nothing is invalid and that all that was promised is there."""
    at_end: Callable[[Path], None]
    """Asserts that it is complete and that nothing is left lying about."""
    before: Callable[[Path], None] = lambda _: None
    """Makes what is there before it begins."""


@dataclass(frozen=True)
class Recording:
    """What reached a disk while an action ran on it, from before it began until the disk was unmounted."""

    disk: Path
    """The disk as it was before."""
    events: tuple[Event, ...]
    sector: int
    """Bytes that the disk writes whole or not at all."""

    def promised(self, moment: int) -> list[str]:
        """Return what had been told by then."""
        return [event.text for event in self.events[:moment] if isinstance(event, Mark)]

    def cuts(self, number: int, chance: random.Random) -> list[int]:
        """Return so many moments, in order: each says how many events the disk has seen when the power goes."""
        end = len(self.events)
        done = self.events.index(Mark(DONE)) + 1
        late = round(number * LATE)
        return sorted(chance.choices(range(done, end + 1), k=late) + chance.choices(range(1, end + 1), k=number - late))

    def disks(self, cuts: Iterable[int], place: Path, chance: random.Random) -> Iterator[tuple[int, Path]]:
        """Yield each of *cuts*, which come in order, with the disk as it leaves it: the file *place*, made anew."""
        flushed = place.with_suffix(".flushed")
        copy_sparse(self.disk, flushed)
        done = 0
        for cut in cuts:
            last = max((n for n, e in enumerate(self.events[done:cut], done) if isinstance(e, Flush)), default=done)
            _put(flushed, (event for event in self.events[done:last] if isinstance(event, Write)))
            done = last
            pending = [event for event in self.events[done:cut] if isinstance(event, Write)]
            copy_sparse(flushed, place)
            _put(place, survivors(pending, self.sector, chance))
            yield cut, place
        flushed.unlink()


def record(action: Action, file_system: FileSystem, folder: Path) -> Recording:
    """Run *action* on a new disk with *file_system* below *folder*, which is in memory at best."""
    image, before = folder / "recorded.img", folder / "before.img"
    file_system.image(image)
    with file_system.mounted(image, folder / "recorded") as place:
        action.before(place)
    copy_sparse(image, before)
    with logged_disk(image, folder / "served") as served:
        with file_system.mounted(served.disk, folder / "recorded") as place:
            action.work(place, served.mark)
            served.mark(DONE)
        events = tuple(served.events())
    image.unlink()
    shutil.rmtree(folder / "served")
    return Recording(before, events, file_system.sector)


def harm(action: Action, file_system: FileSystem, disk: Path, promised: list[str], place: Path) -> str:
    """Mount a disk after a cut at *place*, recover, go on to the end; return what is wrong, or nothing."""
    try:
        with file_system.mounted(disk, place, checked=True):
            action.after_cut(place, promised)
            if DONE in promised:
                action.at_end(place)
            action.work(place, lambda _: None)
            action.at_end(place)
    except Exception:  # noqa: BLE001 - whatever it is, it is counted and told
        return traceback.format_exc()
    return ""


def survivors(pending: list[Write], sector: int, chance: random.Random) -> list[Write]:
    """Return which of the writes that were never flushed came to the disk, the last perhaps in part."""
    share = chance.choice((0, 0.2, 0.5, 0.8, 1))
    kept = [write for write in pending if chance.random() < share]
    if kept and chance.random() < 0.5:
        torn = kept.pop()
        kept.append(Write(torn.at, torn.content[: chance.randrange(0, len(torn.content), sector)]))
    return kept


def copy_sparse(source: Path, goal: Path) -> None:
    """Copy a disk's file; what is empty in it takes no room in the copy."""
    goal.unlink(missing_ok=True)
    with source.open("rb") as read, goal.open("wb") as write:
        size = os.fstat(read.fileno()).st_size
        write.truncate(size)
        at = 0
        while at < size:
            try:
                at = os.lseek(read.fileno(), at, os.SEEK_DATA)
            except OSError:  # nothing but emptiness from here on
                return
            end = os.lseek(read.fileno(), at, os.SEEK_HOLE)
            content = os.pread(read.fileno(), end - at, at)
            if content.strip(b"\0"):
                os.pwrite(write.fileno(), content, at)
            at = end


def _put(disk: Path, writes: Iterable[Write]) -> None:
    with disk.open("r+b") as file:
        for write in writes:
            os.pwrite(file.fileno(), write.content, write.at)
