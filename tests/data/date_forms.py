"""Written forms of dates in Arabic, English and French, and the days that each means.

One form a line: the words, the first and the last moment, and the codes of the findings that it must bring. A moment
is a letter for the calendar (h tabular Hijri, u Umm al-Qura, c common, j Julian, g Gregorian, k Coptic) and a year,
month or day: as the first moment it is its first day, as the last one its last; "~" is five years before or after it.
Two dots are an open end, and a dash says that the words are not understood. The forms are those of colophons and of
catalogues.
"""

from __future__ import annotations

from dataclasses import dataclass

ARABIC = """
٣ رجب ١١٠٧ | h1107-07-03 | h1107-07-03
3 رجب 1107 هـ | h1107-07-03 | h1107-07-03
۳ رجب ۱۱۰۷ | h1107-07-03 | h1107-07-03
في ٣ رجب سنة ١١٠٧ | h1107-07-03 | h1107-07-03
٣ من شهر رجب الفرد سنة ١١٠٧ هجرية | h1107-07-03 | h1107-07-03
الثالث من رجب سنة سبع ومائة وألف | h1107-07-03 | h1107-07-03
ثالث رجب سنة ١١٠٧ | h1107-07-03 | h1107-07-03
في اليوم الثالث من شهر رجب عام سبعة ومائة وألف | h1107-07-03 | h1107-07-03
يوم الثلاثاء ثالث رجب ١١٠٧ | h1107-07-03 | h1107-07-03
يوم الأربعاء ٣ رجب ١١٠٧ | h1107-07-04 | h1107-07-04 | DATE_WEEKDAY_CHOSE
يوم الجمعة ٣ رجب ١١٠٧ | h1107-07-03 | h1107-07-03 | DATE_WEEKDAY_DISAGREES
الثاني عشر من ربيع الأول سنة ١٢٠٠ | h1200-03-12 | h1200-03-12
الحادي عشر من محرم ١٢٠٠ | h1200-01-11 | h1200-01-11
الحادي والعشرين من صفر ١٢٠٠ | h1200-02-21 | h1200-02-21
الخامس والعشرون من شوال ١١٥٠ | h1150-10-25 | h1150-10-25
العشرين من ذي القعدة ١١٥٠ | h1150-11-20 | h1150-11-20
غرة رجب ١١٠٧ | h1107-07-01 | h1107-07-01
غرّة شهر رمضان المبارك سنة ١١٠٧ | h1107-09-01 | h1107-09-01
مستهل شعبان ١١٠٧ | h1107-08-01 | h1107-08-01
منتصف شهر رجب سنة ١١٠٧ | h1107-07-15 | h1107-07-15
النصف من شعبان ١١٠٧ | h1107-08-15 | h1107-08-15
سلخ رجب ١١٠٧ | h1107-07-30 | h1107-07-30
سلخ صفر ١١٠٧ | h1107-02-29 | h1107-02-29
أوائل رجب ١١٠٧ | h1107-07-01 | h1107-07-10
أواسط رجب ١١٠٧ | h1107-07-11 | h1107-07-20
أواخر رجب ١١٠٧ | h1107-07-21 | h1107-07-30
في أواخر شهر صفر الخير سنة ١١٠٧ | h1107-02-21 | h1107-02-29
العشر الأول من رجب ١١٠٧ | h1107-07-01 | h1107-07-10
العشر الأوسط من رجب ١١٠٧ | h1107-07-11 | h1107-07-20
العشر الأواخر من رمضان ١١٠٧ | h1107-09-21 | h1107-09-30
لثلاث خلون من رجب سنة ١١٠٧ | h1107-07-03 | h1107-07-03
لعشر خلت من رجب ١١٠٧ | h1107-07-10 | h1107-07-10
لثلاث بقين من رجب سنة ١١٠٧ | h1107-07-26 | h1107-07-27
رجب ١١٠٧ | h1107-07 | h1107-07
شهر رجب سنة 1107 هـ | h1107-07 | h1107-07
محرّم الحرام ١٢١٣ | h1213-01 | h1213-01
ربيع الآخر ١٢١٣ | h1213-04 | h1213-04
ربيع الثاني ١٢١٣ | h1213-04 | h1213-04
ربيع النبوي ١٢١٣ | h1213-03 | h1213-03
جمادى الأولى ١٢١٣ | h1213-05 | h1213-05
جمادى الآخرة ١٢١٣ | h1213-06 | h1213-06
جمادى الثانية سنة ١٢١٣ | h1213-06 | h1213-06
شوّال ١٢١٣ | h1213-10 | h1213-10
ذو القعدة ١٢١٣ | h1213-11 | h1213-11
ذي الحجة الحرام ١٢١٣ | h1213-12 | h1213-12
ربيع ١٢١٣ | - | -
١١٠٧ | h1107 | h1107 | DATE_CALENDAR_ASSUMED
سنة ١١٠٧ | h1107 | h1107 | DATE_CALENDAR_ASSUMED
١١٠٧ هـ | h1107 | h1107
١١٠٧هـ. | h1107 | h1107
١١٠٧ هجري | h1107 | h1107
١١٠٧ هجريه | h1107 | h1107
سنة ١١٠٧ للهجرة | h1107 | h1107
عام 1107 من الهجرة النبوية | h1107 | h1107
سنة سبع ومائة وألف | h1107 | h1107
سنة سبع ومئة وألف من الهجرة | h1107 | h1107
سنة ثلاث عشرة ومائتين وألف | h1213 | h1213
سنة خمس وعشرين وثلاثمائة وألف | h1325 | h1325
سنة تسعمائة وأربع وستين | h964 | h964
سنة ألف ومائتين | h1200 | h1200
عام اثنين وثمانين وتسعمائة | h982 | h982
١٦٩٦ م | c1696 | c1696
سنة ١٦٩٦ ميلادية | c1696 | c1696
١٦٩٦ للميلاد | c1696 | c1696
١٨٩٩ | c1899 | c1899
٧ فبراير ١٦٩٦ | c1696-02-07 | c1696-02-07
٧ شباط ١٦٩٦ | c1696-02-07 | c1696-02-07
٧ فيفري ١٨٩٦ | c1896-02-07 | c1896-02-07
١٢ جويلية ١٩٠٢ | c1902-07-12 | c1902-07-12
١٥ تشرين الثاني ١٩٠٢ م | c1902-11-15 | c1902-11-15
كانون الأول ١٩٠٢ | c1902-12 | c1902-12
١٥ غشت ١٩٠٢ | c1902-08-15 | c1902-08-15
١٥ توت ١٤١٢ للشهداء | k1412-01-15 | k1412-01-15
١٤١٢ للشهداء | k1412 | k1412
برمهات ١٤١٢ قبطي | k1412-07 | k1412-07
القرن الحادي عشر الهجري | h1001 | h1100
القرن الحادي عشر | h1001 | h1100 | DATE_CALENDAR_ASSUMED
القرن ١١ هـ | h1001 | h1100
القرن ١١هـ / ١٧م | c1601 | h1100
ق ١١ هـ | h1001 | h1100
ق 12هـ/18م | c1701 | h1200
القرن الثالث عشر الهجري / التاسع عشر الميلادي | c1801 | h1300
القرن السابع عشر الميلادي | c1601 | c1700
القرن العشرين | c1901 | c2000
أوائل القرن الحادي عشر الهجري | h1001 | h1033
منتصف القرن الحادي عشر الهجري | h1034 | h1066
أواخر القرن الحادي عشر الهجري | h1067 | h1100
النصف الأول من القرن الثاني عشر الهجري | h1101 | h1150
النصف الثاني من القرن الثاني عشر هـ | h1151 | h1200
الربع الأخير من القرن ١٢ هـ | h1176 | h1200
الثلث الأول من القرن الثاني عشر الهجري | h1101 | h1133
ثمانينات القرن الثاني عشر الهجري | h1181 | h1190
أوائل سنة ١١٠٧ هـ | h1107-01 | h1107-04
قبل ١٢٠٠ هـ | .. | h1199
قبل سنة ١٢٠٠ هجرية | .. | h1199
بعد ١٢٠٠ هـ | h1201 | ..
حتى ١٢٠٠ هـ | .. | h1200
منذ ١٢٠٠ هـ | h1200 | ..
بين ١١٠٠ و١١٥٠ هـ | h1100 | h1150
ما بين سنة ١١٠٠ و ١١٥٠ هجرية | h1100 | h1150
من ١١٠٠ إلى ١١٥٠ هـ | h1100 | h1150
١١٠٠-١١٥٠ هـ | h1100 | h1150
١١٠٠ - ١١٥٠هـ | h1100 | h1150
٣-٧ رجب ١١٠٧ | h1107-07-03 | h1107-07-07
رجب - شعبان ١١٠٧ | h1107-07 | h1107-08
١١٠٧ أو ١١٠٨ هـ | h1107 | h1108 | DATE_SEVERAL
نحو ١١٠٧ هـ | ~h1107 | ~h1107
حوالي سنة ١١٠٧ هـ | ~h1107 | ~h1107
تقريبا ١٧٠٠ م | ~c1700 | ~c1700
ربما ١١٠٧ هـ | h1107 | h1107
١١٠٧ هـ؟ | h1107 | h1107
١١٠٧هـ / ١٦٩٦م | c1696-01 | h1107
١١٠٧هـ (١٦٩٥-١٦٩٦م) | h1107 | h1107
١١٠٧ هـ = ١٦٩٥ م | h1107 | c1695-12
١١٠٧/١٦٩٦ | c1696-01 | h1107
١١٠٧ هـ الموافق ١٦٩٦ م | c1696-01 | h1107
٣ رجب ١١٠٧ هـ الموافق ٧ فبراير ١٦٩٦ م | h1107-07-03 | h1107-07-03
١٢٥٩ هـ / ١٨٧٨ م | h1259 | c1878 | DATE_CALENDARS_DISAGREE
٧/٣/١١٠٧ | h1107-03-07 | h1107-07-03 | DATE_AMBIGUOUS
٢٥/٣/١١٠٧ هـ | h1107-03-25 | h1107-03-25
١١٠٧/٣/٢٥ هـ | h1107-03-25 | h1107-03-25
١ محرم ١٤٠٠ بتقويم أم القرى | u1400-01-01 | u1400-01-01
١ محرم ١٢٠٠ بتقويم أم القرى | h1200-01-01 | h1200-01-01 | DATE_UMM_AL_QURA_UNKNOWN
تاريخه «غقز» ١١٠٧ | h1107 | h1107 | DATE_CHRONOGRAM
تاريخه «شقز» ١١٠٧ | h1107 | h1107 | DATE_CHRONOGRAM
بحساب الجمل: غقز | h1007 | h1107 | DATE_CHRONOGRAM_AMBIGUOUS
بدون تاريخ | .. | .. | DATE_UNDATED
بلا تاريخ | .. | .. | DATE_UNDATED
د.ت. | .. | .. | DATE_UNDATED
غير مؤرخ | .. | .. | DATE_UNDATED
غير معروف | .. | .. | DATE_UNDATED
٣ رجـــب ١١٠٧ | h1107-07-03 | h1107-07-03
رَجَب ١١٠٧ | h1107-07 | h1107-07
رمظان ١١٠٧ | - | -
رمضاان ١١٠٧ | h1107-09 | h1107-09 | DATE_SPELLING
٣١ رجب ١١٠٧ | h1107-07 | h1107-07 | DATE_DAY_IMPOSSIBLE
٣٠ صفر ١١٠٧ | h1107-03-01 | h1107-03-01
سنة ١٧٠٠ هـ | - | - | DATE_YEAR_BEYOND
أوائل رجب | .. | .. | DATE_NO_YEAR
خط مغربي جميل | - | - | DATE_NOT_UNDERSTOOD
صيف ١٩٠٢ م | c1902-06 | c1902-08
وكان الفراغ منه في أواخر ذي الحجة سنة ١٢٣٤ هـ | h1234-12-21 | h1234-12
القرنين ١٢ و١٣ هـ | h1101 | h1300 | DATE_SEVERAL
نسخ سنة ١١٠٧ هـ | h1107 | h1107
"""

