"""The desk: the staff's face, in Arabic, French and English."""
