"""The writer: new objects and new versions, each whole or not at all, whatever dies and whenever.

A version is built in the work folder, flushed, validated by code that the caller brings (and that shares
nothing with this module), recorded as ready, and only then named in the storage root; see ``intent``.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from khizana.core.errors import AlreadyThere, Busy, Damaged, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.durable import FULL, make_directories, writing
from khizana.core.preservation.ocfl.build import Given, Plan, build, plan_version, state_after
from khizana.core.preservation.ocfl.graft import Graft, Scion, left_grafts
from khizana.core.preservation.ocfl.intent import Intent, Transaction, left_behind, moves_of
from khizana.core.preservation.ocfl.inventory import (
    Inventory,
    User,
    Version,
    check_logical_path,
    check_no_conflict,
    digest_of,
    rfc3339,
    to_json,
)
from khizana.core.preservation.ocfl.layout import ROOT_DECLARATION, object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.preservation.ocfl.several import Several, left_several

Validator = Callable[[Path, Mapping[Path, str]], Iterable[Finding]]
"""Validates the object at a path; files in the mapping have been read already and found to have that digest."""

PATIENCE = 10.0  # seconds to wait for another process that writes
_TURN = 0.05  # seconds between two looks at the lock


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """The newest version of an object, as it stands in the storage root."""

    object_id: ObjectId
    head: int
    path: Path
    inventory_digest: Digest


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found half-done, and what became of it."""

    object_id: ObjectId
    version: int
    completed: bool
    """True: the version is in the storage root. False: its files are in staging again."""


