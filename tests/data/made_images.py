"""Odd images made by code: one function for each oddity that masters come with.

The picture is ``quarters``: red, green, blue and yellow quarters, so that a turn, a flip, a lost profile or a
swapped channel shows in four corners.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from PIL import Image

RED, GREEN, BLUE, YELLOW = (200, 30, 40), (40, 160, 60), (30, 60, 190), (230, 210, 50)
QUARTERS = (RED, GREEN, BLUE, YELLOW)
"""Top left, top right, bottom left, bottom right."""

WIDTH, HEIGHT = 700, 1000


def quarters(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return the picture as (height, width, 3) bytes, in sRGB."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = YELLOW
    return picture


def page(width: int, height: int, seed: int = 1) -> np.ndarray:
    """Return a page with texture and dark strokes, about as hard to compress as handwriting."""
    chance = np.random.default_rng(seed)
    paper = chance.normal(0, 6, (height // 4 + 1, width // 4 + 1)).repeat(4, 0).repeat(4, 1)[:height, :width]
    picture = np.clip(paper[:, :, np.newaxis] + np.array([225, 208, 170]), 0, 255)
    for top in range(height // 20, height - height // 20, max(24, height // 24)):
        for left in range(width // 12, width - width // 12, 14):
            high, wide = chance.integers(4, 16), chance.integers(2, 8)
            picture[top : top + high, left : left + wide] = (45, 30, 25)
    return picture.astype(np.uint8)


def vips(picture: np.ndarray) -> pyvips.Image:
    """Return the picture as a libvips image."""
    return pyvips.Image.new_from_array(picture).copy(interpretation="srgb" if picture.shape[2] == 3 else "b-w")


def stored_for(picture: np.ndarray, orientation: int) -> np.ndarray:
    """Return the picture as a camera stores it that says *orientation* (EXIF 2.3, 4.6.4, tag 274)."""
    turned = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(p, 2).transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }
    return np.ascontiguousarray(turned[orientation](picture))


def exif(orientation: int) -> bytes:
    """Return an EXIF block that says *orientation*."""
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)


def save(picture: pyvips.Image, path: Path, **options: Any) -> Path:
    """Write the image in the format of the path's ending."""
    picture.write_to_file(str(path), **options)
    return path


def turned(path: Path, orientation: int) -> Path:
    """Write the quarters stored as *orientation* needs, in the format of the path's ending."""
    stored = stored_for(quarters(), orientation)
    if path.suffix == ".tif":
        image = vips(stored).copy()
        image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
        return save(image, path)
    options: dict[str, Any] = {"exif": b"Exif\0\0" + exif(orientation)}
    if path.suffix == ".jpg":
        options |= {"quality": 95, "subsampling": 0}
    if path.suffix == ".webp":
        options |= {"lossless": True}
    Image.fromarray(stored).save(path, **options)
    return path


def profiled(path: Path, profile: str = "p3") -> Path:
    """Write the quarters with their numbers turned into those of *profile* (p3, cmyk), which is embedded."""
    image = vips(quarters()).icc_transform(profile, input_profile="srgb", intent="relative")
    return save(image, path, **({"Q": 95} if path.suffix == ".jpg" else {}))


def sixteen_bits(path: Path) -> Path:
    """Write the quarters in 16 bits."""
    wide = quarters().astype(np.uint16) * 257
    return save(pyvips.Image.new_from_array(wide).copy(interpretation="rgb16"), path)


def grey(path: Path, bits: int = 8) -> Path:
    """Write the quarters in grey, of 8 or 16 bits."""
    values = vips(quarters()).colourspace("b-w")
    if bits == 16:
        values = (values.cast("ushort") * 257).cast("ushort").copy(interpretation="grey16")
    return save(values, path)


