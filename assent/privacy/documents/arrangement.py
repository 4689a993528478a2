"""The arrangement of joint controllers for one solution (GDPR art. 26(1)), and its essence for the people concerned (26(2))."""

from collections.abc import Iterator, Sequence

from assent.privacy.documents.agreement import purposes_table, uses
from assent.privacy.documents.annexes import (
    data_table,
    holder_facts,
    measures_table,
    receivers_table,
    retention_table,
    transfers_table,
)
from assent.privacy.documents.contracts import (
    Block,
    Callout,
    CalloutKind,
    Document,
    Edition,
    Items,
    Kind,
    Paragraph,
    Run,
    Section,
)
from assent.privacy.documents.phrases import sentence, span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, facts, items, plain, table
from assent.privacy.policy.contracts import Duty, Party, Platform, Policy, SolutionRole
from assent.privacy.ropa import api as ropa
from assent.privacy.ropa.contracts import NoPlatform

__all__ = ["arrangement_essence", "joint_arrangement", "joint_solutions"]

ARTICLES = {
    Duty.CONTACT: "gdpr:26(1)",
    Duty.INFORMATION: "gdpr:13",
    Duty.CONSENT: "gdpr:7",
    Duty.REQUESTS: "gdpr:15",
    Duty.SECURITY: "gdpr:32",
    Duty.BREACHES: "gdpr:33",
    Duty.ASSESSMENT: "gdpr:35",
    Duty.PROCESSORS: "gdpr:28",
}


def joint_solutions(policy: Policy) -> Sequence[str]:
    """Return the solutions in which the platform is a joint controller."""
    return [key for key, solution in policy.solutions.items() if solution.role is SolutionRole.JOINT_CONTROLLER]


def joint_arrangement(edition: Edition, language: str, solution: str) -> Document:
    """
    Build the arrangement for one solution.

    :raises NoPlatform: if the policy names nobody to arrange with
    """
    one = _Arrangement(edition.policy.policy, language, solution)
    return Document(
        kind=Kind.JOINT_ARRANGEMENT,
        of=f"{one.policy.controller.slug}/{solution}",
        language=language,
        title=one.say("title"),
        lead=(Run(one.say("lead")), article("gdpr:26(1)", language)),
        stamp=edition.stamp,
        sections=tuple(one.sections()),
    )


def arrangement_essence(edition: Edition, language: str, solution: str) -> Document:
    """
    Build what people are told of the arrangement.

    :raises NoPlatform: if the policy names nobody to arrange with
    """
    one = _Arrangement(edition.policy.policy, language, solution)
    return Document(
        kind=Kind.ARRANGEMENT_ESSENCE,
        of=f"{one.policy.controller.slug}/{solution}",
        language=language,
        title=one.say("essence_title"),
        lead=(Run(one.say("essence_lead")), article("gdpr:26(2)", language)),
        stamp=edition.stamp,
        sections=tuple(one.essence()),
    )


