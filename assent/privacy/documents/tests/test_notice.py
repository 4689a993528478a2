"""The notice says all of arts. 13 and 14, in layers, in both languages."""

import json
from datetime import date

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Facts, Kind, Table, sections
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import Basis, Policy, SpecialCondition


def text_of(runs):
    return "".join(run.text for run in runs)


def words_of(section):
    return "\n".join(
        text_of(runs)
        for block in section.blocks
        for runs in (
            [runs for _, runs in block.pairs]
            if isinstance(block, Facts)
            else [cell for row in block.rows for cell in row]
            if isinstance(block, Table)
            else [block.runs]
        )
    )


def notice(edition, language="en"):
    document = api.build(edition=edition, kind=Kind.PRIVACY_NOTICE, language=language)
    return {section.id: section for _, section in sections(document)}


def rewritten(edition, change):
    """Return a draft in which something was changed."""
    data = json.loads(edition.policy.policy.model_dump_json(exclude_defaults=True))
    change(data)
    return api.edition_from(policy=Policy.model_validate_json(json.dumps(data)), texts=edition.policy.texts, before=edition)


def test_a_summary_and_one_table_come_first(bloom):
    document = api.build(edition=bloom, kind=Kind.PRIVACY_NOTICE, language="en")
    assert [section.id for section in document.sections[:3]] == ["summary", "at-a-glance", "purposes"]
    (table,) = document.sections[1].blocks
    rows = {text_of(row[0]): [text_of(cell) for cell in row[1:]] for row in table.rows}
    assert len(rows) == len(bloom.policy.policy.purposes)
    assert rows["Invoices and accounts"] == [
        "We issue invoices and keep them as long as the accounting law says.",
        "A legal duty",
        "five years and six months",
        "Process Lab SRL",
    ]


def test_ids_are_the_same_in_every_language_and_there_once(bloom, processlab):
    for edition in (bloom, processlab):
        for kind in (Kind.PRIVACY_NOTICE, Kind.COOKIE_POLICY, Kind.CONSENT_WORDING, Kind.RETENTION_SCHEDULE):
            found = [
                [section.id for _, section in sections(api.build(edition=edition, kind=kind, language=language))]
                for language in ("en", "ro")
            ]
            assert found[0] == found[1]
            assert len(set(found[0])) == len(found[0])


def test_a_consent_is_told_with_all_it_takes(processlab):
    said = words_of(notice(processlab)["purpose-information_service"])
    for words in (
        "You said yes. You can take that back at any time, as easily as you gave it. · GDPR, art. 6(1)(a)",
        "E-mail and text message. Each way has a switch of its own.",
        "You confirm once more from your own inbox.",
        "This is direct marketing. If you object, it ends.",
        "Three years, counted from the last time you were in touch with us. We ask you once more.",
        "Campaign Monitor Pty Ltd, Telcor",
        "No. If you say no, only this purpose falls away.",
        "DPV DirectMarketing",
    ):
        assert words in said, words


def test_an_interest_is_told_with_the_balance(processlab):
    said = words_of(notice(processlab, "ro")["purpose-communication"])
    assert "Avem un interes, iar ale dumneavoastră nu cântăresc mai mult. · RGPD, art. 6 alin. (1) lit. (f)" in said
    assert "Să răspundem celor care ni se adresează." in said
    assert "Dumneavoastră ați început conversația" in said


def test_a_soft_opt_in_names_the_sale_and_the_way_out(bloom):
    said = words_of(notice(bloom)["purpose-similar_products"])
    assert "You gave your address with: An order was placed." in said
    assert "Products of our own shop from the categories you bought from" in said
    assert "Tick here if you do not want that." in said
    assert "Directive 2002/58/EC, art. 13(2)" in said


def test_exceptions_starts_and_swapped_bases_are_told(processlab):
    def change(data):
        data["purposes"]["communication"]["starts_on"] = "2027-01-15"
        reason = {"en": "Nobody can be asked for this", "ro": "Nimeni nu poate fi întrebat"}
        data["purposes"]["communication"]["basis_changed"] = {"was": "consent", "on": "2026-12-01", "reason": reason}

    said = words_of(notice(rewritten(processlab, change))["purpose-communication"])
    assert "from 15 January 2027 on, and not before you have been told" in said
    assert "Until 1 December 2026 we relied on another ground: Your consent. Why that changed: Nobody can be asked" in said
    said = words_of(notice(processlab)["purpose-recruitment"])
    assert "Exception: You are hired." in said
    assert "only until the day you are hired. They are set aside and used for nothing else." in said


