"""Objects as a library would hold them, in stores of memory, and damage of every kind that a disk or a hand can do."""

from __future__ import annotations

import random
from collections.abc import Callable
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
Damage = Callable[[MemoryStore, Known, list[str], random.Random], None]


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


def damage(store: MemoryStore, known: Known, kind: str, chance: random.Random) -> bool:
    """Damage the object in *store*, as *kind* says; False where that changed nothing, as when nothing of it is left."""
    files = [name for name in store.files if name.startswith(known.prefix)]
    before = dict(store.files), set(store.unreadable)
    if files:
        DAMAGES[kind](store, known, files, chance)
    return before != (store.files, store.unreadable)


def _bits(content: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(content or b"\0")
    most = chance.choice((1, 5, 50, 1000))
    for place in {chance.randrange(len(flipped) * 8) for _ in range(chance.randint(1, most))}:
        flipped[place // 8] ^= 1 << place % 8
    return bytes(flipped)


def _changed(change: Callable[[bytes, random.Random], bytes]) -> Damage:
    def apply(store: MemoryStore, _: Known, files: list[str], chance: random.Random) -> None:
        name = chance.choice(files)
        store.files[name] = change(store.files[name], chance)

    return apply


def _removed(store: MemoryStore, _: Known, files: list[str], chance: random.Random) -> None:
    del store.files[chance.choice(files)]


def _swapped(store: MemoryStore, _: Known, files: list[str], chance: random.Random) -> None:
    one, other = chance.choice(files), chance.choice(files)
    store.files[one], store.files[other] = store.files[other], store.files[one]


def _renamed(store: MemoryStore, _: Known, files: list[str], chance: random.Random) -> None:
    name = chance.choice(files)
    store.files[f"{name}.old"] = store.files.pop(name)


def _stray(store: MemoryStore, known: Known, _: list[str], chance: random.Random) -> None:
    store.files[f"{known.prefix}{chance.choice(['', 'v1/', 'v1/content/', 'v9/'])}stray"] = b"stray"


def _stray_log(store: MemoryStore, known: Known, _: list[str], chance: random.Random) -> None:
    store.files[f"{known.prefix}logs/{chance.choice(['', '2025/'])}stray"] = b"a log that nobody wrote"


def _unholdable(store: MemoryStore, known: Known, files: list[str], chance: random.Random) -> None:
    """Rename a file, or add one, so that some file system or database could not hold its name."""
    folder = f"{known.prefix}{chance.choice(['', 'v1/content/'])}"
    name = folder + chance.choice(
        ("\udcff\udcfe", "م" * 255, "CON", "a:b?", "ends. ", "two\nlines", "\x1b[2J", "\u00c9", "E\u0301")
    )
    store.files[name] = store.files.pop(chance.choice(files)) if chance.random() < 0.5 else b"stray"


def _unreadable(store: MemoryStore, _: Known, files: list[str], chance: random.Random) -> None:
    store.unreadable.add(chance.choice(files))


def _rewritten(store: MemoryStore, known: Known, _: list[str], chance: random.Random) -> None:
    """Rewrite an inventory and its sidecar, so that a validator which knows nothing else is content."""
    folder = known.prefix + chance.choice(["", "v1/"])
    if folder + INVENTORY in store.files:
        rewritten = store.files[folder + INVENTORY].replace(b"test", b"tost")
        store.files[folder + INVENTORY], store.files[folder + SIDECAR] = rewritten, sidecar(rewritten)


def _edited(store: MemoryStore, known: Known, _: list[str], chance: random.Random) -> None:
    """Edit an inventory, or its sidecar, and not the other."""
    name = known.prefix + chance.choice(["", "v1/"]) + chance.choice([INVENTORY, SIDECAR])
    if name in store.files:
        store.files[name] = store.files[name].replace(b"e", b"3")


def _mixed(store: MemoryStore, _: Known, __: list[str], chance: random.Random) -> None:
    """Put files of another library's object of that name among those that are there."""
    other = MemoryStore()
    some_object(other, "one", chance)
    store.files |= {name: other.files[name] for name in sorted(other.files) if chance.random() < 0.5}


def _rolled_back(store: MemoryStore, known: Known, files: list[str], _: random.Random) -> None:
    if known.head == 1:
        return
    for name in files:
        if name.startswith(f"{known.prefix}v{known.head}/"):
            del store.files[name]
    for name in (INVENTORY, SIDECAR):
        older = store.files.get(f"{known.prefix}v{known.head - 1}/{name}")
        if older is not None:
            store.files[known.prefix + name] = older


def _encrypted(store: MemoryStore, _: Known, files: list[str], __: random.Random) -> None:
    for name in files:
        store.files[f"{name}.locked"] = bytes(byte ^ 0x5A for byte in store.files.pop(name)) + b"pay"


def _object_removed(store: MemoryStore, _: Known, files: list[str], __: random.Random) -> None:
    for name in files:
        del store.files[name]


DAMAGES: dict[str, Damage] = {
    "flip": _changed(_bits),
    "truncate": _changed(lambda content, chance: content[: chance.randrange(len(content))] if content else b"x"),
    "lengthen": _changed(lambda content, chance: content + chance.randbytes(chance.randint(1, 9))),
    "empty": _changed(lambda content, _: b"" if content else b"x"),
    "remove": _removed,
    "swap": _swapped,
    "rename": _renamed,
    "stray": _stray,
    "stray log": _stray_log,
    "name that cannot be held": _unholdable,
    "permission denied": _unreadable,
    "rewrite inventory": _rewritten,
    "edit inventory": _edited,
    "mix": _mixed,
    "roll back": _rolled_back,
    "encrypt": _encrypted,
    "remove object": _object_removed,
}
