"""That nothing counts as deleted without two of three guardians, and the delay: every way to forge or hurry it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from khizana.core.errors import BadInput
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.deletion_entries import (
    By,
    Named,
    answered,
    awaited,
    carried_out,
    deletion_asked,
    guardians_asked,
    guardians_named,
)
from khizana.core.preservation.ledger.deletions import Deletions, Stage
from khizana.core.preservation.ledger.entry import DELETION_CONSENTED, DELETION_REFUSED, Entry
from khizana.core.preservation.ledger.guardians import Guardian, Guardians, make_guardian, read_guardians, read_secret
from khizana.core.preservation.ledger.keyring import key_replaced
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ledger.versions import KnownVersions, compared, version_entry

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
OBJECT = Named(ObjectId("urn:khizana:test:tb-1:images"), 2, Digest("1" * 128), Digest("2" * 128))
REQUEST = "0123abcd"
DELAY = 14


@dataclass
class Ledger:
    """Entries as they come, and what they say."""

    keys: list[SigningKey] = field(default_factory=lambda: [SigningKey.made() for _ in range(3)])
    says: Deletions = field(default_factory=Deletions)

    def __post_init__(self) -> None:
        self.take(guardians_named(self.guardians(), by=by(0)))
        self.asked = deletion_asked(
            REQUEST, [OBJECT], shelfmark="TB 1", reason="why", delay=DELAY, guardians=self.guardians(), by=by(0)
        )
        self.take(self.asked)

    def guardians(self) -> Guardians:
        return Guardians(tuple(Guardian(f"person {n}", key.public) for n, key in enumerate(self.keys)))

    def take(self, entry: Entry) -> bool:
        return self.says.take(entry) is not None

    def consent(self, *people: int, day: float = 0) -> None:
        for person in people:
            name, key = f"person {person}", self.keys[person]
            self.take(answered(DELETION_CONSENTED, self.asked, name, key, by=by(day)))

    def passes(self, *days: float) -> None:
        for day in days:
            self.take(awaited(REQUEST, f"{day}", by=by(day)))

    def carries_out(self, day: float) -> bool:
        done = self.take(carried_out(REQUEST, by=by(day), names=["person 0", "person 1"], sites=["first"]))
        assert done == (self.says.requests[REQUEST].stage is Stage.DONE)
        return done


def by(day: float) -> By:
    return By("test", (BEGUN + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ"), "khizana")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_two_consents_and_the_delay_delete(ledger: Ledger) -> None:
    ledger.consent(0, 2)
    ledger.passes(3, 6, 9, 12)
    assert not ledger.carries_out(13.9)
    assert ledger.carries_out(14)
    assert ledger.says.left_at(["first", "second"]) == [(ledger.says.requests[REQUEST], "first")]
    assert ledger.says.deleted(OBJECT)
    assert not ledger.says.deleted(replace(OBJECT, first=Digest("3" * 128)))


def test_what_was_deleted_before_the_library_was_made_again_is_hearsay(ledger: Ledger) -> None:
    ledger.consent(0, 2)
    ledger.passes(3, 6, 9, 12)
    assert ledger.carries_out(14)
    request = ledger.says.requests[REQUEST]
    assert not request.is_hearsay
    new = SigningKey.made().public
    ledger.take(key_replaced(new, library="test", when=by(20).when, agent="khizana"))
    assert request.is_hearsay
    assert ledger.says.deleted(OBJECT), "it is not brought back all the same"


@pytest.mark.parametrize("people", [(), (0,), (1, 1)])
def test_fewer_than_two_people_delete_nothing(ledger: Ledger, people: tuple[int, ...]) -> None:
    ledger.consent(*people)
    ledger.passes(*range(1, 60))
    assert not ledger.carries_out(60)


def test_a_key_of_nobody_and_a_made_up_signature_count_for_nothing(ledger: Ledger) -> None:
    ledger.consent(0)
    ledger.take(answered(DELETION_CONSENTED, ledger.asked, "person 1", SigningKey.made(), by=by(0)))
    good = answered(DELETION_CONSENTED, ledger.asked, "person 1", ledger.keys[1], by=by(0))
    for change in ({"key": ledger.keys[2].public}, {"signature": "00" * 64}, {"signed": by(1).when}):
        ledger.take(replace(good, facts={**good.facts, **change}))
    refusal = answered(DELETION_REFUSED, ledger.asked, "person 1", ledger.keys[1], by=by(0))
    ledger.take(replace(refusal, kind=DELETION_CONSENTED))
    assert list(ledger.says.requests[REQUEST].consents) == ["person 0"]
    ledger.passes(*range(1, 60))
    assert not ledger.carries_out(60)


@pytest.mark.parametrize(
    "change", [{"object 1": "urn:khizana:test:tb-2:images"}, {"head 1": 3}, {"inventory 1": "4" * 128}, {"delay": 3}]
)
def test_a_request_altered_after_consent_has_none(change: dict[str, str | int]) -> None:
    ledger, other = Ledger(), Deletions()
    other.take(guardians_named(ledger.guardians(), by=by(0)))
    other.take(replace(ledger.asked, facts={**ledger.asked.facts, **change}))
    for person in (0, 1):
        key = ledger.keys[person]
        other.take(answered(DELETION_CONSENTED, ledger.asked, f"person {person}", key, by=by(0)))
    assert REQUEST in other.requests
    assert not other.requests[REQUEST].consents


def test_a_delay_under_three_days_is_no_request(ledger: Ledger) -> None:
    asked = replace(ledger.asked, facts={**ledger.asked.facts, "request": "ffffffff", "delay": 2})
    ledger.take(asked)
    assert "ffffffff" not in ledger.says.requests


def test_a_clock_set_forward_counts_for_a_fourth_at_most(ledger: Ledger) -> None:
    ledger.consent(0, 1)
    assert not ledger.carries_out(1000)
    ledger.passes(1000.1, 1000.2)
    assert not ledger.carries_out(1001)


def test_a_clock_set_forward_four_times_gains_all_of_the_delay(ledger: Ledger) -> None:
    """What the delay rests on is the clock: whoever rules it, and has two guardians' signatures, needs not wait."""
    ledger.consent(0, 1)
    ledger.passes(4, 8, 12)
    assert ledger.carries_out(16)


