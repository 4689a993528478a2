"""Every kind of finding, brought about on purpose; each is explained in ``docs/policy-checks.md``."""

# ruff: noqa: E501 - a table reads best with a row to a line

import re
from datetime import date
from pathlib import Path

import pytest

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Severity
from assent.privacy.policy.load import check, load

DOCS = Path(__file__).parents[4] / "docs" / "policy-checks.md"
TODAY = date(2026, 11, 25)
FRAMEWORK = "checked_on: 2026-11-02\n      valid_until: 2027-11-01\n"

# Bundle, file, what stands there, what to write instead, and the place the finding must name.
CASES = [
    (Code.UNREADABLE, "bloom", "policy.yaml", "extends: ../brand", "extends: ../nowhere", "policy.yaml"),
    (Code.YAML, "brand", "policy.yaml", "slug: brand", "slug: &slug brand", "controller.slug"),
    (Code.YAML, "brand", "policy.yaml", "slug: brand", "slug: brand\n  slug: brand", "controller.slug"),
    (Code.EXTENDS, "bloom", "policy.yaml", "extends: ../brand", "extends: ../bloom", "extends"),
    (Code.MISSING, "brand", "policy.yaml", "    basis: contract\n", "", "purposes.service.basis"),
    (Code.MISSING, "brand", "policy.yaml", "    retention: {duration: P3Y, counted_from: contract_ended, then: erase}\n", "", "purposes.service.retention"),
    (Code.MISSING, "brand", "policy.yaml", "      sale: [order_completed]\n", "", "purposes.similar_products.soft_opt_in.sale"),
    (Code.MISSING, "brand", "policy.yaml", "      similar: {", "      # similar: {", "purposes.similar_products.soft_opt_in.similar"),
    (Code.MISSING, "brand", "policy.yaml", "answer: P1M, extension: P2M,", "answer: P1M,", "rights.deadlines.extension"),
    (Code.UNKNOWN_PART, "brand", "policy.yaml", "channels: [email, sms, push]", "chanels: [email, sms, push]", "purposes.direct_marketing.chanels"),
    (Code.NO_END, "brand", "policy.yaml", "lifetime: P90D", "lifetime: Permanent", "cookies.meta_ads.lifetime"),
    (Code.NO_END, "brand", "policy.yaml", "{duration: P13M, counted_from: collected", "{duration: nelimitat, counted_from: collected", "purposes.performance.retention.duration"),
    (Code.SHAPE, "brand", "policy.yaml", "basis: contract", "basis: contrct", "purposes.service.basis"),
    (Code.UNKNOWN_KEY, "brand", "policy.yaml", "data: [account, browsing]", "data: [account, browsin]", "purposes.performance.data.1"),
    (Code.UNUSED, "brand", "policy.yaml", "sources:\n", "sources:\n  gossip: {title: {en: Gossip, ro: Bârfă}, kind: person}\n", "sources.gossip"),
    (Code.UNUSED, "processlab", "policy.yaml", "traits:\n", "traits:\n  hobby: {data: hobby}\n", "traits.hobby"),
    (Code.MISSING_LANGUAGE, "brand", "policy.yaml", "{en: Choose, ro: Aleg}", "{en: Choose}", "banner.choose"),
    (Code.EXTRA_LANGUAGE, "brand", "policy.yaml", "{en: Choose, ro: Aleg}", "{en: Choose, ro: Aleg, fr: Je}", "banner.choose.fr"),
    (Code.UNWRITTEN_LANGUAGE, "brand", "policy.yaml", "languages: [ro, en]", "languages: [ro, en, fr]", "controller.languages.2"),
    (Code.CEDILLA, "brand", "policy.yaml", "{en: Choose, ro: Aleg}", "{en: Choose, ro: Aleşi}", "banner.choose.ro"),
    (Code.TEXT, "brand", "texts/en/opt_out.md", "free of charge", "free of {charge}", "texts.opt_out"),
    (Code.TEXT_MISSING, "brand", "texts/ro/opt_out.md", None, None, "texts.opt_out"),
    (Code.TEXT_UNDECLARED, "brand", "texts/ro/gossip.md", None, "Bârfă.\n", "texts.gossip"),
    (Code.HTML, "brand", "policy.yaml", "{en: Choose, ro: Aleg}", '{en: "<b>Choose</b>", ro: Aleg}', "banner.choose.en"),
    (Code.HTML, "brand", "texts/ro/opt_out.md", "Un clic", "<a href='#'>Un clic</a>", "texts.opt_out"),
    (Code.UNDATED, "brand", "policy.yaml", "dated: 2026-11-23\n", "", "policy"),
    (Code.OFFICER, "processlab", "policy.yaml", "    none_because:", "    contact: {email: a@b.example}\n    none_because:", "controller.data_protection_officer"),
    (Code.TIME_ZONE, "brand", "policy.yaml", "time_zone: Europe/Bucharest", "time_zone: Bucharest", "controller.time_zone"),
    (Code.RIGHT, "brand", "policy.yaml", "    complaint: ", "    # complaint: ", "rights.explained"),
    (Code.DEADLINE, "brand", "policy.yaml", "extension: P2M", "extension: P3M", "rights.deadlines.extension"),
    (Code.DEADLINE, "brand", "policy.yaml", "answer: P1M", "answer: P30D", "rights.deadlines.answer"),
    (Code.DEADLINE, "brand", "policy.yaml", "breach: PT72H", "breach: P4D", "rights.deadlines.breach"),
    (Code.DEADLINE, "brand", "policy.yaml", "tell_source: P1M", "tell_source: P5W", "rights.deadlines.tell_source"),
    (Code.SOURCE, "processlab", "policy.yaml", "kind: public, named: the contact page of that company", "kind: public", "sources.company_site"),
    (Code.MEASURE, "brand", "policy.yaml", "check: audit-chain", "check: audit-chains", "measures.audit.check"),
    (Code.AGREEMENT, "brand", "policy.yaml", "agreement: processing", "agreement: none", "solutions.crm.agreement"),
    (Code.GROUND, "processlab", "policy.yaml", "    balancing:\n      en: You started", "    x:\n      en: You started", "purposes.communication"),
    (Code.SPECIAL, "brand", "policy.yaml", "category: user.demographic.date_of_birth", "category: user.biometric", "data.birth_date.category"),
    (Code.SPECIAL, "brand", "policy.yaml", "{title: {en: Date of birth, ro: Data nașterii}, category: user.demographic.date_of_birth", "{title: {en: Biometric photo, ro: Fotografie}, category: user.content.self_image", "data.birth_date.category"),
    (Code.SPECIAL, "brand", "policy.yaml", "category: user.demographic.date_of_birth,", "category: user.demographic.date_of_birth, special: true,", "purposes.direct_marketing.data"),
    (Code.CONSENT, "brand", "policy.yaml", "wording: {email: marketing_email, ", "wording: {", "purposes.direct_marketing.channels"),
    (Code.WITHDRAWAL, "brand", "texts/en/offers_choice.md", " or at {contact}", "", "purposes.profiling_offers.wording.onsite"),
    (Code.WITHDRAWAL, "brand", "policy.yaml", "Any consent you may take back as easily as you gave it.", "Consent ends in the settings of your browser.", "rights.explained.withdrawal.en"),
    (Code.WITHDRAWAL, "brand", "policy.yaml", "Orice consimțământ îl puteți retrage la fel de ușor cum l-ați dat.", "Consimțământul îl retrageți din setările browserului.", "rights.explained.withdrawal.ro"),
    (Code.RETENTION, "brand", "policy.yaml", "    ask_again: ask_again\n", "", "purposes.direct_marketing.retention.then"),
    (Code.MARKETING, "brand", "policy.yaml", "    opt_out: opt_out\n", "", "purposes.direct_marketing"),
    (Code.OPERATIONS, "brand", "policy.yaml", "operations: [store, use, disclose, transfer]", "operations: [store, use, disclose]", "purposes.advertising.recipients"),
    (Code.INSTRUCTIONS, "brand", "policy.yaml", "    instructions:\n      text: {en: ", "    x:\n      text: {en: ", "recipients.courier"),
    (Code.FEATURE, "brand", "policy.yaml", "excluded_features: [custom_audiences,", "excluded_features: [custom_audience,", "recipients.meta.instructions.excluded_features.0"),
    (Code.ROLE, "processlab", "policy.yaml", "role: joint_controller\n    country: IE\n    services: {en: Pixel", "role: processor\n    country: IE\n    services: {en: Pixel", "recipients.meta.role"),
    (Code.ROLE, "processlab", "policy.yaml", "role: independent_controller\n    country: IE", "role: processor\n    country: IE", "recipients.google_ads.role"),
    (Code.SELF, "brand", "policy.yaml", "name: Curier Exemplu SRL", "name: BRAND S.R.L.", "recipients.courier.name"),
    (Code.UNLISTED, "brand", "policy.yaml", "Helps us see which pages work", "Hotjar helps us see which pages work", "consent_categories.performance.description.en"),
    (Code.TRANSFER, "brand", "policy.yaml", "kind: data_privacy_framework", "kind: privacy_shield", "recipients.meta_us.safeguard.kind"),
    (Code.TRANSFER, "brand", "policy.yaml", "      fallback: standard_clauses\n", "", "recipients.meta_us.safeguard"),
    (Code.TRANSFER, "brand", "policy.yaml", "checked_on: 2026-11-02", "checked_on: 2026-12-24", "recipients.meta_us.safeguard.checked_on"),
    (Code.TRANSFER_LAPSED, "brand", "policy.yaml", FRAMEWORK, "checked_on: 2026-01-02\n      valid_until: 2026-11-01\n", "recipients.meta_us.safeguard.valid_until"),
    (Code.TRANSFER_STALE, "brand", "policy.yaml", FRAMEWORK, "checked_on: 2025-10-02\n      valid_until: 2027-11-01\n", "recipients.meta_us.safeguard.checked_on"),
    (Code.TRANSFER_STALE, "brand", "policy.yaml", FRAMEWORK, "checked_on: 2026-01-02\n      valid_until: 2026-12-01\n", "recipients.meta_us.safeguard.valid_until"),
    (Code.BANNER, "brand", "policy.yaml", "\nbanner:\n", "\nwhatever:\n", "consent_categories"),
    (Code.COOKIE, "brand", "policy.yaml", "category: performance\n    purpose: performance", "category: advertising\n    purpose: performance", "cookies.visitor.purpose"),
    (Code.COOKIE_POLICY, "brand", "policy.yaml", "    policy: https://www.facebook.com/privacy/policies/cookies\n", "", "cookies.meta_browser"),
    (Code.COOKIE_RECIPIENT, "brand", "policy.yaml", "recipients: [platform, meta, meta_us]", "recipients: [platform, meta_us]", "cookies.meta_browser.supplier"),
    (Code.COOKIE_TWICE, "processlab", "policy.yaml", "name: _gid\n    supplier: google_analytics\n    category: performance", "name: fr\n    supplier: google_analytics\n    category: performance", "cookies.meta_ads.category"),
    (Code.COOKIE_NAME, "processlab", "policy.yaml", "name: _fbp", "name: fbp", "cookies.meta_browser.name"),
    (Code.COOKIE_UNKNOWN, "processlab", "policy.yaml", "name: _gid", "name: nobody_knows_me", "cookies.ga_day.name"),
    (Code.COOKIE_SUPPLIER, "processlab", "policy.yaml", "name: bcookie", "name: ELOQUA", "cookies.linkedin_browser.supplier"),
    (Code.COOKIE_SUPPLIER, "brand", "policy.yaml", "name: basket", "name: _fbc", "cookies.basket.supplier"),
    (Code.COOKIE_CATEGORY, "processlab", "policy.yaml", "name: _gid", "name: __gads", "cookies.ga_day.category"),
    (Code.COOKIE_CATEGORY, "brand", "policy.yaml", "name: basket", "name: _fbc", "cookies.basket.category"),
    (Code.COOKIE_LIFETIME, "processlab", "policy.yaml", "lifetime: PT24H", "lifetime: session", "cookies.ga_day.lifetime"),
    (Code.COOKIE_LIFETIME, "processlab", "policy.yaml", "lifetime: P179D", "lifetime: P2Y", "cookies.youtube_visitor.lifetime"),
    (Code.COOKIE_SERVICE, "processlab", "policy.yaml", "{en: Estimates the bandwidth for a video and serves advertising.,", "{en: Keeps preferences of Google Maps.,", "cookies.youtube_visitor.description"),
    (Code.COOKIE_SERVICE, "processlab", "policy.yaml", "supplier: google_analytics", "supplier: google_us", "cookies.ga_visitor.supplier"),
    (Code.ANONYMOUS, "brand", "policy.yaml", "Helps us see which pages work", "Helps us see anonymously which pages work", "consent_categories.performance.description.en"),
    (Code.ANONYMOUS, "brand", "policy.yaml", "Ne ajută să vedem ce pagini merg bine", "Ne ajută să vedem anonim ce pagini merg bine", "consent_categories.performance.description.ro"),
    (Code.ANONYMOUS, "brand", "texts/ro/performance_choice.md", "cu un număr aleatoriu", "anonim, cu un număr aleatoriu", "texts.performance_choice"),
    (Code.ANONYMOUS, "brand", "policy.yaml", "We count which pages are visited", "No personal data is kept when we count which pages are visited", "purposes.performance.description.en"),
    (Code.EVENT, "brand", "policy.yaml", "name: Order Refunded", "name: Order Completed", "events.order_refunded.name"),
    (Code.PROPERTY, "brand", "policy.yaml", "tax: {type: money", "taxes: {type: money", "events.order_completed.properties.taxes"),
    (Code.SEALING, "brand", "policy.yaml", "type: code, data: purchases, max_length: 64", "type: code, data: email, max_length: 64", "events.order_completed.properties.order_id"),
    (Code.FOLD, "brand", "policy.yaml", "property: total}", "property: currency}", "events.order_completed.folds.1.property"),
    (Code.TRAIT, "brand", "policy.yaml", "derived: {trait: birth_date, how: month_day}", "derived: {trait: age_band, how: month_day}", "traits.birthday.derived.trait"),
    (Code.TRAIT, "brand", "policy.yaml", "derived: {trait: birth_date, how: month_day}", "derived: {trait: birthday, how: month_day}", "traits.birthday.derived.trait"),
]  # fmt: skip
BEYOND = {
    Code.BASIS_SWAPPED: "below, against the version in force",
    Code.NEW_PURPOSE: "below, against the version in force",
    Code.COOKIE_LUMPED: "below, with five cookies",
}


