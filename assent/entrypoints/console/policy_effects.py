"""What a statement would do, counted before it is put in force: people, segments, campaigns, the notice, events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from assent.campaigns import api as campaigns
from assent.campaigns.contracts import Unfit
from assent.entrypoints.console import words
from assent.entrypoints.console.policy_words import label
from assent.pieces.templatetags.pieces import grouped
from assent.privacy.consent import api as consent
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Edition
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy, Policy, Purpose, Reason, What
from assent.segments import api as segments

__all__ = ["REASONS", "UNFIT", "Effects", "People", "because", "foresee"]

REASONS: Mapping[What, Any] = {
    What.ENDED: gettext_lazy("it was given up in between"),
    What.BASIS: gettext_lazy("it rested on something else"),
    What.CONDITION: gettext_lazy("another condition for specially protected data"),
    What.MARKETING: gettext_lazy("it is direct marketing now"),
    What.DATA: gettext_lazy("new data: %s"),
    What.SPECIAL_DATA: gettext_lazy("specially protected now: %s"),
    What.SOURCE: gettext_lazy("a new source: %s"),
    What.OPERATION: gettext_lazy("more is done with the data: %s"),
    What.RECIPIENT: gettext_lazy("a new recipient: %s"),
    What.ROLE: gettext_lazy("a recipient with another role: %s"),
    What.TRANSFER: gettext_lazy("data leave for another country: %s"),
    What.FEATURE: gettext_lazy("a recipient may do more: %s"),
    What.CHANNEL: gettext_lazy("a new channel: %s"),
    What.RETENTION: gettext_lazy("kept longer"),
    What.WORDS: gettext_lazy("other words: %s"),
}

UNFIT: Mapping[Unfit, Any] = {
    Unfit.PURPOSE: gettext_lazy("its purpose is gone"),
    Unfit.CHANNEL: gettext_lazy("its purpose no longer uses the channel"),
    Unfit.NOT_YET: gettext_lazy("its purpose starts later"),
    Unfit.SEGMENT: gettext_lazy("its segment can no longer be used"),
    Unfit.WORDS: gettext_lazy("its words ask for data the purpose no longer has"),
}


@dataclass(frozen=True, slots=True)
class People:
    """Whose yes to a purpose would be touched, of how many, and why."""

    purpose: str
    title: str
    lost: int
    regained: int
    standing: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """
    What a statement would do.

    :param people: purposes whose consents would be touched
    :param segments: names of segments with what each would lose; nothing named means its purpose is gone
    :param campaigns: number, name, and why it could not go out
    :param sections: id and title of parts of the notice that would read differently
    :param events: titles of events, with the purposes they would no longer be taken in for
    :param begins: titles of new purposes with their first day, if they have one
    :param ends: titles of purposes that would end
    """

    people: tuple[People, ...]
    segments: tuple[tuple[str, tuple[str, ...]], ...]
    campaigns: tuple[tuple[int, str, Any], ...]
    sections: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, tuple[str, ...]], ...]
    begins: tuple[tuple[str, Any], ...]
    ends: tuple[str, ...]

    @property
    def lost(self) -> int:
        """People, counted once per purpose, whose consent would have to be asked for again."""
        return sum(one.lost for one in self.people)

    @property
    def attributes(self) -> int:
        """How many names segments would lose, each counted once."""
        return len({name for _segment, names in self.segments for name in names})

    @property
    def segments_lose(self) -> str:
        """How many segments would lose how many of the things they ask about."""
        many, names = len(self.segments), self.attributes
        segments_ = ngettext("%d segment", "%d segments", many) % many
        if not names:
            return _("%s could no longer be used") % segments_
        what = ngettext("%d attribute or event", "%d attributes or events", names) % names
        return _("%(segments)s would lose %(what)s") % {"segments": segments_, "what": what}

    @property
    def headline(self) -> list[str]:
        """What matters most, in a sentence each."""
        told = []
        if self.lost:
            said = ngettext(
                "%s consent would have to be asked for again", "%s consents would have to be asked for again", self.lost
            )
            told.append(said % grouped(self.lost))
        if self.segments:
            told.append(self.segments_lose)
        if many := len(self.campaigns):
            said = ngettext("%d campaign on its way would be refused", "%d campaigns on their way would be refused", many)
            told.append(said % many)
        return told


def foresee(
    *,
    controller: int,
    said: Any,
    outdated: Mapping[str, Mapping[int, tuple[Reason, ...]]],
    at: datetime,
    language: str,
) -> Effects:
    """
    Count what a statement would do if it were put in force now.

    :param said: the statement: ``policy`` and ``texts``
    :param outdated: what it would make of consents given before, see ``policy.api.consequences``
    """
    try:
        now = policy.current(controller=controller)
    except NoPolicy:
        return Effects((), (), (), (), (), tuple((words.local(one.title), None) for one in said.policy.purposes.values()), ())
    before = documents.edition(controller=controller)
    after = documents.edition_from(policy=said.policy, texts=said.texts, before=before)
    spoken = words.spoken(now)
    purposes = said.policy.purposes
    return Effects(
        people=tuple(_people(controller=controller, now=now, then=said.policy, outdated=outdated, at=at, language=language)),
        segments=tuple((one.segment.name, one.names) for one in segments.losses(controller=controller, policy=said.policy)),
        campaigns=tuple(
            (number, name, UNFIT[why])
            for number, name, why in campaigns.unfit(controller=controller, policy=said.policy, at=at)
        ),
        sections=tuple(_sections(before, after, spoken)),
        events=tuple(
            (words.local(now.policy.events[key].title), tuple(words.purpose(now, one) for one in lost))
            for key, lost in policy.no_longer_taken_in(now.policy, said.policy)
        ),
        begins=tuple(
            (words.local(one.title), one.starts_on) for key, one in purposes.items() if key not in now.policy.purposes
        ),
        ends=tuple(words.local(one.title) for key, one in now.policy.purposes.items() if key not in purposes),
    )


def _sections(before: Edition, after: Edition, language: str) -> list[tuple[str, str]]:
    if language not in documents.LANGUAGES:
        language = documents.languages(before.policy.policy)[0]
    return documents.changed_sections(before, after, language)


def _people(
    *,
    controller: int,
    now: Compiled,
    then: Policy,
    outdated: Mapping[str, Mapping[int, tuple[Reason, ...]]],
    at: datetime,
    language: str,
) -> list[People]:
    found = []
    for key, purpose in then.purposes.items():
        old, new = now.outdated.get(key, frozenset()), outdated.get(key, {})
        # A choice made under the version in force pins its number, which only the next publication looks back on.
        if set(new) == old or key not in now.policy.purposes:
            continue
        counted = consent.outgrown(
            controller=controller, purpose=key, channels=_channels(now.policy.purposes[key]), now=old, then=list(new), at=at
        )
        if not counted.lost and not counted.regained and not new:
            continue
        reasons = {reason for version, why in new.items() if version not in old for reason in why}
        found.append(
            People(
                key,
                words.local(purpose.title),
                counted.lost,
                counted.regained,
                counted.standing,
                tuple(because(reason, now.policy, then, language) for reason in sorted(reasons)),
            )
        )
    return found


def _channels(purpose: Purpose) -> list[str]:
    return [str(channel) for channel in purpose.channels]


def because(reason: Reason, before: Policy, now: Policy, language: str) -> str:
    """Return in words why a consent would no longer cover its purpose."""
    said = str(REASONS[reason.what])
    return said % _named(reason, before, now, language) if "%s" in said else said


def _named(reason: Reason, before: Policy, now: Policy, language: str) -> str:
    key = reason.key
    if reason.what is What.WORDS:
        return _path(key, now, language)
    if reason.what is What.CHANNEL:
        return str(words.CHANNELS.get(key, key))
    for policy_ in (now, before):
        if reason.what in {What.DATA, What.SPECIAL_DATA} and key in policy_.data:
            return words.local(policy_.data[key].title)
        if reason.what is What.SOURCE and key in policy_.sources:
            return words.local(policy_.sources[key].title)
        if key in policy_.recipients:
            return policy_.recipients[key].name
    return key


def _path(path: str, now: Policy, language: str) -> str:
    """Return what changed words are called: the part they stand in, and the field."""
    steps = path.split(".")
    members = getattr(now, steps[0], None)
    inside = members.get(steps[1]) if isinstance(members, dict) and len(steps) > 1 else None
    named = getattr(inside, "title", None)
    whose = words.local(named) if named is not None else getattr(inside, "name", "") or label(steps[0], language)
    field = next((step for step in reversed(steps) if not step.isdecimal()), steps[-1])
    if "wording" in steps:
        return _("%(of)s, words to agree to") % {"of": whose}
    return f"{whose}, {label(field, language).lower()}"
