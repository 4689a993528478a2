"""The banner's configuration as JSON: its words, its switches, and what each switch lets onto a device."""

from collections.abc import Mapping
from typing import Any

from assent.foundation import canonical
from assent.privacy.documents.contracts import Edition
from assent.privacy.policy.contracts import Banner, Policy

__all__ = ["banner", "banner_file"]

WORDS = ("title", "intro", "accept", "reject", "choose", "save", "reopen")


def banner(edition: Edition) -> dict[str, Any] | None:
    """
    Return the configuration a banner works by, or None if the policy has none.

    Every category is ``off`` until it is switched on; only ``necessary`` ones have no switch. A choice that was made under
    another ``digest`` may have been made about something else, and one older than ``ask_again_after`` is asked anew.
    """
    policy = edition.policy.policy
    if policy.banner is None:
        return None
    return {
        "controller": policy.controller.slug,
        "version": edition.stamp.number,
        "digest": edition.stamp.digest,
        "ask_again_after": policy.banner.ask_again_after,
        "languages": {language: _language(policy, policy.banner, language) for language in policy.controller.languages},
        "categories": [_category(edition, key) for key in policy.consent_categories],
    }


def banner_file(edition: Edition) -> Mapping[str, bytes]:
    """Return the configuration as a file in RFC 8785 form, if there is one: the same edition gives the same bytes."""
    found = banner(edition)
    return {} if found is None else {"banner.json": canonical.dumps(found)}


def _language(policy: Policy, words: Banner, language: str) -> dict[str, Any]:
    return {name: getattr(words, name).say(language) for name in WORDS} | {
        "categories": {
            key: {"title": category.title.say(language), "description": category.description.say(language)}
            for key, category in policy.consent_categories.items()
        },
        "cookies": {key: cookie.description.say(language) for key, cookie in policy.cookies.items()},
    }


def _category(edition: Edition, key: str) -> dict[str, Any]:
    policy = edition.policy.policy
    category = policy.consent_categories[key]
    return {
        "key": key,
        "necessary": category.necessary,
        "default": "on" if category.necessary else "off",
        "purposes": [
            {"key": name, "digest": edition.policy.purpose_digests[name]}
            for name, purpose in policy.purposes.items()
            if purpose.consent_category == key
        ],
        "cookies": [
            {
                "key": name,
                "name": cookie.name,
                "kind": cookie.kind.value,
                "supplier": cookie.supplier,
                "purpose": cookie.purpose,
                "lifetime": cookie.lifetime,
            }
            | ({"domain": cookie.domain} if cookie.domain else {})
            | ({"policy": cookie.policy} if cookie.policy else {})
            for name, cookie in policy.cookies.items()
            if cookie.category == key
        ],
    }