def documented():
    """Return code → (severities, clauses) as the page says."""
    rows = re.findall(r"^\| `(\w+)` \| ([a-z, ]+) \| [^|]+ \| ([^|]*)\| [^|]+ \|$", DOCS.read_text(), flags=re.MULTILINE)
    return {code: (set(severities.split(", ")), clauses) for code, severities, clauses in rows}


def assert_documented(finding):
    severities, clauses = documented()[finding.code]
    assert finding.severity in severities, finding
    assert finding.clause in clauses, finding


def prepared(house, case):
    """Write the fault into the bundle and return the findings."""
    _, name, file, old, new, _ = case
    path = house / name / file
    if name == "processlab" and file == "policy.yaml" and "hobby" in str(new):
        text = path.read_text().replace("data:\n  full_name", f"data:\n  hobby: {HOBBY}\n  full_name", 1)
        path.write_text(text)
    if old is None:
        path.write_text(new) if new else path.unlink()
    else:
        text = path.read_text()
        assert old in text, f"{name}/{file} no longer says {old!r}"
        path.write_text(text.replace(old, new, 1))
    return check(house / name, on=TODAY)


HOBBY = "{title: {en: Hobby, ro: Hobby}, category: user.social, kind: classic, storage: plain}"


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}:{case[-1]}" for case in CASES])
def test_each_kind_of_fault_is_found_and_explained(house, case):
    code, place = case[0], case[-1]
    found = prepared(house, case)
    hits = [each for each in found if each.code == code and each.place == place]
    assert hits, [str(each) for each in found]
    for each in found:
        assert each.file
        assert each.line >= 1
        assert each.cure
        assert_documented(each)


