"""Keeping: staging, preservation objects (OCFL 1.1), events (PREMIS 3.0), and the durability under them."""
