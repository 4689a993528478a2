"""An agreement binds two parties to what one solution of one policy says, and to nothing else."""

import json

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Callout, CalloutKind, Kind, sections
from assent.privacy.documents.tests.bundles import both, edition, section, table, texts
from assent.privacy.ropa.contracts import NoPlatform

CLAUSES = ["1", "2", "3", "4", "5", "6", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.7", "7.8", "8", "9", "9.1", "9.2", "10"]


def agreement(name, solution, language="en", change=None):
    return api.build(edition=edition(name, change), kind=Kind.PROCESSING_AGREEMENT, language=language, solution=solution)


def said(document):
    return "\n".join(texts(document))


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_part_says_which_clause_of_the_standard_it_answers(language):
    word = {"en": "Clause {} of 2021/915", "ro": "Clauza {} din 2021/915"}[language]
    found = texts(agreement("bloom", "crm", language))
    assert [text for text in found if text in {word.format(clause) for clause in CLAUSES}] == [word.format(c) for c in CLAUSES]


def test_the_annexes_list_exactly_what_the_solutions_purposes_use():
    for solution in ("crm", "website", "loyalty", "location"):
        one = edition("bloom")
        policy = one.policy.policy
        document = api.build(edition=one, kind=Kind.PROCESSING_AGREEMENT, language="en", solution=solution)
        purposes = [policy.purposes[key] for key in policy.solutions[solution].purposes]
        data = {policy.data[key].title["en"] for purpose in purposes for key in purpose.data}
        receivers = {key for purpose in purposes for key in purpose.recipients} - {"platform"}
        others = [block for block in section(document, "annex-4").blocks if hasattr(block, "rows")]
        named = {row[0][0].text for block in others[:1] for row in block.rows}
        assert {row[0].split(" · ")[0] for row in table(document, "annex-2-data")} == data
        assert [row[0] for row in table(document, "annex-2-purposes")] == [purpose.title["en"] for purpose in purposes]
        assert len(table(document, "annex-2-duration")) == len(purposes)
        assert named == {policy.recipients[key].name for key in receivers}


def test_a_sub_processor_stands_in_annex_4_with_its_instructions():
    rows = table(agreement("harbour", "crm"), "annex-4")
    assert [row[0] for row in rows] == ["Telcor · sub-processor"]
    assert "keeps neither" in rows[0][3]


def test_a_recipient_abroad_stands_there_with_its_safeguard_and_what_is_excluded():
    document = agreement("bloom", "website")
    found = said(document)
    assert "EU-US Data Privacy Framework · Commission Implementing Decision (EU) 2023/1795" in found
    assert "checked on 2 November 2026, valid until 1 November 2027" in found
    assert "excluded: custom_audiences, custom_conversions" in found


def test_the_parties_come_from_the_policy():
    def move(data):
        data["platform"] |= {"address": "Cluj", "registration": "J12/9", "contact": {"email": "hello@lab.example"}}
        data["recipients"]["platform"]["name"] = "Lab SRL"

    document = agreement("bloom", "crm", change=move)
    assert document.title == "Processing agreement between Bloom Fashion SRL and Lab SRL: Omnichannel CRM"
    party = texts(document)[texts(document).index("Processor") :]
    assert {"Lab SRL", "Cluj", "J12/9", "hello@lab.example"} <= set(party)


def test_the_terms_come_from_the_policy():
    def haste(data):
        data["platform"]["terms"] = {"sub_processors": "P45D", "breach": "PT12H", "ending": "P2M"}

    found = said(agreement("bloom", "crm", change=haste))
    assert "at least 45 days before" in found
    assert "at the latest 12 hours after" in found
    assert "within two months" in found


def test_special_data_are_named_with_their_limits():
    def photo(data):
        data["data"]["visits"]["special"] = True
        data["purposes"]["location_offers"]["special_condition"] = "a"

    assert "Among them are special data: Which of our places you were near" in said(
        agreement("bloom", "location", change=photo)
    )
    assert "There are no special data among them." in said(agreement("bloom", "location"))


def test_what_an_instruction_excludes_is_said_in_the_agreement():
    def exclude(data):
        data["recipients"]["platform"]["instructions"]["excluded_features"] = ["open_tracking"]

    assert "open_tracking" in said(agreement("bloom", "crm", change=exclude))
    assert "open_tracking" not in said(agreement("bloom", "crm"))


@pytest.mark.parametrize(
    ("kind", "solution"), [(Kind.PROCESSING_AGREEMENT, "crm"), (Kind.JOINT_ARRANGEMENT, "ecosystem")], ids=str
)
def test_what_binds_parties_is_marked_as_a_draft_for_counsel(kind, solution):
    for language, word in (("en", "counsel"), ("ro", "juristul")):
        document = api.build(edition=edition("bloom"), kind=kind, language=language, solution=solution)
        drafts = [
            block.runs[0].text
            for _depth, found in sections(document)
            for block in found.blocks
            if isinstance(block, Callout) and block.kind is CalloutKind.DRAFT
        ]
        assert len(drafts) == 1
        assert word in drafts[0]


@pytest.mark.parametrize(
    ("kind", "solution"),
    [(Kind.PROCESSING_AGREEMENT, "ecosystem"), (Kind.JOINT_ARRANGEMENT, "crm"), (Kind.PROCESSING_AGREEMENT, "nothing")],
)
def test_a_solution_has_only_the_agreement_of_its_role(kind, solution):
    with pytest.raises(LookupError):
        api.build(edition=edition("bloom"), kind=kind, language="en", solution=solution)


def test_nobody_agrees_with_nobody():
    from assent.privacy.documents.agreement import processing_agreement
    from assent.privacy.documents.arrangement import joint_arrangement

    alone = edition("bloom", lambda data: data.pop("platform"))
    for build, solution in ((processing_agreement, "crm"), (joint_arrangement, "ecosystem")):
        with pytest.raises(NoPlatform, match="add `platform`"):
            build(alone, "en", solution)


def test_who_does_what_is_what_the_policy_allots():
    def swap(data):
        data["solutions"]["ecosystem"]["duties"] |= {"security": "controller", "contact": "platform"}

    one = edition("bloom", swap)
    document = api.build(edition=one, kind=Kind.JOINT_ARRANGEMENT, language="en", solution="ecosystem")
    shared = {row[0]: row[1] for row in table(document, "duties")}
    assert len(shared) == 8
    assert shared["Keeping the data secure"] == "Bloom Fashion SRL"
    assert shared["Choosing and watching processors"] == "Process Lab SRL"
    assert shared["Answering requests"].startswith("Each of the two")
    assert "The contact point is Process Lab SRL (contact@processlab.tech)." in texts(document)


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_essence_tells_people_who_answers_and_that_they_may_ask_either(language):
    document = api.build(edition=edition("bloom"), kind=Kind.ARRANGEMENT_ESSENCE, language=language, solution="ecosystem")
    found = said(document)
    for named in ("Bloom Fashion SRL", "Process Lab SRL", "privacy@bloom.example", "contact@processlab.tech", "ANSPDCP"):
        assert named in found
    assert not any(isinstance(block, Callout) for _depth, one in sections(document) for block in one.blocks)


def test_hostile_words_are_escaped_wherever_an_agreement_is_shown():
    evil = '<img src=x onerror=alert(1)> {0} {controller.__class__} "quoted"'

    def poison(data):
        data["controller"]["name"] = evil
        data["solutions"]["crm"]["title"] = both(evil)
        data["recipients"]["platform"]["instructions"]["text"] = both(evil)
        data["data"]["email"]["title"] = both(evil)

    document = agreement("bloom", "crm", change=poison)
    assert "<img" not in api.to_html(document)
    assert "&lt;img src=x" in api.to_html(document)
    assert "{controller.__class__}" in api.to_html(document), "braces in a policy's words are no fields"
    assert json.loads(api.to_json(document))["title"].count(evil) == 2
