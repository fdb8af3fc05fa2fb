"""The doors: reading room, IIIF, and the dispatcher in front of them."""
