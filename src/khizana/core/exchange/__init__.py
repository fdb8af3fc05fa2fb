"""Catalogues of others, in and out: which form a file has, and what it says of manuscripts."""
