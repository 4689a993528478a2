"""What the worker runs: hand over what is due, for every controller and channel."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic

from django.db import connections

from assent.dispatch import api, ports, rules
from assent.tenancy import api as tenancy

__all__ = ["hand_over"]

# While one batch leaves, the next is asked about and put into words: disk and receivers are waited for by one at a time.
HANDS = 2
TURNS = 20  # batches per line and call, so that a worker notices soon when it is to stop

_sizes: dict[tuple[int, str], int] = {}


def hand_over(at: datetime) -> bool:
    """
    Hand over what is due, batch by batch and controller by controller, and say whether there may be more.

    No controller's campaign holds up another's. Claims shrink where a receiver is slow, so that what is claimed leaves
    before the claim runs out.
    """
    lines = [(controller.id, sender) for controller in tenancy.controllers() for sender in ports.senders()]
    began = monotonic()
    if not _turn(lines, at, began):
        return False
    with ThreadPoolExecutor(HANDS, thread_name_prefix="hand") as hands:
        return any(list(hands.map(lambda _: _work(lines, at, began), range(HANDS))))


def _work(lines: list[tuple[int, ports.Sender]], at: datetime, began: float) -> bool:
    try:
        turns = 0
        while turns < TURNS and _turn(lines, at, began):
            turns += 1
        return turns == TURNS
    finally:
        connections.close_all()


def _turn(lines: list[tuple[int, ports.Sender]], at: datetime, began: float) -> bool:
    """Hand over one batch of each line and say whether any had something due."""
    claimed = [_one(controller, sender, at, began) for controller, sender in lines]
    return any(claimed)


def _one(controller: int, sender: ports.Sender, at: datetime, began: float) -> bool:
    line = (controller, sender.channel)
    size = _sizes.get(line, rules.BATCH)
    moment = at + timedelta(seconds=monotonic() - began)
    done = api.hand_over_once(controller=controller, sender=sender, at=moment, limit=size)
    _sizes[line] = rules.batch_size(size, done)
    return done.claimed > 0
