"""The retention schedule: how long, counted from what, and what then, for every purpose (GDPR art. 5(1)(e))."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Document, Edition, Kind, Paragraph, Run, Section
from assent.privacy.documents.cookies import lifetime
from assent.privacy.documents.phrases import span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, code, plain, table
from assent.privacy.policy.contracts import Backups, Override, Policy, Retention, Span

__all__ = ["copies", "keeping", "retention_schedule", "what_then"]


def keeping(rule: Retention | Override, language: str) -> str:
    """Return how long and counted from what: "three years, counted from the last sign of life"."""
    say = words(language, "retention").say
    start = say(f"from_{rule.counted_from}")
    if Span.read(rule.duration) == Span():
        return say("at_once", start=start)
    return say("keeping", span=span(rule.duration, language), start=start)


def what_then(rule: Retention | Override, language: str) -> str:
    """Return what happens at the end, in a sentence."""
    return words(language, "retention").say(f"then_{rule.then}")


def copies(backups: Backups, language: str) -> str:
    """Return how long copies outlive an erasure: the later of the two is its horizon (promise M4)."""
    say = words(language, "retention").say
    return say(
        "copies",
        data=span(backups.data_kept, language),
        keys=span(backups.keys_kept, language),
        horizon=span(backups.horizon, language),
    )


def retention_schedule(edition: Edition, language: str) -> Document:
    """Build the schedule in a language."""
    policy, say = edition.policy.policy, words(language, "retention").say
    return Document(
        kind=Kind.RETENTION_SCHEDULE,
        of=policy.controller.slug,
        language=language,
        title=say("title", controller=policy.controller.name),
        lead=(Run(say("lead")), article("gdpr:5(1)(e)", language)),
        stamp=edition.stamp,
        sections=tuple(_sections(policy, language)),
    )


def _sections(policy: Policy, language: str) -> Iterator[Section]:
    say = words(language, "retention").say
    rules, exceptions, consents = [], [], []
    for key, purpose in policy.purposes.items():
        title, rule = purpose.title.say(language), purpose.retention
        data = ", ".join(policy.data[item].title.say(language) for item in purpose.data)
        rules.append(cells(title, data, keeping(rule, language), what_then(rule, language)))
        for name, override in rule.overrides.items():
            when = (Run(override.when.say(language)), code(f" ({key}.{name})"))
            exceptions.append(cells(title, when, keeping(override, language), what_then(override, language)))
        if purpose.consent_expires:
            consents.append(cells(title, say("consent_lasts", span=span(purpose.consent_expires, language))))
    head = say("purpose"), say("data"), say("how_long"), say("then")
    yield Section("purposes", say("purposes"), table(say("purposes_caption"), head, *rules))
    if exceptions:
        head = say("purpose"), say("case"), say("how_long"), say("then")
        yield Section("exceptions", say("exceptions"), table(say("exceptions_caption"), head, *exceptions))
    if consents:
        yield Section("consents", say("consents"), table(say("consents_caption"), (say("purpose"), say("how_long")), *consents))
    if policy.cookies:
        on_devices = [
            cells((Run(cookie.name),), policy.purposes[cookie.purpose].title.say(language), lifetime(cookie.lifetime, language))
            for cookie in policy.cookies.values()
        ]
        caption = say("devices_caption")
        yield Section("devices", say("devices"), table(caption, (say("name"), say("purpose"), say("how_long")), *on_devices))
    yield Section("copies", say("copies_title"), (Paragraph(plain(copies(policy.backups, language))),))
