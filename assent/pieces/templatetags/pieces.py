"""Tags of the pieces every face shares; each is shown on the style guide."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import ndiff
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as _

from assent.pieces import charts
from assent.pieces.days import day

register = template.Library()

MEANINGS = {"permitted", "waiting", "refused", "held", "plain", "active"}
THEMES = {"light", "dark"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon; words beside it say the same, so it is hidden from a screen reader."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("theme/icons.svg"), name)


@register.simple_tag
def status(meaning: str, word: object) -> SafeString:
    """
    Write a status word with its colour and shape.

    :raises ValueError: for a meaning without a colour
    """
    if meaning not in MEANINGS:
        message = f"status {meaning!r}: use one of {', '.join(sorted(MEANINGS))}"
        raise ValueError(message)
    return format_html('<span class="status {}">{}</span>', meaning, word)


@register.filter
def grouped(number: float | None) -> str:
    """Write a number with the reader's digit groups."""
    return "–" if number is None else formats.number_format(number, use_l10n=True, force_grouping=True)


@register.filter
def money(minor: int | None, currency: str = "") -> str:
    """Write hundredths as an amount with its currency."""
    if minor is None:
        return "–"
    amount = formats.number_format(minor / 100, 2, use_l10n=True, force_grouping=True)
    return f"{amount} {currency}".strip()


@register.simple_tag
def moment(at: datetime | None, *, clock: bool = True) -> SafeString | str:
    """Write a moment as the reader says it, with the exact instant on hover."""
    if at is None:
        return "–"
    here, now = timezone.localtime(at), timezone.localtime()
    time = f"{here:%H:%M}"
    if here.date() == now.date():
        words = time if clock else _("today")
    else:
        on = day(here, year=here.year != now.year)
        words = f"{on}, {time}" if clock else on
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), here.isoformat(" ", "seconds"), words)


@register.inclusion_tag("pieces/figure.html")
def figure(label: str, value: int, note: str = "", of: int | None = None, href: str = "") -> Mapping[str, Any]:
    """Show a number with what it is a part of."""
    return {"label": label, "value": value, "note": note, "of": of, "href": href}


@register.inclusion_tag("pieces/chart.html")
def chart(drawing: charts.Chart) -> Mapping[str, Any]:
    """Draw a chart, its numbers behind a switch."""
    return {"chart": drawing}


@register.inclusion_tag("pieces/bars.html")
def bars(rows: Iterable[tuple[object, int]], caption: str, hue: int = 1) -> Mapping[str, Any]:
    """List numbers, each with a bar as long as its part of the largest."""
    rows = list(rows)
    most = max((value for _name, value in rows), default=0)
    drawn = [{"name": name, "value": value, "length": charts.share(value, most)} for name, value in rows]
    return {"rows": drawn, "caption": caption, "hue": hue}


@register.inclusion_tag("pieces/timeline.html")
def timeline(entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """List what happened, newest first: ``at``, ``title``, ``detail``, ``meaning``."""
    return {"entries": entries}


@register.inclusion_tag("pieces/progress.html")
def progress(done: int, total: int, words: str = "") -> Mapping[str, Any]:
    """Show how far long work is: done, of how many, and what is going on."""
    return {"done": done, "total": total, "words": words, "percent": 100 * done // total if total else 0}


@register.inclusion_tag("pieces/diff.html")
def diff(before: str, after: str) -> Mapping[str, Any]:
    """Show two texts line by line: kept, gone, new."""
    kinds = {"  ": "span", "- ": "del", "+ ": "ins"}
    lines = ndiff(before.splitlines(), after.splitlines())
    return {"lines": [(kinds[line[:2]], line[2:]) for line in lines if line[:2] in kinds]}


@register.inclusion_tag("pieces/empty.html")
def empty(title: str, words: str, symbol: str = "overview", action: str = "", href: str = "") -> Mapping[str, Any]:
    """Say what would stand here and what to do to get it."""
    return {"title": title, "words": words, "symbol": symbol, "action": action, "href": href}


@register.inclusion_tag("pieces/field.html")
def field(bound: BoundField) -> Mapping[str, Any]:
    """Show a form field with its label, help and error, tied together for a screen reader."""
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_wrong"] if bound.errors else []
    extra: dict[str, Any] = {}
    if described:
        extra["aria-describedby"] = " ".join(described)
    if bound.errors:
        extra["aria-invalid"] = "true"
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=extra),
        "tick": isinstance(bound.field.widget, CheckboxInput),
    }


@register.filter(name="day")
def _day(of: date) -> str:
    """Write a day with its year."""
    return day(of, year=True)


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """Return the reader's chosen theme, or nothing: then the device's preference holds."""
    chosen = context["request"].COOKIES.get("assent_theme", "")
    return chosen if chosen in THEMES else ""


@register.simple_tag
def language() -> str:
    """Return the language of the page."""
    return get_language() or "en"


@register.simple_tag
def local(words: Any, language: str) -> str:
    """Write words of a policy in a language; nothing where there are none."""
    return words.say(language) if words is not None else ""
