"""Copying one object to a site: every file read back from there before it counts, nothing overwritten.

Content comes before the inventories that name it, and the root inventory with its sidecar last. What is in the way
comes after all that is not: it may be the last good copy of what the object holds under another name since branches
were joined, and so it stays where something else could not be copied. Stopped at any moment, the same call goes on:
what lies there already is read, and kept where it is right.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from khizana.core.errors import Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaSource, ReplicaStore
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of, from_json
from khizana.core.preservation.replicas.expected import Expected, small_file
from khizana.core.preservation.replicas.outcome import Intact, Missing
from khizana.core.preservation.replicas.reading import OnBytes, Reader, nothing

ASIDE = "aside"
"""Folder of a site for files that were in the way or damaged: they are kept as they were found."""


_OF_ONE_FILE = {"ORIGIN_ALTERED", "ORIGIN_MISSING", "SITE_NO_FILE", "SITE_UNREADABLE", "COURIER_FILE_LOST"}
"""Errors that one file of the source may bring about, and that say nothing of the others."""

_INVENTORIES = (f"/{INVENTORY}", f"/{SIDECAR}")

_AHEAD = 4
"""Files under way for each thread: enough that none waits, few enough that the memory is bounded."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copying did."""

    files: int
    bytes: int
    set_aside: tuple[str, ...]
    """Names of files that stood there with other bytes; they lie in the site's ``aside`` now."""


def copy_object(
    source: ReplicaSource,
    site: ReplicaStore,
    wanted: Expected,
    *,
    verified_head: int = 0,
    stamp: str,
    threads: int = 1,
    on_bytes: OnBytes = nothing,
    problems: list[KhizanaError] | None = None,
    may_replace: bool = True,
) -> Copied:
    """Make *site* hold the object as *wanted* says, from *source*, and return what that took.

    Versions up to *verified_head* have been read back there before and are not read again. *stamp* names the
    folder for what is set aside; *threads* files are copied at a time. A file whose bytes are gone or wrong at the
    source is added to *problems* where that is given, and the others are copied; what lies in the way is then left.
    Unless it *may_replace*, nothing of the object that the site has already is set aside or replaced by other bytes.

    Raises ``Damaged`` SITE_AHEAD when the site has a later version than *wanted*, and SITE_NOT_REPLACED when it has
    something else that must not be replaced (nothing is written), ORIGIN_ALTERED
    when the bytes of *source* are not those recorded (the site has then nothing of that file), COPY_DIFFERS when the
    site gives back other bytes than it was given, ``NotFound`` ORIGIN_MISSING, and what the stores raise.
    """
    copying = _Copying(source, site, wanted, stamp, on_bytes)
    prefix = wanted.known.prefix
    there = {}
    for stored in site.names(prefix):
        if stored.name.endswith("/"):
            raise Unreadable("SITE_UNREADABLE", name=stored.name, path=site.address, problem="cannot be listed")
        there[stored.name.removeprefix(prefix)] = stored.size
    _check_not_ahead(there, wanted, site)
    if not may_replace:
        copying.refuse_to_replace(there)

    def is_verified(name: str) -> bool:
        version = name.partition("/")[0].removeprefix("v")
        return version.isdigit() and int(version) <= verified_head and name in there

    names = [name for name in wanted.files if name not in wanted.replaced and not is_verified(name)]
    with _Work(threads, problems) as work:
        for name in names:
            is_inventory = name.endswith(_INVENTORIES)
            work.settle(0 if is_inventory else _AHEAD * threads)  # an inventory waits for the content that it names
            if is_inventory and copying.in_the_way:
                copying.in_the_way.add(name)
            else:
                work.give(copying.file, name, is_there=name in there)
        work.settle(0)
        if copying.in_the_way and problems:
            return copying.copied()
        for name in [each for each in names if each in copying.in_the_way]:
            work.settle(0 if name.endswith(_INVENTORIES) else _AHEAD * threads)
            work.give(copying.in_its_place, name, is_there=name in there)
        work.settle(0)
    copying.give_way(there, verified_head)
    copying.root_inventory()
    return copying.copied()


