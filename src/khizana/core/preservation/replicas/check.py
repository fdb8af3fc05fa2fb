"""Checking one replica: every file that should be there is read, and every file that is there is accounted for."""

from __future__ import annotations

from collections.abc import Iterator

from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.replicas.expected import LOGS, Expected
from khizana.core.preservation.replicas.outcome import Outcome, Unexpected
from khizana.core.preservation.replicas.reading import Reader


def check(store: ReplicaStore, reader: Reader, wanted: Expected) -> Iterator[Outcome]:
    """Yield the outcome of every file that the object must hold in *store*, then each file that it should not.

    Files of ``logs/`` may be there: the inventory says nothing of them (OCFL 1.1, 3.7), and the ledger does. So may
    those of a known version after the one that is meant: a copying that was stopped goes on from them.
    Names in the outcomes are those of the store. Raises ``Unreadable`` when the store has gone.
    """
    prefix = wanted.known.prefix
    names: dict[str, Digest] = {prefix + name: digest for name, digest in wanted.files.items()}
    yield from reader.outcomes(names.items())
    for stored in store.names(prefix):
        name = stored.name.removeprefix(prefix)
        if stored.name not in names and not name.startswith(LOGS) and not _is_arriving(name, wanted):
            yield Unexpected(stored.name, stored.size)


def _is_arriving(name: str, wanted: Expected) -> bool:
    number = name.partition("/")[0].removeprefix("v")
    return number.isdecimal() and wanted.head < int(number) <= wanted.known.head
