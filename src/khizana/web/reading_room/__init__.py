"""The reading room: the public face, in Arabic, French and English."""
