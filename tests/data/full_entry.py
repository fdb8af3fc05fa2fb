"""One entry with something in every field, as a cataloguer of a family library would write it."""

from __future__ import annotations

from khizana.core.catalogue.entry import (
    Entry,
    HistoryNote,
    Located,
    NoteKind,
    Origin,
    Person,
    PersonKind,
    Phrase,
    Physical,
    Place,
    Text,
    Unit,
)
from khizana.core.dates import parse_date

SCRIBE = Person(
    (Phrase("محمد بن أحمد", "ar"), Phrase("Muḥammad b. Aḥmad", "ar-Latn")), "scribe", "https://viaf.org/viaf/1"
)
FAMILY = Person((Phrase("آل القاضي", "ar"),), "owner", "", PersonKind.FAMILY)
AUTHOR = Person((Phrase("أحمد بابا", "ar"), Phrase("Ahmad Baba", "en")), "author", "https://viaf.org/viaf/95802241")
TEXT = Text(
    titles=(Phrase("رسالة في النجوم", "ar"), Phrase("Risālah fī al-nujūm", "ar-Latn")),
    work="https://example.org/works/7",
    locus="1v-12r",
    persons=(AUTHOR, Person((Phrase("X", "none"),), "translator")),
    languages=("ar",),
    rubric=(Phrase("باب", "ar"),),
    incipit=(Phrase("الحمد لله", "ar"),),
    explicit=(Phrase("تم", "ar"),),
    colophon=(Phrase("كتبه محمد سنة 1135", "ar"),),
    notes=(Phrase("Incomplete.", "en"), Phrase("Incomplet.", "fr")),
)
FULL = Entry(
    shelfmark="تب 42",
    former_shelfmarks=("Old 7",),
    identifiers=(("oclc", "123"), ("bibid", "9")),
    titles=(Phrase("مجموع", "ar"), Phrase("A collection", "en")),
    languages=("ar", "ha-Arab"),
    owner=(Phrase("آل القاضي", "ar"), Phrase("The family of the judge", "en")),
    custodian=(Phrase("خزانة تمبكتو", "ar"), Phrase("Bibliothèque de Tombouctou", "fr")),
    holding=(Phrase("Manuscrits", "fr"), Phrase("Fonds ancien", "fr")),
    present_location=(Phrase("Room 3, box 9", "en"),),
    country="Mali",
    settlement="Tombouctou",
    summary=(Phrase("رسائل", "ar"), Phrase("Letters on the stars.", "en")),
    texts=(TEXT, Text(titles=(Phrase("Second", "en"),), persons=(SCRIBE,))),
    units=(
        Unit(
            "B",
            texts=(Text(titles=(Phrase("ثالث", "ar"),)),),
            origin=Origin((parse_date("1200 AH"),)),
            physical=Physical(extent=(Phrase("3 leaves", "en"),), leaves=3, material="paper"),
            history=(HistoryNote(NoteKind.OWNERSHIP, (Phrase("Owned by Y", "en"),)),),
        ),
        Unit("fragment 2", fragment=True),
    ),
    persons=(SCRIBE, FAMILY, Person((Phrase("School of Z", "en"),), "patron", "", PersonKind.ORGANISATION)),
    origin=Origin(
        (parse_date("1135 AH"), parse_date("سنة ١١٣٥")),
        (Place((Phrase("تمبكتو", "ar"), Phrase("Tombouctou", "fr")), "https://www.geonames.org/2449067"),),
    ),
    physical=Physical(
        extent=(Phrase("58 leaves : 197 x 155 (134 x 92) mm", "en"),),
        leaves=58,
        height=197,
        width=155,
        written_height=134,
        written_width=92,
        lines="21-25",
        material="paper",
        support=(Phrase("European paper", "en"),),
        collation=(Phrase("1-5 (10)", "none"),),
        ruling=(Phrase("Dry point", "en"),),
        layout=(Phrase("One column", "en"),),
        script=(Phrase("خط سوداني", "ar"), Phrase("Souqi", "fr")),
        script_styles=("sudani", "suqi"),
        decoration=(
            Located((Phrase("A circle of the spheres", "en"),), "4r", "diagram"),
            Located((Phrase("Red headings", "en"), Phrase("عناوين حمراء", "ar"))),
        ),
        binding=(Phrase("Goatskin", "en"),),
        condition=(Phrase("Damaged by water", "en"), Phrase("متضرر", "ar")),
    ),
    history=(
        HistoryNote(NoteKind.OWNERSHIP, (Phrase("ملكه فلان", "ar"),), "1r", (FAMILY,), parse_date("1210 AH")),
        HistoryNote(NoteKind.ENDOWMENT, (Phrase("وقف على المسجد", "ar"), Phrase("Endowed", "en"))),
        HistoryNote(NoteKind.TEACHING, (Phrase("إجازة", "ar"),), "58v"),
        HistoryNote(NoteKind.ACQUISITION, (Phrase("Bought", "en"),)),
    ),
    subjects=(Phrase("فلك", "ar"), Phrase("Astronomy", "en")),
    genres=(Phrase("Letters", "en"),),
    notes=(Phrase("Read by many.", "en"),),
    extra=(("رقم الرف", "7"), ("Column K", "green")),
)
