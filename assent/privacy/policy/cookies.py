"""What a cookie registry owes: consent, the true supplier, category and lifetime (ePrivacy art. 5(3))."""

from collections import defaultdict
from collections.abc import Iterator

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Basis, Cookie, CookieKind, Policy, Severity, Span
from assent.privacy.policy.faults import Fault, Path
from assent.privacy.policy.known import KnownCookie, companies_in, cookie_named, same_company, services

__all__ = ["cookie_faults"]

WARNING = Severity.WARNING
# 365 days, 12 months and 13 months are the same promise in other words; a third more or less is not.
TOLERANCE = 1.15
# From so many on, one lifetime for all of a supplier's cookies was hardly read off each of them.
MANY = 5
ADVERTISING = ("advert", "marketing", "tracking", "targeted", "retarget", "publicit")
DATABASE = "the Open Cookie Database"


def cookie_faults(policy: Policy) -> Iterator[Fault]:
    """Check each cookie against the rest of the policy and against what is known of it."""
    if policy.consent_categories and policy.banner is None:
        cure = "add `banner`: to choose in, and to take a choice back as easily"
        yield Fault(("consent_categories",), "there is no banner to choose in", cure, Code.BANNER, "gdpr:7(3)")
    seen: dict[str, tuple[str, Cookie]] = {}
    for key, cookie in policy.cookies.items():
        path: Path = ("cookies", key)
        yield from consented(policy, path, cookie)
        yield from linked(policy, path, cookie)
        if cookie.kind is CookieKind.PIXEL:
            continue  # the database knows names on a device, and a pixel has none
        known = cookie_named(cookie.name, supplier=supplier_words(policy, cookie))
        yield from contradicted(policy, path, cookie, known) if known else unheard_of(path, cookie)
        yield from twice(seen, path, cookie, known)
    yield from lumped(policy)
    yield from left_out(policy)


def is_foreign(cookie: Cookie) -> bool:
    """Say whether somebody else's code sets the cookie."""
    return cookie.supplier != "controller"


def supplier_words(policy: Policy, cookie: Cookie) -> str:
    """Return the words that name a cookie's supplier."""
    recipient = policy.recipients.get(cookie.supplier)
    return f"{cookie.supplier.replace('_', ' ')} {recipient.name if recipient else ''}" if is_foreign(cookie) else ""


def consented(policy: Policy, path: Path, cookie: Cookie) -> Iterator[Fault]:
    """Check that nothing is kept on a device without consent unless the service needs it."""
    category, purpose = policy.consent_categories.get(cookie.category), policy.purposes.get(cookie.purpose)
    if category is None or purpose is None:
        return
    of_purpose, of_category = ("purposes", cookie.purpose), ("consent_categories", cookie.category)
    rests_on: tuple[Path, ...] = (
        (*of_purpose, "basis"), (*of_purpose, "consent_category"), (*of_category, "necessary"), (*path, "category"),
        (*path, "purpose"),
    )  # fmt: skip
    if not category.necessary and (purpose.basis is not Basis.CONSENT or purpose.consent_category != cookie.category):
        message, cure = "is not asked for in its category", f"let {cookie.purpose} rest on consent in {cookie.category}"
        yield Fault((*path, "purpose"), message, cure, Code.COOKIE, "eprivacy:5(3)", rests_on=rests_on)
    if category.necessary and purpose.basis is Basis.CONSENT:
        message, cure = "a necessary cookie cannot rest on consent", "move it to the category of its purpose"
        yield Fault((*path, "category"), message, cure, Code.COOKIE, "eprivacy:5(3)", rests_on=rests_on)


def linked(policy: Policy, path: Path, cookie: Cookie) -> Iterator[Fault]:
    """Check that a supplier's policy is linked, and that its purpose names it as a recipient."""
    if not is_foreign(cookie):
        return
    if cookie.policy is None:
        cure = "add `policy`, the address of the supplier's own"
        message, rests_on = "the supplier's policy is not linked", (*path, "supplier")
        yield Fault(path, message, cure, Code.COOKIE_POLICY, "gdpr:13(1)(e)", WARNING, (rests_on,))
    purpose = policy.purposes.get(cookie.purpose)
    if purpose and cookie.supplier in policy.recipients and cookie.supplier not in purpose.recipients:
        message = f"{cookie.supplier!r} sets it, but is no recipient of the purpose {cookie.purpose!r}"
        cure = f"add {cookie.supplier} to purposes.{cookie.purpose}.recipients, or correct the supplier"
        named_in = ("purposes", cookie.purpose, "recipients", "*")
        yield Fault((*path, "supplier"), message, cure, Code.COOKIE_RECIPIENT, "gdpr:13(1)(e)", rests_on=(named_in,))


