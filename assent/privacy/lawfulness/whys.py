"""Every reason an answer can have, with its article and a sentence for people."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = ["Answer", "Why"]


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
    SOURCE_NOT_NAMED = "source_not_named"
    SOURCE_NOT_TOLD = "source_not_told"
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
        Why.SOURCE_NOT_NAMED: (
            "gdpr:14(2)(f)",
            "The person has not been told where their data came from, and the policy names no such source for this purpose.",
            "Persoana nu a aflat încă de unde provin datele ei, iar politica nu numește această sursă pentru acest scop.",
        ),
        Why.SOURCE_NOT_TOLD: (
            "gdpr:14(3)(c)",
            "The person is told where their data came from before anybody else receives them.",
            "Persoana află de unde provin datele ei înainte ca altcineva să le primească.",
        ),
        Why.ALLOWED: ("", "Allowed.", "Permis."),
    }
)
