"""The parts of an OpenDocument spreadsheet of text cells (OASIS OpenDocument 1.3, parts 2 and 3), row by row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>\n"
)
ODS_MEMBERS: Final = (("mimetype", _TYPE), ("META-INF/manifest.xml", _MANIFEST))
"""What stands before the content: the type comes first and is not compressed (part 2, 3.3)."""

# Several spaces, tabs and line ends are elements of their own, or they would be read as one space (part 3, 6.1.2).
_SPACE = re.compile(r"\t|^ | $|(?<= ) +", re.MULTILINE)


def ods_content_begins() -> bytes:
    """Return ``content.xml`` up to the first row."""
    spaces = {"office": "office", "table": "table", "text": "text"}
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"' for name, path in spaces.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {names} office:version="1.3">'
        '<office:body><office:spreadsheet><table:table table:name="1">'
    ).encode()


def ods_row(cells: Sequence[str]) -> bytes:
    """Return a row whose *cells* are text, whatever they look like; empty ones at its end are left out."""
    full = list(cells)
    while full and not full[-1]:
        full.pop()
    return f"<table:table-row>{''.join(map(_cell, full)) or '<table:table-cell/>'}</table:table-row>\n".encode()


def ods_content_ends() -> bytes:
    """Return the end of ``content.xml``."""
    return b"</table:table></office:spreadsheet></office:body></office:document-content>\n"


def _cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    lines = "".join(f"<text:p>{_paragraph(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def _paragraph(line: str) -> str:
    return _SPACE.sub(_spaced, escape(line))


def _spaced(found: re.Match[str]) -> str:
    return "<text:tab/>" if found[0] == "\t" else f'<text:s text:c="{len(found[0])}"/>'
