"""``khizana courier receive DISK``: what a courier brought, taken in and proved; proofs that came back, believed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from khizana.apps.preservation.actions.enter_versions import gathered_versions
from khizana.apps.preservation.actions.note_peer import note_proof
from khizana.apps.preservation.actions.receive_pack import TakeIn, receive_pack
from khizana.apps.preservation.queries import have, known_object
from khizana.cli.at_couriers import Place, bring_proof, folder_of, is_entered, scratch, this_place
from khizana.cli.at_sites import enter, entry
from khizana.cli.times import clock
from khizana.cli.verb import Opened, language, tell, tell_findings, warn, words
from khizana.core.errors import Away, BadInput, Busy, Damaged, KhizanaError, NoSpace
from khizana.core.findings import Finding, Severity
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.judge import sender_of
from khizana.core.preservation.courier.lines import End, Have, pack_line
from khizana.core.preservation.courier.peer_ledger import brought, extend, seen_of
from khizana.core.preservation.courier.places import BEGUN, LIST, PACKS, PROOFS, given_folder, got_folder
from khizana.core.preservation.courier.proof import Kept, ProofMaking, keep, kept, proved
from khizana.core.preservation.courier.signed import PACK, PROOF, Signed, fetch, read_header
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.ledger.deletions import known_deletions
from khizana.core.preservation.ledger.entry import PACK_RECEIVED, PEER_REWRITTEN, PROOF_RECEIVED
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.sites import Site, read_sites
from khizana.wiring.couriers import courier_to_read, taker
from khizana.wiring.library import make_good


def run(*, opened: Opened, disk: Path, as_json: bool) -> int:
    """Receive all packs and proofs for this place; return the status of the worst that was met, 8 for damage."""
    make_good(opened.folder, opened.configuration)
    place = this_place(opened)
    courier = courier_to_read(disk)
    statuses: list[int] = []
    with scratch(opened) as folder:
        desk = _Desk(opened, place, courier, folder, as_json=as_json)
        for name in [each.name for each in courier.names(PROOFS)]:
            desk.at(name, PROOF, statuses)
        for name in [each.name for each in courier.names(PACKS) if each.name.endswith(LIST)]:
            desk.at(name, PACK, statuses)
        desk.unfinished()
    make_good(opened.folder, opened.configuration)
    if not desk.met:
        tell("COURIER_NOTHING", path=str(disk))
    return Damaged.exit_status if Damaged.exit_status in statuses else next(iter(statuses), 0)


class _Desk:
    """Where lists of a courier are looked at, one after the other."""

    def __init__(
        self, opened: Opened, place: Place, courier: ReplicaStore, scratch_folder: Path, *, as_json: bool
    ) -> None:
        self._opened, self._place, self._courier, self._as_json = opened, place, courier, as_json
        self._scratch = scratch_folder
        self._sites = read_sites(opened.folder.sites)
        self._take_in: TakeIn = taker(opened.folder, opened.configuration)
        self.met = 0
        """Lists that were for this place, whatever came of them."""

    def at(self, name: str, kind: str, statuses: list[int]) -> None:
        """Look at one list; what is wrong with it is told, and the others are looked at all the same."""
        try:
            header = read_header(self._courier, name)
            site = sender_of(header, library=self._opened.configuration.name, own=self._place.own, sites=self._sites)
            if site is None:
                return
            self.met += 1
            signed = fetch(self._courier, name, self._scratch / kind)
            if signed.header != header or header.courier != kind:
                raise Damaged("COURIER_LIST_ALTERED", name=name)
            statuses.append(self._proof(site, signed, name) if kind == PROOF else self._pack(site, signed))
        except (Away, NoSpace, Busy):
            raise
        except KhizanaError as error:
            self.met += 1
            statuses.append(error.exit_status)
            warn(f"✗ {error.sentence(language())}")

    def unfinished(self) -> None:
        """Tell of packs for this place that were begun and not closed."""
        names = {each.name for each in self._courier.names(PACKS)}
        for name in sorted(names):
            if not name.endswith(BEGUN) or name.removesuffix(BEGUN) + LIST in names:
                continue
            pack = name.removeprefix(PACKS).removesuffix(BEGUN)
            if any(f"-{key[:16]}-" in pack for key in self._place.own.keys):
                self.met += 1
                warn(f"! {words('COURIER_UNFINISHED', pack=pack)}")

    def _proof(self, site: Site, proof: Signed, name: str) -> int:
        folder = got_folder(folder_of(self._opened, site))
        if (folder / name.removeprefix(PROOFS)).is_file():
            return 0  # believed before: a proof that comes twice says nothing new
        said = list(proved(proof))
        arrived = [each for each in said if not isinstance(each, End)]
        objects = note_proof(site=site.name, arrived=arrived, checked=clock())
        identifier, told = f"{PROOF_RECEIVED} {proof.digest[:64]}", self._facts(site, proof)
        self._enter(identifier, PROOF_RECEIVED, site, {**told, "objects": objects})
        keep(proof.path, folder, name)
        lacking = sum(taken.kind == "lacking" for taken, _ in arrived)
        self._say("PROOF_BELIEVED", site=site.name, pack=proof.header.pack, objects=objects, lacking=lacking)
        self._compare(site, said[-1:])
        return 0

    def _pack(self, site: Site, pack: Signed) -> int:
        given = given_folder(folder_of(self._opened, site))
        identifier = f"{PACK_RECEIVED} {pack.digest[:64]}"
        about = {"site": site.name, "pack": pack.header.pack}
        if is_entered(self._opened, identifier):
            self._say("PACK_RECEIVED_BEFORE", **about)
            for proof in kept(given):
                if pack.header.pack in proof.name:
                    self._bring(proof)
            return 0
        newest = max((int(proof.name.split("-")[2]) for proof in kept(given)), default=0)
        if pack.header.number < newest:
            self._say("PACK_OLDER", newest=newest, **about)
        finding = self._witness(site, pack)
        if finding is not None:
            tell_findings([finding])
            if finding.severity is Severity.ERROR:
                return Damaged.exit_status
        self._deleted_there(site)
        count, wrong = self._objects(site, pack, given)
        told = {**self._facts(site, pack), **count, "damaged": wrong}
        self._enter(identifier if not wrong else "", PACK_RECEIVED, site, told)
        self._say("PACK_RECEIVED", damaged=wrong, **about, **count)
        self._compare(site, [pack_line(line, pack.header.pack) for line in pack.lines()][-1:])
        return Damaged.exit_status if wrong else 0

    def _objects(self, site: Site, pack: Signed, given: Path) -> tuple[dict[str, int], int]:
        """Take in the objects and give the proof; return how many of each kind there were, and how many are damaged."""
        count, wrong = Counter({"new": 0, "extended": 0, "had": 0, "joined": 0, "lacking": 0}), 0
        making = ProofMaking(
            pack,
            SigningKey.read(self._opened.folder.keys),
            handed_over=self._place.own.handed_over,
            ledger=seen_of(folder_of(self._opened, site)),
            head=self._place.head,
            when=self._place.when,
            scratch=self._scratch / "given",
        )
        try:
            for each in receive_pack(
                site=site.name, pack=pack, courier=self._courier, take_in=self._taker_from(site), now=clock
            ):
                if each.taken is not None:
                    count[each.taken.kind] += 1
                    making.add(each.taken, each.shared)
                if each.finding is not None:
                    wrong += 1
                    warn(f"✗ {each.identifier}: {each.finding.sentence(language())}")
            make_good(self._opened.folder, self._opened.configuration)
            self._bring(making.close(have(), given))
        finally:
            making.end()
        return dict(count), wrong

    def _witness(self, site: Site, pack: Signed) -> Finding | None:
        """Keep what the pack carries of the sender's ledger; one that was rewritten is entered into our own."""
        head = pack.header.head
        if head.key != pack.header.sender or not head.is_true:
            raise Damaged("COURIER_LIST_ALTERED", name=pack.header.pack)
        folder, pieces = folder_of(self._opened, site), partial(brought, pack, self._courier)
        finding = extend(folder, head, begins=pack.header.ledger, pieces=pieces, peer=site.name)
        if finding is not None and finding.code == "PEER_LEDGER_REWRITTEN":
            told = {**self._facts(site, pack), "seen": seen_of(folder)}
            self._enter(f"{PEER_REWRITTEN} {pack.digest[:64]}", PEER_REWRITTEN, site, told)
        return finding

    def _deleted_there(self, site: Site) -> None:
        """Tell what the other place has deleted and this one has: nothing is deleted here on its word."""
        folder = folder_of(self._opened, site)
        if not any(known_deletions(folder).tombstones()):
            return
        theirs = gathered_versions(folder)
        for request in theirs.deletions.tombstones():
            for each in request.objects:
                ours = known_object(each.object_id)
                if ours is None or ours.versions.get(1, each.first) != each.first:
                    continue
                is_same = theirs.is_gone(each.object_id, ours.versions[ours.head])
                facts = {"object_id": each.object_id, "request": request.id, "reason": request.reason}
                code = "PEER_DELETED" if is_same else "PEER_DELETED_OLDER"
                warn(f"! {words(code, site=site.name, **facts)}")

    def _taker_from(self, site: Site) -> TakeIn:
        """Return what takes in, and refuses to join with what is here the object that came after it was deleted there.

        Joined, it would go back as a branch of that, to where it was deleted.
        """
        tombstones = list(known_deletions(folder_of(self._opened, site)).tombstones())
        deleted = {(each.object_id, each.first): request.id for request in tombstones for each in request.objects}

        def take_in(incoming: Known, source: ReplicaStore) -> TakenIn:
            ours = known_object(incoming.object_id) if deleted else None
            for first in set(ours.versions.values()) - set(incoming.versions.values()) if ours else ():
                if request := deleted.get((incoming.object_id, first)):
                    raise BadInput("ARRIVAL_AFTER_DELETED", object_id=incoming.object_id, request=request)
            return self._take_in(incoming, source)

        return take_in

    def _facts(self, site: Site, signed: Signed) -> dict[str, str | int]:
        header = signed.header
        told: dict[str, str | int] = {"site": site.name, "pack": header.pack, "key": header.sender}
        return told | {"sha512": signed.digest, "entries": header.head.size, "root": header.head.root}

    def _enter(self, identifier: str, kind: str, site: Site, told: dict[str, str | int]) -> None:
        """Enter what was done; what is to be entered once has its own *identifier*."""
        is_good = bool(identifier) and kind != PEER_REWRITTEN
        made = entry(self._opened, kind, site.name, told, good=is_good)
        enter(self._opened, [replace(made, id=identifier or made.id)])

    def _bring(self, proof: Kept) -> None:
        """Bring a proof to the courier; one that cannot be written is carried by the next pack."""
        try:
            with self._courier.held():
                bring_proof(proof, self._courier)
        except KhizanaError as error:
            warn(f"! {words('PROOF_NOT_WRITTEN', problem=error.sentence(language()))}")

    def _compare(self, site: Site, end: Sequence[object]) -> None:
        """Say so where both places have the same."""
        match end:
            case [End(have=Have() as theirs)] if theirs == have():
                self._say("PLACES_EQUAL", site=site.name, objects=theirs.objects)

    def _say(self, code: str, **facts: str | int) -> None:
        if self._as_json:
            click.echo(json.dumps({"said": code.lower().replace("_", " "), **facts}, ensure_ascii=False))
        else:
            with suppress(BrokenPipeError):
                tell(code, **facts)
