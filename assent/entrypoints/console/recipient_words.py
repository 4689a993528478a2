"""Words for recipients and what they are told."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from assent.privacy.disclosures.contracts import Because, NoticeState, PassedOn, What
from assent.privacy.policy.contracts import RecipientRole

__all__ = ["BECAUSE", "ROLES", "STATES", "WAYS", "WHAT", "WRONG", "trouble"]

ROLES: Mapping[str, Any] = {
    RecipientRole.PROCESSOR: _("processor"),
    RecipientRole.SUB_PROCESSOR: _("sub-processor"),
    RecipientRole.JOINT_CONTROLLER: _("joint controller"),
    RecipientRole.INDEPENDENT_CONTROLLER: _("controller of its own"),
}

WAYS: Mapping[str, Any] = {"email": _("by signed e-mail"), "opendsr": _("over OpenDSR")}

WRONG: Mapping[str, Any] = {
    "email": _("Write the company’s mail address for such notices, as privacy@agency.example."),
    "opendsr": _("Write the address of its OpenDSR endpoint with the version, as https://privacy.agency.example/v2."),
}

WHAT: Mapping[What, Any] = {
    What.RECTIFICATION: _("Correct"),
    What.ERASURE: _("Erase"),
    What.RESTRICTION: _("Keep, but do not use"),
    What.RESTRICTION_LIFTED: _("Use again"),
    What.OBJECTION: _("Stop: an objection"),
    What.WITHDRAWAL: _("Stop: consent was withdrawn"),
}

STATES: Mapping[NoticeState, tuple[Any, str]] = {
    NoticeState.PENDING: (_("To be told"), "waiting"),
    NoticeState.SENT: (_("Told, no answer yet"), "active"),
    NoticeState.ACKNOWLEDGED: (_("Done"), "permitted"),
    NoticeState.IMPOSSIBLE: (_("Can’t be told"), "held"),
}

BECAUSE: Mapping[Because, Any] = {
    Because.GONE: _("It does not exist any more, and nobody took its place"),
    Because.UNREACHABLE: _("Every way was tried, and none reaches it"),
    Because.ALREADY_DELETED: _("It says that it holds nothing of these people any more"),
    Because.DISPROPORTIONATE: _("It would take an effort out of all proportion"),
}

_TROUBLE: Mapping[str, Any] = {
    "no way": _("No way to tell it is set."),
    "does not open": _("Whom it is about can’t be read any more: its key is gone. Tell the recipient yourself."),
    "no mail server": _("No mail server is set up."),
    "signature": _("Its answer was not signed by it, or by nobody we trust."),
    "private": _("Its address leads into a private network."),
    "https": _("Its address does not begin with https."),
    "resolve": _("Its address does not exist."),
    "connect": _("It can’t be reached."),
    "tls": _("Its certificate is not trusted."),
    "time": _("It did not answer in time."),
    "broken": _("Its answer broke off."),
    "answer": _("It answered something else."),
    "discovery": _("Its OpenDSR endpoint does not describe itself."),
    "broke off": _("Something went wrong on our side; it is tried again."),
}


def trouble(notice: PassedOn) -> Any:
    """Say why a notice has not arrived, where it has not; a code nobody explained is shown if it is one."""
    if notice.state is not NoticeState.PENDING or not notice.code:
        return ""
    plain = notice.code if re.fullmatch(r"[A-Za-z0-9 ._-]{1,60}", notice.code) else ""
    return _TROUBLE.get(notice.code) or _("It refused: %s") % plain
