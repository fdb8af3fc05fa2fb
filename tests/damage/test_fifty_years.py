"""Fifty years of a small library, over and over: what was acknowledged is whole at the end, or its loss is said.

Twenty-five histories in every run, ten thousand with ``KHIZANA_DAMAGE=long``; ``KHIZANA_SEED`` lives through one again.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TypeVar

import pytest

from data.fifty_truths import digest
from data.fifty_years import FiftyYears
from khizana.core.preservation.replicas import copy, reading

T = TypeVar("T")
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
SEED = os.environ.get("KHIZANA_SEED", "")
SEEDS = [int(SEED)] if SEED else range(10_000 if LONG else 25)
CARELESS = 5
"""Every so many histories, what happens does not spare the last good copy."""

pytestmark = pytest.mark.damage


class AtOnce(Executor):
    """Does everything when it is asked: threads are tested elsewhere, and would take a third of the time here."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take what a pool of threads takes."""

    def submit(self, do: Callable[..., T], /, *given: object, **named: object) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(do(*given, **named))
        except Exception as error:  # noqa: BLE001 - told where the result is asked for, as with threads
            future.set_exception(error)
        return future


@pytest.fixture
def unthreaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (copy, reading):
        monkeypatch.setattr(module, "ThreadPoolExecutor", AtOnce)


@pytest.mark.usefixtures("unthreaded")
def test_what_was_acknowledged_outlasts_fifty_years(memory_folder: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        history = FiftyYears(seed, memory_folder / str(seed), is_careless=seed % CARELESS == 0)
        try:
            history.run()
        except Exception as error:
            message = f"KHIZANA_SEED={seed}, day {history.day}"
            raise AssertionError(message) from error
        counts += history.counts
        digest.cache_clear()
        shutil.rmtree(memory_folder / str(seed))
    print(f"{len(SEEDS)} histories: {dict(sorted(counts.items()))}")  # noqa: T201 - what a long run has to show
    if not SEED:
        assert sum(count for each, count in counts.items() if "histories" in each) == len(SEEDS)
        for each in ("taken in: joined", "mended", "insider", "encrypt", "die", "roll_back", "restored", "go_wrong"):
            assert counts[each], f"nothing of this happened: {each}"