ENGLISH = """
3 Rajab 1107 | h1107-07-03 | h1107-07-03
3 Rajab 1107 AH | h1107-07-03 | h1107-07-03
3rd Rajab 1107 A.H. | h1107-07-03 | h1107-07-03
the 3rd of Rajab, 1107 | h1107-07-03 | h1107-07-03
the third of Rajab 1107 | h1107-07-03 | h1107-07-03
Rajab 3, 1107 | h1107-07-03 | h1107-07-03
1107 Rajab 3 | h1107-07-03 | h1107-07-03
Tuesday, 3 Rajab 1107 | h1107-07-03 | h1107-07-03
Wednesday 3 Rajab 1107 | h1107-07-04 | h1107-07-04 | DATE_WEEKDAY_CHOSE
Friday 3 Rajab 1107 | h1107-07-03 | h1107-07-03 | DATE_WEEKDAY_DISAGREES
4 Rabīʿ I 1107 | h1107-03-04 | h1107-03-04
4 Rabīʿ II 1107 | h1107-04-04 | h1107-04-04
4 Rabīʿ al-awwal 1107 | h1107-03-04 | h1107-03-04
4 Rabi' al-Thani 1107 | h1107-04-04 | h1107-04-04
4 Rabīʿ al-ākhir 1107 | h1107-04-04 | h1107-04-04
Rebiülevvel 1107 | h1107-03 | h1107-03
Jumādá al-ūlá 1107 | h1107-05 | h1107-05
Jumada I 1107 | h1107-05 | h1107-05
Jumādā II 1107 | h1107-06 | h1107-06
Ǧumādā l-āḫira 1107 | h1107-06 | h1107-06
Jumada al-Thaniya 1107 | h1107-06 | h1107-06
Muḥarram 1107 | h1107-01 | h1107-01
Ṣafar 1107 | h1107-02 | h1107-02
Raǧab 1107 | h1107-07 | h1107-07
Shaʿbān 1107 | h1107-08 | h1107-08
Šaʿbān 1107 | h1107-08 | h1107-08
Ramazan 1107 | h1107-09 | h1107-09
Shawwāl 1107 | h1107-10 | h1107-10
Dhū al-Qaʿdah 1107 | h1107-11 | h1107-11
Dhu'l-Qa'da 1107 | h1107-11 | h1107-11
Ḏū l-Qaʿda 1107 | h1107-11 | h1107-11
12 Dhu al-Hijja 1107 | h1107-12-12 | h1107-12-12
Zilhicce 1107 | h1107-12 | h1107-12
Ḏū l-Ḥiǧǧa 1107 | h1107-12 | h1107-12
Rabi' 1107 | h1107-03 | h1107-04 | DATE_AMBIGUOUS
Jumada 1107 | h1107-05 | h1107-06 | DATE_AMBIGUOUS
Rajabb 1107 | h1107-07 | h1107-07 | DATE_SPELLING
awa'il Rajab 1107 | h1107-07-01 | h1107-07-10
awāʾil Rajab 1107 | h1107-07-01 | h1107-07-10
awasit Rajab 1107 | h1107-07-11 | h1107-07-20
awākhir Rajab 1107 | h1107-07-21 | h1107-07-30
early Rajab 1107 | h1107-07-01 | h1107-07-10
mid-Rajab 1107 | h1107-07-11 | h1107-07-20
end of Ramadan 1107 | h1107-09-21 | h1107-09-30
beginning of Muharram 1200 | h1200-01-01 | h1200-01-10
ghurrat Rajab 1107 | h1107-07-01 | h1107-07-01
salkh Rajab 1107 | h1107-07-30 | h1107-07-30
1107 AH | h1107 | h1107
A.H. 1107 | h1107 | h1107
AH1107 | h1107 | h1107
1107H | h1107 | h1107
1107 h. | h1107 | h1107
1107 hijri | h1107 | h1107
1107 hijiri | h1107 | h1107 | DATE_SPELLING
1107 A. H. | h1107 | h1107
1107 Anno Hegirae | h1107 | h1107
1107 (Hijri) | h1107 | h1107
the year 1107 of the Hijra | h1107 | h1107
[1107] AH | h1107 | h1107
1696 | c1696 | c1696
1696 CE | c1696 | c1696
A.D. 1696 | c1696 | c1696
[1696] | c1696 | c1696
1107 | c1107 | c1107 | DATE_CALENDAR_ASSUMED
50 BC | c-49 | c-49
7 February 1696 | c1696-02-07 | c1696-02-07
February 7, 1696 | c1696-02-07 | c1696-02-07
7 Feb. 1696 | c1696-02-07 | c1696-02-07
1560 June 16 | c1560-06-16 | c1560-06-16
February 1696 | c1696-02 | c1696-02
Sept. 1901 | c1901-09 | c1901-09
1695-08-12 | c1695-08-12 | c1695-08-12
12.8.1695 | c1695-08-12 | c1695-12-08 | DATE_AMBIGUOUS
25/3/1695 | c1695-03-25 | c1695-03-25
3/3/1695 | c1695-03-03 | c1695-03-03
7/3/1107 AH | h1107-03-07 | h1107-07-03 | DATE_AMBIGUOUS
30 February 1696 | c1696-02 | c1696-02 | DATE_DAY_IMPOSSIBLE
5 March 1582 (Julian) | j1582-03-05 | j1582-03-05
5 March 1700 Old Style | j1700-03-05 | j1700-03-05
5 March 1500 Gregorian | g1500-03-05 | g1500-03-05
15 Tut 1412 AM | k1412-01-15 | k1412-01-15
3 Thout 1600 Coptic | k1600-01-03 | k1600-01-03
1 Muharram 1400 (Umm al-Qura) | u1400-01-01 | u1400-01-01
17th century | c1601 | c1700
17th c. | c1601 | c1700
17 c. | c1601 | c1700
seventeenth century | c1601 | c1700
11th century AH | h1001 | h1100
12th cent. H. | h1101 | h1200
s. XVII | c1601 | c1700
saec. XV | c1401 | c1500
11th/17th c. | c1601 | h1100
11th/17th century | c1601 | h1100
11th-12th/17th-18th c. | c1601 | h1200
17th-18th century | c1601 | c1800
17th to 18th c. | c1601 | c1800
17th or 18th century | c1601 | c1800 | DATE_SEVERAL
late 14th to early 15th century | c1367 | c1433
early 17th century | c1601 | c1633
mid-17th century | c1634 | c1666
mid 17th c. | c1634 | c1666
late 17th century | c1667 | c1700
first half of the 17th century | c1601 | c1650
1st half 17th c. | c1601 | c1650
second half of the 17th c. | c1651 | c1700
third quarter of the 18th century | c1751 | c1775
last quarter of the 18th century | c1776 | c1800
last third of the 18th century | c1767 | c1800
18-- | c1800 | c1899
18--? | c1800 | c1899
186- | c1860 | c1869
18-- or 19-- | c1800 | c1999 | DATE_SEVERAL
17--?-18--? | c1700 | c1899
1860s | c1860 | c1869
1860's | c1860 | c1869
late 1860s | c1866 | c1869
1800s | c1800 | c1899
before 1200 AH | .. | h1199
before A.H. 1200 | .. | h1199
not after 1200 AH | .. | h1200
after 1722 | c1723 | ..
After 1200 AH | h1201 | ..
not before 1722 | c1722 | ..
no later than 1722 | .. | c1722
until 1107 AH | .. | h1107
from 1722 | c1722 | ..
before Rajab 1107 | .. | h1107-06
after 3 Rajab 1107 | h1107-07-04 | ..
between 1860 and 1875 | c1860 | c1875
between 1860 and 1875? | c1860 | c1875
between 1860-1875 | c1860 | c1875
between 1550 and A.H. 1029 (1619) | c1550 | c1619
between A.H. 1268 (1851) and 1276 (1859) | h1268 | c1859
From 1784 to 1812 | c1784 | c1812
1784-1812 | c1784 | c1812
1784–1812 | c1784 | c1812
1494-98 | c1494 | c1498
1494-8 | c1494 | c1498
1785 or 6 | c1785 | c1786 | DATE_SEVERAL
1785 or 1786 | c1785 | c1786 | DATE_SEVERAL
1695/6 | c1695 | c1696
1695/96 | c1695 | c1696
1908- | c1908 | ..
1900-9999 | c1900 | .. | DATE_PLACEHOLDER
1812-1784 | c1784 | c1812 | DATE_RANGE_REVERSED
3-7 Rajab 1107 | h1107-07-03 | h1107-07-07
Rajab-Shaʿban 1107 | h1107-07 | h1107-08
July-December, 1862 | c1862-07 | c1862-12
1874-June 1876 | c1874 | c1876-06
from 3 Rajab to 5 Shaban 1107 | h1107-07-03 | h1107-08-05
990-992 A.H. (1582-1584) | h990 | c1584
A.H. 1107 (1696) | c1696-01 | h1107
A.H. 502 (1108-1109) | h502 | h502
1107/1696 | c1696-01 | h1107
1107/1695-6 | h1107 | h1107
1107/1695-96 | h1107 | h1107
1107 AH/1696 CE | c1696-01 | h1107
1107 AH (1695 or 1696) | h1107 | h1107 | DATE_SEVERAL
1259/1878 | h1259 | c1878 | DATE_CALENDARS_DISAGREE
A.H. 1259 (1878) | h1259 | c1878 | DATE_CALENDARS_DISAGREE
3 Rajab 1107/7 February 1696 | h1107-07-03 | h1107-07-03
3 Rajab 1107 / 8 February 1696 | h1107-07-04 | h1107-07-04
3 Rajab 1107 AH, corresponding to 7 February 1696 | h1107-07-03 | h1107-07-03
A.H. 1224, 1259 (1809, 1843) | h1224 | c1843 | DATE_SEVERAL
1888 (AG 2199) | c1888 | c1888 | DATE_CALENDAR_NOT_CONVERTED
5633 (1873) | c1873 | c1873 | DATE_CALENDAR_NOT_CONVERTED
ca. 1700 | ~c1700 | ~c1700
c. 1700 | ~c1700 | ~c1700
circa 1107 AH | ~h1107 | ~h1107
approximately 1700-1750 | ~c1700 | ~c1750
ca. 1767-1771 | ~c1767 | ~c1771
between approximately 1700 and 1750 | ~c1700 | c1750
about 1700 | ~c1700 | ~c1700
1700? | c1700 | c1700
probably 1700 | c1700 | c1700
probably between 1700 and 1750 | c1700 | c1750
spring 1695 | c1695-03 | c1695-05
autumn 1695 | c1695-09 | c1695-11
winter 1695 | c1694-12 | c1696-02 | DATE_AMBIGUOUS
n.d. | .. | .. | DATE_UNDATED
[n.d.] | .. | .. | DATE_UNDATED
N. D. | .. | .. | DATE_UNDATED
undated | .. | .. | DATE_UNDATED
no date | .. | .. | DATE_UNDATED
unknown | .. | .. | DATE_UNDATED
? | .. | .. | DATE_UNDATED
9999 | .. | .. | DATE_PLACEHOLDER
0000 | .. | .. | DATE_PLACEHOLDER
Rajab | .. | .. | DATE_NO_YEAR
copied 1107 AH | h1107 | h1107
chronogram: «غقز» = 1107 | h1107 | h1107 | DATE_CHRONOGRAM
chronogram: «غقز» = 1108 | h1007 | h1107 | DATE_CHRONOGRAM_DISAGREES
after 1550-1560 | c1550 | ..
before 1311 AH/1893 | .. | c1893-07-14
after 1311 AH/1893 | c1894 | ..
19th-century | c1801 | c1900
13th century A.H./19th century A.D. | c1801 | h1300
AH 1204-5/1789-91 | h1204 | h1205
n.d. [19th century] | c1801 | c1900 | DATE_UNDATED
n.d. (ca. 1850) | ~c1850 | ~c1850 | DATE_UNDATED
yawm al-jumʿa 6 Rajab 1107 | h1107-07-06 | h1107-07-06
Ramaḍān al-muʿaẓẓam 1107 | h1107-09 | h1107-09
MS 1107 | - | - | DATE_NOT_UNDERSTOOD
ff. 1-12 | - | - | DATE_NOT_UNDERSTOOD
Granada | - | - | DATE_NOT_UNDERSTOOD
page 12 of the book | - | - | DATE_NOT_UNDERSTOOD
1878 AH | - | - | DATE_YEAR_BEYOND
"""

