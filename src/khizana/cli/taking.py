"""What ``add``, ``receive`` and ``accession`` share: receiving with a progress bar, titles, descriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from khizana.apps.digitisation.actions.receive_card import CardReceived, receive_card
from khizana.apps.publication.actions.refuse_another_card import refuse_another_card
from khizana.cli.verb import Opened, Progress, language
from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.findings import Finding
from khizana.core.identifiers import Digest, images_object_id, manuscript_id
from khizana.core.imaging.lanes import ImageLanes, processors
from khizana.core.manuscript import Description, Words
from khizana.core.ports import Card
from khizana.core.structure.order import DESCRIPTION
from khizana.core.tei.read import read_description
from khizana.core.tei.write import description_tei
from khizana.wiring.library import keeper, now

LARGEST_DESCRIPTION = 32 * 1024 * 1024  # bytes of TEI
_TAGGED = re.compile(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)=(.+)", re.DOTALL)
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]")


def receive_with_progress(opened: Opened, card: Card, shelfmark: str, lanes: ImageLanes, *, more: bool) -> CardReceived:
    """Receive the photographs of *card*, with a bar of bytes; *more*: they are further pages of what is there.

    Raises ``AlreadyThere``, with nothing copied, for the card of another manuscript.
    """
    keep = keeper(opened.folder, opened.configuration)
    refuse_another_card(card=card, shelfmark=shelfmark, keeper=keep, more=more)
    held = _held(opened, shelfmark)
    with Progress(0, unit="B", scaled=True) as progress:
        return receive_card(
            card=card,
            shelfmark=shelfmark,
            folder=opened.folder,
            lanes=lanes,
            at_once=processors() + 2,
            now=now,
            on_bytes=progress.add,
            on_total=progress.total,
            path_of_held=held.get,
        )


def _held(opened: Opened, shelfmark: str) -> Mapping[Digest, Path]:
    identifier = images_object_id(opened.configuration.name, manuscript_id(shelfmark))
    stored = keeper(opened.folder, opened.configuration).object(identifier)
    if stored is None:
        return {}
    return {Digest(digest): stored.content_path(logical) for logical, digest in stored.state().items()}


def description_of(*, shelfmark: str, titles: Sequence[str], given: str | None, card: Card | None) -> bytes:
    """Return the TEI to keep: the file *given*, else the card's own ``description.xml``, else one made of the titles.

    Raises ``BadInput`` for a description that is no TEI, or when titles are given beside one.
    """
    if given:
        source, raw = Path(given), _read(Path(given))
    elif card and (own := card.content(DESCRIPTION, LARGEST_DESCRIPTION + 1)) is not None:
        source, raw = card.path / DESCRIPTION, own
    else:
        return description_tei(Description(shelfmark=shelfmark, titles=titles_by_language(titles)))
    if len(raw) > LARGEST_DESCRIPTION:
        raise BadInput("DESCRIPTION_TOO_LARGE", path=str(source), largest=LARGEST_DESCRIPTION)
    read_description(raw, file=source.name)
    if titles:
        # Titles go into the description itself: to write them beside it would keep two truths.
        raise BadInput("TITLE_BESIDE_DESCRIPTION", path=str(source))
    return raw


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as stream:
            return stream.read(LARGEST_DESCRIPTION + 1)
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(source)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(source), problem=error.strerror or "") from error


def findings_json(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as a program reads them: code, severity, subject and sentence."""
    return [
        {"code": each.code, "severity": each.severity, "subject": each.subject, "sentence": each.sentence(language())}
        for each in findings
    ]


def titles_by_language(titles: Sequence[str]) -> Words:
    """Return titles by language: "fr=Traité" says it; Arabic script alone is taken for Arabic, the rest for unknown."""
    words: dict[str, tuple[str, ...]] = {}
    for title in titles:
        tagged = _TAGGED.fullmatch(title.strip())
        tag, text = (tagged[1], tagged[2]) if tagged else ("ar" if _ARABIC.search(title) else "none", title.strip())
        if text:
            words[tag] = (*words.get(tag, ()), text)
    return words
