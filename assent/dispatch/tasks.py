"""What the worker runs: hand over what is due, for every controller and channel."""

from datetime import datetime, timedelta
from time import monotonic

from assent.dispatch import api, ports, rules
from assent.tenancy import api as tenancy

__all__ = ["hand_over"]

_sizes: dict[tuple[int, str], int] = {}


def hand_over(at: datetime) -> bool:
    """
    Hand over one batch per controller and channel, in turn, and say whether there may be more.

    No controller's campaign holds up another's. Claims shrink where a receiver is slow, so that what is claimed leaves
    before the claim runs out.
    """
    began = monotonic()
    more = False
    for controller in tenancy.controllers():
        for sender in ports.senders():
            line = (controller.id, sender.channel)
            size = _sizes.get(line, rules.BATCH)
            moment = at + timedelta(seconds=monotonic() - began)
            done = api.hand_over_once(controller=controller.id, sender=sender, at=moment, limit=size)
            _sizes[line] = rules.batch_size(size, done)
            more = more or done.claimed > 0
    return more
