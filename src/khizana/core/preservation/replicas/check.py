"""Checking one replica: every file that should be there is read, and every file that is there is accounted for."""

from __future__ import annotations

from collections.abc import Iterator

from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.replicas.expected import Expected
from khizana.core.preservation.replicas.outcome import Outcome, Unexpected, Unreadable
from khizana.core.preservation.replicas.reading import Reader


def check(store: ReplicaStore, reader: Reader, wanted: Expected) -> Iterator[Outcome]:
    """Yield the outcome of every file that the object must hold in *store*, then each file that it should not.

    That goes for ``logs/`` too: no inventory tells of what lies there (OCFL 1.1, 3.7), and this library writes there
    only the list of an adopted object, which is expected. It does not go for files of a known version after the one
    that is meant: a copying that was stopped goes on from them. A folder that cannot be listed is unreadable, by its
    name with its closing slash. Names in the outcomes are those of the store. Raises ``Away`` when the store has gone.
    """
    prefix = wanted.known.prefix
    names: dict[str, Digest] = {prefix + name: digest for name, digest in wanted.files.items()}
    yield from reader.outcomes(names.items())
    for stored in store.names(prefix):
        if stored.name.endswith("/"):
            yield Unreadable(stored.name, "cannot be listed")
        elif stored.name not in names and not _is_arriving(stored.name.removeprefix(prefix), wanted):
            yield Unexpected(stored.name, stored.size)


def _is_arriving(name: str, wanted: Expected) -> bool:
    number = name.partition("/")[0].removeprefix("v")
    return number.isdecimal() and wanted.head < int(number) <= wanted.known.head
