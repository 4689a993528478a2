"""
The statement Process Lab's own policy replaces, encoded with its faults: the check finds each of them.

A row is one fault: in words, the code of the finding, and its place.
"""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from assent.privacy.policy import api as policy

HERE = Path(__file__).parent
AS_WRITTEN = HERE / "processlab-as-written"
MENDED = HERE.parents[1] / "policies" / "processlab"
TODAY = date(2026, 11, 25)

RECIPIENTS = [
    ("the Privacy Shield covers Google", "transfer", "recipients.google.safeguard.kind"),
    ("the Privacy Shield covers Facebook", "transfer", "recipients.facebook.safeguard.kind"),
    ("the group is the controller itself", "self_recipient", "recipients.group.name"),
    ("Google is a processor for lookalike campaigns", "role", "recipients.google.role"),
    ("Facebook is a processor for the Pixel", "role", "recipients.facebook.role"),
    ("LinkedIn sets cookies and is no recipient", "unknown_key", "cookies.bcookie.supplier"),
    ("YouTube sets cookies and is no service of Google's", "cookie_service", "cookies.gps.supplier"),
    ("a WordPress plug-in sets a cookie and is no recipient", "unknown_key", "cookies.logged_in.supplier"),
    ("another WordPress plug-in does so as well", "unknown_key", "cookies.security.supplier"),
    ("Campaign Monitor is in use and unlisted", "unlisted", "solutions.crm.title.en", "Campaign Monitor"),
    ("Telcor is in use and unlisted", "unlisted", "solutions.crm.title.en", "Telcor"),
]
PERMANENT = [
    (f"{key} is permanent", "no_end", f"cookies.{key}.lifetime") for key in ("disclaimer", "choices", "logged_in", "security")
]
SUPPLIERS = [
    ("wordpress_logged_in_ is Wordfence's", "cookie_supplier", "cookies.logged_in.supplier"),
    ("cerber_groove's supplier is unknown", "cookie_unknown", "cookies.security.name"),
    ("GPS is of Google Maps", "cookie_service", "cookies.gps.description"),
    ("GPS lives for the session", "cookie_lifetime", "cookies.gps.lifetime"),
    ("AMCVS_ of Adobe is LinkedIn's", "cookie_supplier", "cookies.adobe.supplier"),
    ("ELOQUA of Oracle is LinkedIn's", "cookie_supplier", "cookies.eloqua.supplier"),
    ("_ga of Google is LinkedIn's", "cookie_supplier", "cookies.ga_linkedin.supplier"),
    ("ga is misspelt", "cookie_name", "cookies.ga.name"),
    ("_utma is misspelt", "cookie_name", "cookies.utma.name"),
    ("_utmx is misspelt", "cookie_name", "cookies.utmx.name"),
    ("_utmxx is misspelt", "cookie_name", "cookies.utmxx.name"),
    ("_utmz is misspelt", "cookie_name", "cookies.utmz.name"),
]
CATEGORIES = [
    ("_ga stands in two categories", "cookie_twice", "cookies.ga_linkedin.category"),
    ("datr stands in two categories", "cookie_twice", "cookies.datr.category"),
    ("xs stands in two categories", "cookie_twice", "cookies.xs.category"),
    ("__gads is performance", "cookie_category", "cookies.gads.category"),
    ("SID is performance", "cookie_category", "cookies.sid.category"),
    ("datr is performance", "cookie_category", "cookies.datr_statistics.category"),
    ("xs is performance", "cookie_category", "cookies.xs_statistics.category"),
]
LIFETIMES = [
    ("_ga lives for the session", "cookie_lifetime", "cookies.ga.lifetime"),
    ("_gid lives for the session", "cookie_lifetime", "cookies.gid.lifetime"),
    ("__utma lives for the session", "cookie_lifetime", "cookies.utma.lifetime"),
    ("datr lives for the session", "cookie_lifetime", "cookies.datr.lifetime"),
    ("fr lives for the session", "cookie_lifetime", "cookies.fr.lifetime"),
    ("c_user lives for the session", "cookie_lifetime", "cookies.c_user.lifetime"),
    ("VISITOR_INFO1_LIVE lives for the session", "cookie_lifetime", "cookies.youtube_visitor.lifetime"),
    ("one lifetime for eleven names", "cookie_lumped", "cookies.bizoid.lifetime", "11 cookies"),
]
CLAIMS = [
    ("statistics are anonymous", "anonymous", "consent_categories.performance.description.en"),
    ("Google Analytics identifies nobody", "anonymous", "cookies.ga.description.en"),
    ("a third party's security cookie holds nothing personal", "anonymous", "cookies.security.description.en"),
    ("consent is withdrawn in the browser only", "withdrawal", "rights.explained.withdrawal.en"),
    ("there is no banner to take consent back in", "banner", "consent_categories"),
]
PURPOSES = [
    ("necessary cookies have no basis", "missing", "purposes.necessary_cookies.basis"),
    ("performance cookies have no basis", "missing", "purposes.performance.basis"),
    ("advertising cookies have no basis", "missing", "purposes.advertising.basis"),
    ("professional communication has no basis", "missing", "purposes.communication.basis"),
    ("contracts have no retention", "missing", "purposes.contracts.retention"),
    ("contact persons have no retention", "missing", "purposes.contact_persons.retention"),
    ("professional communication has no retention", "missing", "purposes.communication.retention"),
    ("necessary cookies have no retention", "missing", "purposes.necessary_cookies.retention"),
    ("performance cookies have no retention", "missing", "purposes.performance.retention"),
    ("advertising cookies have no retention", "missing", "purposes.advertising.retention"),
    ("no interest in contact persons is stated", "ground", "purposes.contact_persons", "`interest`"),
    ("no interest in the record of recruitments is stated", "ground", "purposes.recruitment_record", "`interest`"),
    ("no interest of the group is stated", "ground", "purposes.group_sharing", "`interest`"),
    ("no interest is weighed against contact persons", "ground", "purposes.contact_persons", "`balancing`"),
    ("no interest is weighed against applicants", "ground", "purposes.recruitment_record", "`balancing`"),
    ("no interest is weighed against sharing in the group", "ground", "purposes.group_sharing", "`balancing`"),
    ("photos are biometric and have no condition", "special", "purposes.solutions.data"),
    ("public sources are not named", "source", "sources.public"),
    ("news have no words to agree to by e-mail", "consent", "purposes.information_service.channels", "email"),
    ("news do not say how to stop them", "marketing", "purposes.information_service", "how to stop"),
    ("nothing is there to ask again with", "retention", "purposes.information_service.retention.then"),
]
LEFT_OUT = [
    ("the controller has no address", "missing", "controller.address"),
    ("nothing is said of a data protection officer", "missing", "controller.data_protection_officer"),
    ("the authority has no contact", "missing", "controller.authority.contact"),
    ("the statement has no date", "undated", "policy"),
    ("the extension has no limit", "missing", "rights.deadlines.extension"),
    ("breaches have no deadline", "missing", "rights.deadlines.breach"),
    ("copies in backups have no end", "missing", "backups"),
    ("measures of security show no check", "missing", "measures.cookies.check"),
    ("nobody is named to agree with on a solution", "agreement", "solutions.crm"),
    ("joint duties are not allotted", "agreement", "solutions.ecosystem", "nobody is named for information"),
]
SEEDED = [*RECIPIENTS, *PERMANENT, *SUPPLIERS, *CATEGORIES, *LIFETIMES, *CLAIMS, *PURPOSES, *LEFT_OUT]


