"""The form by which files are imported."""

from __future__ import annotations

import unicodedata
from http import HTTPStatus

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khizana.apps.publication.actions.import_descriptions import NamedBy
from khizana.core.errors import KhizanaError
from khizana.core.tasks.asked import Import
from khizana.web.desk import addresses
from khizana.web.desk.page import asked, page
from khizana.web.uploads import LONGEST_UPLOAD

NAME = 120
"""Letters of a file's name that are kept."""


@require_http_methods(["GET", "HEAD", "POST"])
def importing(request: HttpRequest, language: str) -> HttpResponse:
    """Show the form, or take the files and let them be looked at."""
    largest = LONGEST_UPLOAD // 2**20
    notice = ""
    if "larger" in request.GET:
        notice = _(
            "The files were larger than %(largest)s MB together, and nothing was taken. Send them in several times, or "
            "let whoever looks after the machine use the command khizana import."
        ) % {"largest": largest}
    if request.method == "POST":
        files = [(name_of(each, number), each) for number, each in enumerate(request.FILES.getlist("files"), 1)]
        if files:
            try:
                return asked(request, language, _work(request, files), [(name, each.chunks()) for name, each in files])
            except KhizanaError as error:
                notice = error.sentence(language)
        else:
            notice = _("Choose a file first.")
    return page(
        request,
        "import.html",
        language,
        addresses.imports,
        status=HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK,
        notice=notice,
        largest=largest,
        named_by=_named_by(request.POST.get("named_by", "")),
    )


def _named_by(given: str) -> str:
    return given if given in set(NamedBy) else NamedBy.SHELFMARK.value


def name_of(file: UploadedFile, number: int) -> str:
    """Return the name of a file as it is shown: what stands after the last stroke of either kind, in one line."""
    last = (file.name or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if char.isprintable() and unicodedata.category(char) != "Cf").strip()
    return plain[-NAME:] or str(number)


def _work(request: HttpRequest, files: list[tuple[str, UploadedFile]]) -> Import:
    return Import(
        files=tuple(name for name, _file in files),
        named_by=_named_by(request.POST.get("named_by", "")),
        publish="publish" in request.POST,
        take_theirs="take_theirs" in request.POST,
    )
