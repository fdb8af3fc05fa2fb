"""Servers of images, asked over HTTP."""