class _Arrangement:
    """One solution with its two controllers, and the sentences about them."""

    def __init__(self, policy: Policy, language: str, solution: str) -> None:
        if policy.platform is None:
            message = f"the policy of {policy.controller.slug} names no platform: add `platform`"
            raise NoPlatform(message)
        self.policy, self.language, self.platform = policy, language, policy.platform
        self.service = ropa.service(policy, solution, language)
        self.duties = policy.solutions[solution].duties
        self.second = ropa.operator(policy, language)
        own, theirs = policy.rights.contact.email, self.platform.contact.email
        reached = {Party.CONTROLLER: own, Party.PLATFORM: theirs, Party.EACH: f"{own}, {theirs}"}
        self.fields = {
            "controller": policy.controller.name,
            "platform": self.second.name,
            "solution": self.service.title,
            "contact": f"{self.who(Duty.CONTACT)} ({reached[self.duties[Duty.CONTACT]]})",
            "contact_controller": own,
            "contact_platform": theirs,
        } | _terms(self.platform, language)

    def say(self, key: str) -> str:
        """Return a sentence with the parties, the solution and the terms filled in."""
        return words(self.language, "arrangement").say(key, **self.fields)

    def who(self, duty: Duty) -> str:
        """Return by name who does it."""
        party = self.duties[duty]
        if party is Party.EACH:
            return words(self.language, "codes").say("party_each")
        return self.policy.controller.name if party is Party.CONTROLLER else self.second.name

    def told(self, name: str) -> tuple[Block, ...]:
        """Return the numbered sentences of a part."""
        found, at = [], 1
        while words(self.language, "arrangement").has(key := f"{name}_{at}"):
            found.append(plain(self.say(key)))
            at += 1
        return (Items(tuple(found), ordered=True),) if len(found) > 1 else (Paragraph(found[0]),)

    def sections(self) -> Iterator[Section]:
        """Return the parts of the arrangement."""
        policy, language, service = self.policy, self.language, self.service
        annex, purposes = words(language, "annex").say, [key for key, _title in service.under]
        yield self._parties()
        head = annex("purpose"), self.say("purpose_what"), self.say("purpose_basis")
        yield Section(
            "subject",
            self.say("subject"),
            (*self.told("subject"), *purposes_table(self.say("purposes_caption"), head, service, policy, language)),
            (
                Section("people", self.say("people"), items(*service.subjects)),
                Section(
                    "data",
                    self.say("data"),
                    data_table(self.say("data_caption"), service.data, language, uses=uses(policy, service, language)),
                ),
                Section(
                    "duration",
                    self.say("duration"),
                    retention_table(self.say("retention_caption"), policy, purposes, language),
                ),
            ),
        )
        yield Section("duties", self.say("duties"), self._duties())
        yield Section("rights", self.say("rights"), self.told("rights"))
        yield Section("breaches", self.say("breaches"), self.told("breaches"))
        yield Section(
            "recipients",
            self.say("recipients"),
            (
                *(
                    receivers_table(self.say("recipients_caption"), service.receivers, language)
                    or (Paragraph(plain(self.say("recipients_none"))),)
                ),
                *transfers_table(self.say("safeguards_caption"), service.receivers, language),
            ),
        )
        measures = measures_table(self.say("measures_caption"), ropa.measures(policy, language), language)
        yield Section("security", self.say("security"), measures)
        for name in ("liability", "ending", "essence"):
            yield Section(name, self.say(name), self.told(name))

    def essence(self) -> Iterator[Section]:
        """Return what people are told."""
        policy, language = self.policy, self.language
        sheet = words(language, "arrangement")
        what = [
            sheet.say("essence_purpose", title=title, description=sentence(policy.purposes[key].description.say(language)))
            for key, title in self.service.under
        ]
        data = sheet.say("essence_data", data=", ".join(item.title for item in self.service.data))
        yield Section("what", self.say("essence_what"), (*items(*what), Paragraph(plain(data))))
        pairs = [(words(language, "codes").say(f"duty_{duty}"), self.who(duty)) for duty in Duty]
        yield Section("duties", self.say("essence_duties"), facts(*pairs))
        authority = policy.controller.authority
        complain = sheet.say("essence_complain", authority=authority.name.say(language))
        rest = (plain(self.say("essence_rights")), plain(self.say("essence_harm")), plain(complain))
        yield Section("ask", self.say("essence_ask"), (*self.told("essence_ask"), *(Paragraph(runs) for runs in rest)))

    def _parties(self) -> Section:
        policy, language = self.policy, self.language
        first = ropa.holder(policy, language)
        return Section(
            "parties",
            self.say("parties"),
            (Callout(CalloutKind.DRAFT, plain(self.say("draft"))), Paragraph(plain(self.say("accepted")))),
            (
                Section("party-controller", self.say("party_controller"), facts(*holder_facts(first, language))),
                Section("party-platform", self.say("party_platform"), facts(*holder_facts(self.second, language))),
            ),
        )

    def _duties(self) -> tuple[Block, ...]:
        term = words(self.language, "codes").say
        rows = [
            cells(term(f"duty_{duty}"), self.who(duty), (Run(self.say(f"how_{duty}")), article(ARTICLES[duty], self.language)))
            for duty in Duty
        ]
        return table(self.say("duties_caption"), (self.say("duty"), self.say("by"), self.say("how")), *rows)


def _terms(platform: Platform, language: str) -> dict[str, str]:
    return {name: span(getattr(platform.terms, name), language) for name in ("breach", "ending")}
