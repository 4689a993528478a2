"""
Rights: take in what people ask for, answer on time, and carry it out across every registered store.

A request is registered once, moves by steps that are all recorded, and is carried out by tasks that are tried until they are
done. Times are counted by the policy that was in force when it came.
"""

from assent.privacy.rights.copying import access_package, export_person, inventory
from assent.privacy.rights.deciding import (
    answer,
    ask_clarification,
    ask_identity,
    extend,
    letter_sent,
    refuse,
    release_restriction,
    withdraw_request,
)
from assent.privacy.rights.erasing import erase, erasures, sweep_erasures
from assent.privacy.rights.fulfilling import sweep_requests
from assent.privacy.rights.intake import clarified, confirm_identity, receive
from assent.privacy.rights.moving import hand_over, portable_package
from assent.privacy.rights.parting import erase_unheld, sweep_held
from assent.privacy.rights.portability import read as read_package
from assent.privacy.rights.reading import by_number, counts, request, requests, story
from assent.privacy.rights.rules import decided_by_staff, objectable, withdrawable
from assent.privacy.rights.store import on_merge

__all__ = [
    "access_package",
    "answer",
    "ask_clarification",
    "ask_identity",
    "by_number",
    "clarified",
    "confirm_identity",
    "counts",
    "decided_by_staff",
    "erase",
    "erase_unheld",
    "erasures",
    "export_person",
    "extend",
    "hand_over",
    "inventory",
    "letter_sent",
    "objectable",
    "on_merge",
    "portable_package",
    "read_package",
    "receive",
    "refuse",
    "release_restriction",
    "request",
    "requests",
    "story",
    "sweep_erasures",
    "sweep_held",
    "sweep_requests",
    "withdraw_request",
    "withdrawable",
]
