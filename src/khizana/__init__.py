"""Khizana: from a folder of photographs of manuscripts to a safe copy and a page that anyone can read."""

__version__ = "0.1.0"
