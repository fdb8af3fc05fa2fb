"""The access copies of one master: a tiled pyramid and ready-made reading sizes, in one folder.

They are made beside, flushed, then named, so that a folder which has its name is whole. They can always be made
again from the master, and are, when the recipe changes.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pyvips

from khizana.core.errors import KhizanaError, NoSpace
from khizana.core.findings import Finding
from khizana.core.identifiers import Digest
from khizana.core.imaging.access_facts import (
    FACTS,
    PYRAMID,
    AccessCopy,
    Made,
    ReadingSize,
    facts_of,
    read_access_copy,
    unfinished,
)
from khizana.core.imaging.decode import Decoded, Rows, decode
from khizana.core.imaging.probe import LARGEST, Probed, probe
from khizana.core.imaging.pyramid_writer import PyramidWriter, level_sides
from khizana.core.imaging.reading_sizes import WIDTHS, encode, planned


def make_access_copy(
    master: Path,
    folder: Path,
    *,
    digest: Digest,
    name: str | None = None,
    largest: int = LARGEST,
    widest: int = WIDTHS[-1],
) -> AccessCopy:
    """Make the access copies of *master* in *folder*, or keep those that stand there whole.

    *name* is what a person calls the master, where *master* is a path of ours. Reading sizes wider than *widest*
    are left for ``complete``. Raises what ``probe`` and
    ``decode`` raise, and ``NoSpace`` IMAGE_NO_SPACE. Nothing half-made is left under *folder*.
    """
    return make(master, folder, digest=digest, name=name, largest=largest, widest=widest).access_copy


def make(
    master: Path,
    folder: Path,
    *,
    digest: Digest,
    name: str | None = None,
    largest: int = LARGEST,
    widest: int = WIDTHS[-1],
) -> Made:
    """Do as ``make_access_copy``, and return with it what the master is."""
    shown = name or master.name
    try:
        probed = probe(master, largest=largest)
        standing = read_access_copy(folder, digest=digest, subject=shown)
        if standing is None:
            with _writing(folder):
                standing = _made(master, probed, folder, digest, shown, widest)
    except KhizanaError as error:
        if "name" in error.facts:
            error.facts["name"] = shown
        raise
    return Made(probed, standing)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoSpace("IMAGE_NO_SPACE", folder=str(folder.parent)) from error
        raise


def complete(folder: Path, *, digest: Digest) -> AccessCopy | None:
    """Make the reading sizes that ``make`` left, from the pyramid; None where *folder* holds no whole copy.

    Each is written beside and named, then the facts are; run again, it goes on. A copy whose pyramid cannot be read is
    removed: it is to be made anew from its master. Raises ``NoSpace`` IMAGE_NO_SPACE.
    """
    copy = read_access_copy(folder, digest=digest)
    if copy is None or not copy.awaited:
        return copy
    plan = [each for each in planned(copy.width, copy.height) if each[0] in copy.awaited]
    level = _last_level_of(copy.width, copy.height, plan[-1][1], plan[-1][2])
    try:
        source = _level(folder / PYRAMID, level)
    except pyvips.Error:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    with _writing(folder):
        made = list(encode([source], plan, made=copy.sizes))
        for each in made:
            for ending, data in (("avif", each.avif), ("jpg", each.jpeg)):
                _replace(folder / f"{each.size.name}.{ending}", data)
        whole = replace(copy, sizes=(*copy.sizes, *(each.size for each in made)), awaited=())
        _replace(folder / FACTS, facts_of(whole))
        _flush_folder(folder)
    return whole


def _level(pyramid: Path, level: int) -> Rows:
    image = pyvips.Image.new_from_file(str(pyramid), page=level, access="sequential", fail_on="error")
    rows: Rows = image.numpy().reshape(image.height, image.width, image.bands)
    return rows


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with _flushed(beside) as file:
        file.write(data)
    beside.replace(path)


def _made(master: Path, probed: Probed, folder: Path, digest: Digest, subject: str, widest: int) -> AccessCopy:  # noqa: PLR0917 - named by their kinds
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = unfinished(folder)
    beside.mkdir()
    try:
        decoded = decode(master, probed)
        every = planned(decoded.width, decoded.height)
        plan = [each for each in every if each[0] <= widest] or every[:1]
        size, sizes = _write_images(decoded, plan, beside)
        findings = [*probed.findings(subject), *decoded.findings]
        copy = AccessCopy(
            digest,
            decoded.width,
            decoded.height,
            decoded.bands,
            size,
            tuple(sizes),
            tuple(Finding(finding.code, finding.severity, subject, finding.facts) for finding in findings),
            tuple(name for name, _, _ in every[len(plan) :]),
        )
        with _flushed(beside / FACTS) as file:
            file.write(facts_of(copy))
        _flush_folder(beside)
        _name(beside, folder, digest)
        _flush_folder(folder.parent)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return copy


def _write_images(decoded: Decoded, plan: list[tuple[int, int, int]], beside: Path) -> tuple[int, list[ReadingSize]]:
    with _flushed(beside / PYRAMID) as file:
        keep = _last_level_of(decoded.width, decoded.height, plan[-1][1], plan[-1][2])
        writer = PyramidWriter(file, decoded.width, decoded.height, decoded.bands, keep_from=keep)
        for strip in decoded.strips:
            writer.add(strip)
        size = writer.finish()
    sizes: list[ReadingSize] = []
    for made in encode(writer.kept(), plan):
        for ending, data in (("avif", made.avif), ("jpg", made.jpeg)):
            with _flushed(beside / f"{made.size.name}.{ending}") as file:
                file.write(data)
        sizes.append(made.size)
    return size, sizes


def _last_level_of(width: int, height: int, least_width: int, least_height: int) -> int:
    """Return the smallest resolution that still has the pixels of the largest reading size."""
    sides = level_sides(width, height)
    return max(index for index, (wide, high) in enumerate(sides) if wide >= least_width and high >= least_height)


@contextmanager
def _flushed(path: Path) -> Iterator[BinaryIO]:
    with path.open("xb", buffering=1 << 20) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(beside: Path, folder: Path, digest: Digest) -> None:
    """Give *beside* its name; copies of an older recipe, or broken ones, make way."""
    for _ in range(3):
        try:
            beside.rename(folder)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                raise
        else:
            return
        if read_access_copy(folder, digest=digest) is not None:  # another process was as quick
            shutil.rmtree(beside, ignore_errors=True)
            return
        aside = beside.with_suffix(f".{secrets.token_hex(2)}.replaced")
        with suppress(FileNotFoundError):
            folder.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
    beside.rename(folder)
