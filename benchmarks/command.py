"""Running the command as a person does, and what one run of it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

KHIZANA = (sys.executable, "-m", "khizana.cli.main")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    seconds: float
    cpu: float
    """Seconds of all processors together."""
    peak_mib: float
    """The most memory that it held."""


def khizana(*arguments: object) -> Cost:
    """Run the command to its end, and return what it took; stop where it fails."""
    began = time.perf_counter()
    child = subprocess.Popen([*KHIZANA, *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"khizana {arguments[0]} ended with {child.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, round(usage.ru_maxrss / 1024, 1))
