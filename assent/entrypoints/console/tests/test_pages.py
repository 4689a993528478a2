"""What pages do for people: show, withdraw, restrict, export, erase, build, send."""

import io
import re
import zipfile

import pytest
from django.urls import reverse

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.campaigns import api as campaigns
from assent.foundation import clock
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.receipts import check
from assent.segments import api as segments
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

from .conftest import BY

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


def why(house, person):
    question = Question(Operation.USE, "direct_marketing", house.subject(person), clock.now(), channel="email")
    return lawfulness.decide(controller=house.bloom, question=question).why


def test_a_persons_page_says_what_may_be_done_and_why(house):
    page = house.at_work(Role.MARKETER).get(f"/people/{house.ben}/").content.decode()

    assert "Ben Ștefănescu" in page
    assert "The person said no, or took the consent back." in page
    assert "GDPR art. 6(1)(a)" in page


def test_staff_write_down_a_withdrawal_and_it_holds_at_once(house):
    answer = house.at_work(Role.MARKETER).post(
        f"/people/{house.ada}/withdraw", {"purpose": "direct_marketing", "channel": "email"}, follow=True
    )

    assert "Nothing of it is on its way any more." in answer.content.decode()
    assert why(house, house.ada) is Why.WITHDRAWN


def test_an_objection_stops_all_direct_marketing(house):
    house.at_work(Role.MARKETER).post(f"/people/{house.ada}/object")

    assert why(house, house.ada) is Why.OBJECTED


