"""The installation: Django's settings and the application that a server runs."""
