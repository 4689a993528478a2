"""Disclosures: write down what goes to whom, say who got what, and tell recipients of changes until they have answered."""

from assent.privacy.disclosures.edges import given_out, of_person, on_merge, record, record_agreements, settle
from assent.privacy.disclosures.notices import (
    acknowledge,
    impossible,
    notices,
    open_count,
    open_notifications,
    pass_on,
    recipients,
    token_notice,
)
from assent.privacy.disclosures.telling import tell_recipients
from assent.privacy.disclosures.ways import set_way, ways

__all__ = [
    "acknowledge",
    "given_out",
    "impossible",
    "notices",
    "of_person",
    "on_merge",
    "open_count",
    "open_notifications",
    "pass_on",
    "recipients",
    "record",
    "record_agreements",
    "set_way",
    "settle",
    "tell_recipients",
    "token_notice",
    "ways",
]