def test_a_restriction_holds_until_it_is_lifted(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    assert "Restrict Ada Popescu" in browser.get(f"/people/{house.ada}/restrict").content.decode()

    browser.post(f"/people/{house.ada}/restrict")
    assert why(house, house.ada) is Why.RESTRICTED

    browser.post(f"/people/{house.ada}/lift")
    assert why(house, house.ada) is Why.ALLOWED


def test_an_export_is_a_zip_with_what_is_held(house):
    answer = house.at_work(Role.PRIVACY_OFFICER).post(f"/people/{house.ada}/export")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        held = b"".join(package.read(name) for name in package.namelist())
    assert b"ada.popescu@customers.example" in held
    assert "Ada" not in answer.headers["Content-Disposition"]


def test_the_receipt_of_a_choice_is_handed_over_and_written_down(house):
    officer, url = house.at_work(Role.PRIVACY_OFFICER), reverse("console:person", args=[house.ada])
    page = officer.get(url).content.decode()
    [link] = re.findall(rf'href="({url}receipts/[0-9a-f-]+)"', page)
    answer = officer.get(link)
    assert answer["Content-Type"] == "application/ld+json"
    assert check(answer.content, audit.verifier_key())
    [(_, line)] = audit.entries(controller=house.bloom, did=Did.RECEIPT_HANDED_OVER)
    assert (line.about, line.by) == (house.subject(house.ada), f"staff:{house.staff[Role.PRIVACY_OFFICER]}")
    assert officer.get(link.replace(str(house.ada), str(house.ben))).status_code == 404
    marketer = house.at_work(Role.MARKETER)
    assert marketer.get(link).status_code == 403
    assert "receipts/" not in marketer.get(url).content.decode()


def test_erasing_names_its_consequence_and_leaves_nobody(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    page = browser.get(f"/people/{house.ada}/erase").content.decode()
    assert re.search(r"Erase Ada Popescu and \d+ records", page)
    assert browser.get(f"/people/{house.ada}/").status_code == 200

    report = browser.post(f"/people/{house.ada}/erase").content.decode()

    assert "Store by store" in report
    assert "Ada" not in report
    assert browser.get(f"/people/{house.ada}/").status_code == 404
    assert "Ada" not in browser.get("/people/").content.decode()


def test_a_dialog_is_a_page_where_no_script_runs(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)

    whole = browser.get(f"/people/{house.ada}/erase").content.decode()
    part = browser.get(f"/people/{house.ada}/erase", headers={"hx-request": "true"}).content.decode()

    assert "<nav" in whole
    assert "<nav" not in part


def builder(**rows):
    return {"name": "Towns", "purpose": "direct_marketing", "match": "all", "rows": "1", **rows}


def test_a_segment_is_built_counted_and_saved(house):
    browser = house.at_work(Role.MARKETER)
    form = builder(**{"c0-what": "a:city", "c0-how": "known"})

    counted = browser.post("/segments/preview", form).content.decode()
    saved = browser.post("/segments/new", {**form, "do": "save"})

    assert "of 2 who match" in counted
    assert "Lost to consent: 1" in counted
    assert segments.listing(controller=house.bloom)[0].definition == {"all": [{"attribute": "city", "known": True}]}
    assert saved.url == f"/segments/{segments.listing(controller=house.bloom)[0].id}/"


def test_rows_are_added_removed_and_shown_as_json(house):
    browser = house.at_work(Role.MARKETER)
    form = builder(**{"c0-what": "a:city", "c0-how": "is", "c0-value": "Cluj"})

    added = browser.post("/segments/new", {**form, "do": "add"}).content.decode()
    removed = browser.post("/segments/new", {**form, "do": "remove-0"}).content.decode()
    as_json = browser.post("/segments/new", {**form, "do": "json"}).content.decode()

    assert 'id="c1-what"' in added
    assert 'id="c0-what"' not in removed
    assert "&quot;attribute&quot;: &quot;city&quot;" in as_json


def test_a_definition_that_is_not_json_says_so(house):
    answer = house.at_work(Role.MARKETER).post(
        "/segments/new", {"name": "x", "purpose": "direct_marketing", "definition": "{", "do": "save"}
    )

    assert answer.status_code == 422
    assert "This is not JSON" in answer.content.decode()


@pytest.mark.parametrize("value", ["", "much", "9" * 40, "<script>alert(1)</script>", "NaN", "1e999"])
def test_a_wrong_amount_is_said_beside_its_row(house, value):
    form = builder(**{"c0-what": "e:Order Completed", "c0-how": "sum", "c0-of": "total", "c0-value": value})

    answer = house.at_work(Role.MARKETER).post("/segments/new", {**form, "do": "save"})

    assert answer.status_code == 422
    assert "This value does not fit." in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_a_campaign_is_written_and_sent_with_its_numbers_said_first(house):
    browser = house.at_work(Role.MARKETER)
    template = browser.post(
        "/messages/new",
        {"name": "Hello", "subject_ro": "Bună", "body_ro": "Bună ziua", "subject_en": "Hello", "body_en": "Good day"},
    )
    made = segments.create(
        controller=house.bloom, name="Towns", purpose="direct_marketing", definition={"attribute": "city", "known": True},
        by=BY, at=clock.now(),
    )  # fmt: skip
    number = int(template.url.strip("/").split("/")[-1])
    campaign = browser.post(
        "/campaigns/new",
        {
            "name": "Greeting",
            "segment": made.id,
            "template": number,
            "sender_name": "Bloom",
            "sender_address": "hi@bloom.example",
        },
    )

    asked = browser.get(f"{campaign.url}send").content.decode()
    browser.post(f"{campaign.url}send")

    assert "Send “Greeting” to 1 person" in asked
    assert "1 of 2 who match may be written to now." in asked
    assert campaigns.campaigns(controller=house.bloom)[0].state == "scheduled"


def test_a_message_with_a_fault_says_where(house):
    answer = house.at_work(Role.MARKETER).post(
        "/messages/new",
        {"name": "Hello", "subject_ro": "{{", "body_ro": "x", "subject_en": "y", "body_en": "{% include 'z' %}"},
    )

    assert answer.status_code == 422
    assert "is not for templates" in answer.content.decode()


def test_a_preview_runs_no_script_and_fetches_nothing(house):
    found = campaigns.create_template(
        controller=house.bloom, name="x", subject={"en": "x"}, body={"en": "hello"}, by=BY, at=clock.now()
    )

    answer = house.at_work(Role.MARKETER).get(f"/messages/{found.id}/preview/en")

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_key_is_shown_once(house):
    tenancy.make_property(controller=house.bloom, slug="shop", name="Shop", kind="website", by=BY, at=clock.now())
    browser = house.at_work(Role.ADMINISTRATOR)

    made = browser.post("/settings/properties/shop/keys", {"kind": "secret"}).content.decode()
    clear = re.search(r"sk_[\w-]{20,}", made)[0]

    assert clear not in browser.get("/settings/").content.decode()
    key = tenancy.write_keys_of(controller=house.bloom)[0][0]
    browser.post(f"/settings/write-keys/{key}/end")
    assert not tenancy.write_keys_of(controller=house.bloom)


def test_an_administrator_cannot_lock_everybody_out(house):
    me = house.staff[Role.ADMINISTRATOR]

    house.at_work(Role.ADMINISTRATOR).post(f"/settings/staff/{me}/administrator/end")

    assert Role.ADMINISTRATOR in tenancy.roles(staff=me)[house.bloom]


def test_the_book_is_verified_on_demand(house):
    answer = house.at_work(Role.PRIVACY_OFFICER).post("/audit/verify")

    assert "The book holds together." in answer.content.decode()


def test_the_book_is_filtered_by_person(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)

    assert str(house.ben) not in browser.get(f"/audit/?person={house.ada}").content.decode()
    assert "Nobody here has this id." in browser.get(f"/audit/?person={house.cleo}").content.decode()
    assert "Nobody here has this id." in browser.get("/audit/?person=ada").content.decode()


def test_the_record_says_what_is_done_for_whom_and_until_when(house):
    page = house.at_work(Role.PRIVACY_OFFICER).get("/record/").content.decode()

    for said in (
        "Orders and your account",
        "GDPR art. 6(1)(b)",
        "Curier Exemplu SRL",
        "sealed-identifiers",
        "EU-US Data Privacy",
    ):
        assert said in page
    assert "ProvidePersonalisedRecommendations" in page, "terms of vocabularies stand with each purpose"


def test_the_platforms_record_stands_beside_the_brands(house):
    page = house.at_work(Role.PRIVACY_OFFICER).get("/record/?of=platform").content.decode()

    assert "Omnichannel CRM" in page
    assert "Ecosystem Analytics" not in page, "what is decided together is not done on behalf"
    assert "record-of-processing-as-processor.xlsx" in page


@pytest.mark.parametrize("kind", ["record-of-processing", "record-of-processing-as-processor"])
def test_a_record_is_taken_along_as_workbook_json_and_pdf(house, kind):
    browser = house.at_work(Role.PRIVACY_OFFICER)

    workbook, as_json, pdf = (browser.get(f"/record/{kind}.{form}") for form in ("xlsx", "json", "pdf"))

    assert zipfile.ZipFile(io.BytesIO(workbook.content)).testzip() is None
    assert as_json.json()["article"].startswith("gdpr:30(")
    assert pdf.content.startswith(b"%PDF-")
    assert workbook.headers["Content-Disposition"] == f'attachment; filename="bloom-{kind}-v1.xlsx"'


@pytest.mark.parametrize(
    "path", ["/record/privacy-notice.pdf", "/record/record-of-processing.exe", "/impact/assessment.xlsx", "/record/x.json"]
)
def test_what_is_no_file_of_a_record_is_not_found(house, path):
    assert house.at_work(Role.PRIVACY_OFFICER).get(path).status_code == 404


def test_the_signs_of_a_high_risk_stand_with_their_place(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    page = browser.get("/impact/").content.decode()

    assert "An assessment is required" in page
    assert "data.visits.category: user.location.precise" in page
    begun = browser.get("/impact/assessment.json").json()
    assert begun["pia"]["name"] == "Bloom Fashion SRL: impact assessment, version 1"
    assert browser.get("/impact/assessment.pdf").content.startswith(b"%PDF-")


def test_another_brands_record_is_another(house):
    officer = house.staff[Role.PRIVACY_OFFICER]
    tenancy.grant(staff=officer, controller=house.harbour, role=Role.PRIVACY_OFFICER, by=BY, at=clock.now())
    browser = house.at_work(Role.PRIVACY_OFFICER)
    browser.post("/enter", {"controller": house.harbour})

    page = browser.get("/record/").content.decode()

    assert "Telcor" in page
    assert "Curier Exemplu" not in page


@pytest.mark.parametrize("path", ["/record/", "/impact/"])
def test_without_a_policy_there_is_nothing_to_record_yet(house, path):
    empty = tenancy.make_controller(
        slug="empty", name="Empty", country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=clock.now()
    )
    tenancy.grant(
        staff=house.staff[Role.PRIVACY_OFFICER], controller=empty.id, role=Role.PRIVACY_OFFICER, by=BY, at=clock.now()
    )
    browser = house.at_work(Role.PRIVACY_OFFICER)
    browser.post("/enter", {"controller": empty.id})

    assert "No policy is published yet" in browser.get(path).content.decode()
    assert browser.get("/record/record-of-processing.json").status_code == 404
    assert browser.get("/impact/assessment.json").status_code == 404
