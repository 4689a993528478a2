"""What changed is told in plain words, and nothing changes unsaid."""

import json

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.changes import AREAS
from assent.privacy.documents.contracts import Kind
from assent.privacy.documents.tests.test_notice import rewritten
from assent.privacy.policy.contracts import Policy


def told(edition, language="en"):
    return api.to_markdown(api.build(edition=edition, kind=Kind.CHANGE_LOG, language=language))


def changed(edition, path, value):
    """Return a draft in which one place reads differently."""

    def change(data):
        *way, last = path.split(".")
        for step in way:
            data = data[int(step) if step.isdigit() else step]
        if value is None:
            del data[last]
        else:
            data[last] = value

    return rewritten(edition, change)


def test_every_part_of_a_policy_has_its_place_in_the_log():
    assert sorted(AREAS) == sorted(Policy.model_fields)


@pytest.mark.parametrize(
    ("path", "value", "en", "ro"),
    [
        (
            "purposes.direct_marketing.retention.duration", "P2Y",
            "News and offers: data are kept for two years instead of three years.",
            "Noutăți și oferte: datele se păstrează 2 ani, față de 3 ani înainte.",
        ),
        (
            "purposes.direct_marketing.recipients", ["platform", "courier"],
            "News and offers: data are now also shared with Curier Exemplu SRL.",
            "Noutăți și oferte: datele ajung acum și la Curier Exemplu SRL.",
        ),
        (
            "purposes.advertising.data", ["account"],
            "Advertising on other sites: we no longer use: Pages and products looked at.",
            "Publicitate pe alte site-uri: nu mai folosim: Pagini și produse privite.",
        ),
        (
            "purposes.direct_marketing.channels", ["email", "sms", "push", "post"],
            "News and offers: we now also reach you this way: post.",
            "Noutăți și oferte: vă contactăm acum și așa: poștă.",
        ),
        ("cookies.basket", None, "Gone: basket.", "Nu mai există: basket."),
        (
            "cookies.visitor.lifetime", "P2Y",
            "| persistent, one year | persistent, two years |", "| persistent, un an | persistent, 2 ani |",
        ),
        ("recipients.courier.country", "HU", "| Romania | Hungary |", "| România | Ungaria |"),
        ("rights.deadlines.answer", "P2W", "| one month | 14 days |", "| o lună | 14 zile |"),
        ("controller.address", "Elsewhere 1", "| address |", "| adresa |"),
        ("backups.keys_kept", "P7D", "| 14 days | seven days |", "| 14 zile | 7 zile |"),
        ("data.email.storage", "plain", "| encrypted under a key of your own | under a random number", "| criptate cu o cheie"),
        ("events.order_completed.counts_as_interaction", None, "| yes | no |", "| da | nu |"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_a_sentence(bloom, path, value, en, ro):
    edition = changed(bloom, path, value)
    assert en in told(edition, "en")
    assert ro in told(edition, "ro")


def test_a_swapped_basis_is_told_with_its_reason(bloom):
    def change(data):
        data["purposes"]["similar_products"].update(
            basis="legitimate_interests",
            basis_changed={"was": "soft_opt_in", "on": "2026-12-01", "reason": {"en": "By post only", "ro": "Doar prin poștă"}},
        )

    said = told(rewritten(bloom, change))
    assert "since 1 December 2026 we rely on another ground: An interest of ours. Before it was: You are a customer" in said
    assert "The reason: By post only." in said


def test_a_new_recipient_is_told_with_country_and_service(bloom):
    def change(data):
        services = {"en": "Prints labels", "ro": "Tipărește etichete"}
        data["recipients"]["printer"] = {"name": "Printer GmbH", "role": "processor", "country": "DE", "services": services}

    assert "New: Printer GmbH (Germany). Prints labels." in told(rewritten(bloom, change))


def test_a_text_is_shown_before_and_after(bloom):
    texts = dict(bloom.policy.texts)
    texts["opt_out", "en"] = "One click, and it is over."
    edition = api.edition_from(policy=bloom.policy.policy, texts=texts, before=bloom)
    assert "One click, and it is over." in told(edition)
    assert "How to stop our messages (English)" not in told(edition)
    assert "Cum opriți mesajele (engleză)" in told(edition, "ro")


def test_what_reads_the_same_here_is_told_by_the_language_it_changed_in(bloom):
    edition = changed(bloom, "purposes.service.title.ro", "Comenzi")
    assert "Orders and your account: title (Romanian)" in told(edition)


def leaves(node, path=()):
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        elif isinstance(value, str):
            yield (*path, key), value


def test_no_word_changes_unsaid(processlab):
    """Every text of a policy is changed at once in its own way; each new word must stand in the log."""
    policy = processlab.policy.policy
    data = json.loads(policy.model_dump_json(exclude_defaults=True))
    spoken = [
        (path, value) for path, value in leaves(data) if path[-1] == "en" and isinstance(path[-2], str) and path[0] != "texts"
    ]
    assert len(spoken) > 100
    for at, (path, value) in enumerate(spoken):
        node = data
        for step in path[:-1]:
            node = node[step]
        node["en"] = f"{value} word{at}."
    edition = api.edition_from(
        policy=Policy.model_validate_json(json.dumps(data)), texts=processlab.policy.texts, before=processlab
    )
    said = told(edition)
    assert [spoken[at][0] for at in range(len(spoken)) if f"word{at}." not in said] == []


def test_sections_that_read_differently_are_named(bloom):
    edition = changed(bloom, "purposes.service.title.en", "Your orders")
    assert dict(api.changed_sections(bloom, edition, "en"))["purpose-service"] == "Your orders"
    assert api.changed_sections(bloom, bloom, "en") == []


def test_a_purpose_that_began_or_ended_is_told(bloom):
    def add(data):
        data["purposes"]["gifts"] = data["purposes"]["legal_accounts"] | {"title": {"en": "Gifts", "ro": "Daruri"}}

    more = rewritten(bloom, add)
    less = api.edition_from(policy=bloom.policy.policy, texts=bloom.policy.texts, before=more)
    assert "New purpose: Gifts. We issue invoices" in told(more)
    assert "Gifts: this purpose has ended" in told(less)
    assert "Daruri: acest scop s-a încheiat" in told(less, "ro")
    assert ("purpose-gifts", "Gifts") in api.changed_sections(bloom, more, "en")
    assert ("purpose-gifts", "Gifts") in api.changed_sections(more, less, "en")


def test_the_first_version_and_the_same_one_say_so(bloom):
    assert "This is the first version" in told(bloom)
    same = api.edition_from(policy=bloom.policy.policy, texts=bloom.policy.texts, before=bloom)
    assert "says the same as the one before" in told(same)
