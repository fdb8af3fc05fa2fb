"""Ready-made reading sizes as they lie on the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import simplejpeg

from khizana.core.errors import Damaged, Unreadable
from khizana.core.identifiers import ImageId
from khizana.core.imaging.pyramid import Pyramid, file_key, file_tag
from khizana.web.iiif.http import Headers

READING_WIDTHS = (480, 800, 1200, 2000)
READING_TYPES = {"avif": "image/avif", "jpg": "image/jpeg"}
LARGEST_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PageFile:
    """One state of one file; files that were replaced differ."""

    path: str
    key: tuple[int, int, int, int]
    tag: str

    def is_same(self) -> bool:
        """Return whether the file is still the one that was read. Costs one ``stat``."""
        try:
            return file_key(os.stat(self.path)) == self.key  # noqa: PTH116 - Path.stat takes twice as long
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """An address that asks for a ready-made image, as it was answered before."""

    image: ImageId
    name: str
    file: PageFile
    etag: str
    headers: Headers


def read_page_file(path: str) -> tuple[PageFile, bytes] | None:
    """Return a ready-made image, or None where there is none. Raises ``Unreadable`` or ``Damaged``."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable("PYRAMID_UNREADABLE", file=path, reason=error.strerror or str(error)) from error
    try:
        stat = os.fstat(descriptor)
        data = os.pread(descriptor, min(stat.st_size, LARGEST_FILE), 0)
    except OSError as error:
        raise Unreadable("PYRAMID_UNREADABLE", file=path, reason=error.strerror or str(error)) from error
    finally:
        os.close(descriptor)
    if len(data) != stat.st_size or not data:
        raise Damaged("PYRAMID_DAMAGED", file=path)
    return PageFile(path, file_key(stat), file_tag(stat)), data


def reading_sizes(folder: Path, image: Pyramid) -> dict[tuple[int, int], str]:
    """Return the sizes, in pixels, and paths of the ready-made JPEGs that an image request can ask for."""
    found: dict[tuple[int, int], str] = {}
    for name in READING_WIDTHS:
        path = f"{folder}/{name}.jpg"
        try:
            read = read_page_file(path)
            if read is None:
                continue
            height, width, _, _ = simplejpeg.decode_jpeg_header(read[1])
        except (Damaged, Unreadable, ValueError):
            continue
        # Another shape would be another picture: only what "w," would give counts.
        if abs(height - width * image.height / image.width) <= 1:
            found[width, height] = path
    return found
