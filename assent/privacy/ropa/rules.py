"""A policy read as a record of processing. Pure: the same policy gives the same record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from assent.privacy.policy.contracts import (
    EEA,
    Compiled,
    Contact,
    DataProtectionOfficer,
    Local,
    Override,
    Policy,
    Purpose,
    Recipient,
    RecipientRole,
    Retention,
    Safeguard as Promised,
    SolutionRole,
)
from assent.privacy.ropa.contracts import (
    Activity,
    Authority,
    ControllerRecord,
    Copies,
    Data,
    Decision,
    Ending,
    Former,
    Holder,
    Measure,
    NoPlatform,
    Officer,
    ProcessorRecord,
    Receiver,
    Safeguard,
    Service,
    Source,
    Version,
    Works,
    WorksFor,
)

T = TypeVar("T")

__all__ = ["controller_record", "data_item", "holder", "measures", "operator", "processor_record", "receiver", "service"]


def controller_record(policy: Compiled, language: str, published_at: datetime | None = None) -> ControllerRecord:
    """Return the controller's record (art. 30(1)) in a language."""
    said = policy.policy
    return ControllerRecord(
        language=language,
        version=Version(policy.number, policy.digest, published_at),
        slug=said.controller.slug,
        controller=holder(said, language),
        authority=_authority(said, language),
        joint=tuple(_joint(said)),
        activities=tuple(_activity(said, key, purpose, language) for key, purpose in said.purposes.items()),
        measures=measures(said, language),
        copies=Copies(said.backups.data_kept, said.backups.keys_kept),
        decisions_statement=said.automated_decisions.statement.say(language),
        decisions=tuple(
            Decision(
                one.title.say(language), one.logic.say(language), one.consequences.say(language), one.safeguards.say(language)
            )
            for one in said.automated_decisions.decisions
        ),
    )


def processor_record(policies: Sequence[Compiled], language: str) -> ProcessorRecord:
    """
    Return the record of the platform as the processor of these controllers (art. 30(2)).

    :raises NoPlatform: if a policy names no platform, or the policies name different ones
    """
    operators = {operator(policy.policy, language) for policy in policies}
    if len(operators) != 1:
        names = ", ".join(sorted(found.name for found in operators)) or "nobody"
        message = f"a record is one processor's, and these policies name {names}: give those of one platform"
        raise NoPlatform(message)
    return ProcessorRecord(language, operators.pop(), tuple(_works_for(policy, language) for policy in policies))


def operator(policy: Policy, language: str) -> Holder:
    """
    Return who operates the software.

    :raises NoPlatform: if the policy does not say
    """
    platform = policy.platform
    if platform is None:
        message = f"the policy of {policy.controller.slug} names no platform: add `platform`"
        raise NoPlatform(message)
    who = policy.recipients[platform.recipient]
    return Holder(
        name=who.name,
        country=who.country,
        address=platform.address,
        registration=platform.registration or "",
        website=who.privacy_policy or "",
        officer=_officer(platform.data_protection_officer, language),
        **_reached(platform.contact),
    )


def service(policy: Policy, key: str, language: str) -> Service:
    """Return what the platform does in one solution."""
    solution = policy.solutions[key]
    purposes = [policy.purposes[name] for name in solution.purposes]
    return Service(
        key=key,
        title=solution.title.say(language),
        under=tuple((name, policy.purposes[name].title.say(language)) for name in solution.purposes),
        operations=_once(operation for purpose in purposes for operation in purpose.operations),
        subjects=_once(policy.subjects[group].say(language) for purpose in purposes for group in purpose.subjects),
        data=tuple(data_item(policy, item, language) for item in _once(item for one in purposes for item in one.data)),
        receivers=tuple(
            receiver(policy.recipients[name], name, language)
            for name in _once(name for one in purposes for name in one.recipients)
            if not policy.platform or name != policy.platform.recipient
        ),
    )


def data_item(policy: Policy, key: str, language: str) -> Data:
    """Return one category of data."""
    item = policy.data[key]
    return Data(key, item.title.say(language), item.category, item.dpv or "", item.kind, item.storage, item.special)


def receiver(recipient: Recipient, key: str, language: str) -> Receiver:
    """Return one recipient."""
    found, told = recipient.safeguard, recipient.instructions
    return Receiver(
        key=key,
        name=recipient.name,
        role=recipient.role,
        country=recipient.country,
        services=recipient.services.say(language),
        abroad=recipient.country not in EEA,
        privacy_policy=recipient.privacy_policy or "",
        safeguard=_safeguard(found) if found else None,
        instructions=_say(told.text if told else None, language),
        excluded_features=told.excluded_features if told else (),
    )


def _safeguard(found: Promised) -> Safeguard:
    return Safeguard(found.kind, found.reference, found.checked_on, found.valid_until, found.fallback)


