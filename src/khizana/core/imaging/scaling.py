"""Making pixels fewer by the mean of what they cover, and padding them at the edges."""

from __future__ import annotations

from typing import cast

import cv2

from khizana.core.imaging.decode import Rows


def shrunk(rows: Rows, width: int, height: int) -> Rows:
    """Return *rows* at *width* x *height* pixels, each the mean of the pixels it covers."""
    if rows.shape[:2] == (height, width):
        return rows
    small = cv2.resize(rows, (width, height), interpolation=cv2.INTER_AREA)
    return cast("Rows", small.reshape(height, width, rows.shape[2]))


def halved(rows: Rows) -> Rows:
    """Return *rows* at half their sides, rounded up: an odd last row or column counts twice."""
    height, width, _ = rows.shape
    high, wide = -(-height // 2), -(-width // 2)
    return shrunk(padded(rows, 2 * wide, 2 * high), wide, high)


def padded(rows: Rows, width: int, height: int) -> Rows:
    """Return *rows* with the last row and column repeated to fill *width* x *height* pixels."""
    old_height, old_width, bands = rows.shape
    if (old_height, old_width) == (height, width):
        return rows
    larger = cv2.copyMakeBorder(rows, 0, height - old_height, 0, width - old_width, cv2.BORDER_REPLICATE)
    return cast("Rows", larger.reshape(height, width, bands))
