"""A database on a server: reached or refused in one sentence, no password shown, changed and left by one setting."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, khizana, new_library, served
from data.databases import Server, copy_library, database_of, new_server, set_database

PASSWORD = "salt and sand"  # noqa: S105 - it opens nothing


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[tuple[Server, Library]]:
    """A server that is not running, and a library that has its database there."""
    with new_server() as server:
        with server.running():
            library = new_library(tmp_path / "library", database=server.new())
            library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "A 1")
        yield server, library


@pytest.fixture
def library(postgresql: Server, tmp_path: Path) -> Library:
    return new_library(tmp_path / "library", database=postgresql.new())


def refusal(library: Library, *arguments: str, status: int, **environment: str) -> str:
    """Return the one sentence with which a command refuses; it names the database."""
    said = library.run(*arguments, status=status, **environment).stderr
    assert len(said.splitlines()) == 1, said
    assert database_of(library.root).partition("@")[2].partition("?")[0] in said
    return said


def test_a_server_that_is_not_there_is_one_sentence_and_back_again_all_is_as_before(
    stopped: tuple[Server, Library],
) -> None:
    server, library = stopped
    for verb in ("status", "rebuild", "doctor"):
        if verb == "doctor":
            assert "No server answers" in library.run(verb, status=1).stdout
        else:
            assert "No server answers" in refusal(library, verb, status=5)
    with server.running():
        assert library.json("status")["manuscripts"] == 1
        assert "is PostgreSQL" in library.run("doctor").stdout


def test_a_database_that_is_not_there_is_told_with_what_makes_it(library: Library, postgresql: Server) -> None:
    set_database(library.root, postgresql.address("nowhere"))
    said = refusal(library, "status", status=3)
    assert "createdb --encoding=UTF8 --template=template0 nowhere" in said


def test_a_wrong_password_is_told_and_no_password_is_shown(
    library: Library, postgresql: Server, tmp_path: Path
) -> None:
    postgresql.run(f"CREATE ROLE closed LOGIN PASSWORD '{PASSWORD}'", "CREATE DATABASE closed OWNER closed")
    address = postgresql.address("closed", user="closed")
    set_database(library.root, address)
    assert "refuses you" in refusal(library, "status", status=2)
    assert "refuses you" in refusal(library, "status", status=2, PGPASSWORD="sugar")
    assert library.run("status", PGPASSWORD=PASSWORD).stderr == ""
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:closed:closed:{PASSWORD}\n")
    passwords.chmod(0o600)
    assert library.run("status", PGPASSFILE=str(passwords)).stderr == ""
    set_database(library.root, address.replace("closed@", "closed:sugar%20cane@"))
    said = library.run("status", status=2).stderr + library.run("doctor", status=1).stdout
    assert "sugar" not in said
    assert said.count("refuses you") == 2
    set_database(library.root, address.replace("closed@", f"closed:{PASSWORD.replace(' ', '%20')}@"))
    assert library.run("status").stderr == ""


@pytest.mark.parametrize(
    "address", ["mysql://me:sugar@here/x", "postgresql://me:sugar@here:port/x", "postgresql:///?password=sugar", "x"]
)
def test_an_address_that_is_none_is_refused_without_its_password(tmp_path: Path, address: str) -> None:
    done = khizana("init", tmp_path / "library", "--database", address)
    assert done.returncode == 2
    assert "postgresql://user@host:port/name" in done.stderr
    assert "sugar" not in done.stdout + done.stderr
    assert not (tmp_path / "library" / "khizana.toml").exists()


def test_the_database_of_another_library_is_left_alone(library: Library, tmp_path: Path) -> None:
    other = new_library(tmp_path / "other", name="other")
    library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "A 1")
    set_database(other.root, database_of(library.root))
    for verb in ("rebuild", "status"):
        assert "of the library test, not of other" in refusal(other, verb, status=2)
    assert library.json("status")["manuscripts"] == 1


def test_who_may_make_no_tables_is_told_what_to_do(library: Library, postgresql: Server) -> None:
    address = postgresql.new()
    name = address.rpartition("/")[2] and address.partition("@/")[2].partition("?")[0]
    postgresql.run("CREATE ROLE guest LOGIN", f"GRANT CONNECT ON DATABASE {name} TO guest")
    set_database(library.root, postgresql.address(name, user="guest"))
    assert "OWNER" in refusal(library, "status", status=2)


def test_a_database_that_is_not_unicode_is_refused(library: Library, postgresql: Server) -> None:
    postgresql.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    set_database(library.root, postgresql.address("latin"))
    assert "LATIN1" in refusal(library, "status", status=2)


def test_an_old_server_is_refused_by_its_number() -> None:
    program = "from khizana.project.postgresql.base import refuse_old; refuse_old(14, 'x'); refuse_old(13, 'x')"
    done = subprocess.run(
        [sys.executable, "-c", program], env=command_environment(), capture_output=True, text=True, check=False
    )
    assert "PostgreSQL 13: use 14 or newer" in done.stderr


BROKEN = """
import os, sys
from khizana.cli.verb import open_library
open_library(os.environ["KHIZANA_LIBRARY"])
import psycopg
from khizana.apps.publication.actions import rebuild as module
from django.conf import settings
address = settings.KHIZANA.database_address
real = module.index_manuscripts
def cut(**named):
    with psycopg.connect(host=address.host, user=address.user, dbname="postgres", autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [address.name])
    return real(**named)
