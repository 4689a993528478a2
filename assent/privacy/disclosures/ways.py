"""How each recipient is told: set by staff, per recipient, in this room and not in the policy, which everybody reads."""

from datetime import datetime

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.disclosures import models, ports
from assent.privacy.disclosures.contracts import BadWay, Form, NoticeState, WayTo

__all__ = ["set_way", "ways"]


@transaction.atomic
def set_way(
    *,
    controller: int,
    way: str,
    address: str,
    by: Actor,
    at: datetime,
    recipient: str = "",
    named: str = "",
    form: Form = Form.RAW,
) -> WayTo:
    """
    Say how a recipient is told of changes. What waits for it is tried at once, over the new way.

    :param address: for ``email`` a mail address, for ``opendsr`` the https address of its endpoint
    :raises BadWay: if there is no such way, or the address is none
    """
    notifier = ports.notifier(way)
    if notifier is None:
        known = ", ".join(sorted(one.way for one in ports.notifiers())) or "none is wired"
        message = f"there is no way {way!r} to tell a recipient: use one of {known}"
        raise BadWay(message)
    if not (recipient or named):
        message = "say which recipient: its key in the policy, or its name"
        raise BadWay(message)
    kept = notifier.check(address.strip())
    with scope.controller(controller):
        row, _ = models.Recipient.objects.update_or_create(
            controller_id=controller,
            recipient=recipient,
            named=named,
            defaults={"way": way, "address": kept, "form": Form(form).value, "set_by": str(by), "set_at": at},
        )
        models.Notice.objects.filter(recipient=recipient, named=named, state=NoticeState.PENDING).update(next_at=at)
        detail: dict[str, str | int | bool] = {"recipient": recipient, "way": way, "form": row.form}
        audit.write(Did.RECIPIENT_WAY_SET, controller=controller, by=by, at=at, on=str(row.pk), detail=detail)
    return _way(row)


def ways(*, controller: int) -> list[WayTo]:
    """Return how recipients are told, for those for whom it was set."""
    with scope.controller(controller):
        return [_way(row) for row in models.Recipient.objects.order_by("recipient", "named")]


def _way(row: models.Recipient) -> WayTo:
    return WayTo(row.recipient, row.named, row.way, row.address, Form(row.form))
