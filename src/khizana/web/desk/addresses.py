"""Addresses of the desk, made in one place."""

from __future__ import annotations

from khizana.web.reading_room.addresses import desk as home

__all__ = ["edits", "exports", "home", "imports", "task", "undo"]


def imports(language: str) -> str:
    """Return the address of the form by which files are imported."""
    return f"/{language}/desk/import"


def edits(language: str) -> str:
    """Return the address of the form by which many descriptions are changed."""
    return f"/{language}/desk/edit"


def exports(language: str) -> str:
    """Return the address of the form by which descriptions are exported."""
    return f"/{language}/desk/export"


def undo(language: str) -> str:
    """Return where a form says which change is to be taken back."""
    return f"/{language}/desk/undo"


def task(language: str, token: str, part: str = "") -> str:
    """Return the address of a task, or of a *part* of it: ``do``, ``again``, ``report``, ``file``."""
    return f"/{language}/desk/task/{token}" + (f"/{part}" if part else "")
