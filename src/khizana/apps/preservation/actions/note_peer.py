"""Write down what another working place proved to hold, and what a courier is carrying there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from khizana.apps.preservation.models import Replica
from khizana.apps.preservation.queries import known_object
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.courier.taken import TakenIn


def note_peer(*, site: str, identifier: ObjectId, head: int, checked: float, is_lacking: bool = False) -> None:
    """Write that the place *site* holds the versions of *identifier* up to *head* as this library has them.

    Its word is never read back by this library: so the head goes back only where it says itself that it lacks more.
    *checked* is Unix time.
    """
    row, _ = Replica.objects.get_or_create(
        site=site, identifier=identifier, defaults={"head": 0, "state": "missing", "checked": checked}
    )
    row.head = head if is_lacking else max(row.head, head)
    row.state, row.checked = "intact" if row.head and not is_lacking else "missing", checked
    row.sent = 0 if is_lacking else row.sent
    row.save(update_fields=("head", "state", "checked", "sent"))


@transaction.atomic
def note_proof(*, site: str, arrived: Iterable[tuple[TakenIn, int]], checked: float) -> int:
    """Write down every line of a proof by the place *site*; return how many objects arrived."""
    count = 0
    for taken, shared in arrived:
        known = known_object(taken.object_id)
        if known is None:
            continue
        # What it holds of this library's own history: all of it up to its head, or what the two have in common.
        head = taken.head if known.versions.get(taken.head) == taken.inventory else min(shared, known.head)
        is_lacking = taken.kind == "lacking"
        note_peer(site=site, identifier=taken.object_id, head=head, checked=checked, is_lacking=is_lacking)
        count += not is_lacking
    return count


@transaction.atomic
def note_sent(*, site: str, heads: Iterable[tuple[ObjectId, int]]) -> None:
    """Write that a courier carries the versions of each object up to its head to the place *site*."""
    for identifier, head in heads:
        Replica.objects.update_or_create(
            site=site, identifier=identifier, defaults={"sent": head}, create_defaults=_unproved(head)
        )


def in_common(one: Mapping[int, Digest], other: Mapping[int, Digest]) -> int:
    """Return how many versions, from the first on, two histories of an object have in common."""
    number = 0
    while (digest := one.get(number + 1)) is not None and other.get(number + 1) == digest:
        number += 1
    return number


def _unproved(sent: int) -> dict[str, str | int]:
    return {"head": 0, "state": "missing", "sent": sent}
