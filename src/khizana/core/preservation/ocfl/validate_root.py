"""A storage root: its declaration and layout, the folders between its objects, and every object (OCFL 1.1, 4)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from khizana.core.findings import Finding
from khizana.core.preservation.ocfl.validate_declaration import ROOT, check_declaration, is_object
from khizana.core.preservation.ocfl.validate_digests import Readers
from khizana.core.preservation.ocfl.validate_disk import FOLDER, LINK, Kind, listing, reason
from khizana.core.preservation.ocfl.validate_extensions import check_extensions
from khizana.core.preservation.ocfl.validate_layout import Layout, read_layout, usual_layouts
from khizana.core.preservation.ocfl.validate_object import ObjectCheck
from khizana.core.preservation.ocfl.validate_report import Report, Subject, Verdict
from khizana.core.preservation.ocfl.validate_sidecar import INVENTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AHEAD = 16  # objects whose large files are being read: enough to keep threads busy, few enough to hold


class StorageRootCheck:
    """The check of the storage root in one folder, or of what lies in one folder of it."""

    def __init__(self, folder: str, start: str = "") -> None:
        self._folder = folder
        self._start = start
        self._report = Report(folder)
        self._declared: str | None = None
        self._layout: Layout | None = None
        self._places = _Places(self._report)

    def verdicts(self, workers: int) -> Iterator[Verdict]:
        """Yield the verdict of each object as it is reached, then that of the hierarchy; raises nothing."""
        try:
            entries = listing(self._folder)
        except OSError as error:
            self._report.add("OCFL_UNREADABLE", found=reason(error))
            yield self._hierarchy()
            return
        self._check_root(entries)
        waiting: deque[tuple[str, ObjectCheck]] = deque()
        with Readers(workers) as readers:  # left even when whoever reads the verdicts stops before the end
            for place, names in self._objects(entries):
                check = ObjectCheck(f"{self._folder}/{place}", place, readers)
                check.run(names)
                waiting.append((place, check))
                while waiting and (len(waiting) > AHEAD or waiting[0][1].is_done):
                    yield self._settle(*waiting.popleft())
            while waiting:
                yield self._settle(*waiting.popleft())
        self._places.check_all()
        yield self._hierarchy()

    def _settle(self, place: str, check: ObjectCheck) -> Verdict:
        """Return the verdict of the object at *place*, with what only its storage root can tell."""
        verdict, identifier = check.verdict(), check.identifier
        report = Report(place)
        declared = verdict.specification
        if declared is not None and self._declared is not None and declared > self._declared:
            report.add("E081", found=declared, expected=self._declared)
        is_placed = False
        if identifier is not None and self._layout is not None:
            expected = self._layout.path(identifier)
            is_placed = expected == place
            if not is_placed:
                report.add("E083", found=place, expected=expected or "-")
        # A layout gives each identifier one place: only an object out of place, or without a layout, can be a twin.
        if identifier is not None and not is_placed and (twin := self._places.twin(identifier, place)):
            report.add("E037", found=identifier, expected=twin)
        self._places.add(place, identifier, is_placed=is_placed, has_layout=self._layout is not None)
        findings: tuple[Finding, ...] = report.findings()
        return replace(verdict, findings=(*verdict.findings, *findings)) if findings else verdict

    def _hierarchy(self) -> Verdict:
        return Verdict(
            path=".",
            subject=Subject.HIERARCHY,
            identifier=None,
            specification=self._declared,
            findings=self._report.findings(),
        )

    def _check_root(self, entries: Mapping[str, Kind]) -> None:
        report = self._report
        self._declared, _ = check_declaration(report, self._folder, entries, ROOT)
        if is_object(entries):
            report.add("E082")
        self._layout = read_layout(report, self._folder, entries)
        if entries.get("extensions") is FOLDER:
            is_old = self._declared == "1.0"
            stray, unregistered = ("E086", "W013") if is_old else ("E112", "W016")
            check_extensions(report, self._folder, stray=stray, unregistered=unregistered)
        for name, kind in entries.items():
            if kind is LINK:
                report.add("E090", name)

    # The folders between the objects

    def _objects(self, entries: Mapping[str, Kind]) -> Iterator[tuple[str, dict[str, Kind]]]:
        if self._start:
            yield from self._walk(self._start)
            return
        for name, kind in entries.items():
            if kind is FOLDER and name != "extensions":
                count = self._report.count("OCFL_UNREADABLE") + self._report.count("E073")
                found = 0
                for one in self._walk(name):
                    found += 1
                    yield one
                if not found and count == self._report.count("OCFL_UNREADABLE") + self._report.count("E073"):
                    self._report.add("E088", name)

    def _walk(self, top: str) -> Iterator[tuple[str, dict[str, Kind]]]:
        """Yield each object root in folder *top* with its entries; note what does not belong on the way."""
        waiting = [top]
        while waiting:
            here = waiting.pop()
            try:
                entries = listing(f"{self._folder}/{here}")
            except OSError as error:
                self._report.add("OCFL_UNREADABLE", here, found=reason(error))
                continue
            if is_object(entries) or INVENTORY in entries:
                yield here, entries
                continue
            self._check_between(here, entries)
            waiting.extend(f"{here}/{name}" for name in reversed(entries) if entries[name] is FOLDER)

    def _check_between(self, here: str, entries: Mapping[str, Kind]) -> None:
        report = self._report
        if not entries:
            report.add("E073", here)
            return
        has_files = False
        for name, kind in entries.items():
            if kind is LINK:
                report.add("E090", f"{here}/{name}")
            elif kind is not FOLDER:
                has_files = True
                report.add("E072", f"{here}/{name}")
        if FOLDER not in entries.values():
            report.add("E085", here)
        elif has_files:
            report.add("E084", here)


class _Places:
    """What must be remembered of the objects of a storage root to compare them with one another.

    Sixteen bytes an object, and only for those that no layout vouches for.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._seen: dict[bytes, str] = {}
        self._flat = self._deep = False
        self._patterns: set[str] | None = None
        self._differ = False
        self._usual = usual_layouts()

    def twin(self, identifier: str, place: str) -> str | None:
        """Return where another object with *identifier* was met, or None."""
        key = blake2b(identifier.encode(), digest_size=16).digest()
        met = self._seen.setdefault(key, place)
        return None if met is place else met

    def add(self, place: str, identifier: str | None, *, is_placed: bool, has_layout: bool) -> None:
        """Note where an object lies."""
        self._flat |= "/" not in place
        self._deep |= "/" in place
        if identifier is None or is_placed or has_layout:
            return
        fitting = {layout.name for layout in self._usual if layout.path(identifier) == place}
        if fitting:
            self._patterns = fitting if self._patterns is None else self._patterns & fitting
            self._differ |= not self._patterns

    def check_all(self) -> None:
        """Note, once every object is met, whether they lie by more than one pattern."""
        if self._flat and self._deep:
            self._report.add("W015")
        if self._differ:
            self._report.add("W014")
