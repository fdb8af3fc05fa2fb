"""Descriptions in TEI P5: what is written for ever, and what others wrote, read with care."""
