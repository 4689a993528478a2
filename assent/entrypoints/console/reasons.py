"""Why something was refused, in the reader's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy as _

from assent.dispatch.contracts import Stopped
from assent.ingest.contracts import SENTENCES as AT_THE_GATE
from assent.privacy.lawfulness.contracts import Why

__all__ = ["by_count", "reason"]

AT_HAND_OVER: Mapping[str, Any] = {
    Stopped.NO_ADDRESS: _("There is no address for this channel."),
    Stopped.ERASED: _("The person was erased."),
    Stopped.NOT_RENDERED: _("The message could not be put into words."),
    Stopped.NO_WAY_OUT: _("The message had no opt-out, source or contact."),
    Stopped.HAD_IT: _("This address had the message before the house was restored."),
    Stopped.NO_SOURCE: _("The message did not say where the person’s data came from."),
    Stopped.GIVEN_UP: _("The receiver was out of reach at every attempt."),
}


def reason(code: str) -> str:
    """Return the sentence for a reason; one this version doesn't know is shown as it is."""
    spoken = (get_language() or "en")[:2]
    if code in AT_THE_GATE:
        return AT_THE_GATE[code][1 if spoken == "ro" else 0]
    if code in AT_HAND_OVER:
        return str(AT_HAND_OVER[code])
    return Why(code).sentence(spoken) if code in set(Why) else code


def by_count(counts: Mapping[Any, int]) -> Sequence[tuple[str, int]]:
    """Return sentences with their counts, the largest first."""
    return [(reason(code), count) for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count]
