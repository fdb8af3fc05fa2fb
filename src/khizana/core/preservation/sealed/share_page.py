"""The printable page of one share: the words, and in three languages what they are and what to do with them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from textwrap import fill

from khizana.core.findings import LANGUAGES

_COLUMNS = 3
_WIDTH = 78  # characters of a line of text

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 15mm }}
body {{ font: 10.5pt/1.4 serif; max-width: 180mm; margin: auto }}
h1 {{ font-size: 14pt; margin: 0 }}
ol {{ columns: 3; font: 13pt/1.6 monospace; border: 1px solid; padding-block: 3mm; padding-inline: 15mm 3mm }}
section {{ break-inside: avoid; margin-block-start: 4mm }}
p {{ margin-block: 1.5mm }}
code {{ overflow-wrap: anywhere }}
</style>
</head>
<body>
<ol dir="ltr" lang="en">
{words}
</ol>
{sections}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class SharePage:
    """What stands on the page of one share."""

    library: str
    number: int
    """From 1."""
    shares: int
    needed: int
    words: str
    recipient: str
    """The public key, by which everyone sees to which key a page belongs."""

    def text(self) -> str:
        """Return the page as plain text."""
        words = [f"{place:2}. {word:<12}" for place, word in enumerate(self.words.split(), start=1)]
        height = -(-len(words) // _COLUMNS)
        rows = ["  ".join(words[row::height]).rstrip() for row in range(height)]
        told = []
        for language in LANGUAGES:
            title, *paragraphs = self._paragraphs(language)
            told += [
                f"{title}\n{'=' * len(title)}",
                *(fill(each, _WIDTH, break_on_hyphens=False) for each in paragraphs),
            ]
            told.append(f"    {self.recipient}")
        return "\n".join(rows) + "\n\n" + "\n\n".join(told) + "\n"

    def html(self) -> str:
        """Return the page as HTML that needs nothing else."""
        sections = []
        for language in LANGUAGES:
            title, *paragraphs = self._paragraphs(language)
            told = "\n".join(f"<p>{escape(each)}</p>" for each in paragraphs)
            direction = "rtl" if language == "ar" else "ltr"
            sections.append(
                f'<section lang="{language}" dir="{direction}">\n<h1>{escape(title)}</h1>\n{told}\n'
                f'<p dir="ltr"><code>{escape(self.recipient)}</code></p>\n</section>'
            )
        return _PAGE.format(
            title=escape(f"{self.library} {self.number}/{self.shares}"),
            words="\n".join(f"<li>{escape(word)}</li>" for word in self.words.split()),
            sections="\n".join(sections),
        )

    def _paragraphs(self, language: str) -> list[str]:
        text = (files(__package__) / "guide" / f"share-{language}.txt").read_text(encoding="utf-8")
        facts = {"library": self.library, "number": self.number, "shares": self.shares, "needed": self.needed}
        return Template(text).substitute(facts).strip().split("\n\n")
