"""The assessment is begun with the facts and leaves the judgement to people; the CNIL's software can take it in."""

import json

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.cnil import to_cnil
from assent.privacy.documents.contracts import Kind
from assent.privacy.documents.tests.bundles import both, edition, table, texts

QUESTIONS = [111, 112, 113, 121, 122, 123, 211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 227, 324, 334, 344]


def assessment(name="bloom", language="en", change=None):
    return json.loads(to_cnil(edition(name, change), language))


def test_every_sign_stands_there_with_its_place_in_the_policy():
    document = api.build(edition=edition("bloom"), kind=Kind.IMPACT_ASSESSMENT, language="en")
    rows = table(document, "found")
    assert ["Technology is used in a new way", "data.visits.category", "user.location.precise", "Offers nearby"] in rows
    assert any(text.startswith("An assessment is required") for text in texts(document))


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_facts_are_filled_in_and_the_risks_left_open(language):
    found = assessment(language=language)
    assert [answer["reference_to"] for answer in found["answers"]] == QUESTIONS
    assert found["pia"]["status"] == 0
    assert found["evaluations"] == []
    assert all(answer["data"]["gauge"] is None for answer in found["answers"])
    assert all(answer["data"]["text"] or answer["data"]["list"] for answer in found["answers"])


def test_it_has_the_shape_that_the_cnils_import_reads():
    found = assessment()
    assert set(found) == {"pia", "answers", "measures", "evaluations", "comments"}
    assert {"name", "author_name", "evaluator_name", "validator_name", "created_at", "dbVersion", "status"} <= set(found["pia"])
    for part in (*found["answers"], *found["measures"]):
        assert part["pia_id"] == found["pia"]["id"]
        assert part["created_at"] == "2026-11-23T12:00:00.000Z"
    for answer in found["answers"]:
        assert set(answer["data"]) == {"text", "gauge", "list"}
    titles = [measure["title"] for measure in found["measures"]]
    chosen = [answer["data"]["list"] for answer in found["answers"] if answer["reference_to"] in {324, 334, 344}]
    assert chosen == [titles] * 3


def test_a_controller_that_runs_its_own_software_has_an_assessment_too():
    found = {answer["reference_to"]: answer["data"]["text"] for answer in assessment("processlab")["answers"]}
    assert "Software of the controller." in found[123]
    assert "Campaign Monitor Pty Ltd, " in found[227]
    assert "Data protection officer: None." in found[112]


def test_what_there_is_none_of_is_said_so():
    def bare(data):
        data["purposes"] = {"legal_accounts": data["purposes"]["legal_accounts"] | {"recipients": []}}
        data["recipients"] = {"platform": data["recipients"]["platform"] | {"role": "independent_controller"}}
        data["data"] = {"purchases": data["data"]["purchases"]}
        data["purposes"]["legal_accounts"]["data"] = ["purchases"]
        data["solutions"], data["cookies"] = {}, {}

    found = {answer["reference_to"]: answer["data"]["text"] for answer in assessment(change=bare)["answers"]}
    assert "No purpose rests on consent." in found[222]
    assert "Nobody works for the controller." in found[226]
    assert "No data leave the European Economic Area." in found[227]
    assert "own: nothing. Beside a random number: What was bought." in found[123]
    assert "To: nobody." in found[122]


def test_hostile_words_are_escaped_because_answers_are_html_there():
    def poison(data):
        data["purposes"]["service"]["title"] = both("<script>alert(1)</script>")
        data["measures"]["audit"]["check"] = "audit-chain"
        data["controller"]["address"] = "<b onmouseover=alert(1)>"

    whole = json.dumps(assessment(change=poison))
    assert "<script>" not in whole
    assert "<b on" not in whole
    assert "&lt;script&gt;" in whole


def test_the_same_edition_gives_the_same_bytes():
    assert to_cnil(edition("bloom"), "en") == to_cnil(edition("bloom"), "en")
