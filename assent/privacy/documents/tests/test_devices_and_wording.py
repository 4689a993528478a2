"""The cookie policy, the banner, the words of consents and the retention schedule."""

import json

from assent.privacy.documents import api
from assent.privacy.documents.banner import banner
from assent.privacy.documents.contracts import Kind, sections
from assent.privacy.documents.tests.test_notice import rewritten, text_of, words_of


def built(edition, kind, language="en"):
    return {section.id: section for _, section in sections(api.build(edition=edition, kind=kind, language=language))}


def test_the_registry_names_pattern_supplier_purpose_and_time(processlab):
    found = built(processlab, Kind.COOKIE_POLICY)
    (table,) = [block for block in found["category-advertising"].blocks if hasattr(block, "rows")]
    rows = {text_of(row[0]).split("\n")[0]: [text_of(cell) for cell in row[1:]] for row in table.rows}
    supplier, why, time = rows["fr"]
    assert supplier.split("\n") == ["Meta Platforms Ireland Limited", "facebook.com", "its own policy"]
    assert why.startswith("Shows and measures advertising")
    assert time == "Persistent, 90 days"
    assert rows["YSC"][2] == "Session, until the browser is closed"
    assert "Process Lab SRL" in words_of(found["category-necessary"])
    assert "Always on." in words_of(found["category-necessary"])
    assert "Off until you switch it on." in words_of(found["category-performance"])


def test_choosing_is_told_in_the_banners_own_words(processlab):
    said = words_of(built(processlab, Kind.COOKIE_POLICY, "ro")["choosing"])
    for words in ("„Accept tot”", "„Refuz tot”", "„Aleg”", "„Salvez alegerea”", "„Alegeri cookie-uri”", "6 luni"):
        assert words in said, words


def test_a_policy_without_cookies_says_so(processlab):
    def change(data):
        data["cookies"] = {}

    document = api.build(edition=rewritten(processlab, change), kind=Kind.COOKIE_POLICY, language="en")
    assert "keep nothing on your device" in text_of(document.lead)


def test_nothing_with_a_switch_is_on_and_the_banner_knows_its_version(processlab):
    found = banner(processlab)
    assert {each["key"]: (each["necessary"], each["default"]) for each in found["categories"]} == {
        "necessary": (True, "on"), "performance": (False, "off"), "advertising": (False, "off"),
    }  # fmt: skip
    assert found["digest"] == processlab.stamp.digest
    assert found["ask_again_after"] == "P6M"
    assert found["languages"]["ro"]["reject"] == "Refuz tot"
    (advertising,) = [each for each in found["categories"] if each["key"] == "advertising"]
    assert [each["key"] for each in advertising["purposes"]] == ["advertising"]
    assert {each["name"] for each in advertising["cookies"]} >= {"_fbp", "fr", "YSC"}
    assert set(found["languages"]["en"]["cookies"]) == {each["key"] for c in found["categories"] for each in c["cookies"]}


def test_the_banner_file_is_the_same_bytes_each_time(processlab, bloom):
    first, second = (api.artefacts(edition=processlab)["banner.json"] for _ in range(2))
    assert first == second
    assert json.loads(first)["controller"] == "processlab"
    bare = rewritten(bloom, lambda data: [data.pop(name) for name in ("banner", "cookies", "consent_categories")])
    assert banner(bare) is None


def test_wording_holds_the_very_texts_and_their_digests(processlab):
    found = built(processlab, Kind.CONSENT_WORDING)
    for id_, key in (
        ("wording-information_service-email", "service_email"),
        ("wording-information_service-sms", "service_sms"),
        ("wording-information_service-confirmation", "confirm_email"),
        ("wording-information_service-ask_again", "ask_again"),
        ("text-notice_summary", "notice_summary"),
    ):
        text = processlab.policy.texts[key, "en"]
        said = words_of(found[id_])
        assert all(part in said for part in text.split("\n\n"))
        assert processlab.policy.text_digests[key, "en"][:12] in said


def test_every_text_of_a_policy_stands_in_the_wording(bloom):
    for language in ("en", "ro"):
        page = api.to_markdown(api.build(edition=bloom, kind=Kind.CONSENT_WORDING, language=language))
        for key in bloom.policy.policy.texts:
            assert bloom.policy.text_digests[key, language][:12] in page, key


def test_the_schedule_says_how_long_from_when_and_what_then(processlab):
    found = built(processlab, Kind.RETENTION_SCHEDULE)
    (table,) = found["purposes"].blocks
    rows = {text_of(row[0]): [text_of(cell) for cell in row[2:]] for row in table.rows}
    assert rows["Running the website safely"] == ["30 days, counted from the day we got them", "They are erased."]
    assert "hired" in words_of(found["exceptions"])
    assert "one year after it was given" in words_of(found["consents"])
    assert "persistent, two years" in words_of(found["devices"])
