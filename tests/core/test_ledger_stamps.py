from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ledgers import Kept, kept_ledger
from khizana.core.errors import BadInput, NotFound
from khizana.core.preservation.ledger.stamps import Imprint, ask, keep_reply, read_request, request
from khizana.core.preservation.ledger.write import require_head

OPENSSL = shutil.which("openssl")
CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.crt
signer_key = {folder}/tsa.key
certs = {folder}/ca.crt
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
[stamping]
extendedKeyUsage = critical,timeStamping
"""


class Authority:
    """A time-stamping authority made with openssl, for one test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01\n")
        new = ["req", "-newkey", "rsa:2048", "-nodes", "-subj"]
        self._run(*new, "/CN=Root", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.crt")
        self._run(*new, "/CN=Stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = [
            "x509",
            "-req",
            "-in",
            "tsa.csr",
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
        ]
        self._run(*signed, "-extfile", "tsa.cnf", "-extensions", "stamping", "-out", "tsa.crt")

    def reply(self, asked: Path) -> bytes:
        self._run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", str(asked), "-out", "reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()

    def verifies(self, head: Path) -> bool:
        """Verify as docs/explanation/ledger.md tells it."""
        command = ["ts", "-verify", "-data", str(head), "-in", str(head.with_suffix(".tsr")), "-CAfile", "ca.crt"]
        return "Verification: OK" in self._run(*command, check=False)

    def _run(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    return Authority(tmp_path_factory.mktemp("tsa") / "here")


def test_a_request_is_der_and_says_what_it_asks() -> None:
    digest = hashlib.sha256(b"").digest()
    made = request(digest, 0x8000000000000001)
    # TimeStampReq of RFC 3161, section 2.4.1, written out by hand.
    assert made.hex() == (
        "30440201013031300d060960864801650304020105000420" + digest.hex() + "02090080000000000000010101ff"
    )
    assert read_request(made) == Imprint(digest, 0x8000000000000001)


def test_a_reply_to_the_request_is_kept_and_openssl_verifies_it(authority: Authority, tmp_path: Path) -> None:
    kept: Kept = kept_ledger(tmp_path, 3)
    asked = ask(kept.folder, require_head(kept.folder), nonce=7)
    assert asked.name == "4.tsq"
    before = asked.read_bytes()
    assert ask(kept.folder, require_head(kept.folder), nonce=8).read_bytes() == before, "asked once"
    size, stamped = keep_reply(kept.folder, authority.reply(asked))
    assert (size, stamped.nonce) == (4, 7)
    assert stamped.when.startswith("20")
    assert authority.verifies(asked.with_suffix(".head"))
    assert kept.codes() == set()
    asked.with_suffix(".head").write_bytes(b"{}\n")
    assert not authority.verifies(asked.with_suffix(".head"))


def test_a_reply_to_another_request_or_a_refusal_is_not_kept(authority: Authority, tmp_path: Path) -> None:
    kept, other = kept_ledger(tmp_path / "a", 3), kept_ledger(tmp_path / "b", 5)
    ask(kept.folder, require_head(kept.folder), nonce=7)
    reply = authority.reply(ask(other.folder, require_head(other.folder), nonce=7))
    with pytest.raises(NotFound):
        keep_reply(kept.folder, reply)
    # A refusal: PKIStatusInfo with status 2 (rejection), and no token.
    with pytest.raises(BadInput):
        keep_reply(kept.folder, bytes.fromhex("30053003020102"))
    assert not list((kept.folder / "stamps").glob("*.tsr"))


@given(data=st.data())
def test_a_damaged_reply_is_kept_or_told_and_never_a_fault(authority: Authority, data: st.DataObject) -> None:
    place = authority.folder.parent / "damaged"
    kept = Kept(place)
    if not place.exists():
        kept_ledger(place, 2)
        (place / "reply").write_bytes(authority.reply(ask(kept.folder, require_head(kept.folder), nonce=3)))
    reply = bytearray((place / "reply").read_bytes())
    at = data.draw(st.integers(0, len(reply) - 1))
    if data.draw(st.booleans()):
        del reply[at:]
    else:
        reply[at] ^= data.draw(st.integers(1, 255))
    # Its own signature is for openssl to verify; here, nothing but an answer or one of two sentences.
    with contextlib.suppress(BadInput, NotFound):
        assert keep_reply(kept.folder, bytes(reply))[0] == 3


@given(st.binary(max_size=120))
def test_no_bytes_make_keeping_a_reply_fail(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with pytest.raises(BadInput):
        keep_reply(tmp_path_factory.getbasetemp(), content)
