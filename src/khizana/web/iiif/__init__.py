"""The IIIF doors: images, manifests, the collection."""
