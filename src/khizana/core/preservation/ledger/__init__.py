"""The ledger of a library: the append-only, hash-chained list of events, with signed heads.

Entries are lines of a file; their Merkle tree (RFC 6962, section 2.1) has one root, which the library signs. Whoever
keeps one signed head can later tell whether any entry before it was altered, removed, inserted or moved.
"""
