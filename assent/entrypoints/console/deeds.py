"""What each word of the audit trail says to people."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from assent.audit.contracts import Did, Entry

__all__ = ["SENTENCES", "doer", "particulars", "sentence", "tone"]

SENTENCES: Mapping[str, Any] = {
    Did.CONTROLLER_MADE: gettext_lazy("The brand was set up"),
    Did.HOST_ADDED: gettext_lazy("A host name was added for the public pages"),
    Did.HOST_REMOVED: gettext_lazy("A host name of the public pages was removed"),
    Did.PROPERTY_MADE: gettext_lazy("A website, app or server was added"),
    Did.WRITE_KEY_MADE: gettext_lazy("A write key was made"),
    Did.WRITE_KEY_REVOKED: gettext_lazy("A write key was revoked"),
    Did.API_KEY_MADE: gettext_lazy("An API key was made"),
    Did.API_KEY_REVOKED: gettext_lazy("An API key was revoked"),
    Did.STAFF_MADE: gettext_lazy("A staff account was made"),
    Did.ROLE_GRANTED: gettext_lazy("A role was given"),
    Did.ROLE_REVOKED: gettext_lazy("A role was taken back"),
    Did.LOGIN_FAILED: gettext_lazy("A log-in failed"),
    Did.AGREEMENT_OFFERED: gettext_lazy("An agreement was drawn up"),
    Did.AGREEMENT_ACCEPTED: gettext_lazy("An agreement was accepted"),
    Did.AGREEMENT_ENDED: gettext_lazy("An agreement was ended"),
    Did.AGREEMENT_SETTLED: gettext_lazy("The data of an ended agreement were returned or deleted"),
    Did.POLICY_PUBLISHED: gettext_lazy("A policy was published"),
    Did.POLICY_ROLLED_BACK: gettext_lazy("An earlier policy was put in force again"),
    Did.POLICY_FOUR_EYES: gettext_lazy("Publishing with four eyes was switched on or off"),
    Did.DRAFT_STARTED: gettext_lazy("A draft of the policy was started"),
    Did.DRAFT_SAVED: gettext_lazy("A draft of the policy was changed"),
    Did.DRAFT_SUBMITTED: gettext_lazy("A draft of the policy was given to a colleague to read"),
    Did.DRAFT_APPROVED: gettext_lazy("A draft of the policy was approved"),
    Did.DRAFT_DISCARDED: gettext_lazy("A draft of the policy was discarded"),
    Did.DOCUMENTS_KEPT: gettext_lazy("The documents of a version were put away for ever"),
    Did.SUBJECTS_LISTED: gettext_lazy("People were listed or searched for, without their names"),
    Did.SUBJECTS_MADE: gettext_lazy("People were added"),
    Did.SUBJECTS_CHANGED: gettext_lazy("Identifiers of people were changed"),
    Did.SUBJECTS_LINKED: gettext_lazy("Another id was joined to a person"),
    Did.SUBJECTS_MERGED: gettext_lazy("Two records of one person were merged"),
    Did.IDENTIFIERS_READ: gettext_lazy("Names or addresses were read"),
    Did.ERASURE_BEGUN: gettext_lazy("An erasure began"),
    Did.ERASURE_FINISHED: gettext_lazy("An erasure was finished, the key destroyed"),
    Did.CONSENT_GIVEN: gettext_lazy("Consent was given"),
    Did.CONSENT_WITHDRAWN: gettext_lazy("Consent was withdrawn"),
    Did.CONSENT_COPIED: gettext_lazy("Choices were copied from another record of the same person"),
    Did.CONSENT_COMMITTED: gettext_lazy("Earlier choices were entered into the proof log"),
    Did.CHOICES_READ: gettext_lazy("A person’s choices were read"),
    Did.RECEIPT_HANDED_OVER: gettext_lazy("A receipt of a choice was handed over"),
    Did.SUPPRESSED: gettext_lazy("Contact was stopped"),
    Did.SUPPRESSION_LIFTED: gettext_lazy("A stop was lifted"),
    Did.EVENTS_ADMITTED: gettext_lazy("Events were admitted"),
    Did.BATCH_SET_ASIDE: gettext_lazy("A message that could not be read was set aside, sealed"),
    Did.FILE_KEPT: gettext_lazy("A file was kept"),
    Did.FILE_READ: gettext_lazy("A file was read"),
    Did.TIMELINE_READ: gettext_lazy("A person’s timeline was read"),
    Did.SEGMENT_MADE: gettext_lazy("A segment was made"),
    Did.SEGMENT_CHANGED: gettext_lazy("A segment was changed"),
    Did.SEGMENT_DELETED: gettext_lazy("A segment was deleted"),
    Did.SEGMENT_READ: gettext_lazy("The members of a segment were read"),
    Did.TEMPLATE_MADE: gettext_lazy("A message template was saved"),
    Did.CAMPAIGN_MADE: gettext_lazy("A campaign was written"),
    Did.CAMPAIGN_SENT: gettext_lazy("A campaign was sent"),
    Did.CAMPAIGN_PAUSED: gettext_lazy("A campaign was paused"),
    Did.CAMPAIGN_RESUMED: gettext_lazy("A campaign was resumed"),
    Did.CAMPAIGN_CANCELLED: gettext_lazy("A campaign was cancelled"),
    Did.MESSAGES_READ: gettext_lazy("A person’s messages were read"),
    Did.MESSAGES_QUEUED: gettext_lazy("Messages were queued"),
    Did.MESSAGES_HANDED_OVER: gettext_lazy("Messages were handed over"),
    Did.MESSAGES_REFUSED: gettext_lazy("Messages were refused at hand-over"),
    Did.MESSAGES_DONE: gettext_lazy("Messages arrived"),
    Did.MESSAGES_CANCELLED: gettext_lazy("Messages were cancelled"),
    Did.MESSAGES_HELD: gettext_lazy("Messages were held back"),
    Did.MESSAGES_RELEASED: gettext_lazy("Messages were released"),
    Did.MESSAGES_MOVED: gettext_lazy("Messages moved to another record of the same person"),
    Did.DISCLOSED: gettext_lazy("Data went to a recipient"),
    Did.DISCLOSURE_SETTLED: gettext_lazy("It turned out which of the data had left"),
    Did.RECIPIENT_WAY_SET: gettext_lazy("It was set how a recipient is told of changes"),
    Did.RECIPIENT_TO_BE_TOLD: gettext_lazy("A recipient is to be told of a change"),
    Did.RECIPIENT_TOLD: gettext_lazy("A recipient was told of a change"),
    Did.RECIPIENT_ACKNOWLEDGED: gettext_lazy("A recipient confirmed a change"),
    Did.RECIPIENT_IMPOSSIBLE: gettext_lazy("It was written down why a recipient can’t be told"),
    Did.PORTAL_ENTERED: gettext_lazy("A person signed in to their own pages"),
    Did.PORTAL_LEFT: gettext_lazy("A person signed out of their own pages"),
    Did.PORTAL_READ: gettext_lazy("A person read what is held of them"),
    Did.BACKUP_MADE: gettext_lazy("A backup was made"),
    Did.BACKUP_PRUNED: gettext_lazy("Backups whose time was over were deleted"),
    Did.BACKUP_DRILLED: gettext_lazy("A backup was restored to try it"),
    Did.HOUSE_RESTORED: gettext_lazy("The house was restored from a backup"),
    Did.JOURNAL_REPLAYED: gettext_lazy("What had happened since the backup was done again"),
    Did.PERSON_EXPORTED: gettext_lazy("A person’s data were exported"),
    Did.PERSON_ERASED: gettext_lazy("A person was erased"),
    Did.PERSON_ERASED_IN_PART: gettext_lazy("A person was erased as far as nothing must stay"),
    Did.HOLD_MADE: gettext_lazy("Data were put on legal hold"),
    Did.HOLD_RELEASED: gettext_lazy("A legal hold was released"),
    Did.RETENTION_RUN: gettext_lazy("What was past its end was erased"),
    Did.PURPOSE_ENDED: gettext_lazy("Keeping for a purpose ended"),
    Did.ASKED_AGAIN: gettext_lazy("People were asked for their consent again"),
    Did.AGREEMENT_DATA_READY: gettext_lazy("The data of an ended agreement were packed to be fetched"),
    Did.AGREEMENT_DATA_FETCHED: gettext_lazy("Data of an ended agreement were fetched"),
    Did.AGREEMENT_DATA_DELETED: gettext_lazy("What was held for an ended agreement alone was deleted"),
    Did.PEOPLE_TOLD_WHAT_STAYS: gettext_lazy("People were told what ended for them and what stays"),
    Did.MOMENTS_NOTED: gettext_lazy("Moments that periods are counted from were noted"),
    Did.SOURCE_TOLD: gettext_lazy("People were told where their data came from"),
    Did.SOURCE_NOTED: gettext_lazy("It was noted where people’s data came from"),
    Did.SOURCE_EXEMPTED: gettext_lazy("It was decided that people need not be told where their data came from"),
    Did.BREACH_SUSPECTED: gettext_lazy("A breach was suspected"),
    Did.BREACH_TOLD: gettext_lazy("A breach was described"),
    Did.BREACH_SCOPED: gettext_lazy("Whom a breach affects was found"),
    Did.BREACH_ASSESSED: gettext_lazy("How severe a breach is was assessed"),
    Did.BREACH_CONFIRMED: gettext_lazy("A breach was confirmed"),
    Did.BREACH_CONTAINED: gettext_lazy("A breach was contained"),
    Did.BREACH_CLOSED: gettext_lazy("A breach was closed"),
    Did.BREACH_DISMISSED: gettext_lazy("The suspicion of a breach was dismissed"),
    Did.BREACH_NOTIFIED: gettext_lazy("A breach was notified to the authority"),
    Did.BREACH_PASSED_ON: gettext_lazy("A breach was told to the brand"),
    Did.BREACH_PEOPLE_TOLD: gettext_lazy("People were told of a breach"),
    Did.ALARM_RAISED: gettext_lazy("An alarm was raised"),
    Did.ALARM_SETTLED: gettext_lazy("An alarm was settled"),
    Did.ORDER_RECORDED: gettext_lazy("A demand of an authority was recorded"),
    Did.ORDER_ANSWERED: gettext_lazy("A demand of an authority was answered"),
    Did.ORDER_TOLD: gettext_lazy("People were told of a demand of an authority"),
    Did.MEASURES_CHECKED: gettext_lazy("The security measures were checked"),
    Did.REQUEST_RECEIVED: gettext_lazy("A request of a person was registered"),
    Did.REQUEST_REPEATED: gettext_lazy("A request was repeated and joined the open one"),
    Did.REQUEST_IDENTITY_ASKED: gettext_lazy("A person was asked to show who they are"),
    Did.REQUEST_IDENTITY_CONFIRMED: gettext_lazy("It was settled who makes a request"),
    Did.REQUEST_CLARIFICATION_ASKED: gettext_lazy("A person was asked what they mean"),
    Did.REQUEST_CLARIFIED: gettext_lazy("A person said what they mean"),
    Did.REQUEST_EXTENDED: gettext_lazy("More time was taken for a request"),
    Did.REQUEST_REMINDED: gettext_lazy("A reminder of a request was given"),
    Did.REQUEST_OVERDUE: gettext_lazy("A request became overdue"),
    Did.REQUEST_DECIDED: gettext_lazy("A request was decided"),
    Did.REQUEST_DONE: gettext_lazy("Something was done for a request"),
    Did.REQUEST_HELD: gettext_lazy("A legal hold kept data that a request would erase"),
    Did.REQUEST_ANSWERED: gettext_lazy("A request was answered"),
    Did.REQUEST_REFUSED: gettext_lazy("A request was refused"),
    Did.REQUEST_LETTER_SENT: gettext_lazy("A printed answer was sent"),
    Did.REQUEST_COPY_HANDED_OVER: gettext_lazy("A person’s copy was handed over"),
    Did.REQUEST_RELEASED: gettext_lazy("A restriction ended, the person having been told"),
    Did.REQUEST_TAKEN_BACK: gettext_lazy("A request was taken back"),
    Did.REQUEST_CLOSED: gettext_lazy("A request was closed"),
    Did.REQUEST_READ: gettext_lazy("A request was read"),
}

WHYS: Mapping[str, Any] = {
    "console.people": gettext_lazy("for the list of people"),
    "console.search": gettext_lazy("for a search"),
    "console.requests": gettext_lazy("for the list of requests"),
    "console.person": gettext_lazy("for a person’s page"),
    "preview": gettext_lazy("for a preview"),
    "api": gettext_lazy("through the API"),
    "api.list": gettext_lazy("through the API, in a list"),
    "api.search": gettext_lazy("through the API, by a search"),
}
UNTOLD = {"people", "digest", "commitments", "limit", "why"}  # said in words already, or of no use to a reader

REFUSING = ("withdrawn", "refused", "revoked", "erased", "suppressed", "set_aside", "begun", "finished", "cancelled")


def sentence(entry: Entry) -> str:
    """Say what was done; a word this version doesn't know yet is shown as it is."""
    said = str(SENTENCES.get(entry.did, entry.did))
    people = entry.detail.get("people")
    if isinstance(people, int):
        said += " · " + ngettext("%d person", "%d people", people) % people
    return said


def particulars(entry: Entry) -> str:
    """Say what else the line holds: for what, on which object, and its codes and counts."""
    why = entry.detail.get("why", "")
    codes = [f"{key} {value}" for key, value in entry.detail.items() if key not in UNTOLD]
    on = f"#{entry.on}" if entry.on.isdecimal() else entry.on
    return " · ".join(part for part in (entry.purpose, on, str(WHYS.get(why, why)), *codes) if part)


def tone(entry: Entry) -> str:
    """Return the colour of a deed in the timeline: refusals and ends red, readings of identifiers violet."""
    last = entry.did.rsplit(".", 1)[-1]
    if last in REFUSING or entry.did == Did.SUPPRESSED:
        return "refused"
    return "held" if last == "read" else "plain"


def doer(by: str, names: Mapping[str, str]) -> str:
    """Say who did it: a colleague's name, the person, a key, or a part of the system."""
    kind, _colon, which = by.partition(":")
    if kind == "staff":
        return names.get(which) or _("a former colleague")
    if kind == "person":
        return _("the person")
    return _("key %s") % which if kind == "key" else _("the system (%s)") % which
