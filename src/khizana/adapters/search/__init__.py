"""The search index by tantivy: an embedded engine, in one folder that can be thrown away."""
