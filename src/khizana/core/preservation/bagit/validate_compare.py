"""Manifests against files: every listed file there with its digest, every payload file listed.

However many entries the manifests have, no more than ``AT_ONCE`` of them are held in memory: entries and files are
dealt out by a digest of their names into parts, and the manifests are read once for each part. Every file is read
once, for all the algorithms that list it.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from zlib import crc32

from khizana.core.preservation.bagit.validate_names import PAYLOAD, Listed, alike, difference, read_name
from khizana.core.preservation.bagit.validate_report import Report
from khizana.core.preservation.bagit.validate_source import Member, Source
from khizana.core.preservation.bagit.validate_tags import Tangled, entries_of, fetched_of
from khizana.core.preservation.ocfl.validate_disk import Kind, reason

AT_ONCE = 150_000  # entries of manifests in memory
CHUNK = 1 << 20  # bytes
AHEAD = 16  # files being read

# MD5 and SHA-1 are read here as old bags have them, never trusted for security.
MAKERS: dict[str, Callable[[], hashlib._Hash]] = {
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha224": hashlib.sha224,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
    "sha3224": hashlib.sha3_224,
    "sha3256": hashlib.sha3_256,
    "sha3384": hashlib.sha3_384,
    "sha3512": hashlib.sha3_512,
    "blake2b": lambda: hashlib.new("blake2b"),
    "blake2b512": lambda: hashlib.new("blake2b"),
}
"""Makers of digests, by the names that manifests have in their file names: lower case, letters and digits only."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest that can be checked."""

    member: Member
    algorithm: str

    @property
    def length(self) -> int:
        """Bytes of a digest."""
        return MAKERS[self.algorithm]().digest_size


@dataclass(slots=True)
class _Entry:
    digests: list[bytes | None]
    """By manifest."""
    is_fetched: bool = False
    is_there: bool = False


