"""Policy: write a privacy statement as data, put it in force, and read the one that is."""

from assent.privacy.policy.load import check, check_files, load, load_files, schema
from assent.privacy.policy.published import asked_again, at_digest, at_number, current, draft, purpose_codes, text, versions
from assent.privacy.policy.publishing import consequences, four_eyes, publish, require_four_eyes, rollback

__all__ = [
    "asked_again",
    "at_digest",
    "at_number",
    "check",
    "check_files",
    "consequences",
    "current",
    "draft",
    "four_eyes",
    "load",
    "load_files",
    "publish",
    "purpose_codes",
    "require_four_eyes",
    "rollback",
    "schema",
    "text",
    "versions",
]
