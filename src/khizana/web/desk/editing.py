"""The form by which many descriptions are changed at once."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khizana.apps.publication.actions.edit_descriptions import How
from khizana.core.catalogue.columns import COLUMNS
from khizana.core.errors import KhizanaError
from khizana.core.tasks.asked import ALL, SHELFMARKS, WHERE, Change
from khizana.web.desk import addresses
from khizana.web.desk.page import asked, lines, page

EMPTY = "empty"
"""The way to change that the form has beside those of ``How``: nothing is put in the place of what is there."""
NOT_CHANGED = ("shelfmark",)
"""Columns that are not changed so: a manuscript is found by its shelfmark, at other places too."""
_NAMES = frozenset(each.name for each in COLUMNS)


@dataclass(frozen=True, slots=True)
class Choice:
    """One column to choose."""

    name: str
    label: str
    chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
def editing(request: HttpRequest, language: str) -> HttpResponse:
    """Show the form, or take what it says and let it be looked at."""
    notice = ""
    if request.method == "POST":
        given = _given(request)
        if isinstance(given, Change):
            try:
                return asked(request, language, given)
            except KhizanaError as error:
                notice = error.sentence(language)
        else:
            notice = given
    post = request.POST
    return page(
        request,
        "edit.html",
        language,
        addresses.edits,
        status=HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK,
        notice=notice,
        columns=_choices(post.get("column", ""), language, without=NOT_CHANGED),
        where_columns=_choices(post.get("where_column", ""), language),
        which=post.get("which", WHERE),
        how=post.get("how", How.SET.value),
        given={name: post.get(name, "") for name in ("where_value", "shelfmarks", "values", "goes")},
    )


def _choices(chosen: str, language: str, *, without: tuple[str, ...] = ()) -> list[Choice]:
    return [
        Choice(each.name, each.labels[language], each.name == chosen) for each in COLUMNS if each.name not in without
    ]


def _given(request: HttpRequest) -> Change | str:
    """Return what the form asks for, or what it lacks, in one sentence."""
    post = request.POST
    which, how = post.get("which", ""), post.get("how", "")
    column, where_column = post.get("column", ""), post.get("where_column", "")
    shelfmarks, values = lines(post.get("shelfmarks", "")), lines(post.get("values", ""))
    goes = post.get("goes", "").strip()
    if which not in (ALL, WHERE, SHELFMARKS) or (which == WHERE and where_column not in _NAMES):
        return _("Say which manuscripts.")
    if which == SHELFMARKS and not shelfmarks:
        return _("Write at least one shelfmark, each on a line of its own.")
    if column not in _NAMES or column in NOT_CHANGED or how not in (*How, EMPTY):
        return _("Say which column is to be changed, and how.")
    if how == How.REPLACE and (not goes or len(values) != 1):
        return _("To replace, write the old value and one new value.")
    if how != EMPTY and not values:
        return _("Write the value.")
    if how == How.REPLACE:
        values = (goes, *values)
    return Change(
        which=which,
        column=column,
        how=How.SET.value if how == EMPTY else how,
        values=() if how == EMPTY else values,
        where_column=where_column if which == WHERE else "",
        where_value=post.get("where_value", "").strip() if which == WHERE else "",
        shelfmarks=shelfmarks if which == SHELFMARKS else (),
    )
