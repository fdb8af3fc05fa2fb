"""What leads others to a manuscript, and keeps leading there: sitemap, permanent addresses, what is gone."""
