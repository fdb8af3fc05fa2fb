"""Cells that a spreadsheet program would take for formulas.

In text files, an apostrophe is set before a cell that begins with ``=``, ``+``, ``-``, ``@``, their wide forms, a tab
or a line end, and before one that begins so after apostrophes; one apostrophe is taken away again where such a cell is
read. So every cell comes back as it was. In xlsx and ods files, cells are marked as text and need nothing.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    """Return *cell* as it can be opened in any spreadsheet program without being run."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the cell that ``guarded`` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
