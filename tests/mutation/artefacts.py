"""What a policy says: every artefact that is rendered from it, by name. A dump of the policy is none of them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Edition, Stamp
from assent.privacy.documents.files import record_workbooks
from assent.privacy.documents.kinds import FILES
from assent.privacy.policy.contracts import Compiled

__all__ = ["BANNER", "texts_of"]

BANNER = "banner.json"  # what the banner is configured with decides as well as tells
# The same words once more, in a form that takes long to write.
TWICE = {record_workbooks}


def texts_of(policy: Compiled) -> Mapping[str, list[object]]:
    """
    Return everything an edition says, to be compared: languages taken together under the name of the artefact.

    The stamp stands still: version, day and digest stand on each document and would change with any leaf.
    """
    edition = Edition(policy, Stamp(1, policy.digest, datetime(2026, 11, 2, tzinfo=UTC)))
    found: dict[str, list[object]] = {}
    for document, solution in documents.documents(edition=edition):
        found.setdefault(f"{document.kind}{f'/{solution}' if solution else ''}", []).append(document)
    for files in FILES:
        if files not in TWICE:
            for path, content in files(edition).items():
                found.setdefault(path.rpartition("/")[2], []).append(content)
    return found
