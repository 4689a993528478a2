"""Words for what a recipient may be told not to do with the data. A connector asks under the same words."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assent.privacy.policy.parts import Recipient

__all__ = ["FEATURES", "misspelt"]

FEATURES: Mapping[str, str] = {
    "ad_personalization": "showing advertising chosen by what the recipient knows of a person",
    "ad_user_data": "sending data of people to measure or aim advertising",
    "advanced_matching": "sending hashed names or addresses along with what a page reports",
    "advertising_features": "joining visits with the recipient's own advertising data",
    "click_tracking": "leading links in messages through the recipient",
    "conversions_api": "reporting purchases and sign-ups from a server",
    "cross_customer_use": "using the data for other customers of the recipient",
    "custom_audiences": "uploading lists of people to address them there",
    "custom_conversions": "defining events of one's own to measure or aim advertising by",
    "customer_match": "matching uploaded addresses with the recipient's accounts",
    "enrichment": "adding what the recipient knows of a person",
    "google_signals": "joining visits with the accounts people are logged in to",
    "lookalike": "looking for people who resemble those uploaded",
    "matched_audiences": "matching uploaded lists with the recipient's members",
    "model_training": "training models with the data",
    "open_tracking": "telling whether a message was opened",
}
"""Known words and what each means. Others may be used: a recipient can have a feature nobody else has."""


def misspelt(recipient: "Recipient") -> Iterator[tuple[int, str, str]]:
    """
    Return the places of words that are nearly a known one, with the word that was probably meant.

    Such an exclusion would exclude nothing: a connector asks under the known word.
    """
    for at, word in enumerate(recipient.instructions.excluded_features if recipient.instructions else ()):
        near = [] if word in FEATURES else get_close_matches(word, FEATURES, 1, cutoff=0.8)
        if near:
            yield at, word, near[0]
