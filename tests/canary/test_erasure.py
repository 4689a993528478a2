"""
Every field of a person holds a string that occurs nowhere else. The scanner finds each where it belongs; the person is
erased while events of theirs are still in the arrival log; then it finds none anywhere, and others are as they were.
"""

import base64
import io
import json
import os
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.canary.scanner import scan, scan_bytes
from tests.running import House, house, wait_for

pytestmark = [pytest.mark.timeout(300), pytest.mark.engine]

# Sealed: never to be seen outside an export. The phone is one that no other test uses.
SEALED = {
    "user_id": "canary-userid-7Qz1",
    "anonymous_id": "canary-anonid-8Kd2",
    "email": "canary.email.9Fw3@mail.example",
    "phone": "+40744918273",
    "first_name": "Canaryfirstqx",
    "last_name": "Canarylastwv",
    "name": "Canaryfullname Zkpq",
    "street": "Strada Canarystreet 4711",
    "postal_code": "407119",
    "city_of_address": "Canarysealedtown",
    "birth_date": "1943-11-29",
    "photo": "https://canary.example/photo-5Hn4.jpg",
    "social": "https://social.example/canary-6Jm5",
    "note": "Canary note: likes the window seat 3Bt6",
}
# Plain: attributes and properties the policy declares. They lie in profiles and lake under a random number.
PLAIN = {"city": "Canaryville-2Rx7", "order": "CANARY-ORDER-1Sy8", "product": "Canary lamp 0Tz9"}
# Never to be kept at all: undeclared, or only good for telling duplicates.
NEVER = {"undeclared": "canary-undeclared-4Vc1", "message": "canary-message-id-5Xb2", "late": "CANARY-LATE-ORDER-6Na3"}
FILE = "Canary curriculum vitae 7Ms4"
EVERYTHING = [*SEALED.values(), *PLAIN.values(), *NEVER.values(), FILE]

BEN = {"user_id": "ben-1", "email": "ben@mail.example", "first_name": "Ben", "last_name": "Bunea"}

SET_UP = """
from assent.campaigns import api as campaigns
from assent.dispatch import api as dispatch, ports
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.records.files import api as files
from assent.segments import api as segments
who = {controller}
people = [PersonInput({sealed!r}), PersonInput({ben!r})]
canary, ben = [one.subject for one in subjects.upsert_many(controller=who, people=people, by=US, at=now())]
for subject in (canary, ben):
    consent.give(controller=who, subject=subject, purpose="direct_marketing", channel="email", wording="marketing_email",
                 method=Method.WEB_FORM, source="checkout", language="ro", by=US, at=now())
    files.put(controller=who, subject=subject, kind="cv", name="{file}.txt", data="{file}".encode(), at=now())
print(json.dumps(dict(canary=str(canary), ben=str(ben))))
"""

SEND_MAIL = """
from datetime import timedelta
from assent.campaigns import api as campaigns
from assent.dispatch import api as dispatch
who, people = {controller}, [int(one) for one in {people!r}]
words = campaigns.create_template(
    controller=who, name="Hello", by=US, at=now(),
    subject={{"ro": "Bună, {{{{ first_name }}}}"}}, body={{"ro": "Bună, {{{{ first_name }}}} {{{{ last_name }}}}"}},
)
edition = campaigns.edition(
    controller=who, template=words.id, sender_name="Bloom", sender_address="hello@bloom.example"
)
names = [
    (people[0], dict(first_name={first!r}, last_name={last!r}, language="ro")),
    (people[1], dict(first_name="Ben", last_name="Bunea", language="ro")),
]

def queue(occasion, when):
    dispatch.enqueue(
        controller=who, occasion=occasion, purpose="direct_marketing", channel="email", template=edition, people=names,
        not_before=when, by=US, at=now(),
    )

# One message that the worker sends and one that waits in the outbox.
queue("now", now())
queue("later", now() + timedelta(days=3))
"""

SENT = """
from assent.dispatch import api as dispatch
print(json.dumps(dispatch.progress(controller=%d, occasion="now")["sent"]))
"""

SETTLED = """
from assent.ingest.ports import open_log
from assent.foundation import keys
from django.conf import settings
log = open_log(var=settings.ASSENT_VAR, master=keys.master())
print(json.dumps(log.tail() == log.consumed()))
"""

EXPORT = """
import base64
from assent.privacy.rights import api as rights
print(json.dumps(base64.b64encode(rights.export_person(controller=%d, subject=%s, by=US, at=now())).decode()))
"""

ERASE = """
from assent.privacy.rights import api as rights
print(json.dumps(rights.erase(controller=%d, subjects=[%s], by=US, at=now()).waits_for))
"""

REPORTS = """
from assent.privacy.rights import api as rights
print(json.dumps([one.state.value for one in rights.erasures(controller=%d)]))
"""


def event(kind: str, message: str, **fields: object) -> dict[str, object]:
    return {"type": kind, "messageId": message, "userId": SEALED["user_id"], **fields}


def order(message: str, number: str) -> dict[str, object]:
    properties = {
        "order_id": number,
        "total": 250,
        "currency": "RON",
        "products": [{"name": PLAIN["product"], "price": 250, "quantity": 1, "category": "lamps"}],
        "secret_note": NEVER["undeclared"],
    }
    return event("track", message, event="Order Completed", properties=properties)