@cache
def found():
    return policy.check(AS_WRITTEN, on=TODAY)


@pytest.mark.parametrize("fault", SEEDED, ids=[fault[0] for fault in SEEDED])
def test_each_fault_of_the_statement_is_found(fault):
    _, code, place, *words = fault
    hits = [
        each for each in found() if each.code == code and each.place == place and all(word in each.message for word in words)
    ]
    assert hits, [str(each) for each in found() if each.place == place]
    assert hits[0].file == "processlab-as-written/policy.yaml"
    assert hits[0].cure


def test_every_finding_stands_on_the_line_it_speaks_of():
    lines = (AS_WRITTEN / "policy.yaml").read_text().splitlines()
    for each in found():
        assert 1 <= each.line <= len(lines)
        key = each.place.removesuffix(".en").split(".")[-1]
        assert each.code in {"missing", "ground", "undated"} or key in lines[each.line - 1] or key == "policy", str(each)


@pytest.mark.parametrize("each", ["_ga", "_gid", "fr", "bcookie", "VISITOR_INFO1_LIVE"])
def test_the_policy_that_replaces_it_says_of_the_same_cookies_what_is_true(each):
    cookies = policy.load(MENDED).policy.cookies.values()
    assert each in {cookie.name for cookie in cookies}
    assert policy.check(MENDED, on=TODAY) == []


def test_a_basis_swapped_without_a_reason_is_found_against_the_version_in_force():
    loaded = policy.load(MENDED).policy
    swapped = loaded.model_copy(
        update={
            "purposes": {**loaded.purposes, "contracts": loaded.purposes["contracts"].model_copy(update={"basis": "consent"})}
        }
    )
    (finding,) = policy.check(MENDED, on=TODAY, against=swapped)
    assert (finding.code, finding.place, finding.clause) == ("basis_swapped", "purposes.contracts.basis", "gdpr:5(2)")


def test_a_purpose_added_without_prior_notice_is_found_against_the_version_in_force():
    loaded = policy.load(MENDED).policy
    before = loaded.model_copy(
        update={"purposes": {key: each for key, each in loaded.purposes.items() if key != "recruitment_record"}}
    )
    (finding,) = policy.check(MENDED, on=TODAY, against=before)
    assert (finding.code, finding.place, finding.clause) == ("new_purpose", "purposes.recruitment_record", "gdpr:13(3)")
    assert "full_name" in finding.message


def test_the_faults_as_written_are_found_next_to_what_changed():
    """The statement would replace a good policy: swapped bases and new purposes are seen through all its faults of shape."""
    codes = {(each.code, each.place) for each in policy.check(AS_WRITTEN, on=TODAY, against=policy.load(MENDED).policy)}
    assert ("new_purpose", "purposes.group_sharing") in codes
    assert ("new_purpose", "purposes.contact_persons") in codes
