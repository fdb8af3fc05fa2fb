"""Names in manifests: what each stands for, whether it stays in the bag, and whether other systems can keep it.

Source: RFC 8493, 2.1.3 (payload manifest), 5.2 (security), 6.1 (interoperability of file names).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PAYLOAD = "data/"

_DRIVE = re.compile("[A-Za-z]:")
_ENCODED = re.compile("%(0[AaDd]|25)")
_LINE_END = re.compile("%(0[AaDd])")
_SLASHES = re.compile(r"[/\\]")
_UNPORTABLE = re.compile(r'[\\<>:"|?*\x00-\x1f\x7f]|[. ](?:/|$)')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
# Names with nothing to look at more closely, which nearly all are: a part begins with a letter, digit, "_" or "-".
_PLAIN = re.compile(
    r"(?:(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])[./])[0-9a-z_-][0-9a-z_.-]*(?<!\.)/)+"
    r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|thumbs|desktop|ehthumbs)(?:\.|$))[0-9a-z_-][0-9a-z_.-]*(?<!\.)",
    re.ASCII | re.IGNORECASE,
)
_SYSTEM = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".directory", "ehthumbs.db"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A name as a manifest lists it."""

    name: str
    """Path below the bag, with single slashes; nothing when ``refused``."""
    refused: str = ""
    """The code that says why it cannot be a name in a bag."""
    remarks: tuple[str, ...] = ()
    """Codes of warnings about how it is written."""


def read_name(written: str, *, is_older: bool) -> Listed:
    """Return what *written* stands for; *is_older* says that the bag is of a version before 1.0.

    CR, LF and the percent sign stand percent-encoded in 1.0; before, the percent sign stood for itself.
    """
    if _PLAIN.fullmatch(written):
        return Listed(written)
    remarks = []
    if written.startswith("*"):
        # md5sum and its kin mark binary files so.
        remarks.append("BAGIT_NAME_ASTERISK")
        written = written[1:]
    name = (_LINE_END if is_older else _ENCODED).sub(lambda found: chr(int(found[1], 16)), written)
    if not is_older and "%" in _ENCODED.sub("", written):
        remarks.append("BAGIT_NAME_PERCENT")
    if is_unsafe(name):
        return Listed("", "BAGIT_PATH_UNSAFE", tuple(remarks))
    parts = [part for part in name.split("/") if part not in ("", ".")]
    tidy = "/".join(parts)
    if tidy != name:
        remarks.append("BAGIT_NAME_DOT_SLASH")
    if not tidy:
        return Listed("", "BAGIT_PATH_UNSAFE", tuple(remarks))
    return Listed(tidy, remarks=(*remarks, *remarks_on(tidy)))


def is_unsafe(name: str) -> bool:
    """Say whether *name* is absolute, leads upwards, or means something to a shell or a drive."""
    return (
        not name or name[0] in "/\\~" or _DRIVE.match(name) is not None or "\0" in name or ".." in _SLASHES.split(name)
    )


def remarks_on(name: str) -> tuple[str, ...]:
    """Return the codes of warnings about what other systems make of *name*."""
    remarks = []
    parts = name.split("/")
    if parts[-1].casefold() in _SYSTEM:
        remarks.append("BAGIT_NAME_SYSTEM")
    if _UNPORTABLE.search(name) or any(_RESERVED.fullmatch(part) for part in parts):
        remarks.append("BAGIT_NAME_UNPORTABLE")
    return tuple(remarks)


def alike(name: str) -> str:
    """Return one text for all names that some file systems take for the same: by case or by Unicode form."""
    if name.isascii():
        return name if name.islower() else name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def difference(one: str, other: str) -> str:
    """Return the code that says how two names that are ``alike`` differ."""
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return "BAGIT_NAME_FORM"
    return "BAGIT_NAME_CASE"
