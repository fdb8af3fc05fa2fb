"""Every address that Django answers; tiles, images and stored pages are answered before it (``web.dispatch``)."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
