"""The consent wording: the words people are asked, per purpose and channel, and every line a message owes them (art. 7)."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Block, Document, Edition, Kind, Paragraph, Run, Section
from assent.privacy.documents.phrases import span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, code, items, paragraphs, plain
from assent.privacy.policy.contracts import Compiled, Purpose

__all__ = ["consent_wording"]


def consent_wording(edition: Edition, language: str) -> Document:
    """Build the wording in a language."""
    controller, say = edition.policy.policy.controller, words(language, "wording").say
    return Document(
        kind=Kind.CONSENT_WORDING,
        of=controller.slug,
        language=language,
        title=say("title", controller=controller.name),
        lead=(Run(say("lead")), article("gdpr:7", language)),
        stamp=edition.stamp,
        sections=tuple(_sections(edition.policy, language)),
    )


def _sections(compiled: Compiled, language: str) -> Iterator[Section]:
    policy, say = compiled.policy, words(language, "wording").say
    for key, purpose in policy.purposes.items():
        if parts := tuple(_parts(compiled, key, purpose, language)):
            yield Section(f"wording-{key}", purpose.title.say(language), _rules(purpose, language), parts)
    used = {text for purpose in policy.purposes.values() for text in purpose.texts}
    rest = tuple(_text(compiled, f"text-{key}", "", key, language) for key in policy.texts if key not in used)
    if rest:
        yield Section("other-texts", say("other"), (), rest)


def _parts(compiled: Compiled, key: str, purpose: Purpose, language: str) -> Iterator[Section]:
    say, term = words(language, "wording").say, words(language, "terms").say
    for channel, text in purpose.wording.items():
        asked = say("asked", channel=term(f"channel_{channel}"))
        yield _text(compiled, f"wording-{key}-{channel}", asked, text, language)
    if soft := purpose.soft_opt_in:
        yield _text(compiled, f"wording-{key}-at-sale", say("at_sale"), soft.opt_out_at_collection, language)
    for name in ("confirmation", "source_line", "opt_out", "ask_again"):
        if text := getattr(purpose, name):
            yield _text(compiled, f"wording-{key}-{name}", say(name), text, language)


def _text(compiled: Compiled, id_: str, when: str, key: str, language: str) -> Section:
    text = compiled.policy.texts[key]
    use = words(language, "terms").say(f"text_use_{text.use}")
    small = f"{use} · {key} · {compiled.text_digests[key, language][:12]}"
    lead = (Paragraph(plain(when)),) if when else ()
    blocks: tuple[Block, ...] = (*lead, *paragraphs(compiled.text(key, language)), Paragraph((code(small),)))
    return Section(id_, text.title.say(language), blocks)


def _rules(purpose: Purpose, language: str) -> tuple[Block, ...]:
    say = words(language, "wording").say
    told = []
    if purpose.wording and len(purpose.channels) > 1:
        told.append(say("each_alone" if purpose.per_channel_choice else "all_together"))
    if purpose.double_opt_in:
        told.append(say("twice"))
    if purpose.consent_expires:
        told.append(say("expires", span=span(purpose.consent_expires, language)))
    return items(*told)