def one_bit(path: Path) -> Path:
    """Write black above white, one bit a pixel."""
    rows = np.zeros((HEIGHT, WIDTH), bool)
    rows[HEIGHT // 2 :] = True
    Image.fromarray(rows).save(path)
    return path


def palette(path: Path) -> Path:
    """Write the quarters with a palette."""
    Image.fromarray(quarters()).quantize(8).save(path)
    return path


def clear_quarter(path: Path) -> Path:
    """Write the quarters with the first fully clear and the second half clear."""
    alpha = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
    alpha[: HEIGHT // 2, : WIDTH // 2] = 0
    alpha[: HEIGHT // 2, WIDTH // 2 :] = 128
    options = {"lossless": True} if path.suffix == ".webp" else {}
    Image.fromarray(np.concatenate([quarters(), alpha], 2)).save(path, **options)
    return path


def adobe_inverted_cmyk(path: Path) -> Path:
    """Write a CMYK JPEG as Photoshop does: an Adobe marker, inks inverted, no profile."""
    inks = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    inks[: HEIGHT // 2, : WIDTH // 2] = (0, 255, 255, 0)  # red
    inks[: HEIGHT // 2, WIDTH // 2 :] = (0, 0, 0, 0)  # paper
    inks[HEIGHT // 2 :, : WIDTH // 2] = (0, 0, 0, 255)  # black
    inks[HEIGHT // 2 :, WIDTH // 2 :] = (0, 0, 255, 0)  # yellow
    Image.fromarray(inks, "CMYK").save(path, quality=95)  # Pillow inverts, and says so in an Adobe marker
    return path


def lab(path: Path, bits: int = 8) -> Path:
    """Write the quarters as a TIFF in CIE Lab, 8 bits or 16."""
    if bits == 16:
        return save(vips(quarters()).colourspace("labs"), path)
    values = vips(quarters()).colourspace("lab").numpy()
    samples = np.round(values * [2.55, 1, 1]).astype(np.int16).astype(np.uint8)
    path.write_bytes(plain_tiff(samples, t262=(3, [8])))
    return path


def several_pages(path: Path) -> Path:
    """Write a TIFF of three pages, the quarters first."""
    first, *others = (Image.fromarray(quarters()), Image.new("RGB", (300, 300)), Image.new("RGB", (200, 200)))
    first.save(path, save_all=True, append_images=others)
    return path


def jpeg2000(path: Path, **options: Any) -> Path:
    """Write the quarters as JPEG 2000."""
    Image.fromarray(quarters()).save(path, irreversible=False, **options)
    return path


def png_header(width: int, height: int) -> bytes:
    """Return a whole PNG that says it is *width* x *height* and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff(entries: dict[int, tuple[int, list[int]]], data: bytes, *, order: str = "<") -> bytes:
    """Return a TIFF with one directory of *entries* (tag: type, numbers) and *data* from byte 8 on."""
    letters = {1: "B", 2: "B", 3: "H", 4: "I", 5: "I", 7: "B", 10: "i"}
    start = 8 + len(data) + len(data) % 2
    values_at = start + 2 + 12 * len(entries) + 4
    table, values = b"", b""
    for tag, (kind, numbers) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(numbers)}{letters[kind]}", *numbers)
        count = len(numbers) // (2 if kind in {5, 10} else 1)
        if len(packed) <= 4:
            place = packed.ljust(4, b"\0")
        else:
            place = struct.pack(order + "I", values_at + len(values))
            values += packed + b"\0" * (len(packed) % 2)
        table += struct.pack(order + "HHI", tag, kind, count) + place
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = mark + struct.pack(order + "I", start) + data + b"\0" * (len(data) % 2)
    return body + struct.pack(order + "H", len(entries)) + table + bytes(4) + values


def plain_tiff(picture: np.ndarray, **more: tuple[int, list[int]]) -> bytes:
    """Return *picture* as an uncompressed TIFF in one strip; *more* as ``t274=(3, [6])`` adds or replaces tags."""
    height, width, bands = picture.shape
    bits = 8 * picture.dtype.itemsize
    data = np.ascontiguousarray(picture).tobytes()
    entries: dict[int, tuple[int, list[int]]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * bands),
        259: (3, [1]),
        262: (3, [2 if bands >= 3 else 1]),
        273: (4, [8]),
        277: (3, [bands]),
        278: (4, [height]),
        279: (4, [len(data)]),
    }
    entries |= {int(name[1:]): value for name, value in more.items()}
    return tiff(entries, data)


def dng(path: Path, orientation: int = 1, side: int = 256) -> Path:
    """Write a small DNG: a Bayer mosaic (RGGB) whose left half is red light and right half blue light."""
    mosaic = np.full((side, side), 2000, np.uint16)
    mosaic[0::2, 0 : side // 2 : 2] = 50000  # red sites of the left half
    mosaic[1::2, side // 2 + 1 :: 2] = 50000  # blue sites of the right half
    data = mosaic.tobytes()
    rational: Callable[[list[float]], list[int]] = lambda values: [  # noqa: E731
        part for value in values for part in (round(value * 10000), 10000)
    ]
    entries: dict[int, tuple[int, list[int]]] = {
        254: (4, [0]),
        256: (4, [side]),
        257: (4, [side]),
        258: (3, [16]),
        259: (3, [1]),
        262: (3, [32803]),
        271: (2, list(b"Khizana\0")),
        272: (2, list(b"Specimen\0")),
        273: (4, [8]),
        274: (3, [orientation]),
        277: (3, [1]),
        278: (4, [side]),
        279: (4, [len(data)]),
        284: (3, [1]),
        33421: (3, [2, 2]),
        33422: (1, [0, 1, 1, 2]),
        50706: (1, [1, 4, 0, 0]),
        50708: (2, list(b"Khizana Specimen\0")),
        50714: (4, [0]),
        50717: (4, [65535]),
        50721: (10, rational([3.2404, -1.5371, -0.4985, -0.9693, 1.876, 0.0416, 0.0556, -0.204, 1.0572])),
        50728: (5, rational([1.0, 1.0, 1.0])),
        50778: (3, [21]),
    }
    path.write_bytes(tiff(entries, data))
    return path


def encoded(picture: np.ndarray, kind: str, **options: Any) -> bytes:
    """Return *picture* as the bytes of a file of *kind* (JPEG, PNG, TIFF, WEBP, JPEG2000)."""
    with io.BytesIO() as out:
        Image.fromarray(picture if picture.shape[2] == 3 else picture[:, :, 0]).save(out, kind, **options)
        return out.getvalue()
