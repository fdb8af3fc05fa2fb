"""Bags, made by code that is not the writer's, good ones and such as nobody should make."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def listed(files: Mapping[str, bytes], algorithm: str = "sha512") -> bytes:
    """Return a manifest of *files*."""
    lines = (f"{hashlib.new(algorithm, content).hexdigest()}  {name}\n" for name, content in files.items())
    return "".join(lines).encode("utf-8", "surrogatepass")


def files_of_bag(payload: Mapping[str, bytes], **tags: bytes) -> dict[str, bytes]:
    """Return all files of a bag with *payload* (names below ``data``); *tags* replace or add to what is beside it.

    ``fetch_txt=...`` stands for ``fetch.txt``.
    """
    data = {f"data/{name}": content for name, content in payload.items()}
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n".encode()
    beside = {"bagit.txt": DECLARATION, "bag-info.txt": oxum, "manifest-sha512.txt": listed(data)}
    beside |= {name.replace("__", "-").replace("_txt", ".txt"): content for name, content in tags.items()}
    beside["tagmanifest-sha512.txt"] = listed(beside)
    return {**data, **beside}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write *files* below *folder*."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: Mapping[str, bytes], *, top: str = "bag/") -> Path:
    """Write *files* as a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], *, top: str = "bag/") -> Path:
    """Write *files* as a tar, below *top*."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            source = path.with_suffix(".piece")
            source.write_bytes(content)
            archive.add(source, top + name)
            source.unlink()
    return path
