"""How a viewer finds its reader's way in to images that not everyone may see: IIIF Authorization Flow API 2.0.

Source: https://iiif.io/api/auth/2.0/ (sections 3 to 6). Here are the documents; who is let in, ``core.policy`` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from khizana.core.identifiers import ImageId
from khizana.core.iiif.labels import three
from khizana.core.iiif.presented import LanguageMap, tidy
from khizana.core.manuscript import Words
from khizana.core.policy import Allow, Decision, Degrade, Refuse, WayIn

CONTEXT_AUTH = "http://iiif.io/api/auth/2/context.json"
TOKEN_LASTS = 300
"""Seconds that a token tells what its reader may see; it opens no image itself."""

WHOLE = "~whole"
"""Ends the name of the image service that is the whole of an image which others get smaller: no image's name has it."""

Json = dict[str, Any]

_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class TokenProblem(StrEnum):
    """Why there is no token: the profile of an error (4.5)."""

    REQUEST = "invalidRequest"
    MISSING = "missingAspect"
    INVALID = "invalidAspect"
    EXPIRED = "expiredAspect"


_CLOSED = three("الصورة غير متاحة بعد", "L’image n’est pas encore ouverte", "This image is not open yet")
_SMALLER = three("تُعرض صورة أصغر", "Une image plus petite est montrée", "A smaller image is shown")
_NO_TOKEN = three("لم يُسمح بالاطلاع", "L’accès n’a pas été donné", "Access was not given")


@dataclass(frozen=True, slots=True)
class _Words:
    """What a viewer says of one way in."""

    label: Words
    """The library's name follows."""
    heading: Words
    note: Words
    confirm: Words
    missing: Words


_WORDS = {
    WayIn.TERMS: _Words(
        label=three("شروط الاطلاع", "Conditions de consultation", "Terms of use"),
        heading=three("الموافقة على الشروط", "Accepter les conditions", "Agree to the terms"),
        note=three(
            "يعرض مالك هذا المخطوط صوره لمن يوافق على شروط المكتبة. تُفتح الشروط في نافذة جديدة.",
            "Le propriétaire de ce manuscrit en montre les images à qui accepte les conditions de la bibliothèque. "
            "Elles s’ouvrent dans une nouvelle fenêtre.",
            "The owner of this manuscript shows its images to readers who agree to the library's terms. They open in a "
            "new window.",
        ),
        confirm=three("قراءة الشروط", "Lire les conditions", "Read the terms"),
        missing=three(
            "لم تُقبل الشروط بعد في هذا المتصفح، أو أن المتصفح يرفض ملفات الارتباط.",
            "Les conditions n’ont pas encore été acceptées dans ce navigateur, ou il refuse les cookies.",
            "The terms have not been agreed to in this browser yet, or it refuses cookies.",
        ),
    ),
    WayIn.SIGN_IN: _Words(
        label=three("تسجيل الدخول", "Connexion", "Sign in"),
        heading=three("تسجيل الدخول", "Se connecter", "Sign in"),
        note=three(
            "يعرض مالك هذا المخطوط صوره كاملة لمن منحتهم المكتبة حسابًا. تُفتح صفحة الدخول في نافذة جديدة.",
            "Le propriétaire de ce manuscrit en montre les images entières aux lecteurs à qui la bibliothèque a donné "
            "un compte. La page de connexion s’ouvre dans une nouvelle fenêtre.",
            "The owner of this manuscript shows its whole images to readers with an account from the library. The "
            "sign-in opens in a new window.",
        ),
        confirm=three("تسجيل الدخول", "Se connecter", "Sign in"),
        missing=three(
            "لم يُسجَّل الدخول بعد في هذا المتصفح، أو أن المتصفح يرفض ملفات الارتباط.",
            "Personne ne s’est encore connecté dans ce navigateur, ou il refuse les cookies.",
            "Nobody has signed in in this browser yet, or it refuses cookies.",
        ),
    ),
}
_SIGN_OUT = three("إنهاء الاطلاع", "Mettre fin à l’accès", "End access")


