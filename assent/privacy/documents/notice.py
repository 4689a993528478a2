"""The privacy notice: all of arts. 13 and 14, in layers. First a summary and one table, then each purpose, then the rest."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Document, Edition, Kind, Run, Runs, Section
from assent.privacy.documents.notice_intake import intake
from assent.privacy.documents.notice_parties import controller, officer, recipients, security, solutions, versions
from assent.privacy.documents.notice_purposes import data, purposes, sources
from assent.privacy.documents.notice_rights import automated, complaint, rights
from assent.privacy.documents.phrases import span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, paragraphs, reference, table
from assent.privacy.policy.contracts import Compiled

__all__ = ["privacy_notice"]


def privacy_notice(edition: Edition, language: str) -> Document:
    """Build the notice in a language."""
    controller_ = edition.policy.policy.controller
    say = words(language, "notice").say
    return Document(
        kind=Kind.PRIVACY_NOTICE,
        of=controller_.slug,
        language=language,
        title=say("title", controller=controller_.name),
        lead=(Run(say("lead")), article("gdpr:13", language), article("gdpr:14", language)),
        stamp=edition.stamp,
        sections=tuple(_sections(edition.policy, language)),
    )


def _sections(compiled: Compiled, language: str) -> Iterator[Section]:
    policy = compiled.policy
    yield _summary(compiled, language)
    yield _glance(compiled, language)
    yield purposes(compiled, language)
    yield data(policy, language)
    yield sources(policy, language)
    yield from intake(policy, language)
    yield recipients(policy, language)
    yield rights(policy, language)
    yield complaint(policy, language)
    yield automated(policy, language)
    yield controller(policy, language)
    yield officer(policy, language)
    yield security(policy, language)
    yield from solutions(policy, language)
    yield versions(policy, language)


def _summary(compiled: Compiled, language: str) -> Section:
    key = compiled.policy.notice_summary
    return Section("summary", compiled.policy.texts[key].title.say(language), paragraphs(compiled.text(key, language)))


def _glance(compiled: Compiled, language: str) -> Section:
    policy, say = compiled.policy, words(language, "notice").say
    basis = words(language, "terms").say
    rows: list[tuple[Runs, ...]] = []
    for key, purpose in policy.purposes.items():
        received = [policy.recipients[name].name for name in purpose.recipients]
        rows.append(
            cells(
                (reference(f"purpose-{key}", purpose.title.say(language)),),
                purpose.description.say(language),
                basis(f"basis_{purpose.basis}"),
                span(purpose.retention.duration, language),
                ", ".join(received) or say("nobody"),
            )
        )
    head = say("purpose"), say("what_for"), say("basis"), say("how_long"), say("receives")
    return Section("at-a-glance", say("glance"), table(say("glance_caption"), head, *rows))
