"""Receipts: what the person is handed says what the record stood on, in terms that others read, and can be checked."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pyshacl
import pytest
import rdflib
from django.db import DatabaseError, connection, transaction
from pyld import jsonld

from assent import receipts as verifier
from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import canonical, scope
from assent.privacy.consent import api, leaves, models
from assent.privacy.consent.contracts import Choice, Method, NoReceipt
from assent.privacy.consent.store import ConsentStore
from assent.privacy.policy import api as policy

pytestmark = pytest.mark.django_db(databases="__all__")
DATA = Path(__file__).parent / "data"
PROOF = "assent:proof"


def read(receipt):
    return json.loads(receipt.data)


def record_of(receipt):
    return read(receipt)["dpv:hasRecordOfActivity"][0]


def status(receipt):
    return record_of(receipt)["dpv:hasConsentStatus"][0]["@type"]


@pytest.fixture
def every_kind(people):
    """Ada agrees, explicitly; agrees again; takes it back; refuses text messages; chooses in the banner; asks twice."""
    people.says_yes("ada", explicit=True)
    people.seal()
    people.says_yes("ada")
    people.says_no("ada", channel="email")
    people.says_no("ada", channel="sms")
    people.says_yes("ada", purpose="performance", channel="any", wording="", method=Method.BANNER)
    people.says_yes("ada", purpose="advertising", channel="onsite", wording="advertising_choice")
    people.seal()
    return people.receipts("ada")


def test_each_kind_of_choice_is_told_by_its_own_term(every_kind):
    assert [status(one) for one in every_kind] == [
        ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
        ["dpv:RenewedConsentGiven", "dpv:ExpressedConsent"],
        ["dpv:ConsentWithdrawn"],
        ["dpv:ConsentRefused"],
        ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
    ]


def test_every_receipt_verifies_with_the_published_key(every_kind):
    for one in every_kind:
        said = verifier.check(one.data, audit.verifier_key())
        assert "line" in said[1]
    assert "did not have it yet" in " ".join(verifier.check(every_kind[-1].data))


def triples(document):
    return rdflib.Graph().parse(data=jsonld.to_rdf(document, {"format": "application/n-quads"}), format="nt")


def test_the_given_example_conforms_too():
    shapes = rdflib.Graph().parse(DATA / "consent-27560.shapes.ttl")
    example = triples(json.loads((DATA / "consent-27560.example.jsonld").read_text()))
    assert len(example) == 47
    assert pyshacl.validate(example, shacl_graph=shapes)[0]


def test_every_receipt_conforms_to_the_shapes(every_kind):
    shapes = rdflib.Graph().parse(DATA / "consent-27560.shapes.ttl")
    for one in every_kind:
        graph = triples(read(one))
        conforms, _, words = pyshacl.validate(graph, shacl_graph=shapes)
        assert conforms, words
        assert len(list(graph.subjects(rdflib.RDF.type, rdflib.URIRef("https://w3id.org/dpv#ConsentRecord")))) == 1


def test_the_shapes_would_notice(every_kind):
    shapes = rdflib.Graph().parse(DATA / "consent-27560.shapes.ttl")
    whole = record_of(every_kind[0])
    for member in [name for name in whole if name.startswith(("dpv:has", "dct:conf"))]:
        if member == "dpv:hasApplicableLaw":
            continue  # the guide lets it be absent
        broken = read(every_kind[0])
        del broken["dpv:hasRecordOfActivity"][0][member]
        assert not pyshacl.validate(triples(broken), shacl_graph=shapes)[0], member


def walk(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_no_term_is_lost_on_expansion_and_none_needs_the_network(every_kind):
    def refuse(url, options):
        message = f"asked for {url}"
        raise AssertionError(message)

    for one in every_kind:
        document = read(one)
        [expanded] = jsonld.expand(document, {"documentLoader": refuse})
        kept = {key for key, _ in walk(expanded)}
        assert all("://" in key or key.startswith(("@", "urn:")) or key in {"form", "key"} for key in kept - proof_keys(one))
        context = document["@context"]
        used = {key for key, _ in walk({k: v for k, v in document.items() if k not in {"@context", PROOF}})}
        for term in used - banner_keys(document):
            prefix, _, name = term.partition(":")
            if not term.startswith("@"):
                assert context[prefix] + name in kept, term
        assert jsonld.expand(jsonld.compact([expanded], context, {"documentLoader": refuse})) == [expanded]


def proof_keys(receipt):
    document = read(receipt)
    return {key for key, _ in walk(document[PROOF])} | banner_keys(document)


def banner_keys(document):
    banner = document["dpv:hasRecordOfActivity"][0]["dpv:hasNotice"].get("assent:banner", {})
    return {key for key, _ in walk(banner)}


def test_terms_are_those_of_the_vocabulary(people, every_kind):
    known = set((DATA / "dpv-terms.txt").read_text().split())
    bloom = policy.current(controller=people.bloom).policy
    declared = {f"dpv:{term}" for purpose in bloom.purposes.values() for term in purpose.dpv}
    for one in every_kind:
        document = {key: value for key, value in read(one).items() if key not in {"@context", PROOF}}
        used = set(re.findall(r'"(dpv:[A-Za-z]+)"', json.dumps(document)))
        assert used - declared <= known


def test_it_says_what_the_policy_of_that_day_said(people, every_kind):
    one, bloom = record_of(every_kind[0]), policy.current(controller=people.bloom)
    purpose = bloom.policy.purposes["direct_marketing"]
    [process] = one["dpv:hasProcess"]
    assert process["dpv:hasPurpose"]["dct:title"] == {"@value": purpose.title["ro"], "@language": "ro"}
    assert process["dpv:hasLegalBasis"] == ["eu-gdpr:A6-1-a"]
    assert len(process["dpv:hasPersonalData"]) == len(purpose.data)
    assert {"@type": "dpv:StorageDuration", "dpv:hasDuration": "P3Y", "assent:countedFrom": "last_interaction"} in process[
        "dpv:hasStorageCondition"
    ]
    assert [recipient["dpv:hasName"] for recipient in process["dpv:hasRecipient"]] == ["Process Lab SRL"]
    assert one["dpv:hasDataController"]["dpv:hasName"] == "Bloom Fashion SRL"
    assert one["dpv:hasJurisdiction"] == "loc:RO"
    assert one["dpv:hasNotice"]["dct:identifier"] == bloom.digest
    assert "Bloom Fashion SRL" in one["dpv:hasNotice"]["dct:description"]["@value"]
    assert sha256(one["dpv:hasNotice"]["assent:shown"].encode()).hexdigest() == bloom.text_digests["marketing_email", "ro"]
    assert {right["@type"][1] for right in one["dpv:hasRight"]} == {
        f"eu-gdpr:A{article}" for article in ("7-3", "15", "16", "17", "18", "20", "21", "77")
    }


def test_a_transfer_names_its_safeguard(every_kind):
    [process] = record_of(every_kind[5])["dpv:hasProcess"]
    measures = [one["dpv:hasLegalMeasure"] for one in process["dpv:hasRecipient"] if "dpv:hasLegalMeasure" in one]
    assert [(one["@type"], one["dct:valid"]) for one in measures] == [("eu-gdpr:A45-3", "2027-11-01")]
    assert "loc:US" in process["dpv:hasStorageCondition"][0]["dpv:hasLocation"]


def test_the_banners_own_words_are_in_it(people, every_kind):
    notice = record_of(every_kind[4])["dpv:hasNotice"]
    banner = policy.current(controller=people.bloom).policy.banner
    assert notice["assent:banner"]["title"]["ro"] == banner.title["ro"]
    assert sha256(notice["assent:shown"].encode()).hexdigest() == read(every_kind[4])[PROOF]["facts"]["text"]


def test_a_later_policy_changes_no_receipt(people, tmp_path):
    people.says_yes("ada")
    [before] = people.receipts("ada")
    for name in ("brand", "bloom"):
        source = Path(policy.__file__).parents[3] / "policies" / name
        subprocess.run(["cp", "-r", source, tmp_path / name], check=True)
    page = tmp_path / "brand" / "policy.yaml"
    page.write_text(page.read_text().replace("News and offers", "Offers and news").replace("P3Y", "P2Y"))
    policy.publish(controller=people.bloom, bundle=tmp_path / "bloom", by=people.by, at=people.tick())
    [after] = people.receipts("ada")
    assert after == before
    assert "P3Y" in after.data.decode()


def without_purpose(people, purpose):
    """Put a version in force that lacks a purpose, as an editor of the statement would; return its digest."""
    with scope.controller(people.bloom), connection.cursor() as cursor:
        cursor.execute("SELECT form, published_at, published_by, origin FROM policy_policyversion WHERE number = 1"
                       " AND controller_id = %s", [people.bloom])  # fmt: skip
        form, *rest = cursor.fetchone()
        said = json.loads(form)
        del said["policy"]["purposes"][purpose]
        form = canonical.dumps(said)
        digest = sha256(form).hexdigest()
        cursor.execute(
            "INSERT INTO policy_policyversion (controller_id, number, digest, form, published_at, published_by, origin) "
            "VALUES (%s, 2, %s, %s, %s, %s, %s)",
            [people.bloom, digest, form.decode(), *rest],
        )
    return digest


def test_a_no_to_a_purpose_that_is_gone_says_what_it_was(people):
    people.says_yes("ada", purpose="profiling_offers", channel="onsite", wording="offers_choice")
    digest = without_purpose(people, "profiling_offers")
    people.says_no("ada", purpose="profiling_offers")
    taken_back = people.receipts("ada")[-1]
    assert status(taken_back) == ["dpv:ConsentWithdrawn"]
    assert record_of(taken_back)["dpv:hasNotice"]["dct:identifier"] == digest
    assert record_of(taken_back)["dpv:hasProcess"][0]["dpv:hasPurpose"]["dct:title"]["@value"]


def test_nothing_in_it_says_who_the_person_is(people, every_kind):
    subject, public = people.made["ada"]
    for one in every_kind:
        text = one.data.decode()
        assert "people.example" not in text
        assert str(subject) not in text
        assert str(public) in text


def test_a_whole_import_has_a_leaf_for_each_and_one_line(people):
    names = [f"person{number}" for number in range(37)]
    people.meet(*names).import_all(names)
    people.import_all(names[:3], Choice.WITHDRAWN)
    lines = [line for _, line in audit.entries(controller=people.bloom, did="consent.record")]
    assert [(line.did, line.detail["people"]) for line in lines] == [
        (Did.CONSENT_WITHDRAWN, 3),
        (Did.CONSENT_GIVEN, 37),
    ]
    assert all(len(line.detail["commitments"]) == 64 for line in lines)
    seen = set()
    for place, name in enumerate(names):
        found = people.receipts(name)
        proofs = [read(one)[PROOF] for one in found]
        assert proofs[0]["batch"]["index"] == place
        assert proofs[0]["batch"]["size"] == 37
        assert len(found) == (2 if place < 3 else 1)
        seen |= {one.id for one in found}
    assert len(seen) == 40


def test_somebody_unknown_gets_no_leaf_and_the_others_keep_theirs(people):
    people.made["nobody"] = (4242, None)
    assert people.import_all(["ada", "nobody", "ben"]) == 3
    [receipt] = people.receipts("ben")
    assert read(receipt)[PROOF]["batch"]["index"] == 1
    assert people.receipts("nobody") == []
    people.import_all(["nobody"])
    assert people.says_no("nobody").receipt is None


def test_a_receipt_never_changes_while_the_log_grows(people):
    record = people.says_yes("ada")
    [before] = people.receipts("ada")
    for _ in range(3):
        people.says_yes("ben")
        people.seal()
    [after] = people.receipts("ada")
    assert (before.id, before.data) == (after.id, after.data)
    assert record.receipt == after.id
    assert after.name == f"receipt-{record.receipt}.jsonld"


def test_handing_one_over_is_written_in_the_book(people):
    record = people.says_yes("ada")
    one = api.receipt(controller=people.bloom, subject=people.subject("ada"), id=record.receipt, by=people.by, at=people.tick())
    assert one.record == record.id
    _, line = audit.entries(controller=people.bloom, about=people.subject("ada"))[0]
    assert (line.did, line.on, line.purpose) == (Did.RECEIPT_HANDED_OVER, str(record.id), "direct_marketing")


def test_nobody_gets_anothers_receipt(people, cast):
    record = people.says_yes("ada")
    for controller, subject in ((people.bloom, people.subject("ben")), (cast.harbour, people.subject("ada"))):
        with pytest.raises(NoReceipt):
            api.receipt(controller=controller, subject=subject, id=record.receipt, by=people.by, at=people.tick())
    lines = audit.entries(controller=people.bloom, did=Did.RECEIPT_HANDED_OVER)
    assert lines == []


def test_records_from_before_there_were_receipts_get_theirs_when_asked_for(people):
    people.says_yes("ada")
    people.says_no("ada")
    older = models.ConsentRecord._meta.db_table
    with triggers_off(older), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {older} SET salt = NULL, line = NULL, place = NULL")
    assert [one.receipt for one in api.records(controller=people.bloom, subject=people.subject("ada"))] == [None, None]
    first = people.receipts("ada")
    assert len(first) == 2
    assert first == people.receipts("ada")
    facts = [read(one)[PROOF]["facts"] for one in first]
    assert all(one["written"] > one["at"] for one in facts), "it says openly that the log has it since later"
    [line] = [line for _, line in audit.entries(controller=people.bloom, did=Did.CONSENT_COMMITTED)]
    assert line.detail["records"] == 2


class triggers_off:  # noqa: N801 - reads as what it does
    def __init__(self, table):
        self.table = table

    def __enter__(self):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come can't be altered
                cursor.execute(f"ALTER TABLE {self.table} DISABLE TRIGGER USER")
                cursor.execute(f"ALTER TABLE {self.table} NO FORCE ROW LEVEL SECURITY")
                return
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [self.table])
            self.texts = cursor.fetchall()
            for name, _ in self.texts:
                cursor.execute(f"DROP TRIGGER {name}")

    def __exit__(self, *_):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {self.table} FORCE ROW LEVEL SECURITY")
                cursor.execute(f"ALTER TABLE {self.table} ENABLE TRIGGER USER")
                return
            for _, text in self.texts:
                cursor.execute(text)


def test_after_an_erasure_the_leaf_tells_nothing_and_the_receipt_in_hand_still_verifies(people):
    people.import_all(["ada", "ben"])
    people.says_no("ada")
    in_hand = people.receipts("ada")
    ada, public = people.made["ada"]
    facts = [read(one)[PROOF]["facts"] for one in in_hand]
    ConsentStore().erase(controller=people.bloom, subjects=[ada], by=people.by, at=people.tick())
    with scope.controller(people.bloom):
        rows = list(models.ConsentRecord.objects.filter(subject=ada))
        assert [row.salt for row in rows] == [None, None]
        kept = b"".join(bytes(one) for one in models.Batch.objects.values_list("commitments", flat=True))
    assert all(verifier.check(one.data, audit.verifier_key()) for one in in_hand)
    assert audit.verify() == []
    # Whoever knows every fact of the choice can't find it in what is left: not without the salt.
    commitments = {kept[start : start + 32] for start in range(0, len(kept), 32)}
    commitments |= {
        bytes.fromhex(str(line.detail.get("commitments", ""))) for _, line in audit.entries(controller=people.bloom)
    }
    for one in facts:
        assert commitments.isdisjoint({leaves.commit(salt, one) for salt in (b"", b"\0" * 16, public.bytes)})
    left = json.dumps([line.detail for _, line in audit.entries(controller=people.bloom)])
    assert str(public) not in left
    assert people.receipts("ada") == []
    [other] = people.receipts("ben")
    assert verifier.check(other.data, audit.verifier_key())


def test_a_salt_may_be_forgotten_and_nothing_else_changed(people):
    record = people.says_yes("ada")
    table = models.ConsentRecord._meta.db_table
    for change in ("salt = %s", "line = 7", "line = NULL", "place = 3", "choice = 2", "subject = 1", "salt = NULL, choice = 2"):
        values = [b"s" * 16] if "%s" in change else []
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), scope.controller(people.bloom):
            connection.cursor().execute(f"UPDATE {table} SET {change} WHERE id = {record.id}", values)
    with scope.controller(people.bloom):
        assert models.ConsentRecord.objects.filter(id=record.id).update(salt=None) == 1


def test_a_merge_gives_the_copies_receipts_of_their_own(people):
    people.says_yes("ben")
    people.says_no("ben", channel="sms")
    ada, ben = people.subject("ada"), people.subject("ben")
    for _ in range(2):
        api.on_merge(controller=people.bloom, into=ada, other=ben, by=people.by, at=people.tick())
    copies = people.receipts("ada")
    assert [read(one)[PROOF]["facts"]["copied"] for one in copies] == [True, True]
    assert [status(one)[0] for one in copies] == ["dpv:ConsentGiven", "dpv:ConsentRefused"]
    assert {one.id for one in copies}.isdisjoint({one.id for one in people.receipts("ben")})


def test_the_package_holds_the_files_as_they_are(people):
    people.says_yes("ada")
    pages = list(ConsentStore().export(controller=people.bloom, subject=people.subject("ada")))
    [file] = [page for page in pages if page.raw is not None]
    [receipt] = people.receipts("ada")
    assert (file.path, file.raw) == (f"consent/{receipt.name}", receipt.data)
    assert pages[0].rows[0]["receipt"] == str(receipt.id)


def test_facts_are_written_canonically(people):
    facts = read(next(iter(people_receipts(people))))[PROOF]["facts"]
    odd = {**facts, "source": 'ș"\\/\u2028\x7f', "at": 2**53 - 1}
    assert leaves.commit(b"", odd) == sha256(canonical.dumps(odd)).digest()
    assert verifier.canonical(odd) == canonical.dumps(odd)


def people_receipts(people):
    people.says_yes("ada")
    return people.receipts("ada")


def test_the_verifier_runs_alone_without_the_house(people, tmp_path):
    people.says_yes("ada")
    people.seal()
    [receipt] = people.receipts("ada")
    file, key, alone = tmp_path / receipt.name, tmp_path / "log.key", tmp_path / "verify.py"
    file.write_bytes(receipt.data)
    key.write_text(audit.verifier_key() + "\n")
    source = Path(verifier.__file__).read_text()
    alone.write_text(source)
    assert len(source.splitlines()) <= 200
    assert "django" not in source.lower()

    def run(*words):
        return subprocess.run(
            [sys.executable, "-I", alone, *words], capture_output=True, text=True, check=False, cwd=tmp_path, env={}
        )

    held = run(file, "--key", key)
    assert (held.returncode, held.stderr) == (0, "")
    assert held.stdout.startswith("VERIFIED\n")
    assert "given for direct_marketing, email" in held.stdout
    assert "This file can't show" in held.stdout
    believed = run(file)
    assert believed.returncode == 0
    assert f"believed as the file gives it: {audit.verifier_key()}" in believed.stdout
    file.write_bytes(receipt.data.replace(b"email", b"phone"))
    broken = run(file)
    assert (broken.returncode, broken.stderr) == (1, "")
    assert broken.stdout.startswith("NOT VERIFIED")
    assert run().returncode == 2
    assert run(tmp_path / "nothing").returncode == 1
