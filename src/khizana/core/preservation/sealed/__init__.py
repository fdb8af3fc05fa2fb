"""Sealed copies: preservation objects at a site whose keeper can check them and cannot read them.

The format stands in ``docs/reference/sealed-copies.md``. It is made to be opened without this software, by ``age``,
``sha512sum`` and a shell.
"""
