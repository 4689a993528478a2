"""Signs of a high risk in what a policy declares. Pure; each trigger names its leaf, so that a reader can check it."""

from collections.abc import Iterator

from assent.privacy.impact.contracts import Criterion, Findings, Trigger, Verdict
from assent.privacy.policy.contracts import DataKind, Policy, RecipientRole, SolutionRole, SourceKind

__all__ = ["findings"]

# Terms of the two vocabularies a purpose is described in: DPV purposes, fideslang data uses.
SCORING_DPV = frozenset({"Profiling", "CreditChecking", "CustomerSolvencyMonitoring", "PersonalisedAdvertising"})
SCORING_USES = ("personalize", "marketing.advertising.profiling")
EXCLUSION_DPV = frozenset(
    {"CreditChecking", "CustomerSolvencyMonitoring", "FraudPreventionAndDetection", "EnforceAccessControl"}
)
TRAINING_USE = "train_ai_system"
# Categories of fideslang, with all beneath them.
WHEREABOUTS = ("user.location",)
EXACT_WHEREABOUTS = ("user.location.precise",)
INTIMATE = ("user.biometric", "user.health_and_medical", "user.financial", "user.content.private")
BODILY = ("user.biometric",)
WATCHING = ("user.behavior.browsing_history", "user.location")
# Groups of people by the key a policy gives them. A group that belongs here and is called otherwise is not found.
VULNERABLE = frozenset({
    "applicants", "candidates", "children", "employees", "minors", "patients", "pupils", "residents", "staff", "students",
})  # fmt: skip


def findings(policy: Policy) -> Findings:
    """Return every trigger in the order of the criteria, and what follows."""
    order = list(Criterion)
    found = sorted(_triggers(policy), key=lambda trigger: (order.index(trigger.criterion), trigger.leaf, trigger.value))
    return Findings(_verdict(policy, tuple(found)), tuple(found))


def _verdict(policy: Policy, found: tuple[Trigger, ...]) -> Verdict:
    met = {trigger.criterion for trigger in found}
    used = [policy.data[item] for purpose in policy.purposes.values() for item in purpose.data]
    # Art. 35(3): (a) machines decide; on a large scale (b) special data, (c) watching who is where in places open to all.
    named = any(item.special or _within(item.category, EXACT_WHEREABOUTS) for item in used)
    if Criterion.DECISIONS in met or (Criterion.SCALE in met and named):
        return Verdict.REQUIRED
    return Verdict.EXPECTED if len(met) > 1 else Verdict.CONSIDER if met else Verdict.NONE


def _triggers(policy: Policy) -> Iterator[Trigger]:
    yield from _of_purposes(policy)
    yield from _of_data(policy)
    yield from _of_combining(policy)
    for at, decision in enumerate(policy.automated_decisions.decisions):
        title = decision.title.say(policy.controller.languages[0])
        yield Trigger(Criterion.DECISIONS, f"automated_decisions.decisions.{at}", title)
        yield Trigger(Criterion.EXCLUSION, f"automated_decisions.decisions.{at}", title)
    for key, cookie in policy.cookies.items():
        # What a service cannot do without follows nobody about; everything else tells one browser from another over time.
        if not policy.consent_categories[cookie.category].necessary:
            yield Trigger(Criterion.MONITORING, f"cookies.{key}.category", cookie.category, (cookie.purpose,))
    # An officer must be named where people are watched, or special data handled, on a large scale (art. 37(1)(b), (c)).
    if policy.controller.data_protection_officer.contact:
        leaf = "controller.data_protection_officer.contact"
        yield Trigger(Criterion.SCALE, leaf, policy.controller.data_protection_officer.contact.email)


def _of_purposes(policy: Policy) -> Iterator[Trigger]:
    for key, purpose in policy.purposes.items():
        for term in purpose.dpv:
            if term in SCORING_DPV:
                yield Trigger(Criterion.SCORING, f"purposes.{key}.dpv", term, (key,))
            if term in EXCLUSION_DPV:
                yield Trigger(Criterion.EXCLUSION, f"purposes.{key}.dpv", term, (key,))
        for use in purpose.fideslang:
            if _within(use, SCORING_USES):
                yield Trigger(Criterion.SCORING, f"purposes.{key}.fideslang", use, (key,))
            if _within(use, (TRAINING_USE,)):
                yield Trigger(Criterion.INNOVATION, f"purposes.{key}.fideslang", use, (key,))
        for group in purpose.subjects:
            if group in VULNERABLE:
                yield Trigger(Criterion.VULNERABLE, f"purposes.{key}.subjects", group, (key,))


def _of_data(policy: Policy) -> Iterator[Trigger]:
    for key, item in policy.data.items():
        uses = tuple(name for name, purpose in policy.purposes.items() if key in purpose.data)
        if not uses:
            continue
        if item.special:
            yield Trigger(Criterion.SENSITIVE, f"data.{key}.special", "true", uses)
        if item.kind is DataKind.SENSITIVE:
            yield Trigger(Criterion.SENSITIVE, f"data.{key}.kind", item.kind, uses)
        for criterion, branches in (
            (Criterion.SENSITIVE, WHEREABOUTS + INTIMATE),
            (Criterion.MONITORING, WATCHING),
            (Criterion.INNOVATION, EXACT_WHEREABOUTS + BODILY),
        ):
            if _within(item.category, branches):
                yield Trigger(criterion, f"data.{key}.category", item.category, uses)


def _of_combining(policy: Policy) -> Iterator[Trigger]:
    for key, solution in policy.solutions.items():
        if solution.role is SolutionRole.JOINT_CONTROLLER:
            yield Trigger(Criterion.MATCHING, f"solutions.{key}.role", solution.role, solution.purposes)
            yield Trigger(Criterion.SCALE, f"solutions.{key}.role", solution.role, solution.purposes)
    for key, recipient in policy.recipients.items():
        uses = tuple(name for name, purpose in policy.purposes.items() if key in purpose.recipients)
        if uses and recipient.role is RecipientRole.JOINT_CONTROLLER:
            yield Trigger(Criterion.MATCHING, f"recipients.{key}.role", recipient.role, uses)
    for key, source in policy.sources.items():
        uses = tuple(name for name, purpose in policy.purposes.items() if key in purpose.sources and len(purpose.sources) > 1)
        if uses and source.kind in {SourceKind.PUBLIC, SourceKind.THIRD_PARTY}:
            yield Trigger(Criterion.MATCHING, f"sources.{key}.kind", source.kind, uses)


def _within(term: str, branches: tuple[str, ...]) -> bool:
    return any(term == branch or term.startswith(f"{branch}.") for branch in branches)
