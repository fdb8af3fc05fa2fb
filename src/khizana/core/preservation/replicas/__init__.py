"""Replicas: the same preservation objects at several sites, copied, checked against what they should be, and mended."""
