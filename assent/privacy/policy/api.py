"""Policy: write a privacy statement as data, put it in force, and read the one that is."""

from assent.privacy.policy.changes import no_longer_taken_in
from assent.privacy.policy.drafts import (
    approve_draft,
    check_draft,
    consequences_of_draft,
    discard_draft,
    draft_of,
    publish_draft,
    save_draft,
    start_draft,
    submit_draft,
    take_up,
)
from assent.privacy.policy.load import check, check_files, load, load_files
from assent.privacy.policy.published import (
    asked_again,
    at_digest,
    at_number,
    current,
    draft,
    in_force,
    purpose_codes,
    text,
    versions,
)
from assent.privacy.policy.publishing import (
    again,
    consequences,
    four_eyes,
    publish,
    require_four_eyes,
    rollback,
    rollback_findings,
)
from assent.privacy.policy.reading import read_yaml
from assent.privacy.policy.schemas import schema
from assent.privacy.policy.writing import edited, flattened, lines_of, replaced, text_path, written

__all__ = [
    "again",
    "approve_draft",
    "asked_again",
    "at_digest",
    "at_number",
    "check",
    "check_draft",
    "check_files",
    "consequences",
    "consequences_of_draft",
    "current",
    "discard_draft",
    "draft",
    "draft_of",
    "edited",
    "flattened",
    "four_eyes",
    "in_force",
    "lines_of",
    "load",
    "load_files",
    "no_longer_taken_in",
    "publish",
    "publish_draft",
    "purpose_codes",
    "read_yaml",
    "replaced",
    "require_four_eyes",
    "rollback",
    "rollback_findings",
    "save_draft",
    "schema",
    "start_draft",
    "submit_draft",
    "take_up",
    "text",
    "text_path",
    "versions",
    "written",
]
