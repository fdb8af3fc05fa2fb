"""What the journal keeps of an image that was received, read back and looked at."""

from __future__ import annotations

from datetime import datetime

from khizana.core.imaging.access_facts import Made
from khizana.core.preservation.journal import Capture
from khizana.core.preservation.staging import Received


def captured(name: str, received: Received, made: Made, *, now: datetime, modified: int = 0, came: str = "") -> Capture:
    """Return what is kept of the image called *name*; *modified* and *came* as in ``Capture``."""
    return Capture(
        name=name,
        modified=modified,
        size=received.size,
        digest=received.digest,
        media_type=made.probed.media_type,
        extension=made.probed.extension,
        width=made.access_copy.width,
        height=made.access_copy.height,
        received=now.isoformat(timespec="seconds"),
        came=came,
    )
