"""A selection of the library as a folder that opens by a double click, with no server and no network."""
