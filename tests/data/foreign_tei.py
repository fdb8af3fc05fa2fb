"""A description as others write it, with things in it that no model knows."""

from __future__ import annotations

BASE = """<?xml version="1.0"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>
<titleStmt><title>Description of a manuscript</title></titleStmt>
<sourceDesc><msDesc>
<msIdentifier><idno>T 1</idno></msIdentifier>
<msContents>{contents}</msContents>
{more}
</msDesc></sourceDesc></fileDesc>{profile}</teiHeader>{after}</TEI>"""


def tei(contents: str = "", *, more: str = "", profile: str = "", after: str = "") -> bytes:
    return BASE.format(contents=contents, more=more, profile=profile, after=after).encode()


FOREIGN = tei(
    "<summary>Old <hi>words</hi></summary><!-- kept --><textLang mainLang='ara'>Arabic</textLang><?keep this?>"
    "<msItem xml:id='i1'><locus from='1v' to='2r'/><author ref='http://viaf.org/viaf/1'>A</author>"
    "<title xml:lang='ara'>كتاب</title>"
    "<incipit>الحمد</incipit><filiation>unknown</filiation></msItem>",
    more="<physDesc><objectDesc form='codex'><supportDesc><extent>3 leaves</extent><foliation>modern</foliation>"
    "<condition>Good</condition></supportDesc></objectDesc><x:odd xmlns:x='urn:x' a='1'>odd</x:odd></physDesc>"
    "<history><origin><origDate when='1723' cert='low'>1135 AH</origDate><origPlace>Timbuktu</origPlace></origin>"
    "<provenance>One</provenance></history>",
    profile="<profileDesc><textClass><keywords n='subjects'>"
    "<term target='urn:1'>Stars</term></keywords></textClass></profileDesc>",
)  # fmt: skip
