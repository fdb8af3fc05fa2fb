"""``khizana ledger stamp [REPLY]``: time-stamps of heads, asked for and answered by files carried by hand."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from khizana.cli.verb import tell
from khizana.core.errors import NotFound, Unreadable
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.ledger.entry import STAMP_KEPT, Entry
from khizana.core.preservation.ledger.stamps import LARGEST_REPLY, ask, keep_reply
from khizana.core.preservation.ledger.write import open_ledger, require_head
from khizana.core.preservation.ocfl.inventory import digest_of


def run(*, replies: tuple[Path, ...], library: str | None) -> None:
    """Make a request for the newest head; or keep *replies*, each of which is entered into the ledger."""
    folder = LibraryFolder.opened(library_root(library))
    if not replies:
        head = require_head(folder.ledger)
        with open_ledger(folder.ledger):
            asked = ask(folder.ledger, head, nonce=secrets.randbits(64))
        tell("LEDGER_STAMP_ASKED", path=str(asked))
    for reply in replies:
        _keep(folder, _read(reply))


def _keep(folder: LibraryFolder, reply: bytes) -> None:
    when = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    with open_ledger(folder.ledger) as ledger:
        size, stamped = keep_reply(folder.ledger, reply)
        digest = digest_of(reply)
        facts: dict[str, str | int] = {"size": size, "time": stamped.when, "sha512": digest}
        ledger.append([Entry(f"stamp {digest[:64]}", STAMP_KEPT, when, ledger.library, facts)])
        ledger.sign(folder.keys, when=when)
    tell("LEDGER_STAMP_KEPT", size=size, when=stamped.when)


def _read(reply: Path) -> bytes:
    try:
        with reply.open("rb") as stream:
            return stream.read(LARGEST_REPLY)
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(reply)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(reply), problem=error.strerror or "") from error
