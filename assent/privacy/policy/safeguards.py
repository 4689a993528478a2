"""The checks that can show a measure of security (art. 32), by the names policies call them by."""

from collections.abc import Mapping

__all__ = ["CHECKS"]

CHECKS: Mapping[str, str] = {
    "audit-chain": "the book, its tree and its signed checkpoints hold together from the first line to the last",
    "backups-fresh": "the last copies are young enough, and the way back from one was tried and went well",
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
