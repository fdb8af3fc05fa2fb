"""Descriptions in the forms that other libraries use: Dublin Core, MARC 21, IIIF manifests."""
