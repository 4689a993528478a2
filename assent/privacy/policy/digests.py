"""One form for one policy, and the digests consents pin: of the whole, of each purpose, of each text."""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from assent.foundation import canonical
from assent.privacy.policy.contracts import Compiled, Policy

__all__ = ["canonical_form", "compiled", "digest_of", "read_form"]

# Named inside the form, so that a later shape can be told from this one.
FORM = "assent-policy-1"


def canonical_form(policy: Policy, texts: Mapping[tuple[str, str], str]) -> bytes:
    """Return policy and texts in RFC 8785 form; defaults are left out, so new optional keys leave old digests alone."""
    return canonical.dumps({"form": FORM, "policy": plain(policy), "texts": nested(texts)})


def digest_of(form: bytes) -> str:
    """Return the SHA-256 of a form, in hex."""
    return hashlib.sha256(form).hexdigest()


def read_form(form: str) -> tuple[Policy, dict[tuple[str, str], str]]:
    """Return the policy and texts a canonical form was made of."""
    data = json.loads(form)
    texts = {(key, language): text for language, found in data["texts"].items() for key, text in found.items()}
    return Policy.model_validate_json(json.dumps(data["policy"])), texts


def compiled(
    policy: Policy,
    texts: Mapping[tuple[str, str], str],
    *,
    number: int,
    digest: str,
    codes: Mapping[str, int],
    outdated: Mapping[str, frozenset[int]] = MappingProxyType({}),
) -> Compiled:
    """Return a policy with its digests and look-ups."""
    return Compiled(
        policy=policy,
        number=number,
        digest=digest,
        texts=dict(texts),
        purpose_digests={key: purpose_digest(policy, texts, key) for key in policy.purposes},
        text_digests={key: digest_of(text.encode()) for key, text in texts.items()},
        purpose_codes=dict(codes),
        outdated=dict(outdated),
    )


def purpose_digest(policy: Policy, texts: Mapping[tuple[str, str], str], key: str) -> str:
    """Return the digest of one purpose with every text it stands on."""
    purpose = policy.purposes[key]
    own = {at: text for at, text in texts.items() if at[0] in purpose.texts}
    return digest_of(canonical.dumps({"form": FORM, "purpose": key, "is": plain(purpose), "texts": nested(own)}))


def plain(part: Any) -> Any:
    """Return a model as JSON values."""
    return part.model_dump(mode="json", exclude_defaults=True)


def nested(texts: Mapping[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    """Return texts as language → key → text."""
    found: dict[str, dict[str, str]] = {}
    for (key, language), text in texts.items():
        found.setdefault(language, {})[key] = text
    return found
