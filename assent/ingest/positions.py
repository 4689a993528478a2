"""How far each effect has come, kept in the transaction of the effect: what makes it happen once."""

from collections.abc import Mapping, Sequence

from assent.ingest import models
from assent.ingest.desk import Item

__all__ = ["end", "get", "of", "put", "put_end"]

# A place within a request's body; 24 bits hold more messages than 4 MiB can, and leave 5 * 10^11 entries to a partition.
PLACE_BITS = 24


def of(item: Item) -> int:
    """Return a message's place in its partition, as one number."""
    return item.entry.seq << PLACE_BITS | item.place


def end(seq: int) -> int:
    """Return the place behind the last message of an entry."""
    return (seq + 1 << PLACE_BITS) - 1


def get(controller: int, effect: str) -> dict[str, int]:
    """Return the last place of each partition for which an effect is done. The controller is in scope."""
    rows = models.IngestPosition.objects.filter(controller_id=controller, effect=effect)
    return dict(rows.values_list("partition", "position"))


def put(controller: int, effect: str, items: Sequence[Item]) -> None:
    """Note an effect as done for these messages and all before them, in the caller's transaction."""
    last: dict[str, int] = {}
    for item in items:
        last[item.entry.partition] = max(of(item), last.get(item.entry.partition, 0))
    for partition, position in last.items():
        _write(controller, effect, partition, position)


def put_end(controller: int, effect: str, upto: Mapping[str, int]) -> None:
    """Note an effect as done for all messages of all entries up to and with these."""
    for partition, seq in upto.items():
        _write(controller, effect, partition, end(seq))


def _write(controller: int, effect: str, partition: str, position: int) -> None:
    models.IngestPosition.objects.update_or_create(
        controller_id=controller, partition=partition, effect=effect, defaults={"position": position}
    )
