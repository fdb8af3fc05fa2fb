"""What the catalogue knows of a manuscript, as plain values: entries, their fields, and what comes from elsewhere."""
