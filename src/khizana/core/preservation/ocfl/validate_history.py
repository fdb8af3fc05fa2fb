"""The inventories of earlier versions against the inventory of the object (OCFL 1.1, 3.3.1, 3.5.1 and 3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl import validate_versions as versions
from khizana.core.preservation.ocfl.validate_inventory import Inventory, state_of
from khizana.core.preservation.ocfl.validate_report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)  # not frozen: one for every inventory, and freezing costs more than comparing them
class Generation:
    """What must be remembered of one inventory once it is checked: enough to compare it with the next."""

    version: str
    path: str
    spec: str
    type_given: bool
    content_directory: str | None

    @classmethod
    def of(cls, inventory: Inventory, version: str) -> Generation:
        """Return what to remember of *inventory*, found in the directory of *version*."""
        return cls(version, inventory.path, inventory.spec, inventory.type_given, inventory.content_directory)


def check_earlier(report: Report, earlier: Inventory, current: Inventory, *, version: str) -> None:
    """Note where the inventory of directory *version* and the *current* one do not tell the same history."""
    path = earlier.path
    if earlier.head is not None and earlier.head != version:
        report.add("E040", path, version=version, found=earlier.head, expected=version)
    if earlier.identifier is not None and current.identifier not in {None, earlier.identifier}:
        report.add("E037", path, version=version, found=earlier.identifier, expected=current.identifier)
        if earlier.spec != "1.0":
            report.add("E110", path, version=version, found=earlier.identifier, expected=current.identifier)
    _check_blocks(report, earlier, current)


def _check_blocks(report: Report, earlier: Inventory, current: Inventory) -> None:
    same_algorithm = earlier.algorithm == current.algorithm
    before = {} if same_algorithm else _paths_by_digest(earlier)
    after = {} if same_algorithm else _paths_by_digest(current)
    for name, block in earlier.versions.items():
        now = current.versions.get(name)
        if now is None or (same_algorithm and block == now):
            continue
        for key in ("created", "message", "user"):
            if block.get(key) != now.get(key):
                report.add("W011", earlier.path, version=name, found=key)
        if same_algorithm and block.get("state") == now.get("state"):
            continue
        then_state, now_state = state_of(block), state_of(now)
        for logical in sorted(then_state.keys() | now_state.keys()):
            then_digest, now_digest = then_state.get(logical), now_state.get(logical)
            if then_digest is None or now_digest is None:
                same = False
            elif same_algorithm:
                same = then_digest == now_digest
            else:
                # Two algorithms say nothing of each other: their digests mean the same bytes when the same files
                # carry them. A later manifest may name more copies of one content, never fewer.
                same = before.get(then_digest, set()) <= after.get(now_digest, set())
            if not same:
                report.add("E066", earlier.path, version=name, found=logical)


def _paths_by_digest(inventory: Inventory) -> dict[str, set[str]]:
    paths: dict[str, set[str]] = {}
    for path, digest in inventory.manifest.items():
        paths.setdefault(digest, set()).add(path)
    return paths


def check_generations(report: Report, generations: Sequence[Generation], declared: str) -> None:
    """Note a specification version or a content directory that does not follow from the first version's.

    *generations* are in order of their versions; the last is the object's own inventory.
    """
    for before, after in pairwise(generations):
        if before.type_given and after.type_given and before.spec > after.spec:
            code = "E038" if declared == "1.0" else "E103"
            report.add(code, after.path, version=after.version, found=after.spec, expected=before.spec)
    first, *rest = generations
    if versions.number(first.version) != 1:
        return
    for later in rest:
        found, expected = later.content_directory or "content", first.content_directory or "content"
        if later.content_directory is not None and later.content_directory != first.content_directory:
            report.add("E019", later.path, version=later.version, found=found, expected=expected)
        if found != expected:
            report.add("E020", later.path, version=later.version, found=found, expected=expected)
