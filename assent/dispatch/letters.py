"""
Letters: what the house itself has to tell one person, apart from any campaign: a code, an answer, a warning.

Their words lie sealed in the message's variables, are put on paper at hand-over and emptied with it, so a code that opens
something is nowhere in clear. The gate asks about a letter as about every message: its purpose and basis are declared.
"""

import json
from collections.abc import Mapping

from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe

from assent.dispatch.contracts import Letter, Links, NotRendered, Rendered

__all__ = ["rendered", "variables"]

PAPER = (
    '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>{}</title></head>'
    '<body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif">'
    '<div style="max-width:560px;margin:0 auto">{}{}'
    '<p style="margin:32px 0 0;padding-top:16px;border-top:1px solid #8a909c;font-size:13px">{}</p></div></body></html>'
)
BUTTON = (
    '<p style="margin:24px 0"><a href="{}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
    'background:#22568f;color:#fff;text-decoration:none;font-weight:600">{}</a></p>'
)
LINE = '<p style="margin:0 0 16px">{}</p>'
FIGURE = '<p style="margin:0 0 16px;font-size:30px;letter-spacing:6px;font-weight:600;font-variant-numeric:tabular-nums">{}</p>'


def variables(letter: Letter) -> dict[str, object]:
    """Return a letter as the variables of a message."""
    return {
        "language": letter.language,
        "subject": letter.subject,
        "lines": list(letter.lines),
        "code": letter.code,
        "link": letter.link,
        "link_words": letter.link_words,
    }


def _linked(line: str) -> SafeString:
    """Return a line, escaped, with the addresses in it to be followed."""
    return mark_safe(urlize(line, autoescape=True))  # noqa: S308 - urlize has escaped all else


def rendered(given: Mapping[str, object], *, language: str, links: Links) -> Rendered:
    """
    Return a letter on paper, signed by the controller, in the language it was written in.

    :raises NotRendered: if these are not the variables of a letter
    """
    try:
        letter = Letter(
            language=language, subject=str(given["subject"]), lines=tuple(map(str, list(given["lines"]))),  # type: ignore[call-overload]
            code=str(given["code"]), link=str(given["link"]), link_words=str(given["link_words"]),
        )  # fmt: skip
    except (KeyError, TypeError):
        message = f"these are not the words of a letter: {json.dumps(sorted(given))[:200]}"
        raise NotRendered(message) from None
    owed = (links.source_line, links.opt_out, links.unsubscribe)
    signed = [*(line for line in owed if line), f"{links.controller} · {links.contact}"]
    spoken = [format_html(LINE, line) for line in letter.lines]
    if letter.code:
        spoken.insert(1, format_html(FIGURE, letter.code))
    html = format_html(
        PAPER,
        language,
        letter.subject,
        format_html_join("", "{}", [(one,) for one in spoken]),
        format_html(BUTTON, letter.link, letter.link_words) if letter.link else "",
        format_html_join(mark_safe("<br>"), "{}", [(_linked(line),) for line in signed]),
    )
    words = list(letter.lines)
    if letter.code:
        words.insert(1, letter.code)
    if letter.link:
        words.append(f"{letter.link_words}: {letter.link}")
    text = "\n\n".join(words) + "\n\n-- \n" + "\n".join(signed) + "\n"
    return Rendered(" ".join(letter.subject.split()), html, text, links.controller, links.contact, links.contact)
