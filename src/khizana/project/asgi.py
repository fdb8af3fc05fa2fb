"""The application that ``khizana serve`` runs: dispatcher, image doors, Django and the worker, in one process."""

from __future__ import annotations

import json
import os
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khizana.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 - the settings are read by django.setup above

from khizana.web.application import Listening, application  # noqa: E402 - Django must be set up before its parts are
from khizana.wiring.worker import start_worker  # noqa: E402 - the same

_where = os.environ.get("KHIZANA_LISTENING")
app = application(
    partial(start_worker, settings.KHIZANA_FOLDER, settings.KHIZANA),
    Listening(**json.loads(_where)) if _where else None,
)
