"""``khizana keys bring SITE``: a library that lost its folder of keys goes on sealing for its sealed sites."""

from __future__ import annotations

from pathlib import Path

from khizana.cli.at_sites import reached, sealed_sites
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput
from khizana.core.preservation.sealed.keys import refuse_second_keys
from khizana.core.preservation.sealed.unseal import blinding_at
from khizana.wiring.keys import keep_keys, opener_from


def run(*, opened: Opened, site: str, key: Path) -> None:
    """Take the blinding value from the sealed *site*, and the public key from the key file."""
    _, found = reached(opened, site, with_here=False)
    if site not in sealed_sites(opened):
        raise BadInput("SITE_NOT_SEALED", site=site)
    refuse_second_keys(opened.folder.keys)
    keep_keys(opened.folder, blinding=blinding_at(found[site], opener_from(key)), recipients="", key=key)
    tell("KEYS_BROUGHT", site=site)
