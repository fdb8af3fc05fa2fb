"""Slow work that waits: rows with leases, done by the worker of ``khizana serve`` or by the command itself."""
