"""Page images."""

from __future__ import annotations

from django.db import models

from khizana.apps.catalogue.models import Manuscript


class PageImage(models.Model):
    """One page image of a manuscript, with the facts of its master."""

    manuscript = models.ForeignKey(Manuscript, on_delete=models.CASCADE, related_name="page_images")
    image = models.CharField(max_length=130, unique=True, help_text="core.identifiers.ImageId")
    position = models.PositiveIntegerField(help_text="Reading order, from 0")
    label = models.CharField(max_length=300)
    name = models.CharField(max_length=300, help_text="The label as an address")
    number = models.PositiveIntegerField(help_text="Number of the master in the images object, from 1")
    logical_path = models.CharField(max_length=300)
    digest = models.CharField(max_length=128, db_index=True)
    size = models.PositiveBigIntegerField(help_text="Bytes")
    media_type = models.CharField(max_length=60)
    width = models.PositiveIntegerField(help_text="Pixels")
    height = models.PositiveIntegerField(help_text="Pixels")
    original_name = models.TextField()

    class Meta:
        """Read in order, found by name."""

        constraints = (
            models.UniqueConstraint(fields=("manuscript", "position"), name="one_page_image_per_position"),
            models.UniqueConstraint(fields=("manuscript", "name"), name="one_page_image_per_name"),
        )

    def __str__(self) -> str:
        """Return the image identifier."""
        return self.image


class PageElsewhere(models.Model):
    """One page of a manuscript whose image another library holds; of one that has page images here there are none."""

    manuscript = models.ForeignKey(Manuscript, on_delete=models.CASCADE, related_name="pages_elsewhere")
    position = models.PositiveIntegerField(help_text="Reading order, from 0")
    number = models.PositiveIntegerField(help_text="In the order of its manifest, from 1")
    label = models.CharField(max_length=300)
    name = models.CharField(max_length=300, help_text="The label as an address")
    address = models.TextField()
    service = models.TextField(default="", blank=True)
    version = models.PositiveSmallIntegerField(default=0)
    profile = models.TextField(default="", blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    measured = models.BooleanField(default=False, help_text="Whether that is the image's own size, not its canvas'")

    class Meta:
        """Read in order, found by name."""

        constraints = (
            models.UniqueConstraint(fields=("manuscript", "position"), name="one_page_elsewhere_per_position"),
            models.UniqueConstraint(fields=("manuscript", "name"), name="one_page_elsewhere_per_name"),
        )

    def __str__(self) -> str:
        """Return the address of the image."""
        return self.address
