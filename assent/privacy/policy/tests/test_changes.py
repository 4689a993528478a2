"""Which changes of a policy outgrow a consent: a table of all kinds, read aloud."""

# ruff: noqa: E501 - a table is read in columns

from dataclasses import dataclass

import pytest

from assent.foundation.crypto import digest
from assent.privacy.policy.changes import agreed, material, outdated, reworded, same_words
from assent.privacy.policy.contracts import (
    Basis,
    Channel,
    Counted,
    Local,
    Operation,
    Override,
    Reason,
    Recipient,
    RecipientRole,
    Retention,
    SpecialCondition,
    Then,
    What,
)
from assent.privacy.policy.load import load
from assent.privacy.policy.tests.conftest import BUNDLES

NEVER = same_words([])
KEY = "profiling_offers"


@dataclass(frozen=True)
class Said:
    policy: object
    texts: object


@pytest.fixture(scope="module")
def said():
    loaded = load(BUNDLES / "bloom")
    return Said(loaded.policy, dict(loaded.texts))


def purpose(said, key=KEY, **changed):
    """Return the same statement with one purpose changed."""
    policy = said.policy
    one = policy.purposes[key].model_copy(update=changed)
    return Said(policy.model_copy(update={"purposes": {**policy.purposes, key: one}}), said.texts)


def part(said, section, key, **changed):
    policy = said.policy
    members = getattr(policy, section)
    return Said(policy.model_copy(update={section: {**members, key: members[key].model_copy(update=changed)}}), said.texts)


def text(said, key, language, words):
    return Said(said.policy, {**said.texts, (key, language): words})


def kept(duration="P1Y", counted_from=Counted.COLLECTED, then=Then.ERASE, **overrides):
    return {"retention": Retention(duration=duration, counted_from=counted_from, then=then, overrides=overrides)}


def exception(duration, then=Then.ERASE):
    return Override(
        when=Local({"en": "in a dispute", "ro": "în litigiu"}), duration=duration, counted_from=Counted.COLLECTED, then=then
    )


def local(en):
    return Local({"en": en, "ro": "La fel."})


DATA = ("account", "age_band", "region", "purchases", "sizes", "browsing")
SOURCES = ("you", "device", "derived")
OPERATIONS = (Operation.STORE, Operation.USE, Operation.DISCLOSE)
TITLE = Local({"en": "Offers chosen for you", "ro": "Oferte alese pentru dumneavoastră"})

