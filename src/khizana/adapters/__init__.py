"""One module for each kind of place or service outside; the only ones that know it."""
