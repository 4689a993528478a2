"""The tree against the reference vectors of transparency-dev, and against the definition of RFC 6962 read literally."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from assent.audit import merkle
from assent.receipts import Broken, check_consistency, leaf_hash, node_hash, root_from_path

VECTORS = json.loads((Path(__file__).parent / "data" / "merkle.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
EMPTY, SOME = bytes.fromhex(VECTORS["empty"]), bytes.fromhex(VECTORS["some"])
TREE = merkle.of_leaves(LEAVES)
MOST = 140  # leaves of the largest tree tried: beyond a power of two, and every pair of sizes below


def proofs(kind):
    return [(*(value for key, value in one.items() if key != "proof"), [bytes.fromhex(p) for p in one["proof"]])
            for one in VECTORS[kind]]  # fmt: skip


def included(index, size, root, leaf, path):
    try:
        return root_from_path(index, size, leaf, path) == root
    except Broken:
        return False


def consistent(old, size, old_root, root, path):
    try:
        check_consistency(old, size, old_root, root, path)
    except Broken:
        return False
    return True


def flipped(proof, bit):
    for place, part in enumerate(proof):
        yield [*proof[:place], bytes([part[0] ^ bit]) + part[1:], *proof[place + 1 :]]


def test_the_heads_are_those_of_the_reference():
    assert merkle.head(0, TREE) == EMPTY
    assert [merkle.head(size, TREE) for size in range(1, 9)] == ROOTS


@pytest.mark.parametrize(("leaf", "size", "proof"), proofs("inclusion"))
def test_a_proof_of_inclusion_is_the_reference_and_every_corruption_is_refused(leaf, size, proof):
    index, hashed, root = leaf - 1, LEAVES[leaf - 1], ROOTS[size - 1]
    assert merkle.inclusion(index, size, TREE) == proof
    assert included(index, size, root, hashed, proof)
    corrupt = [
        (index - 1, size, root, hashed, proof), (index + 1, size, root, hashed, proof), (index ^ 2, size, root, hashed, proof),
        (index, size * 2, root, hashed, proof), (index, size // 2, root, hashed, proof),
        (index, size, root, b"WrongLeaf", proof), (index, size, EMPTY, hashed, proof), (index, size, SOME, hashed, proof),
        *((index, size, root, hashed, [*proof, more]) for more in (b"", root)),
        *((index, size, root, hashed, [more, *proof]) for more in (b"", root)),
        *((index, size, root, hashed, wrong) for wrong in flipped(proof, 8)),
        *((index, size, root, hashed, proof[:-1]) for _ in proof[:1]),
        *((index, size, root, hashed, [proof[0], SOME, *proof[1:]]) for _ in proof[1:2]),
    ]  # fmt: skip
    assert [one for one in corrupt if included(*one)] == []


@pytest.mark.parametrize(("old", "size", "proof"), proofs("consistency"))
def test_a_proof_of_consistency_is_the_reference_and_every_corruption_is_refused(old, size, proof):
    first, root = ROOTS[old - 1], ROOTS[size - 1]
    assert merkle.consistency(old, size, TREE) == proof
    assert consistent(old, size, first, root, proof)
    corrupt = [
        *((old, size, first, root, [*proof, more]) for more in (b"", first, root)),
        *((old, size, first, root, [more, *proof]) for more in (b"", first, root, *proof[:1])),
        (old, size, b"WrongRoot", root, proof), (old, size, first, b"WrongRoot", proof),
    ]  # fmt: skip
    if proof:
        corrupt += [
            (old - 1, size, first, root, proof), (old + 1, size, first, root, proof), (old ^ 2, size, first, root, proof),
            (old, size * 2, first, root, proof), (old, size // 2, first, root, proof), (old, size, root, first, proof),
            (old, size, first, root, []), (old, size, first, root, proof[:-1]),
            *((old, size, first, root, wrong) for wrong in flipped(proof, 16)),
        ]  # fmt: skip
    assert [one for one in corrupt if consistent(*one)] == []


@pytest.mark.parametrize(
    ("sizes", "first", "second", "proof", "holds"),
    [
        ((0, 0), SOME, EMPTY, [], False),
        ((1, 1), SOME, EMPTY, [], False),
        ((0, 0), SOME, SOME, [], True),
        ((0, 1), SOME, EMPTY, [], True),
        ((1, 1), SOME, SOME, [], True),
        ((1, 0), SOME, EMPTY, [], False),
        ((2, 1), SOME, EMPTY, [], False),
        ((1, 2), SOME, EMPTY, [], False),
        ((0, 0), EMPTY, EMPTY, [EMPTY], False),
        ((0, 1), EMPTY, EMPTY, [EMPTY], False),
        ((1, 1), EMPTY, EMPTY, [EMPTY], False),
    ],
)
def test_the_edges_are_those_of_the_reference(sizes, first, second, proof, holds):
    assert consistent(*sizes, first, second, proof) is holds


def split(leaves):
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return leaves[:middle], leaves[middle:]


def literal_head(leaves):
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    left, right = split(leaves)
    return node_hash(literal_head(left), literal_head(right))


def literal_path(index, leaves):
    if len(leaves) == 1:
        return []
    left, right = split(leaves)
    if index < len(left):
        return [*literal_path(index, left), literal_head(right)]
    return [*literal_path(index - len(left), right), literal_head(left)]


def literal_subproof(old, leaves, whole):
    if old == len(leaves):
        return [] if whole else [literal_head(leaves)]
    left, right = split(leaves)
    if old <= len(left):
        return [*literal_subproof(old, left, whole), literal_head(right)]
    return [*literal_subproof(old - len(left), right, False), literal_head(left)]


def test_every_head_and_proof_up_to_some_size_is_what_the_rfc_says():
    data = [str(place).encode() for place in range(MOST)]
    node, growing = merkle.of_leaves([leaf_hash(one) for one in data]), merkle.Growing()
    completed = {}
    heads = [literal_head(data[:size]) for size in range(MOST + 1)]
    for size in range(MOST + 1):
        assert merkle.head(size, node) == heads[size] == growing.head()
        for old in range(size):
            assert root_from_path(old, size, leaf_hash(data[old]), merkle.inclusion(old, size, node)) == heads[size]
            check_consistency(old, size, heads[old], heads[size], merkle.consistency(old, size, node))
        if size < MOST:
            completed |= {(height, place): found for height, place, found in growing.add(leaf_hash(data[size]))}
    assert completed == {at: node(*at) for at in completed}
    for size in (1, 2, 3, 7, 8, 9, 64, 65, 127, 128, 129):
        for old in range(size):
            assert merkle.inclusion(old, size, node) == literal_path(old, data[:size])
            assert merkle.consistency(old, size, node) == (literal_subproof(old, data[:size], True) if old else [])


def test_what_is_not_in_the_tree_has_no_proof():
    for index, size in ((8, 8), (-1, 8), (0, 0)):
        with pytest.raises(ValueError, match="there is no leaf"):
            merkle.inclusion(index, size, TREE)
    with pytest.raises(ValueError, match="can't begin with"):
        merkle.consistency(9, 8, TREE)
