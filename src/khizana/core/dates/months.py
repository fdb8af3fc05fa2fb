"""The names of months, in Arabic, English and French, and in the romanisations that catalogues use.

A name is a phrase of folded words (``letters.fold_date``). Those of two parts are made from the spellings of the parts:
ALA-LC, DMG, IJMES, French and Turkish usage differ in vowels, in the article and in the letters for th, dh, j and q.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from khizana.core.dates.calendars import Calendar

MonthName = tuple[Calendar, int, int]
"""Calendar, first and last month that the name may mean: a bare "Rabi" may be either of two."""


def _words(text: str) -> list[str]:
    return text.split()


_ARTICLES = ("al", "el", "ul", "l", "oul", "il", "")
_JOINED_ARTICLES = ("ul", "il", "el", "al", "")  # in names written as one word, as in Turkish
_SUN_ARTICLES = ("ath", "as", "at", "eth", "es", "uth", "us")  # as said before the letters that they end with
_FIRST = _words(
    "awwal awal aval evvel evel ewwel ewel auwal aouel aououal ouwal awwel oula ula ala ulaa uola avvel 1 i"
)
_SECOND = _words(
    "thani thania thaniya thaniyah tani taniya saniye sani akhir akhira akhirah akhar aher ahir ahire ahira akher "
    "thany thanya thaniyya akhera 2 ii"
)
_SINGLE = {
    1: "muharram muharrem moharram moharrem mouharram mouharrem mharram muharam muharrum",
    2: "safar sefer safer saphar cafar",
    7: "rajab ragab radjab redjeb recep receb rajeb redjab radjeb rejeb rejab rageb",
    8: "shaban saban chaban chaabane chabane shaaban chaaban schaban shabaan sabaan",
    9: "ramadan ramazan ramadhan ramzan ramadane ramdan rhamadan",
    10: "shawwal sawwal chawwal chaoual shawal chawal sevval schawwal chouwal schawal shavval shavwal",
}
_ARABIC = {
    1: "محرم المحرم محرم_الحرام المحرم_الحرام",
    2: "صفر صفر_الخير صفر_المظفر",
    3: "ربيع_الاول ربيع_اول ربيع_الاول_الانور ربيع_1 ربيع_النبوي ربيع_الانور",
    4: "ربيع_الثاني ربيع_الاخر ربيع_ثاني ربيع_اخر ربيع_ثان ربيع_2",
    5: "جمادي_الاولي جمادي_الاول جمادي_اولي جمادي_اول جماد_الاول جماد_الاولي جماد_اول جمادي_1",
    6: "جمادي_الاخره جمادي_الثانيه جمادي_الثاني جمادي_الاخر جمادي_ثاني جماد_الثاني جماد_الاخر جماد_ثاني جمادي_2 "
    "جماد_الاخره جمادي_اخره",
    7: "رجب رجب_الفرد رجب_المرجب رجب_الاصم رجب_الحرام الفرد_رجب",
    8: "شعبان شعبان_المكرم شعبان_المعظم",
    9: "رمضان رمضان_المبارك رمضان_المعظم",
    10: "شوال شوال_المكرم",
    11: "ذي_القعده ذو_القعده ذا_القعده ذي_قعده ذو_قعده ذيقعده القعده قعده ذي_القعده_الحرام ذالقعده",
    12: "ذي_الحجه ذو_الحجه ذا_الحجه ذي_حجه ذو_حجه ذيحجه الحجه حجه ذي_الحجه_الحرام ذالحجه",
}
_CHRISTIAN = {
    1: "january jan janvier janv يناير جانفي كانون_الثاني ينير",
    2: "february feb febr fevrier fevr فبراير فيفري شباط فبرير",
    3: "march mar mars مارس اذار",
    4: "april apr avril avr ابريل افريل نيسان",
    5: "may mai مايو ماي ايار مايه",
    6: "june jun juin يونيو جوان حزيران يونيه",
    7: "july jul juillet juil يوليو جويليه تموز يوليه",
    8: "august aug aout اغسطس اوت اب غشت",
    9: "september sept sep septembre سبتمبر ايلول شتنبر شتمبر",
    10: "october oct octobre اكتوبر تشرين_الاول اكتوبر",
    11: "november nov novembre نوفمبر تشرين_الثاني نونبر",
    12: "december dec decembre ديسمبر كانون_الاول دجنبر",
}
_COPTIC = {
    1: "thout tout thoth tut توت",
    2: "paopi baba babah paope بابه",
    3: "hathor hatur hatour هاتور هتور",
    4: "koiak kiahk kiyahk choiak كيهك كياك كيهاك",
    5: "tobi tuba tubah toba tybi طوبه",
    6: "meshir amshir mechir امشير",
    7: "paremhat baramhat paramhat phamenoth برمهات",
    8: "paremoude barmuda baramuda barmouda pharmouthi برموده",
    9: "pashons bashans bachans بشنس",
    10: "paoni bauna baouna payni بووونه بوونه باونه بءونه",
    11: "epip abib epep ابيب",
    12: "mesori misra mesra مسري",
    13: "nasi nasie nesi النسي نسي",
}


def month_names() -> dict[tuple[str, ...], MonthName]:
    """Return every name that is known, as a phrase of folded words, and what it may mean."""
    names = plain_month_names()
    for first, last, phrase in _of_two_parts():
        names[phrase] = (Calendar.HIJRI, first, last)
    return names


def plain_month_names() -> dict[tuple[str, ...], MonthName]:
    """Return the names that are not made of two romanised parts."""
    names: dict[tuple[str, ...], MonthName] = {}
    for calendar, table in (
        (Calendar.COMMON, _CHRISTIAN),
        (Calendar.COPTIC, _COPTIC),
        (Calendar.HIJRI, _ARABIC),
        (Calendar.HIJRI, _SINGLE),
    ):
        for month, spellings in table.items():
            for spelling in spellings.split():
                names[tuple(spelling.split("_"))] = (calendar, month, month)
    for month in (1, 7):
        names |= {("al", each): (Calendar.HIJRI, month, month) for each in _SINGLE[month].split()}
    return names


def _of_two_parts() -> Iterator[tuple[int, int, tuple[str, ...]]]:
    rabi = _words("rabi rabia rebi rabii reby rabiu rebiu rabie rabiy rebiul rabiul rabiu_l rebiu_l")
    jumada = _words(
        "jumada jumad gumada djoumada djumada jomada cemazi joumada djoumad cemaziyel cemaziye gumad gomada"
    )
    for stems, months in ((rabi, (3, 4)), (jumada, (5, 6))):
        yield from ((months[0], months[1], tuple(stem.split("_"))) for stem in stems)
        for month, endings in zip(months, (_FIRST, _SECOND), strict=True):
            yield from ((month, month, phrase) for phrase in _joined(stems, endings))
    dhu = _words("dhu dhul dhi dhou dhoul du dul zi zil zu zul dou doul zou zoul dhi_l dhu_l thu thul zhul dhil di dil")
    qada = _words("qada qadah kada kadah qaida qaade kade qade kaade qaadah caada qaada kaada quda qidah qida kaida")
    hijja = _words("hijja hijjah hijje higga higgah hidjdja hidja hidjja hicce hijjat hija hijah hojja hejja hejjeh")
    for month, endings in ((11, qada), (12, hijja)):
        yield from ((month, month, phrase) for phrase in _joined(dhu, endings))
        yield from ((month, month, phrase) for phrase in _joined(["zulq" if month == 11 else "zulh"], ["ade", "icce"]))


def _joined(stems: list[str], endings: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield stem, article and ending as they are written: apart, the article with either side, or as one word."""
    for stem, article, ending in product(stems, _ARTICLES + _SUN_ARTICLES, endings):
        if article in _SUN_ARTICLES and not ending.startswith(article[1:]):
            continue
        if article and stem.endswith("l"):  # "dhul" has its article
            continue
        head = tuple(stem.split("_"))
        yield tuple(part for part in (*head, article, ending) if part)
        if len(ending) > 2:  # "rabial1" is nobody's spelling
            yield (*head, article + ending)
            yield (*head[:-1], head[-1] + article, ending)
            if article in _JOINED_ARTICLES:
                yield (*head[:-1], head[-1] + article + ending)
