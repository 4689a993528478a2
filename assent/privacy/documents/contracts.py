"""
A document as blocks: written once from a policy, shown as HTML, Markdown and PDF.

Blocks hold plain text; whoever renders them escapes it. Nothing in a block knows how it will look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assent.privacy.policy.contracts import Compiled

__all__ = [
    "AlteredDocument", "Block", "Callout", "CalloutKind", "Document", "Edition", "Facts", "Items", "KeptInfo", "Kind",
    "Paragraph", "Run", "Runs", "Section", "Stamp", "Table", "sections",
]  # fmt: skip


class Kind(StrEnum):
    """What a document is. The value stands in its address and in its file's name."""

    PRIVACY_NOTICE = "privacy-notice"
    """arts. 13 and 14"""
    COOKIE_POLICY = "cookie-policy"
    """ePrivacy art. 5(3)"""
    CONSENT_WORDING = "consent-wording"
    """art. 7: what people are asked, per purpose and channel"""
    RETENTION_SCHEDULE = "retention-schedule"
    """art. 5(1)(e)"""
    CHANGE_LOG = "change-log"
    """what a version says that the one before did not"""
    RECORD_CONTROLLER = "record-of-processing"
    """art. 30(1)"""
    RECORD_PROCESSOR = "record-of-processing-as-processor"
    """art. 30(2)"""
    PROCESSING_AGREEMENT = "processing-agreement"
    """art. 28"""
    JOINT_ARRANGEMENT = "joint-arrangement"
    """art. 26(1)"""
    ARRANGEMENT_ESSENCE = "joint-arrangement-essence"
    """art. 26(2), for the people concerned"""
    IMPACT_ASSESSMENT = "impact-assessment"
    """art. 35"""
    BREACH_TO_AUTHORITY = "breach-notification"
    """art. 33(3); written from the register, so no policy has it by itself"""
    BREACH_TO_CONTROLLER = "breach-word-to-controller"
    """art. 33(2)"""
    BREACH_TO_PEOPLE = "breach-word-to-people"
    """art. 34"""


@dataclass(frozen=True, slots=True)
class Run:
    """
    A stretch of text.

    :param href: where it leads: ``https:``, ``mailto:``, ``tel:``, or ``#`` and the id of a section
    :param quiet: small print: an article, a term of a vocabulary, a technical name
    """

    text: str
    strong: bool = False
    href: str = ""
    quiet: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    runs: Runs


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each item is running text."""

    items: tuple[Runs, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for: a definition list."""

    pairs: tuple[tuple[str, Runs], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption and column heads; the first cell of a row is the row's head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]


class CalloutKind(StrEnum):
    """Why something stands out."""

    DRAFT = "draft"
    """binds parties, so counsel reads it first"""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Callout:
    """Something that must not be overlooked."""

    kind: CalloutKind
    runs: Runs


Block = Paragraph | Items | Facts | Table | Callout


@dataclass(frozen=True, slots=True)
class Section:
    """
    A part with a heading. Its level is its depth.

    :param id: stands in addresses (``#purposes-newsletter``), unique in its document and the same in every language
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """
    Which published version a document was rendered from.

    :param number: of the version; 0 for a draft that was never published
    :param digest: SHA-256 of the policy's canonical form, in hexadecimal
    """

    number: int
    digest: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Edition:
    """
    What documents are rendered from: a policy, and where it was published. A draft is compiled with the number 0.

    :param before: the edition it follows, if there is one; only what has changed since is told from it
    """

    policy: Compiled
    stamp: Stamp
    before: "Edition | None" = None


@dataclass(frozen=True, slots=True)
class Document:
    """
    One document in one language.

    :param of: the controller's slug, and for an agreement the solution's key: the rest of its address
    :param lead: what it is, in a sentence or two, before the first section
    """

    kind: Kind
    of: str
    language: str
    title: str
    lead: Runs
    stamp: Stamp
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class KeptInfo:
    """A document that is kept: of which version, in which language, with which SHA-256, and since when."""

    number: int
    kind: Kind
    solution: str
    language: str
    digest: str
    kept_at: datetime


class AlteredDocument(RuntimeError):
    """A document that was kept for ever is not what was kept."""


def sections(document: Document) -> Iterator[tuple[int, Section]]:
    """Return all sections in reading order, each with its depth from 1."""

    def walk(found: tuple[Section, ...], depth: int) -> Iterator[tuple[int, Section]]:
        for section in found:
            yield depth, section
            yield from walk(section.sections, depth + 1)

    yield from walk(document.sections, 1)
