"""Write down what a copying or a check of one object at one site found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from khizana.apps.preservation.models import Replica
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.replicas.outcome import Intact, Outcome, kind_of

MOST = 50
"""Files named in one row: enough to understand; a repair reads the object again anyway."""

_WORST_FIRST = ("altered", "missing", "unreadable", "unexpected", "intact")


def note_replica(
    *,
    site: str,
    identifier: ObjectId,
    head: int,
    wrong: Sequence[Outcome],
    checked: float,
    sealed: Mapping[str, Digest] | None = None,
) -> str:
    """Write the row of *identifier* at *site* and return its state: the worst kind among *wrong*, or ``intact``.

    *checked* is Unix time. *sealed* are the digests of the lists at a sealed site, where they are new. The head
    never goes back: what was read back there once should be there still.
    """
    kinds = [kind_of(outcome) for outcome in wrong if not isinstance(outcome, Intact)]
    state = min(kinds, key=_WORST_FIRST.index, default="intact")
    problems = [[kind_of(outcome), _shown(outcome.name)] for outcome in wrong[:MOST]]
    row, made = Replica.objects.get_or_create(
        site=site,
        identifier=identifier,
        defaults={"head": head, "state": state, "checked": checked, "problems": problems, "sealed": dict(sealed or {})},
    )
    if not made:
        row.head, row.state, row.checked, row.problems = max(row.head, head), state, checked, problems
        row.sealed = row.sealed if sealed is None else dict(sealed)
        row.save(update_fields=("head", "state", "checked", "problems", "sealed"))
    return state


def _shown(name: str) -> str:
    # A stray file may have a name that is no text, and the database keeps text.
    return name.encode("utf-8", "backslashreplace").decode()
