"""What is public, and for whom."""

from __future__ import annotations

from django.db import models

from khizana.apps.catalogue.models import Manuscript
from khizana.core.changes import ChangeKind
from khizana.core.policy import Level


class Publication(models.Model):
    """The owner's agreement for one manuscript, and whether it is published."""

    manuscript = models.OneToOneField(Manuscript, on_delete=models.CASCADE, related_name="publication")
    level = models.CharField(max_length=10, choices=[(level.value, level.value) for level in Level])
    published = models.BooleanField(default=False)
    order = models.CharField(
        max_length=400, default="", help_text="That of the manuscript: lists read this table alone"
    )
    revision = models.CharField(max_length=64, help_text="Changes with anything a reader can see")
    modified = models.CharField(max_length=40, help_text="RFC 3339 time of the newest object version")
    blade = models.CharField(max_length=20, default="", db_index=True, help_text="core.ark: of the permanent address")
    sets = models.JSONField(default=list, help_text="core.oai.sets: specification and names of each")

    class Meta:
        """Listed by shelfmark: all for staff, the published ones for everyone."""

        indexes = (
            models.Index(fields=("order", "manuscript"), name="publications_by_order"),
            models.Index(fields=("published", "order", "manuscript"), name="publications_published"),
        )

    def __str__(self) -> str:
        """Return the level."""
        return f"{self.manuscript} {self.level}"


class Stretch(models.Model):
    """How many manuscripts stand in one stretch of the shelf: from its first place on, until the next one begins.

    With these a list is begun anywhere without counting all that stands before (see ``shelf``).
    """

    public = models.BooleanField(help_text="Of the published ones alone, or of all")
    first = models.CharField(max_length=400, help_text="The order from which it goes on; the first of all has none")
    count = models.PositiveIntegerField()

    class Meta:
        """One after the other."""

        constraints = (models.UniqueConstraint(fields=("public", "first"), name="one_stretch_from_each_place"),)

    def __str__(self) -> str:
        """Return from where on, and how many."""
        return f"{self.first} {self.count}"


class Generation(models.Model):
    """One row, counted up by every change that a door must know of; doors look at it twice a second."""

    number = models.PositiveBigIntegerField(default=0)
    library = models.CharField(max_length=40, default="", help_text="Whose database it is, by the settings' name")

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)


class Change(models.Model):
    """One thing that happened to what other libraries may know; numbered without gaps, in time, and never altered."""

    number = models.PositiveBigIntegerField(primary_key=True)
    slug = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ChangeKind])
    when = models.CharField(max_length=20, db_index=True, help_text="RFC 3339, UTC, to the second")

    def __str__(self) -> str:
        """Return number and kind."""
        return f"{self.number} {self.kind} {self.slug}"


class Offered(models.Model):
    """A manuscript that other libraries may know, or knew once: as it was at its newest change.

    *place* is the time of that change, a space and the identifier: by it a harvest goes on where it stopped.
    """

    slug = models.CharField(max_length=120, unique=True)
    place = models.CharField(max_length=150, unique=True)
    is_open = models.BooleanField()
    is_deleted = models.BooleanField(default=False)
    revision = models.CharField(max_length=64)
    blade = models.CharField(max_length=20)
    shelfmark = models.CharField(max_length=120, help_text="Nothing where it is not told once it is gone")

    class Meta:
        """Sitemaps ask for the open ones of a stretch."""

        indexes = (models.Index(fields=["is_open", "id"], name="offered_open"),)

    def __str__(self) -> str:
        """Return the identifier."""
        return self.slug


class OfferedSet(models.Model):
    """That an offered manuscript is in one set of the harvest; *place* as in its own row."""

    spec = models.CharField(max_length=120)
    place = models.CharField(max_length=150)

    class Meta:
        """Harvests of one set go through it by place."""

        constraints = (models.UniqueConstraint(fields=["spec", "place"], name="offered_set"),)
        indexes = (models.Index(fields=["place"], name="offered_set_place"),)

    def __str__(self) -> str:
        """Return the specification."""
        return self.spec


class HarvestSet(models.Model):
    """A set of the harvest, with its names; it stays when its last manuscript goes."""

    spec = models.CharField(max_length=120, unique=True)
    names = models.JSONField(default=dict)

    def __str__(self) -> str:
        """Return the specification."""
        return self.spec


class Departed(models.Model):
    """A manuscript that was open and was deleted, as a tombstone in the ledger tells; its name is given to none."""

    blade = models.CharField(max_length=20, unique=True)
    slug = models.CharField(max_length=120, db_index=True)
    shelfmark = models.CharField(max_length=120, help_text="Nothing where it is not told")
    when = models.CharField(max_length=20)

    def __str__(self) -> str:
        """Return the identifier."""
        return self.slug
