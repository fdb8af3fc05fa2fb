"""A block that maps digests to content paths: the manifest, or one algorithm of the fixity block."""

from __future__ import annotations

import re
from typing import Any

from khizana.core.preservation.ocfl.validate_digests import HEX_LENGTHS, is_hexadecimal, is_known, is_well_formed
from khizana.core.preservation.ocfl.validate_paths import conflicts, has_bad_element, has_edge_slash, is_plain
from khizana.core.preservation.ocfl.validate_report import Report

_USUAL = re.compile(r"[0-9a-f]{128}")
"""A SHA-512 digest as nearly everybody writes it."""

# The clause that says how each algorithm's digests are written; the others have none of their own.
_ENCODING = {"sha1": "E029", "sha256": "E030", "sha512": "E031", "blake2b-512": "E032"}


class BlockReader:
    """Reads one such block and notes all that is wrong with it."""

    def __init__(self, report: Report, path: str, algorithm: str | None, *, is_fixity: bool) -> None:
        self._report = report
        self._path = path
        self._algorithm = algorithm
        self._is_fixity = is_fixity
        self.refused: list[str] = []
        """Content paths with elements that no path may have."""

    def read(self, block: dict[str, Any]) -> dict[str, str]:
        """Return content path to digest (lower case), for every content path that can be looked for."""
        paths: dict[str, str] = {}
        seen: set[str] = set()
        is_sha512 = self._algorithm == "sha512"
        for digest, listed in block.items():
            if is_sha512 and _USUAL.fullmatch(digest) and digest not in seen:
                seen.add(digest)
            else:
                self._check_digest(digest, seen)
            if not isinstance(listed, list) or (not listed and not self._is_fixity):
                self._add("E057" if self._is_fixity else "E092", found=listed)
                continue
            for path in listed:
                if not isinstance(path, str):
                    self._add("E057" if self._is_fixity else "E098", found=path)
                elif not is_plain(path):
                    self._refuse(path)
                elif path in paths:
                    self._report.add("E101", self._path, found=path, expected=path)
                else:
                    paths[path] = digest.lower()
        for folder, inner in conflicts(paths):
            self._report.add("E101", self._path, found=folder, expected=inner)
        return paths

    def _check_digest(self, digest: str, seen: set[str]) -> None:
        lower = digest.lower()
        if lower in seen:
            self._add("E097" if self._is_fixity else "E096", found=digest)
        seen.add(lower)
        algorithm = self._algorithm
        if algorithm is None or not is_known(algorithm) or is_well_formed(digest, algorithm):
            return
        if not self._is_fixity and is_hexadecimal(digest) and algorithm in HEX_LENGTHS:
            self._add("E039", found=digest)
        else:
            self._add(_ENCODING.get(algorithm, "E057"), found=digest)

    def _refuse(self, path: str) -> None:
        self.refused.append(path)
        if has_edge_slash(path):
            self._add("E100", found=path)
        if has_bad_element(path):
            self._add("E099", found=path)

    def _add(self, code: str, *, found: object) -> None:
        self._report.add(code, self._path, found=found, expected=self._algorithm or "")
