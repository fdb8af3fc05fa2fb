"""The twelve specimens: two codices and ten sets of loose leaves, 152 folio sides."""

from __future__ import annotations

from khizana.core.specimen.book import Book, Look
from khizana.core.specimen.paper import Stock

CREAM = Stock((232, 216, 184), foxing=0.35, damp=0.35, wear=0.25, browning=0.45, worms=2)
STRAW = Stock((226, 205, 165), foxing=0.3, damp=0.5, wear=0.55, browning=0.6, worms=3)
GREY = Stock((224, 213, 188), laid=19.0, foxing=0.5, damp=0.25, wear=0.4, browning=0.4, worms=1)
TAWNY = Stock((214, 188, 145), laid=25.0, foxing=0.25, damp=0.6, wear=0.8, browning=0.7, worms=5)
PALE = Stock((237, 225, 199), laid=20.0, foxing=0.2, damp=0.2, wear=0.2, browning=0.3, worms=0)

CHARCOAL = (56, 56, 58)
ASH = (124, 123, 120)
SLATE = (66, 71, 76)

BOOKS = (
    Book(
        1,
        "astronomy",
        {
            "ar": "نموذج: مختصر في علم الهيئة",
            "ar-Latn": "Namūdhaj: Mukhtaṣar fī ʿilm al-hayʾa",
            "fr": "Spécimen : abrégé d’astronomie",
            "en": "Specimen: a short astronomy",
        },
        "مختصر في علم الهيئة",
        40,
        Look(CREAM, board=CHARCOAL, framed=True),
        bound=True,
        figures={9: "declination", 14: "spheres", 21: "signs", 28: "astrolabe"},
        names="camera",
    ),
    Book(
        2,
        "law",
        {
            "ar": "نموذج: مختصر في المعاملات",
            "ar-Latn": "Namūdhaj: Mukhtaṣar fī l-muʿāmalāt",
            "fr": "Spécimen : abrégé des transactions",
            "en": "Specimen: a short book of transactions",
        },
        "مختصر في المعاملات",
        32,
        Look(
            STRAW,
            ink=(56, 36, 24),
            red=(170, 62, 32),
            board=SLATE,
            leaf=(1420, 1960),
            measure=900,
            lines=17,
            pitch=86,
            size=58,
            top=240,
        ),
        bound=True,
        maghribi=True,
        names="camera",
    ),
    Book(
        3,
        "mathematics",
        {
            "ar": "نموذج: رسالة في الحساب",
            "ar-Latn": "Namūdhaj: Risāla fī l-ḥisāb",
            "fr": "Spécimen : traité d’arithmétique",
            "en": "Specimen: a treatise on arithmetic",
        },
        "رسالة في الحساب",
        10,
        Look(GREY, ink=(34, 32, 34), board=CHARCOAL),
        figures={5: "multiplication"},
    ),
    Book(
        4,
        "recitation",
        {
            "ar": "نموذج: رسالة في التجويد",
            "ar-Latn": "Namūdhaj: Risāla fī l-tajwīd",
            "fr": "Spécimen : traité de récitation coranique",
            "en": "Specimen: a treatise on Quranic recitation",
        },
        "رسالة في التجويد",
        8,
        Look(PALE, ink=(30, 24, 22), red=(176, 40, 36), board=SLATE, lines=13, pitch=118, size=78, top=270),
        names="camera",
    ),
    Book(
        5,
        "letters",
        {
            "ar": "نموذج: رسائل إخوانية",
            "ar-Latn": "Namūdhaj: Rasāʾil ikhwāniyya",
            "fr": "Spécimen : lettres",
            "en": "Specimen: letters between friends",
        },
        "رسائل إخوانية",
        6,
        Look(
            STRAW,
            ink=(62, 42, 28),
            red=(140, 52, 34),
            board=ASH,
            leaf=(1440, 1900),
            measure=1020,
            lines=15,
            pitch=90,
            size=62,
            top=230,
            inner=190,
        ),
        opens=False,
        maghribi=True,
        format="tif",
    ),
    Book(
        6,
        "ajami",
        {
            "ar": "نموذج: أقوال بلغة الهوسا بالحرف العربي",
            "ar-Latn": "Namūdhaj: Aqwāl bi-lughat al-Hawsā",
            "fr": "Spécimen : dits en haoussa, en écriture ajami",
            "en": "Specimen: sayings in Hausa, in Ajami script",
        },
        "كتاب الأقوال",
        8,
        Look(TAWNY, ink=(36, 26, 20), red=(164, 48, 26), board=CHARCOAL, lines=11, pitch=140, size=74, top=280),
        opens=False,
    ),
    Book(
        7,
        "astronomy",
        {
            "ar": "نموذج: أوراق في المنازل والبروج",
            "ar-Latn": "Namūdhaj: Awrāq fī l-manāzil wa-l-burūj",
            "fr": "Spécimen : feuillets sur les mansions et les signes",
            "en": "Specimen: leaves on mansions and signs",
        },
        "أوراق في المنازل",
        8,
        Look(TAWNY, ink=(44, 32, 24), board=SLATE, leaf=(1400, 1980), measure=880, lines=16, inner=210),
        opens=False,
        maghribi=True,
        figures={3: "signs"},
        names="camera",
        sideways=True,
    ),
    Book(
        8,
        "law",
        {
            "ar": "نموذج: أوراق في الوقف والوديعة",
            "ar-Latn": "Namūdhaj: Awrāq fī l-waqf wa-l-wadīʿa",
            "fr": "Spécimen : feuillets sur les fondations et les dépôts",
            "en": "Specimen: leaves on endowments and deposits",
        },
        "أوراق في الوقف",
        8,
        Look(GREY, red=(150, 36, 44), board=ASH, pitch=86, size=58, lines=18),
        opens=False,
    ),
    Book(
        9,
        "mathematics",
        {
            "ar": "نموذج: أوراق في الجبر والمقابلة",
            "ar-Latn": "Namūdhaj: Awrāq fī l-jabr wa-l-muqābala",
            "fr": "Spécimen : feuillets d’algèbre",
            "en": "Specimen: leaves on algebra",
        },
        "أوراق في الجبر",
        6,
        Look(CREAM, ink=(52, 36, 26), board=CHARCOAL, leaf=(1380, 1900), measure=880, lines=15, pitch=92, inner=190),
        opens=False,
        maghribi=True,
        format="png",
    ),
    Book(
        10,
        "recitation",
        {
            "ar": "نموذج: مخارج الحروف وصفاتها",
            "ar-Latn": "Namūdhaj: Makhārij al-ḥurūf wa-ṣifātuhā",
            "fr": "Spécimen : l’articulation des lettres",
            "en": "Specimen: how the letters are sounded",
        },
        "رسالة في مخارج الحروف",
        10,
        Look(STRAW, ink=(32, 26, 22), red=(178, 58, 30), board=CHARCOAL, pitch=96, size=66, lines=16),
        maghribi=True,
    ),
    Book(
        11,
        "letters",
        {
            "ar": "نموذج: جوابات ومكاتبات",
            "ar-Latn": "Namūdhaj: Jawābāt wa-mukātabāt",
            "fr": "Spécimen : réponses et correspondance",
            "en": "Specimen: replies and correspondence",
        },
        "جوابات",
        6,
        Look(
            PALE,
            ink=(48, 40, 40),
            board=SLATE,
            leaf=(1320, 1820),
            measure=940,
            lines=14,
            pitch=90,
            size=60,
            top=230,
            inner=170,
        ),
        opens=False,
        names="camera",
    ),
    Book(
        12,
        "astronomy",
        {
            "ar": "نموذج: رسالة في العمل بالأسطرلاب",
            "ar-Latn": "Namūdhaj: Risāla fī l-ʿamal bi-l-asṭurlāb",
            "fr": "Spécimen : traité de l’astrolabe",
            "en": "Specimen: a treatise on the astrolabe",
        },
        "رسالة في العمل بالأسطرلاب",
        10,
        Look(CREAM, ink=(40, 32, 28), red=(168, 44, 30), board=ASH),
        figures={4: "astrolabe", 7: "declination"},
    ),
)
