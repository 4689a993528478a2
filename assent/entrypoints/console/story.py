"""One person's story: events, messages and choices in one line of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from assent.dispatch.contracts import MessageInfo, State
from assent.entrypoints.console import reasons, words
from assent.foundation.clock import from_millis
from assent.pieces.templatetags.pieces import money
from assent.privacy.consent.contracts import Choice, ConsentRecord
from assent.privacy.policy.contracts import Compiled

__all__ = ["METHODS", "STATES", "Moment", "told"]

STATES: Mapping[str, tuple[Any, str]] = {
    State.DUE: (gettext_lazy("waiting"), "waiting"),
    State.HELD: (gettext_lazy("held back"), "held"),
    State.HANDING_OVER: (gettext_lazy("being handed over"), "active"),
    State.SENT: (gettext_lazy("sent"), "permitted"),
    State.REFUSED: (gettext_lazy("refused at hand-over"), "refused"),
    State.FAILED: (gettext_lazy("failed"), "refused"),
    State.UNKNOWN: (gettext_lazy("unknown: it may have left"), "waiting"),
    State.CANCELLED: (gettext_lazy("cancelled"), "plain"),
}

METHODS: Mapping[str, Any] = {
    "web_form": gettext_lazy("a form on the site"),
    "banner": gettext_lazy("the cookie banner"),
    "double_opt_in": gettext_lazy("a confirmed e-mail"),
    "one_click": gettext_lazy("one click in the mail"),
    "api": gettext_lazy("the API"),
    "event": gettext_lazy("an event"),
    "console": gettext_lazy("this console"),
    "paper": gettext_lazy("paper"),
    "phone": gettext_lazy("phone"),
    "import": gettext_lazy("an import"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the line."""

    at: datetime
    title: str
    detail: str = ""
    meaning: str = "plain"
    amount: str = ""
    href: str = ""


def told(
    events: Sequence[Mapping[str, Any]],
    messages: Sequence[MessageInfo],
    records: Sequence[ConsentRecord],
    policy: Compiled | None,
    titles: Mapping[str, str],
) -> list[Moment]:
    """
    Return everything newest first.

    :param titles: names of campaigns by the start of the occasion of their messages, ``campaign:7``
    """
    moments = [
        *(_event(row, policy) for row in events),
        *_messages(messages, policy, titles),
        *(_choice(record, policy) for record in records),
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _event(row: Mapping[str, Any], policy: Compiled | None) -> Moment:
    declared = policy.event(row["kind"], row["event"]) if policy else None
    title = words.local(declared.title) if declared else row["event"] or row["kind"]
    if named := row["properties"].get("name") or row["properties"].get("title"):
        title = f"{title}: {named}"
    parts = [_("for: %s") % ", ".join(words.purpose(policy, key) for key in row["purposes"])]
    products = row["properties"].get("products")
    if isinstance(products, list) and products:
        parts.append(ngettext("%d product", "%d products", len(products)) % len(products))
    value = row.get("value_minor")
    return Moment(
        from_millis(row["occurred_ms"]),
        title,
        " · ".join(parts),
        "active" if value is not None else "plain",
        money(value, row.get("currency") or "") if value is not None else "",
    )


def _messages(messages: Sequence[MessageInfo], policy: Compiled | None, titles: Mapping[str, str]) -> Iterator[Moment]:
    for message in messages:
        state, meaning = STATES[message.state]
        name = titles.get(message.occasion.rpartition(":")[0], words.purpose(policy, message.purpose))
        title = _("%(channel)s “%(name)s”") % {"channel": str(words.CHANNELS[message.channel]).capitalize(), "name": name}
        parts = [str(state), reasons.reason(message.why) if message.why else "", words.purpose(policy, message.purpose)]
        yield Moment(message.done_at or message.made_at, title, " · ".join(part for part in parts if part), meaning)


def _choice(record: ConsentRecord, policy: Compiled | None) -> Moment:
    about = {"purpose": words.purpose(policy, record.purpose), "channel": words.CHANNELS[record.channel]}
    given = record.choice is Choice.GIVEN
    title = _("Consented: %(purpose)s, %(channel)s") % about if given else _("Said no: %(purpose)s, %(channel)s") % about
    detail = [_("by %s") % METHODS.get(record.method, record.method)]
    if record.text_digest:
        detail.append(_("wording %s") % f"{record.text_digest[:8]}…")
    return Moment(record.at, title, " · ".join(detail), "permitted" if given else "held")
