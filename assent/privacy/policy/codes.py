"""The names of all that a check can find; ``docs/policy-checks.md`` explains each."""

from enum import StrEnum

__all__ = ["Code"]


class Code(StrEnum):
    """One kind of finding. A name, once used, keeps its meaning: editors and builds filter by it."""

    # Reading
    UNREADABLE = "unreadable"
    YAML = "yaml"
    EXTENDS = "extends"
    # Shape
    MISSING = "missing"
    UNKNOWN_PART = "unknown_part"
    NO_END = "no_end"
    SHAPE = "shape"
    # Names and words
    UNKNOWN_KEY = "unknown_key"
    UNUSED = "unused"
    MISSING_LANGUAGE = "missing_language"
    EXTRA_LANGUAGE = "extra_language"
    UNWRITTEN_LANGUAGE = "unwritten_language"
    CEDILLA = "cedilla"
    TEXT = "text"
    TEXT_MISSING = "text_missing"
    TEXT_UNDECLARED = "text_undeclared"
    HTML = "html"
    # Who answers
    UNDATED = "undated"
    OFFICER = "officer"
    TIME_ZONE = "time_zone"
    RIGHT = "right"
    DEADLINE = "deadline"
    SOURCE = "source"
    AGREEMENT = "agreement"
    MEASURE = "measure"
    # Purposes
    GROUND = "ground"
    SPECIAL = "special"
    CONSENT = "consent"
    WITHDRAWAL = "withdrawal"
    RETENTION = "retention"
    MARKETING = "marketing"
    OPERATIONS = "operations"
    # Recipients
    INSTRUCTIONS = "instructions"
    FEATURE = "feature"
    ROLE = "role"
    SELF = "self_recipient"
    UNLISTED = "unlisted"
    TRANSFER = "transfer"
    TRANSFER_LAPSED = "transfer_lapsed"
    TRANSFER_STALE = "transfer_stale"
    # Cookies
    BANNER = "banner"
    COOKIE = "cookie"
    COOKIE_POLICY = "cookie_policy"
    COOKIE_RECIPIENT = "cookie_recipient"
    COOKIE_TWICE = "cookie_twice"
    COOKIE_NAME = "cookie_name"
    COOKIE_UNKNOWN = "cookie_unknown"
    COOKIE_SUPPLIER = "cookie_supplier"
    COOKIE_CATEGORY = "cookie_category"
    COOKIE_LIFETIME = "cookie_lifetime"
    COOKIE_LUMPED = "cookie_lumped"
    COOKIE_SERVICE = "cookie_service"
    # Claims
    ANONYMOUS = "anonymous"
    # What is taken in
    EVENT = "event"
    PROPERTY = "property"
    SEALING = "sealing"
    FOLD = "fold"
    TRAIT = "trait"
    # Against the version in force
    BASIS_SWAPPED = "basis_swapped"
    NEW_PURPOSE = "new_purpose"
