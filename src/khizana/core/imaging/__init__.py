"""The craft of images: what a file is, access copies, tiles and regions."""
