"""
What is out of the ordinary: everybody is held against their own past. No Django, no clock, no database.

A key that reads a hundred people an hour all day is ordinary; the same from a colleague who never read ten is not. Three times
the busiest hour of the last four weeks is the limit, and never less than a floor: an alarm that rings each week is not heard.
"""

from collections.abc import Iterable, Mapping

from assent.audit.contracts import Did
from assent.privacy.breaches.contracts import Rule, Unusual

__all__ = ["LOOKS_BACK_HOURS", "WATCHED", "louder", "unusual"]

LOOKS_BACK_HOURS = 28 * 24  # four weeks: each weekday and each hour of it four times
TIMES = 3
# Below the floor nothing is unusual; whoever has no past yet is given more, since a first day has no pattern.
FLOOR = {Rule.READS: 200, Rule.EXPORTS: 10, Rule.LOG_INS: 10}
WITHOUT_A_PAST = {Rule.READS: 1_000, Rule.EXPORTS: 20, Rule.LOG_INS: 10}
A_PAST = 3  # hours of activity

WATCHED: Mapping[str, Rule] = {
    Did.IDENTIFIERS_READ: Rule.READS,
    Did.SUBJECTS_LISTED: Rule.READS,
    Did.TIMELINE_READ: Rule.READS,
    Did.CHOICES_READ: Rule.READS,
    Did.MESSAGES_READ: Rule.READS,
    Did.FILE_READ: Rule.READS,
    Did.SEGMENT_READ: Rule.READS,
    Did.PERSON_EXPORTED: Rule.EXPORTS,
    Did.LOGIN_FAILED: Rule.LOG_INS,
}


def unusual(counts: Mapping[tuple[Rule, str, int], int], past: Mapping[tuple[Rule, str], Mapping[int, int]]) -> list[Unusual]:
    """
    Return the hours that stand out.

    :param counts: rule, doer, hour → how many, for the hours to look at
    :param past: rule, doer → hour → how many; hours that are looked at, and later ones, do not count as past
    """
    found = []
    for (rule, doer, hour), seen in sorted(counts.items(), key=lambda one: one[0][2]):
        before = [many for when, many in past.get((rule, doer), {}).items() if hour - LOOKS_BACK_HOURS <= when < hour]
        busiest = max(before, default=0)
        limit = max(FLOOR[rule], TIMES * busiest) if len(before) >= A_PAST else WITHOUT_A_PAST[rule]
        if seen > limit:
            found.append(Unusual(rule, doer, hour, seen, limit, busiest))
    return found


def louder(one: Unusual, dismissed: Iterable[int]) -> bool:
    """Say whether an alarm is to be raised though some of its kind were dismissed that day: twice as much is new."""
    return all(one.seen > 2 * seen for seen in dismissed)
