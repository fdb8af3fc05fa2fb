"""Leaves, folio sides and the order of pages."""