# what changes → what a person who agreed before has not agreed to
TABLE = [
    ("nothing", lambda s: s, []),
    ("new data", lambda s: purpose(s, data=(*DATA, "email")), ["data:email"]),
    ("less data", lambda s: purpose(s, data=DATA[1:]), []),
    ("data in another order", lambda s: purpose(s, data=DATA[::-1]), []),
    ("data that become a special category", lambda s: part(s, "data", "sizes", special=True), ["special_data:sizes"]),
    ("another condition for special data", lambda s: purpose(s, special_condition=SpecialCondition.EXPLICIT_CONSENT), ["condition:a"]),
    ("a new source", lambda s: purpose(s, sources=(*SOURCES, "partner")), ["source:partner"]),
    ("one source less", lambda s: purpose(s, sources=SOURCES[:1]), []),
    ("a new recipient", lambda s: purpose(s, recipients=("platform", "meta")), ["recipient:meta"]),
    ("no recipient any more", lambda s: purpose(s, recipients=()), []),
    ("a processor that decides for itself", lambda s: part(s, "recipients", "platform", role=RecipientRole.INDEPENDENT_CONTROLLER), ["role:platform"]),
    ("a recipient that moves out of the area", lambda s: part(s, "recipients", "platform", country="US"), ["transfer:platform"]),
    ("a recipient that moves within the area", lambda s: part(s, "recipients", "platform", country="IE"), []),
    ("a new operation", lambda s: purpose(s, operations=(*OPERATIONS, Operation.TRANSFER)), ["operation:transfer"]),
    ("one operation less", lambda s: purpose(s, operations=OPERATIONS[:2]), []),
    ("a new channel", lambda s: purpose(s, channels=(Channel.ONSITE, Channel.PHONE)), ["channel:phone"]),
    ("no channel any more", lambda s: purpose(s, channels=()), []),
    ("longer", lambda s: purpose(s, **kept("P13M")), ["retention"]),
    ("longer in some years", lambda s: purpose(s, **kept("P366D")), ["retention"]),
    ("as long in other words", lambda s: purpose(s, **kept("P12M")), []),
    ("shorter", lambda s: purpose(s, **kept("P6M")), []),
    ("counted from another moment", lambda s: purpose(s, **kept(counted_from=Counted.LAST_INTERACTION)), ["retention"]),
    ("kept instead of erased", lambda s: purpose(s, **kept(then=Then.HOLD)), ["retention"]),
    ("an exception that keeps longer", lambda s: purpose(s, **kept(dispute=exception("P5Y"))), ["retention:dispute"]),
    ("an exception that ends sooner", lambda s: purpose(s, **kept(dispute=exception("P1M"))), []),
    ("marketing", lambda s: purpose(s, direct_marketing=True), ["marketing"]),
    ("a reworded description", lambda s: purpose(s, description=local("We also guess your mood.")), [f"words:purposes.{KEY}.description"]),
    ("a reworded title", lambda s: purpose(s, title=TITLE.model_copy(update={"root": {**TITLE.root, "en": "Everything"}})), [f"words:purposes.{KEY}.title"]),
    ("other words to agree to", lambda s: text(s, "offers_choice", "en", "Yes to all."), [f"words:purposes.{KEY}.wording.onsite"]),
    ("another meaning for machines", lambda s: purpose(s, fideslang=("train_ai_system",)), [f"words:purposes.{KEY}.fideslang"]),
    ("data that are called otherwise", lambda s: part(s, "data", "sizes", title=local("Body measurements")), ["words:data.sizes.title"]),
    ("a recipient that does something else", lambda s: part(s, "recipients", "platform", services=local("It sells them.")), ["words:recipients.platform.services"]),
    ("data it does not use", lambda s: part(s, "data", "birth_date", title=local("Birthday")), []),
    ("a consent that ends sooner", lambda s: purpose(s, consent_expires="P6M"), []),
    ("a day to start on", lambda s: purpose(s, starts_on="2027-01-01"), []),
    ("other people", lambda s: purpose(s, subjects=("customers", "visitors")), []),
    ("each channel chosen for itself", lambda s: purpose(s, per_channel_choice=True), []),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_consent_is_outgrown_by_more_and_not_by_less(said, change, expected):
    assert [str(reason) for reason in material(agreed(said, KEY), agreed(change(said), KEY), same=NEVER)] == expected


def test_a_new_channel_changes_nothing_where_each_is_chosen_for_itself(said):
    channels = (*said.policy.purposes["direct_marketing"].channels, Channel.PHONE)
    now = purpose(said, "direct_marketing", channels=channels)
    assert material(agreed(said, "direct_marketing"), agreed(now, "direct_marketing"), same=NEVER) == ()
    together = purpose(said, "direct_marketing", channels=channels, per_channel_choice=False)
    found = material(agreed(said, "direct_marketing"), agreed(together, "direct_marketing"), same=NEVER)
    assert found == (Reason(What.CHANNEL, "phone"),)


def test_a_feature_that_was_excluded_is_more_than_people_were_told(said):
    before = purpose(said, "advertising")
    told = said.policy.recipients["meta"].instructions
    allowed = part(said, "recipients", "meta", instructions=told.model_copy(update={"excluded_features": ()}))
    assert "feature:meta" in map(str, material(agreed(before, "advertising"), agreed(allowed, "advertising"), same=NEVER))
    assert material(agreed(allowed, "advertising"), agreed(before, "advertising"), same=NEVER) == ()


def test_a_translation_more_changes_nothing_for_anybody(said):
    titles = {**said.policy.purposes[KEY].title.root, "hu": "Önnek választott ajánlatok"}
    assert material(agreed(said, KEY), agreed(purpose(said, title=Local(titles)), KEY), same=NEVER) == ()


def test_the_banners_words_belong_to_what_is_asked_in_it(said):
    banner = said.policy.banner.model_copy(update={"intro": local("Click it away.")})
    now = Said(said.policy.model_copy(update={"banner": banner}), said.texts)
    assert set(outdated([(1, said)], now, same=NEVER)) == {"performance", "advertising"}


def test_a_typo_an_officer_marked_asks_nobody_again(said):
    once = purpose(said, title=Local({**TITLE.root, "en": "Offers choosen for you"}))
    twice = purpose(said, title=Local({**TITLE.root, "en": "Offers, chosen for you"}))
    [first], [second] = reworded(said, once), reworded(once, twice)
    assert (first.path, first.purposes) == (f"purposes.{KEY}.title", (KEY,))
    assert first.after == {"en": "Offers choosen for you"}

    marked = same_words([*first.pairs, *second.pairs])
    assert outdated([(1, said), (2, once)], twice, same=marked) == {}
    assert set(outdated([(1, said), (2, once)], twice, same=same_words(second.pairs))[KEY]) == {1}
    assert same_words([])(digest(b"a"), digest(b"a")), "a text means what it means"


def test_each_version_is_held_against_the_new_one_and_not_only_the_last(said):
    more = purpose(said, data=(*DATA, "email"))
    assert set(outdated([(1, said), (2, more)], more, same=NEVER)[KEY]) == {1}
    assert outdated([(1, said), (2, more)], said, same=NEVER) == {}, "who agreed to more agreed to this, too"
    assert set(outdated([(1, said), (2, more), (3, said)], more, same=NEVER)[KEY]) == {1, 3}


def test_a_consent_to_a_purpose_that_was_given_up_does_not_come_back(said):
    without = Said(
        said.policy.model_copy(update={"purposes": {k: p for k, p in said.policy.purposes.items() if k != KEY}}), said.texts
    )
    found = outdated([(1, said), (2, without)], said, same=NEVER)
    assert {number: [str(reason) for reason in why] for number, why in found[KEY].items()} == {1: ["ended"]}


def test_a_consent_does_not_survive_that_another_basis_stood_in_between(said):
    contract = purpose(said, basis=Basis.CONTRACT)
    assert KEY not in outdated([(1, said)], contract, same=NEVER), "nobody is asked for what needs no consent"
    found = outdated([(1, said), (2, contract)], said, same=NEVER)
    assert {number: [str(reason) for reason in why] for number, why in found[KEY].items()} == {
        1: ["basis:contract"],
        2: ["basis:contract"],
    }


def test_a_reason_is_read_as_it_was_kept():
    for reason in (
        Reason(What.RETENTION),
        Reason(What.WORDS, "purposes.news.title"),
        Reason(What.RECIPIENT, "meta"),
    ):
        assert Reason.read(str(reason)) == reason


def test_a_new_recipient_is_told_by_its_key(said):
    newcomer = Recipient(
        name="Courier", role=RecipientRole.PROCESSOR, country="RO", services=Local({"en": "Parcels", "ro": "Colete"})
    )
    policy = said.policy.model_copy(update={"recipients": {**said.policy.recipients, "newcomer": newcomer}})
    now = purpose(Said(policy, said.texts), recipients=("platform", "newcomer"))
    assert [str(reason) for reason in material(agreed(said, KEY), agreed(now, KEY), same=NEVER)] == ["recipient:newcomer"]