def test_every_kind_of_finding_has_a_case():
    assert {case[0] for case in CASES} | set(BEYOND) == set(Code)


def test_every_kind_of_finding_is_in_the_documents_and_no_other():
    assert set(documented()) == set(Code)


def test_five_cookies_with_one_lifetime_are_doubted(house):
    path = house / "processlab" / "policy.yaml"
    path.write_text(re.sub(r"lifetime: (P2Y|PT24H|PT1H)", "lifetime: P6M", path.read_text()))
    extra = (
        "  ga_fifth:\n    name: _gac_*\n    supplier: google_analytics\n    category: performance\n    purpose: performance\n"
    )
    extra += (
        "    description: {en: A fifth., ro: A cincea.}\n    lifetime: P6M\n    policy: https://policies.google.com/privacy\n"
    )
    path.write_text(path.read_text().replace("  ga_rate:\n", extra + "  ga_rate:\n", 1))
    (found,) = [each for each in check(house / "processlab", on=TODAY) if each.code == Code.COOKIE_LUMPED]
    assert found.place == "cookies.ga_visitor.lifetime"
    assert "5 cookies" in found.message
    assert_documented(found)


def changed_purposes(policy, change):
    return policy.model_copy(update={"purposes": change(dict(policy.purposes))})


def test_a_basis_swapped_since_the_version_in_force_is_found(house):
    bundle = house / "processlab"
    before = load(bundle).policy
    path = bundle / "policy.yaml"
    path.write_text(path.read_text().replace("    basis: legitimate_interests\n", "    basis: contract\n", 1))
    found = [each for each in check(bundle, on=TODAY, against=before) if each.code == Code.BASIS_SWAPPED]
    assert [each.place for each in found] == ["purposes.company_contacts.basis"]
    assert_documented(found[0])


