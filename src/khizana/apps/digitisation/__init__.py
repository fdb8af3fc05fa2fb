"""From camera card to page images with access copies."""
