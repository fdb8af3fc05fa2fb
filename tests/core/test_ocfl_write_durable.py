"""What is flushed to the disk before what: the order that makes a power cut harmless.

A power cut keeps what was flushed and anything or nothing of the rest. So each step that relies on an earlier one
is watched for whether that one has been flushed: file contents by fsync of the file, names by fsync of the folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from data.interrupted import history
from data.keeping import Place

CALLS = ("open", "write", "fsync", "mkdir", "link", "rename", "replace", "unlink")


@dataclass
class Disk:
    """The bytes and the names that would not survive a power cut now."""

    bytes: set[Path] = field(default_factory=set)
    names: set[Path] = field(default_factory=set)
    moved: dict[Path, Path] = field(default_factory=dict)
    """Old name, which a power cut would bring back, to new name."""
    linked: dict[Path, Path] = field(default_factory=dict)
    """Old name to the new one beside it."""
    before: list[Callable[[str, Path, Path], None]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def loose(self, *paths: Path) -> set[Path]:
        """Return those of *paths* that would not survive."""
        return set(paths) & (self.bytes | self.names)

    def below(self, folder: Path) -> set[Path]:
        """Return what would not survive of *folder* and all below it."""
        return {path for path in self.bytes | self.names if path == folder or folder in path.parents}

    def _tell(self, call: str, source: Path, target: Path) -> None:
        for each in self.before:
            each(call, source, target)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: C901 - one small function for each call
        """See every call that changes the disk, and what is flushed."""
        real = {name: getattr(os, name) for name in CALLS}

        def opened(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            if flags & os.O_CREAT and not Path(path).exists():
                self._tell("create", Path(path), Path(path))
                self.bytes.add(Path(path))
                self.names.add(Path(path))
            return int(real["open"](path, flags, *rest, **more))

        def written(handle: int, content: Any) -> int:
            self.bytes.add(Path(f"/proc/self/fd/{handle}").readlink())
            return int(real["write"](handle, content))

        def flushed(handle: int) -> None:
            real["fsync"](handle)
            path = Path(f"/proc/self/fd/{handle}").readlink()
            self.bytes.discard(path)
            self.names = {name for name in self.names if name.parent != path}
            left = {old: new for old, new in self.moved.items() if old.parent == path}
            assert self.names.isdisjoint(left.values()), "flushed first where it was: a power cut now would lose both"
            self.moved = {old: new for old, new in self.moved.items() if old not in left}

        def made(path: Any, *rest: Any, **more: Any) -> None:
            real["mkdir"](path, *rest, **more)
            self.names.add(Path(path))

        def moved(call: str) -> Callable[[Any, Any], None]:
            def move(source: Any, target: Any) -> None:
                old, new = Path(source), Path(target)

                def after(path: Path) -> Path:
                    return new / path.relative_to(old) if path == old or old in path.parents else path

                self._tell(call, old, new)
                real[call](source, target)
                self.bytes = {after(path) for path in self.bytes}
                self.names = {after(path) for path in self.names} | {new}
                self.moved = {path: after(place) for path, place in self.moved.items()} | {old: new}

            return move

        def linked(source: Any, target: Any, **more: Any) -> None:
            self._tell("link", Path(source), Path(target))
            real["link"](source, target, **more)
            self.names.add(Path(target))
            self.linked[Path(source)] = Path(target)

        def removed(path: Any, **more: Any) -> None:
            if more.get("dir_fd") is None:
                self._tell("unlink", Path(path), Path(path))
                new = self.linked.pop(Path(path), None)
                assert new is None or not self.loose(new, *new.parents), "a power cut now could lose both names"
                self.moved |= {Path(path): new} if new else {}
                self.bytes.discard(Path(path))
                self.names.discard(Path(path))
            real["unlink"](path, **more)

        calls = {"open": opened, "write": written, "fsync": flushed, "mkdir": made, "link": linked, "unlink": removed}
        for name, call in (calls | {name: moved(name) for name in ("rename", "replace")}).items():
            monkeypatch.setattr(os, name, call)


def test_every_step_relies_only_on_what_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place.made(tmp_path)
    disk = Disk()

    def transaction(path: Path) -> Path:
        return next(each for each in (path, *path.parents) if each.parent == place.work / "objects")

    def check(call: str, path: Path, goal: Path) -> None:
        if call == "link" and place.staging in path.parents and place.work in goal.parents:
            disk.steps.append("master moved")
            folder = transaction(goal)
            assert disk.loose(folder / "intent.json", folder, folder.parent) == set()
        if call == "create" and path.name == "ready.part":
            head = int(path.parent.name.rpartition("-v")[2])
            disk.steps.append(f"v{head} ready")
            assert not [old for old in disk.moved if place.staging in old.parents], "in two places after a power cut"
            assert not disk.linked, "in two places"
            stand_ins = [disk.below(path.parent / "object" / f"v{number}") for number in range(1, head)]
            assert disk.below(path.parent) - set().union(*stand_ins) == set()
        if call == "rename" and place.work in path.parents and place.storage in goal.parents:
            disk.steps.append(f"{goal.name} named")
            assert disk.loose(transaction(path) / "ready") == set()
        if call == "replace" and goal.name == "inventory.json":
            disk.steps.append("inventory replaced")
            assert disk.below(goal.parent) == set()
        if call == "unlink" and path.name == "intent.json":
            disk.steps.append("intent forgotten")
            assert disk.below(place.storage) == set()

    def told(promise: str) -> None:
        disk.steps.append(promise.split(maxsplit=1)[0])
        assert disk.below(place.staging) == set()
        assert disk.below(place.storage) == set()

    disk.before.append(check)
    disk.watch(monkeypatch)
    history(place, told)
    name = "urn%3akhizana%3ademo%3ams-1%3aimages"
    forgotten = ["intent forgotten", "written"]
    later = ["inventory replaced", *forgotten]
    assert disk.steps == [
        *["received", "received", "master moved", "master moved", "v1 ready", f"{name} named", *forgotten],
        *["received", "master moved", "v2 ready", "v2 named", *later],
        *["v3 ready", "v3 named", *later],
    ]
