"""The BagIt validator: bags of BagIt 0.93 to 0.97 and 1.0 (RFC 8493), in a folder, a zip or a tar.

It imports nothing from the writer, follows no link, fetches nothing, opens no path that a bag names, and raises
nothing for what it finds: everything is a finding. A file that cannot be read is ``BAGIT_UNREADABLE``, never
"altered".
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from khizana.core.errors import BadInput, NotFound
from khizana.core.preservation.bagit.validate_compare import MAKERS, Comparison, Manifest
from khizana.core.preservation.bagit.validate_report import BagVerdict, Report, plain
from khizana.core.preservation.bagit.validate_source import Form, Member, Source, form_of, source_of
from khizana.core.preservation.bagit.validate_tags import (
    DECLARATION,
    FETCH,
    INFO,
    Tangled,
    entries_of,
    read_declaration,
    read_info,
)
from khizana.core.preservation.ocfl.validate_disk import Kind, reason

__all__ = ["BagVerdict", "is_bag", "validate_bag"]

_MANIFEST = re.compile(r"(tag)?manifest-([0-9A-Za-z_-]{1,40})\.txt", re.IGNORECASE)
_OXUM = re.compile(r"([0-9]{1,30})\.([0-9]{1,30})")


def is_bag(path: Path) -> bool:
    """Say whether what lies at *path* means to be a bag: a folder with a declaration or a manifest, a zip or a tar."""
    form = form_of(path)
    if form is not Form.FOLDER:
        return form is not None
    try:
        names = os.listdir(path)  # noqa: PTH208 - names alone are wanted
    except OSError:
        return False
    return DECLARATION in names or any(_MANIFEST.fullmatch(name) for name in names)


def validate_bag(path: Path, *, workers: int | None = None) -> BagVerdict:
    """Return everything that is wrong with the bag at *path*.

    *workers* threads (by default as many as there are cores) read the files of a folder. Memory does not grow with
    the number of files or of entries. Raises ``NotFound`` when nothing is at *path*, ``BadInput`` when it is neither
    a folder nor a zip or a tar.
    """
    form = form_of(path)
    if form is None:
        if not path.exists():
            raise NotFound("BAGIT_NOTHING_THERE", path=plain(str(path)))
        raise BadInput("BAGIT_NEITHER", path=plain(str(path)))
    report = Report(str(path))
    try:
        source = source_of(path, form, report)
    except OSError as error:
        report.add("BAGIT_UNREADABLE" if error.errno else "BAGIT_ARCHIVE_BROKEN", found=reason(error))
        return BagVerdict(report.subject, None, report.findings())
    try:
        return _Check(source, report, workers or os.cpu_count() or 1).verdict()
    finally:
        source.close()


class _Check:
    """The check of one bag."""

    def __init__(self, source: Source, report: Report, workers: int) -> None:
        self._source = source
        self._report = report
        self._workers = workers
        self._top: dict[str, Member] = {}

    def verdict(self) -> BagVerdict:
        """Check the bag and return what was found."""
        report = self._report
        try:
            self._top = self._source.top()
        except OSError as error:
            report.add("BAGIT_UNREADABLE", found=reason(error))
            return BagVerdict(report.subject, None, report.findings())
        version, encoding = self._declaration()
        encoding = encoding or "UTF-8"
        info = self._info(encoding)
        if not (data := self._top.get("data")) or data.kind is not Kind.FOLDER:
            report.add("BAGIT_PAYLOAD_MISSING")
        payload, tags = self._manifests()
        if not payload:
            report.add("BAGIT_MANIFEST_MISSING")
        self._check_lists(payload, tags, encoding)
        compared = Comparison(
            self._source,
            report,
            manifests=payload,
            payload=True,
            encoding=encoding,
            fetch=self._file(FETCH),
            workers=self._workers,
        )
        if data and data.kind is Kind.FOLDER:
            compared.run()
        Comparison(self._source, report, manifests=tags, payload=False, encoding=encoding, workers=self._workers).run()
        self._check_oxum(info, compared)
        return BagVerdict(report.subject, version, report.findings(), info, compared.files, compared.bytes)

    def _file(self, name: str) -> Member | None:
        member = self._top.get(name)
        return member if member is not None and member.kind is Kind.FILE else None

    def _declaration(self) -> tuple[str | None, str | None]:
        member = self._file(DECLARATION)
        if member is None:
            self._report.add("BAGIT_DECLARATION_MISSING", DECLARATION)
            return None, None
        try:
            with self._source.open(member) as stream:
                return read_declaration(stream, self._report)
        except OSError as error:
            self._report.add("BAGIT_UNREADABLE", DECLARATION, found=reason(error))
        return None, None

    def _info(self, encoding: str) -> tuple[tuple[str, str], ...]:
        member = next(filter(None, map(self._file, INFO)), None)
        if member is None:
            return ()
        try:
            return read_info(self._source.open(member), member.name, encoding, self._report)
        except OSError as error:
            self._report.add("BAGIT_UNREADABLE", member.name, found=reason(error))
        return ()

    def _manifests(self) -> tuple[list[Manifest], list[Manifest]]:
        """Return the manifests of the payload and of tag files that can be checked; note those that cannot."""
        payload: list[Manifest] = []
        tags: list[Manifest] = []
        for name in sorted(self._top):
            found = _MANIFEST.fullmatch(name)
            if found is None or (member := self._file(name)) is None:
                continue
            algorithm = re.sub("[^a-z0-9]", "", found[2].lower())
            if algorithm in MAKERS:
                (tags if found[1] else payload).append(Manifest(member, algorithm))
            else:
                self._report.add("BAGIT_ALGORITHM_UNKNOWN", name, found=algorithm)
        return payload, tags

    def _check_lists(self, payload: list[Manifest], tags: list[Manifest], encoding: str) -> None:
        """Note every manifest of the payload that a manifest of tag files leaves out (RFC 8493, 2.2.1)."""
        for manifest in tags:
            wanted = {each.member.name for each in payload}
            try:
                stream = self._source.open(manifest.member)
                for _, written in entries_of(stream, manifest.member.name, encoding, None):
                    wanted.discard(written.removeprefix("*").removeprefix("./"))
            except (Tangled, OSError):
                continue  # noted when it is compared
            for name in sorted(wanted):
                self._report.add("BAGIT_TAG_MANIFEST_LACKS", manifest.member.name, found=name)

    def _check_oxum(self, info: tuple[tuple[str, str], ...], compared: Comparison) -> None:
        values = [value.strip() for label, value in info if label.casefold() == "payload-oxum"]
        if len(values) > 1:
            self._report.add("BAGIT_OXUM_REPEATED", INFO[0], found=len(values))
        for value in values:
            found = _OXUM.fullmatch(value)
            if found is None:
                self._report.add("BAGIT_OXUM_UNREADABLE", INFO[0], found=value)
            elif (int(found[1]), int(found[2])) != (compared.bytes, compared.files):
                there = f"{compared.bytes}.{compared.files}"
                self._report.add("BAGIT_OXUM_DIFFERS", INFO[0], found=there, expected=value)