def _check_not_ahead(there: Mapping[str, int], wanted: Expected, site: ReplicaStore) -> None:
    """Raise ``Damaged`` SITE_AHEAD where the site has a version of the object after the newest that is known here."""
    known = wanted.known
    for name in there:
        version, _, rest = name.partition("/")
        if rest != INVENTORY or not version[1:].isdigit() or int(version[1:]) <= wanted.head:
            continue
        with suppress(Damaged, NotFound, Unreadable):  # a stray file there is no version
            found = from_json(small_file(site, known.prefix)(name), known.prefix)
            if (found.object_id, found.head) == (known.object_id, int(version[1:])):
                break
    else:
        return
    facts: dict[str, str | int] = {"object_id": known.object_id, "version": version, "known": wanted.head}
    raise Damaged("SITE_AHEAD", path=site.address, **facts)


class _Work:
    """Files under way, in *threads*; what may befall one of them is added to *problems* where that is given."""

    def __init__(self, threads: int, problems: list[KhizanaError] | None) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="copy")
        self._under_way: deque[Future[None]] = deque()
        self._problems = problems

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def give(self, do: Callable[..., None], name: str, *, is_there: bool) -> None:
        self._under_way.append(self._pool.submit(do, name, is_there=is_there))

    def settle(self, most: int) -> None:
        """Wait until at most *most* files are under way."""
        while len(self._under_way) > most:
            try:
                self._under_way.popleft().result()
            except (Damaged, NotFound, Unreadable) as error:
                if self._problems is None or error.code not in _OF_ONE_FILE:
                    raise
                self._problems.append(error)


