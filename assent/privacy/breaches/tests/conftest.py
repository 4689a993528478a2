"""Bloom with Ada, Ben, Dan and a crowd; a leaked key; letters kept in a drawer instead of sent."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.privacy.breaches import ports
from assent.privacy.breaches.contracts import Account, Reach, Reading, Words

LEAKED = Actor.key(7)
OFFICER = Actor.staff(3)
HOUR = timedelta(hours=1)
WORDS = {language: Words(f"About your data ({language})", ("Something happened.",)) for language in ("en", "ro")}


@dataclass
class Drawer:
    """Keeps letters as the outbox would: one per person and occasion."""

    kept: dict = field(default_factory=dict)
    calls: int = 0

    def write(self, *, controller, occasion, people, words, by, at):
        self.calls += 1
        new = [one for one in people if (occasion, one) not in self.kept]
        self.kept.update({(occasion, one): words for one in new})
        return len(new)

    def progress(self, *, controller, occasion):
        return dict(Counter("due" for which, _ in self.kept if which == occasion))

    def whom(self, about):
        """Who has a letter about ``breach:N`` or ``order:N``, whichever moment is named behind it."""
        return sorted(one for which, one in self.kept if which.startswith(f"{about}:"))


@pytest.fixture
def drawer():
    before = ports.letters()
    drawer = Drawer()
    ports.wire(letters=drawer)
    yield drawer
    ports.wire(letters=before)


def read(cast, *people, by=LEAKED, at=None, did=Did.IDENTIFIERS_READ):
    """Let a key read people: one line each."""
    for one in people:
        audit.write(did, controller=cast.bloom, by=by, at=at or cast.noon, about=one)


def reach(cast, *, by=("key:7",), readings=tuple(Reading), since=None, until=None):
    return Reach(by, since or cast.noon - HOUR, until or cast.noon + HOUR, readings)


def account(**more):
    texts = {"what": "A key lay open.", "effects": "Somebody may write.", "measures": "The key was ended.", **more}
    return Account(**texts)
