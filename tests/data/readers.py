"""Readers of storage roots who share nothing with the writer, one of them written by others."""

from __future__ import annotations

import logging
from pathlib import Path

from ocfl import StorageRoot as IndependentRoot
from ocfl.validator import Validator as IndependentValidator

from khizana.core.findings import Severity
from khizana.core.preservation.ocfl.read import iterate_objects
from khizana.core.preservation.ocfl.validate import validate_object


def faults(storage: Path) -> list[str]:
    """Return what both readers find wrong with *storage*."""
    return independent_faults(storage) + own_faults(storage)


def independent_faults(storage: Path) -> list[str]:
    """Return what the ``ocfl-py`` package finds wrong with *storage* and every object in it."""
    logging.disable(logging.CRITICAL)
    root = IndependentRoot(root=str(storage))
    faults = [] if root.validate(validate_objects=False, log_errors=True) else [f"root: {root.log}"]
    for path in iterate_objects(storage):
        check = IndependentValidator(log_warnings=True)
        if not check.validate_object(str(path)) or check.log.num_warnings:
            faults += [f"{path}: {code} {text}" for code, text in check.log.codes.items()]
            faults.append(f"{path}: {check.log}")
    return faults


def own_faults(storage: Path) -> list[str]:
    """Return what this house's validator finds wrong with every object in *storage*, warnings too."""
    return [
        f"{path}: {finding.code} {finding.sentence()}"
        for path in iterate_objects(storage)
        for finding in validate_object(path)
        if finding.severity in {Severity.ERROR, Severity.WARNING}
    ]
