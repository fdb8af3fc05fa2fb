"""Sealed copies: what goes in comes out, byte for byte, and nothing else does."""

from __future__ import annotations

from pathlib import Path

from data.ocfl_objects import make_root, place_0003
from data.sealing import Site, tree
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.sealed.check import check_sealed
from khizana.core.preservation.sealed.unseal import Restored, unseal


def test_a_storage_root_comes_back_byte_for_byte(tmp_path: Path) -> None:
    storage = make_root(tmp_path / "storage", ["urn:a:1", "urn:a:2"])
    site = Site.made(tmp_path)
    site.seal_root(storage, [storage / place_0003(each) for each in ("urn:a:1", "urn:a:2")])
    assert all(isinstance(each, Intact) for each in check_sealed(site.store))
    assert all(isinstance(each, Intact) for each in check_sealed(site.store, opener=site.opener))
    outcomes = list(unseal(site.store, site.opener, tmp_path / "back"))
    assert [type(each) for each in outcomes] == [Restored] * 3
    assert tree(tmp_path / "back" / "storage") == tree(storage)
    assert sorted(each.name for each in (tmp_path / "back").iterdir()) == ["storage"]
