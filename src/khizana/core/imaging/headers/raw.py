"""Camera raw files: told apart by their first bytes and tags, measured by LibRaw."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from khizana.core.imaging.headers import Header, HeaderFault, Window, damaged
from khizana.core.imaging.headers.tiff import Directories

_COLOUR_FILTER_ARRAY = 32803
_BY_MAKER: Final = {"NIKON": "nef", "SONY": "arw", "PENTAX": "pef", "SAMSUNG": "srw", "EPSON": "erf"}
MEDIA_TYPES: Final = {
    "dng": "image/x-adobe-dng",
    "cr2": "image/x-canon-cr2",
    "cr3": "image/x-canon-cr3",
    "nef": "image/x-nikon-nef",
    "arw": "image/x-sony-arw",
    "pef": "image/x-pentax-pef",
    "srw": "image/x-samsung-srw",
    "erf": "image/x-epson-erf",
    "raf": "image/x-fuji-raf",
    "orf": "image/x-olympus-orf",
    "rw2": "image/x-panasonic-rw2",
}


def kind_by_head(head: bytes) -> str | None:
    """Return the extension of the raw format that begins with *head*, or None."""
    if head[:4] in {b"II*\0", b"MM\0*"} and head[8:10] == b"CR":
        return "cr2"
    if head[4:12] == b"ftypcrx ":
        return "cr3"
    if head.startswith(b"FUJIFILMCCD-RAW"):
        return "raf"
    if head[:4] in {b"IIRO", b"IIRS", b"MMOR"}:
        return "orf"
    return "rw2" if head[:4] == b"IIU\0" else None


def kind_in_tiff(window: Window) -> str | None:
    """Return the extension of the raw format that this TIFF is, or None when it is a picture."""
    directories = Directories(window)
    try:
        chain = directories.chain()
    except HeaderFault:
        return None
    if 50706 in chain[0].entries:
        return "dng"
    for directory in chain[:8]:
        for inner in (directory, *directories.below(directory)):
            if inner.number(262, 0) == _COLOUR_FILTER_ARRAY:
                maker = chain[0].data(271, 256).decode("ascii", "replace").upper()
                return next((end for name, end in _BY_MAKER.items() if name in maker), "dng")
    return None


def read(path: Path, extension: str) -> Header:
    """Return what LibRaw says of the developed image; it is developed upright, so the orientation is 1.

    LibRaw is a codec: on files from strangers call this in a lane.
    """
    import rawpy  # noqa: PLC0415 - 50 ms that only camera raw files should cost

    try:
        with rawpy.RawPy() as raw:
            raw.open_file(str(path))
            sizes = raw.sizes
    except (rawpy.LibRawError, OSError, ValueError) as error:
        raise damaged() from error
    width, height = sizes.iwidth, sizes.iheight
    if width <= 0 or height <= 0:
        raise damaged()
    if sizes.flip in {5, 6}:
        width, height = height, width
    return Header(MEDIA_TYPES[extension], extension, width, height, 16, 3)
