"""The specimen library: made by code, the same every time, honest about what it is.

``make_specimen`` draws twelve manuscripts of our own composition, as photographs with ground truth.
"""

from __future__ import annotations

from khizana.core.specimen.collection import SpecimenManuscript, SpecimenPage, make_specimen, specimen_shelfmarks

__all__ = ["SpecimenManuscript", "SpecimenPage", "make_specimen", "specimen_shelfmarks"]
