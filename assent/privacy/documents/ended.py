"""What a person is told when something ends for them: what is over, what is deleted, what stays, on which basis, until when."""

from dataclasses import dataclass

from assent.privacy.breaches.contracts import Words
from assent.privacy.documents.briefly import briefly
from assent.privacy.documents.phrases import clause, day, enumerated
from assent.privacy.documents.words import words
from assent.privacy.policy.contracts import Policy
from assent.privacy.retention.contracts import Consequence

__all__ = ["Ended", "Staying", "ended", "ended_letter"]


@dataclass(frozen=True, slots=True)
class Staying:
    """
    A purpose that data stay for.

    :param why: the basis in a sentence, or why they stay though it is over; ``clause`` is the article
    :param until: the day, or how long by the policy where none is known yet; empty where only its reason's end is
    """

    title: str
    why: str
    clause: str
    until: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The whole of it, in sentences, for a page or a letter."""

    heading: str
    over: tuple[str, ...]
    gone: str
    stays: str
    staying: tuple[Staying, ...]
    before: str


# Articles behind what stays past the end of its purpose.
HELD = {"claim": "gdpr:17(3)(e)", "authority": "gdpr:17(3)(b)", "obligation": "gdpr:17(3)(b)", "restricted": "gdpr:18(1)"}


def ended(policy: Policy, language: str, found: Consequence) -> Ended:
    """Return what follows for a person in sentences of one language."""
    say = words(language, "ended").say
    gone = enumerated([policy.data[item].title.say(language) for item in found.gone], language)
    staying = []
    for one in found.stays:
        brief = briefly(policy, one.purpose, language)
        until = say("until", day=day(one.until, language)) if one.until else ""
        if one.held:
            staying.append(Staying(brief.title, say(f"held_{one.held}"), clause(HELD[one.held], language), until))
        else:
            why = f"{brief.because} {brief.behind}".strip()
            staying.append(Staying(brief.title, why, brief.clause, until or brief.kept))
    return Ended(
        heading=say("heading"),
        over=tuple(say(f"over_{one.why}", purpose=policy.purposes[one.purpose].title.say(language)) for one in found.over),
        gone=say("gone", items=gone) if gone else say("gone_nothing"),
        stays=say("stays") if staying else say("stays_none"),
        staying=tuple(staying),
        before=say("before"),
    )


def ended_letter(policy: Policy, language: str, found: Consequence) -> Words:
    """Return the same as a letter."""
    say, told = words(language, "ended").say, ended(policy, language, found)
    contact = say("contact", email=str(policy.rights.contact.email), authority=policy.controller.authority.name.say(language))
    lines = (
        say("lead", controller=policy.controller.name), *told.over, told.gone, told.stays,
        *(f"{one.title}. {one.why} ({one.clause}) {one.until}".strip() for one in told.staying),
        told.before, contact, say("letter_reason"),
    )  # fmt: skip
    return Words(told.heading, lines)