FRENCH = """
3 rajab 1107 | h1107-07-03 | h1107-07-03
le 3 rajab 1107 H. | h1107-07-03 | h1107-07-03
3 redjeb 1107 de l'hégire | h1107-07-03 | h1107-07-03
mardi 3 rajab 1107 | h1107-07-03 | h1107-07-03
mercredi 3 rajab 1107 | h1107-07-04 | h1107-07-04 | DATE_WEEKDAY_CHOSE
1er ramadan 1200 H | h1200-09-01 | h1200-09-01
1er moharram 1200 | h1200-01-01 | h1200-01-01
rabi' al-awwal 1107 | h1107-03 | h1107-03
rabî' II 1107 | h1107-04 | h1107-04
djoumada al-oula 1107 | h1107-05 | h1107-05
chaabane 1107 | h1107-08 | h1107-08
chawwâl 1107 | h1107-10 | h1107-10
dhou l-qa'da 1107 | h1107-11 | h1107-11
dhoû l-hijja 1107 | h1107-12 | h1107-12
l'an 1107 de l'hégire | h1107 | h1107
en 1107 de l'hégire | h1107 | h1107
1107 hégirien | h1107 | h1107
année 1107 H. | h1107 | h1107
1107 hegirre | h1107 | h1107 | DATE_SPELLING
début rajab 1107 | h1107-07-01 | h1107-07-10
milieu de rajab 1107 | h1107-07-11 | h1107-07-20
fin rajab 1107 | h1107-07-21 | h1107-07-30
fin du mois de rajab 1107 | h1107-07-21 | h1107-07-30
7 février 1696 | c1696-02-07 | c1696-02-07
le 7 février 1696 | c1696-02-07 | c1696-02-07
1er août 1902 | c1902-08-01 | c1902-08-01
décembre 1902 | c1902-12 | c1902-12
en 1696 | c1696 | c1696
1696 apr. J.-C. | c1696 | c1696
1696 après J.-C. | c1696 | c1696
50 av. J.-C. | c-49 | c-49
5 mars 1582 (julien) | j1582-03-05 | j1582-03-05
XVIIe s. | c1601 | c1700
XVIIe siècle | c1601 | c1700
XVIIème siècle | c1601 | c1700
17e siècle | c1601 | c1700
17ème s. | c1601 | c1700
dix-septième siècle | - | -
XIe s. H. | h1001 | h1100
XIe siècle de l'hégire | h1001 | h1100
XIe/XVIIe siècle | c1601 | h1100
XIe-XIIe/XVIIe-XVIIIe s. | c1601 | h1200
XVIIe-XVIIIe siècles | c1601 | c1800
XVIIe ou XVIIIe siècle | c1601 | c1800 | DATE_SEVERAL
début du XVIIe siècle | c1601 | c1633
milieu du XVIIe siècle | c1634 | c1666
fin du XVIIe siècle | c1667 | c1700
fin XVIIe s. | c1667 | c1700
première moitié du XVIIe siècle | c1601 | c1650
1ère moitié du XVIIe s. | c1601 | c1650
2e moitié du XVIIe s. | c1651 | c1700
seconde moitié du XIXe siècle | c1851 | c1900
premier tiers du XVIIe siècle | c1601 | c1633
3e quart du XVIIIe s. | c1751 | c1775
dernier quart du XVIIIe siècle | c1776 | c1800
avant 1200 H | .. | h1199
avant 1200 de l'hégire | .. | h1199
après 1200 H | h1201 | ..
pas avant 1722 | c1722 | ..
au plus tard 1722 | .. | c1722
au plus tard en 1722 | .. | c1722
jusqu'en 1722 | .. | c1722
depuis 1722 | c1722 | ..
entre 1100 et 1150 H | h1100 | h1150
entre 1784 et 1812 | c1784 | c1812
de 1784 à 1812 | c1784 | c1812
du 3 au 7 rajab 1107 | h1107-07-03 | h1107-07-07
1107 ou 1108 H | h1107 | h1108 | DATE_SEVERAL
vers 1700 | ~c1700 | ~c1700
v. 1700 | ~c1700 | ~c1700
environ 1107 H | ~h1107 | ~h1107
aux environs de 1700 | ~c1700 | ~c1700
1700 environ | ~c1700 | ~c1700
peut-être 1700 | c1700 | c1700
années 1860 | c1860 | c1869
1107 H/1696 | c1696-01 | h1107
1107 H. (1695-1696) | h1107 | h1107
1107/1696 apr. J.-C. | c1696-01 | h1107
1107 H, soit 1696 | c1696-01 | h1107
printemps 1695 | c1695-03 | c1695-05
été 1695 | c1695-06 | c1695-08
s.d. | .. | .. | DATE_UNDATED
s. d. | .. | .. | DATE_UNDATED
sans date | .. | .. | DATE_UNDATED
non daté | .. | .. | DATE_UNDATED
date inconnue | .. | .. | DATE_UNDATED
chronogramme : « غقز » 1107 | h1107 | h1107 | DATE_CHRONOGRAM
beau papier vergé | - | - | DATE_NOT_UNDERSTOOD
début XXe | c1901 | c1933
fin XIXe-début XXe siècle | c1867 | c1933
31 rajab 1107 | h1107-07 | h1107-07 | DATE_DAY_IMPOSSIBLE
"""


@dataclass(frozen=True, slots=True)
class Form:
    """A written date, the first and last moment that it means, and the codes that it must bring."""

    words: str
    first: str
    last: str
    codes: tuple[str, ...]


def forms() -> list[Form]:
    """Return every form of the three tables."""
    found = []
    for line in (ARABIC + ENGLISH + FRENCH).strip().splitlines():
        if line:
            words, first, last, *codes = (part.strip() for part in line.split(" | "))
            found.append(Form(words, first, last, tuple(codes)))
    return found