@pytest.mark.parametrize("condition", list(SpecialCondition))
def test_special_data_are_told_with_their_condition(processlab, condition):
    def change(data):
        data["data"]["message"]["special"] = True
        data["purposes"]["communication"]["special_condition"] = condition.value

    found = notice(rewritten(processlab, change))
    assert f"GDPR, art. 9(2)({condition})" in words_of(found["purpose-communication"])
    assert "specially protected by law" in words_of(found["data"])


@pytest.mark.parametrize("basis", list(Basis))
def test_every_basis_has_plain_words_in_both_languages(processlab, basis):
    edition = rewritten(processlab, lambda data: data["purposes"]["website"].update(basis=basis.value))
    told = {words_of(notice(edition, language)["purpose-website"]) for language in ("en", "ro")}
    assert len(told) == 2


def test_what_sites_send_is_said_to_the_last_property(bloom):
    found = notice(bloom)
    said = words_of(found["event-order_completed"])
    for words in ("products.size", "code, up to ten characters", "spent_total", "the sum of total", "track · Order Completed"):
        assert words in said, words
    assert "counts as being in touch" in said
    assert "only the fact that it happened" in words_of(found["event-signed_up"])
    attributes = words_of(found["attributes"])
    assert "also sent as firstName" in attributes
    assert "the age band, from birth_date" in attributes


def test_recipients_are_told_with_safeguard_fallback_and_what_they_may_not(bloom):
    found = notice(bloom)
    said = words_of(found["recipient-meta_us"])
    assert "United States" in said
    assert "Certification under the EU-US Data Privacy Framework: Commission Implementing Decision (EU) 2023/1795." in said
    assert "good until 1 November 2027" in said
    assert "Should that fall, this takes its place: the European Commission's standard clauses." in said
    assert "conversions of our own making" in words_of(found["recipient-meta"])


def test_rights_the_authority_and_the_officer_are_told(bloom):
    found = notice(bloom)
    exercise = found["exercise"].blocks[0]
    assert "within one month of receiving it" in text_of(exercise.runs)
    assert "two months more" in text_of(exercise.runs)
    assert "Europe/Bucharest" in words_of(found["exercise"])
    assert "anspdcp@dataprotection.ro" in words_of(found["complaint"])
    assert "dpo@bloom.example" in words_of(found["officer"])
    assert "72 hours" in words_of(found["breaches"])
    assert "after 30 days at most" in words_of(found["copies"])
    assert "after 14 days at most" in words_of(found["copies"])


def test_why_there_is_no_officer_is_told(processlab):
    said = words_of(notice(processlab)["officer"])
    assert "the law does not ask us for an officer" in said
    assert "GDPR, art. 37(1)" in said


def test_decisions_by_machines_are_told_with_logic_consequences_and_safeguards(bloom):
    def decide(data):
        data["automated_decisions"]["decisions"] = [
            {name: {"en": f"The {name}", "ro": f"Despre {name}"} for name in ("title", "logic", "consequences", "safeguards")}
        ]

    decided = notice(rewritten(bloom, decide))["decision-1"]
    assert decided.title == "The title"
    assert words_of(decided) == "The logic\nThe consequences\nThe safeguards"


def test_a_language_nobody_wrote_sentences_for_is_refused(bloom):
    with pytest.raises(LookupError, match="ro, en"):
        api.build(edition=bloom, kind=Kind.PRIVACY_NOTICE, language="de")


def test_the_day_of_publication_is_that_of_the_controllers_clock(cast):
    edition = api.edition(controller=cast.bloom)
    assert edition.stamp.published_at.isoformat() == "2026-11-23T14:00:00+02:00"
    assert edition.stamp.digest == policies.current(controller=cast.bloom).digest
    page = api.to_page(api.build(edition=edition, kind=Kind.PRIVACY_NOTICE, language="ro"))
    assert "23 noiembrie 2026" in page
    assert edition.stamp.digest in page
    assert "ciornă" not in page
    assert date(2026, 11, 23) == edition.stamp.published_at.date()
