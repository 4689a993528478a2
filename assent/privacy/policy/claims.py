"""What words claim, held against what the data show: anonymity, ways to withdraw, companies named but not listed."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Basis, DataItem, Local, Model, Policy, Severity, Storage
from assent.privacy.policy.faults import Fault, Path
from assent.privacy.policy.known import companies_in, services_named

__all__ = ["claims"]

WARNING = Severity.WARNING
HTML = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--|&(?:[A-Za-z]{2,8}|#\d{2,6});")
ANONYMOUS = re.compile(
    r"(?<!pseudo)\b(?:anonym|anonim)\w*"
    r"|\b(?:no|not any|not store any|not contain) personal (?:data|information)\b"
    r"|\b(?:cannot|can't|never) be used to identify\b"
    r"|\bnicio dat[ăe] (?:cu caracter )?personal\w*"
    r"|\bnu (?:conțin|păstr|colect|stoc)\w* (?:nicio )?dat[ăe] (?:cu caracter )?personal\w*"
    r"|\bnu (?:pot|poate) fi folosit\w* (?:pentru a|ca să) (?:vă )?identific\w*",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?:not|never|isn't|aren't|nu|niciodată)\b[^.;:]{0,24}$", re.IGNORECASE)
BROWSER = re.compile(r"\b(?:browser|navigator)\w*\b[^.]{0,60}\b(?:settings?|setări\w*|opțiuni\w*)\b", re.IGNORECASE)
BROWSER_LAST = re.compile(r"\b(?:settings?|setări\w*|opțiuni\w*)\b[^.]{0,60}\b(?:browser|navigator)\w*", re.IGNORECASE)
ANOTHER_WAY = re.compile(
    r"\b(?:links?\w*|banner\w*|switch\w*|button\w*|buton\w*|comutat\w*|legătur\w*|click\w*|clic\w*)\b", re.IGNORECASE
)
# What tells one person, browser or device from another, however it is called.
IDENTIFIERS = ("user.unique_id", "user.device", "user.contact", "user.name", "user.account", "user.government_id")
# Where a company that is named receives data, or is said to.
TOLD_IN = {"purposes", "consent_categories", "cookies", "solutions", "banner", "texts"}


def claims(policy: Policy, texts: Mapping[tuple[str, str], str]) -> Iterator[Fault]:
    """Check every sentence of the policy and of its texts."""
    keys = (key.replace("_", " ") for key in policy.recipients)
    names = (recipient.name for recipient in policy.recipients.values())
    listed = companies_in(" ".join([policy.controller.name, *keys, *names]))
    told: set[str] = set()
    for path, words in sentences(policy, texts):
        yield from marked_up(path, words)
        if path[0] in TOLD_IN:
            yield from unlisted(path, words, listed, told)
            yield from anonymous(policy, path, words)
        yield from only_in_the_browser(path, words)


def sentences(policy: Policy, texts: Mapping[tuple[str, str], str]) -> Iterator[tuple[Path, str]]:
    """Return every text with its path; those in files line by line as texts, key, language and line."""
    yield from words_in(policy, ())
    for (key, language), text in texts.items():
        for line, words in enumerate(text.split("\n"), 1):
            yield ("texts", key, language, line), words


def words_in(part: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Return the words in a part of the policy."""
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, Local):
        for language, words in part.root.items():
            yield (*path, language), words
    elif isinstance(part, Model):
        for name in type(part).model_fields:
            yield from words_in(getattr(part, name), (*path, name))
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from words_in(value, (*path, str(key)))
    elif isinstance(part, tuple):
        for at, value in enumerate(part):
            yield from words_in(value, (*path, at))


def marked_up(path: Path, words: str) -> Iterator[Fault]:
    """Warn of HTML: pages show it as it is written, brackets and all."""
    if ("<" in words or "&" in words) and (found := HTML.search(words)):
        message = f"{found[0][:40]!r} looks like HTML; every page shows it as written, never as markup"
        yield Fault(path, message, "write plain words", Code.HTML, "", WARNING)


def unlisted(path: Path, words: str, listed: Collection[str], told: set[str]) -> Iterator[Fault]:
    """Warn, once, of a company that the words name and the recipients do not."""
    for company in sorted(services_named(words) - set(listed) - told):
        told.add(company)
        message = f"{company} is named here, and is no recipient"
        cure = "declare it under `recipients:` and name it in the purposes it serves, or leave it out"
        yield Fault(
            path, message, cure, Code.UNLISTED, "gdpr:13(1)(e)", WARNING, (("recipients",), ("recipients", "*", "name"))
        )


def only_in_the_browser(path: Path, words: str) -> Iterator[Fault]:
    """Warn where the only way to take consent back is in the settings of the browser."""
    if (BROWSER.search(words) or BROWSER_LAST.search(words)) and not ANOTHER_WAY.search(words):
        message = "taking consent back is left to the settings of the browser, which is not as easy as giving it"
        cure = "name the banner, switch or link that takes it back; add `banner` if there is none"
        yield Fault(path, message, cure, Code.WITHDRAWAL, "gdpr:7(3)", WARNING)


def anonymous(policy: Policy, path: Path, words: str) -> Iterator[Fault]:
    """Warn where words promise anonymity and identifiers are kept."""
    found = ANONYMOUS.search(words)
    if found is None or DENIED.search(words[: found.start()]):
        return
    if kept := identifier(policy, path):
        message = f"{found[0]!r} is said here, but {kept} tells people apart"
        cure = "say what is true: under a random number, deleted after so long; only totals are anonymous"
        rests_on: tuple[Path, ...] = (("purposes", "*", "data"), ("cookies", "*", "category"), ("cookies", "*", "purpose"))
        yield Fault(path, message, cure, Code.ANONYMOUS, "gdpr:5(1)(a)", WARNING, rests_on)


def identifier(policy: Policy, path: Path) -> str:
    """Return what identifies people in the part a sentence speaks of, or nothing."""
    section, key = str(path[0]), str(path[1]) if len(path) > 1 else ""
    match section:
        case "cookies":
            cookie = policy.cookies[key]
            category = policy.consent_categories.get(cookie.category)
            own = cookie.supplier == "controller" and (category is None or category.necessary)
            return "" if own else f"the cookie {cookie.name!r}"
        case "consent_categories":
            names = [cookie.name for cookie in policy.cookies.values() if cookie.category == key]
            asked = [purpose for name, purpose in policy.purposes.items() if purpose.consent_category == key]
            return f"the cookie {names[0]!r}" if names else of_purposes(policy, {id(each) for each in asked})
        case "purposes":
            names = [cookie.name for cookie in policy.cookies.values() if cookie.purpose == key]
            return of_purposes(policy, {id(policy.purposes[key])}) or (f"the cookie {names[0]!r}" if names else "")
        case "texts":
            users = {id(purpose) for purpose in policy.purposes.values() if key in purpose.texts}
            asked_for = {id(purpose) for purpose in policy.purposes.values() if purpose.basis is Basis.CONSENT}
            return of_purposes(policy, asked_for if key == policy.notice_summary else users)
    return ""


def of_purposes(policy: Policy, which: set[int]) -> str:
    """Return a data item of these purposes that identifies people."""
    for purpose in policy.purposes.values():
        for key in purpose.data if id(purpose) in which else ():
            item = policy.data.get(key)
            if item is not None and identifies(item):
                return f"the data item {key!r}"
    return ""


def identifies(item: DataItem) -> bool:
    """Say whether a data item tells people apart."""
    return item.storage is Storage.SEALED or item.category.startswith(IDENTIFIERS)
