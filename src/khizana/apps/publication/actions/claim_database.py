"""Write into the database whose it is, so that no other library takes its rows away or shows them."""

from __future__ import annotations

import time

from khizana.apps.publication.models import Generation
from khizana.core.errors import BadInput

CLAIMED_SINCE = ("publication", "0002_shelf")
"""The migration since which a database says whose it is."""


def claim_database(*, library: str, shown: str) -> None:
    """Make the database that of *library* where it is nobody's yet; *shown* is how a person is told which it is.

    Raises ``BadInput`` where it is that of another library.
    """
    owner = refuse_database_of_another(library=library, shown=shown)
    if not owner:
        Generation.objects.get_or_create(pk=1, defaults={"number": time.time_ns()})
        Generation.objects.filter(pk=1, library="").update(library=library)
        refuse_database_of_another(library=library, shown=shown)


def refuse_database_of_another(*, library: str, shown: str) -> str:
    """Return the name of the library whose database it is, or nothing. Raises as ``claim_database``."""
    owner = Generation.objects.filter(pk=1).values_list("library", flat=True).first() or ""
    if owner not in ("", library):
        raise BadInput("DATABASE_OF_ANOTHER", database=shown, owner=owner, library=library)
    return owner
