"""The journal of a manuscript being received: what is safely in staging, so that the same command goes on.

One JSON value a line, each flushed to disk before the next file is touched; a line that a power cut tore is
not there. Ends with the order in which the photographs are read, once all were seen.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from khizana.core.errors import Busy, NotFound
from khizana.core.identifiers import Digest, ManuscriptId
from khizana.core.preservation.durable import make_directories, sync_directory, writing


@dataclass(frozen=True, slots=True)
class Capture:
    """One photograph that lies in staging, read back."""

    name: str
    """Path on the card, as a person reads it."""
    modified: int
    """The card's modification time, nanoseconds: with name and size it tells a file that was seen before."""
    size: int
    digest: Digest
    media_type: str
    extension: str
    width: int
    height: int
    received: str
    """RFC 3339 time at which it had been read back."""
    came: str = ""
    """How it came, for its event; nothing where it was from a card."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything received for one manuscript, in reading order, each with its folio label."""

    shelfmark: str
    captures: tuple[tuple[Capture, str], ...]


class Journal:
    """The journal of one manuscript, in the staging folder."""

    def __init__(self, staging: Path, manuscript: ManuscriptId) -> None:
        self._path = staging / f"{sha256(manuscript.encode()).hexdigest()[:32]}.journal"

    @contextmanager
    def held(self, shelfmark: str) -> Iterator[None]:
        """Keep every other process from receiving for this manuscript: two would take each other's files away.

        A process that is killed holds nothing. Raises ``Busy`` when another one receives.
        """
        lock = self._path.with_suffix(".lock")
        with writing(lock):
            make_directories(lock.parent)
        while True:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(handle)
                raise Busy("SHELFMARK_BUSY", shelfmark=shelfmark) from error
            if os.fstat(handle).st_nlink:
                break
            os.close(handle)  # removed by its holder between the two lines above
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
            os.close(handle)

    def captures(self) -> Mapping[str, Capture]:
        """Return what was received so far, by name."""
        return self._read()[0]

    def receipt(self) -> Receipt:
        """Return all that was received, in order.

        Raises ``NotFound`` where nothing was received to the end, or where the journal has lost a part of it.
        """
        captures, order = self._read()
        try:
            if order is not None:
                return Receipt(order["shelfmark"], tuple((captures[name], label) for name, label in order["order"]))
        except (KeyError, TypeError, ValueError) as error:
            raise NotFound("NOTHING_RECEIVED") from error
        raise NotFound("NOTHING_RECEIVED")

    def note(self, capture: Capture) -> None:
        """Write down one capture, durably."""
        self._append({"capture": asdict(capture)})

    def close(self, receipt: Receipt) -> None:
        """Write down that all was received, and the order."""
        self._append(
            {"shelfmark": receipt.shelfmark, "order": [[capture.name, label] for capture, label in receipt.captures]}
        )

    def remove(self) -> None:
        """Forget the journal: everything it names lies in a preservation object."""
        self._path.unlink(missing_ok=True)

    def _append(self, value: object) -> None:
        with writing(self._path):
            is_new = not self._path.exists()
            with self._path.open("ab") as stream:
                # A torn line before this one is closed, so that it spoils nothing but itself.
                stream.write(b"\n" + json.dumps(value, ensure_ascii=False).encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            if is_new:
                sync_directory(self._path.parent)

    def _read(self) -> tuple[dict[str, Capture], dict[str, Any] | None]:
        """Return the captures by name, and the closing line; what cannot be understood is as if it were not there."""
        captures: dict[str, Capture] = {}
        order: dict[str, Any] | None = None
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return captures, order
        for line in raw.splitlines():
            with suppress(ValueError, TypeError, KeyError):
                value = json.loads(line)
                if "capture" in value:
                    capture = Capture(**value["capture"])
                    captures[capture.name] = capture
                elif "order" in value:
                    order = value
        return captures, order
