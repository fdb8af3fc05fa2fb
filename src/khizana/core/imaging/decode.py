"""The pixels of a master, in strips from the top of the upright image, as 8-bit sRGB or grey.

Most masters are read strip by strip, so that an image of any height needs the memory of a few strips. Where the
whole image must be held (turned photographs, JPEG), it is held once, in 8 bits.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import cv2
import numpy as np
import numpy.typing as npt
import pyvips
import rawpy
import simplejpeg
from PIL import ImageFile, Jpeg2KImagePlugin, TiffImagePlugin

from khizana.core.errors import BadInput, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.imaging.colour import ProfileUnusable, is_srgb, to_srgb
from khizana.core.imaging.headers import Header
from khizana.core.imaging.headers import raw as raw_header
from khizana.core.imaging.probe import Probed

Rows = npt.NDArray[np.uint8]
"""Rows of pixels: (height, width, 3) in sRGB, or (height, width, 1) in grey."""

STRIP: Final = 512
"""Rows of one strip; the last one may be shorter."""

_LARGEST_HELD_JPEG: Final = 134_000_000
"""Pixels of the largest JPEG decoded in one piece: 400 MB, twice as fast as by strips."""

_VIPS_LOADERS: Final = {
    "image/tiff": "tiffload_source",
    "image/jpeg": "jpegload_source",
    "image/png": "pngload_source",
    "image/webp": "webpload_source",
}


class DecodingFailed(Exception):
    """A codec gave up on the pixels; *truncated* where the file ends too early."""

    def __init__(self, reason: str, *, truncated: bool) -> None:
        super().__init__(reason)
        self.truncated = truncated


@dataclass(slots=True)
class Decoded:
    """An image being decoded: its shape now, its strips once."""

    width: int
    height: int
    bands: int
    """1 for grey, 3 for sRGB."""
    strips: Iterator[Rows]
    findings: tuple[Finding, ...]


def decode(path: Path, probed: Probed) -> Decoded:
    """Begin to decode the master at *path*, upright, in strips of ``STRIP`` rows.

    Raises ``BadInput`` IMAGE_TRUNCATED or IMAGE_DAMAGED, now or while the strips are taken, and ``Unreadable``
    when the disk gives an error. Run it in a lane: codecs crash on files made to crash them.
    """
    with _told(path):
        stored, findings = _stored(path, probed.header)
        _expect_sides(stored, probed.header)
    strips = _upright(stored, probed.orientation)
    width, height = stored.width, stored.height
    if probed.orientation >= 5:
        width, height = height, width
    return Decoded(width, height, stored.bands, _telling(path, strips), tuple(findings))


def _expect_sides(stored: _Stored, header: Header) -> None:
    # Developing a camera raw file may crop a few rows that its header counts.
    developed = header.media_type in raw_header.MEDIA_TYPES.values()
    if not developed and (stored.width, stored.height) != (header.width, header.height):
        raise DecodingFailed("the decoder finds another size than the header", truncated=False)


class _told:  # noqa: N801 - a context manager, read as a word
    """Turn what codecs and disks raise into the errors a person is told."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        name = self._path.name
        if isinstance(error, DecodingFailed):
            raise BadInput("IMAGE_TRUNCATED" if error.truncated else "IMAGE_DAMAGED", name=name) from error
        if isinstance(error, OSError):
            raise Unreadable("IMAGE_UNREADABLE", name=name, reason=error.strerror or str(error)) from error


def _telling(path: Path, strips: Iterator[Rows]) -> Iterator[Rows]:
    with _told(path):
        yield from strips


@dataclass(slots=True)
class _Stored:
    """Pixels in the order the file keeps them."""

    width: int
    height: int
    bands: int
    strips: Iterator[Rows]
    whole: Rows | None = None
    """The same pixels at once, where the decoder made them so."""


def _stored(path: Path, header: Header) -> tuple[_Stored, list[Finding]]:
    plain = header.profile is None or is_srgb(header.profile)
    if header.lines and plain:
        return _from_lines(path, header), []
    if header.media_type == "image/jpeg" and plain and header.bands in {1, 3}:
        return _from_jpeg(path, header)
    if header.media_type in {"image/jp2", "image/j2c"}:
        image, complaints = _jpeg2000(path)
        stored, more = _through_vips(path, header, image)
        return stored, complaints + more
    if header.lab and header.bits == 8:
        return _through_vips(path, header, _lab(path))
    if header.media_type in _VIPS_LOADERS:
        return _through_vips(path, header, _loaded(path, header))
    return _from_whole(_developed(path)), []


