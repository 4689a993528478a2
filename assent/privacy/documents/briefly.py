"""One purpose in a few plain sentences, for a page on which a person sees their own data beside them."""

from dataclasses import dataclass

from assent.privacy.documents.phrases import beginning, clause, country, enumerated, listed, sentence
from assent.privacy.documents.retention import keeping, what_then
from assent.privacy.documents.words import words
from assent.privacy.policy.contracts import EEA, Policy

__all__ = ["Brief", "briefly"]


@dataclass(frozen=True, slots=True)
class Brief:
    """
    What arts. 15(1)(a), (c), (d) and (g) ask for of one purpose, in sentences.

    :param because: the basis; ``clause`` is its article, ``behind`` the statute or the interest it rests on, if any
    :param kept: how long, counted from what, and what then
    :param receives: names of recipients, each with what it does, and its country when outside the Economic Area
    """

    title: str
    description: str
    because: str
    clause: str
    behind: str
    kept: str
    sources: str
    receives: tuple[tuple[str, str], ...]


def briefly(policy: Policy, purpose: str, language: str) -> Brief:
    """
    Return a purpose in short.

    :raises KeyError: if the policy has no such purpose
    """
    found, term = policy.purposes[purpose], words(language, "terms").say
    behind = found.law or found.interest
    receives = []
    for key in found.recipients:
        who = policy.recipients[key]
        abroad = [] if who.country in EEA else [country(who.country, language)]
        receives.append((who.name, sentence(listed([who.services.say(language), *abroad], language))))
    return Brief(
        title=found.title.say(language),
        description=found.description.say(language),
        because=term(f"because_{found.basis}"),
        clause=clause(found.basis.clause, language),
        behind=sentence(behind.say(language)) if behind else "",
        kept=f"{beginning(sentence(keeping(found.retention, language)))} {what_then(found.retention, language)}",
        sources=enumerated([policy.sources[key].title.say(language) for key in found.sources], language),
        receives=tuple(receives),
    )