module.index_manuscripts = cut
from khizana.cli.main import run
sys.exit(run(["rebuild"]))
"""


def test_a_connection_that_breaks_in_the_middle_is_one_sentence_and_the_rows_stay(
    library: Library, tmp_path: Path
) -> None:
    library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "A 1")
    done = subprocess.run(
        [sys.executable, "-c", BROKEN],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (5, 1), done.stderr
    assert "broke off" in done.stderr
    assert library.json("status")["published"]["open"] == 1
    library.run("rebuild")


def test_readers_wait_for_a_server_that_was_started_anew(stopped: tuple[Server, Library]) -> None:
    server, library = stopped
    with server.running():
        here = served(library)
        reading = here.__enter__()
        try:
            assert reading.get("/en/m/")[0] == 200
            before = set(server.run("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"))
            assert len(before) > 1
            server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> 'postgres'")
            assert [reading.get("/en/m/a-1/")[0] for _ in range(8)][-1] == 200
            # What a browser may ask for and no database can hold finds nothing.
            assert reading.get("/en/m/a%00b/")[0] == 404
            assert reading.get("/iiif/3/a%00b/info.json")[0] == 404
        finally:
            here.__exit__(None, None, None)


def test_from_sqlite_to_the_server_and_back_with_the_accounts(postgresql: Server, tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "A 1")
    make = [*KHIZANA, "account", "aicha"]
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    subprocess.run(make, input=f"{PASSWORD}\n", env=environment, text=True, check=True, capture_output=True)
    file = tmp_path / "accounts.json"
    before = library.json("status")
    library.run("accounts", "export", file)
    assert PASSWORD not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    library.run("accounts", "export", file, status=4)
    for number, address in enumerate((postgresql.new(), "")):
        set_database(library.root, address)
        if not address:
            library.lose_database()  # that of the time before the server
        library.run("rebuild")
        assert "1 accounts were taken, 0 were there" in library.run("accounts", "import", file).stdout
        # What had to be searched anew is done by the rebuild, and waits no more.
        passing: dict[str, object] = {"free_bytes": 0, "jobs": {}}
        assert library.json("status") | passing == before | passing, number
        again = tmp_path / f"again{number}.json"
        library.run("accounts", "export", again)
        assert json.loads(again.read_text()) == json.loads(file.read_text())
    assert "0 accounts were taken, 1 were there" in library.run("accounts", "import", file).stdout
    file.write_text('{"form": "khizana accounts 1", "accounts": [{"username": "x"}]}')
    assert "holds no accounts" in library.run("accounts", "import", file, status=2).stderr


def test_no_site_is_given_the_address(library: Library, tmp_path: Path) -> None:
    library.run("site", "add", "disk", f"disk:{tmp_path / 'disk'}", "--place", "Gao")
    library.run("replicate")
    assert "postgresql://khizana" not in (tmp_path / "disk" / "library" / "khizana.toml").read_text()
    done = khizana("restore", f"disk:{tmp_path / 'disk'}", "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert database_of(tmp_path / "again") == ""


def test_a_copy_of_a_library_has_a_database_of_its_own(library: Library, tmp_path: Path) -> None:
    copy_library(library.root, tmp_path / "copy")
    assert database_of(tmp_path / "copy") != database_of(library.root)
    assert Library(tmp_path / "copy").json("status")["manuscripts"] == 0


TEXT = """
import os
from khizana.cli.verb import open_library
open_library(os.environ["KHIZANA_LIBRARY"])
from django.db import connection, transaction
from khizana.apps.catalogue.models import Manuscript
from khizana.apps.jobs.models import Job
from khizana.apps.preservation.models import PreservationObject

