"""Host names as requests state them: a stranger's word, read only where it has the form of a name or address."""

from __future__ import annotations

import re

_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")


def is_host(stated: str) -> bool:
    """Return whether *stated* has the form of a host, with or without a port (RFC 3986, 3.2.2, in ASCII)."""
    return _HOST.fullmatch(stated) is not None