class _Copying:
    def __init__(
        self, source: ReplicaSource, site: ReplicaStore, wanted: Expected, stamp: str, on_bytes: OnBytes
    ) -> None:
        self._source = source
        self._site = site
        self._wanted = wanted
        self._prefix = wanted.known.prefix
        self._stamp = stamp
        self._on_bytes = on_bytes
        self._back = Reader(site)
        self._sizes = {stored.name: stored.size for stored in source.names(self._prefix)}
        # Several threads append to these.
        self.in_the_way: set[str] = set()
        """Names of files that wait until all others are copied."""
        self._copied: list[int] = []
        self._aside: list[str] = []

    def copied(self) -> Copied:
        return Copied(len(self._copied), sum(self._copied), tuple(sorted(self._aside)))

    def refuse_to_replace(self, there: Mapping[str, int]) -> None:
        """Raise ``Damaged`` SITE_NOT_REPLACED where anything that is *there* is not as it is wanted.

        A root inventory may be that of any version that is known here: the next one takes its place at every copying.
        """
        for name in there:
            if name == INVENTORY and name in self._wanted.replaced:
                right = digest_of(small_file(self._site, self._prefix)(name)) in self._wanted.known.versions.values()
            elif name in self._wanted.replaced:
                continue  # a sidecar says what its inventory is, and holds nothing else
            else:
                right = name in self._wanted.files and self._is_right(name)
            if not right:
                raise Damaged("SITE_NOT_REPLACED", name=self._prefix + name, path=self._site.address)

    def file(self, name: str, *, is_there: bool) -> None:
        if not is_there:
            self._write(name)
        elif not self._is_right(name):
            self.in_the_way.add(name)

    def in_its_place(self, name: str, *, is_there: bool) -> None:
        if is_there and self._is_right(name):
            return
        if is_there:
            self._set_aside(self._prefix + name)
        self._write(name)

    def _is_right(self, name: str) -> bool:
        return isinstance(self._back.outcome(self._prefix + name, self._wanted.files[name]), Intact)

    def _write(self, name: str) -> None:
        full, digest = self._prefix + name, self._wanted.files[name]
        content = self._wanted.told.get(name)
        if content is not None:
            self._put(full, digest, content)
            return
        again = f"{self._stamp}-again"  # what was in the way may lie under this name in the other already
        put_checked(self._source, self._site, full, digest, self._sizes, stamp=again, on_bytes=self._on_bytes)
        self._copied.append(self._sizes[full])

    def give_way(self, there: Mapping[str, int], verified_head: int) -> None:
        """Set aside what lies in a version's folder and is not of it: another branch had that number here."""
        for name in there:
            version = name.partition("/")[0].removeprefix("v")
            if version.isdigit() and int(version) > verified_head and name not in self._wanted.files:
                self._set_aside(self._prefix + name)

    def root_inventory(self) -> None:
        for name in self._wanted.replaced:
            full, digest, content = self._prefix + name, self._wanted.files[name], self._wanted.told[name]
            if isinstance(self._back.outcome(full, digest), Intact):
                continue
            if name == INVENTORY:
                self._keep_root()
            self._site.replace(full, content)
            self._compare(full, digest, len(content))

    def _keep_root(self) -> None:
        """Keep in ``aside`` the root inventory that is there, unless the folder of its version has the same bytes.

        It may be the last good copy of that version's inventory: what was read back in that folder once can rot.
        """
        with suppress(NotFound, Unreadable):  # of what is not there or cannot be read, nothing can be kept
            content = small_file(self._site, self._prefix)(INVENTORY)
            digest = digest_of(content)
            with suppress(Damaged):
                folder = f"v{from_json(content, self._prefix).head}/"
                if isinstance(self._back.outcome(self._prefix + folder + INVENTORY, digest), Intact):
                    return
            kept = f"{ASIDE}/{self._stamp}/{self._prefix}{INVENTORY}.{digest[:16]}"
            if not isinstance(self._back.outcome(kept, digest), Intact):
                self._site.put(kept, [content], size=len(content))
            self._aside.append(self._prefix + INVENTORY)

    def _put(self, full: str, digest: Digest, content: bytes) -> None:
        self._site.put(full, [content], size=len(content))
        self._compare(full, digest, len(content))

    def _compare(self, full: str, digest: Digest, size: int) -> None:
        if not isinstance(self._back.outcome(full, digest), Intact):
            raise Damaged("COPY_DIFFERS", name=full, path=self._site.address)
        self._copied.append(size)

    def _set_aside(self, full: str) -> None:
        self._site.set_aside(full, f"{ASIDE}/{self._stamp}/{full}")
        self._aside.append(full)


def put_checked(
    source: ReplicaSource,
    site: ReplicaStore,
    name: str,
    digest: Digest,
    sizes: Mapping[str, int],
    *,
    stamp: str,
    on_bytes: OnBytes = nothing,
    found_at: str = "",
) -> None:
    """Copy *name* from *source* to *site*, read it back there, and compare it with *digest*.

    In *source* it may lie under another name, *found_at*. One digest does for both ends: bytes read back that have it
    were read right and written right. Where they have not, the source is read again to tell whose fault it is, and the
    copy is set aside.
    """
    if name not in sizes:
        raise NotFound("ORIGIN_MISSING", name=name, path=source.address)
    site.put(name, _told(source.read(found_at or name), on_bytes), size=sizes[name])
    back = Reader(site).outcome(name, digest)
    if isinstance(back, Intact):
        return
    if not isinstance(back, Missing):
        site.set_aside(name, f"{ASIDE}/{stamp}/{name}")
    if not isinstance(Reader(source).outcome(found_at or name, digest), Intact):
        raise Damaged("ORIGIN_ALTERED", name=name, path=source.address)
    raise Damaged("COPY_DIFFERS", name=name, path=site.address)


def _told(runs: Iterator[bytes | memoryview], on_bytes: OnBytes) -> Iterator[bytes | memoryview]:
    for run in runs:
        yield run
        on_bytes(len(run))
