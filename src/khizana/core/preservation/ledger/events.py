"""Events that make no object version (checks, copies, repairs), as entries."""

from __future__ import annotations

from khizana.core.preservation import premis
from khizana.core.preservation.ledger.entry import Entry

LONGEST_DETAIL = 1000  # characters


def event_entry(event: premis.Event, *, subject: str, when: str) -> Entry:
    """Return *event* about *subject* (an object identifier, a site, the library) as an entry made at the time *when*.

    Its id is that of the event, so that it is entered once. Raises ``ValueError`` for text that is none.
    """
    facts: dict[str, str | int] = {"detail": event.detail[:LONGEST_DETAIL], "done": event.when}
    if event.subject:
        facts["file"] = event.subject[:LONGEST_DETAIL]
    if event.outcome_detail:
        facts["outcome detail"] = event.outcome_detail[:LONGEST_DETAIL]
    agent = f"{event.agents[0].name} {event.agents[0].version}".strip() if event.agents else ""
    return Entry(event.identifier, event.type, when, subject, facts, agent, event.outcome)