def post(one: House, batch: list[dict[str, object]]) -> None:
    auth = base64.b64encode(f"{one.made['secret']}:".encode()).decode()
    body = json.dumps({"batch": batch}).encode()
    request = urllib.request.Request(f"{one.collect_url}/v1/batch", data=body, headers={"Authorization": f"Basic {auth}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def exported(one: House, subject: str) -> dict[str, bytes]:
    """Return the package's files, without the lines that exporting itself writes and the page that shows its time."""
    data = base64.b64decode(one.ask(EXPORT % (one.made["controller"], subject)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name not in {"audit.json", "index.html"}}


def found(one: House, cluster: Path | None) -> dict[str, set[str]]:
    places = scan(one.var, EVERYTHING)
    if cluster is not None:
        # Plain columns of PostgreSQL hold numbers, codes and dates only; what is sealed must not be there, ever.
        for canary, where in scan(cluster, SEALED.values()).items():
            places.setdefault(canary, set()).update(where)
    return places


@contextmanager
def engine() -> Iterator[tuple[str | None, Path | None]]:
    """Give address and folder of a PostgreSQL of the house's own, all of whose files can be read; nothing for SQLite."""
    if "ASSENT_DATABASE" not in os.environ:
        yield None, None
        return
    with postgres.cluster() as (address, data):
        yield address, data


def test_nothing_is_left_of_an_erased_person_and_others_are_as_they_were(tmp_path):
    with (
        engine() as (address, cluster),
        house(tmp_path / "var", "collect", "ingest", "tasks", **({"ASSENT_DATABASE": address} if address else {})) as one,
    ):
        who = one.made["controller"]
        made = one.ask(SET_UP.format(controller=who, sealed=SEALED, ben=BEN, file=FILE))
        post(one, [event("identify", "i-1", traits={"city": PLAIN["city"]}), order(NEVER["message"], PLAIN["order"])])
        mail = SEND_MAIL.format(
            controller=who, people=[made["canary"], made["ben"]], first=SEALED["first_name"], last=SEALED["last_name"]
        )
        one.ask(mail)
        wait_for(lambda: one.ask(SENT % who) == 2, seconds=60, what="both mails to be sent")
        wait_for(lambda: one.ask(SETTLED), seconds=60, what="ingest to take the events in")
        everything_seen(one, cluster, made["canary"])
        others = exported(one, made["ben"])
        in_hand = receipts_of(exported(one, made["canary"]), tmp_path)
        assert any(traces(one, address, file) for file in in_hand), "what links leaf and person lies there before the erasure"

        # Events of the person arrive and nobody has looked at them yet when the person is erased.
        one.running["ingest"].terminate()
        one.running.pop("ingest").wait(20)
        post(one, [order("late-1", NEVER["late"]), event("identify", "late-2", traits={"city": NEVER["late"]})])
        # Whole: of what a law obliges to keep, like the order, the day on which it may go has come.
        assert one.ask(ERASE % (who, made["canary"])) != ""
        one.start("ingest")
        wait_for(lambda: one.ask(REPORTS % who) == ["done"], seconds=90, what="the erasure to be done")

        assert found(one, cluster) == {}
        assert exported(one, made["ben"]) == others
        assert one.assent("audit", "verify").returncode == 0
        # The leaf tells nothing any more; the person's own file still proves what it proved.
        key = one.assent("audit", "key").stdout.strip()
        for file in in_hand:
            assert traces(one, address, file) == []
            assert "VERIFIED" in one.assent("receipt", "verify", str(file), "--key", key).stdout


def receipts_of(package: dict[str, bytes], folder: Path) -> list[Path]:
    """Keep the receipts of a package, as the person would."""
    kept = []
    for name, data in package.items():
        if name.endswith(".jsonld"):
            kept.append(folder / Path(name).name)
            kept[-1].write_bytes(data)
    assert kept
    return kept


def traces(one: House, address: str | None, receipt: Path) -> list[str]:
    """Return where the house has the salt of a receipt's leaf, or the id that the receipt names the person by."""
    proof = json.loads(receipt.read_bytes())["assent:proof"]
    person = proof["facts"]["subject"]
    needles = [person.encode(), person.replace("-", "").encode(), bytes.fromhex(proof["salt"]), proof["salt"].encode()]
    places = {str(path): path.read_bytes() for path in one.var.rglob("*") if path.is_file() and path.suffix != ".test-log"}
    if address is not None:
        # Asked by rows, not by files: a cluster's files keep the old version of every row until its next vacuum.
        places |= {name: postgres.dump(address, name) for name in postgres.DATABASES}
    return [place for place, data in places.items() if any(needle in data for needle in needles)]


def everything_seen(one: House, cluster: Path | None, subject: str) -> None:
    """Find each canary where it belongs: plain ones in profiles and lake, sealed ones only in the person's own export."""
    places = found(one, cluster)
    assert set(places) == set(PLAIN.values()), places
    assert any(where.startswith("lake/") for where in places[PLAIN["order"]])
    package = b"\n".join(exported(one, subject).values())
    in_package = set(scan_bytes(package, EVERYTHING))
    assert in_package >= {*SEALED.values(), *PLAIN.values()}, {*SEALED.values(), *PLAIN.values()} - in_package
    assert not in_package & set(NEVER.values())
