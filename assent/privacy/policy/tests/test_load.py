"""A bundle says what is wrong with it: where, why and how to mend it."""

# ruff: noqa: E501 - a table reads best with a row to a line

import json
import re
from datetime import date, timedelta

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from assent.privacy.policy.contracts import Finding, InvalidPolicy, Severity
from assent.privacy.policy.load import check, check_files, load, load_files
from assent.privacy.policy.schemas import schema
from assent.privacy.policy.tests.conftest import BUNDLES

ALL = sorted(path.parent.name for path in BUNDLES.glob("*/policy.yaml"))
LAPSED = date(2027, 11, 1) + timedelta(days=1)


def line_of(path, words):
    return next(at for at, line in enumerate(path.read_text().splitlines(), 1) if words in line)


def swap(path, old, new):
    text = path.read_text()
    assert old in text, f"the bundle no longer says {old!r}"
    path.write_text(text.replace(old, new, 1))


def errors(bundle, **kwargs):
    return [finding for finding in check(bundle, **kwargs) if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("name", ALL)
def test_every_bundle_we_ship_is_clean(name):
    assert check(BUNDLES / name, on=date(2026, 11, 23)) == []


@pytest.mark.parametrize("name", ALL)
def test_every_bundle_we_ship_fits_the_published_schema(name):
    path = BUNDLES / name / "policy.yaml"
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
    assert named, "the first line names the schema, so that editors complete the file"
    found = json.loads((path.parent / named[1]).read_text())
    data = YAML(typ="safe", pure=True).load(re.sub(r"(\d{4}-\d{2}-\d{2})", r'"\1"', path.read_text()))
    assert [error.message for error in Draft202012Validator(found).iter_errors(data)] == []


@pytest.mark.parametrize(("name", "overlay"), [("policy", False), ("policy-overlay", True)])
def test_the_published_schema_is_up_to_date(name, overlay):
    assert json.loads((BUNDLES / f"{name}.schema.json").read_text()) == schema(overlay=overlay)


def test_romanian_words_have_commas_below_and_no_text_is_left_open():
    for name in ALL:
        for text in load(BUNDLES / name).texts.values():
            assert not set(text) & set("şţŞŢ{}")


def test_the_demo_brands_differ_where_it_makes_sense():
    bloom, harbour, orbit = (load(BUNDLES / name).policy for name in ("bloom", "harbour", "orbit"))
    assert "advertising" not in harbour.purposes
    assert "meta" not in harbour.recipients
    assert orbit.purposes["warranty"].basis == "legal_obligation"
    assert "products.size" in bloom.events["order_completed"].purposes["service"]
    assert load(BUNDLES / "bloom").texts["marketing_email", "en"].startswith("Yes, Bloom Fashion SRL may")
    assert set(load(BUNDLES / "processlab").policy.recipients["meta"].instructions.excluded_features) == {
        "custom_audiences",
        "custom_conversions",
    }


# Each row: what to write instead of what, and what the finding must say of it (place, words, cure).
BROKEN = [
    ("basis: contract", "basis: contrct", "purposes.service.basis", "'contrct' is not one of", "write 'contract'"),
    ("    basis: consent\n", "", "purposes.direct_marketing.basis", "`basis` is missing", "add `basis: …`"),
    ("channels: [email, sms, push]", "chanels: [email]", "purposes.direct_marketing.chanels", "not a known key", "`channels`"),
    (
        "retention: {duration: P13M, counted_from: collected, then: erase}",
        "retention: {duration: Permanent, counted_from: collected, then: erase}",
        "purposes.performance.retention.duration",
        "not an ISO 8601 duration",
        "nothing is kept without an end",
    ),
    ("lifetime: P90D", "lifetime: Permanent", "cookies.meta_ads.lifetime", "not an ISO 8601", "P30D"),
    ("data: [account, browsing]", "data: [account, browsin]", "purposes.performance.data.1", "no data item", "'browsing'"),
    ("recipients: [platform, courier]", "recipients: [platform, curier]", "purposes.service.recipients.1", "", "'courier'"),
    ("source_line: source_line", "source_line: sourceline", "purposes.direct_marketing.source_line", "", "'source_line'"),
    ("performance: [path, title]", "performance: [pathh, title]", "events.page_viewed.purposes.performance.0", "", "'path'"),
    (
        "direct_marketing: [total, currency, products.category]",
        "direct_marketng: [total]",
        "events.order_completed.purposes.direct_marketng",
        "no purpose",
        "'direct_marketing'",
    ),
    ("birth_date, how: age_band", "birthdate, how: age_band", "traits.age_band.derived.trait", "no trait", "'birth_date'"),
    ("supplier: meta\n", "supplier: metta\n", "cookies.meta_browser.supplier", "no recipient", "'meta'"),
    ("{en: Choose, ro: Aleg}", "{en: Choose}", "banner.choose", "missing in 'ro'", "add `ro: …`"),
    ("{en: Choose, ro: Aleg}", "{en: Choose, ro: Aleg, fr: Je}", "banner.choose.fr", "no language of", "remove the words"),
    ("{en: Choose, ro: Aleg}", "{en: Choose, ro: Aleşi}", "banner.choose.ro", "cedilla", "ș"),
    (
        "category: user.demographic.date_of_birth, dpv: BirthDate, kind: classic, storage: sealed",
        "category: user.biometric, kind: sensitive, storage: sealed, special: true",
        "purposes.direct_marketing.data",
        "special data without a condition",
        "art. 9(2)",
    ),
    ("wording: {email: marketing_email, ", "wording: {", "purposes.direct_marketing.channels", "no wording", "wording.email"),
    ("    ask_again: ask_again\n", "", "purposes.direct_marketing.retention.then", "nothing to ask with", "`ask_again`"),
    ("    opt_out: opt_out\n", "", "purposes.direct_marketing", "how to stop", "add `opt_out`"),
    ('    law: {en: "Accounting Act no. 82/1991", ro: "Legea contabilității nr. 82/1991"}\n', "", "purposes.legal_accounts", "without `law`", "statute"),
    ("basis: soft_opt_in", "basis: legitimate_interests", "purposes.similar_products.basis", "electronic marketing", "consent"),
    ("basis: soft_opt_in", "basis: legitimate_interests", "purposes.similar_products", "without `interest`", "add `interest`"),
    ("basis: soft_opt_in", "basis: legitimate_interests", "purposes.similar_products", "without `balancing`", "override"),
    ("sale: [order_completed]", "sale: [order_complete]", "purposes.similar_products.soft_opt_in.sale.0", "no event", "order_completed"),
    ("kind: data_privacy_framework", "kind: privacy_shield", "recipients.meta_us.safeguard.kind", "16 July 2020", "standard_clauses"),
    ("operations: [store, use, disclose, transfer]", "operations: [store, use, disclose]", "purposes.advertising.recipients", "transfer", "add"),
    ("counts_as_interaction: true", "counts_as_interaction: yes", "events.order_completed.counts_as_interaction", "is a text", "true or false"),
    ("type: code, data: purchases, max_length: 64", "type: code, data: email, max_length: 64", "events.order_completed.properties.order_id", "is sealed", "identifying"),
    ("tax: {type: money", "taxes: {type: money", "events.order_completed.properties.taxes", "serves no purpose", "list it"),
    ("property: total}", "property: currency}", "events.order_completed.folds.1.property", "cannot be counted", "number"),
    ("name: Order Refunded", "name: Order Completed", "events.order_refunded.name", "same name", "one of the two"),
    ("category: necessary\n    purpose: service", "category: necessary\n    purpose: performance", "cookies.basket.category", "cannot rest", "move"),
    ("category: performance\n    purpose: performance", "category: advertising\n    purpose: performance", "cookies.visitor.purpose", "not asked for", "consent"),
    ("agreement: processing", "agreement: none", "solutions.crm.agreement", "works under", "'processing'"),
    ("excluded_features: [custom_audiences,", "excluded_features: [custom_audience,", "recipients.meta.instructions.excluded_features.0", "excludes nothing", "'custom_audiences'"),
    ("purposes: [privacy_requests, performance, advertising]", "purposes: [privacy_requests, performance]", "purposes.advertising", "lies in no solution", "`solutions`"),
    ("    complaint: ", "    # complaint: ", "rights.explained", "complaint is not explained", "add"),
    ("time_zone: Europe/Bucharest", "time_zone: Bucharest", "controller.time_zone", "no time zone", "Europe/Bucharest"),
    ("country: RO\n  address", "country: Romania\n  address", "controller.country", "not written as it should", "two capital letters"),
    ("data_kept: P30D", "data_kept: 30", "backups.data_kept", "is a number", "quoted"),
    ("slug: brand", "slug: brand\n  slug: brand", "controller.slug", "stands twice", "keep one"),
    ("slug: brand", "slug: &slug brand", "controller.slug", "anchor", "extends"),
    ("slug: brand", "slug: !!python/name:os.system brand", "controller.slug", "tag", "remove"),
    ("max_length: 3}", "max_length: 3.5}", "events.order_completed.properties.currency.max_length", "fraction", "whole number"),
    ("max_length: 3}", "max_length: 99999999999999999999}", "events.order_completed.properties.currency.max_length", "whole", "quote"),
    ("  name: Brand SRL", "  name: [Brand", "yaml", "", "mend the YAML"),
    ("  name: Brand SRL", '  name: "Brand\\u202eLRS"', "controller.name", "U+202E", "delete"),
    ("  name: Brand SRL", '  name: "Brand\\ud800"', "controller.name", "half of a character", "itself"),
]  # fmt: skip


# The same for what only some policies do: the bundle comes first.
BROKEN_ELSEWHERE = [
    ("processlab", "    balancing:\n      en: You started", "    ground:\n      en: You started", "purposes.communication.ground", "not a known key", "remove"),
    ("processlab", "    interest: {en: Answering", "    law: {en: Answering", "purposes.communication.law", "does not belong", "correct the basis"),
    ("processlab", "kind: public, named: the contact page of that company", "kind: public", "sources.company_site", "not named", "name the register"),
    ("processlab", "    safeguard: {kind: standard_clauses,", "    # {kind: standard_clauses,", "recipients.campaign_monitor", "AU is outside", "add `safeguard`"),
    ("processlab", "{kind: standard_clauses,", "{kind: data_privacy_framework,", "recipients.campaign_monitor.safeguard.kind", "United States only", "another"),
    ("processlab", "checked_on: 2026-11-02, valid_until: 2027-11-01", "checked_on: 2026-11-02, valid_until: 2026-11-01", "recipients.google_us.safeguard.valid_until", "before it was checked", "correct"),
    ("processlab", "checked_on: 2026-11-02", "checked_on: 2026-13-02", "recipients.google_us.safeguard.checked_on", "", "day"),
    ("processlab", "fallback: standard_clauses}", "fallback: privacy_shield}", "recipients.google_us.safeguard.fallback", "16 July 2020", "standard_clauses"),
    ("processlab", "    confirmation: confirm_email\n", "", "purposes.information_service.double_opt_in", "nothing to confirm by", "confirmation"),
    ("processlab", "    double_opt_in: true\n", "    double_opt_in: sometimes\n", "purposes.information_service.double_opt_in", "is a text", "true or false"),
    ("processlab", "channels: [email]\n    wording", "channels: [email]\n    per_channel_choice: true\n    wording", "purposes.later_vacancies.per_channel_choice", "one channel", "add channels"),
    ("processlab", "wording: {email: vacancies_email}", "wording: {email: vacancies_email, sms: service_sms}", "purposes.later_vacancies.wording.sms", "not used", "`channels`"),
    ("processlab", "    dpv: [EnforceSecurity]", "    consent_expires: P1Y\n    dpv: [EnforceSecurity]", "purposes.website.consent_expires", "belongs to consent", "remove"),
    ("processlab", "{duration: P30D, counted_from: collected, then: erase}", "{duration: P30D, counted_from: consent_given, then: erase}", "purposes.website.retention", "no consent", "another moment"),
    ("processlab", "    operations: [store, use, disclose]\n", "    operations: [store, use, transfer]\n", "purposes.contracts.operations", "without recipients outside", "remove transfer"),
    ("processlab", "    instructions:\n      text: {en: Stores our mail", "    privacy:\n      text: {en: Stores our mail", "recipients.google_workspace.privacy", "not a known key", ""),
    ("processlab", "    type: page\n", "    type: track\n", "events.page_viewed.name", "cannot have this name", "name track"),
    ("processlab", "    purposes: {recruitment: [position, collaboration]}", "    purposes: {}", "events.application_submitted", "no purpose", "remove the event"),
    ("processlab", "{attribute: applied_on, kind: last,", "{attribute: industry, kind: last,", "events.application_submitted.folds.0.attribute", "a trait already", "another name"),
    ("processlab", "{attribute: last_click_on, kind: last, purpose", "{attribute: clicks_count, kind: last, purpose", "events.link_clicked.folds.1.attribute", "another way", "same kind"),
    ("processlab", "kind: count, purpose: performance}", "kind: count, purpose: performance, property: path}", "events.page_viewed.folds.0", "takes no property", "remove"),
    ("processlab", "kind: count, purpose: performance}", "kind: sum, purpose: performance}", "events.page_viewed.folds.0", "needs a property", "add"),
    ("processlab", "path: {type: string, data: browsing, max_length: 300}", "path: {type: string, data: browsing, identifying: true}", "events.page_viewed.properties.path", "is plain", "identifying"),
    ("processlab", "path: {type: string,", "path: {of: {x: {type: code, data: browsing}}, type: string,", "events.page_viewed.properties.path.of", "only a list", "list"),
    ("processlab", "wire: [firstName]", "wire: [firstName, lastName]", "traits.last_name.wire", "read by 'first_name'", "once"),
    ("brand", "data: age_band, derived: {trait: birth_date, how: age_band}", "data: email, derived: {trait: birth_date, how: age_band}", "traits.age_band.data", "in plain", "plain data item"),
    ("brand", "    contact: {email: dpo@brand.example}", "    contact: {email: dpo@brand.example}\n    none_because: {en: Few, ro: Puțini}", "controller.data_protection_officer", "one of the two", "none_because"),
    ("brand", "    basis: contract\n", "    basis: contract\n    special_condition: b\n", "purposes.service.special_condition", "no special data", "remove"),
    ("brand", "    basis: contract\n", "    basis: contract\n    direct_marketing: true\n", "purposes.service.basis", "electronic marketing", "consent"),
    ("brand", "    basis: contract\n", "    basis: contract\n    basis_changed: {was: contract, on: 2026-01-01, reason: {en: A, ro: B}}\n", "purposes.service.basis_changed.was", "has now", "former"),
    ("brand", "data: [full_name, postal_address, purchases]", "data: [full_name, full_name]", "purposes.legal_accounts.data", "twice", "once"),
    ("brand", "notice_summary: notice_summary", "notice_summary: notice_sumary", "notice_summary", "no text", "'notice_summary'"),
    ("brand", "platform:\n  recipient: platform", "platform:\n  recipient: platfrom", "platform.recipient", "no recipient", "'platform'"),
    ("brand", "      security: platform\n", "", "solutions.ecosystem", "nobody is named for security", "duties.security"),
    ("brand", "    purposes: [loyalty, privacy_requests]", "    purposes: [loyalty]\n    duties: {contact: each}", "solutions.loyalty.duties", "only joint controllers", "remove"),
    ("brand", "  terms: {sub_processors: P30D,", "  data_protection_officer: {name: Nobody}\n  terms: {sub_processors: P30D,", "platform.data_protection_officer", "one of the two", "none_because"),
    ("brand", "breach: PT24H", "breach: soon", "platform.terms.breach", "not an ISO 8601", "PT72H"),
    ("brand", "languages: [ro, en]", "languages: []", "controller.languages", "is empty", "at least one"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "words", "cure"),
    BROKEN_ELSEWHERE,
    ids=[f"{row[3]}:{row[4]}" for row in BROKEN_ELSEWHERE],
)
def test_rarer_errors_name_file_line_and_cure(house, name, old, new, place, words, cure):  # noqa: PLR0917 - as below
    swap(house / name / "policy.yaml", old, new)
    found = [each for each in check(house / name) if each.place == place and words in each.message]
    assert found, f"nothing said about {place}: {[str(each) for each in check(house / name)]}"
    assert cure in found[0].cure
    assert found[0].file == f"{name}/policy.yaml"


@pytest.mark.parametrize(("old", "new", "place", "words", "cure"), BROKEN, ids=[f"{row[2]}:{row[3]}" for row in BROKEN])
def test_each_error_names_file_line_and_cure(house, old, new, place, words, cure):  # noqa: PLR0917 - columns of the table
    swap(house / "brand" / "policy.yaml", old, new)
    found = [each for each in check(house / "brand") if each.place == place and words in each.message]
    assert found, f"nothing said about {place}: {[str(each) for each in check(house / 'brand')]}"
    assert cure in found[0].cure
    text = (house / "brand" / "policy.yaml").read_text().splitlines()
    assert found[0].file == "brand/policy.yaml"
    assert 1 <= found[0].line <= len(text)
    assert str(found[0]).startswith(f"brand/policy.yaml:{found[0].line}: {found[0].severity}: {place}: ")


def test_the_line_is_the_one_to_mend(house):
    path = house / "brand" / "policy.yaml"
    swap(path, "basis: soft_opt_in", "basis: softly")
    assert [each.line for each in errors(house / "brand")] == [line_of(path, "basis: softly")]


def test_an_error_is_shown_where_the_words_stand_in_a_bundle_that_extends(house):
    own, base = house / "bloom" / "policy.yaml", house / "brand" / "policy.yaml"
    swap(own, "storage: plain", "storage: open")
    swap(base, "kind: data_privacy_framework", "kind: privacy_shield")
    assert [(each.file, each.line) for each in errors(house / "bloom")] == [
        ("bloom/policy.yaml", line_of(own, "storage: open")),
        ("brand/policy.yaml", line_of(base, "kind: privacy_shield")),
    ]


def test_a_lapsed_safeguard_is_a_warning(house):
    found = check(house / "brand", on=LAPSED)
    assert [(each.severity, each.place) for each in found] == [("warning", "recipients.meta_us.safeguard.valid_until")]
    assert load(house / "brand", on=LAPSED).warnings == tuple(found)


def test_an_agreement_without_another_party_is_an_error(house):
    path = house / "bloom" / "policy.yaml"
    path.write_text(path.read_text() + "\nplatform: null\n")
    found = {each.place for each in errors(house / "bloom") if "nobody to agree with" in each.message}
    assert found == {f"solutions.{key}" for key in ("crm", "website", "loyalty", "location", "ecosystem")}


def test_what_nothing_uses_is_a_warning(house):
    swap(house / "brand" / "policy.yaml", "sources:\n", "sources:\n  gossip: {title: {en: Gossip, ro: Bârfă}, kind: person}\n")
    assert [(each.severity, each.place, each.clause) for each in check(house / "brand")] == [
        ("warning", "sources.gossip", "gdpr:5(1)(c)")
    ]


def test_texts_are_held_to_the_same_rules(house):
    texts = house / "brand" / "texts"
    (texts / "en" / "ask_again.md").unlink()
    (texts / "ro" / "opt_out.md").write_text("  \n")
    (texts / "ro" / "marketing_sms.md").write_text("Da, {brand}!\n")
    (texts / "en" / "marketing_sms.md").write_bytes(b"Yes\xff\n")
    (texts / "en" / "extra.md").write_text("Nobody asked for this.\n")
    found = {(each.file, each.message.split(" (")[0]): each.cure for each in errors(house / "brand")}
    assert set(found) == {
        ("brand/texts/en/ask_again.md", "the text 'ask_again' is not written in 'en'"),
        ("brand/texts/ro/opt_out.md", "the text is empty"),
        ("brand/texts/ro/marketing_sms.md", "'{brand}' is not filled in"),
        ("brand/texts/en/marketing_sms.md", "is not UTF-8"),
        ("brand/texts/en/extra.md", "the policy declares no such text"),
    }
    assert all(found.values())


@pytest.mark.parametrize(
    ("extends", "words"),
    [
        ("../bloom", "leads back"),
        ("../../etc", "not a neighbouring bundle"),
        ("/etc", "not a neighbouring bundle"),
        ("../nowhere", "cannot be read"),
    ],
)
def test_a_bundle_extends_only_a_neighbour(house, extends, words):
    swap(house / "bloom" / "policy.yaml", "extends: ../brand", f"extends: {extends}")
    (finding,) = check(house / "bloom")
    assert words in finding.message


def test_a_bundle_may_not_be_a_link_out_of_the_folder(house, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (house / "far").symlink_to(tmp_path / "elsewhere")
    swap(house / "bloom" / "policy.yaml", "extends: ../brand", "extends: ../far")
    (finding,) = check(house / "bloom")
    assert "out of the folder" in finding.message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- a list\n",
        b"just words\n",
        b"\xff\xfe\x00",
        b"a: 1\n--- \nb: 2\n",
        b"a: *nothing\n",
        b"? [complex]\n: key\n",
        b"1: number\n",
        b"null: x\n",
        b"a: " + b"[" * 100_000,
        b"a:\n" + b"".join(b" " * (at + 1) + b"b:\n" for at in range(400)),
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
        b"<<: {a: b}\n",
        b"a: \x00\n",
        b"x" * 1_000_001,
    ],
    ids=lambda content: repr(content[:14]),
)
def test_hostile_files_end_in_a_plain_finding(house, content):
    (house / "brand" / "policy.yaml").write_bytes(content)
    found = check(house / "brand")
    assert found
    for each in found:
        assert each.file == "brand/policy.yaml"
        assert each.line >= 1
        assert each.message
        assert each.cure


