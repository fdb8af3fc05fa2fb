"""OCFL 1.1: layout, inventories, the writer, the reader, and the validator, which shares nothing with the writer."""
