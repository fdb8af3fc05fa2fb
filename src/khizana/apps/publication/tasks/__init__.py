"""Tasks of the desk: asked for by a page, done by a worker."""
