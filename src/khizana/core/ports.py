"""What the craft asks of the world outside.

A port exists where a second implementation does; its docstring is its contract, and one suite of tests
(``tests/contract``) holds every implementation to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from khizana.core.identifiers import ManuscriptId

if TYPE_CHECKING:  # nearly every command knows of stores, and few of what is searched
    from khizana.core.search.document import SearchDocument
    from khizana.core.search.query import Query
    from khizana.core.search.results import Asked, Results, Suggestion


@dataclass(frozen=True, slots=True)
class Stored:
    """One file at a site, as the site lists it."""

    name: str
    size: int
    """Bytes."""


class ReplicaSource(Protocol):
    """Where replicas can be read: named files.

    A name is a relative POSIX path whose parts are none of ``""``, ``.`` and ``..``: printable ASCII in all that is
    written here, and any text in objects that came from elsewhere. A store that cannot hold a name raises
    ``Unreadable``.

    Every method raises ``Away`` with the address when the store cannot be reached or does not answer as it should,
    and ``Unreadable`` when that is so of one file only.
    """

    @property
    def address(self) -> str:
        """Where the store is, for a person: "/media/SAHARA-2"."""
        ...

    def names(self, prefix: str = "") -> Iterator[Stored]:
        """Yield every file whose name begins with *prefix* (nothing, or a folder with its closing slash), in order.

        A folder that cannot be listed is yielded by its name with its closing slash: what lies in it is not known.
        Memory does not grow with their number.
        """
        ...

    def read(self, name: str) -> Iterator[bytes | memoryview]:
        """Yield the bytes of *name* as they lie there now, not as they are remembered, in runs of at most 1 MiB.

        A run is valid until the next is asked for. Raises ``NotFound`` when there is no such file, at the first run
        at the latest, and ``Damaged`` after the last when they are not as many as the store itself says.
        """
        ...


class ReplicaStore(ReplicaSource, Protocol):
    """Where a site keeps its replicas: files that are never overwritten.

    What two threads do with different names does not disturb; one process writes to a store at a time (``held``).
    ``NoSpace`` says that the store is full. Nothing half-written has a name.
    """

    def held(self) -> AbstractContextManager[None]:
        """Keep every other process from writing to the store meanwhile, where the store can.

        A killed process holds nothing, and what it left half-written is cleared away; a store on a network learns of
        that only when nothing is heard of it for a while. Raises ``Busy`` when another process writes.
        """
        ...

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        """Keep *content*, *size* bytes in all, under *name*: durable when this returns, whole or not there.

        Raises ``AlreadyThere`` when *name* exists, and ``Damaged`` when *content* ends early or goes on too long.
        """
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Put *content* in the place of *name*, old or new but never in between.

        Only for small files that are a copy of what is kept elsewhere: the root inventory of an object is one.
        """
        ...

    def set_aside(self, name: str, aside: str) -> None:
        """Give the file *name* the name *aside*, with its bytes as they are.

        Raises ``NotFound`` when there is no *name*, ``AlreadyThere`` when there is *aside*.
        """
        ...

    def remove(self, name: str) -> None:
        """Take the file *name* away for good: gone when this returns. Nothing happens where there is none.

        Only for what a deletion names that people have consented to.
        """
        ...


class CardReading(Protocol):
    """A file of a card while it is read."""

    @property
    def size(self) -> int:
        """Bytes, as they were when it was opened."""
        ...

    def into(self, buffer: memoryview) -> int:
        """Read on into *buffer* and return how many bytes; 0 at the end. Raises ``Unreadable``."""
        ...

    def is_unchanged(self) -> bool:
        """Say whether the file is still what it was when it was opened, as far as the file system tells."""
        ...


class CardFile(Protocol):
    """A file of a card."""

    @property
    def name(self) -> str:
        r"""Path below the card, as a person reads it: undecodable bytes as ``\xNN``."""
        ...

    @property
    def size(self) -> int:
        """Bytes; 0 where that cannot be known."""
        ...

    @property
    def modified(self) -> int:
        """When it was last written to, in nanoseconds since 1970; 0 where that cannot be known."""
        ...

    def opened(self) -> AbstractContextManager[CardReading]:
        """Open the file, from several threads at once if need be.

        Raises ``BadInput`` for what is not a regular file, ``NotFound`` for one that is gone, and ``Unreadable``.
        """
        ...


