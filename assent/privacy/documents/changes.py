"""What a version says that the one before did not, in plain words, and which sections of the notice read differently."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Block, Document, Edition, Kind, Paragraph, Run, Runs, Section, sections
from assent.privacy.documents.differences import Difference, differences
from assent.privacy.documents.notice import privacy_notice
from assent.privacy.documents.phrases import country, day, language_name, sentence, span
from assent.privacy.documents.saying import field_name, said, title_of
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, items, plain, table
from assent.privacy.policy.contracts import Local, Policy, Recipient

__all__ = ["AREAS", "change_log", "changed_sections"]

AREAS = (
    "purposes", "data", "subjects", "sources", "recipients", "consent_categories", "cookies", "banner", "texts",
    "notice_summary", "events", "traits", "rights", "automated_decisions", "controller", "measures", "backups", "platform",
    "solutions", "dated",
)  # fmt: skip
"""The parts of a policy in the order a reader asks for them."""

LISTS = {"data", "recipients", "subjects", "sources", "operations", "channels"}


def changed_sections(old: Edition, new: Edition, language: str) -> list[tuple[str, str]]:
    """Return the sections of the privacy notice that read differently, as id and title: in reading order, those gone last."""
    before = {section.id: section for _, section in sections(privacy_notice(old, language))}
    after = {section.id: section for _, section in sections(privacy_notice(new, language))}
    found = [
        (id_, section.title)
        for id_, section in after.items()
        if id_ not in before or (section.title, section.blocks) != (before[id_].title, before[id_].blocks)
    ]
    return found + [(id_, section.title) for id_, section in before.items() if id_ not in after]


def change_log(edition: Edition, language: str) -> Document:
    """Build the change log of an edition against the one before it."""
    policy, before, say = edition.policy.policy, edition.before, words(language, "changes").say
    found = tuple(_sections(before, edition, language)) if before else ()
    if before is None:
        lead = say("first")
    elif before.stamp.number:
        lead = say("lead" if found else "same", number=before.stamp.number)
    else:
        lead = say("lead_draft" if found else "same_draft")
    return Document(
        kind=Kind.CHANGE_LOG,
        of=policy.controller.slug,
        language=language,
        title=say("title", controller=policy.controller.name),
        lead=plain(lead),
        stamp=edition.stamp,
        sections=found,
    )


def _sections(old: Edition, new: Edition, language: str) -> Iterator[Section]:
    say = words(language, "changes").say
    found = list(differences(old.policy.policy, new.policy.policy))
    for area in AREAS:
        told: list[Runs] = []
        rows: list[tuple[Runs, ...]] = []
        for one in (each for each in found if each.path[0] == area):
            sentences = list(_sentences(one, old, new, language))
            told += sentences
            if not sentences:
                rows.extend(_rows(one, old.policy.policy, new.policy.policy, language))
        if area == "texts":
            rows += _wording(old, new, language)
        blocks: tuple[Block, ...] = (
            *items(*told),
            *table(say("caption"), (say("where"), say("before"), say("now")), *rows),
        )
        if blocks:
            yield Section(area.replace("_", "-"), say(f"area_{area}"), blocks)
    if parts := changed_sections(old, new, language):
        listed = items(*(title for _, title in parts))
        yield Section("notice", say("sections"), (Paragraph(plain(say("sections_said"))), *listed))


def _sentences(one: Difference, old: Edition, new: Edition, language: str) -> Iterator[Runs]:
    say, before, after = words(language, "changes").say, old.policy.policy, new.policy.policy
    match one.path:
        case ("purposes", key):
            there = before if one.after is None else after
            told = say("purpose_gone" if one.after is None else "purpose_new", title=there.purposes[key].title.say(language))
            yield plain(told if one.after is None else f"{told} {there.purposes[key].description.say(language)}")
        case (area, _) if isinstance(getattr(after, area), dict) and None in (one.before, one.after):
            yield plain(_whole(one, before if one.after is None else after, language))
        case ("purposes", key, "basis"):
            yield _basis(one, after, key, language)
        case ("purposes", key, "retention", "duration"):
            title = after.purposes[key].title.say(language)
            yield plain(say("kept", title=title, now=span(one.after, language), was=span(one.before, language)))
        case ("purposes", key, field) if field in LISTS:
            title = after.purposes[key].title.say(language)
            if one.gained:
                yield plain(say(f"gained_{field}", title=title, what=said(one.gained, one.path, after, language)))
            if one.lost:
                yield plain(say(f"lost_{field}", title=title, what=said(one.lost, one.path, before, language)))


def _basis(one: Difference, after: Policy, key: str, language: str) -> Runs:
    say, term, purpose = words(language, "changes").say, words(language, "terms").say, after.purposes[key]
    fields = {"title": purpose.title.say(language), "was": term(f"basis_{one.before}"), "now": term(f"basis_{one.after}")}
    if change := purpose.basis_changed:
        reason = sentence(change.reason.say(language))
        told = say("basis_because", reason=reason, day=day(change.on, language), **fields)
    else:
        told = say("basis", **fields)
    return (Run(told), article(purpose.basis.clause, language))


def _whole(one: Difference, there: Policy, language: str) -> str:
    say, (area, key) = words(language, "changes").say, one.path
    what = title_of(there, area, key, language)
    found = one.before if one.after is None else one.after
    if one.after is None:
        return say("gone", what=what)
    if isinstance(found, Recipient):
        services = sentence(found.services.say(language))
        return say("recipient_new", what=what, country=country(found.country, language), services=services)
    return say("new", what=what)


def _rows(one: Difference, before: Policy, after: Policy, language: str) -> Iterator[tuple[Runs, ...]]:
    path = one.path
    where = _where(path, after if _has(after, path) else before, language)
    was, now = said(one.before, path, before, language), said(one.after, path, after, language)
    if isinstance(one.before, Local) and isinstance(one.after, Local) and was == now:
        # It reads the same here, so the language in which it does not is named.
        for other in [*one.after.root, *(each for each in one.before.root if each not in one.after.root)]:
            texts = one.before.root.get(other, ""), one.after.root.get(other, "")
            if texts[0] != texts[1]:
                yield cells(f"{where} ({language_name(other, language)})", *(text or "–" for text in texts))
        return
    yield cells(where, was, now)


def _has(policy: Policy, path: tuple[str, ...]) -> bool:
    return len(path) > 1 and isinstance(found := getattr(policy, path[0]), dict) and path[1] in found


def _where(path: tuple[str, ...], policy: Policy, language: str) -> str:
    area, *rest = path
    if isinstance(getattr(policy, area), dict) and rest:
        key, *rest = rest
        return ": ".join([title_of(policy, area, key, language), *filter(None, [_steps(rest, language)])])
    return _steps(rest, language) or field_name(area, language)


def _steps(path: list[str], language: str) -> str:
    return ", ".join(field_name(step, language) for step in path)


def _wording(old: Edition, new: Edition, language: str) -> Iterator[tuple[Runs, ...]]:
    for (key, of), text in new.policy.texts.items():
        before = old.policy.texts.get((key, of))
        if before is not None and before != text:
            title = title_of(new.policy.policy, "texts", key, language)
            shown = title if of == language else f"{title} ({language_name(of, language)})"
            yield cells(shown, before, text)
