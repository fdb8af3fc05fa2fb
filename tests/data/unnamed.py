"""Sets Django up without a library, for tests of code that stands beside tables and touches none: import it first."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khizana.project.settings")
django.setup()
