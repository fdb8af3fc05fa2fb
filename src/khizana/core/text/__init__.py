"""Text as readers look for it: one folding for index, query and highlight, and keys of names in any script."""
