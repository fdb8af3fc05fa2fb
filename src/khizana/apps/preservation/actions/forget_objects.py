"""Remove the rows of objects that are deleted, and what is remembered of their copies."""

from __future__ import annotations

from collections.abc import Collection

from khizana.apps.preservation.models import ObjectVersion, PreservationObject, Replica
from khizana.core.identifiers import ObjectId


def forget_objects(identifiers: Collection[ObjectId], *, but_at: Collection[str]) -> None:
    """Remove the rows of *identifiers*; call it inside a transaction.

    What is remembered of their copies *but_at* some sites stays until they are gone there, too: a sealed site is
    checked by it.
    """
    PreservationObject.objects.filter(identifier__in=identifiers).delete()
    ObjectVersion.objects.filter(identifier__in=identifiers).delete()
    Replica.objects.filter(identifier__in=identifiers).exclude(site__in=but_at).delete()


def forget_at_site(site: str, identifiers: Collection[ObjectId]) -> None:
    """Remove what is remembered of the copies of *identifiers* at *site*: they are gone there."""
    Replica.objects.filter(site=site, identifier__in=identifiers).delete()
