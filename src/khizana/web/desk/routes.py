"""Every address of the desk, each behind its door."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from khizana.core.tasks.folder import TOKEN
from khizana.web.desk import editing, exporting, home, importing, task
from khizana.web.desk.door import View, for_staff


class Token:
    """What names a task, as a part of an address."""

    regex = TOKEN

    def to_python(self, value: str) -> str:
        """Return the token."""
        return value

    def to_url(self, value: str) -> str:
        """Return the part of the address."""
        return value


register_converter(Token, "token")

VIEWS: dict[str, View] = {
    "": home.home,
    "undo": home.undo,
    "import": importing.importing,
    "edit": editing.editing,
    "export": exporting.exporting,
    "task/<token:token>": task.task,
    "task/<token:token>/do": task.do,
    "task/<token:token>/again": task.again,
    "task/<token:token>/report": task.report,
    "task/<token:token>/file": task.file,
}


def routes() -> list[URLPattern]:
    """Return the addresses of all views; those of another language than ours are none."""
    return [path(f"<language:language>/desk/{route}", for_staff(view)) for route, view in VIEWS.items()]