def _works_for(policy: Compiled, language: str) -> WorksFor:
    said = policy.policy
    own = said.recipients[said.platform.recipient].instructions if said.platform else None
    return WorksFor(
        slug=said.controller.slug,
        version=Version(policy.number, policy.digest),
        controller=holder(said, language),
        instructions=_say(own.text if own else None, language),
        excluded_features=own.excluded_features if own else (),
        services=tuple(
            service(said, key, language) for key, solution in said.solutions.items() if solution.role is SolutionRole.PROCESSOR
        ),
        measures=measures(said, language),
    )


def holder(policy: Policy, language: str) -> Holder:
    """Return the controller with its contacts and its officer."""
    found = policy.controller
    return Holder(
        name=found.name,
        country=found.country,
        address=found.address,
        legal_form=found.legal_form or "",
        registration=found.registration or "",
        website=found.website or "",
        officer=_officer(found.data_protection_officer, language),
        **_reached(found.contact),
    )


def _reached(contact: Contact) -> dict[str, str]:
    return {"email": contact.email, "phone": contact.phone or "", "postal": contact.address or ""}


def _officer(found: DataProtectionOfficer | None, language: str) -> Officer | None:
    if found is None:
        return None
    at = found.contact
    return Officer(
        name=found.name or "",
        email=at.email if at else "",
        phone=(at.phone if at else None) or "",
        address=(at.address if at else None) or "",
        none_because=_say(found.none_because, language),
    )


def _authority(policy: Policy, language: str) -> Authority:
    found = policy.controller.authority
    at = found.contact
    return Authority(found.name.say(language), found.country, found.website, at.email, at.phone or "", at.address or "")


def _joint(policy: Policy) -> Iterable[Holder]:
    """Name those the controller decides with: recipients in that role, and the platform in a joint solution."""
    platform = policy.platform
    together = any(solution.role is SolutionRole.JOINT_CONTROLLER for solution in policy.solutions.values())
    if platform and together:
        yield operator(policy, policy.controller.languages[0])
    for key, recipient in policy.recipients.items():
        if recipient.role is RecipientRole.JOINT_CONTROLLER and not (platform and together and key == platform.recipient):
            yield Holder(recipient.name, recipient.country, website=recipient.privacy_policy or "")


def _activity(policy: Policy, key: str, purpose: Purpose, language: str) -> Activity:
    changed = purpose.basis_changed
    return Activity(
        key=key,
        title=purpose.title.say(language),
        description=purpose.description.say(language),
        basis=purpose.basis,
        subjects=tuple(policy.subjects[group].say(language) for group in purpose.subjects),
        data=tuple(data_item(policy, item, language) for item in purpose.data),
        sources=tuple(_source(policy, name, language) for name in purpose.sources),
        operations=purpose.operations,
        receivers=tuple(receiver(policy.recipients[name], name, language) for name in purpose.recipients),
        ending=_ending(purpose.retention),
        exceptions=tuple(
            _ending(rule, key=name, case=rule.when.say(language)) for name, rule in purpose.retention.overrides.items()
        ),
        solutions=tuple(
            Works(name, solution.title.say(language), solution.role, solution.agreement)
            for name, solution in policy.solutions.items()
            if key in solution.purposes
        ),
        channels=purpose.channels,
        direct_marketing=purpose.direct_marketing,
        dpv=purpose.dpv,
        fideslang=purpose.fideslang,
        special_condition=purpose.special_condition,
        interest=_say(purpose.interest, language),
        balancing=_say(purpose.balancing, language),
        law=_say(purpose.law, language),
        similar=_say(purpose.soft_opt_in.similar if purpose.soft_opt_in else None, language),
        obligatory=_say(purpose.obligatory, language),
        consent_expires=purpose.consent_expires or "",
        starts_on=purpose.starts_on,
        former=Former(changed.was, changed.on, changed.reason.say(language)) if changed else None,
    )


def _source(policy: Policy, key: str, language: str) -> Source:
    found = policy.sources[key]
    return Source(key, found.title.say(language), found.kind, found.named or "")


def _ending(rule: Retention | Override, *, key: str = "", case: str = "") -> Ending:
    return Ending(rule.duration, rule.counted_from, rule.then, key, case)


def measures(policy: Policy, language: str) -> tuple[Measure, ...]:
    """Return the measures of security a policy promises."""
    return tuple(Measure(key, found.title.say(language), found.check) for key, found in policy.measures.items())


def _say(words: Local | None, language: str) -> str:
    return words.say(language) if words else ""


def _once(items: Iterable[T]) -> tuple[T, ...]:
    """Keep the first of each, in order."""
    return tuple(dict.fromkeys(items))
