"""Pins the newest versions that pyproject.toml allows, with their digests, into requirements/.

python tools/lock.py
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
QUIET = ["--quiet", "--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--generate-hashes"]


def main() -> None:
    """Write runtime.txt, then develop.txt that agrees with it."""
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    runtime, develop = ROOT / "requirements" / "runtime.txt", ROOT / "requirements" / "develop.txt"
    source = str(ROOT / "pyproject.toml")
    pin = [uv, "pip", "compile", *QUIET, "--upgrade", source]
    subprocess.run([*pin, "--output-file", str(runtime)], check=True)
    agreeing = ["--extra", "develop", "--constraint", str(runtime)]
    subprocess.run([*pin, *agreeing, "--output-file", str(develop)], check=True)


if __name__ == "__main__":
    main()
