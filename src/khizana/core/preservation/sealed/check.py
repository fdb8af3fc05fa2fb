"""Checking sealed copies: by the keeper, who cannot read them, and by whoever has the key.

Nothing that lies at the site makes this raise; what cannot be read is told as unreadable. A site that does not answer
any more raises ``Away``: then nothing is known of its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from khizana.core.errors import Away, BadInput, Damaged, KhizanaError, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.ports import Opener, ReplicaStore
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Outcome, Unexpected, Unreadable
from khizana.core.preservation.replicas.reading import Reader
from khizana.core.preservation.sealed import sums
from khizana.core.preservation.sealed.names import SUMS, folder_above, name_parts
from khizana.core.preservation.sealed.stream import DigestingWriter, RunsReader, digest_of_runs
from khizana.core.preservation.sealed.walk import VersionFolder, opened_contents, versions_at

_LARGEST_SUMS = 1 << 28  # bytes: about a million files


def check_sealed(
    store: ReplicaStore,
    *,
    known: Mapping[str, Digest] | None = None,
    opener: Opener | None = None,
    reader: Reader | None = None,
) -> Iterator[Outcome]:
    """Yield what became of every sealed file at *store*, by name.

    *known* is the folder of each version to the digest of its ``SHA512SUMS`` (``Sealed`` tells both). Without it, a
    list that was taken away or replaced together with its files, or a whole version, is not missed by the keeper.
    With *opener* every file is opened and its plaintext compared with the table of contents. What a killed run left,
    which nothing lists yet, is unexpected. *reader* is what reads *store*, in one thread where it is not given.
    """
    reader = reader or Reader(store)
    waiting = dict(known or {})
    for found in versions_at(store):
        yield from _version(store, found, waiting.pop(found.folder, None), opener, reader)
    for folder in sorted(waiting):
        yield Missing(folder + SUMS)


def check_folders(
    store: ReplicaStore,
    known: Mapping[str, Digest],
    *,
    opener: Opener | None = None,
    reader: Reader | None = None,
) -> Iterator[Outcome]:
    """Yield what became of every file of the one object whose versions' folders are *known*, as ``check_sealed`` does.

    A version that is not known is unexpected, whole or not.
    """
    reader = reader or Reader(store)
    waiting = dict(known)
    for below in sorted({folder_above(folder) for folder in known}):
        for found in versions_at(store, below):
            if found.folder in known:
                yield from _version(store, found, waiting.pop(found.folder), opener, reader)
            else:
                yield from (Unexpected(found.folder + name, size) for name, size in found.sizes.items())
    for folder in sorted(waiting):
        yield Missing(folder + SUMS)


def _version(
    store: ReplicaStore, found: VersionFolder, known: Digest | None, opener: Opener | None, reader: Reader
) -> Iterator[Outcome]:
    if found.version == 0 or (found.is_unfinished and known is None):
        yield from (Unexpected(found.folder + name, size) for name, size in found.sizes.items())
        return
    listed, said = _listed(store, found, known)
    plain, told = _plain(store, found, opener)

    def look(name: str) -> Outcome:
        outcome = _file(reader, found, name, plain.get(name), opener)
        if isinstance(outcome, Intact) and not _belongs(name, listed, plain):
            return Unexpected(outcome.name, outcome.size)
        return outcome

    yield said
    yield from told
    yield from reader.each(look, sorted({*found.sizes, *listed, *plain} - {SUMS}))


def _belongs(name: str, listed: Mapping[str, Digest], plain: Mapping[str, object]) -> bool:
    """Tell whether a file that is what its name says is one of its version: by the list, and by the table if opened."""
    parts = name_parts(name)
    is_contents = parts is not None and parts.is_contents
    return (not listed or name in listed) and (not plain or is_contents or name in plain)


def _listed(store: ReplicaStore, found: VersionFolder, known: Digest | None) -> tuple[dict[str, Digest], Outcome]:
    name = found.folder + SUMS
    if SUMS not in found.sizes:
        return {}, Missing(name)
    if found.sizes[SUMS] > _LARGEST_SUMS:
        return {}, Unreadable(name, f"{found.sizes[SUMS]} B")
    try:
        content = b"".join(bytes(run) for run in store.read(name))
    except NotFound:
        return {}, Missing(name)
    except Away:
        raise
    except KhizanaError as error:
        return {}, Unreadable(name, str(error))
    digest = digest_of(content)
    listed = sums.parse(content)
    if listed is None or (known is not None and digest != known):
        return listed or {}, Altered(name, digest)
    return listed, Intact(name, len(content))


def _plain(
    store: ReplicaStore, found: VersionFolder, opener: Opener | None
) -> tuple[dict[str, tuple[int, Digest] | None], list[Outcome]]:
    """Return what comes out of each file by the table of contents, and what is wrong with the table itself."""
    if opener is None:
        return {}, []
    try:
        contents = opened_contents(store, found, opener)
    except BadInput as error:
        return {}, [Unreadable(found.folder, str(error))]
    except Damaged as error:
        if found.contents:
            return {}, [Unreadable(found.folder, str(error))]
        return {}, [Missing(f"{found.folder}contents-*.age")]
    except Away:
        raise
    except KhizanaError as error:
        return {}, [Unreadable(found.folder, str(error))]
    return {each.name: (each.size, each.digest) for each in contents.files}, []


def _file(
    reader: Reader,
    found: VersionFolder,
    name: str,
    plain: tuple[int, Digest] | None,
    opener: Opener | None,
) -> Outcome:
    full, parts = found.folder + name, name_parts(name)
    if name not in found.sizes:
        return Missing(full)
    if parts is None:
        return Unexpected(full, found.sizes[name])
    try:
        if opener is None or plain is None:
            digest, size = digest_of_runs(reader.runs(full))
            opened = plain
        else:
            digest, size, opened = _opened(reader.runs(full), opener)
    except NotFound:
        return Missing(full)
    except Away:
        raise
    except KhizanaError as error:
        return Unreadable(full, str(error))
    if not digest.startswith(parts.certified):
        return Altered(full, digest)
    return Intact(full, size) if opened == plain else Altered(full, opened[1] if opened else digest)


def _opened(runs: Iterator[bytes | memoryview], opener: Opener) -> tuple[Digest, int, tuple[int, Digest] | None]:
    """Return digest and size of the ciphertext, and size and digest of what came out of it, if anything did."""
    reader, goal = RunsReader(runs), DigestingWriter()
    try:
        opener.open(reader, goal)
    except Damaged:
        return reader.drain(), reader.size, None
    return reader.drain(), reader.size, (goal.size, goal.digest)


def damages(outcomes: Iterator[Outcome]) -> Iterator[Finding]:
    """Yield one finding for each of *outcomes* that is not intact."""
    codes = {
        Altered: "SEALED_FILE_DAMAGED",
        Missing: "SEALED_FILE_MISSING",
        Unreadable: "SEALED_FILE_UNREADABLE",
        Unexpected: "SEALED_FILE_UNEXPECTED",
    }
    for outcome in outcomes:
        if not isinstance(outcome, Intact):
            severity = Severity.WARNING if isinstance(outcome, Unexpected) else Severity.ERROR
            yield Finding(codes[type(outcome)], severity, outcome.name, {"name": outcome.name})
