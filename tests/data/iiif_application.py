"""An application of image doors alone, for a real server: every folder below KHIZANA_TEST_IMAGES is an open image."""

from __future__ import annotations

import os
from pathlib import Path

from data.iiif_images import OPEN, FewImages
from khizana.core.imaging.pyramid import Pyramid
from khizana.core.policy import ANYONE
from khizana.core.serving import ServedImage
from khizana.web.iiif.image_app import ImageApp


def application() -> ImageApp:
    """Return the application; granian calls this with ``--factory``."""
    images = {}
    for folder in sorted(Path(os.environ["KHIZANA_TEST_IMAGES"]).iterdir()):
        pyramid = Pyramid(f"{folder}/pyramid.tif")
        images[folder.name] = ServedImage(folder, pyramid.width, pyramid.height, OPEN)
    return ImageApp(FewImages(images), lambda _: ANYONE, None)
