"""The International Image Interoperability Framework: image requests, manifests and collections as plain values."""
