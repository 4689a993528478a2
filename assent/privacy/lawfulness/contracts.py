"""The question (may this be done, with these data, for this purpose, to this person, now) and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from assent.privacy.policy.contracts import Basis, Operation

__all__ = [
    "ANY", "NOBODY_ELSE", "Answer", "Codes", "Columns", "ExplainedRow", "NotAgreed", "Operation", "Question", "Verdict",
    "Why", "code_of", "is_yes", "verdict_of",
]  # fmt: skip

ANY = "any"
"""The channel of a question about the purpose as such: nobody is addressed by it."""

NOBODY_ELSE = "self"
"""The recipient when data do not leave the controller; empty means the same."""

Codes = npt.NDArray[np.uint8]


class Answer(StrEnum):
    """Yes, no, or gap: the policy does not say, so no, and staff are told."""

    YES = "yes"
    NO = "no"
    GAP = "gap"


class Why(StrEnum):
    """The reason of an answer. Each has a clause and a sentence for people; codes of stored verdicts follow the order."""

    NO_POLICY = "no_policy"
    UNDECLARED_PURPOSE = "undeclared_purpose"
    UNDECLARED_OPERATION = "undeclared_operation"
    UNDECLARED_DATA = "undeclared_data"
    CHANNEL_NOT_DECLARED = "channel_not_declared"
    UNDECLARED_RECIPIENT = "undeclared_recipient"
    TRANSFER_WITHOUT_SAFEGUARD = "transfer_without_safeguard"
    SPECIAL_WITHOUT_CONDITION = "special_without_condition"
    EXCLUDED_FEATURE = "excluded_feature"
    NOT_YET = "not_yet"
    ERASING = "erasing"
    LEGAL_STOP = "legal_stop"
    RESTRICTED = "restricted"
    OBJECTED = "objected"
    ADDRESS_STOPPED = "address_stopped"
    UNSUBSCRIBED = "unsubscribed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NO_CONSENT = "no_consent"
    NO_PRIOR_CONSENT = "no_prior_consent"
    NO_EXPLICIT_CONSENT = "no_explicit_consent"
    NO_SOLUTION = "no_solution"
    NO_PROCESSING_AGREEMENT = "no_processing_agreement"
    NO_JOINT_ARRANGEMENT = "no_joint_arrangement"
    CONSENT_OUTDATED = "consent_outdated"
    ALLOWED = "allowed"

    @property
    def answer(self) -> Answer:
        """The answer this is the reason of."""
        if self is Why.ALLOWED:
            return Answer.YES
        return Answer.GAP if self in _GAPS else Answer.NO

    @property
    def clause(self) -> str:
        """The article behind it; for a yes the basis names it."""
        return _SAID[self][0]

    def sentence(self, language: str) -> str:
        """Return the reason in plain words, in Romanian or else in English."""
        return _SAID[self][2 if language == "ro" else 1]


# The policy is silent. What it forbids, or the person does, is a no.
_GAPS = frozenset(
    {
        Why.NO_POLICY,
        Why.UNDECLARED_PURPOSE,
        Why.UNDECLARED_OPERATION,
        Why.UNDECLARED_DATA,
        Why.CHANNEL_NOT_DECLARED,
        Why.UNDECLARED_RECIPIENT,
        Why.TRANSFER_WITHOUT_SAFEGUARD,
        Why.SPECIAL_WITHOUT_CONDITION,
        Why.NO_SOLUTION,
    }
)

_SAID: Mapping[Why, tuple[str, str, str]] = MappingProxyType(
    {
        Why.NO_POLICY: (
            "gdpr:5(2)",
            "No policy has been published, so nothing may be done.",
            "Nu a fost publicată nicio politică, deci nu se poate face nimic.",
        ),
        Why.UNDECLARED_PURPOSE: (
            "gdpr:5(1)(b)",
            "The policy does not know this purpose.",
            "Politica nu cunoaște acest scop.",
        ),
        Why.UNDECLARED_OPERATION: (
            "gdpr:5(1)(b)",
            "The policy does not say that data are handled in this way for this purpose.",
            "Politica nu prevede această operațiune pentru acest scop.",
        ),
        Why.UNDECLARED_DATA: (
            "gdpr:5(1)(c)",
            "The policy does not name these data for this purpose.",
            "Politica nu numește aceste date pentru acest scop.",
        ),
        Why.CHANNEL_NOT_DECLARED: (
            "gdpr:5(1)(a)",
            "The policy does not name this channel for this purpose.",
            "Politica nu numește acest canal pentru acest scop.",
        ),
        Why.UNDECLARED_RECIPIENT: (
            "gdpr:13(1)(e)",
            "The policy does not name this recipient for this purpose.",
            "Politica nu numește acest destinatar pentru acest scop.",
        ),
        Why.TRANSFER_WITHOUT_SAFEGUARD: (
            "gdpr:44",
            "The recipient is outside the European Economic Area and no safeguard is valid today.",
            "Destinatarul se află în afara Spațiului Economic European și nicio garanție nu este valabilă astăzi.",
        ),
        Why.SPECIAL_WITHOUT_CONDITION: (
            "gdpr:9(1)",
            "These are special categories of data and the policy names no condition that permits them.",
            "Acestea sunt categorii speciale de date și politica nu numește nicio condiție care le permite.",
        ),
        Why.EXCLUDED_FEATURE: (
            "gdpr:28(3)(a)",
            "The instructions to the recipient exclude this feature.",
            "Instrucțiunile date destinatarului exclud această funcție.",
        ),
        Why.NOT_YET: (
            "gdpr:13(3)",
            "The purpose has not started yet: people are told first.",
            "Scopul nu a început încă: oamenii sunt informați mai întâi.",
        ),
        Why.ERASING: (
            "gdpr:17(1)",
            "The person is unknown, or their data are being erased.",
            "Persoana este necunoscută sau datele ei sunt în curs de ștergere.",
        ),
        Why.LEGAL_STOP: (
            "gdpr:58(2)(f)",
            "A legal stop allows keeping the data and nothing else.",
            "O oprire legală permite doar păstrarea datelor.",
        ),
        Why.RESTRICTED: (
            "gdpr:18(2)",
            "The person's data are restricted: they are kept, not used.",
            "Datele persoanei sunt restricționate: se păstrează, nu se folosesc.",
        ),
        Why.OBJECTED: (
            "gdpr:21",
            "The person objected to this purpose.",
            "Persoana s-a opus acestui scop.",
        ),
        Why.ADDRESS_STOPPED: (
            "gdpr:5(1)(d)",
            "Messages to this address come back: it no longer exists.",
            "Mesajele trimise la această adresă se întorc: adresa nu mai există.",
        ),
        Why.UNSUBSCRIBED: (
            "gdpr:21(2)",
            "The person wants no such messages on this channel.",
            "Persoana nu dorește astfel de mesaje pe acest canal.",
        ),
        Why.WITHDRAWN: (
            "gdpr:7(3)",
            "The person said no, or took the consent back.",
            "Persoana a refuzat sau și-a retras consimțământul.",
        ),
        Why.EXPIRED: (
            "gdpr:7(1)",
            "The consent is older than the policy lets one last: it must be asked for again.",
            "Consimțământul este mai vechi decât permite politica: trebuie cerut din nou.",
        ),
        Why.NO_CONSENT: (
            "gdpr:6(1)(a)",
            "The person has not consented.",
            "Persoana nu și-a dat consimțământul.",
        ),
        Why.NO_PRIOR_CONSENT: (
            "eprivacy:13(1)",
            "Advertising by e-mail or text message needs the person's prior consent.",
            "Publicitatea prin e-mail sau SMS are nevoie de consimțământul prealabil al persoanei.",
        ),
        Why.NO_EXPLICIT_CONSENT: (
            "gdpr:9(2)(a)",
            "Special categories of data need the person's explicit consent.",
            "Categoriile speciale de date au nevoie de consimțământul explicit al persoanei.",
        ),
        Why.NO_SOLUTION: (
            "gdpr:29",
            "The policy names no solution for this purpose, so nobody has instructed the platform to work for it.",
            "Politica nu numește nicio soluție pentru acest scop, deci platforma nu are instrucțiuni să lucreze pentru el.",
        ),
        Why.NO_PROCESSING_AGREEMENT: (
            "gdpr:28(3)",
            "No data processing agreement is in force for this purpose.",
            "Pentru acest scop nu este în vigoare niciun acord de prelucrare a datelor.",
        ),
        Why.NO_JOINT_ARRANGEMENT: (
            "gdpr:26(1)",
            "No arrangement between the joint controllers is in force for this purpose.",
            "Pentru acest scop nu este în vigoare niciun acord între operatorii asociați.",
        ),
        Why.CONSENT_OUTDATED: (
            "gdpr:7(1)",
            "The purpose has become more than the person agreed to: it must be asked for again.",
            "Scopul a devenit mai mult decât a acceptat persoana: consimțământul trebuie cerut din nou.",
        ),
        Why.ALLOWED: ("", "Allowed.", "Permis."),
    }
)


class NotAgreed(RuntimeError):
    """The platform may not work for a purpose: no agreement that carries it is in force. ``why`` says which is missing."""

    def __init__(self, purpose: str, why: Why) -> None:
        self.purpose, self.why = purpose, why
        super().__init__(f"{purpose}: {why.sentence('en')} Accept one under Agreements, or with `assent agreement accept`.")


@dataclass(frozen=True, slots=True)
class Question:
    """
    What somebody wants to do.

    :param purpose: key of the policy's purpose
    :param data: data items concerned; none named means all that the purpose declares
    :param channel: over which the person is addressed; ``any`` if they are not
    :param recipient: who receives the data; empty or ``self`` if nobody else does
    :param feature: what the recipient would do with them, where its instructions exclude something
    :param tokens: keyed hashes of the addresses concerned, for stops that hold by address
    """

    operation: Operation
    purpose: str
    subject: int
    at: datetime
    data: frozenset[str] = frozenset()
    channel: str = ANY
    recipient: str = ""
    feature: str = ""
    tokens: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    An answer with its reason.

    :param clause: the article behind it
    :param basis: what allows it; None unless the answer is yes
    """

    answer: Answer
    why: Why
    clause: str
    basis: Basis | None = None

    @property
    def yes(self) -> bool:
        """Whether it may be done."""
        return self.answer is Answer.YES


