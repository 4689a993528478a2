"""
How severe a breach is: ENISA, Recommendations for a methodology of the assessment of severity of personal data breaches (2013).

Severity = data processing context × ease of identification + circumstances of the breach. Below 2 is low, below 3 medium,
below 4 high, from 4 on very high. The method grades; the law asks for a risk: low is taken as unlikely to be a risk, medium
as a risk (the authority is told), high and very high as a high risk (the people are told). Staff may judge otherwise, with a
reason.
"""

from collections.abc import Collection

from assent.privacy.breaches.contracts import (
    Assessment,
    Circumstance,
    DataContext,
    Ease,
    Level,
    Nature,
    Reading,
    Risk,
    Severity,
)
from assent.privacy.policy.contracts import DataItem, Policy, Storage

__all__ = ["EASES", "LOSSES", "MALICE", "SCORES", "data_of", "kind_of", "propose", "severity"]

SCORES = {DataContext.SIMPLE: 1, DataContext.BEHAVIOURAL: 2, DataContext.FINANCIAL: 3, DataContext.SENSITIVE: 4}
EASES = {Ease.NEGLIGIBLE: 0.25, Ease.LIMITED: 0.5, Ease.SIGNIFICANT: 0.75, Ease.MAXIMUM: 1.0}
LOSSES = {Circumstance.NONE: 0.0, Circumstance.SOME: 0.25, Circumstance.MOST: 0.5}
MALICE = 0.5
MANY = 100  # above this the method raises a flag (ENISA 2013, 5)
LEVELS = ((2.0, Level.LOW), (3.0, Level.MEDIUM), (4.0, Level.HIGH))
RISKS = {Level.LOW: Risk.UNLIKELY, Level.MEDIUM: Risk.RISK, Level.HIGH: Risk.HIGH, Level.VERY_HIGH: Risk.HIGH}

FINANCIAL = ("user.financial", "user.payment", "user.credit")
SENSITIVE = ("user.health_and_medical", "user.biometric", "user.genetic", "user.criminal_history", "user.demographic.religious",
             "user.demographic.ethnicity", "user.demographic.sexual", "user.demographic.political")  # fmt: skip
BEHAVIOURAL = ("user.behavior", "user.location", "user.device", "user.content", "user.user_sensor", "user.social")
NAMING = ("user.name", "user.contact.email", "user.contact.phone_number", "user.government_id")


def severity(inputs: Assessment, *, people: int = 0, unintelligible: bool = False) -> Severity:
    """Return the score with each of its numbers."""
    context, ease = float(inputs.context), EASES[inputs.ease]
    secret, whole, there = LOSSES[inputs.confidentiality], LOSSES[inputs.integrity], LOSSES[inputs.availability]
    malice = MALICE if inputs.malicious else 0.0
    score = context * ease + secret + whole + there + malice
    level = next((level for limit, level in LEVELS if score < limit), Level.VERY_HIGH)
    flags = (*(("many",) if people > MANY else ()), *(("unintelligible",) if unintelligible else ()))
    return Severity(context, ease, secret, whole, there, malice, score, level, RISKS[level], flags)


def kind_of(item: DataItem) -> DataContext:
    """Return the class of a data item, from what the policy says of it."""
    if item.special or _under(item, SENSITIVE):
        return DataContext.SENSITIVE
    if _under(item, FINANCIAL):
        return DataContext.FINANCIAL
    return DataContext.BEHAVIOURAL if _under(item, BEHAVIOURAL) else DataContext.SIMPLE


def _under(item: DataItem, categories: Collection[str]) -> bool:
    return any(item.category == one or item.category.startswith(f"{one}.") for one in categories)


def data_of(policy: Policy, readings: Collection[Reading]) -> tuple[str, ...]:
    """
    Return the data items that readings show, in the policy's order: identifiers are what is sealed, the rest lies beside them.

    An export or a file may hold anything; a list of ids shows only that somebody is there.
    """
    everything = {Reading.EXPORTS, Reading.FILES} & set(readings)
    sealed = {Reading.IDENTIFIERS, Reading.CHANGES, Reading.MESSAGES} & set(readings)
    beside = {Reading.TIMELINES, Reading.SEGMENTS, Reading.CHOICES} & set(readings)
    return tuple(
        key for key, item in policy.data.items() if everything or (sealed if item.storage is Storage.SEALED else beside)
    )


def propose(policy: Policy, data: Collection[str], nature: Collection[Nature]) -> Assessment:
    """
    Propose what to put in; people decide.

    The most telling item sets the context. Two identifiers or more make a person certain, one makes them probable, and
    without any they are a number that others can hardly resolve. A leak is taken to have reached an unknown number of
    readers until it is known to have stopped earlier.
    """
    items = [policy.data[key] for key in data if key in policy.data]
    kind = max((kind_of(item) for item in items), key=SCORES.__getitem__, default=DataContext.SIMPLE)
    naming = sum(1 for item in items if item.storage is Storage.SEALED or _under(item, NAMING))
    ease = Ease.MAXIMUM if naming > 1 else Ease.SIGNIFICANT if naming else Ease.NEGLIGIBLE
    return Assessment(
        data=kind,
        context=SCORES[kind],
        ease=ease,
        confidentiality=Circumstance.MOST if Nature.CONFIDENTIALITY in nature else Circumstance.NONE,
        integrity=Circumstance.SOME if Nature.INTEGRITY in nature else Circumstance.NONE,
        availability=Circumstance.SOME if Nature.AVAILABILITY in nature else Circumstance.NONE,
    )
