"""The craft: standard library, lxml, numpy and image libraries only; no Django, no database, no network."""
