"""What is known beyond the policy: cookies by name, wildcard or misspelling; companies by the words that name them."""

import csv
import importlib.util
from pathlib import Path

import pytest

from assent.privacy.policy import known

SCRIPT = Path(__file__).parents[4] / "ops" / "open_cookie_database.py"


@pytest.mark.parametrize(
    ("name", "platform", "category", "days"),
    [
        ("_ga", "Google Analytics", "Analytics", 730.5),
        ("_ga_1A2B3C", "Google Analytics", "Analytics", 730.5),
        ("_ga_*", "Google Analytics", "Analytics", 730.5),
        ("_gat_gtag_UA_1_2", "Google Analytics", "Analytics", 1 / 24),
        ("GPS", "Youtube", "Marketing", 1),
        ("AMCVS_14215E3D5995C57C0A495C55%40AdobeOrg", "Adobe Audience Manager", "Marketing", 0),
        ("wordpress_logged_in_*", "WordPress", "Functional", 0),
        ("__gads", "DoubleClick/Google Marketing", "Marketing", None),
    ],
)
def test_a_cookie_is_found_by_its_name_or_the_longest_wildcard(name, platform, category, days):
    found = known.cookie_named(name)
    assert (found.platform, found.category) == (platform, category)
    assert found.days == (None if days is None else pytest.approx(days))
    assert found.certain


def test_the_case_of_a_name_counts():
    assert known.cookie_named("lang").controllers == ("LinkedIn",)
    assert known.cookie_named("LANG").controllers == ("Piano",)


def test_a_misspelling_is_believed_of_the_same_supplier_only():
    assert known.cookie_named("fbp", supplier="Meta Platforms Ireland Limited").name == "_fbp"
    assert known.cookie_named("fbp", supplier="Harbour Coffee SRL") is None


def test_a_short_wildcard_or_a_disputed_name_is_not_certain():
    assert not known.cookie_named("_utma").certain, "_ut of one supplier fits _utma of another"
    rows = [["x", "0", "P", "Marketing", "1 day", "One"], ["x", "0", "Q", "Marketing", "2 days", "Two"]]
    found = known.entry(rows, certain=True)
    assert (found.certain, found.days, found.controllers) == (False, None, ("One", "Two"))


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2 years", 730.5),
        ("2 years after last activity", 730.5),
        ("10 years from set/ update", 3652.5),
        ("1 Year ", 365.25),
        ("90 sec", 90 / 86400),
        ("Session", 0),
        ("End of session (browser)", 0),
        ("session to 30 days", None),
        ("Permanent", None),
        ("various", None),
        ("", None),
    ],
)
def test_periods_are_read_where_they_have_one_length(written, days):
    assert known.lifetime_days(written) == (None if days is None else pytest.approx(days))


def test_companies_are_known_by_any_of_their_names():
    assert known.companies_in("meta us Meta Platforms, Inc.") == {"Meta"}
    assert known.companies_in("Google Ireland Limited (advertising and YouTube)") == {"Google"}
    assert known.companies_in("Metropolitan Library") == set()
    assert known.same_company("Crazy Egg", "crazy egg Crazy Egg, Inc.")
    assert not known.same_company("Crazy Egg", "egg")


def test_companies_are_spotted_in_prose_as_they_write_themselves():
    assert known.services_named("Seen on Facebook and YouTube, never on meta level") == {"Meta", "Google"}
    assert known.services_named("WordPress on our own server") == set(), "software that receives nothing"


def test_the_short_form_holds_every_named_cookie_of_the_database(tmp_path):
    """The script is run on rows as the database writes them."""
    spec = importlib.util.spec_from_file_location("open_cookie_database", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    columns = ["ID", "Platform", "Category", "Cookie / Data Key name", "Domain", "Description", "Retention period"]
    columns += ["Data Controller", "User Privacy & GDPR Rights Portals", "Wildcard match"]
    with source.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerow(["2", "Shop", "Functional", "basket_", "", "Keeps, the basket", " 1  day", "Shop", "", "1"])
        writer.writerow(["1", "Ads", "Marketing", "ad", "", 'Says "hello"', "1 year", "Ads", "", "0"])
        writer.writerow(["3", "Ads", "Marketing", "", "", "no name", "1 year", "Ads", "", "0"])
    assert script.compact(source, target) == 2
    assert target.read_text().splitlines() == [
        "name,wildcard,platform,category,retention,controller",
        "ad,0,Ads,Marketing,1 year,Ads",
        "basket_,1,Shop,Functional,1 day,Shop",
    ]
    assert known.DATA.joinpath("open-cookie-database.csv").read_text().splitlines()[0] == ",".join(script.COLUMNS)


def test_every_service_names_its_source_where_it_says_who_is_no_processor():
    for service in known.services():
        assert service.named
        if service.no_processor_for:
            assert set(service.no_processor_for) == {"words", "because", "source", "settled"}
