"""The one decision that every door asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.findings import LANGUAGES, sentence
from khizana.core.policy import (
    ANYONE,
    SMALLER_IMAGE,
    STAFF,
    Action,
    Agreement,
    Allow,
    Decision,
    Degrade,
    Level,
    Refuse,
    decide,
)

AGREEMENTS = st.builds(Agreement, st.sampled_from(Level), st.booleans())


@pytest.mark.parametrize(
    ("level", "action", "decision"),
    [
        (Level.OPEN, Action.DESCRIBE, Allow()),
        (Level.OPEN, Action.VIEW, Allow()),
        (Level.OPEN, Action.HARVEST, Allow()),
        (Level.SMALLER, Action.DESCRIBE, Allow()),
        (Level.SMALLER, Action.HARVEST, Allow()),
        (Level.STAFF, Action.HARVEST, Refuse("STAFF_ONLY", conceal=False)),
        (Level.SMALLER, Action.VIEW, Degrade(SMALLER_IMAGE)),
        (Level.STAFF, Action.DESCRIBE, Allow()),
        (Level.STAFF, Action.VIEW, Refuse("STAFF_ONLY", conceal=False)),
    ],
)
def test_a_published_manuscript_is_shown_as_its_owner_allows(level: Level, action: Action, decision: Decision) -> None:
    assert decide(Agreement(level, published=True), action, ANYONE) == decision


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("level", Level)
def test_what_is_not_published_is_not_even_known_to_be_there(level: Level, action: Action) -> None:
    assert decide(Agreement(level, published=False), action, ANYONE) == Refuse("NOT_PUBLISHED", conceal=True)


@given(AGREEMENTS, st.sampled_from(Action))
def test_staff_see_everything(agreement: Agreement, action: Action) -> None:
    assert decide(agreement, action, STAFF) == Allow()


def test_an_agreement_is_closed_until_someone_opens_it() -> None:
    assert isinstance(decide(Agreement(), Action.VIEW, ANYONE), Refuse)


@given(AGREEMENTS, st.sampled_from(Action))
def test_every_refusal_has_a_reason_that_can_be_shown(agreement: Agreement, action: Action) -> None:
    decision = decide(agreement, action, ANYONE)
    if isinstance(decision, Refuse):
        assert len({sentence(decision.reason, {}, language) for language in LANGUAGES}) == 3


@given(AGREEMENTS)
def test_nobody_sees_an_image_of_what_may_not_be_described(agreement: Agreement) -> None:
    if isinstance(decide(agreement, Action.DESCRIBE, ANYONE), Refuse):
        assert isinstance(decide(agreement, Action.VIEW, ANYONE), Refuse)
