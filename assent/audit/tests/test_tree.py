"""Proofs out of the book: small whatever its length, and gone wrong the moment somebody touches anything."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import connection, transaction

from assent.audit import api, book, merkle, models, notes, tree
from assent.audit.contracts import Actor, Did, Forked, NotInTheBook
from assent.audit.tests.test_book import tamper
from assent.foundation.clock import from_millis, now
from assent.receipts import Broken, check_consistency, key_id, leaf_hash, read_checkpoint, read_key, root_from_path

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)
BLOCK = 1 << 8


def write(count, **detail):
    with transaction.atomic():
        return [
            api.write(Did.CONSENT_GIVEN, controller=1, by=Actor.system("test"), at=now(), about=2**62 + place, detail=detail)
            for place in range(count)
        ]


def held(proof, commitment=b""):
    """Check a proof as an outsider does, knowing only the log's key."""
    name, public = read_key(api.verifier_key())
    size, root, _ = read_checkpoint(proof.checkpoint, name, public)
    if root_from_path(proof.index, size, leaf_hash(proof.link + commitment), proof.path) != root:
        return False
    if proof.before:
        older, older_root, _ = read_checkpoint(proof.before, name, public)
        check_consistency(older, size, older_root, root, proof.growth)
    return True


def test_every_line_is_proved_against_the_first_checkpoint_that_has_it():
    lines = []
    for part in (3, 300, 1, 250):
        lines += write(part)
        api.seal_pending()
        assert api.checkpoint(at=now())
    assert not api.checkpoint(at=now())
    proofs = [api.prove(line=line, at=now()) for line in lines]
    assert [proof.index for proof in proofs] == list(range(554))
    sizes = [int(proof.checkpoint.split("\n")[1]) for proof in proofs]
    assert sizes == [3] * 3 + [303] * 300 + [304] + [554] * 250
    assert [bool(proof.before) for proof in proofs] == [False] * 3 + [True] * 551
    assert all(held(proof) for proof in proofs)
    assert max(len(proof.path) for proof in proofs) == 10
    assert api.verify() == []


def test_a_proof_stays_the_same_while_the_book_grows():
    [line] = write(1)
    first = api.prove(line=line, at=now())
    write(600)
    api.seal_pending()
    api.checkpoint(at=now())
    assert api.prove(line=line, at=now()) == first


def test_what_a_line_commits_to_is_in_its_leaf_and_the_line_says_nothing_else():
    commitment = b"c" * 32
    [line] = write(1, commitments=commitment.hex())
    proof = api.prove(line=line, at=now())
    assert held(proof, commitment)
    assert not held(proof)
    assert not held(proof, b"d" * 32)


def test_stored_hashes_are_two_for_each_block_and_a_proof_reads_few_rows(django_assert_max_num_queries):
    lines = write(BLOCK * 5 + 7)
    api.seal_pending()
    api.checkpoint(at=now())
    assert [height for height, _, _ in tree.stored_in_order()] == [8, 8, 9, 8, 8, 9, 10, 8]
    with django_assert_max_num_queries(12):
        assert held(api.prove(line=lines[300], at=now()))


def test_a_book_from_before_the_tree_gets_one():
    write(BLOCK + 5)
    with transaction.atomic():
        api.seal_pending()
    tamper_nodes("DELETE FROM audit_node")
    book.append(book.checkpoint_file(), signed_without_note())
    assert api.verify() == []
    assert models.Node.objects.count() == 1
    assert api.checkpoint(at=now()), "the last checkpoint signed no tree, so a new one is due"
    assert api.verify() == []


def signed_without_note():
    """Return a checkpoint as it was written before there were notes."""
    last = models.Line.objects.order_by("-number").first()
    body = {"number": last.number, "hash": bytes(last.hash).hex(), "at_ms": 1}
    return {**body, "signature": book.sign(body)}


