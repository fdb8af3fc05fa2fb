"""The servers of other libraries, as this one asks them for images."""

from __future__ import annotations

from khizana import __version__
from khizana.adapters.image_servers.servers import HttpImageServers
from khizana.core.configuration import Configuration
from khizana.core.ports import ImageServers


def image_servers(configuration: Configuration, *, nearby: bool) -> ImageServers:
    """Return the servers on the web; *nearby* allows those of this machine and its network, too."""
    # Whoever runs a server that we burden should be able to write to us: the address or, where none is given, the name.
    who = configuration.homepage or (f"mailto:{configuration.email}" if configuration.email else configuration.name)
    printable = "".join(char for char in who if char.isascii() and char.isprintable())
    return HttpImageServers(agent=f"khizana/{__version__} (+{printable})", nearby=nearby)
