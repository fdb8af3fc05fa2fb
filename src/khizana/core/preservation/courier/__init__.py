"""Couriers: packs of object versions that a disk carries between places of one library, and proofs of arrival."""