def test_thirty_years_at_once_gain_one_fourth(ledger: Ledger) -> None:
    ledger.consent(0, 1)
    ledger.passes(30 * 365)
    assert not ledger.carries_out(30 * 365 + 3)
    assert ledger.says.requests[REQUEST].left(BEGUN + timedelta(days=30 * 365 + 3)) > 7 * 86_400


def test_a_consent_to_another_request_or_before_the_request_counts_for_nothing() -> None:
    ledger, other = Ledger(), Deletions()
    consents = [answered(DELETION_CONSENTED, ledger.asked, f"person {n}", ledger.keys[n], by=by(0)) for n in (0, 1)]
    again = replace(ledger.asked, facts={**ledger.asked.facts, "request": "89abcdef"})
    other.take(guardians_named(ledger.guardians(), by=by(0)))
    for each in consents:
        other.take(each)  # before it was asked
    other.take(ledger.asked)
    other.take(again)
    for each in consents:
        other.take(replace(each, facts={**each.facts, "request": "89abcdef"}))
    assert set(other.requests) == {REQUEST, "89abcdef"}
    assert not any(each.consents for each in other.requests.values())


def test_a_request_asked_twice_is_the_first(ledger: Ledger) -> None:
    ledger.consent(0, 1)
    ledger.take(replace(ledger.asked, facts={**ledger.asked.facts, "object 1": "urn:khizana:test:tb-2:images"}))
    assert ledger.says.requests[REQUEST].objects == (OBJECT,)


def test_one_key_written_in_two_ways_is_no_two_guardians() -> None:
    key = SigningKey.made().public
    with pytest.raises(BadInput):
        Guardians((Guardian("a", key), Guardian("b", key.upper()), Guardian("c", SigningKey.made().public)))
    with pytest.raises(BadInput):
        Guardians((Guardian("a", key), Guardian("b", key), Guardian("c", SigningKey.made().public)))


@pytest.mark.parametrize("kind", [DELETION_CONSENTED, DELETION_REFUSED])
def test_a_made_up_answer_does_not_keep_a_guardians_own_out_of_the_ledger(ledger: Ledger, kind: str) -> None:
    """An id that stands in the ledger is not entered again: so nobody may be able to foresee a guardian's."""
    true = answered(kind, ledger.asked, "person 0", ledger.keys[0], by=by(1))
    assert str(true.facts["signature"])[:64] in true.id
    ledger.take(replace(true, facts={**true.facts, "signature": "00" * 64}))
    assert ledger.says.requests[REQUEST].stage is Stage.OPEN
    assert not ledger.says.requests[REQUEST].consents


def test_guardians_that_an_insider_names_himself_are_none(ledger: Ledger) -> None:
    own = [SigningKey.made() for _ in range(3)]
    new = Guardians(tuple(Guardian(f"person {n}", key.public) for n, key in enumerate(own)))
    ledger.take(guardians_named(new, by=by(0)))
    asked = guardians_asked("ffffffff", new, delay=DELAY, guardians=ledger.guardians(), by=by(0))
    ledger.take(asked)
    for number, key in enumerate(own):
        ledger.take(answered(DELETION_CONSENTED, asked, f"person {number}", key, by=by(0)))
    ledger.passes(*range(1, 60))
    ledger.take(guardians_named(new, request="ffffffff", by=by(60)))
    assert ledger.says.guardians == ledger.guardians()
    for number, key in enumerate(own):
        ledger.take(answered(DELETION_CONSENTED, ledger.asked, f"person {number}", key, by=by(60)))
    assert not ledger.says.requests[REQUEST].consents


