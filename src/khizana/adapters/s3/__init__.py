"""Replicas in a bucket of a server that speaks S3: its address, its answers, its lease, its files."""
