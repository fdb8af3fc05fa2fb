"""The one exception tree. Exceptions stop the work; findings let it go on.

    KhizanaError                  exit status 1   something asked for could not be done
    ├── BadInput                  exit status 2   what was given cannot be used; nothing was changed
    ├── NotFound                  exit status 3   the thing named does not exist
    ├── AlreadyThere              exit status 4   it exists already, and nothing is ever overwritten
    ├── Unreadable                exit status 5   a disk, card or file could not be read
    │   └── Away                                  the whole place cannot be reached: nothing is known of its files
    ├── NoSpace                   exit status 6   the disk is full; what was complete is kept
    ├── Busy                      exit status 7   the database, port or library is in use
    └── Damaged                   exit status 8   bytes are not what they were recorded to be

Every error carries a message code and facts; its sentence comes from the catalogues in
``core/findings/messages``, in Arabic, French and English, and says what, where and what to do next.
"""

from __future__ import annotations

from khizana.core.findings import sentence


class KhizanaError(Exception):
    """An error that a person is told in one sentence."""

    exit_status = 1

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def sentence(self, language: str = "en") -> str:
        """Return what happened, where, and what to do next, in *language* (ar, fr or en)."""
        return sentence(self.code, self.facts, language)

    def __str__(self) -> str:
        return self.sentence("en")


class BadInput(KhizanaError):
    """What was given cannot be used; nothing was changed."""

    exit_status = 2


class NotFound(KhizanaError):
    """The thing named does not exist."""

    exit_status = 3


class AlreadyThere(KhizanaError):
    """It exists already, and nothing is ever overwritten."""

    exit_status = 4


class Unreadable(KhizanaError):
    """A disk, card or file could not be read."""

    exit_status = 5


class Away(Unreadable):
    """The whole place cannot be reached, so that nothing is known of any file there."""


class NoSpace(KhizanaError):
    """The disk is full; what was complete is kept."""

    exit_status = 6


class Busy(KhizanaError):
    """The database, port or library is in use by another process."""

    exit_status = 7


class Damaged(KhizanaError):
    """Bytes are not what they were recorded to be."""

    exit_status = 8