titles = {"fr": ["z"], "ar": ["a\\0b"], "en": ["\\\\u0000"]}
for number in range(2):
    Manuscript.objects.bulk_create(
        Manuscript(slug=f"{number}.{n}" + "x" * 200, shelfmark="A" * 300, order=str(n), titles=titles) for n in range(3)
    )
row = Manuscript.objects.first()
assert list(row.titles.items()) == list(titles.items()), "JSON is as it was written, in its order"
Job.objects.bulk_create(Job(kind="k", subject=f"a{each}b") for each in ("\\0", "", "c"))
assert Job.objects.filter(subject="a\\0b").count() == 1
assert Job.objects.filter(subject__in=["a\\0b", "ab"]).count() == 2
PreservationObject.objects.create(identifier="x", path="x", head=10**12, inventory_digest="", modified="")
assert PreservationObject.objects.get(head=10**12).identifier == "x"
names = ["a", "B", "\\u00e9", "\\u0627", "e", "Z", "1", "\\u200f1", "_", "\\U0001e900", "\\uff21"]
PreservationObject.objects.bulk_create(
    PreservationObject(identifier=f"o{name}", path="", head=1, inventory_digest="", modified="") for name in names
)
found = list(PreservationObject.objects.filter(identifier__startswith="o").order_by("identifier"))
assert [each.identifier for each in found] == sorted((f"o{name}" for name in names), key=str.encode)
assert not PreservationObject.objects.filter(identifier="oA").exists()
try:
    with transaction.atomic():
        Job.objects.create(kind="k", subject="gone")
        raise KeyError
except KeyError:
    pass
assert not Job.objects.filter(subject="gone").exists()
print("held")
"""


@pytest.mark.both_databases
def test_text_numbers_and_order_are_the_same_in_both(database: object, tmp_path: Path) -> None:
    assert callable(database)
    library = new_library(tmp_path / "library", database=database())
    done = subprocess.run(
        [sys.executable, "-c", TEXT],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "held", done.stderr


WRITER = """
import os, sys
from khizana.cli.verb import open_library
open_library(os.environ["KHIZANA_LIBRARY"])
from django.db import transaction
from khizana.apps.jobs.models import Job
for _ in range(60):
    with transaction.atomic():
        job = Job.objects.get(kind="count")
        job.attempts += 1  # read and written back: lost where another writes between
        job.save()
"""


@pytest.mark.both_databases
def test_what_a_transaction_has_read_nobody_changes_until_its_end(database: object, tmp_path: Path) -> None:
    assert callable(database)
    library = new_library(tmp_path / "library", database=database())
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    begin, end = WRITER.partition("for _")[0], "print(Job.objects.get().attempts)"
    subprocess.run(
        [sys.executable, "-c", f'{begin}Job.objects.create(kind="count", subject="x")'], env=environment, check=True
    )
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], env=environment) for _ in range(3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    done = subprocess.run([sys.executable, "-c", begin + end], env=environment, capture_output=True, check=True)
    assert int(done.stdout) == 180