def tamper_nodes(sql, *values):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_node DISABLE TRIGGER USER")
            cursor.execute(sql, values)
            cursor.execute("ALTER TABLE audit_node ENABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_node'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql, values)
            for _, text in triggers:
                cursor.execute(text)


@pytest.fixture
def _grown():
    write(BLOCK * 4 + 3, commitments="ab" * 32)
    api.seal_pending()
    api.checkpoint(at=now())


@pytest.mark.usefixtures("_grown")
@pytest.mark.parametrize(
    "sql",
    [
        *(f"UPDATE audit_node SET hash = audit_hash WHERE height = {h} AND place = 0" for h in (8, 9, 10)),
        "DELETE FROM audit_node WHERE height = 8 AND place = 2",
        "DELETE FROM audit_node WHERE height = 9",
        "INSERT INTO audit_node (height, place, hash) SELECT 8, 4, hash FROM audit_node WHERE height = 8 AND place = 0",
    ],
)
def test_a_subtree_hash_that_was_touched_is_found(sql):
    if "audit_hash" in sql:
        sql = sql.replace("audit_hash", "(SELECT hash FROM audit_node WHERE height = 8 AND place = 3)")
    tamper_nodes(sql)
    problems = api.verify()
    assert problems
    assert all("stored" in problem.what for problem in problems)


@pytest.mark.usefixtures("_grown")
def test_a_commitment_that_was_changed_is_found_even_if_the_chain_is_written_anew():
    tamper("UPDATE audit_line SET detail = %s WHERE number = 700", json.dumps({"commitments": "cd" * 32}))
    assert 700 in {problem.number for problem in api.verify()}
    tamper("UPDATE audit_line SET number = NULL, hash = NULL")
    tamper_nodes("DELETE FROM audit_node")
    api.seal_pending()
    whats = {problem.what for problem in api.verify() if problem.number == BLOCK * 4 + 3}
    assert any("chain was written anew" in what for what in whats)
    assert any("tree was written anew" in what for what in whats)


@pytest.mark.usefixtures("_grown")
def test_a_book_that_was_changed_is_signed_no_further():
    tamper("UPDATE audit_line SET detail = %s WHERE number = 1026", json.dumps({"commitments": "cd" * 32}))
    write(1)
    api.seal_pending()
    with pytest.raises(Forked, match="assent audit verify"):
        api.checkpoint(at=now())


@pytest.mark.usefixtures("_grown")
def test_a_line_nobody_wrote_has_no_proof():
    with pytest.raises(NotInTheBook):
        api.prove(line=999_999, at=now())


def test_a_checkpoint_is_found_among_many_with_forged_and_broken_lines_between():
    lines, path = [], book.checkpoint_file()
    for place in range(90):
        lines += write(2)
        api.seal_pending()
        api.checkpoint(at=from_millis(1_800_000_000_000 + place * 60_000))
        if place % 7 == 0:
            book.append(path, {"number": 10_000, "hash": "00", "note": "x", "at_ms": 1, "signature": "00" * 64})
        if place % 11 == 0:
            with path.open("ab") as file:
                file.write(b'{"number":')
    assert path.stat().st_size > 3 * book._NEARBY
    for place, line in enumerate(lines):
        before, first = book.around(place + 1)
        assert first["number"] == place // 2 * 2 + 2
        assert (before["number"] if before else 0) == place // 2 * 2
        if place % 13 == 0:
            assert held(api.prove(line=line, at=now()))
    assert book.around(181)[1] is None
    assert book.last_checkpoint()["number"] == 180


def test_a_note_has_the_form_that_other_tools_read():
    # Key and note of the documentation of golang.org/x/mod/sumdb/note (BSD 3-clause).
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    key = Ed25519PrivateKey.from_private_bytes(seed)
    name, public = read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert (name, public) == ("PeterNeumann", key.public_key().public_bytes_raw())
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    blob = base64.b64encode(key_id(name, 1, public) + key.sign(text.encode())).decode()
    assert blob == "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_a_checkpoint_is_a_note_signed_plainly_and_with_the_time():
    key = Ed25519PrivateKey.generate()
    note = notes.checkpoint(5, b"r" * 32, at_s=1_795_000_000, key=key)
    name, public = read_key(notes.verifier_key(key.public_key().public_bytes_raw()))
    lines = note.split("\n")
    assert lines[:4] == [name, "5", base64.b64encode(b"r" * 32).decode(), ""]
    plain, timed = (base64.b64decode(line.split(" ")[2]) for line in lines[4:6])
    body = "\n".join([*lines[:3], ""]).encode()
    Ed25519PublicKey.from_public_bytes(public).verify(plain[4:], body)
    Ed25519PublicKey.from_public_bytes(public).verify(timed[12:], b"cosignature/v1\ntime 1795000000\n" + body)
    assert read_checkpoint(note, name, public) == (5, b"r" * 32, 1_795_000_000)


def test_no_byte_of_a_checkpoint_can_change():
    key = Ed25519PrivateKey.generate()
    note = notes.checkpoint(5, b"r" * 32, at_s=1_795_000_000, key=key)
    name, public = read_key(notes.verifier_key(key.public_key().public_bytes_raw()))
    before_signatures = note.encode()[: note.index("—")]
    for place in range(len(before_signatures) - 1):
        wrong = bytearray(note.encode())
        wrong[place] ^= 1
        with pytest.raises((Broken, InvalidSignature, ValueError)):
            read_checkpoint(wrong.decode(), name, public)
    other = notes.checkpoint(5, b"r" * 32, at_s=1_795_000_000, key=Ed25519PrivateKey.generate())
    with pytest.raises((Broken, InvalidSignature, ValueError)):
        read_checkpoint(other, name, public)


def test_the_stored_tree_is_that_of_the_lines():
    write(BLOCK * 3)
    api.seal_pending()
    rows = models.Line.objects.order_by("number").values_list("hash", "detail")
    assert merkle.head(700, tree.reader()) == merkle.head(700, merkle.of_leaves([tree.leaf(bytes(h), d) for h, d in rows]))
