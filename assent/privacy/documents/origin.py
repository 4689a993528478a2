"""What people are told of data they did not give: where they came from, as a line in a message and as a letter (art. 14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assent.privacy.documents.phrases import day, enumerated, listed, sentence
from assent.privacy.documents.words import words
from assent.privacy.policy.contracts import Policy

__all__ = ["OriginLetter", "origin_letter", "origin_line"]


@dataclass(frozen=True, slots=True)
class OriginLetter:
    """A letter that only informs: ``link_words`` lead to the whole notice."""

    subject: str
    lines: tuple[str, ...]
    link_words: str


def origin_line(policy: Policy, language: str, obtained: Sequence[tuple[str, date]], address: str) -> str:
    """
    Return where data came from, in one sentence with the address of the whole notice, for the first message to a person.

    :param obtained: keys of the policy's sources, each with the day on which its data were obtained
    """
    say = words(language, "origin").say
    told = [say("from", source=policy.sources[key].called(language), day=day(when, language)) for key, when in obtained]
    return f"{say('line', sources=listed(told, language))} {say('more', address=address)}"


def origin_letter(policy: Policy, language: str, source: str, choices: str) -> OriginLetter:
    """
    Return the letter that tells people of a source: who has what, from where, what for, and what they may do about it.

    :param source: a key of the policy's sources
    :param choices: the address of the page where a person objects
    """
    say, who = words(language, "origin").say, policy.controller
    using = [purpose for purpose in policy.purposes.values() if source in purpose.sources]
    data = dict.fromkeys(policy.data[item].title.say(language) for purpose in using for item in purpose.data)
    lines = [
        say("who", controller=who.name, source=policy.sources[source].called(language)),
        *([say("which", data=sentence(enumerated(list(data), language)))] if data else []),
        *([say("what_for", purposes=sentence("; ".join(one.title.say(language) for one in using)))] if using else []),
        say("rights", address=choices),
        say("complain", authority=who.authority.name.say(language)),
    ]  # fmt: skip
    return OriginLetter(say("subject", controller=who.name), tuple(lines), say("notice"))