def is_origin(stated: str) -> bool:
    """Return whether *stated* has the form of a web page's origin (RFC 6454, 6.2), which messages can be sent to."""
    return _ORIGIN.fullmatch(stated) is not None


def probe_service(base: str, title: LanguageMap, image: ImageId, way: WayIn) -> Json:
    """Return the service that tells whether a reader may see *image*, with the *way* in (3.1, 4.1, 5.1).

    *base* is the public address of the library called *title*.
    """
    words = _WORDS[way]
    access: Json = {
        "id": f"{base}/iiif/auth/{way}",
        "type": "AuthAccessService2",
        "profile": "active",
        "label": _with(words.label, title),
        "heading": tidy(words.heading),
        "note": tidy(words.note),
        "confirmLabel": tidy(words.confirm),
        "service": [
            {
                "id": f"{base}/iiif/auth/token/{way}",
                "type": "AuthAccessTokenService2",
                "errorHeading": tidy(_NO_TOKEN),
                "errorNote": tidy(words.missing),
            },
            {"id": f"{base}/iiif/auth/sign-out", "type": "AuthLogoutService2", "label": tidy(_SIGN_OUT)},
        ],
    }
    return {
        "id": f"{base}/iiif/auth/probe/{quote(image, safe='')}",
        "type": "AuthProbeService2",
        "errorHeading": tidy(_CLOSED),
        "errorNote": tidy(words.note),
        "service": [access],
    }


def probe_result(
    base: str, image: ImageId, view: Decision, public: Decision, way: WayIn | None, *, is_known: bool
) -> Json:
    """Return what a reader who asks for *image* would meet (5.2): *view* is for this reader, *public* for everyone.

    *is_known* where the reader showed a good token. 401 leads a viewer to the way in (the image itself answers 403).
    """
    service = f"{base}/iiif/3/{quote(image, safe='')}"
    result: Json = {"@context": CONTEXT_AUTH, "type": "AuthProbeResult2"}
    match view:
        case Allow() if isinstance(public, Degrade):
            # Documents are asked for without cookies: only another address can tell of more than everyone gets.
            location = {"id": f"{service}{WHOLE}", "type": "ImageService3", "profile": "level2"}
            return result | {"status": 302, "location": location}
        case Allow():
            return result | {"status": 200}
        case Degrade(longest_side=longest):
            smaller = f"{service}/full/!{longest},{longest}/0/default.jpg"
            substitute = {"id": smaller, "type": "Image", "format": "image/jpeg", "label": tidy(_SMALLER)}
            return result | {"status": 401, "substitute": [substitute]} | _said(_SMALLER, way)
        case Refuse(conceal=True):
            return result | {"status": 404}
        case Refuse():
            return result | {"status": 403 if is_known else 401} | _said(_CLOSED, way)


def token_message(token: str, message_id: str) -> Json:
    """Return the message that gives a viewer its *token* (4.4)."""
    return {
        "@context": CONTEXT_AUTH,
        "type": "AuthAccessToken2",
        "accessToken": token,
        "expiresIn": TOKEN_LASTS,
        "messageId": message_id,
    }


def token_error(problem: TokenProblem, message_id: str, way: WayIn) -> Json:
    """Return the message that says why there is no token (4.5)."""
    return {
        "@context": CONTEXT_AUTH,
        "type": "AuthAccessTokenError2",
        "profile": problem.value,
        "heading": tidy(_NO_TOKEN),
        "note": tidy(_WORDS[way].missing),
        "messageId": message_id,
    }


def _said(heading: Words, way: WayIn | None) -> Json:
    return {"heading": tidy(heading)} | ({"note": tidy(_WORDS[way].note)} if way else {})


def _with(words: Words, title: LanguageMap) -> LanguageMap:
    """Return *words* with the library's name after them, in each language or in the one that the name has."""
    first = next(iter(title.values()), [""])[0]
    return {
        language: [" · ".join(filter(None, (text[0], title.get(language, [first])[0])))]
        for language, text in words.items()
    }