def unheard_of(path: Path, cookie: Cookie) -> Iterator[Fault]:
    """Warn of a third party's cookie that nobody else knows, unless the policy says whose domain keeps it."""
    if is_foreign(cookie) and cookie.domain is None:
        message = f"{DATABASE} knows no {cookie.name!r}, so its supplier, purpose and lifetime are not confirmed"
        cure = "look in a browser whose domain sets it, and name that in `domain`; or correct the name"
        rests_on: Path = (*path, "supplier")
        yield Fault((*path, "name"), message, cure, Code.COOKIE_UNKNOWN, "gdpr:5(2)", WARNING, (rests_on,))


def contradicted(policy: Policy, path: Path, cookie: Cookie, known: KnownCookie) -> Iterator[Fault]:
    """Hold a cookie against what the database says of it."""
    recipient: Path = ("recipients", cookie.supplier)
    settled = known.certain and any(companies_in(each) for each in known.controllers)
    by = " or ".join(known.controllers)
    if known.name != cookie.name and known.name.lstrip("_") == cookie.name.lstrip("_"):
        message = f"{cookie.name!r} is not how {by} writes it"
        yield Fault((*path, "name"), message, f"write {known.name}", Code.COOKIE_NAME, "gdpr:13(1)(e)", WARNING)
    words = supplier_words(policy, cookie)
    mine = any(same_company(each, words) for each in known.controllers)
    if is_foreign(cookie) and not mine:
        message = f"{DATABASE} says {cookie.name!r} is set by {by} ({known.platform}), not by {cookie.supplier!r}"
        severity = Severity.ERROR if settled and companies_in(words) else WARNING
        cure = "name the company that really sets it, and what it does with it"
        yield Fault(
            (*path, "supplier"), message, cure, Code.COOKIE_SUPPLIER, "gdpr:13(1)(e)", severity, ((*recipient, "name"),)
        )
    elif not is_foreign(cookie) and known.certain and known.category == "Marketing":
        message = f"{DATABASE} says {cookie.name!r} is an advertising cookie of {by}, not the controller's own"
        cure = "name its supplier, or give the controller's own cookie a name of its own"
        yield Fault((*path, "supplier"), message, cure, Code.COOKIE_SUPPLIER, "gdpr:13(1)(e)", WARNING)
    if is_foreign(cookie) and mine:
        yield from of_another_service(path, cookie, known)
    yield from belittled(policy, path, cookie, known, settled=settled)
    if known.certain and is_foreign(cookie) and not alike(known.days, declared_days(cookie)):
        message = f"{DATABASE} says {known.name!r} lives {in_words(known.days)}, not {cookie.lifetime}"
        cure = "read the lifetime off the browser and write that"
        yield Fault((*path, "lifetime"), message, cure, Code.COOKIE_LIFETIME, "gdpr:13(2)(a)", WARNING)


def belittled(policy: Policy, path: Path, cookie: Cookie, known: KnownCookie, *, settled: bool) -> Iterator[Fault]:
    """Check that what measures or advertises is not put in a milder category."""
    category, purpose = policy.consent_categories.get(cookie.category), policy.purposes.get(cookie.purpose)
    if category is None:
        return
    words = [cookie.category, cookie.purpose, *(purpose.dpv + purpose.fideslang if purpose else ())]
    advertises = any(word in each.casefold() for each in words for word in ADVERTISING)
    if (known.category == "Marketing" and not advertises) or (
        known.category in {"Marketing", "Analytics"} and category.necessary
    ):
        called = "strictly necessary" if category.necessary else repr(cookie.category)
        message = (
            f"{DATABASE} knows {known.name!r} of {' or '.join(known.controllers)} as {known.category.lower()}, not as {called}"
        )
        cure = "move it to the category whose consent it needs, or stop setting it"
        severity = Severity.ERROR if settled else WARNING
        yield Fault((*path, "category"), message, cure, Code.COOKIE_CATEGORY, "eprivacy:5(3)", severity)


def product_of(known: KnownCookie) -> str:
    """Return the product of a company with several that a cookie belongs to, or nothing."""
    names = (name for each in services() for name in each.products)
    return next((name for name in names if name.casefold() == known.platform.casefold()), "")


