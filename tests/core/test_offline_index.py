"""The scripts of an offline edition: what they hand on, and that none of them grows with the edition."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from khizana.core.identifiers import ManuscriptId
from khizana.core.offline import index
from khizana.core.offline.index import HEAD, IndexMaker
from khizana.core.offline.scripts import data_script, folding_table
from khizana.core.policy import Agreement
from khizana.core.search.analysis import terms
from khizana.core.search.document import Line, Part, Passage, SearchDocument
from khizana.core.text.fold import fold


def document(number: int, title: str, note: str = "", line: str = "") -> SearchDocument:
    passages = (Passage(Part.TITLE, title), *((Passage(Part.NOTE, note),) if note else ()))
    lines = (Line(line, "1r", 1),) if line else ()
    return SearchDocument(ManuscriptId(f"tb-{number}"), f"TB {number}", passages, Agreement(), lines=lines)


def read(script: bytes) -> tuple[str, Any]:
    """Return what a browser would be handed, its checksum compared."""
    found = re.fullmatch(r'khizana\((".*?"),"([0-9a-f]{8})",(".*")\);\n', script.decode(), re.DOTALL)
    assert found
    text = json.loads(found[3])
    assert f"{zlib.crc32(text.encode()):08x}" == found[2]
    return json.loads(found[1]), json.loads(text)


def postings(scripts: Iterator[tuple[str, bytes]]) -> dict[str, dict[int, int]]:
    """Return, for each term, the documents that have it with their weights."""
    found: dict[str, dict[int, int]] = {}
    for path, content in scripts:
        name, value = read(content)
        assert name == path
        if path == HEAD:
            continue
        for term, steps in zip(value["terms"], value["found"], strict=True):
            assert term not in found
            number, found[term] = 0, {}
            for step in steps:
                number += step
                found[term][number >> 2] = number & 3
    return found


@pytest.mark.parametrize("run", [3, 200_000])
def test_every_term_leads_to_what_has_it(monkeypatch: pytest.MonkeyPatch, run: int) -> None:
    monkeypatch.setattr(index, "_RUN", run)
    documents = [
        document(0, "كتاب النجوم", note="On the stars"),
        document(1, "The stars", line="بسم الله الرحمن الرحيم"),
        document(2, "رسالة في الأسطرلاب"),
    ]
    with IndexMaker() as maker:
        assert [maker.add(each) for each in documents] == [0, 1, 2]
        found = postings(maker.scripts())
    assert found["stars"] == {0: 1, 1: 3}
    assert found[terms("النجوم")[0]] == {0: 3}
    assert found[terms("الرحمن")[0]] == {1: 1}
    assert found["tb"] == {0: 3, 1: 3, 2: 3}


def test_no_script_grows_with_the_edition_and_each_begins_where_the_head_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "LARGEST", 2_000)
    with IndexMaker() as maker:
        for number in range(400):
            maker.add(document(number, f"title number{number} word{number * 7919}"))
        scripts = dict(maker.scripts())
    head = read(scripts.pop(HEAD))[1]
    shards = [read(content)[1]["terms"] for content in scripts.values()]
    assert len(shards) > 5
    assert head["firsts"] == [terms_[0] for terms_ in shards]
    assert head["count"] == 400
    together = [term for shard in shards for term in shard]
    assert together == sorted(together)
    small = [len(content) for content in scripts.values()]
    assert max(small) < 12_000  # one term may have every document


def test_nothing_in_a_script_ends_it_early() -> None:
    hostile = "</script><script>alert(1)</script>\u2028\u2029\"'\\\n\x00<!--\ud800"
    script = data_script("s/x.js", {"title": hostile})
    assert b"<" not in script
    assert script.count(b"\n") == 1
    assert "\u2028" not in script.decode()
    assert read(script)[1]["title"].startswith("</script>")


def test_the_table_is_the_folding_of_the_library() -> None:
    table = {char: folded for folded, chars in folding_table().items() for char in chars}
    for text in ("أَحْمَدُ بابا", "ﷺ", "Ṣaḥīḥ", "ﻻ", "١٢٣", "ɓ", "œuvre"):
        assert "".join(table.get(char, char) for char in text) == fold(text).text
    assert all(char != folded for char, folded in table.items())
