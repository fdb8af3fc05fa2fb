"""The words of dates, apart from months and numbers, in Arabic, English and French.

Each is a phrase of folded words (``letters.fold_date``), with what it says. A phrase that stands in more than one place
is read by what stands beside it (``grammar``).
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from khizana.core.dates.calendars import Calendar
from khizana.core.dates.months import MonthName, month_names, plain_month_names


class Kind(StrEnum):
    """What a token of a written date is."""

    NUMBER = "number"
    ORDINAL = "ordinal"
    NUMERIC = "numeric date"
    YEARS = "span of years"
    DECADE = "decade"
    MONTH = "month"
    WEEKDAY = "weekday"
    CALENDAR = "calendar"
    BEFORE_CHRIST = "before Christ"
    CENTURY = "century"
    TENS_OF_CENTURY = "tens of a century"
    FRACTION = "half, third, quarter"
    PORTION = "early, middle, late"
    DAY_OF_MONTH = "first, last day"
    NIGHTS_GONE = "nights gone"
    NIGHTS_LEFT = "nights left"
    LAST = "last"
    SEASON = "season"
    CIRCA = "circa"
    DOUBT = "?"
    BEFORE = "before"
    AFTER = "after"
    NOT_BEFORE = "not before"
    NOT_AFTER = "not after"
    BETWEEN = "between"
    FROM = "from"
    TO = "to"
    OR = "or"
    AND = "and"
    EQUIVALENT = "equivalent to"
    UNDATED = "undated"
    CHRONOGRAM = "chronogram"
    NOISE = "noise"
    MARK = "mark"
    UNKNOWN = "unknown"


Value = Calendar | MonthName | tuple[int, int] | int | None
Meaning = tuple[Kind, Value]

_PLAIN: dict[Kind, str] = {
    Kind.CIRCA: "ca|c|circa|cca|approximately|approx|about|around|roughly|vers|v|environ|env|aux environs de|"
    "autour de|"
    "نحو|حوالي|حوالى|قرابه|قريب من|تقريبا|زهاء|في حدود|حدود|بحدود|estimated",
    Kind.DOUBT: "probably|prob|possibly|perhaps|presumably|likely|probablement|peut etre|sans doute|ربما|لعله|لعلها|"
    "probable|doubtful|uncertain|incertain|غالبا|على الارجح|علي الارجح|علي الاغلب|apparently|supposedly",
    Kind.BEFORE: "before|bef|avant|av|ante|prior to|earlier than|anterieur a|anterieurement a|قبل|قبيل|ما قبل|pre",
    Kind.AFTER: "after|aft|apres|post|later than|posterieur a|posterieurement a|بعد|ما بعد|ap|بعيد",
    Kind.NOT_BEFORE: "not before|no earlier than|not earlier than|at the earliest|since|au plus tot|au plus tot en|"
    "pas avant|"
    "depuis|a partir de|dated from|منذ|ابتداء من|اعتبارا من|ليس قبل|لا قبل|terminus post quem|tpq|from",
    Kind.NOT_AFTER: "not after|no later than|not later than|until|till|up to|by|au plus tard|au plus tard en|"
    "pas apres|jusqua|"
    "jusquen|jusque|ليس بعد|لا بعد|terminus ante quem|taq|حتي|علي الاكثر",
    Kind.BETWEEN: "between|bet|entre|بين|ما بين|فيما بين",
    Kind.FROM: "from|de|du|من|depuis|des",
    Kind.TO: "to|until|till|through|thru|a|au|jusqua|jusquen|jusquau|الي|حتي",
    Kind.OR: "or|ou|او|oder",
    Kind.AND: "and|et|و|&",
    Kind.DECADE: "annees",
    Kind.UNDATED: "nd|n d|sd|s d|sa|undated|no date|not dated|without date|date unknown|unknown date|unknown|"
    "date not given|"
    "sans date|non date|non datee|date inconnue|inconnu|inconnue|inconnue|s date|sine anno|sine dato|"
    "بدون تاريخ|بلا تاريخ|دون تاريخ|دت|د ت|بت|غير مورخ|غير مورخه|غير معروف|مجهول|مجهول التاريخ|لا تاريخ|"
    "خال من التاريخ|"
    "خالي من التاريخ|لم يذكر|غير محدد|التاريخ غير معروف|undetermined|none|na|n a|nil|nihil|no date given",
    Kind.CHRONOGRAM: "chronogram|chronogramme|abjad|بحساب الجمل|حساب الجمل|تاريخه|تاريخها|ارخه|ارخته|جمل|"
    "chronogram for",
    Kind.CENTURY: "century|centuries|cent|siecle|siecles|saeculum|saec|s|sec|القرن|قرن|ق|القرنين|القرون|قرنين|cen|"
    "cents|"
    "القرنان|sc|eme siecle|e siecle",
    Kind.LAST: "last|dernier|derniere|الاخير|الاخيره|final|ultimate",
    Kind.BEFORE_CHRIST: "bc|b c|bce|b c e|av jc|avant jc|av jesus christ|avant jesus christ|before christ|"
    "قبل الميلاد|"
    "قم|avant notre ere|"
    "before common era|قبل ميلاد المسيح",
    Kind.NIGHTS_GONE: "خلون|خلت|مضين|مضت|خلا|مضي",
    Kind.NIGHTS_LEFT: "بقين|بقيت|بقي|باقيه",
    Kind.EQUIVALENT: "الموافق|موافق|الموافق ل|يوافق|الموافق لسنه|الموافق لعام|وافق|corresponding to|corresponding|"
    "corresponds to|equals|i e|"
    "ie|that is|correspondant a|correspondant|equivalent to|equivalent|soit|cad|c est a dire|cest a dire",
    Kind.NOISE: "الفراغ|وكان الفراغ|كان الفراغ|منه|منها|كتابته|تحريره|نسخها|تم الفراغ|الشريف|المكرم|al fard|"
    "al mubarak|"
    "al muazzam|al haram|al mukarram|al sharif|year|years|an|lan|annee|lannee|ans|anno|sanat|sana|sene|senesi|ayi|"
    "month|mois|day|jour|date|"
    "dated|datee|"
    "the|of|in|on|le|la|les|l|en|dans|d|al|copied|compiled|written|completed|finished|copie|copiee|ecrit|acheve|"
    "achevee|"
    "redige|made|created|transcribed|composed|produced|issued|circa date|سنه|السنه|عام|العام|لسنه|لعام|بسنه|بعام|شهر|"
    "الشهر|"
    "بشهر|شهور|يوم|اليوم|بيوم|نهار|ليله|اليله|الليله|في|من|تاريخ|بتاريخ|التاريخ|تاريخ النسخ|كتب|كتبت|نسخ|"
    "نسخت|نسخه|حرر|تم|تمت|فرغ|فرغ من|سنت|المبارك|الحرام|المعظم|صبيحه|ضحوه|ضحي|ظهر|عصر|عشيه|وقت|بعد عصر|"
    "morning|evening|eve|night|dating|completed in|"
    "during|au cours|courant|shahr|mah|yawm|fi|min|sic|era|ere|الاعوام|سنوات|السنوات|العقد|عقد|عهد",
}
_CALENDARS: dict[Calendar | None, str] = {
    Calendar.HIJRI: "hq|h q|هجريا|ah|a h|h|hijri|hidjri|hijra|hejira|hejra|hegira|hegire|lhegire|hijriyya|"
    "hijriyyah|hijriya|"
    "hegirien|higri|hg|"
    "hegirienne|hejrienne|anno hegirae|anno hegira|hicri|hidschra|ere hegirienne|de lhegire|islamic|lunar|a hegirae|"
    "ahj|hij|"
    "ه|هجري|هجريه|الهجري|الهجريه|للهجره|هجره|الهجره|من الهجره|من الهجره النبويه|للهجره النبويه|الهجره النبويه|"
    "النبويه|هق|ه ق|"
    "من هجره النبي|من هجره المصطفي|hijree|hijrah|hidjra|hedjra|heg|lheg|hegir|هجرى",
    Calendar.UMM_AL_QURA: "umm al qura|um al qura|ummalqura|umm ul qura|oumm al qoura|oum al qoura|ام القري|"
    "تقويم ام القري|"
    "بتقويم ام القري",
    Calendar.COMMON: "ad|ce|c e|anno domini|m|miladi|miladiyya|apres jc|ap jc|apr jc|apres jesus christ|de notre ere|"
    "notre ere|"
    "ere chretienne|de lere chretienne|ere commune|de lere commune|christian era|common era|m|م|ميلادي|ميلاديه|"
    "الميلادي|"
    "الميلاديه|للميلاد|من الميلاد|بعد الميلاد|للمسيح|مسيحي|مسيحيه|ec|a d",
    Calendar.GREGORIAN: "gregorian|gregorien|gregorienne|new style|ns|nouveau style|غريغوري|غريغوريه|جريجوري|"
    "جريجوريه|"
    "الغريغوري|الافرنجي|افرنجي|افرنجيه|greg",
    Calendar.JULIAN: "julian|julien|julienne|old style|os|vieux style|يولياني|يوليانيه|جولياني|يوليوسي|"
    "calendrier julien|"
    "julian calendar|اليولياني",
    Calendar.COPTIC: "am|a m|anno martyrum|era of the martyrs|of the martyrs|martyrs|coptic|copte|ere des martyrs|"
    "des martyrs|"
    "للشهداء|الشهداء|قبطي|قبطيه|القبطي|القبطيه|للشهداء الاطهار|e m|dioclétien",
    None: "ag|ay|anno mundi|anno graecorum|seleucid|seleucide|yazdgerd|yazdegerd|yezdegird|jalali|rumi|maliyye|sh|"
    "ahs|هش|ه ش|"
    "shamsi|شمسي|شمسيه|هجري شمسي|هجريه شمسيه|saka|samvat|vikram|bengali|solar|hebrew|jewish|ethiopian|رومي|روميه|"
    "عبري",
}
_WEEKDAYS = (
    "monday|mon|lundi|al ithnayn|al ithnain|الاثنين|الاتنين|الاثنان",
    "tuesday|tue|tues|mardi|al thalatha|al thulatha|الثلاثاء|ثلاثاء|الثلثاء|الثلاثا|الثلثا",
    "wednesday|wed|mercredi|al arbia|al arbaa|الاربعاء|اربعاء|الاربعا",
    "thursday|thu|thur|thurs|jeudi|al khamis|الخميس|خميس",
    "friday|fri|vendredi|al juma|al jumua|al jumaa|الجمعه|جمعه",
    "saturday|sat|samedi|al sabt|السبت|سبت",
    "sunday|sun|dimanche|al ahad|الاحد",
)
_SEASONS = (
    "spring|printemps|الربيع|فصل الربيع",
    "summer|ete|الصيف|صيف|فصل الصيف",
    "autumn|fall|automne|الخريف|خريف|فصل الخريف",
    "winter|hiver|الشتاء|شتاء|فصل الشتاء",
)
_PORTIONS: dict[tuple[int, int], str] = {
    (
        0,
        3,
    ): "early|beginning|beginning of|start of|start|debut|debut du|debut de|awail|awayil|avail|evail|awaail|aouail|"
    "awa il|"
    "awwalayn|اوايل|بدايه|مطلع|بدايات|العشر الاول|العشر الاوايل|العشره الاولي|العشر الاولي|first decade of|"
    "au debut du|au debut de|commencement|wail|اول شهر|اوليات",
    (
        1,
        3,
    ): "mid|middle|middle of|midle|milieu|milieu du|milieu de|awasit|avasit|evasit|awasit|aouasit|awaset|اواسط|اوسط|"
    "وسط|العشر الاوسط|العشر الاواسط|العشر الوسطي|second decade of|au milieu du|au milieu de|mi",
    (
        2,
        3,
    ): "late|end|end of|the end of|fin|fin du|fin de|fin des|awakhir|avahir|evahir|awahir|aouakhir|awaher|اواخر|"
    "نهايه|ختام|"
    "العشر الاواخر|العشر الاخير|العشر الاخيره|third decade of|a la fin du|a la fin de|later|ending|اخريات",
}
_FRACTIONS: dict[int, str] = {
    2: "half|halves|moitie|النصف|نصف",
    3: "third|tiers|الثلث|ثلث",
    4: "quarter|quart|الربع|ربع",
}
_DAYS_OF_MONTH: dict[int, str] = {
    1: "غره|مستهل|هلال|ghurra|ghurrat|gurre|gurrat|mustahall|ghurrah",
    15: "منتصف شهر|منتصف|نصف شهر|النصف من|النصف من شهر",
    -1: "سلخ|منسلخ|انسلاخ|salkh|selh|آخر يوم من|اخر يوم من|اخر يوم في",
}
_TENS_OF_CENTURY = "عشرينات|ثلاثينات|اربعينات|خمسينات|ستينات|سبعينات|ثمانينات|تسعينات"


@cache
def vocabulary() -> dict[tuple[str, ...], Meaning]:
    """Return every phrase of folded words that is known, and what it says; later tables win over earlier ones."""
    known: dict[tuple[str, ...], Meaning] = {}

    def add(kind: Kind, value: Value, phrases: str) -> None:
        known.update({tuple(phrase.split()): (kind, value) for phrase in phrases.split("|")})

    for kind, phrases in _PLAIN.items():
        add(kind, None, phrases)
    for calendar, phrases in _CALENDARS.items():
        add(Kind.CALENDAR, calendar, phrases)
    for number, phrases in enumerate(_WEEKDAYS):
        add(Kind.WEEKDAY, number, phrases)
    for number, phrases in enumerate(_SEASONS):
        add(Kind.SEASON, number, phrases)
    for portion, phrases in _PORTIONS.items():
        add(Kind.PORTION, portion, phrases)
    for parts, phrases in _FRACTIONS.items():
        add(Kind.FRACTION, parts, phrases)
    for day, phrases in _DAYS_OF_MONTH.items():
        add(Kind.DAY_OF_MONTH, day, phrases)
    for tens, word in enumerate(_TENS_OF_CENTURY.split("|"), start=2):
        for form in (word, "ال" + word, word.replace("ات", "يات"), "ال" + word.replace("ات", "يات")):
            add(Kind.TENS_OF_CENTURY, tens * 10, form)
    known |= {name: (Kind.MONTH, meaning) for name, meaning in month_names().items()}
    return known


@cache
def phrases_by_first_word() -> dict[str, list[tuple[str, ...]]]:
    """Return the known phrases by their first word, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in vocabulary():
        found.setdefault(phrase[0], []).append(phrase)
    return {word: sorted(phrases, key=len, reverse=True) for word, phrases in found.items()}


@cache
def words_worth_guessing() -> dict[str, Meaning]:
    """Return the single words of five letters or more of which a misspelling is looked for: months and calendars."""
    plain = plain_month_names()
    return {
        phrase[0]: meaning
        for phrase, meaning in vocabulary().items()
        if len(phrase) == 1 and len(phrase[0]) >= 5 and (phrase in plain or meaning[0] is Kind.CALENDAR)
    }
