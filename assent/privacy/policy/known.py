"""
What is known beyond the policy: cookies (Open Cookie Database), well-known services and their roles, limits of the law.

The database is made by volunteers and has errors: an entry alone makes a warning. Where an error would stop a
publication, two witnesses are asked for: the database, and our own list of services.
"""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["KnownCookie", "Service", "companies_in", "cookie_named", "law", "lifetime_days", "services", "services_named"]

DATA = Path(__file__).parent / "data"
# A wildcard of fewer characters fits too many names: ``_ut`` of one supplier fits ``_utma`` of another.
LONG_ENOUGH = 4
DAYS = {
    "second": 1 / 86400, "sec": 1 / 86400, "minute": 1 / 1440, "min": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7,
    "month": 30.44, "year": 365.25,
}  # fmt: skip
RETENTION = re.compile(r"(\d+) (second|sec|minute|min|hour|day|week|month|year)s?( after last activity| from set/ update)?")
SESSION = {"session", "sessions", "seesion", "session cookie", "end of session (browser)"}


@dataclass(frozen=True, slots=True)
class KnownCookie:
    """What the database says of a cookie; ``certain`` unless the name fits loosely or entries disagree on the supplier."""

    name: str
    platform: str
    category: str
    controllers: tuple[str, ...]
    days: float | None
    """0 is a session; None is anything that can't be compared"""
    certain: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A well-known company: the names it goes by, its products, and for which of them it is no processor."""

    company: str
    named: tuple[str, ...]
    products: Mapping[str, tuple[str, ...]]
    no_processor_for: Mapping[str, Any] | None
    software: bool
    """runs on the controller's own server, so that its maker receives nothing"""


def lifetime_days(retention: str) -> float | None:
    """Read a period as the database writes it; 0 is a session, None what has no single length."""
    text = " ".join(retention.lower().split())
    if text in SESSION:
        return 0
    found = RETENTION.fullmatch(text)
    return int(found[1]) * DAYS[found[2]] if found else None


@cache
def database() -> tuple[dict[str, list[list[str]]], dict[str, list[list[str]]], dict[str, list[str]]]:
    """Return the entries by exact name and by wildcard prefix, and the exact names by their form without underscores."""
    exact: dict[str, list[list[str]]] = {}
    prefixes: dict[str, list[list[str]]] = {}
    bare: dict[str, list[str]] = {}
    with (DATA / "open-cookie-database.csv").open(encoding="utf-8", newline="") as stream:
        for row in list(csv.reader(stream))[1:]:
            name, wildcard = row[0].removesuffix("*"), row[1] == "1" or row[0].endswith("*")
            (prefixes if wildcard else exact).setdefault(name, []).append(row)
            if not wildcard:
                bare.setdefault(name.lstrip("_"), []).append(name)
    return exact, prefixes, bare


def cookie_named(name: str, *, supplier: str = "") -> KnownCookie | None:
    """
    Look a cookie up: by its exact name, by the longest wildcard it fits, or misspelt by an underscore.

    A misspelling is only believed of a cookie that comes from the ``supplier`` (the words that name it).
    """
    exact, prefixes, bare = database()
    plain = name.partition("*")[0]
    if plain == name and name in exact:
        return entry(exact[name], certain=True)
    for length in range(len(plain), 0, -1):
        if (prefix := plain[:length]) in prefixes and length >= LONG_ENOUGH:
            return entry(prefixes[prefix], certain=True)
    for near in bare.get(plain.lstrip("_"), []):
        found = entry(exact[near], certain=True)
        if near != name and any(same_company(each, supplier) for each in found.controllers):
            return found
    for length in range(min(len(plain), LONG_ENOUGH - 1), 0, -1):
        if plain[:length] in prefixes:
            return entry(prefixes[plain[:length]], certain=False)
    return None


def entry(rows: list[list[str]], *, certain: bool) -> KnownCookie:
    """Return what rows of one name say together."""
    name, _, platform, category, retention, _ = rows[0]
    controllers = tuple(dict.fromkeys(row[5] for row in rows))
    days = {lifetime_days(row[4]) for row in rows}
    return KnownCookie(
        name, platform, category, controllers, lifetime_days(retention) if len(days) == 1 else None,
        certain and len(controllers) == 1,
    )  # fmt: skip


@cache
def services() -> tuple[Service, ...]:
    """Return the well-known services."""
    found = json.loads((DATA / "services.json").read_text(encoding="utf-8"))
    return tuple(
        Service(
            each["company"],
            tuple(each["named"]),
            {name: tuple(words) for name, words in each.get("products", {}).items()},
            each.get("no_processor_for"),
            each.get("software", False),
        )
        for each in found
    )


@cache
def spotted() -> re.Pattern[str]:
    """Return a pattern that finds any name of a company that receives data, as it is written."""
    names = (name for each in services() if not each.software for name in each.named)
    return re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")


@cache
def company_of() -> dict[str, str]:
    """Return name in small letters → company."""
    return {name.casefold(): each.company for each in services() for name in each.named}


def services_named(text: str) -> set[str]:
    """Return the companies a text names that receive data, spelt as they write themselves."""
    return {company_of()[found.casefold()] for found in spotted().findall(text)}


def companies_in(text: str) -> set[str]:
    """Return the companies whose names stand in the words that name a supplier, in whatever letters."""
    words = " ".join(re.findall(r"[a-z0-9]+", text.casefold()))
    return {company for name, company in company_of().items() if re.search(rf"\b{re.escape(name)}\b", words)}


def same_company(controller: str, supplier: str) -> bool:
    """Say whether the database's controller is the supplier that words name."""
    known = companies_in(controller)
    if known:
        return bool(known & companies_in(supplier))
    words = set(re.findall(r"[a-z0-9]+", controller.casefold())) - {"com", "inc", "gmbh", "ltd", "sas"}
    return bool(words) and words <= set(re.findall(r"[a-z0-9]+", supplier.casefold()))


@cache
def law() -> dict[str, Any]:
    """Return the limits and facts of the law the check holds a policy against; data, since the law is in motion."""
    found: dict[str, Any] = json.loads((DATA / "law.json").read_text(encoding="utf-8"))
    return found
