"""What stands around every document: which version it was rendered from, when that was published, and its digest."""

from assent.privacy.documents.contracts import Document
from assent.privacy.documents.phrases import day
from assent.privacy.documents.words import words

__all__ = ["short", "stamped", "warning"]


def warning(document: Document) -> str:
    """Return what a reader of a draft must know first; nothing for what was published."""
    return "" if document.stamp.number else words(document.language, "frame").say("warning")


def stamped(document: Document) -> list[tuple[str, str]]:
    """Return version, date and digest as names and words, in the document's language."""
    frame, stamp = words(document.language, "frame"), document.stamp
    version = str(stamp.number) if stamp.number else frame.say("draft")
    when = day(stamp.published_at.date(), document.language) if stamp.published_at else frame.say("not_published")
    return [
        (frame.say("version"), version),
        (frame.say("published"), when),
        (frame.say("digest"), stamp.digest),
    ]


def short(document: Document) -> str:
    """Return version, date and the first letters of the digest on one line."""
    frame, stamp = words(document.language, "frame"), document.stamp
    if not stamp.number:
        return frame.say("line_draft", digest=stamp.digest[:12])
    when = day(stamp.published_at.date(), document.language) if stamp.published_at else ""
    return frame.say("line", number=stamp.number, day=when, digest=stamp.digest[:12])