class Card(Protocol):
    """What photographs arrive on, which is only ever read: a folder, or a bag in one file."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    def files(self) -> Iterator[CardFile]:
        """Yield its files; what is hidden, and what is a link, is passed over.

        Raises ``NotFound`` or ``Unreadable`` for the card.
        """
        ...

    def content(self, name: str, most: int) -> bytes | None:
        """Return at most *most* bytes of the file *name* at its top; None where there is none.

        Raises ``Unreadable``.
        """
        ...

    def is_there(self) -> bool:
        """Say whether the card can still be reached."""
        ...


class ByteReader(Protocol):
    """Gives bytes as they are asked for."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most *size* bytes, none at the end."""
        ...


class ByteWriter(Protocol):
    """Takes bytes as they come."""

    def write(self, content: bytes, /) -> int:
        """Take all of *content* and return its length."""
        ...

    def flush(self) -> None:
        """Hold nothing back."""
        ...


class Sealer(Protocol):
    """Encrypts for those who hold a secret key, and holds none itself; it writes age v1 (age-encryption.org/v1)."""

    def seal(self, reader: ByteReader, writer: ByteWriter) -> None:
        """Encrypt all of *reader* into *writer*, in memory that does not grow with it.

        Twice the same bytes are sealed twice differently. What *reader* and *writer* raise comes through as it is.
        """
        ...


class Opener(Protocol):
    """Decrypts what a ``Sealer`` wrote, with the secret key."""

    def open(self, reader: ByteReader, writer: ByteWriter) -> None:
        """Decrypt all of *reader* into *writer*, in memory that does not grow with it.

        Raises ``BadInput`` when it was sealed for other keys, and ``Damaged`` when it is not what was sealed, cut
        short among that; what was written to *writer* until then is not to be used. What *reader* and *writer*
        raise comes through as it is.
        """
        ...


class SearchIndex(Protocol):
    """Where manuscripts are searched. It can be thrown away: it is made again from the preservation objects.

    Readers go on while one process writes, and see what was committed last. A killed writer loses nothing that was
    committed and leaves an index that opens.
    """

    def is_usable(self) -> bool:
        """Say whether there is an index, made by this version of the analysis, that opens."""
        ...

    def writing(self, *, anew: bool = False) -> AbstractContextManager[SearchWriter]:
        """Write to the index, from nothing with *anew*; what was written is seen by readers at the latest at the end.

        An index that is not usable is made from nothing. Raises ``Busy`` when another process writes, and
        ``NoSpace``. What is raised within leaves the index as it was at the last commit.
        """
        ...

    def search(self, query: Query, asked: Asked) -> Results:
        """Return what meets *query*: every word, in the order of the tiers, each manuscript once.

        Where *asked* does not ask for everything, nothing of a manuscript that is not published is in the answer: no
        hit, no count, no suggestion. Raises ``NotFound`` where there is no usable index.
        """
        ...

    def suggest(self, typed: str, *, everything: bool, limit: int = 8) -> tuple[Suggestion, ...]:
        """Return names that begin like *typed*, or sound so, for a reader who is still typing. Raises ``NotFound``."""
        ...


class SearchWriter(Protocol):
    """Writes to a search index."""

    def put(self, document: SearchDocument) -> None:
        """Write *document*, in the place of what is there of the same manuscript."""
        ...

    def remove(self, manuscript: ManuscriptId) -> None:
        """Take *manuscript* out, if it is there."""
        ...

    def commit(self) -> None:
        """Make durable, and show to readers, what was written until now. It costs about a tenth of a second."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server of images gave."""

    asked: str
    """The address that it was asked for."""
    address: str
    """The one that it came from, where it was led on to another."""
    size: int
    """Bytes."""


class Restartable(Protocol):
    """Takes bytes that may have to come again from the first."""

    def restart(self) -> None:
        """Forget all that was written."""
        ...

    def write(self, content: memoryview, /) -> None:
        """Take all of *content*. Raises ``NoSpace`` and ``Unreadable``."""
        ...


class ImageServers(Protocol):
    """Servers of other libraries that hold images.

    What they are asked for, and what they answer, may be anything at all: each ask is bounded in bytes and in time, and
    leads to addresses of http and https alone, to none of this machine or its network unless a person said so. Servers
    are asked one thing at a time, with a pause in between, and again where they do not answer.
    """

    def fetch(self, addresses: Sequence[str], into: Restartable, *, name: str) -> Fetched:
        """Write what the first of *addresses* that has an image gives into *into*; *name* is for people.

        Raises ``BadInput`` for an address that is not asked at all, or an answer that is not taken (too large, too
        slow, packed); ``Unreadable`` where none of them gives an image, ``Away`` where the server does not answer, and
        what *into* raises.
        """
        ...
