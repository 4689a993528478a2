"""An old copy is put back: nobody's no is undone, nobody erased returns, nobody hears twice, and the book says so."""

from collections import Counter

import pytest

from assent.connectors.smtp.tests.cast import Post, Server
from tests.backups.place import PHASES, Place, dumped
from tests.canary.scanner import scan

pytestmark = [pytest.mark.timeout(400), pytest.mark.engine]

SINCE = """
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.rights import api as rights
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.tenancy import api as tenancy
ids = IDS
rights.erase(controller=WHO, subjects=[ids["ada"]], by=US, at=now())
consent.withdraw(controller=WHO, subject=ids["ben"], purpose="direct_marketing", channel="email", method=Method.ONE_CLICK,
    source="test", by=Actor.person(), at=now())
suppression.suppress(controller=WHO, kind=Kind.RESTRICTION, subject=ids["dan"], by=Actor.person(), at=now())
suppression.suppress(controller=WHO, kind=Kind.OBJECTION, subject=ids["eve"], by=Actor.person(), at=now())
from assent.privacy.subjects import api as subjects
token = subjects.address_token(controller=WHO, field="email", value="nobody@people.example")
suppression.suppress(controller=WHO, kind=Kind.COMPLAINT, address=("email", token), channel="email", by=US, at=now())
agreed = next(one for one in tenancy.agreements(controller=WHO) if one.solution == "crm")
from datetime import timedelta
from assent.tenancy.contracts import EndChoice
tenancy.end_agreement(controller=WHO, agreement=agreed.id, choice=EndChoice.DELETE, due_on=(now() + timedelta(days=9)).date(),
    reason="test", by=US, at=now())
tenancy.revoke_api_key(controller=WHO, key=tenancy.api_keys(controller=WHO)[0].id, by=US, at=now())
staff = next(one for one in tenancy.members(controller=WHO) if one.email == "mara@bloom.example")
from assent.tenancy.contracts import Role
tenancy.revoke(staff=staff.id, controller=WHO, role=Role.MARKETER, by=US, at=now())
"""

KEY_AND_STAFF = """
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission, Role
tenancy.make_api_key(controller=WHO, name="shop", verbs=[Permission.PEOPLE_WRITE], by=US, at=now())
mara = tenancy.make_staff(email="mara@bloom.example", name="Mara", password=None, language="ro", by=US, at=now())
tenancy.grant(staff=mara, controller=WHO, role=Role.MARKETER, by=US, at=now())
"""

STANDS = """
from assent.audit import api as audit
from assent.privacy.consent import api as consent
from assent.privacy.subjects import api as subjects
from assent.privacy.suppression import api as suppression
from assent.tenancy import api as tenancy
ids = IDS
token = subjects.address_token(controller=WHO, field="email", value="nobody@people.example")
print(json.dumps({
    "here": sorted(name for name, one in ids.items() if one in subjects.public_ids(controller=WHO, subjects=[one])),
    "choices": {name: [int(s.choice) for s in consent.standing(controller=WHO, subject=one)] for name, one in ids.items()},
    "stops": {name: [s.kind.value for s in suppression.active(controller=WHO, subject=one)] for name, one in ids.items()},
    "address": len(suppression.rows_of_addresses(controller=WHO, tokens=[token])[0]),
    "agreed": tenancy.in_force(controller=WHO, solution="crm", at=now()) is not None,
    "keys": len(tenancy.api_keys(controller=WHO)),
    "roles": sum(len(one.roles) for one in tenancy.members(controller=WHO) if one.email == "mara@bloom.example"),
    "addresses": subjects.addresses(controller=WHO, subjects=list(ids.values()), field="email"),
}))
"""


def stands(place, ids):
    return place.ask(STANDS.replace("IDS", dumped(ids)))


@pytest.fixture
def place(tmp_path):
    one = Place(tmp_path)
    yield one
    one.house.stop()


@pytest.fixture
def story(place):
    """Four people agreed; a backup was made; then one was erased, and the others said no in three ways."""
    ids = place.people("ada", "ben", "dan", "eve")
    place.ask(KEY_AND_STAFF)
    data, keys = place.backup()
    before = stands(place, ids)
    place.ask(SINCE.replace("IDS", dumped(ids)))
    place.house.assent("audit", "checkpoint")
    return place, ids, data, keys, before


