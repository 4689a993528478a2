"""What a decision is made from: what the policy says (`Ask`), and what the person said, in eleven bits (`State`)."""

from dataclasses import dataclass
from typing import Final

from assent.privacy.lawfulness.contracts import Why
from assent.privacy.policy.contracts import Basis, Operation

__all__ = ["Ask", "State"]


class State:
    """
    Where each fact about a person stands in the number that is looked up. The three lowest bits are a `consent.Choice`.

    Plain integers: as members of an enum they would cost more than the look-up.
    """

    CHOICE: Final = 7
    OBJECTED: Final = 8
    RESTRICTED: Final = 16
    UNSUBSCRIBED: Final = 32
    """also a complaint"""
    ADDRESS_STOPPED: Final = 64
    """on the channel asked about; a bounce always names one"""
    LEGAL_STOP: Final = 128
    EXPLICIT: Final = 256
    ERASING: Final = 512
    UNTOLD: Final = 1024
    """data came from somewhere the person has not been told of, as far as it matters for what is asked (`Ask.untold`)"""


@dataclass(frozen=True, slots=True)
class Ask:
    """
    What the policy says about a question. Equal asks have equal answers, which is why it can be a key.

    :param fault: why the policy itself says no; then nothing else matters
    :param advertises: a marketing message by e-mail or text message
    :param despite_restriction: legal claims, and answers to the person's own requests
    :param untold: why the answer is no for whoever was not told where the data came from; None where that stops nothing
    :param needs_explicit_consent: special categories of data under art. 9(2)(a)
    """

    operation: Operation
    basis: Basis | None = None
    fault: Why | None = None
    direct_marketing: bool = False
    advertises: bool = False
    needs_explicit_consent: bool = False
    despite_restriction: bool = False
    untold: Why | None = None
