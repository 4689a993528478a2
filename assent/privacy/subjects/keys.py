"""
The keys of people, in the database ``keys``: one random key a person, wrapped by the controller's, wrapped by the master.

Destroying a person's key is half of an erasure, so every use first asks the database how many keys the controller has
destroyed, in one small query a batch: remembered keys are used only while that number stands, in whichever process the
erasure ran.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from django.db import IntegrityError, transaction
from django.db.models import F

from assent.foundation import crypto, keys
from assent.foundation.crypto import CannotOpen
from assent.foundation.ids import random_ids
from assent.privacy.subjects import models, rows

__all__ = ["Ring", "Spare", "ring"]

DATABASE = "keys"
MORE_SPARE = 50
MOST_REMEMBERED = 50_000  # about 15 MB


@lru_cache(maxsize=1_024)
def _roots(controller: int, wrapped: bytes) -> tuple[bytes, bytes]:
    """Return the two keys made of a controller's key: one wraps people's keys, one keys the blind indexes."""
    key = keys.master().unwrap(wrapped, context=f"controller:{controller}".encode())
    return crypto.derive(key, "person keys"), crypto.derive(key, "blind index")


class _Remembered:
    """Unwrapped person keys of this process, the longest unused forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._erasures: dict[int, int] = {}
        self._lock = Lock()

    def agree(self, controller: int, erasures: int) -> None:
        """Forget a controller's keys if some of them were destroyed since."""
        with self._lock:
            if self._erasures.get(controller) != erasures:
                self._erasures[controller] = erasures
                for known in [known for known in self._keys if known[0] == controller]:
                    del self._keys[known]

    def take(self, controller: int, subjects: Iterable[int]) -> dict[int, bytes]:
        with self._lock:
            found = {subject: key for subject in subjects if (key := self._keys.get((controller, subject)))}
            for subject in found:
                self._keys.move_to_end((controller, subject))
        return found

    def keep(self, controller: int, erasures: int, found: dict[int, bytes]) -> None:
        with self._lock:
            if self._erasures.get(controller) != erasures:
                return  # read before an erasure that another thread has seen
            for subject, key in found.items():
                self._keys[controller, subject] = key
            while len(self._keys) > self._most:
                self._keys.popitem(last=False)


_remembered = _Remembered(MOST_REMEMBERED)


@dataclass(frozen=True, slots=True)
class Ring:
    """A controller's keys, for one batch of work. Only used with the controller in scope."""

    controller: int
    erasures: int
    wrapping: bytes
    indexing: bytes

    def _context(self, subject: int) -> bytes:
        return f"person:{self.controller}:{subject}".encode()

    def of(self, subjects: Sequence[int]) -> dict[int, bytes]:
        """Return the keys of those who have one; whoever is missing is unknown or erased."""
        found = _remembered.take(self.controller, subjects)
        missing = list({subject for subject in subjects if subject not in found})
        read: dict[int, bytes] = {}
        for portion in rows.portions(missing, rows.MOST_PER_QUERY):
            known = models.PersonKey.objects.filter(controller_id=self.controller, subject__in=portion)
            for subject, wrapped in known.values_list("subject", "wrapped"):
                # A key that does not open (moved to another person's row, damaged) is no key.
                with suppress(CannotOpen):
                    read[subject] = crypto.open_sealed(self.wrapping, bytes(wrapped), context=self._context(subject))
        _remembered.keep(self.controller, self.erasures, read)
        return found | read

    def make(self, count: int) -> dict[int, bytes]:
        """
        Make ids and keys for new people, and return when they are on disk: nothing sealed may outlive its key by accident.

        Keys that nobody came to use are given back to ``discard``; those a crash leaves behind open nothing.
        """
        made = {subject: crypto.new_key() for subject in random_ids(count)}
        wrapped = crypto.seal_all(self.wrapping, [(key, self._context(subject)) for subject, key in made.items()])
        new = sorted((self.controller, subject, key) for subject, key in zip(made, wrapped, strict=True))
        for portion in rows.portions(new, rows.MOST_PER_TRANSACTION):
            with transaction.atomic(using=DATABASE, durable=True):
                rows.insert(models.PersonKey, ("controller_id", "subject", "wrapped"), portion)
        return made

    def discard(self, subjects: Sequence[int]) -> None:
        """Delete keys that have sealed nothing."""
        for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
            unused = models.PersonKey.objects.filter(controller_id=self.controller, subject__in=portion)
            unused._raw_delete(DATABASE)

    def destroy(self, subjects: Sequence[int]) -> int:
        """Delete keys and return how many there were. Every process forgets what it remembered of them."""
        destroyed = 0
        for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
            with transaction.atomic(using=DATABASE, durable=True):
                models.ControllerKey.objects.filter(controller_id=self.controller).update(erasures=F("erasures") + 1)
                gone = models.PersonKey.objects.filter(controller_id=self.controller, subject__in=portion)
                destroyed += gone._raw_delete(DATABASE)
        _remembered.agree(self.controller, -1)
        return destroyed


class Spare:
    """Keys for people to come, made many at a time, since each trip to the disk costs more than they do."""

    def __init__(self, controller: int, most: int) -> None:
        self._controller = controller
        self._left = most
        self._keys: dict[int, bytes] = {}

    def stock(self, count: int) -> None:
        """Have keys for so many people. Before their transaction, so that nobody waits for this one's disk as well."""
        if count > len(self._keys):
            self._keys |= ring(self._controller).make(count - len(self._keys))

    def take(self) -> tuple[int, bytes]:
        """Return an id and its key."""
        if not self._keys:
            self.stock(max(1, min(MORE_SPARE, self._left)))
        self._left -= 1
        return self._keys.popitem()

    def give_back(self) -> None:
        """Delete those nobody took."""
        if self._keys:
            ring(self._controller).discard(list(self._keys))
            self._keys = {}


def ring(controller: int) -> Ring:
    """Return a controller's keys, making the controller's own on first use."""
    rows_of_it = models.ControllerKey.objects.filter(controller_id=controller).values_list("wrapped", "erasures")
    found = rows_of_it.first()
    if found is None:
        wrapped = keys.master().wrap(crypto.new_key(), context=f"controller:{controller}".encode())
        # Of two first uses one key wins, and both go on with the one that is stored.
        with suppress(IntegrityError), transaction.atomic(using=DATABASE, durable=True):
            models.ControllerKey.objects.create(controller_id=controller, wrapped=wrapped)
        found = rows_of_it.get()
    wrapping, indexing = _roots(controller, bytes(found[0]))
    _remembered.agree(controller, found[1])
    return Ring(controller, found[1], wrapping, indexing)
