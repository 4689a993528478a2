"""The cookie policy: what is kept on a device, by whom, why and how long, and how to choose (ePrivacy art. 5(3))."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Document, Edition, Kind, Paragraph, Run, Runs, Section
from assent.privacy.documents.phrases import beginning, sentence, span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, code, link, plain, table
from assent.privacy.policy.contracts import Banner, ConsentCategory, Cookie, Policy

__all__ = ["cookie_policy", "lifetime", "supplier"]


def cookie_policy(edition: Edition, language: str) -> Document:
    """Build the cookie policy in a language."""
    policy, say = edition.policy.policy, words(language, "cookies").say
    return Document(
        kind=Kind.COOKIE_POLICY,
        of=policy.controller.slug,
        language=language,
        title=say("title", controller=policy.controller.name),
        lead=(Run(say("lead" if policy.cookies else "none")), article("eprivacy:5(3)", language)),
        stamp=edition.stamp,
        sections=tuple(_sections(policy, language)),
    )


def lifetime(text: str, language: str) -> str:
    """Return how long something stays on a device: until the browser is closed, or a length of time."""
    say = words(language, "cookies").say
    return say("session") if text == "session" else say("persistent", span=span(text, language))


def supplier(policy: Policy, key: str) -> str:
    """Return the name of who keeps something on a device: a recipient, or the controller itself."""
    return policy.controller.name if key == "controller" else policy.recipients[key].name


def _sections(policy: Policy, language: str) -> Iterator[Section]:
    say = words(language, "cookies").say
    if policy.banner:
        yield _choosing(policy.banner, language)
    if policy.consent_categories:
        categories = tuple(_category(policy, key, each, language) for key, each in policy.consent_categories.items())
        yield Section("categories", say("categories"), (Paragraph(plain(say("categories_lead"))),), categories)
    yield Section("what-it-is", say("what"), (Paragraph(plain(say("what_said"))),))


def _choosing(banner: Banner, language: str) -> Section:
    say = words(language, "cookies").say
    buttons = {name: getattr(banner, name).say(language) for name in ("accept", "reject", "choose", "save")}
    told = (
        Paragraph((Run(f"{banner.title.say(language)}: ", strong=True), Run(banner.intro.say(language)))),
        Paragraph(plain(say("buttons", **buttons))),
        Paragraph((Run(say("change", reopen=banner.reopen.say(language))), article("gdpr:7(3)", language))),
        Paragraph(plain(say("ask_again", span=span(banner.ask_again_after, language)))),
    )
    return Section("choosing", say("choosing"), told)


def _category(policy: Policy, key: str, category: ConsentCategory, language: str) -> Section:
    say = words(language, "cookies").say
    title = category.title.say(language)
    state = plain(say("necessary" if category.necessary else "optional"))
    rows = [_row(policy, cookie, language) for cookie in policy.cookies.values() if cookie.category == key]
    head = say("name"), say("supplier"), say("purpose"), say("how_long")
    kept = table(say("caption", category=title), head, *rows) or (Paragraph(plain(say("empty"))),)
    return Section(f"category-{key}", title, (Paragraph(plain(category.description.say(language))), Paragraph(state), *kept))


def _row(policy: Policy, cookie: Cookie, language: str) -> tuple[Runs, ...]:
    say, term = words(language, "cookies").say, words(language, "terms").say
    name: Runs = (Run(cookie.name), code(f"\n{term(f'cookie_kind_{cookie.kind}')}"))
    kept_by: Runs = (Run(supplier(policy, cookie.supplier)),)
    if cookie.domain:
        kept_by = (*kept_by, code(f"\n{cookie.domain}"))
    if cookie.policy:
        kept_by = (*kept_by, Run("\n"), link(cookie.policy, say("own_policy")))
    purpose = policy.purposes[cookie.purpose].title.say(language)
    why: Runs = (Run(sentence(cookie.description.say(language))), code(f"\n{purpose}"))
    return cells(name, kept_by, why, beginning(lifetime(cookie.lifetime, language)))