# A verdict in one byte. 0 is a refusal, so that memory nobody has written to allows nothing.
_FIRST_YES = 128
_VERDICTS: Mapping[int, Verdict] = MappingProxyType(
    {code: Verdict(why.answer, why, why.clause) for code, why in enumerate(Why) if why is not Why.ALLOWED}
    | {_FIRST_YES + place: Verdict(Answer.YES, Why.ALLOWED, basis.clause, basis) for place, basis in enumerate(Basis)}
)
_CODES: Mapping[Verdict, int] = MappingProxyType({verdict: code for code, verdict in _VERDICTS.items()})


def verdict_of(code: int) -> Verdict:
    """
    Return the verdict a code stands for.

    :raises KeyError: if it stands for none
    """
    return _VERDICTS[int(code)]


def code_of(verdict: Verdict) -> int:
    """Return the code of a verdict, below 128 unless it is a yes."""
    return _CODES[verdict]


def is_yes(codes: Codes) -> npt.NDArray[np.bool_]:
    """Tell of each code whether it is a yes."""
    return codes >= _FIRST_YES


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """
    The answer for everyone of a controller.

    :param subjects: those about whom something is written down, sorted
    :param verdicts: their codes, aligned
    :param default: the code of everybody else
    """

    subjects: npt.NDArray[np.int64]
    verdicts: Codes
    default: int

    def of(self, subjects: npt.NDArray[np.int64]) -> Codes:
        """Return the codes of some people, in their order."""
        codes = np.full(len(subjects), self.default, np.uint8)
        if len(self.subjects):
            place = np.minimum(np.searchsorted(self.subjects, subjects), len(self.subjects) - 1)
            known = self.subjects[place] == subjects
            codes[known] = self.verdicts[place[known]]
        return codes


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """
    What may be done with a person for one purpose on one channel, for a page that explains it.

    :param choice: ``none``, ``given``, ``withdrawn`` or ``expired``
    :param stops: kinds of the stops that bear on it, whether or not they decide
    """

    purpose: str
    channel: str
    basis: Basis
    keep: Verdict
    use: Verdict
    choice: str
    explicit: bool
    stops: tuple[str, ...]
