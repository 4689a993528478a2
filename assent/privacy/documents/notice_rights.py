"""The notice's sections on rights, complaints and decisions made by machines."""

from assent.privacy.documents.contracts import Paragraph, Run, Section
from assent.privacy.documents.notice_parties import contact
from assent.privacy.documents.phrases import country, span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, facts, link, plain
from assent.privacy.policy.contracts import Policy, Right

__all__ = ["automated", "complaint", "rights"]

CLAUSES = {
    Right.ACCESS: "gdpr:15",
    Right.RECTIFICATION: "gdpr:16",
    Right.ERASURE: "gdpr:17",
    Right.RESTRICTION: "gdpr:18",
    Right.PORTABILITY: "gdpr:20",
    Right.OBJECTION: "gdpr:21",
    Right.WITHDRAWAL: "gdpr:7(3)",
    Right.COMPLAINT: "gdpr:77",
}


def rights(policy: Policy, language: str) -> Section:
    """Return the section on each right, and how it is exercised (arts. 12, 13(2)(b) and (c))."""
    say, term, found = words(language, "notice").say, words(language, "terms").say, policy.rights
    each = facts(
        *(
            (term(f"right_{right}"), (Run(found.explained[right].say(language)), article(clause, language)))
            for right, clause in CLAUSES.items()
            if right in found.explained
        )
    )
    clocks = found.deadlines
    asked = say("exercise_said", answer=span(clocks.answer, language), extension=span(clocks.extension, language))
    told = facts(
        (say("contact"), contact(found.contact)),
        (say("fee"), (Run(found.fee.say(language)), article("gdpr:12(5)", language))),
        (say("identity"), (Run(found.identity.say(language)), article("gdpr:12(6)", language))),
        (
            say("tell_source"),
            (Run(say("tell_source_said", span=span(clocks.tell_source, language))), article("gdpr:14(3)", language)),
        ),
        (
            say("change_notice"),
            (
                Run(say("change_notice_said", span=span(clocks.notice_before_change, language))),
                article("gdpr:13(3)", language),
            ),
        ),
        (say("zone"), say("zone_said", zone=policy.controller.time_zone)),
    )
    how = Section("exercise", say("exercise"), (Paragraph((Run(asked), article("gdpr:12(3)", language))), *told))
    return Section("rights", say("rights"), (Paragraph(plain(say("rights_lead"))), *each), (how,))


def complaint(policy: Policy, language: str) -> Section:
    """Return the section on the supervisory authority (arts. 13(2)(d), 77)."""
    say, authority = words(language, "notice").say, policy.controller.authority
    told = facts(
        (say("authority"), authority.name.say(language)),
        (say("country"), country(authority.country, language)),
        (say("contact"), contact(authority.contact)),
        (say("website"), (link(authority.website),)),
    )
    lead = Paragraph((Run(say("complaint_said")), article("gdpr:77", language), article("gdpr:79", language)))
    return Section("complaint", say("complaint"), (lead, *told))


def automated(policy: Policy, language: str) -> Section:
    """Return the section on decisions without a human (arts. 13(2)(f), 22)."""
    say, found = words(language, "notice").say, policy.automated_decisions
    each = tuple(
        Section(
            f"decision-{at}",
            decision.title.say(language),
            facts(
                (say("logic"), decision.logic.say(language)),
                (say("consequences"), decision.consequences.say(language)),
                (say("safeguards"), decision.safeguards.say(language)),
            ),
        )
        for at, decision in enumerate(found.decisions, start=1)
    )
    lead = Paragraph((Run(found.statement.say(language)), article("gdpr:22", language)))
    return Section("automated-decisions", say("automated"), (lead,), each)
