"""Every address that Django answers; tiles, images and stored copies are answered before it (``web.dispatch``)."""

from __future__ import annotations

from django.urls import path, register_converter

from khizana.core.citation import Form
from khizana.core.findings import LANGUAGES
from khizana.core.policy import WayIn
from khizana.web.desk import routes as desk
from khizana.web.harvest import sitemap
from khizana.web.harvest.permanent import permanent
from khizana.web.iiif import authorization, discovery, presentation
from khizana.web.oai.door import door as oai
from khizana.web.reading_room import entering, searching, views


class Language:
    """A language of the reading room, as a part of an address."""

    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        """Return the language."""
        return value

    def to_url(self, value: str) -> str:
        """Return the part of the address."""
        return value


register_converter(Language, "language")

urlpatterns = [
    path("", views.root),
    path("<language:language>/", views.home),
    path("<language:language>/m/", views.manuscripts),
    path("<language:language>/search", searching.search),
    path("search.json", searching.as_json),
    path("search.csv", searching.as_csv),
    path("search.rss", searching.as_rss),
    path("suggest.json", searching.suggestions),
    path("<language:language>/sign-in", entering.sign_in),
    path("<language:language>/sign-out", entering.sign_out),
    path("<language:language>/terms", entering.terms),
    path("<language:language>/access", entering.with_account),
    path("<language:language>/access/given", entering.given),
    path("<language:language>/access/ended", entering.ended),
    *(path(f"iiif/auth/{way}", authorization.enter, {"way": way}) for way in WayIn),
    *(path(f"iiif/auth/token/{way}", authorization.token, {"way": way}) for way in WayIn),
    path("iiif/auth/probe/<str:image>", authorization.probe),
    path("iiif/auth/sign-out", authorization.leave),
    *desk.routes(),
    path("<language:language>/m/<str:slug>/", views.manuscript),
    path("<language:language>/m/<str:slug>/<str:name>", views.folio),
    path("iiif/collection", presentation.collection),
    path("iiif/collection/<int:part>", presentation.collection),
    path("iiif/manifest/<str:slug>", presentation.manifest),
    path("iiif/manifest/<str:slug>/v2", presentation.manifest, {"version": 2}),
    path("iiif/manifest/<str:slug>/v3", presentation.manifest, {"version": 3}),
    path("m/<str:slug>/description.xml", presentation.description),
    *(path(f"m/<str:slug>/cite.{form}", presentation.citation, {"form": form}) for form in Form),
    path("m/<str:slug>/linkset.json", presentation.linkset),
    path("iiif/changes", discovery.changes),
    path("iiif/changes/<int:page>", discovery.changes),
    path("oai", oai),
    path("sitemap.xml", sitemap.index),
    path("sitemap/<int:number>.xml", sitemap.part),
    path("robots.txt", sitemap.robots),
    path("ark:<str:naan>/<path:name>", permanent),
    path("ark:/<str:naan>/<path:name>", permanent),
]
handler404 = views.not_found
handler500 = views.failed
