"""Copy to one site what it lacks, every file read back from there before it counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.queries import ReplicaState, with_states
from khizana.core.errors import Away, Damaged, KhizanaError, NoSpace, NotFound, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubt, undoubted
from khizana.core.preservation.replicas.copy import Copied, copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file
from khizana.core.preservation.replicas.outcome import Altered, Missing
from khizana.core.preservation.replicas.reading import OnBytes, nothing


@dataclass(frozen=True, slots=True)
class Replicated:
    """What became of one object that the site lacked: copied, or a finding that says why not."""

    identifier: ObjectId
    head: int
    copied: Copied | None
    finding: Finding | None
    sealed: Mapping[str, Digest] = field(default_factory=dict)
    """At a sealed site, the folder of each new version to the digest of its ``SHA512SUMS``."""


def lacking(site: str) -> Iterator[tuple[Known, ReplicaState | None]]:
    """Yield what *site* has not got whole, with its state there, as far as the newest copying and check tell."""
    return ((known, state) for known, state in with_states(site) if not _is_whole(state, known))


def count_lacking(site: str) -> int:
    """Return how many objects *site* has not got whole."""
    return sum(1 for _ in lacking(site))


def replicate(
    *,
    site: str,
    store: ReplicaStore,
    here: ReplicaStore,
    now: Callable[[], float],
    stamp: str,
    without: Collection[ObjectId] = (),
    threads: int = 1,
    on_bytes: OnBytes = nothing,
    doubt: Doubt = undoubted,
    may_replace: bool = True,
) -> Iterator[Replicated]:
    """Copy to *store* each object that *site* lacks, and yield what became of it; call it while the store is held.

    *without* are objects that are not copied there now; unless it *may_replace*, neither are those of which the site
    has anything that is not known here. Damage found on the way is a finding, and so is an object of
    which there is *doubt*; the other objects are copied all the same. Raises ``Away`` when a disk has gone and
    ``NoSpace`` when the site is full: what was copied until then counts, and the same call goes on.
    """
    for known, state in lacking(site):
        if known.object_id in without:
            continue
        verified = state.head if state and state.state == "intact" else 0
        wanted = expected(known, known.head, (small_file(here, known.prefix),))
        if wanted is None:
            finding = Finding("LOCAL_NOT_WHOLE", Severity.ERROR, known.object_id)
            yield Replicated(known.object_id, known.head, None, finding)
            continue
        if doubtful := doubt(known.object_id, known.versions, wanted.files.values()):
            yield Replicated(known.object_id, known.head, None, _finding(doubtful, known))
            continue
        problems: list[KhizanaError] = []
        try:
            copied = copy_object(
                here,
                store,
                wanted,
                verified_head=verified,
                stamp=stamp,
                threads=threads,
                on_bytes=on_bytes,
                problems=problems,
                may_replace=may_replace,
            )
        except (Damaged, NotFound) as error:
            if error.code == "COPY_DIFFERS":
                wrong = (Altered(str(error.facts["name"]), known.versions[known.head]),)
                note_replica(site=site, identifier=known.object_id, head=known.head, wrong=wrong, checked=now())
            yield Replicated(known.object_id, known.head, None, _finding(error, known))
        except (Away, NoSpace):
            raise
        except Unreadable as error:
            yield Replicated(known.object_id, known.head, None, _finding(error, known))
        else:
            # A file that is gone here keeps no other from being copied; the site has not got it, and that is noted.
            gone = tuple(Missing(str(problem.facts["name"])) for problem in problems)
            note_replica(site=site, identifier=known.object_id, head=known.head, wrong=gone, checked=now())
            yield Replicated(known.object_id, known.head, copied, _finding(problems[0], known) if problems else None)


def _is_whole(state: ReplicaState | None, known: Known) -> bool:
    return state is not None and state.state == "intact" and state.head == known.head


def _finding(error: KhizanaError, known: Known) -> Finding:
    return Finding(error.code, Severity.ERROR, known.object_id, error.facts)
