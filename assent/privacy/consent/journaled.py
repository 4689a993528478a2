"""Withdrawals as the journal outside the databases keeps them: written, and done again on a restored copy."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assent.audit import api as audit
from assent.audit.contracts import JournalKind
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.consent.rules import Facts
from assent.privacy.policy.contracts import CHANNEL_CODES

__all__ = ["CHANNELS", "choices", "write"]

CHANNELS = {code: channel for channel, code in CHANNEL_CODES.items()}


def write(facts: Sequence[Facts], *, controller: int, at: datetime) -> None:
    """Write one line for all, aligned with the subjects: what a restore must take back again, purpose:channel in codes."""
    what = ",".join(f"{one.purpose_code}:{one.channel_code}" for one in facts)
    people = [one.choice.subject for one in facts]
    audit.journal(JournalKind.WITHDRAWAL, controller=controller, subjects=people, at=at, detail={"choices": what})


def choices(subjects: Sequence[int], detail: Mapping[str, object], *, purposes: Mapping[int, str]) -> list[ChoiceInput]:
    """
    Return what a line says was taken back, leaving out purposes the copy doesn't know yet: nobody agreed to those in it.

    :param purposes: by code
    :raises ValueError: if the line is not one of ours
    """
    found = []
    for subject, one in zip(subjects, str(detail["choices"]).split(","), strict=True):
        purpose, channel = (int(code) for code in one.split(":"))
        if purpose in purposes and channel in CHANNELS:
            found.append(ChoiceInput(subject, purposes[purpose], Choice.WITHDRAWN, Method.IMPORT, "journal", CHANNELS[channel]))
    return found
