"""The folders beside the content: extensions of objects and storage roots, and logs (OCFL 1.1, 3.8, 3.9, 4.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl.validate_disk import Kind, listing, reason

if TYPE_CHECKING:
    from khizana.core.preservation.ocfl.validate_report import Report

REGISTERED = frozenset(
    {
        "0000-example-extension",
        "0001-digest-algorithms",
        "0002-flat-direct-storage-layout",
        "0003-hash-and-id-n-tuple-storage-layout",
        "0004-hashed-n-tuple-storage-layout",
        "0005-mutable-head",
        "0006-flat-omit-prefix-storage-layout",
        "0007-n-tuple-omit-prefix-storage-layout",
        "0008-schema-registry",
        "0009-digest-algorithms",
        "0010-differential-n-tuple-omit-prefix-storage-layout",
        "0011-direct-clean-path-layout",
        "0012-hash-and-no-prefix-id-n-tuple-storage-layout",
        "initial",
    }
)
"""Names in the register of community extensions (ocfl.github.io/extensions), as it stood in 2026."""

_NEWER = re.compile(r"(00(?:1[3-9]|[2-9][0-9])|0[1-9][0-9]{2}|[1-9][0-9]{3})-[a-z0-9]+(?:-[a-z0-9]+)*")


def may_be_registered(name: str) -> bool:
    """Tell whether *name* is in the register as we know it, or has the form of a name given since."""
    return name in REGISTERED or _NEWER.fullmatch(name) is not None


def check_extensions(report: Report, folder: str, *, stray: str, unregistered: str) -> None:
    """Check the ``extensions`` folder of the object or storage root in *folder*.

    *stray* is the code for what is no extension's folder, *unregistered* for a name not in the register.
    """
    for name, kind in _names(report, folder, "extensions").items():
        path = f"extensions/{name}"
        if kind is Kind.LINK:
            report.add("E090", path)
        elif kind is not Kind.FOLDER:
            report.add(stray, path, found=name)
        else:
            if name not in REGISTERED:
                report.add(unregistered, path, found=name)
            _check_links(report, folder, path)


def check_logs(report: Report, folder: str) -> None:
    """Check the ``logs`` folder of the object in *folder*: anything may be there but links and special files."""
    _check_links(report, folder, "logs", special="W012")


def _check_links(report: Report, folder: str, within: str, special: str = "E089") -> None:
    waiting = [within]
    while waiting:
        here = waiting.pop()
        for name, kind in _names(report, folder, here).items():
            path = f"{here}/{name}"
            match kind:
                case Kind.FOLDER:
                    waiting.append(path)
                case Kind.LINK:
                    report.add("E090", path)
                case Kind.OTHER:
                    report.add(special, path)
                case Kind.FILE:
                    pass


def _names(report: Report, folder: str, within: str) -> dict[str, Kind]:
    try:
        return listing(f"{folder}/{within}")
    except OSError as error:
        report.add("OCFL_UNREADABLE", within, found=reason(error))
        return {}