def test_an_invalid_policy_carries_its_findings(house):
    swap(house / "brand" / "policy.yaml", "basis: soft_opt_in", "basis: softly")
    with pytest.raises(InvalidPolicy, match=r"brand/policy\.yaml:") as caught:
        load(house / "brand")
    assert all(isinstance(each, Finding) for each in caught.value.findings)


def in_memory(name):
    bundle = BUNDLES / name
    files = {path.relative_to(bundle).as_posix(): path.read_text() for path in bundle.rglob("*") if path.is_file()}
    base = {f"../brand/{path.relative_to(BUNDLES / 'brand')}": path.read_text() for path in (BUNDLES / "brand").rglob("*.*")}
    return base | files


def test_a_draft_needs_no_disk():
    found = load_files(in_memory("bloom"), name="bloom")
    assert found == load(BUNDLES / "bloom")


def test_a_draft_is_checked_as_the_folder_would_be():
    files = in_memory("brand")
    files["policy.yaml"] = files["policy.yaml"].replace("basis: soft_opt_in", "basis: softly")
    files["texts/en/opt_out.md"] = "Bye, {nobody}.\n"
    del files["texts/ro/ask_again.md"]
    found = {(each.file, each.place) for each in check_files(files)}
    assert ("policy.yaml", "purposes.similar_products.basis") in found
    assert all(each.startswith(("policy.yaml", "texts/")) for each, _ in found)


def test_a_draft_that_extends_a_bundle_it_does_not_hold_says_so():
    files = {path: text for path, text in in_memory("bloom").items() if not path.startswith("../")}
    (finding,) = check_files(files)
    assert (finding.file, finding.code) == ("../brand/policy.yaml", "unreadable")
