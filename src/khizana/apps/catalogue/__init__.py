"""Manuscripts as described: the accepted reading, for lists, pages and manifests."""
