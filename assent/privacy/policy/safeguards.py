"""The checks that can show a measure of security (art. 32), by the names policies call them by."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from assent.privacy.policy.codes import Code
from assent.privacy.policy.faults import Fault

if TYPE_CHECKING:
    from assent.privacy.policy.contracts import Policy

__all__ = ["CHECKS", "unshown"]

CHECKS: Mapping[str, str] = {
    "audit-chain": "the book, its tree and its signed checkpoints hold together from the first line to the last",
    "breach-register": "the book is being watched for unusual reading, and no breach is past its clock",
    "erasure-complete": "nothing is left of people who were erased, and no erasure is stuck",
    "https": "pages are served over https, with cookies that travel no other way",
    "key-file": "only its owner may read the master key, or a key service holds it",
    "pseudonymous-events": "no address or number of a person stands in the events kept of them",
    "roles-enforced": "every page and every call asks for a permission first",
    "row-security": "the database itself keeps the rows of controllers apart",
    "sealed-identifiers": "names and addresses are stored sealed, and open with the person's own key alone",
}
"""Each name with what it looks at. A measure nothing shows is a claim."""


def unshown(policy: "Policy") -> Iterator[Fault]:
    """Name the measures whose check nobody knows."""
    for key, measure in policy.measures.items():
        if measure.check not in CHECKS:
            near = get_close_matches(measure.check, CHECKS, 1)
            cure = f"write {near[0]}" if near else f"choose one of {', '.join(CHECKS)}"
            message = f"no check is called {measure.check!r}, so nothing shows this measure"
            yield Fault(("measures", key, "check"), message, cure, Code.MEASURE, "gdpr:32(1)(d)")
