"""Makes .venv with everything pinned: run by the system's Python, needs nothing installed.

    python3 tools/setup.py .venv

Exit status 0, or 1 with one sentence that says what is missing and how to get it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "develop.txt"
OLDEST = (3, 11)


def main() -> None:
    """Make the environment, install the lock, the project and its assets."""
    venv = ROOT / sys.argv[1]
    if sys.version_info < OLDEST:
        found = sys.version.split()[0]
        sys.exit(f"Khizana needs Python 3.11 or newer and this is {found}: make setup PYTHON=python3.11")
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at once would spoil each other's environment
        install(venv)


def install(venv: Path) -> None:
    """Bring *venv* to what the lock says."""
    python = venv / "bin" / "python"
    if not works(python):
        shutil.rmtree(venv, ignore_errors=True)
        make(venv)
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    run([*pip, "--require-hashes", "--requirement", str(LOCK)], "The pinned packages could not be installed")
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], "Khizana could not be installed")
    run([str(python), str(ROOT / "tools" / "assets.py")], "Fonts and viewer could not be made")


def works(python: Path) -> bool:
    """Return whether *python* runs, has pip, and every package in it says its version.

    One that does not was cut off while it was installed, and stops pip with a traceback for ever after.
    """
    look = "import importlib.metadata as m, pip, sys; sys.exit(not all(d.version for d in m.distributions()))"
    return (
        python.exists() and subprocess.run([str(python), "-c", look], capture_output=True, check=False).returncode == 0
    )


def make(venv: Path) -> None:
    """Make an empty environment; on a bare Debian its module comes in a package of its own."""
    command = [sys.executable, "-m", "venv", str(venv)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        run(["apt-get", "update", "-qq"], "The package lists could not be read")
        run(["apt-get", "install", "-y", "-qq", "python3-venv"], "python3-venv could not be installed")
        shutil.rmtree(venv, ignore_errors=True)
    run(command, "Python's venv module is missing: as root, run apt-get install python3-venv")


def run(command: list[str], otherwise: str) -> None:
    """Run *command*; leave with the sentence *otherwise* when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, env=environment, check=False).returncode:
        sys.exit(f"{otherwise}; the lines above say why. Mend it and run the same command again: it goes on.")


if __name__ == "__main__":
    main()
