"""Where objects lie: the storage root, and layout 0003 (hash and id n-tuple) with its default parameters.

Sources: OCFL 1.1, "OCFL Storage Root"; OCFL community extension 0003-hash-and-id-n-tuple-storage-layout.
"""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path, PurePath

from khizana.core.errors import BadInput
from khizana.core.preservation.durable import make_directories, sync_directory, write_beside, writing

EXTENSION = "0003-hash-and-id-n-tuple-storage-layout"
ROOT_DECLARATION = "0=ocfl_1.1"
OBJECT_DECLARATION = "0=ocfl_object_1.1"
DIGEST_ALGORITHM = "sha256"
TUPLE_SIZE = 3
NUMBER_OF_TUPLES = 3
LONGEST_NAME = 100  # characters of an encoded identifier before its digest takes the place of the rest

_SAFE = frozenset(string.ascii_letters + string.digits + "-_")


@lru_cache(1024)  # asked for again with every file of an object
def object_path(object_id: str) -> PurePath:
    """Return where the object with *object_id* lies, relative to the storage root.

    Three directories of three characters of the sha256 of the identifier, then the identifier itself,
    percent-encoded in lower case; beyond 100 characters it is cut there and "-" and the digest follow.

    Raises ``BadInput`` when *object_id* is empty or is not encodable as UTF-8.
    """
    try:
        encoded = object_id.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput("OBJECT_ID_UNUSABLE", object_id=ascii(object_id)) from error
    if not encoded:
        raise BadInput("OBJECT_ID_UNUSABLE", object_id=object_id)
    digest = hashlib.sha256(encoded).hexdigest()
    tuples = [digest[start : start + TUPLE_SIZE] for start in range(0, TUPLE_SIZE * NUMBER_OF_TUPLES, TUPLE_SIZE)]
    name = "".join(chr(byte) if chr(byte) in _SAFE else f"%{byte:02x}" for byte in encoded)
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}-{digest}"
    return PurePath(*tuples, name)


def create_storage_root(path: Path) -> None:
    """Make *path* an OCFL 1.1 storage root of layout 0003, described in itself; go on where a killed run stopped.

    Raises ``BadInput`` when *path* holds files that are none of a storage root's, ``NoSpace`` on a full disk.
    """
    wanted = root_files()
    with writing(path):
        make_directories(path)
        if (path / ROOT_DECLARATION).is_file():
            return
        known = {name.partition("/")[0] for name in wanted}
        for entry in sorted(path.iterdir()):
            if entry.name.removesuffix(".part") not in known:
                raise BadInput("STORAGE_NOT_EMPTY", path=str(path), found=entry.name)
        for name, content in wanted.items():
            make_directories((path / name).parent)
            if not (path / name).is_file():
                write_beside(path / name, content)
        sync_directory(path.parent)


def root_files() -> dict[str, bytes]:
    """Return the files of a new storage root, by their paths in it: layout, its description, and the declaration.

    The declaration comes last: a folder without it is not yet a storage root, and the next run completes it.
    """
    layout = {
        "description": "Objects lie under three directories of three characters of the sha256 digest of their "
        "identifier, in a directory named by the percent-encoded identifier.",
        "extension": EXTENSION,
    }
    config = {
        "digestAlgorithm": DIGEST_ALGORITHM,
        "extensionName": EXTENSION,
        "numberOfTuples": NUMBER_OF_TUPLES,
        "tupleSize": TUPLE_SIZE,
    }
    return {
        "ocfl_layout.json": _json(layout),
        f"extensions/{EXTENSION}/config.json": _json(config),
        f"{EXTENSION}.md": files(__package__).joinpath(f"{EXTENSION}.md").read_bytes(),
        ROOT_DECLARATION: b"ocfl_1.1\n",
    }


def _json(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
