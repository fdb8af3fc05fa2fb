"""Preservation objects and events, as an index of the storage root."""
