"""What a column without a name holds, told by what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from khizana.core.languages import in_arabic_script
from khizana.core.sheets.repair import western
from khizana.core.text.fold import fold

_IDENTIFIER = re.compile(r"(?:[^\W\d_]{0,8}+[\s./_-]*+){0,3}+[0-9]{1,9}(?:[./_-]?[0-9a-z]{1,4}){0,2}", re.IGNORECASE)
_WHOLE = re.compile("[0-9]{1,5}")
_STATES = frozenset(
    fold(
        "جيدة جيد سليمة سليم ناقصة ناقص مبتورة مبتور ممزقة ممزق متآكلة متآكل مكسرة مخرومة مخروم خرم تآكل الأطراف أثر "
        "رطوبة أرضة سيئة متوسطة كاملة كامل تامة مقطوعة محترقة "
        "bon bonne moyen mauvais complet incomplet abime dechire "
        "good fair poor bad complete incomplete damaged torn worm wormed water stained fragile"
    ).text.split()
)
_SUBJECTS = frozenset(
    fold(
        "فقه نحو صرف تصوف حديث تفسير توحيد عقائد عقيدة سيرة مدح دعاء أدعية طب فلك حساب منطق بلاغة أدب تاريخ تراجم لغة "
        "شعر وعظ مواعظ أصول فتاوى نوازل فوائد منافع خواص باطنيات أسرار توسل أوفاق عجمية قرآن قراءات تجويد سياسة "
        "فرائض وثيقة رسائل وصايا نصائح droit grammaire soufisme theologie histoire medecine astronomie coran poesie "
        "law grammar sufism theology history medicine astronomy quran poetry jurisprudence"
    ).text.split()
)
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 200  # characters of a cell that are looked at
_WIDEST = 100  # columns that are looked at: no inventory without names has more


@dataclass(frozen=True, slots=True)
class Content:
    """What was counted in the cells of one column; shares are of the cells that hold something, from 0 to 1."""

    place: int
    cells: int
    filled: float
    """Share of all rows."""
    different: float
    identifiers: float
    numbers: float
    middle: float
    """The median of the numbers."""
    states: float
    subjects: float
    arabic: float
    length: float
    """Mean number of letters."""


def content_of(place: int, cells: Sequence[str]) -> Content:
    """Return what is in the *cells* of the column at *place*."""
    full = [western(cell[:_LONGEST].strip()) for cell in cells if cell.strip()]
    count = max(1, len(full))
    numbers = [int(cell) for cell in full if _WHOLE.fullmatch(cell)]
    words = [set(_WORD.findall(fold(cell).text)) for cell in full]
    return Content(
        place,
        len(full),
        len(full) / max(1, len(cells)),
        len(set(full)) / count,
        sum(1 for cell in full if len(cell) < 40 and _IDENTIFIER.fullmatch(cell)) / count,
        len(numbers) / count,
        median(numbers) if numbers else 0,
        sum(1 for each in words if each & _STATES) / count,
        sum(1 for each in words if each & _SUBJECTS and len(each) <= 3) / count,
        sum(1 for cell in full if in_arabic_script(cell)) / count,
        fmean(map(len, full)) if full else 0,
    )


def guessed_fields(rows: Sequence[Sequence[str]], taken: frozenset[str] = frozenset()) -> dict[int, str]:
    """Return the field of each column of *rows* whose content tells it; a field of *taken* is not given again.

    Each field is given to one column: an identifier is nearly never said twice, a state of preservation and a subject
    have words of their own, leaves are small numbers, an owner hardly changes, and a title is what remains and is
    longest.
    """
    width = min(_WIDEST, max(map(len, rows), default=0))
    left = {
        place: content_of(place, [row[place] if place < len(row) else "" for row in rows]) for place in range(width)
    }
    left = {place: content for place, content in left.items() if content.filled > 0.05 and content.cells > 1}
    fields: dict[int, str] = {}

    def give(field: str, candidates: list[Content]) -> None:
        if field not in taken and candidates:
            fields[candidates[0].place] = field
            del left[candidates[0].place]

    found = [c for c in left.values() if c.identifiers > 0.7 and c.different > 0.9 and c.filled > 0.8]
    # A running number beside an identifier with letters is no identifier.
    give("shelfmark", sorted(found, key=lambda c: (c.numbers > 0.7, c.place)))
    text = [c for c in left.values() if c.numbers < 0.3]
    give("condition", sorted((c for c in text if c.states > 0.3), key=lambda c: -c.states))
    text = [c for c in left.values() if c.numbers < 0.3]
    give("subjects", sorted((c for c in text if c.subjects > 0.3 and c.length < 30), key=lambda c: -c.subjects))
    numbers = [c for c in left.values() if c.numbers > 0.7 and 0 < c.middle <= 600 and c.different < 0.9]
    give("leaves", sorted(numbers, key=lambda c: c.place))
    names = [c for c in left.values() if c.numbers < 0.3 and c.filled > 0.8 and c.length > 2 and c.cells > 10]
    give(
        "owner", sorted((c for c in names if c.different <= max(0.02, 3 / c.cells)), key=lambda c: (-c.arabic, c.place))
    )
    titles = [c for c in left.values() if c.numbers < 0.3 and c.length > 5]
    give("title", sorted(titles, key=lambda c: (-c.filled * c.different * c.length, c.place)))
    return fields
