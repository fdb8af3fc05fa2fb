"""The check without Khizana that the page on the ledger shows is run on a ledger, sound and altered."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from data.ledgers import kept_ledger

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "ledger.md"


def test_anyone_can_check_a_ledger_with_a_shell(tmp_path: Path) -> None:
    if not all(map(shutil.which, ("openssl", "basenc", "sha256sum"))):
        pytest.skip("openssl or coreutils are not installed")
    (script,) = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    kept = kept_ledger(tmp_path, 3, 7)
    right = ("the entries are those that were signed", "Signature Verified Successfully")
    said = _run(script, tmp_path)
    assert all(each in said for each in right), said
    kept.put([line.replace(b"success", b"failure") for line in kept.lines()])
    assert [each in _run(script, tmp_path) for each in right] == [False, True]
    kept.heads.write_bytes(kept.heads.read_bytes().replace(b'"size":11', b'"size":10'))
    assert [each in _run(script, tmp_path) for each in right] == [False, False]


def _run(script: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr
