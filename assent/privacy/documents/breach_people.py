"""What people are told of a breach that touched their data (art. 34), in plain words: as a document, and as a letter."""

from assent.privacy.breaches.contracts import Account, BreachInfo, Words
from assent.privacy.documents.breach import account_in
from assent.privacy.documents.contracts import Block, Document, Edition, Kind, Paragraph, Run, Section
from assent.privacy.documents.phrases import listed
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, paragraphs, plain
from assent.privacy.policy.contracts import Policy

__all__ = ["letter", "to_people"]


def to_people(edition: Edition, language: str, breach: BreachInfo) -> Document:
    """Build what the people are told, in plain words."""
    policy, say = edition.policy.policy, words(language, "breach").say
    account = account_in(breach, language)
    named = _data_named(policy, language, breach)
    data = (Paragraph(plain(say("what_data", data=named))),) if named else ()
    contact = _contact(policy, language)
    return Document(
        kind=Kind.BREACH_TO_PEOPLE,
        of=policy.controller.slug,
        language=language,
        stamp=edition.stamp,
        title=say("title_people"),
        lead=(Run(say("lead_people", controller=policy.controller.name)), article("gdpr:34", language)),
        sections=(
            Section("happened", say("happened"), (*_text(account.what, language), *data)),
            Section("means", say("means"), _text(account.effects, language)),
            Section("done", say("done"), _text(account.measures, language)),
            Section("advice", say("advice"), _text(account.advice, language)),
            Section("contact", say("contact"), (Paragraph(plain(contact)),)),
        ),
    )


def letter(edition: Edition, language: str, breach: BreachInfo) -> Words:
    """
    Return the same as a letter.

    :raises LookupError: naming what is still to be written in this language
    """
    policy, say = edition.policy.policy, words(language, "breach").say
    account = breach.accounts.get(language, Account())
    missing = [name for name in ("what", "effects", "measures", "advice") if not getattr(account, name).strip()]
    if missing:
        raise LookupError(f"{language}: " + listed([say(f"gap_{name}") for name in missing], language))
    named = _data_named(policy, language, breach)
    parts = (
        account.what, say("what_data", data=named) if named else "", account.effects, account.measures, account.advice,
        _contact(policy, language), say("letter_reason"),
    )  # fmt: skip
    lines = tuple(piece.strip() for part in parts for piece in part.split("\n\n") if piece.strip())
    return Words(say("letter_subject", controller=policy.controller.name), lines)


def _data_named(policy: Policy, language: str, breach: BreachInfo) -> str:
    titles = [policy.data[key].title.say(language) for key in breach.data if key in policy.data]
    return "; ".join(titles)


def _contact(policy: Policy, language: str) -> str:
    officer = policy.controller.data_protection_officer.contact
    email = str((officer or policy.rights.contact).email)
    authority = policy.controller.authority.name.say(language)
    return words(language, "breach").say("contact_line", email=email, authority=authority)


def _text(text: str, language: str) -> tuple[Block, ...]:
    return paragraphs(text) or (Paragraph(plain(words(language, "breach").say("unwritten"))),)
