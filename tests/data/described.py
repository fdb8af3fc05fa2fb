"""Manuscripts as values, made by code, for tests of what is said of them."""

from __future__ import annotations

from khizana.core.identifiers import Digest, ManuscriptId, image_id
from khizana.core.manuscript import Description, Direction, LibraryCard, Manuscript, Master, Page, Range
from khizana.core.policy import Agreement, Level

CARD = LibraryCard(
    name="specimens",
    titles={"ar": ("خزانة النماذج",), "fr": ("Bibliothèque des spécimens",), "en": ("Specimen Library",)},
    base_url="http://127.0.0.1:8000",
    rights="https://creativecommons.org/licenses/by/4.0/",
    required_statement={"en": ("Shown with the leave of the family.",), "fr": ("Montré avec l’accord de la famille.",)},
    homepage="https://library.example/home",
)

DESCRIPTION = Description(
    shelfmark="تب 42",
    titles={"ar": ("رسالة في النجوم",), "ar-Latn": ("Risālah fī al-nujūm",), "en": ("A letter on the stars",)},
    languages=("ar", "ha-Arab"),
    date_as_written="سنة ١١٣٥",
    summary={"fr": ("Traité d’astronomie.",), "en": ("A treatise of astronomy.",)},
    details=(
        ({"ar": ("الناسخ",), "fr": ("Copiste",), "en": ("Scribe",)}, {"ar": ("أحمد بابا",), "none": ("Aḥmad Bābā",)}),
        ({"en": ("Kept in",)}, {"en": ("a leather satchel",)}),
    ),
    ranges=(Range({"ar": ("الباب الأول",)}, 0, 1), Range({"ar": ("الباب الثاني",), "en": ("Second chapter",)}, 2, 2)),
)


def manuscript(
    *,
    pages: int = 3,
    level: Level = Level.OPEN,
    published: bool = True,
    direction: Direction = "rtl",
    description: Description = DESCRIPTION,
    size: tuple[int, int] = (3000, 4000),
) -> Manuscript:
    """Return a manuscript with *pages* pages of *size* pixels, whose identifier holds Arabic letters."""
    slug = ManuscriptId("تب-42")
    masters = [
        Master(number, f"masters/{number:04d}.tif", Digest(f"{number:0128x}"), 9, "image/tiff", *size, f"{number}.tif")
        for number in range(1, pages + 1)
    ]
    return Manuscript(
        id=slug,
        description=description,
        direction=direction,
        pages=tuple(Page(image_id(slug, m.number), f"{m.number}r", f"{m.number}r", m) for m in masters),
        agreement=Agreement(level, published),
        revision="r1",
        modified="2026-01-01T00:00:00Z",
    )
