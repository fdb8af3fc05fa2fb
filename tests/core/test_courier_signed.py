"""Signed lists: whatever is changed in one, it is refused in a sentence; whoever signs one says only what he may."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.couriers import HAVE, RECEIVER, Sender, packed_objects, received, sender
from data.ledgers import LIBRARY
from data.memory_store import MemoryStore
from data.replicated import put_object
from khizana.core.errors import BadInput, Damaged, KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.courier.judge import sender_of
from khizana.core.preservation.courier.keys import OwnKeys, follows, key_of, key_text, own_keys
from khizana.core.preservation.courier.lines import End, proof_line
from khizana.core.preservation.courier.places import pack_name
from khizana.core.preservation.courier.proof import ProofMaking, entries_seen, kept, proved
from khizana.core.preservation.courier.signed import Writer, fetch, read_header, read_signed
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ledger.write import open_ledger, require_head
from khizana.core.preservation.replicas.sites import Site

MUTATIONS = 1500


def packed(tmp_path: Path) -> tuple[Sender, MemoryStore, str]:
    """Return a place, a courier with a pack of two objects, and the name of its list."""
    place, courier = sender(tmp_path / "place"), MemoryStore()
    knowns = [put_object(place.here, name, [{"masters/1.tif": name.encode() * 40_000, "s": b"s"}]) for name in "ab"]
    header = place.pack(courier, [(known, 0) for known in knowns], tmp_path / "list", piece=70_000)
    return place, courier, pack_name(header.pack)


def resigned(place: Sender, lines: list[bytes], path: Path) -> None:
    """Write *lines* (the header first) to *path* as the sender would have signed them."""
    writer = Writer(path, place.header())
    for line in lines[1:]:
        writer._write(line)  # noqa: SLF001 - lines that no writer would make
    writer.close(place.key)


def test_a_change_of_any_field_of_the_header_is_refused(tmp_path: Path) -> None:
    place, courier, name = packed(tmp_path)
    first, rest = courier.files[name].split(b"\n", 1)
    header = json.loads(first)
    other = SigningKey.made().public
    changes: dict[str, list[Any]] = {
        "courier": ["proof", "head", 1],
        "format": [0, "1"],
        "library": ["other", "", 1],
        "from": [other, "x"],
        "to": [other, ""],
        "keys": [[["a", "b", "c"]], [[1, 2, 3]], [["a"]], "x"],
        "pack": [header["pack"][:-1] + "2", "../../x", 1],
        "digest": ["0" * 128, "x"],
        "created": ["2026-01-01T00:00:01Z", "yesterday"],
        "ledger": [1, -1, "0", 10**30],
        "head": [{**header["head"], "size": 1}, {}, None],
    }
    assert changes.keys() == header.keys()
    for field, values in changes.items():
        for value in values:
            changed = json.dumps({**header, field: value}).encode()
            courier.files[name] = changed + b"\n" + rest
            with pytest.raises(Damaged) as told:
                fetch(courier, name, tmp_path / "in")
            assert told.value.code == "COURIER_LIST_ALTERED", (field, value)
        without = {each: header[each] for each in header if each != field}
        courier.files[name] = json.dumps(without).encode() + b"\n" + rest
        with pytest.raises(Damaged):
            fetch(courier, name, tmp_path / "in")
    courier.files[name] = json.dumps({**header, "format": 2}).encode() + b"\n" + rest
    with pytest.raises(BadInput, match="newer Khizana"):
        read_header(courier, name)
    assert place.key.public == header["from"]


def test_any_change_of_the_bytes_is_refused_in_a_sentence(tmp_path: Path) -> None:
    _, courier, name = packed(tmp_path)
    good, chance = courier.files[name], random.Random(7)
    refused = 0
    for _ in range(MUTATIONS):
        courier.files[name] = mutated(good, chance)
        if courier.files[name] == good:
            continue
        with pytest.raises(KhizanaError):
            packed_objects(fetch(courier, name, tmp_path / "in"))
        refused += 1
    assert refused > MUTATIONS * 0.9


def test_lines_that_a_known_place_signed_are_not_trusted_to_be_lines(tmp_path: Path) -> None:
    place, courier, name = packed(tmp_path)
    lines, chance = courier.files[name].splitlines(keepends=True)[:-1], random.Random(8)
    refused = 0
    for _ in range(MUTATIONS):
        number = chance.randrange(1, len(lines))
        changed = [*lines]
        changed[number] = mutated(lines[number], chance).replace(b"\n", b"") + b"\n"
        resigned(place, changed, tmp_path / "list")
        courier.files[name] = (tmp_path / "list").read_bytes()
        other = MemoryStore()
        try:
            done = received(courier, place.header(), other, tmp_path / "in")
        except KhizanaError:
            refused += 1
            continue
        assert all(each.startswith("storage/") and ".." not in each for each in other.files)
        refused += any(isinstance(each, KhizanaError) for each in done)
    assert refused > MUTATIONS // 2


@pytest.mark.parametrize(
    "path", ["../v1/x", "v1/../../x", "v1//x", "/v1/x", "logs/..", "v1", "x/y", "v1/./x", "v1/a\nb", "vx/y", "v1\\x/y"]
)
def test_a_name_that_leads_out_of_the_object_is_refused(tmp_path: Path, path: str) -> None:
    place, courier, name = packed(tmp_path)
    lines = courier.files[name].splitlines(keepends=True)[:-1]
    number = next(number for number, line in enumerate(lines) if b'"files"' in line)
    value = json.loads(lines[number])
    value["files"][0][0] = path
    lines[number] = json.dumps(value).encode() + b"\n"
    resigned(place, lines, tmp_path / "list")
    courier.files[name] = (tmp_path / "list").read_bytes()
    with pytest.raises(Damaged):
        packed_objects(fetch(courier, name, tmp_path / "in"))


def mutated(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed) or 1)
        match chance.randrange(5):
            case 0 if changed:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + chance.randint(1, 40)]
            case 2:
                changed[at:at] = chance.randbytes(chance.randint(1, 5))
            case 3:
                changed[at : at + 1] = chance.choice([b"[" * 3000, b'"', b"{}", b"null", b"-1", b"1e999", b"\\ud800"])
            case _:
                del changed[at:]
    return bytes(changed)


def site(key: str, name: str = "home") -> Site:
    return Site(name, f"peer:{key_text(key)}", "uid")


def test_a_list_is_for_whom_it_says_from_whom_is_known(tmp_path: Path) -> None:
    place = sender(tmp_path / "place")
    header, own = place.header(), OwnKeys((RECEIVER,))
    known = [site(SigningKey.made().public, "else"), site(place.key.public)]
    found = sender_of(header, library=LIBRARY, own=own, sites=known)
    assert found is not None
    assert found.name == "home"
    assert sender_of(header, library=LIBRARY, own=OwnKeys((place.key.public,)), sites=known) is None, "for another"
    assert sender_of(header, library=LIBRARY, own=OwnKeys((RECEIVER, place.key.public)), sites=known) is None, "own"
    for code, library, sites in (
        ("COURIER_OF_ANOTHER_LIBRARY", "other", known),
        ("COURIER_KEY_UNKNOWN", LIBRARY, known[:1]),
        ("COURIER_KEY_UNKNOWN", LIBRARY, [Site("disk", "disk:/x", "uid")]),
    ):
        with pytest.raises(BadInput) as told:
            sender_of(header, library=library, own=own, sites=sites)
        assert told.value.code == code


def test_a_key_is_followed_where_it_handed_over_and_not_where_it_was_replaced(tmp_path: Path) -> None:
    place = sender(tmp_path / "place")
    first = place.key.public
    with open_ledger(place.kept.folder) as ledger:
        ledger.change_key(place.kept.keys, when="2026-01-02T00:00:00Z", agent="test")
    second, keys = place.key.public, own_keys(place.kept.folder)
    assert keys.keys == (first, second)
    assert follows(second, first, library=LIBRARY, handed_over=keys.handed_over)
    assert not follows(second, first, library="other", handed_over=keys.handed_over)
    assert not follows(first, second, library=LIBRARY, handed_over=keys.handed_over)
    (place.kept.keys / "ledger.pem").unlink()
    with open_ledger(place.kept.folder) as ledger:
        ledger.go_on(place.kept.keys, when="2026-01-03T00:00:00Z", agent="test")
    assert own_keys(place.kept.folder) == OwnKeys((place.key.public,))


@pytest.mark.parametrize(
    "address", ["peer:", "peer:x", "peer:ed25519-", "peer:ed25519-" + "a" * 63, "disk:" + "a" * 64]
)
def test_an_address_of_a_peer_is_a_key(address: str) -> None:
    with pytest.raises(BadInput):
        key_of(address)
    assert key_of("peer:ed25519-" + "AB" * 32) == RECEIVER


def test_a_proof_says_what_arrived_and_nobody_can_say_it_for_another(tmp_path: Path) -> None:
    place, courier, name = packed(tmp_path)
    pack, mine = fetch(courier, name, tmp_path / "in"), sender(tmp_path / "other")
    taken = [
        (TakenIn(ObjectId("a"), "new", 2, Digest("1" * 128)), 2),
        (TakenIn(ObjectId("b"), "lacking", 0, Digest(""), lacking_from=1), 0),
    ]
    making = ProofMaking(
        pack,
        mine.key,
        handed_over=(),
        ledger=4,
        head=require_head(mine.kept.folder),
        when="2026-01-01T00:00:00Z",
        scratch=tmp_path / "scratch",
    )
    for each, shared in taken:
        making.add(each, shared)
    proof = making.close(HAVE, tmp_path / "given")
    assert kept(tmp_path / "given") == [proof]
    assert entries_seen(tmp_path / "given") == 4
    signed = read_signed(proof.path, proof.name)
    assert list(proved(signed)) == [*taken, End(2, 0, HAVE)]
    assert (signed.header.sender, signed.header.receiver) == (mine.key.public, place.key.public)
    assert (signed.header.pack, signed.header.digest) == (pack.header.pack, pack.digest)
    good, chance = proof.path.read_bytes(), random.Random(9)
    for _ in range(300):
        proof.path.write_bytes(mutated(good, chance))
        if proof.path.read_bytes() != good:
            with pytest.raises(KhizanaError):
                read_signed(proof.path, proof.name)
    with pytest.raises(Damaged):
        proof_line({"object": "a"}, "x")


def test_a_pack_does_not_pass_for_a_proof_nor_for_a_pack_to_another(tmp_path: Path) -> None:
    place, courier, name = packed(tmp_path)
    first, rest = courier.files[name].split(b"\n", 1)
    for change in ({"courier": "proof", "digest": "0" * 128}, {"to": "cd" * 32}):
        courier.files[name] = json.dumps(json.loads(first) | change).encode() + b"\n" + rest
        with pytest.raises(Damaged):
            fetch(courier, name, tmp_path / "in")
    with pytest.raises(ValueError, match="neither"):
        replace(place.header(), courier="proof")
