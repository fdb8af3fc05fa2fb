"""The ``khizana`` command: one module per verb."""