def as_it_should_be(found, before):
    assert before["here"] == ["ada", "ben", "dan", "eve"]
    assert before["agreed"]
    assert before["keys"] == 1
    assert before["roles"] == 1
    assert found["here"] == ["ben", "dan", "eve"], "an erasure since the copy is done again"
    assert found["choices"]["ben"] == [2], "a withdrawal since the copy holds"
    assert found["choices"]["dan"] == [1], "what was agreed before the copy is still agreed"
    assert found["stops"]["dan"] == ["restriction"]
    assert found["stops"]["eve"] == ["objection"]
    assert found["address"] == 1, "a stop for an address whose person is not known holds, too"
    assert not found["agreed"], "an agreement that ended stays ended"
    assert (found["keys"], found["roles"]) == (0, 0), "what was revoked stays revoked"


def test_an_old_backup_restored_replays_an_erasure_a_withdrawal_and_a_restriction(story):
    place, ids, data, _keys, before = story
    done = place.restore(data, "--over")
    assert "erasures 1" in done.stdout
    assert "withdrawals 1" in done.stdout
    found = stands(place, ids)
    as_it_should_be(found, before)
    told = place.house.assent("audit", "verify").stdout
    assert "ended the log" in told
    assert "The book holds" in told
    # Once more: what was done again is known by now.
    again = place.restore(data, "--over")
    assert "withdrawals 1" in again.stdout, "the copy knows nothing of it this time either"
    assert stands(place, ids) == found
    assert "The book holds" in place.house.assent("audit", "verify").stdout
    place.house.start("web")


REPLAY_TWICE = """
from dataclasses import asdict
from assent.backups import replay
once = asdict(replay.replay(after=0, at=now()))
twice = asdict(replay.replay(after=0, at=now()))
print(json.dumps([once, twice]))
"""


def test_to_replay_twice_is_to_replay_once(story):
    place, ids, data, _keys, before = story
    place.restore(data, "--over")
    first = stands(place, ids)
    _once, twice = place.ask(REPLAY_TWICE)
    assert stands(place, ids) == first
    as_it_should_be(first, before)
    assert {name: twice[name] for name in ("withdrawals", "stops", "lifted", "handed_over", "unread")} == dict.fromkeys(
        ("withdrawals", "stops", "lifted", "handed_over", "unread"), 0
    )


def test_a_restore_killed_at_any_step_refuses_to_serve_and_goes_on(story):
    place, ids, data, _keys, before = story
    for number, phase in enumerate(PHASES):
        words = place.words(data, "--over") if number < 2 else ["restore", "--resume"]
        place.kill_in(phase, *words)
        if number == 0:
            assert place.house.assent("audit", "verify").returncode == 0, "nothing was touched: the house is what it was"
        else:
            assert "assent restore --resume" in place.refuses_to_work()
    place.house.assent("restore", "--resume")
    as_it_should_be(stands(place, ids), before)
    assert "no restore is under way" in place.house.assent("restore", "--resume", check=False).stderr
    assert "The book holds" in place.house.assent("audit", "verify").stdout
    left = [path.name for path in (place.house.var / "restore").iterdir()]
    assert left == [], "what was in place before is kept no longer than the restore"


def test_an_empty_place_takes_keys_and_journal_from_their_own_copies(story):
    place, ids, data, keys, before = story
    lost = place.lose(master_key=False)
    journal = place.home / "elsewhere" / "journal.jsonl"
    words = ["--keys", str(keys), "--journal", str(journal)]
    assert "the master key is not here" in place.restore(data, *words, check=False).stderr
    place.bring_master_key(lost)
    assert "no keys of people" in place.restore(data, "--journal", str(journal), check=False).stderr
    assert "--without-journal" in place.restore(data, "--keys", str(keys), check=False).stderr
    (place.home / "another.jsonl").write_text('{"kind":"erasure"}\n')
    refused = place.restore(data, "--keys", str(keys), "--journal", str(place.home / "another.jsonl"), check=False)
    assert "is not the journal" in refused.stderr
    assert not (place.house.var / "operations.sqlite3").exists(), "each refusal came before anything was touched"
    place.restore(data, *words)
    found = stands(place, ids)
    as_it_should_be(found, before)
    assert found["addresses"][str(ids["ben"])] == "ben@people.example", "keys came back, too"
    assert "is a house" in place.restore(data, *words, check=False).stderr, "and now the place is not empty"


