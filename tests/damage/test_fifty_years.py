"""Fifty years of one object, over and over: what was acknowledged is whole at the end, or its loss is said.

Twenty histories in every run, ten thousand with ``KHIZANA_DAMAGE=long``; ``KHIZANA_SEED`` lives through one again.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from data.fifty_years import FiftyYears

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
SEED = os.environ.get("KHIZANA_SEED", "")
SEEDS = [int(SEED)] if SEED else range(10_000 if LONG else 20)
CARELESS = 5
"""Every so many histories, what happens does not spare the last good copy."""

pytestmark = pytest.mark.damage


def test_what_was_acknowledged_outlasts_fifty_years(memory_folder: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        history = FiftyYears(seed, memory_folder / str(seed), is_careless=seed % CARELESS == 0)
        try:
            history.run()
        except Exception as error:
            message = f"KHIZANA_SEED={seed}, step {history.step}"
            raise AssertionError(message) from error
        counts += history.counts
        shutil.rmtree(memory_folder / str(seed))
    print(f"{len(SEEDS)} histories: {dict(sorted(counts.items()))}")  # noqa: T201 - what a long run has to show
    if not SEED:
        assert counts["whole histories"] + counts["histories with a loss"] == len(SEEDS)
        for each in ("taken in: joined", "mended", "insider at a site", "insider at a desk", "ransomware", "site died"):
            assert counts[each], f"nothing of this happened: {each}"
