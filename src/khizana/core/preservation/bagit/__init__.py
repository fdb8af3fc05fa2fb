"""BagIt (RFC 8493): the validator of bags, and the writer, which shares nothing with it."""
