"""Fixtures that every room of the tests shares."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from data.ceph_server import CephServer, ceph_server
from data.databases import KINDS, Server, new_server

ROOT = Path(__file__).parent.parent

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test is timed by the clock: on a busy machine a deadline fails what is right.
settings.register_profile("khizana", deadline=None)
settings.load_profile("khizana")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public data to test against; the test is skipped where there is none."""
    folder = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no public test data at {folder}: set KHIZANA_TEST_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CephServer]:
    """A cluster for all tests of one process, because it takes half a minute to start."""
    with ceph_server(tmp_path_factory.mktemp("ceph") / "cluster") as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``both_databases`` on SQLite and on PostgreSQL, and whatever else has a database on SQLite.

    What is marked so with ``long=True`` is run on PostgreSQL in ``make damage`` only.
    """
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        is_now = both is not None and (not both.kwargs.get("long") or os.environ.get("KHIZANA_DAMAGE") == "long")
        metafunc.parametrize("database", KINDS if is_now else KINDS[:1], indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for all tests of one process."""
    with new_server() as server, server.running():
        yield server


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """What makes a new, empty database and gives the setting that names it: nothing for SQLite."""
    if request.param == "sqlite":
        return str
    server: Server = request.getfixturevalue("postgresql")
    return server.new
