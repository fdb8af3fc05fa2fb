"""The version that joins branches, worked out before anything is written: the same bytes wherever it is made."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from khizana.core.identifiers import Digest
from khizana.core.preservation import premis
from khizana.core.preservation.branches.history import (
    MERGE,
    MERGED,
    Conflict,
    History,
    Merge,
    Small,
    is_joining,
    merge_at,
    merge_json,
)
from khizana.core.preservation.branches.states import Joining
from khizana.core.preservation.ocfl.inventory import (
    INVENTORY,
    ContentPaths,
    Inventory,
    User,
    Version,
    digest_of,
    rfc3339,
    to_json,
)
from khizana.core.preservation.premis import EVENTS

_SPACE = uuid.UUID("6b1d2f5e-8f0c-5a55-9d2e-2f8f6d3f5f10")
"""Names events of joinings: the same branches make the same event."""

_USER = User("khizana", "urn:khizana:software")


@dataclass(frozen=True, slots=True)
class Joint:
    """A version that joins branches."""

    number: int
    inventory: bytes
    written: Mapping[str, bytes]
    """Content path to bytes that were made here."""
    copied: Mapping[str, Digest]
    """Content path to the digest of bytes that one of the branches has."""
    conflicts: tuple[Conflict, ...]


def joint(leaves: Sequence[History], small: Small) -> Joint:
    """Return the version that joins *leaves*, two or more, as ``joined`` orders them.

    Nothing in it comes from the place or the time at which it is made. Raises what *small* raises.
    """
    main, *others = leaves
    number = len(main.digests) + 1
    joining = Joining(main.state(number - 1), small)
    conflicts = list(merge_at(main.state(number - 1), small).conflicts)
    for other in others:
        theirs = other.state(len(other.digests))
        for path, kept, their in joining.take(_base(main, other), theirs):
            conflicts.append(_conflict(other, path, kept, their))
        conflicts += merge_at(theirs, small).conflicts
    for other in others:  # after all were joined: what one of them brought may have been joined with another's
        _keep(joining.state, main, other, number)
    conflicts = list(dict.fromkeys(conflicts))
    created = max(leaf.inventory.versions[-1].created for leaf in leaves)
    written = {
        MERGE: merge_json(Merge(tuple(other.head for other in others), tuple(conflicts))),
        f"{EVENTS}{number:04d}.xml": _event(leaves, rfc3339(created), undecided=len(conflicts)),
    }
    made = joining.made | {digest_of(content): content for content in written.values()}
    state = joining.state | {path: digest_of(content) for path, content in written.items()}
    version = Version(created, MERGED, _USER, state)
    return _laid_out(main, version, made, tuple(conflicts))


def _laid_out(main: History, version: Version, made: Mapping[Digest, bytes], conflicts: tuple[Conflict, ...]) -> Joint:
    number = len(main.digests) + 1
    paths = ContentPaths(number)
    manifest = dict(main.inventory.manifest)
    written: dict[str, bytes] = {}
    copied: dict[str, Digest] = {}
    for logical_path, digest in sorted(version.state.items()):
        if digest in manifest:
            continue
        place = paths.give(logical_path, digest)
        manifest[digest] = (place,)
        if digest in made:
            written[place] = made[digest]
        else:
            copied[place] = digest
    inventory = Inventory(main.inventory.object_id, manifest, (*main.inventory.versions, version))
    return Joint(number, to_json(inventory), written, copied, conflicts)


def _base(main: History, other: History) -> Mapping[str, Digest]:
    """Return the state that both come from: the newest version of the one that the other holds."""
    for one, two in ((main, other), (other, main)):
        for number in range(len(one.digests), 0, -1):
            if one.digests[number - 1] in two.holds:
                return one.state(number)
    return {}


def _keep(state: dict[str, Digest], main: History, other: History, number: int) -> None:
    """Add to *state* all that *other* holds and *main* does not: events, inventories, contents, branches of its own."""
    common = main.common(other)
    held = set(main.inventory.manifest)
    for version in range(common + 1, len(other.digests) + 1):
        for path, digest in sorted(other.state(version).items()):
            if path.startswith(EVENTS) and digest not in held:
                held.add(digest)
                name = f"{number:04d}-{other.head[:8]}-v{version}-{path.removeprefix(EVENTS).replace('/', '-')}"
                state[f"{EVENTS}{name}"] = digest
        state[f"{other.folder}v{version}/{INVENTORY}"] = other.digests[version - 1]
    state.update({path: digest for path, digest in other.kept.items() if path not in state})
    held |= set(state.values())
    for digest, places in other.inventory.manifest.items():
        if digest not in held:
            state[f"{other.folder}content/{digest[:32]}{PurePosixPath(places[0]).suffix}"] = digest


def _conflict(other: History, path: str, kept: Digest, theirs: Digest) -> Conflict:
    """Return what a person must decide; the branch is named by its last version that a person made."""
    versions = [version for version in other.inventory.versions if not is_joining(version)]
    return Conflict(path, kept, theirs, other.head, rfc3339(versions[-1].created), versions[-1].user.name)


def _event(leaves: Sequence[History], when: str, *, undecided: int) -> bytes:
    heads = [leaf.head for leaf in leaves]
    event = premis.Event(
        identifier=f"urn:uuid:{uuid.uuid5(_SPACE, ' '.join(heads))}",
        type="modification",
        when=when,
        detail=f"{len(heads)} branches joined: {', '.join(head[:32] for head in heads)}",
        outcome="warning" if undecided else "success",
        outcome_detail=f"{undecided} to be decided by a person" if undecided else "",
        agents=(premis.Agent("khizana", identifier="urn:khizana:software"),),
    )
    return premis.write_events([event], object_id=leaves[0].inventory.object_id)