def test_a_purpose_new_since_the_version_in_force_is_found(house):
    bundle = house / "processlab"
    before = changed_purposes(load(bundle).policy, lambda all_: {key: all_[key] for key in all_ if key != "later_vacancies"})
    (found,) = check(bundle, on=TODAY, against=before)
    assert (found.code, found.place) == (Code.NEW_PURPOSE, "purposes.later_vacancies")
    assert_documented(found)
    assert check(bundle, on=TODAY, against=load(bundle).policy) == []


def test_what_a_court_or_the_board_said_stops_publication_and_what_volunteers_noted_warns(house):
    """The database alone warns; with our own list of services beside it, it stops."""
    path = house / "processlab" / "policy.yaml"
    path.write_text(path.read_text().replace("name: bcookie", "name: hubspotutk"))
    severity = {each.code: each.severity for each in check(house / "processlab", on=TODAY)}
    assert severity[Code.COOKIE_SUPPLIER] is Severity.WARNING
    path.write_text(path.read_text().replace("name: hubspotutk", "name: ELOQUA"))
    severity = {each.code: each.severity for each in check(house / "processlab", on=TODAY)}
    assert severity[Code.COOKIE_SUPPLIER] is Severity.ERROR


def test_a_denied_claim_is_no_claim(house):
    path = house / "brand" / "policy.yaml"
    words = "This is not anonymous and helps us see which pages work"
    path.write_text(path.read_text().replace("Helps us see which pages work", words, 1))
    assert check(house / "brand", on=TODAY) == []
