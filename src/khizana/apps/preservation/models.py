"""Preservation objects and events: an index of the storage root."""

from __future__ import annotations

from django.db import models


class PreservationObject(models.Model):
    """One OCFL object of the storage root, at its head version."""

    identifier = models.CharField(max_length=700, unique=True)
    path = models.CharField(max_length=700, help_text="Below the storage root")
    head = models.PositiveIntegerField()
    inventory_digest = models.CharField(max_length=128)
    modified = models.CharField(max_length=40, help_text="RFC 3339 time of the head version, as its inventory has it")
    undecided = models.PositiveIntegerField(
        default=0, help_text="What a person has to decide since branches were joined"
    )

    def __str__(self) -> str:
        """Return the identifier."""
        return self.identifier


class Event(models.Model):
    """One PREMIS event, as the object's own event files state it."""

    identifier = models.CharField(max_length=200, unique=True)
    object = models.ForeignKey(PreservationObject, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=80)
    when = models.CharField(max_length=40)
    subject = models.CharField(max_length=700, default="", blank=True, help_text="Logical path, or nothing")
    detail = models.TextField(default="", blank=True)
    outcome = models.CharField(max_length=80, default="", blank=True)
    outcome_detail = models.TextField(default="", blank=True)
    agents = models.JSONField(default=list)
    batch = models.CharField(  # noqa: DJ001 - most events are of none, and the index leaves them out
        max_length=60, null=True, default=None, help_text="urn:uuid of what was done to many objects at once"
    )

    class Meta:
        """Events are read object by object, in time; and those of a batch together."""

        indexes = (
            models.Index(fields=("object", "when"), name="events_by_object_and_time"),
            models.Index(fields=("batch", "object"), name="events_by_batch", condition=models.Q(batch__isnull=False)),
        )

    def __str__(self) -> str:
        """Return kind and identifier."""
        return f"{self.kind} {self.identifier}"


class ObjectVersion(models.Model):
    """The digest of one version's inventory, as it was when the version was first seen.

    It changes only where another branch of the object goes on: one that holds this version, or joins what it joined.
    Of an adopted object it is the digest of the list of its files, at the version that it was adopted at.
    """

    identifier = models.CharField(max_length=700)
    number = models.PositiveIntegerField()
    inventory_digest = models.CharField(max_length=128)
    joining = models.BooleanField(default=False, help_text="Made by joining branches alone: it may be made anew")
    before = models.JSONField(default=list, help_text="Digests of the inventories that had this number, oldest first")

    class Meta:
        """Versions are asked for object by object."""

        constraints = (models.UniqueConstraint(fields=("identifier", "number"), name="one_row_per_object_version"),)

    def __str__(self) -> str:
        """Return identifier and number."""
        return f"{self.identifier} v{self.number}"


class Replica(models.Model):
    """One object at one site, as the newest copying or check found it."""

    site = models.CharField(max_length=40)
    identifier = models.CharField(max_length=700)
    head = models.PositiveIntegerField(help_text="The newest version that was ever read back there")
    state = models.CharField(max_length=12, help_text="intact, altered, missing, unreadable, unexpected")
    checked = models.FloatField(default=0.0, help_text="Unix time of the newest check")
    problems = models.JSONField(default=list, help_text="[kind, name] of the first files that are not intact")
    sealed = models.JSONField(default=dict, help_text="Folder of each sealed version to the sha512 of its SHA512SUMS")
    sent = models.PositiveIntegerField(
        default=0, help_text="The newest version that a courier carries to this place, whether it arrived or not"
    )

    class Meta:
        """Checks take the least recently checked first."""

        constraints = (models.UniqueConstraint(fields=("site", "identifier"), name="one_row_per_site_and_object"),)
        indexes = (models.Index(fields=("site", "checked"), name="replicas_by_site_and_check"),)

    def __str__(self) -> str:
        """Return site and identifier."""
        return f"{self.site} {self.identifier}"