def of_another_service(path: Path, cookie: Cookie, known: KnownCookie) -> Iterator[Fault]:
    """Check that a cookie of one product is not told as another's."""
    real = product_of(known)
    said = " ".join(cookie.description.root.values()).casefold()
    wrong = [name for each in services() for name in each.products if name != real and name.casefold() in said]
    if real and wrong and real.casefold() not in said:
        message = f"{DATABASE} says {known.name!r} belongs to {real}, not to {wrong[0]}"
        cure = "describe what that service does with it"
        yield Fault((*path, "description"), message, cure, Code.COOKIE_SERVICE, "gdpr:13(1)(c)", WARNING)


def left_out(policy: Policy) -> Iterator[Fault]:
    """Check that what a supplier is said to do includes the product its cookies belong to; once per product."""
    words = {name: each for service in services() for name, each in service.products.items()}
    told: set[tuple[str, str]] = set()
    for key, cookie in policy.cookies.items():
        recipient = policy.recipients.get(cookie.supplier)
        known = cookie_named(cookie.name, supplier=supplier_words(policy, cookie))
        product = product_of(known) if known else ""
        if known is None or recipient is None or not product or (cookie.supplier, product) in told:
            continue
        does = " ".join([recipient.name, *recipient.services.root.values()]).casefold()
        if same_company(known.controllers[0], recipient.name) and not any(word in does for word in words[product]):
            told.add((cookie.supplier, product))
            message = f"{product} is not among the services of {cookie.supplier!r}"
            cure = f"name it in recipients.{cookie.supplier}.services, or as a recipient of its own"
            of_recipient: Path = ("recipients", cookie.supplier)
            rests_on: tuple[Path, ...] = ((*of_recipient, "services"), (*of_recipient, "name"), ("cookies", key, "name"))
            yield Fault(("cookies", key, "supplier"), message, cure, Code.COOKIE_SERVICE, "gdpr:13(1)(e)", WARNING, rests_on)


def twice(seen: dict[str, tuple[str, Cookie]], path: Path, cookie: Cookie, known: KnownCookie | None) -> Iterator[Fault]:
    """Check that one cookie does not stand in two categories: refusing one would not stop it."""
    misspelt = known is not None and known.name.lstrip("_") == cookie.name.lstrip("_")
    name = known.name if known and misspelt else cookie.name
    twin, other = seen.setdefault(name, (str(path[1]), cookie))
    same_place = other.domain is None or cookie.domain is None or other.domain == cookie.domain
    if twin != path[1] and same_place and other.category != cookie.category:
        message = f"{cookie.name!r} stands in the category {other.category!r} already (cookies.{twin})"
        cure = "leave it where its strictest use belongs, or tell the two apart by `domain`"
        rests_on: tuple[Path, ...] = (("cookies", twin, "category"), ("cookies", twin, "name"))
        yield Fault((*path, "category"), message, cure, Code.COOKIE_TWICE, "eprivacy:5(3)", rests_on=rests_on)


def lumped(policy: Policy) -> Iterator[Fault]:
    """Warn of one lifetime written for all of a supplier's cookies that in truth differ."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, cookie in policy.cookies.items():
        if is_foreign(cookie):
            groups[cookie.supplier, cookie.lifetime].append(key)
    for (supplier, lifetime), keys in groups.items():
        known = [cookie_named(policy.cookies[key].name, supplier=supplier) for key in keys]
        days = {round(each.days) for each in known if each and each.days is not None}
        if len(keys) >= MANY and len(days) > 2:
            message = (
                f"{len(keys)} cookies of {supplier!r} are all said to live {lifetime}; {DATABASE} knows {len(days)} lifetimes"
            )
            cure = "write for each the lifetime it is set with"
            rests_on: tuple[Path, ...] = tuple(("cookies", key, "lifetime") for key in keys)
            yield Fault(rests_on[0], message, cure, Code.COOKIE_LUMPED, "gdpr:13(2)(a)", WARNING, rests_on)


def declared_days(cookie: Cookie) -> float:
    """Return a declared lifetime in days; a session is 0."""
    if cookie.lifetime == "session":
        return 0
    span = Span.read(cookie.lifetime)
    return span.months * 30.44 + span.days + span.seconds / 86400


def alike(known: float | None, declared: float) -> bool:
    """Say whether two lifetimes are the same promise."""
    if known is None or known == declared:
        return True
    return 0 not in {known, declared} and max(known, declared) / min(known, declared) <= TOLERANCE


def in_words(days: float | None) -> str:
    """Return days as a reader says them."""
    if not days:
        return "for the session"
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours" if days >= 1 / 12 else f"{days * 1440:.0f} minutes"
