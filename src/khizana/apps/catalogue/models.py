"""Manuscripts as described."""

from __future__ import annotations

from django.db import models


class Manuscript(models.Model):
    """One manuscript: the columns that lists, pages and manifests are made of."""

    slug = models.CharField(max_length=120, unique=True, help_text="core.identifiers.ManuscriptId")
    shelfmark = models.CharField(max_length=120)
    order = models.CharField(max_length=400, db_index=True, help_text="The shelfmark with its numbers padded")
    titles = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    date_as_written = models.TextField(default="", blank=True)
    summary = models.JSONField(default=dict)
    details = models.JSONField(default=list)
    ranges = models.JSONField(default=list)
    direction = models.CharField(max_length=3, default="rtl")
    elsewhere = models.JSONField(default=dict, help_text="Who holds the images of its pages; empty where they are here")

    def __str__(self) -> str:
        """Return the shelfmark."""
        return self.shelfmark
