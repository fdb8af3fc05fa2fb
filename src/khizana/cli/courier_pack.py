"""``khizana courier pack DISK --for PEER``: what another working place lacks, onto a disk that is carried there."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from khizana.apps.preservation.actions.note_peer import note_sent
from khizana.apps.preservation.actions.pack_objects import Packed, pack_objects, to_pack
from khizana.apps.preservation.queries import have
from khizana.cli.at_couriers import Place, bring_proof, folder_of, is_entered, scratch, this_place
from khizana.cli.at_sites import Facts, enter, entry
from khizana.cli.times import stamp
from khizana.cli.verb import Opened, Progress, language, tell, warn
from khizana.core.errors import BadInput, Damaged, NoSpace, NotFound
from khizana.core.findings import Finding
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.keys import key_of
from khizana.core.preservation.courier.lines import PackedObject, pack_line
from khizana.core.preservation.courier.pack import PackMaking
from khizana.core.preservation.courier.places import given_folder, got_folder, pack_name
from khizana.core.preservation.courier.proof import entries_seen, kept
from khizana.core.preservation.courier.signed import PACK, Header, Signed, fetch, pack_id, read_signed
from khizana.core.preservation.ledger.doubts import Doubts
from khizana.core.preservation.ledger.entry import PACK_MADE
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.ledger_pieces import pieces
from khizana.core.preservation.replicas.sites import Site, read_sites
from khizana.wiring.couriers import courier_to_write, here, room_on
from khizana.wiring.library import make_good

PROOFS_AGAIN = 10
"""Newest proofs that are carried with every pack, in case the disk that had one was lost."""


def run(*, opened: Opened, disk: Path, peer: str, everything: bool, ask: bool, as_json: bool) -> int:
    """Pack; return 8 where something could not be packed because it is damaged."""
    make_good(opened.folder, opened.configuration)
    site = _peer(opened, peer)
    place = this_place(opened)
    courier = courier_to_write(disk)
    with courier.held(), scratch(opened) as folder:
        for proof in kept(given_folder(folder_of(opened, site)))[-PROOFS_AGAIN:]:
            bring_proof(proof, courier)
        pack = _next(opened, site, place, courier, folder)
        left = 0
        done: list[Packed] = []
        findings: list[tuple[str, Finding]] = []
        if to_pack(site.name, everything=everything):
            packing = _packed(
                opened, site, place, courier, pack=pack, path=folder / "pack", disk=disk, everything=everything, ask=ask
            )
            for each in packing:
                left += each.is_left
                if each.finding:
                    findings.append((each.identifier, each.finding))
                elif not each.is_left:
                    done.append(each)
    for identifier, finding in findings:
        warn(f"✗ {identifier}: {finding.sentence(language())}")
    if left and not done:
        raise NoSpace("COURIER_NO_ROOM", path=str(disk), left=left)
    size = sum(each.bytes for each in done)
    if as_json:
        value = {"site": site.name, "pack": pack if done else None, "objects": len(done), "left": left, "bytes": size}
        click.echo(json.dumps(value))
    elif done:
        tell(
            "PACKED_QUESTION" if ask else "PACKED",
            site=site.name,
            pack=pack,
            objects=len(done),
            bytes=size,
            path=str(disk),
        )
        if left:
            tell("PACKED_LEFT", site=site.name, left=left)
    elif not findings:
        tell("PACKED_NOTHING", site=site.name)
    return Damaged.exit_status if findings else 0


def _peer(opened: Opened, name: str) -> Site:
    for site in read_sites(opened.folder.sites):
        if site.name == name and not site.is_peer:
            raise BadInput("SITE_IS_NO_PEER", site=name)
        if site.name == name:
            return site
    raise NotFound("SITE_UNKNOWN", site=name)


def _next(opened: Opened, site: Site, place: Place, courier: ReplicaStore, folder: Path) -> str:
    """Return the id of the pack to make; one that was closed before it could be entered is entered first."""
    number = 1
    while True:
        pack = pack_id(place.key.public, key_of(site.address), number)
        number += 1
        if is_entered(opened, _entry_id(pack)):
            continue
        name = pack_name(pack)
        if not any(stored.name == name for stored in courier.names(name)):
            return pack
        closed = _closed(courier, name, folder / "closed")
        if closed is None or (closed.header.sender, closed.header.pack) != (place.key.public, pack):
            # Not what this place signed: it is kept aside, and the pack is made.
            courier.set_aside(name, f"{ASIDE}/{stamp()}/{name}")
            return pack
        _made(opened, site, closed)


def _closed(courier: ReplicaStore, name: str, path: Path) -> Signed | None:
    try:
        return fetch(courier, name, path)
    except (Damaged, BadInput):
        return None


def _packed(
    opened: Opened,
    site: Site,
    place: Place,
    courier: ReplicaStore,
    *,
    pack: str,
    path: Path,
    disk: Path,
    everything: bool,
    ask: bool,
) -> list[Packed]:
    """Pack all that there is room for; nothing is closed where that is nothing."""
    begins = 0 if everything else min(entries_seen(got_folder(folder_of(opened, site))), place.head.size)
    header = Header(
        courier=PACK,
        library=opened.configuration.name,
        sender=place.key.public,
        receiver=key_of(site.address),
        handed_over=place.own.handed_over,
        pack=pack,
        digest="",
        created=place.when,
        ledger=begins,
        head=place.head,
    )
    with Progress(0, unit="B", scaled=True) as progress:
        library = here(opened.folder)
        making = PackMaking(
            header, place.key, here=library, courier=courier, scratch=path, stamp=stamp(), on_bytes=progress.add
        )
        try:
            making.add_ledger(content for _, content in pieces(opened.folder.ledger, begins, place.head.size))
            room = partial(room_on, disk)
            doubt = Doubts(opened.folder.ledger)
            work = pack_objects(
                site=site.name, making=making, here=library, room=room, everything=everything, asking=ask, doubt=doubt
            )
            done = list(work)
            if making.objects:
                making.close(have(), left=sum(each.is_left for each in done))
                _made(opened, site, read_signed(path, pack))
        finally:
            making.end()
    return done


def _made(opened: Opened, site: Site, pack: Signed) -> None:
    """Enter a pack that lies on the courier, and write down what it carries."""
    lines = (pack_line(line, pack.header.pack) for line in pack.lines())
    objects = [each for each in lines if isinstance(each, PackedObject)]
    told: Facts = {"pack": pack.header.pack, "key": pack.header.receiver, "sha512": pack.digest}
    told = {**told, "objects": len(objects), "entries": pack.header.head.size}
    made = entry(opened, PACK_MADE, site.name, told)
    enter(opened, [replace(made, id=_entry_id(pack.header.pack))])
    sent = [(each.known.object_id, each.known.head) for each in objects if each.base < each.known.head]
    note_sent(site=site.name, heads=sent)


def _entry_id(pack: str) -> str:
    return f"{PACK_MADE} {pack}"
