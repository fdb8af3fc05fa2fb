"""The form by which descriptions are exported."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khizana.core.errors import KhizanaError
from khizana.core.tasks.asked import ALL, PUBLISHED, SHELFMARKS, Export
from khizana.web.desk import addresses
from khizana.web.desk.page import asked, lines, page
from khizana.web.desk.words import form_in_words

FORMS = ("xlsx", "ods", "csv", "marcxml", "dc", "tei")


@require_http_methods(["GET", "HEAD", "POST"])
def exporting(request: HttpRequest, language: str) -> HttpResponse:
    """Show the form, or take what it says and let the file be written."""
    notice = ""
    post = request.POST
    form, which = post.get("form", FORMS[0]), post.get("which", ALL)
    if request.method == "POST":
        shelfmarks = lines(post.get("shelfmarks", "")) if which == SHELFMARKS else ()
        if form not in FORMS or which not in (ALL, PUBLISHED, SHELFMARKS):
            notice = _("Say which manuscripts, and as what.")
        elif which == SHELFMARKS and not shelfmarks:
            notice = _("Write at least one shelfmark, each on a line of its own.")
        else:
            try:
                return asked(request, language, Export(form, which, shelfmarks))
            except KhizanaError as error:
                notice = error.sentence(language)
    return page(
        request,
        "export.html",
        language,
        addresses.exports,
        status=HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK,
        notice=notice,
        forms=[(each, form_in_words(each), each == form) for each in FORMS],
        which=which,
        shelfmarks=post.get("shelfmarks", ""),
    )
