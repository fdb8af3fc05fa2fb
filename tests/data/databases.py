"""The databases that journeys run on: SQLite in the library's folder, and a real PostgreSQL server of our own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from khizana.core.database_address import parse_address

KINDS = ("sqlite", "postgresql")
OWNER = "khizana"
_SETTING = re.compile(r'(?m)^database = "(.*)"$')
_CLOSED = "local all closed scram-sha-256\n"
_OPEN = "local all all trust\n"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that listens on a socket in a folder, and nowhere else."""

    folder: Path
    programs: Path

    def address(self, name: str, user: str = OWNER) -> str:
        """Return the address of the database *name*, as the settings have it."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def new(self) -> str:
        """Make an empty database and return its address."""
        name = f"l{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return self.address(name)

    def run(self, *statements: str, name: str = "postgres") -> list[Any]:
        """Run *statements* in the database *name*; return the rows of the last one."""
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def running(self, *more: str) -> Iterator[None]:
        """Let the server run until the block ends."""
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="]
        # What a power cut would take is of no interest to tests, and the disk would be most of their time.
        fast = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", *more]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([*command, *fast], stdout=log, stderr=log, stdin=subprocess.DEVNULL, **_nobody())
        try:
            self._wait(process)
            yield
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is wanted any more
            process.wait(60)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        ready = [self.programs / "pg_isready", "-q", "-h", self.folder, "-t", "1"]
        for _ in range(600):
            assert process.poll() is None, (self.folder / "log").read_text(errors="replace")
            if subprocess.run(ready, check=False).returncode == 0:
                return
        raise AssertionError((self.folder / "log").read_text(errors="replace"))


@contextmanager
def new_server() -> Iterator[Server]:
    """Make a server's folder, whose users all are let in but ``closed``; nothing runs yet."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    at = shutil.which("postgres")
    programs = found[-1].parent if found else Path(at).parent if at else None
    assert programs, "PostgreSQL is not installed: as root, run apt-get install postgresql (make system does it)"
    # Not below pytest's own folder: root's is closed to the user as whom the server must run.
    folder = Path(tempfile.mkdtemp(prefix="khizana-postgresql-"))
    try:
        folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(folder, _user(), _user())
        initdb = [programs / "initdb", "-D", folder / "data", "-U", OWNER, "--no-sync", "--encoding=UTF8"]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--auth=trust"], check=True, stdout=subprocess.DEVNULL, **_nobody()
        )
        (folder / "data" / "pg_hba.conf").write_text(_CLOSED + _OPEN)
        yield Server(folder, programs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lose_database(library: Path) -> None:
    """Take the database of the library in the folder *library* away; where it was, one can be made again."""
    address = database_of(library)
    if address:
        name = parse_address(address).name
        _maintain(address, f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE template0")
        return
    for part in library.glob("khizana.sqlite3*"):
        part.unlink()


def copy_library(library: Path, goal: Path) -> None:
    """Copy the library in the folder *library*, and its database with it, to the folder *goal*."""
    shutil.copytree(library, goal)
    address = database_of(library)
    if address:
        parsed = parse_address(address)
        name = f"l{secrets.token_hex(6)}"
        _maintain(address, f"CREATE DATABASE {name} TEMPLATE {parsed.name}")
        set_database(goal, address.replace(f"/{parsed.name}?", f"/{name}?"))


def database_of(library: Path) -> str:
    """Return the setting ``database`` of the library in the folder *library*."""
    found = _SETTING.search((library / "khizana.toml").read_text())
    assert found
    return found[1]


def set_database(library: Path, address: str) -> None:
    """Change that setting."""
    settings = library / "khizana.toml"
    settings.write_text(_SETTING.sub(f'database = "{address}"', settings.read_text()))


def _maintain(address: str, *statements: str) -> None:
    parsed = parse_address(address)
    with psycopg.connect(host=parsed.host, user=OWNER, dbname="postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _user() -> str:
    return "postgres"  # Debian's package makes it


def _nobody() -> dict[str, Any]:
    """Return how to start a process as a user without rights, where we are root: the server refuses root."""
    return {"user": _user(), "group": _user(), "extra_groups": [], "cwd": "/"} if os.geteuid() == 0 else {}