class StorageRoot:
    """An OCFL storage root that this process may write to.

    *work* lies on the same file system. One process writes at a time; others wait *patience* seconds and are
    then told ``Busy``.
    """

    def __init__(self, path: Path, work: Path, *, patience: float = PATIENCE) -> None:
        self.path = path.absolute()
        self.work = work.absolute()
        self._patience = patience

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other writer out. Not to be entered twice: writing enters it by itself.

        Raises ``Busy`` when another process keeps writing.
        """
        with writing(self.work):
            make_directories(self.work)
            handle = os.open(self.work / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            deadline = time.monotonic() + self._patience
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                if time.monotonic() >= deadline:
                    raise Busy("STORAGE_BUSY", path=str(self.path))
                time.sleep(_TURN)
            yield
        finally:
            os.close(handle)

    def recover(self) -> tuple[Recovered, ...]:
        """Complete or undo whatever processes that died were writing. Done at every start; safe to be killed in.

        Raises ``Busy`` while another process writes, ``Damaged`` when a person must look.
        """
        with self.exclusive():
            return self._recover()

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Keep every other writer out, with nothing half-written left behind. Raises as ``recover``."""
        with self.exclusive():
            self._recover()
            yield

    @property
    def aside(self) -> Path:
        """Where goes what something else takes the place of."""
        return self.path.parent / "aside"

    def object_directory(self, object_id: ObjectId) -> Path:
        """Return where the object with *object_id* is or would be."""
        return self.path / object_path(object_id)

    def write_version(
        self,
        object_id: ObjectId,
        *,
        put: Mapping[str, Given],
        message: str,
        user: User,
        created: datetime,
        validator: Validator,
        remove: Collection[str] = (),
        expected_head: int | None = None,
    ) -> ObjectVersion:
        """Write the version of *object_id* in which *put* stands under its logical paths and *remove* does not.

        Staged files are moved into the object, not copied; the same bytes are kept once, and a staged file whose
        bytes the object holds already stays staged. When nothing would change, nothing is written and the newest
        version is returned, so that the same call may be repeated.
        *expected_head* is the version the caller has seen (0: no such object yet; None: any).

        Raises ``BadInput`` for logical paths that cannot be, ``AlreadyThere`` and ``Busy`` when the object is not
        at *expected_head*, ``NotFound`` for a staged file that is gone, ``NoSpace`` (the object is as it was, and
        staging too), ``Damaged`` when the object in place, a staged file or the result is not valid.
        ``ValueError`` when *created* has no time zone.
        """
        rfc3339(created)
        for path in put:
            check_logical_path(path)
        if not (self.path / ROOT_DECLARATION).is_file():
            raise NotFound("NO_STORAGE_ROOT", path=str(self.path))
        with self.exclusive():
            self._recover()
            current = self._current(object_id)
            before = current.inventory if current else Inventory(object_id, {}, ())
            version = Version(created, message, user, state_after(before.state, put, remove))
            if current and version.state == before.state:
                return ObjectVersion(object_id, before.head, current.path, current.inventory_digest)
            _check_head(before, expected_head)
            check_no_conflict(version.state)
            with writing(self.path):
                return self._write(plan_version(before, version, put), validator)

    def write_objects(
        self,
        contents: Mapping[ObjectId, Mapping[str, bytes]],
        *,
        message: str,
        user: User,
        created: datetime,
        validator: Validator,
    ) -> tuple[ObjectVersion, ...]:
        """Write new objects, each of one version, with one flush for all of them: *contents* by logical path.

        Each object is whole or not there, whatever happens; of several, some may be there when it fails.

        Raises what ``write_version`` does; ``AlreadyThere`` where one of them is there already.
        """
        rfc3339(created)
        if not (self.path / ROOT_DECLARATION).is_file():
            raise NotFound("NO_STORAGE_ROOT", path=str(self.path))
        with self.exclusive():
            self._recover()
            for object_id, put in contents.items():
                if self.object_directory(object_id).exists():
                    raise AlreadyThere("OBJECT_EXISTS", object_id=object_id)
                for path in put:
                    check_logical_path(path)
            with writing(self.path):
                several = Several.begin(self.work, self.path)
                try:
                    for object_id, put in contents.items():
                        before = Inventory(object_id, {}, ())
                        version = Version(created, message, user, state_after({}, put, ()))
                        check_no_conflict(version.state)
                        plan = plan_version(before, version, put)
                        several.build(object_id, to_json(plan.inventory), dict(plan.written))
                    several.flush()
                    for number, object_id in enumerate(contents):
                        check_valid(object_id, validator(several.built(number), {}))
                    several.record()
                    named = several.forward()
                except BaseException:
                    with suppress(OSError):
                        several.back()
                    raise
        return tuple(
            ObjectVersion(each.object_id, 1, self.object_directory(each.object_id), each.inventory_digest)
            for each in named
        )

    def graft(self, scion: Scion, build: Callable[[Graft], Mapping[Path, str]], *, validator: Validator) -> Path:
        """Put into the object of *scion* the versions that *build* builds; return the object's folder.

        Call it in ``exclusive``. *build* makes what belongs in the folder ``built`` of the graft, flushed, and returns
        the files that need not be read to be validated, with their digests. Raises what *build* raises, ``Damaged``
        where the result is not valid, ``NoSpace``: the storage root is then as it was.
        """
        with writing(self.path):
            graft = Graft.begin(self.work, self.path, scion)
            try:
                check_valid(scion.object_id, validator(graft.built, build(graft)))
                graft.mark_ready()
            except BaseException:
                with suppress(OSError):
                    graft.drop()
                raise
            graft.forward(self.aside)
            return graft.target

    def _current(self, object_id: ObjectId) -> StoredObject | None:
        folder = self.object_directory(object_id)
        if not folder.exists():
            return None
        current = read_object(folder)
        if current.id != object_id or (folder / f"v{current.head + 1}").exists():
            # Written by something else, or damaged: adding to it would make that worse.
            raise Damaged("OBJECT_IN_THE_WAY", path=str(folder), object_id=object_id)
        current.check_newest()
        return current

    def _write(self, plan: Plan, validator: Validator) -> ObjectVersion:
        object_id, head = plan.inventory.object_id, plan.inventory.head
        inventory = to_json(plan.inventory)
        moves = moves_of([(received.path, path) for path, received in plan.moved.items()], self.work)
        intent = Intent(object_id, head, digest_of(inventory), moves)
        transaction = Transaction.begin(self.work, self.path, intent)
        try:
            built = build(transaction, plan, inventory)
            check_valid(object_id, validator(transaction.built, built.read))
            transaction.mark_ready(built.copied)
        except BaseException:
            _undo(transaction)
            raise
        _name(transaction)
        return ObjectVersion(object_id, head, transaction.target, intent.inventory_digest)

    def _recover(self) -> tuple[Recovered, ...]:
        done = []
        with writing(self.work):
            for transaction in left_behind(self.work, self.path):
                completed = transaction.named or (transaction.ready and not transaction.lost)
                if completed:
                    transaction.forward()
                else:
                    transaction.back()
                done.append(Recovered(transaction.intent.object_id, transaction.intent.head, completed))
            for graft in left_grafts(self.work, self.path):
                done.append(Recovered(graft.scion.object_id, graft.scion.head, graft.ready))
                if graft.ready:
                    graft.forward(self.aside)
                else:
                    graft.drop()
            for several in left_several(self.work, self.path):
                named = set(several.forward())
                done += [Recovered(each.object_id, 1, each in named) for each in several.newcomers]
        return tuple(done)


def _check_head(before: Inventory, expected: int | None) -> None:
    if expected is None or expected == before.head:
        return
    if expected == 0:
        raise AlreadyThere("OBJECT_EXISTS", object_id=before.object_id)
    raise Busy("OBJECT_CHANGED", object_id=before.object_id, expected=expected, found=before.head)


def check_valid(object_id: ObjectId, findings: Iterable[Finding]) -> None:
    """Raise ``Damaged`` OBJECT_INVALID with the first error among *findings*."""
    for finding in findings:
        if finding.severity == Severity.ERROR:
            raise Damaged("OBJECT_INVALID", object_id=object_id, rule=finding.code, problem=finding.sentence())


def _name(transaction: Transaction) -> None:
    """Name the version; when the disk is full, complete it or undo it, but leave nothing in between."""
    try:
        transaction.forward()
    except OSError as error:
        if transaction.named and error.errno in FULL:
            # It has its name; what is left needs no room that was not there before.
            transaction.forward()
            return
        if not transaction.named:
            _undo(transaction)
        raise
    except Damaged:
        _undo(transaction)
        raise


def _undo(transaction: Transaction) -> None:
    # What cannot be undone now (the disk is gone) is undone by the next start: the intent record stays.
    with suppress(OSError):
        transaction.back()