def test_a_version_beyond_the_one_that_was_consented_to_is_missed_when_it_is_gone(ledger: Ledger) -> None:
    known = KnownVersions()
    entries = [guardians_named(ledger.guardians(), by=by(0)), ledger.asked]
    entries += [
        version_entry(object_id=OBJECT.object_id, version=n, inventory=Digest(f"{n}" * 128), when=by(0).when, agent="")
        for n in (1, 2, 3)
    ]
    entries += [answered(DELETION_CONSENTED, ledger.asked, f"person {n}", ledger.keys[n], by=by(0)) for n in (0, 1)]
    entries += [awaited(REQUEST, f"{day}", by=by(day)) for day in (3, 6, 9, 12)]
    for each in [*entries, carried_out(REQUEST, by=by(14), names=[], sites=[])]:
        known.take(each)
    assert [each.code for each in compared(known.known, [])] == ["LEDGER_OBJECT_GONE"]
    assert known.deleted == {OBJECT.object_id: {Digest("1" * 128), Digest("2" * 128)}}
    assert known.is_gone(OBJECT.object_id, OBJECT.inventory)
    assert not known.is_gone(OBJECT.object_id, Digest("3" * 128))


@pytest.mark.parametrize(
    "facts", [{"delay": 2**53 - 1}, {"objects": -1}, {"objects": 2**53 - 1}, {"head 1": 0}, {"object 1": ""}]
)
def test_whatever_an_insider_enters_the_ledger_can_still_be_read(ledger: Ledger, facts: dict[str, str | int]) -> None:
    ledger.take(replace(ledger.asked, facts={**ledger.asked.facts, "request": "ffffffff", **facts}))
    for request in ledger.says.requests.values():
        assert request.left(BEGUN) > 0
    ledger.consent(0, 2)
    ledger.passes(3, 6, 9, 12)
    assert ledger.carries_out(14)


def test_a_clock_set_back_begins_anew(ledger: Ledger) -> None:
    ledger.consent(0, 1)
    ledger.passes(1000, 1003, 1006, 1009, 2, 5, 8)
    assert not ledger.carries_out(11)
    ledger.passes(14)
    assert ledger.carries_out(17)


def test_entries_that_come_out_of_order_do_no_harm_and_no_good(ledger: Ledger) -> None:
    ledger.consent(0, 1)
    ledger.passes(3, 2.5, 3, 2.5, 3, 6, 9, 12)
    assert not ledger.carries_out(13.9)
    assert ledger.carries_out(14)


def test_one_refusal_ends_it(ledger: Ledger) -> None:
    ledger.consent(0, 1)
    ledger.take(answered(DELETION_REFUSED, ledger.asked, "person 2", ledger.keys[2], by=by(1)))
    ledger.passes(3, 6, 9, 12)
    assert not ledger.carries_out(20)


def test_other_guardians_need_two_of_the_present_ones_and_the_delay_and_end_open_requests(ledger: Ledger) -> None:
    new = Guardians(tuple(Guardian(f"new {n}", SigningKey.made().public) for n in range(3)))
    assert not ledger.take(guardians_named(new, by=by(1)))
    asked = guardians_asked("ffffffff", new, delay=DELAY, guardians=ledger.guardians(), by=by(1))
    ledger.take(asked)
    ledger.take(answered(DELETION_CONSENTED, asked, "person 0", ledger.keys[0], by=by(1)))
    assert not ledger.take(guardians_named(new, request="ffffffff", by=by(30)))
    ledger.take(answered(DELETION_CONSENTED, asked, "person 1", ledger.keys[1], by=by(30)))
    ledger.passes(33, 36, 39, 42)
    assert not ledger.take(guardians_named(ledger.guardians(), request="ffffffff", by=by(45)))
    assert ledger.take(guardians_named(new, request="ffffffff", by=by(45)))
    assert ledger.says.guardians == new
    assert ledger.says.requests[REQUEST].stage is Stage.VOID


def test_a_guardian_has_a_key_on_their_own_stick_and_no_library_takes_it(tmp_path: Path) -> None:
    made = [make_guardian(f"person {n}", tmp_path / f"stick {n}") for n in range(3)]
    assert read_guardians([tmp_path / f"stick {n}" / "guardian.txt" for n in range(3)]).people == tuple(made)
    assert read_secret(tmp_path / "stick 0" / "guardian.pem").public == made[0].key
    (tmp_path / "khizana.toml").touch()
    with pytest.raises(BadInput, match="library"):
        make_guardian("another", tmp_path / "inside" / "deep")
    with pytest.raises(BadInput, match="Three different"):
        Guardians((made[0], made[0], made[1]))
