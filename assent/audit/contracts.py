"""Words that cross: who did something, what was done, and what a line says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Actor", "Concerned", "Did", "EndedLog", "Entry", "Forked", "JournalKind", "JournalMark", "NotInTheBook", "Problem",
    "Proof", "Watched",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a member of staff, an API or write key, a part of the system, or the person themself. Never a name."""

    kind: str
    id: str = ""

    @classmethod
    def staff(cls, staff: int) -> "Actor":
        """Return a member of staff."""
        return cls("staff", str(staff))

    @classmethod
    def key(cls, key: int) -> "Actor":
        """Return the holder of an API key or write key."""
        return cls("key", str(key))

    @classmethod
    def system(cls, part: str) -> "Actor":
        """Return a part of the system acting by itself."""
        return cls("system", part)

    @classmethod
    def person(cls) -> "Actor":
        """Return the data subject acting for themself."""
        return cls("person")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


class Did(StrEnum):
    """
    The whole vocabulary: room.thing.deed, the deed in the past tense.

    Words are never renamed or reused: old lines keep theirs. A sentence for people stands in ``SENTENCES``.
    """

    CONTROLLER_MADE = "tenancy.controller.made"
    HOST_ADDED = "tenancy.host.added"
    HOST_REMOVED = "tenancy.host.removed"
    PROPERTY_MADE = "tenancy.property.made"
    WRITE_KEY_MADE = "tenancy.write_key.made"
    WRITE_KEY_REVOKED = "tenancy.write_key.revoked"
    API_KEY_MADE = "tenancy.api_key.made"
    API_KEY_REVOKED = "tenancy.api_key.revoked"
    STAFF_MADE = "tenancy.staff.made"
    ROLE_GRANTED = "tenancy.role.granted"
    ROLE_REVOKED = "tenancy.role.revoked"
    LOGIN_FAILED = "tenancy.login.failed"
    AGREEMENT_OFFERED = "tenancy.agreement.offered"
    AGREEMENT_ACCEPTED = "tenancy.agreement.accepted"
    AGREEMENT_ENDED = "tenancy.agreement.ended"
    AGREEMENT_SETTLED = "tenancy.agreement.settled"

    POLICY_PUBLISHED = "policy.version.published"
    POLICY_ROLLED_BACK = "policy.version.rolled_back"
    POLICY_FOUR_EYES = "policy.publication.four_eyes_set"
    DRAFT_STARTED = "policy.draft.started"
    DRAFT_SAVED = "policy.draft.saved"
    DRAFT_SUBMITTED = "policy.draft.submitted"
    DRAFT_APPROVED = "policy.draft.approved"
    DRAFT_DISCARDED = "policy.draft.discarded"
    DOCUMENTS_KEPT = "documents.version.kept"

    SUBJECTS_LISTED = "subjects.people.listed"
    SUBJECTS_MADE = "subjects.people.made"
    SUBJECTS_CHANGED = "subjects.people.changed"
    SUBJECTS_LINKED = "subjects.people.linked"
    SUBJECTS_MERGED = "subjects.people.merged"
    IDENTIFIERS_READ = "subjects.identifiers.read"
    ERASURE_BEGUN = "subjects.erasure.begun"
    ERASURE_FINISHED = "subjects.erasure.finished"

    CONSENT_GIVEN = "consent.record.given"
    CONSENT_WITHDRAWN = "consent.record.withdrawn"
    CONSENT_COPIED = "consent.records.copied"
    CONSENT_COMMITTED = "consent.records.committed"
    CHOICES_READ = "consent.choices.read"
    RECEIPT_HANDED_OVER = "consent.receipt.handed_over"
    SUPPRESSED = "suppression.entry.made"
    SUPPRESSION_LIFTED = "suppression.entry.lifted"

    EVENTS_ADMITTED = "ingest.batch.admitted"
    BATCH_SET_ASIDE = "ingest.batch.set_aside"

    FILE_KEPT = "files.file.kept"
    FILE_READ = "files.file.read"
    TIMELINE_READ = "events.timeline.read"

    SEGMENT_MADE = "segments.segment.made"
    SEGMENT_CHANGED = "segments.segment.changed"
    SEGMENT_DELETED = "segments.segment.deleted"
    SEGMENT_READ = "segments.members.read"

    TEMPLATE_MADE = "campaigns.template.made"
    CAMPAIGN_MADE = "campaigns.campaign.made"
    CAMPAIGN_SENT = "campaigns.campaign.sent"
    CAMPAIGN_PAUSED = "campaigns.campaign.paused"
    CAMPAIGN_RESUMED = "campaigns.campaign.resumed"
    CAMPAIGN_CANCELLED = "campaigns.campaign.cancelled"

    MESSAGES_READ = "dispatch.messages.read"
    MESSAGES_QUEUED = "dispatch.messages.queued"
    MESSAGES_HANDED_OVER = "dispatch.messages.handed_over"
    MESSAGES_REFUSED = "dispatch.messages.refused"
    MESSAGES_DONE = "dispatch.messages.done"
    MESSAGES_CANCELLED = "dispatch.messages.cancelled"
    MESSAGES_HELD = "dispatch.messages.held"
    MESSAGES_RELEASED = "dispatch.messages.released"
    MESSAGES_MOVED = "dispatch.messages.moved"

    DISCLOSED = "disclosures.people.disclosed"
    DISCLOSURE_SETTLED = "disclosures.people.settled"
    RECIPIENT_WAY_SET = "disclosures.recipient.way_set"
    RECIPIENT_TO_BE_TOLD = "disclosures.notice.made"
    RECIPIENT_TOLD = "disclosures.notice.sent"
    RECIPIENT_ACKNOWLEDGED = "disclosures.notice.acknowledged"
    RECIPIENT_IMPOSSIBLE = "disclosures.notice.impossible"
    PORTAL_ENTERED = "portal.session.begun"
    PORTAL_LEFT = "portal.session.ended"
    PORTAL_READ = "portal.data.read"
    BACKUP_MADE = "backups.backup.made"
    BACKUP_PRUNED = "backups.backup.pruned"
    BACKUP_DRILLED = "backups.drill.done"
    HOUSE_RESTORED = "backups.house.restored"
    JOURNAL_REPLAYED = "backups.journal.replayed"

    PERSON_EXPORTED = "rights.person.exported"
    PERSON_ERASED = "rights.person.erased"
    PERSON_ERASED_IN_PART = "rights.person.erased_in_part"
    REQUEST_RECEIVED = "rights.request.received"
    REQUEST_REPEATED = "rights.request.repeated"
    REQUEST_IDENTITY_ASKED = "rights.request.identity_asked"
    REQUEST_IDENTITY_CONFIRMED = "rights.request.identity_confirmed"
    REQUEST_CLARIFICATION_ASKED = "rights.request.clarification_asked"
    REQUEST_CLARIFIED = "rights.request.clarified"
    REQUEST_EXTENDED = "rights.request.extended"
    REQUEST_REMINDED = "rights.request.reminded"
    REQUEST_OVERDUE = "rights.request.overdue"
    REQUEST_DECIDED = "rights.request.decided"
    REQUEST_DONE = "rights.request.done"
    REQUEST_HELD = "rights.request.held"
    REQUEST_ANSWERED = "rights.request.answered"
    REQUEST_REFUSED = "rights.request.refused"
    REQUEST_LETTER_SENT = "rights.request.letter_sent"
    REQUEST_COPY_HANDED_OVER = "rights.request.copy_handed_over"
    REQUEST_RELEASED = "rights.request.released"
    REQUEST_TAKEN_BACK = "rights.request.taken_back"
    REQUEST_CLOSED = "rights.request.closed"
    REQUEST_READ = "rights.request.read"

    HOLD_MADE = "retention.hold.made"
    HOLD_RELEASED = "retention.hold.released"
    RETENTION_RUN = "retention.run.done"
    PURPOSE_ENDED = "retention.purpose.ended"
    ASKED_AGAIN = "retention.people.asked_again"
    MOMENTS_NOTED = "retention.moments.noted"
    AGREEMENT_DATA_READY = "retention.agreement.packed"
    AGREEMENT_DATA_FETCHED = "retention.agreement.fetched"
    AGREEMENT_DATA_DELETED = "retention.agreement.deleted"
    PEOPLE_TOLD_WHAT_STAYS = "retention.people.told_what_stays"
    SOURCE_TOLD = "retention.source.told"
    SOURCE_NOTED = "sources.people.noted"
    SOURCE_EXEMPTED = "sources.people.exempted"

    BREACH_SUSPECTED = "breaches.breach.suspected"
    BREACH_TOLD = "breaches.breach.described"
    BREACH_SCOPED = "breaches.breach.scoped"
    BREACH_ASSESSED = "breaches.breach.assessed"
    BREACH_CONFIRMED = "breaches.breach.confirmed"
    BREACH_CONTAINED = "breaches.breach.contained"
    BREACH_CLOSED = "breaches.breach.closed"
    BREACH_DISMISSED = "breaches.breach.dismissed"
    BREACH_NOTIFIED = "breaches.authority.notified"
    BREACH_PASSED_ON = "breaches.controller.told"
    BREACH_PEOPLE_TOLD = "breaches.people.told"
    ALARM_RAISED = "breaches.alarm.raised"
    ALARM_SETTLED = "breaches.alarm.settled"
    ORDER_RECORDED = "breaches.order.recorded"
    ORDER_ANSWERED = "breaches.order.answered"
    ORDER_TOLD = "breaches.order.told"
    MEASURES_CHECKED = "breaches.measures.checked"


