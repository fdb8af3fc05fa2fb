"""The tree of the ledger against the public test vectors of Certificate Transparency, and its laws.

The vectors are facts of transparency-dev/merkle: testonly/constants.go (leaves, roots) and testonly/reference_test.go
(proofs), the reference implementation's for RFC 6962.
"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.preservation.ledger.tree import (
    EMPTY,
    Frontier,
    consistency_spans,
    includes,
    inclusion_spans,
    is_consistent,
    leaf_hash,
    node_hash,
    roots_of,
)

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_6E = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
_96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_FA = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
_5F = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_BC = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_6B = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_CA = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_D3 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
_0E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 2, [_96]),
    (1, 2, [_6E]),
    (2, 3, [_FA]),
    (1, 5, [_6E, _5F, _BC]),
    (0, 8, [_96, _5F, _6B]),
    (5, 8, [_BC, _CA, _D3]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [_96, _5F, _6B]),
    (2, 5, [_5F, _BC]),
    (6, 8, [_0E, _CA, _D3]),
]

sizes = st.integers(1, 140)


def hashes(size: int) -> list[bytes]:
    return [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]


def made_up(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def root_of(leaves: list[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier.root()


def tree_hash(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return node_hash(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(hashes(size)).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_audit_paths_are_those_of_certificate_transparency(index: int, size: int, path: list[str]) -> None:
    made = roots_of(inclusion_spans(index, size), hashes(size))
    assert [each.hex() for each in made] == path
    assert includes(bytes.fromhex(ROOTS[size]), size=size, index=index, leaf=hashes(size)[index], path=made)


@pytest.mark.parametrize(("old", "size", "path"), CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, size: int, path: list[str]) -> None:
    made = roots_of(consistency_spans(old, size), hashes(size))
    assert [each.hex() for each in made] == path
    assert is_consistent(bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]), old=old, size=size, path=made)


def test_the_example_of_the_rfc_has_the_shape_that_it_draws() -> None:
    """RFC 6962, section 2.1.3: seven leaves, letters as there."""
    assert inclusion_spans(0, 7) == ((1, 2), (2, 4), (4, 7))  # b, h, l
    assert inclusion_spans(3, 7) == ((2, 3), (0, 2), (4, 7))  # c, g, l
    assert inclusion_spans(4, 7) == ((5, 6), (6, 7), (0, 4))  # f, j, k
    assert inclusion_spans(6, 7) == ((4, 6), (0, 4))  # i, k
    assert consistency_spans(3, 7) == ((2, 3), (3, 4), (0, 2), (4, 7))  # c, d, g, l
    assert consistency_spans(4, 7) == ((4, 7),)  # l
    assert consistency_spans(6, 7) == ((4, 6), (6, 7), (0, 4))  # i, j, k


@given(st.integers(0, 140))
def test_a_growing_tree_has_the_root_of_the_definition(size: int) -> None:
    assert root_of(made_up(size)) == tree_hash(made_up(size))


@given(sizes, st.data())
def test_a_frontier_taken_up_again_goes_on(size: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, size))
    leaves = made_up(size)
    first = Frontier()
    for leaf in leaves[:cut]:
        first.add(leaf)
    second = Frontier(first.size, first.peaks)
    for leaf in leaves[cut:]:
        second.add(leaf)
    assert second.root() == tree_hash(leaves)


def altered(data: st.DataObject, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """A path that is another one: a hash flipped, left out, added, or two of them exchanged."""
    kind = data.draw(st.sampled_from(["flip", "drop", "add", "swap"] if path else ["add"]))
    at = data.draw(st.integers(0, max(len(path) - 1, 0)))
    changed = list(path)
    if kind == "flip":
        flipped = bytearray(changed[at])
        flipped[data.draw(st.integers(0, 31))] ^= data.draw(st.integers(1, 255))
        changed[at] = bytes(flipped)
    elif kind == "drop":
        del changed[at]
    elif kind == "swap" and len(changed) > 1:
        changed[at], changed[at - 1] = changed[at - 1], changed[at]
    else:
        changed.insert(at, data.draw(st.binary(min_size=32, max_size=32)))
    return tuple(changed)


@given(sizes, st.data())
def test_every_audit_path_verifies_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    leaves = made_up(size)
    index = data.draw(st.integers(0, size - 1))
    root, leaf = tree_hash(leaves), leaves[index]
    path = roots_of(inclusion_spans(index, size), leaves)
    assert includes(root, size=size, index=index, leaf=leaf, path=path)
    other = data.draw(st.binary(min_size=32, max_size=32))
    assert not includes(root, size=size, index=index, leaf=other, path=path)
    assert not includes(other, size=size, index=index, leaf=leaf, path=path)
    assert not includes(root, size=size, index=index, leaf=leaf, path=altered(data, path))
    elsewhere = data.draw(st.integers(-2, size + 2).filter(lambda number: number != index))
    assert not includes(root, size=size, index=elsewhere, leaf=leaf, path=path)
    # A size is bound by the root that is signed with it: the tree of another size has another root.
    larger = size + data.draw(st.integers(1, 40))
    assert not includes(tree_hash(made_up(larger)), size=larger, index=index, leaf=leaf, path=path)


@given(sizes, st.data())
def test_every_consistency_proof_verifies_and_nothing_else_does(size: int, data: st.DataObject) -> None:
    leaves = made_up(size)
    old = data.draw(st.integers(1, size))
    old_root, root = tree_hash(leaves[:old]), tree_hash(leaves)
    path = roots_of(consistency_spans(old, size), leaves)
    assert is_consistent(old_root, root, old=old, size=size, path=path)
    other = data.draw(st.binary(min_size=32, max_size=32))
    assert not is_consistent(other, root, old=old, size=size, path=path)
    assert not is_consistent(old_root, other, old=old, size=size, path=path)
    assert not is_consistent(old_root, root, old=old, size=size, path=altered(data, path))
    assert not is_consistent(old_root, root, old=size + 1, size=size, path=path)
    forged = [*leaves]
    forged[data.draw(st.integers(0, old - 1))] = leaf_hash(b"another")
    forged_path = roots_of(consistency_spans(old, size), forged)
    assert not is_consistent(old_root, tree_hash(forged), old=old, size=size, path=forged_path)


def test_every_proof_of_every_size_up_to_forty_verifies() -> None:
    for size in range(1, 41):
        leaves = made_up(size)
        root = tree_hash(leaves)
        for number in range(size):
            path = roots_of(inclusion_spans(number, size), leaves)
            assert includes(root, size=size, index=number, leaf=leaves[number], path=path)
            proof = roots_of(consistency_spans(number + 1, size), leaves)
            assert is_consistent(tree_hash(leaves[: number + 1]), root, old=number + 1, size=size, path=proof)


def test_the_empty_tree_begins_every_tree() -> None:
    root = tree_hash(made_up(3))
    assert is_consistent(EMPTY, root, old=0, size=3, path=())
    assert not is_consistent(root, root, old=0, size=3, path=())
    assert not is_consistent(EMPTY, root, old=0, size=3, path=(root,))
    assert not is_consistent(root, EMPTY, old=3, size=0, path=())


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_path(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_spans(index, size)
    with pytest.raises(ValueError, match="older tree"):
        consistency_spans(size + 1, size)


def test_too_few_leaves_and_a_false_frontier_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        roots_of(((0, 4),), made_up(3))
    with pytest.raises(ValueError, match="frontier"):
        Frontier(3, [EMPTY])