def test_sealed_identifiers_of_an_erased_person_are_unreadable_in_every_older_copy_at_once(place):
    ids = place.people("ada", "ben")
    data, _old_keys = place.backup()
    opened = place.home / "opened"
    place.ask(f"""
from pathlib import Path
from assent.backups import api, archive
archive.unpack(Path({str(data)!r}), Path({str(opened)!r}), opening=api.identities(Path({str(place.identity)!r})))
""")
    canaries = ["ada@people.example", "ben@people.example", "Adaqzx"]
    assert not scan(opened, canaries), "nothing of who they are lies open in a copy"
    assert not list(opened.rglob("*.key")), "and none of the keys"
    place.ask(f"""
from assent.privacy.rights import api as rights
rights.erase(controller=WHO, subjects=[{ids["ada"]}], by=US, at=now())
""")
    _data, new_keys = place.backup()
    # The old data with today's keys, and not even the journal: Ada's row is in it, and nobody can read who she was.
    place.lose()
    done = place.restore(data, "--keys", str(new_keys), "--without-journal")
    assert "1 people have no key here" in done.stdout
    found = stands(place, ids)
    assert found["here"] == ["ada", "ben"], "the pseudonymous row lives until the copy ends"
    assert found["addresses"] == {str(ids["ben"]): "ben@people.example"}


def test_pseudonymous_rows_are_gone_with_the_archives_by_the_horizon(place):
    ids = place.people("ada")
    place.backup()
    place.ask(f"""
from assent.privacy.rights import api as rights
rights.erase(controller=WHO, subjects=[{ids["ada"]}], by=US, at=now())
""")
    told = place.ask("""
from datetime import timedelta
from assent.backups import api as backups
horizon = backups.horizon(at=now())
day_before = [one.id for one in backups.prune(by=US, at=horizon.promised - timedelta(days=1))]
left = [one.kind.value for one in backups.backups()]
backups.prune(by=US, at=horizon.promised)
print(json.dumps({
    "days": (horizon.promised - now()).days + 1, "earlier": horizon.at <= horizon.promised, "left": left,
    "end": backups.horizon(at=horizon.promised).data is None,
}))
""")
    assert told == {"days": 30, "earlier": True, "left": ["data"], "end": True}, "keys end after 14 days, data after 30"
    assert place.listed() == [], "by the horizon not one archive is left that was made before the erasure"


CAMPAIGN = """
from assent.campaigns import api as campaigns
from assent.dispatch import api as dispatch
words = campaigns.create_template(controller=WHO, name="News", subject={"en": "Hi"}, body={"en": "Hi"}, by=US, at=now())
edition = campaigns.edition(controller=WHO, template=words.id, sender_name="Bloom", sender_address="news@bloom.example")
def fill(people):
    return dispatch.enqueue(controller=WHO, occasion="campaign:1", purpose="direct_marketing", channel="email",
        template=edition, people=[(one, {"language": "en"}) for one in people], not_before=now(), by=US, at=now())
"""


def test_a_campaign_restored_midway_sends_nobody_a_second_copy(tmp_path):
    post = Post()
    server = Server(post)
    server.start()
    place = Place(tmp_path, ASSENT_SMTP_URL=server.url)
    try:
        names = [f"p{number}" for number in range(30)]
        ids = list(place.people(*names).values())
        hand_over = "from assent.dispatch import tasks\nwhile tasks.hand_over(now()): pass\n"
        # Ten have theirs, ten are due, ten are not yet in the outbox when the copy is made.
        place.ask(CAMPAIGN + f"fill({ids[:10]})\n" + hand_over + f"fill({ids[10:20]})\n")
        data, _keys = place.backup()
        place.ask(CAMPAIGN + f"fill({ids[20:25]})\n" + hand_over)
        assert len(post.kept) == 25
        done = place.restore(data, "--over")
        assert "handed over 15" in done.stdout
        # The campaign is filled again, as its sweep would, and the workers go on.
        place.ask(CAMPAIGN + f"fill({ids})\n" + hand_over)
        received = Counter(address for address, _ in post.kept)
        assert set(received.values()) == {1}, "nobody twice"
        assert len(received) == 30, "and everyone: those who had it and those who had not"
    finally:
        server.stop()
        place.house.stop()