@dataclass(frozen=True, slots=True)
class Concerned:
    """
    Whom the lines of one word are about.

    :param lines: how many lines there are
    :param subjects: each person once, in order
    :param unnamed: people of lines whose ids were not kept (from before they were): known by number only
    :param altered: lines whose ids no longer fit their digest; their people are not among ``subjects``
    """

    did: str
    lines: int
    subjects: npt.NDArray[np.int64]
    unnamed: int = 0
    altered: int = 0


@dataclass(frozen=True, slots=True)
class Watched:
    """A line as watching sees it: who did what, when, to how many people."""

    did: str
    controller: int
    by: str
    on: str
    at_ms: int
    people: int


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One line of the book.

    :param number: place in the chain, from 1 without gaps; None until sealed (within a second)
    :param about: subject id, if the line is about one person
    :param detail: codes, counts and ids; never an identifier
    """

    number: int | None
    did: str
    controller: int | None
    by: str
    at: datetime
    about: int | None
    on: str
    purpose: str
    detail: Mapping[str, Any]


class JournalKind(StrEnum):
    """What the journal outside the databases keeps, so that a restore can replay it."""

    ERASURE = "erasure"
    ERASURE_IN_PART = "erasure_in_part"
    WITHDRAWAL = "withdrawal"
    RESTRICTION = "restriction"
    HANDOVER = "handover"
    MERGE = "merge"
    """two people are one: whom of the two there is from now on, then whom there is no more"""
    AGREEMENT_END = "agreement_end"
    KEY_REVOKED = "key_revoked"
    ROLE_REVOKED = "role_revoked"
    COPY = "copy"
    """a copy of the house is being made: by this line a journal is known to be the one the copy knew"""


@dataclass(frozen=True, slots=True)
class JournalMark:
    """
    How far the journal had come when a copy was made.

    :param start: the byte from which a restore of that copy replays
    :param upto: how many bytes there were
    :param digest: SHA-256 of those bytes, by which the journal is known again
    """

    start: int
    upto: int
    digest: str


@dataclass(frozen=True, slots=True)
class EndedLog:
    """
    A log of signed checkpoints that a restore ended, since the book did not go on where it stood.

    :param origin: its name, as its checkpoints carry it
    :param key: the public key that they are checked with, in hexadecimal
    :param signed: how many lines its last checkpoint had
    :param kept: how many lines the restored book had: beyond them the two part
    :param head: the last tree head signed, in hexadecimal
    :param at: when it ended
    :param file: where its checkpoints lie
    """

    origin: str
    key: str
    signed: int
    kept: int
    head: str
    at: datetime
    file: str

    @property
    def lost(self) -> int:
        """How many signed lines the restored book lacks."""
        return max(0, self.signed - self.kept)


class Forked(RuntimeError):
    """The book no longer continues what its last checkpoint signed, so no further one may be signed."""


class NotInTheBook(LookupError):
    """There is no such line, or the checkpoint that has it does not fit it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """
    That a line stands in the book, for somebody who sees neither (RFC 6962; all hashes are SHA-256).

    :param index: the leaf, from 0
    :param link: the line's link of the chain, which tells nothing of what the line says
    :param path: from the leaf to the head of the checkpoint
    :param checkpoint: the first signed note that has the line
    :param checkpoint_at: when it was signed
    :param before: the last signed note before it; empty for a line of the first checkpoint
    :param growth: the proof that the checkpoint continues the one before
    :param at: when the line was written, as the line says
    """

    index: int
    link: bytes
    path: Sequence[bytes]
    checkpoint: str
    checkpoint_at: datetime
    before: str
    growth: Sequence[bytes]
    at: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """A place where the book does not hold together, and what that means."""

    number: int
    what: str
