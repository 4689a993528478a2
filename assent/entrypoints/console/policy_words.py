"""What the fields of a policy are called on a form, where they lead, and in which order a person fills them in."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from assent.privacy.documents import api as documents

__all__ = ["CHAPTERS", "GROUPS", "HELP", "KEYS", "LONG", "REFERS", "SECTIONS", "label", "title", "word"]

# Chapters of the editor, each with its parts; those in ``entries`` hold one entry per key.
CHAPTERS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("What is done, and why"), ("purposes", "retention")),
    (_("Which data, of whom"), ("data", "subjects", "sources", "events", "traits")),
    (_("Who receives them"), ("recipients", "platform", "solutions")),
    (_("Cookies"), ("cookies", "consent_categories", "banner")),
    (_("What people may ask"), ("rights", "automated_decisions")),
    (_("Who answers for it"), ("controller", "measures", "backups")),
    (_("Words"), ("texts", "notice_summary")),
)
SECTIONS = tuple(part for _title, parts in CHAPTERS for part in parts)

# Model and field → the part whose keys may stand there; several joined by +.
REFERS: Mapping[tuple[str, str], str] = {
    ("Purpose", "subjects"): "subjects",
    ("Purpose", "data"): "data",
    ("Purpose", "sources"): "sources",
    ("Purpose", "recipients"): "recipients",
    ("Purpose", "consent_category"): "consent_categories",
    ("Purpose", "wording"): "texts",
    ("Purpose", "confirmation"): "texts",
    ("Purpose", "source_line"): "texts",
    ("Purpose", "opt_out"): "texts",
    ("Purpose", "ask_again"): "texts",
    ("SoftOptIn", "sale"): "events",
    ("SoftOptIn", "opt_out_at_collection"): "texts",
    ("Cookie", "supplier"): "controller+recipients",
    ("Cookie", "category"): "consent_categories",
    ("Cookie", "purpose"): "purposes",
    ("PropertyRule", "data"): "data",
    ("Fold", "purpose"): "purposes",
    ("Trait", "data"): "data",
    ("Derived", "trait"): "traits",
    ("Platform", "recipient"): "recipients",
    ("Solution", "purposes"): "purposes",
    ("Policy", "notice_summary"): "texts",
}
# The same for the keys of a mapping.
KEYS: Mapping[tuple[str, str], str] = {("EventType", "purposes"): "purposes"}

# Words that take more than a line.
LONG = {
    "description", "interest", "balancing", "law", "obligatory", "told_at_collection", "reason", "similar", "when", "services",
    "text", "none_because", "intro", "explained", "fee", "identity", "statement", "logic", "consequences", "safeguards",
}  # fmt: skip

GROUPS: Mapping[str, tuple[tuple[Any, tuple[str, ...]], ...]] = {
    "Purpose": (
        (_("What, for whom"), ("title", "description", "subjects")),
        (
            _("Why it is lawful"),
            (
                "basis", "special_condition", "interest", "balancing", "law", "soft_opt_in", "obligatory", "basis_changed",
                "starts_on", "told_at_collection",
            ),
        ),
        (_("Which data, to whom"), ("data", "sources", "operations", "recipients")),
        (_("How long"), ("retention",)),
        (_("How people are addressed"), ("channels", "per_channel_choice", "direct_marketing", "source_line", "opt_out")),
        (
            _("How they are asked"),
            ("consent_category", "wording", "double_opt_in", "confirmation", "consent_expires", "ask_again"),
        ),
        (_("Terms for registers"), ("dpv", "fideslang")),
    ),
}  # fmt: skip

SPAN = _("As P3Y (years), P6M (months), P30D (days) or PT72H (hours).")
HELP: Mapping[tuple[str, str], Any] = {
    ("Purpose", "basis"): _("Settled before anything is done. To change it later takes a reason on record."),
    ("Purpose", "special_condition"): _("Needed only where data are specially protected (GDPR art. 9)."),
    ("Purpose", "balancing"): _("Why people’s own interests do not weigh more. For legitimate interests only."),
    ("Purpose", "interest"): _("For legitimate interests only."),
    ("Purpose", "law"): _("For a legal obligation or a public task only."),
    ("Purpose", "obligatory"): _("Whether people must give the data, and what happens if they don’t."),
    ("Purpose", "starts_on"): _("A new purpose for data you already hold starts only after people were told."),
    ("Purpose", "told_at_collection"): _(
        "Only for a new purpose that may start at once: why each person is told first anyway."
    ),
    ("Purpose", "per_channel_choice"): _("People say yes to each channel for itself."),
    ("Purpose", "double_opt_in"): _("A yes counts once the person has opened the link in a message."),
    ("Purpose", "consent_expires"): SPAN,
    ("Purpose", "dpv"): _("Several are parted by commas."),
    ("Purpose", "fideslang"): _("Several are parted by commas."),
    ("Retention", "duration"): SPAN,
    ("Override", "duration"): SPAN,
    ("Cookie", "lifetime"): _("“session”, or a length as P13M."),
    ("Cookie", "name"): _("As it stands on the device; * for any characters."),
    ("DataItem", "category"): _("The fideslang name, as user.contact.email."),
    ("DataItem", "special"): _("A special category of GDPR art. 9: health, beliefs, biometric data …"),
    ("DataItem", "storage"): _("What names a person is sealed under that person’s own key."),
    ("Source", "named"): _("Which register or site, for a public source."),
    ("Recipient", "country"): _("Two capital letters, as RO."),
    ("Safeguard", "valid_until"): _("After this day nothing is transferred until it has been checked again."),
    ("Instructions", "excluded_features"): _("Keys parted by commas. A connector refuses them."),
    ("ConsentCategory", "necessary"): _("Without it the service does not work, so it has no switch."),
    ("Controller", "languages"): _("Two small letters each, parted by commas; the first one stands in for a missing one."),
    ("EventType", "name"): _("The event’s name as it is sent; * for any, except for “something done”."),
    ("EventType", "purposes"): _("Which properties each purpose may keep, parted by commas."),
    ("EventType", "counts_as_interaction"): _("Periods “from the last interaction” count from it."),
    ("PropertyRule", "identifying"): _("It names the person, so it is sealed at the gate."),
    ("Trait", "wire"): _("Other names it is sent under, parted by commas."),
    ("Deadlines", "answer"): SPAN,
    ("Deadlines", "notice_before_change"): _("How long ahead people hear of a new purpose for data you already hold."),
    ("Measure", "check"): _("The name of the check that shows it, as audit-chain."),
    ("Backups", "data_kept"): SPAN,
}


def label(name: str, language: str) -> str:
    """Return what a field or part is called, as a label."""
    if name == "retention":
        return str(_("How long data are kept"))
    called = documents.field_name(name, language)
    return called[:1].upper() + called[1:]


def word(value: StrEnum, language: str) -> str:
    """Return what one of the words a policy may use means."""
    return documents.term_of(value, language)


def title(member: Any, key: str, language: str) -> str:
    """Return what people call an entry that is being written: its title, its name, or its key."""
    found = member.get("title", member) if isinstance(member, dict) else member
    if isinstance(found, dict):
        said = found.get(language) or next((text for text in found.values() if isinstance(text, str)), "")
        if isinstance(said, str) and said and ("title" in member or language in found):
            return said
    name = member.get("name") if isinstance(member, dict) else None
    return name if isinstance(name, str) else key
