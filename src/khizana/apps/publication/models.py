"""What is public, and for whom."""

from __future__ import annotations

from django.db import models

from khizana.apps.catalogue.models import Manuscript
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
    """One row, counted up by every change that a door must know of; doors look at it once a second."""

    number = models.PositiveBigIntegerField(default=0)
    library = models.CharField(max_length=40, default="", help_text="Whose database it is, by the settings' name")

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)
