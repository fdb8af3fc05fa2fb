"""Objects as a library would hold them, in stores of memory, and damage of every kind that a disk or a hand can do."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from hashlib import sha512

from data.memory_store import MemoryStore
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ocfl.inventory import (
    INVENTORY,
    SIDECAR,
    Inventory,
    User,
    Version,
    digest_of,
    sidecar,
    to_json,
)
from khizana.core.preservation.ocfl.layout import OBJECT_DECLARATION
from khizana.core.preservation.replicas.expected import Known

WHEN = datetime(2025, 6, 1, tzinfo=UTC)
DAMAGES = (
    "flip",
    "truncate",
    "lengthen",
    "empty",
    "remove",
    "swap",
    "rename",
    "stray",
    "unreadable",
    "rewrite inventory",
    "roll back",
    "encrypt",
    "remove object",
)


def put_object(store: MemoryStore, name: str, versions: list[dict[str, bytes]]) -> Known:
    """Write the object *name* whose versions add the given files, and return what is known of it."""
    known = Known(ObjectId(f"urn:khizana:test:{name}:images"), {})
    manifest: dict[Digest, tuple[str, ...]] = {}
    history: list[Version] = []
    state: dict[str, Digest] = {}
    digests: dict[int, Digest] = {}
    for number, files in enumerate(versions, 1):
        for path, content in files.items():
            digest = Digest(sha512(content).hexdigest())
            state[path] = digest
            if digest not in manifest:
                manifest[digest] = (f"v{number}/content/{path}",)
                store.files[f"{known.prefix}v{number}/content/{path}"] = content
        history.append(Version(WHEN, f"Version {number}", User("test"), dict(state)))
        inventory = to_json(Inventory(known.object_id, dict(manifest), tuple(history)))
        digests[number] = digest_of(inventory)
        for folder in (f"v{number}/", ""):
            store.files[f"{known.prefix}{folder}{INVENTORY}"] = inventory
            store.files[f"{known.prefix}{folder}{SIDECAR}"] = sidecar(inventory)
    store.files[known.prefix + OBJECT_DECLARATION] = b"ocfl_object_1.1\n"
    return Known(known.object_id, digests)


def some_object(store: MemoryStore, name: str, chance: random.Random) -> Known:
    """Write an object of one to three versions with a few small files each."""
    versions = [
        {f"masters/{chance.randrange(1000):04d}.tif": chance.randbytes(chance.randrange(1, 200)) for _ in range(3)}
        | {"structure.json": b'{"version": %d}' % number}
        for number in range(chance.randint(1, 3))
    ]
    return put_object(store, name, versions)


def damage(store: MemoryStore, known: Known, kind: str, chance: random.Random) -> None:
    """Damage the object in *store*; every kind leaves it different from what it should be."""
    files = [name for name in store.files if name.startswith(known.prefix)]
    if not files:
        return
    name = chance.choice(files)
    content = store.files[name]
    match kind:
        case "flip":
            bits = bytearray(content or b"\0")
            for place in {chance.randrange(len(bits) * 8) for _ in range(chance.randint(1, 5))}:
                bits[place // 8] ^= 1 << place % 8
            store.files[name] = bytes(bits)
        case "truncate":
            store.files[name] = content[: chance.randrange(len(content))] if content else b"x"
        case "lengthen":
            store.files[name] = content + chance.randbytes(chance.randint(1, 9))
        case "empty":
            store.files[name] = b"" if content else b"x"
        case "remove":
            del store.files[name]
        case "swap":
            other = chance.choice(files)
            store.files[name], store.files[other] = store.files[other], content
        case "rename":
            store.files[name + ".old"] = store.files.pop(name)
        case "stray":
            store.files[f"{known.prefix}{chance.choice(['', 'v1/', 'v1/content/', 'v9/'])}stray"] = b"stray"
        case "unreadable":
            store.unreadable.add(name)
        case "rewrite inventory":
            # With a sidecar that agrees: a validator that knows nothing else is content.
            place = chance.choice(["", "v1/"])
            if known.prefix + place + INVENTORY in store.files:
                rewritten = store.files[known.prefix + place + INVENTORY].replace(b"test", b"tost")
                store.files[known.prefix + place + INVENTORY] = rewritten
                store.files[known.prefix + place + SIDECAR] = sidecar(rewritten)
        case "roll back":
            if known.head > 1:
                for each in files:
                    if each.startswith(f"{known.prefix}v{known.head}/"):
                        del store.files[each]
                for each in (INVENTORY, SIDECAR):
                    older = store.files.get(f"{known.prefix}v{known.head - 1}/{each}")
                    if older is not None:
                        store.files[known.prefix + each] = older
        case "encrypt":
            for each in files:
                store.files[each + ".locked"] = bytes(byte ^ 0x5A for byte in store.files.pop(each)) + b"pay"
        case "remove object":
            for each in files:
                del store.files[each]