@dataclass(slots=True)
class Part:
    """What a share of the entries is compared with."""

    entries: dict[str, _Entry] = field(default_factory=dict)
    alike: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Listed names by the text they share."""
    found: dict[str, tuple[str, dict[str, bytes]]] = field(default_factory=dict)
    """Names of files, by that text too, with the digests of those whose own name is not listed or shared."""


class Comparison:
    """The comparison of the manifests of one bag with its files: of the payload, or of what lies beside it."""

    def __init__(
        self,
        source: Source,
        report: Report,
        *,
        manifests: list[Manifest],
        payload: bool,
        encoding: str,
        fetch: Member | None = None,
        workers: int = 1,
    ) -> None:
        self._source = source
        self._report = report
        self._manifests = manifests
        self._payload = payload
        self._encoding = encoding
        self._fetch = fetch
        self._workers = 1 if source.is_archive else workers
        self._whole = bool(manifests)
        self.files = 0
        self.bytes = 0
        # By manifest, four bytes a line: to which share of the entries it falls.
        self._shares = [array("I") for _ in manifests]

    def run(self) -> None:
        """Compare; everything that differs is noted, and nothing is raised."""
        self._look_over()
        parts = max(1, -(-max(map(len, self._shares), default=0) // AT_ONCE))
        for number in range(parts):
            self._compare(self._part(number, parts), number, parts)

    # Reading manifests

    def _entries(
        self, manifest: Manifest, *, report: Report | None, is_wanted: Callable[[int], bool] = lambda _: True
    ) -> Iterator[tuple[bytes, str]]:
        stream = self._source.open(manifest.member)
        return entries_of(stream, manifest.member.name, self._encoding, report, is_wanted=is_wanted)

    def _look_over(self) -> None:
        """Read every manifest once, note to which share each line falls, and what is wrong with it."""
        for manifest, shares in zip(self._manifests, self._shares, strict=True):
            name = manifest.member.name
            try:
                for digest, written in self._entries(manifest, report=self._report):
                    listed = read_name(written, is_older=self._report.is_older)
                    shares.append(share_of(listed.name))
                    if written:
                        self._look_at(manifest, digest, listed, written)
            except Tangled:
                self._whole = False
            except OSError as error:
                self._whole = False
                self._report.add("BAGIT_UNREADABLE", name, found=reason(error))
        if self._fetch is not None:
            self._look_over_fetch(self._fetch)

    def _look_at(self, manifest: Manifest, digest: bytes, listed: Listed, written: str) -> None:
        name = manifest.member.name
        for remark in listed.remarks:
            self._report.add(remark, name, found=written)
        if len(digest) != manifest.length:
            self._report.add("BAGIT_DIGEST_UNREADABLE", name, found=written, expected=manifest.algorithm)
        if refusal := listed.refused or self._misplaced(listed.name):
            self._report.add(refusal, name, found=written)

    def _look_over_fetch(self, member: Member) -> None:
        try:
            for written in fetched_of(self._source.open(member), self._encoding, self._report):
                listed = read_name(written, is_older=self._report.is_older)
                if refusal := listed.refused or self._misplaced(listed.name):
                    self._report.add(refusal, member.name, found=written)
        except Tangled:
            pass
        except OSError as error:
            self._report.add("BAGIT_UNREADABLE", member.name, found=reason(error))

    def _misplaced(self, name: str) -> str:
        if self._payload:
            return "" if name.startswith(PAYLOAD) else "BAGIT_PATH_OUTSIDE"
        is_own = name.startswith("tagmanifest-") and "/" not in name
        return "BAGIT_TAG_MANIFEST_LISTS" if name.startswith(PAYLOAD) or is_own else ""

    def _part(self, number: int, parts: int) -> Part:
        """Return the entries whose names fall to this part; what is listed twice is noted."""
        part = Part()
        for index, manifest in enumerate(self._manifests):
            shares = self._shares[index]

            def is_wanted(line: int, shares: array[int] = shares) -> bool:
                return line < len(shares) and shares[line] % parts == number

            try:
                for digest, written in self._entries(manifest, report=None, is_wanted=is_wanted):
                    listed = read_name(written, is_older=self._report.is_older)
                    if written and not listed.refused and not self._misplaced(listed.name):
                        self._enter(part, listed.name, index, digest, manifest)
            except (Tangled, OSError):
                continue  # noted when it was looked over
        if self._fetch is not None:
            try:
                for written in fetched_of(self._source.open(self._fetch), self._encoding, None):
                    name = read_name(written, is_older=self._report.is_older).name
                    if not name.startswith(PAYLOAD) or share_of(name) % parts != number:
                        continue
                    if name in part.entries:
                        part.entries[name].is_fetched = True
                    else:
                        self._report.add("BAGIT_FETCH_UNLISTED", self._fetch.name, found=name)
            except (Tangled, OSError):
                pass
        return part

    def _enter(self, part: Part, name: str, index: int, digest: bytes, manifest: Manifest) -> None:
        entry = part.entries.get(name)
        if entry is None:
            entry = part.entries[name] = _Entry([None] * len(self._manifests))
            key = alike(name)
            same = part.alike.get(key, ())
            if same:
                self._report.add(difference(same[0], name), manifest.member.name, found=name, expected=same[0])
            part.alike[key] = (*same, name)
        before = entry.digests[index]
        if before is not None:
            code = "BAGIT_LISTED_TWICE" if before == digest else "BAGIT_LISTED_DIFFERENTLY"
            self._report.add(code, manifest.member.name, found=name)
        entry.digests[index] = digest

    # Comparing

    def _compare(self, part: Part, number: int, parts: int) -> None:
        waiting: deque[tuple[str, set[str], Future[dict[str, bytes]]]] = deque()
        met: set[str] | None = set() if self._source.is_archive else None
        pool = ThreadPoolExecutor(self._workers, "bag") if self._workers > 1 else None
        try:
            for member in self._source.members(payload=self._payload):
                if parts > 1 and share_of(member.name) % parts != number:
                    continue
                if met is not None:
                    if member.name in met:
                        self._report.add("BAGIT_ARCHIVE_TWICE", member.name)
                        continue
                    met.add(member.name)
                if wanted := self._wanted(part, member):
                    waiting.append((member.name, wanted, self._submit(pool, member, wanted)))
                while len(waiting) > AHEAD:
                    self._settle(part, *waiting.popleft())
            while waiting:
                self._settle(part, *waiting.popleft())
        except OSError as error:
            self._report.add("BAGIT_UNREADABLE", found=reason(error))
        finally:
            if pool:
                pool.shutdown(cancel_futures=True)
        self._missing(part)

    def _wanted(self, part: Part, member: Member) -> set[str]:
        """Return the algorithms by which a file is to be read; note links, and payload that nothing lists."""
        name = member.name
        entry = part.entries.get(name)
        if entry is not None:
            entry.is_there = True
        if member.kind is not Kind.FILE:
            self._report.add("BAGIT_LINK", name)
            return set()
        self.files += 1
        self.bytes += member.size
        # Another entry may mean this very file, on a disk that does not tell their names apart.
        same = [part.entries[each] for each in part.alike.get(alike(name), ())]
        if self._payload and self._whole:
            if not same:
                self._report.add("BAGIT_FILE_UNLISTED", name)
            elif entry is not None and None in entry.digests:
                lacking = self._manifests[entry.digests.index(None)].member.name
                self._report.add("BAGIT_MANIFESTS_DISAGREE", lacking, found=name)
        return {
            manifest.algorithm
            for each in same
            for manifest, digest in zip(self._manifests, each.digests, strict=True)
            if digest is not None
        }

    def _submit(self, pool: ThreadPoolExecutor | None, member: Member, wanted: set[str]) -> Future[dict[str, bytes]]:
        if pool is not None:
            return pool.submit(digests_of, self._source, member, wanted)
        done: Future[dict[str, bytes]] = Future()
        try:
            done.set_result(digests_of(self._source, member, wanted))
        except OSError as error:
            done.set_exception(error)
        return done

    def _settle(self, part: Part, name: str, wanted: set[str], future: Future[dict[str, bytes]]) -> None:
        try:
            digests = future.result()
        except OSError as error:
            self._report.add("BAGIT_UNREADABLE", name, found=reason(error))
            digests = {}
        entry = part.entries.get(name)
        shared = part.alike.get(alike(name), ())
        if entry is None or len(shared) > 1:
            part.found[alike(name)] = (name, digests)
        if entry is None or not digests or not wanted:
            return
        self._differences(entry, name, digests)

    def _differences(self, entry: _Entry, name: str, digests: dict[str, bytes]) -> None:
        for manifest, digest in zip(self._manifests, entry.digests, strict=True):
            if digest is not None and digests[manifest.algorithm] != digest:
                self._report.add(
                    "BAGIT_FILE_ALTERED", name, found=digests[manifest.algorithm].hex(), expected=digest.hex()
                )

    def _missing(self, part: Part) -> None:
        """Note every entry without its file, unless a file of a name that is alike has its very bytes."""
        used: set[str] = set()
        for name, entry in part.entries.items():
            if entry.is_there:
                continue
            other, digests = part.found.get(alike(name), ("", {}))
            if digests and all(
                digest is None or digests.get(manifest.algorithm) == digest
                for manifest, digest in zip(self._manifests, entry.digests, strict=True)
            ):
                used.add(alike(name))
                if other not in part.entries:
                    self._report.add(difference(name, other), other, found=other, expected=name)
            elif entry.is_fetched:
                self._report.add("BAGIT_FILE_NOT_FETCHED", name)
            else:
                self._report.add("BAGIT_FILE_MISSING", name)
        if self._payload and self._whole:
            for key, (name, _) in part.found.items():
                if name not in part.entries and key not in used:
                    self._report.add("BAGIT_FILE_UNLISTED", name)


def share_of(name: str) -> int:
    """Return a number that is the same for *name* and for all names that are alike, and else by chance."""
    return crc32(alike(name).encode("utf-8", "surrogatepass"))


def digests_of(source: Source, member: Member, algorithms: set[str]) -> dict[str, bytes]:
    """Read *member* once and return its digest by each of *algorithms*. Raises ``OSError``."""
    made = {algorithm: MAKERS[algorithm]() for algorithm in algorithms}
    try:
        with source.open(member) as stream:
            while piece := stream.read(CHUNK):
                for each in made.values():
                    each.update(piece)
    except OSError:
        raise
    except Exception as error:
        # What the standard library raises for an archive that lies is not all documented.
        raise OSError(0, str(error) or type(error).__name__) from error
    return {algorithm: each.digest() for algorithm, each in made.items()}