def _from_whole(whole: Rows) -> _Stored:
    height, width, bands = whole.shape
    strips = (whole[top : top + STRIP] for top in range(0, height, STRIP))
    return _Stored(width, height, bands, strips, whole)


def _from_lines(path: Path, header: Header) -> _Stored:
    return _Stored(header.width, header.height, header.bands, _lines(path, header))


def _lines(path: Path, header: Header) -> Iterator[Rows]:
    """Yield strips of an uncompressed image as they lie in the file: one read and no copy each."""
    runs = iter(header.lines)
    with path.open("rb", buffering=0) as file:
        left = 0
        for top in range(0, header.height, STRIP):
            rows = np.empty((min(STRIP, header.height - top), header.width, header.bands), np.uint8)
            view = memoryview(rows.reshape(-1).data)
            while view:
                if not left:
                    offset, left = next(runs)
                    file.seek(offset)
                got = file.readinto(view[:left])
                if not got:
                    raise DecodingFailed("the file ended", truncated=True)
                view = view[got:]
                left -= got
            yield rows


def _from_jpeg(path: Path, header: Header) -> tuple[_Stored, list[Finding]]:
    findings: list[Finding] = []
    if header.width * header.height <= _LARGEST_HELD_JPEG:
        data = path.read_bytes()
        try:
            whole = simplejpeg.decode_jpeg(data, colorspace="GRAY" if header.bands == 1 else "RGB", strict=True)
        except ValueError as error:
            # The decoder complains. libvips tells a missing end, which is refused, from stray bytes, which are not.
            findings.append(_complaint(path, str(error)))
        else:
            return _from_whole(whole), findings
    stored, more = _through_vips(path, header, _loaded(path, header))
    return stored, findings + more


def _loaded(path: Path, header: Header) -> pyvips.Image:
    """Return the image as libvips reads it, sequentially; through a descriptor, because names may not be UTF-8."""
    options: dict[str, Any] = {"access": "sequential", "fail_on": "truncated"}
    if header.media_type == "image/tiff":
        options["page"] = header.page
    if header.media_type == "image/png":
        options["unlimited"] = True  # the probe has bounded the pixels
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        source = pyvips.Source.new_from_descriptor(descriptor)  # it keeps a duplicate
    finally:
        os.close(descriptor)
    try:
        return getattr(pyvips.Image, _VIPS_LOADERS[header.media_type])(source, **options)
    except pyvips.Error as error:
        raise _failed(error) from error


def _through_vips(path: Path, header: Header, image: pyvips.Image) -> tuple[_Stored, list[Finding]]:
    findings: list[Finding] = []
    try:
        try:
            image = to_srgb(image, header)
        except ProfileUnusable:
            findings.append(Finding("IMAGE_PROFILE_UNUSABLE", Severity.WARNING, path.name))
            image = to_srgb(image, replace(header, profile=None))
    except pyvips.Error as error:
        raise _failed(error) from error
    return _Stored(image.width, image.height, image.bands, _fetched(image)), findings


def _fetched(image: pyvips.Image) -> Iterator[Rows]:
    region = pyvips.Region.new(image)
    for top in range(0, image.height, STRIP):
        rows = min(STRIP, image.height - top)
        try:
            data = region.fetch(0, top, image.width, rows)
        except pyvips.Error as error:
            raise _failed(error) from error
        yield np.frombuffer(data, np.uint8).reshape(rows, image.width, image.bands)


def _failed(error: pyvips.Error) -> DecodingFailed:
    detail = str(error.detail).lower()
    cut = any(words in detail for words in ("premature end", "truncated", "end of file", "end of stream", "eof"))
    return DecodingFailed(str(error), truncated=cut)


def _jpeg2000(path: Path) -> tuple[pyvips.Image, list[Finding]]:
    findings: list[Finding] = []
    try:
        array = _pictured(path, Jpeg2KImagePlugin.Jpeg2KImageFile)
    except DecodingFailed as failed:
        # Some writers count tile-parts wrongly: Pillow gives up, OpenCV goes on. The probe has followed every
        # tile-part to the end of the file, so going on hides no missing bytes.
        read = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
        if read is None:
            raise
        array = read[:, :, np.newaxis] if read.ndim == 2 else read[:, :, [2, 1, 0, *range(3, read.shape[2])]]
        findings.append(_complaint(path, str(failed)))
    image = pyvips.Image.new_from_array(np.ascontiguousarray(array))
    grey, colour = ("grey16", "rgb16") if array.dtype == np.uint16 else ("b-w", "srgb")
    return image.copy(interpretation=grey if image.bands <= 2 else colour), findings


def _complaint(path: Path, reason: str) -> Finding:
    return Finding("IMAGE_DECODER_COMPLAINS", Severity.WARNING, path.name, {"reason": reason})


def _lab(path: Path) -> pyvips.Image:
    """Return a TIFF in 8-bit CIE L*a*b*, which libvips 8.18 refuses to open."""
    array = _pictured(path, TiffImagePlugin.TiffImageFile)[:, :, :3]
    # L is 0 to 100 in 0 to 255; a and b are signed bytes, shifted here to 0 to 255 (TIFF 6.0, section 23).
    image = pyvips.Image.new_from_array(array ^ np.array([0, 128, 128], np.uint8))
    return image.linear([100 / 255, 1, 1], [0, -128, -128]).copy(interpretation="lab")


def _pictured(path: Path, plugin: Callable[[BinaryIO], ImageFile.ImageFile]) -> npt.NDArray[Any]:
    """Return the samples that a *plugin* of Pillow reads, as (height, width, bands)."""
    try:
        with path.open("rb") as file:
            # The plugin itself, not Image.open, whose own limit on pixels is lower than the probe's.
            picture = plugin(file)
            picture.load()
            array = _samples(picture)
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, struct.error) as error:
        raise DecodingFailed(str(error), truncated="truncated" in str(error)) from error
    return array if array.ndim == 3 else array[:, :, np.newaxis]


def _samples(picture: ImageFile.ImageFile) -> npt.NDArray[Any]:
    """Return the samples of *picture*, strip by strip: in one piece Pillow would hold them three times."""
    width, height = picture.size
    array: npt.NDArray[Any] | None = None
    for top in range(0, height, STRIP):
        strip = np.asarray(picture.crop((0, top, width, min(height, top + STRIP))))
        if array is None:
            array = np.empty((height, *strip.shape[1:]), strip.dtype)
        array[top : top + STRIP] = strip
    if array is None:
        raise DecodingFailed("no rows", truncated=False)
    return array


def _developed(path: Path) -> Rows:
    """Return a camera raw file developed with the camera's white balance, at its own exposure, upright."""
    try:
        with rawpy.imread(str(path)) as raw:
            developed: Rows = raw.postprocess(
                use_camera_wb=True,
                no_auto_bright=True,
                output_color=rawpy.ColorSpace.sRGB,
                output_bps=8,
                gamma=(2.4, 12.92),
            )
    except rawpy.LibRawError as error:
        raise DecodingFailed(str(error), truncated=isinstance(error, rawpy.LibRawIOError)) from error
    return developed


def _upright(stored: _Stored, orientation: int) -> Iterator[Rows]:
    if orientation == 1:
        return stored.strips
    if orientation == 2:
        return (np.ascontiguousarray(strip[:, ::-1]) for strip in stored.strips)
    return _turned(stored, orientation)


def _turned(stored: _Stored, orientation: int) -> Iterator[Rows]:
    whole = stored.whole
    if whole is None:
        whole = np.empty((stored.height, stored.width, stored.bands), np.uint8)
        top = 0
        for strip in stored.strips:
            whole[top : top + len(strip)] = strip
            top += len(strip)
    view = {
        3: lambda: whole[::-1, ::-1],
        4: lambda: whole[::-1],
        5: lambda: whole.transpose(1, 0, 2),
        6: lambda: whole.transpose(1, 0, 2)[:, ::-1],
        7: lambda: whole[::-1, ::-1].transpose(1, 0, 2),
        8: lambda: whole.transpose(1, 0, 2)[::-1],
    }[orientation]()
    for top in range(0, len(view), STRIP):
        yield np.ascontiguousarray(view[top : top + STRIP])
