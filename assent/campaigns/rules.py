"""
What a template may say: text, variables, filters, conditions and short loops. Nothing that calls, stores or includes.

The allowed parts are listed rather than the forbidden ones: a template that passes can't run for long, since it loops at
most two deep over the variables it is given, and can't reach anything but them (Jinja's sandbox stands behind that).
"""

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assent.campaigns.contracts import Problem

__all__ = [
    "FILTERS",
    "GIVEN",
    "LONGEST_SUBJECT",
    "SENDER_ADDRESS",
    "as_mjml",
    "check_words",
    "environment",
    "names_in",
    "plain_of",
    "sample",
    "variant",
    "with_footer",
    "with_text_footer",
]

LONGEST_BODY, LONGEST_SUBJECT = 200_000, 300  # characters; Gmail clips a mail beyond 102 KB, most clients a subject beyond 70
DEEPEST_LOOP = 2

FILTERS = {
    "capitalize", "d", "default", "e", "escape", "first", "int", "join", "last", "length", "lower", "round", "title", "trim",
    "truncate", "upper",
}  # fmt: skip
PARTS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.If, nodes.For,
    nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Getattr, nodes.Getitem,
    nodes.Keyword, nodes.Tuple,
)  # fmt: skip

# Names every message has; dispatch fills them from the policy.
GIVEN = frozenset({"unsubscribe", "source_line", "opt_out", "contact", "controller", "language"})
# A marketing message says where the address came from, whom to ask and how to stop (arts. 14(2)(f), 21(2) and (4)).
OWED = ("source_line", "contact", "unsubscribe")

STOP = {"en": "Unsubscribe", "ro": "Dezabonare"}
SENDER_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+").fullmatch
JINJA = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
BUTTON = re.compile(r"\[([^\]]{1,120})\]\((\S{1,2000}|\{\{.*?\}\})\)", re.DOTALL)


def environment(*, escape: bool) -> ImmutableSandboxedEnvironment:
    """Return a sandbox with the allowed filters and nothing else: no globals, tests or loaders."""
    made = ImmutableSandboxedEnvironment(autoescape=escape, trim_blocks=True, lstrip_blocks=True)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


_PARSER = environment(escape=True)


def check_words(place: str, source: str, *, longest: int = LONGEST_BODY) -> list[Problem]:
    """Return what is wrong with a template's source; nothing means it is safe to run."""
    if len(source) > longest:
        return [Problem(place, f"{len(source):,} characters", f"write at most {longest:,}")]
    if not source.strip():
        return [Problem(place, "no words", "write some")]
    try:
        tree = _PARSER.parse(source)
    except TemplateSyntaxError as error:
        return [Problem(f"{place}, line {error.lineno}", error.message or "syntax", "close every {{ }} and {% %}")]
    return list(dict.fromkeys(_faults(place, tree, 0)))


def _faults(place: str, node: nodes.Node, depth: int) -> list[Problem]:
    faults = []
    where = f"{place}, line {node.lineno}" if node.lineno else place
    if not isinstance(node, PARTS):
        kind = type(node).__name__.lower()
        faults.append(Problem(where, f"{kind!r} is not for templates", "use variables, filters, if and for"))
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        faults.append(Problem(where, f"no filter {node.name!r}", f"use one of {', '.join(sorted(FILTERS))}"))
    named = getattr(node, "name", None) if isinstance(node, nodes.Name) else getattr(node, "attr", None)
    if isinstance(named, str) and named.startswith("_"):
        faults.append(Problem(where, f"{named!r} is not a variable", "names do not start with _"))
    depth += isinstance(node, nodes.For)
    if depth > DEEPEST_LOOP:
        faults.append(Problem(where, f"loops {depth} deep", f"at most {DEEPEST_LOOP}"))
    return faults + [fault for child in node.iter_child_nodes() for fault in _faults(place, child, depth)]


def names_in(*sources: str) -> frozenset[str]:
    """Return the variables that sources ask for."""
    found: set[str] = set()
    for source in sources:
        tree = _PARSER.parse(source)
        names = list(tree.find_all(nodes.Name))
        found |= {name.name for name in names if name.ctx == "load"} - {name.name for name in names if name.ctx == "store"}
    return frozenset(found - {"loop"})


def as_mjml(body: str, *, language: str) -> str:
    """
    Return a body as MJML: as it is when it is MJML already, else its plain words laid out.

    Blank lines part paragraphs; ``[words](address)`` alone in one becomes a button.
    """
    if body.lstrip().startswith("<mjml"):
        return body
    blocks = []
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        button = BUTTON.fullmatch(paragraph.strip())
        if button:
            blocks.append(f'<mj-button href="{_escaped(button[2])}" align="left">{_escaped(button[1])}</mj-button>')
        else:
            blocks.append(f"<mj-text>{_escaped(paragraph).replace(chr(10), '<br />')}</mj-text>")
    return (
        f'<mjml lang="{language}"><mj-head><mj-attributes>'
        '<mj-all font-family="system-ui, -apple-system, Segoe UI, Roboto, Arial, sans-serif" />'
        '<mj-text font-size="16px" line-height="1.5" color="#22262e" />'
        '<mj-button background-color="#22568f" border-radius="8px" font-size="16px" />'
        '</mj-attributes></mj-head><mj-body background-color="#f9f8f6">'
        f'<mj-section background-color="#ffffff"><mj-column>{"".join(blocks)}</mj-column></mj-section>'
        "</mj-body></mjml>"
    )


def _escaped(words: str) -> str:
    """Escape words for markup and leave what stands between Jinja's braces alone."""
    parts = JINJA.split(words)
    return "".join(part if JINJA.fullmatch(part) else html.escape(part, quote=False).replace('"', "&quot;") for part in parts)


def with_footer(mjml: str, *, language: str) -> str:
    """Return MJML that carries what a message owes: its own placeholders, or a footer below."""
    if all(name in names_in(mjml) for name in OWED):
        return mjml
    stop = STOP.get(language, STOP["en"])
    footer = (
        '<mj-section><mj-column><mj-text font-size="13px" line-height="1.5" color="#5f6673">'
        "{% if source_line %}{{ source_line }}<br />{% endif %}"
        '{% if unsubscribe %}{{ opt_out }} <a href="{{ unsubscribe }}" style="color:#22568f">' + stop + "</a><br />{% endif %}"
        "{{ controller }} · {{ contact }}</mj-text></mj-column></mj-section>"
    )
    return mjml.replace("</mj-body>", f"{footer}</mj-body>", 1)


def with_text_footer(text: str) -> str:
    """Return the plain part with what a message owes below it, unless it says all of it itself."""
    if all(name in names_in(text) for name in OWED):
        return text
    return (
        f"{text.rstrip()}\n\n-- \n"
        "{% if source_line %}{{ source_line }}\n{% endif %}"
        "{% if unsubscribe %}{{ opt_out }} {{ unsubscribe }}\n{% endif %}"
        "{{ controller }} · {{ contact }}\n"
    )


class _Words(HTMLParser):
    """Collects the words of an HTML mail, with each link's address after its words."""

    BLOCKS = frozenset({"p", "div", "td", "tr", "table", "br", "h1", "h2", "h3", "li", "hr"})
    SILENT = frozenset({"head", "style", "script", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent += 1
        elif tag in self.BLOCKS:
            self.parts.append("\n")
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent -= 1
        elif tag in self.BLOCKS:
            self.parts.append("\n")
        elif tag == "a" and self._link:
            self.parts.append(f" {self._link}")
            self._link = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_of(compiled_html: str) -> str:
    """Return an HTML mail's words as plain text, placeholders kept (RFC 2046, 5.1.4: the plainest part comes first)."""
    reader = _Words()
    reader.feed(compiled_html)
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.parts).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def sample(language: str) -> Mapping[str, str]:
    """Return an invented person for previews."""
    first, last = ("Ioana", "Munteanu") if language == "ro" else ("Anna", "Example")
    return {"first_name": first, "last_name": last, "name": f"{first} {last}", "city": "Cluj-Napoca", "language": language}


def variant(*, occasion: str, subject: int, channel: str, shares: Sequence[int]) -> int:
    """
    Return which variant a person gets, as a position in ``shares`` (any positive weights).

    Drawn from a hash of the message's key, so that a second look, a retry or a resumed run draws the same.
    """
    drawn = hashlib.sha256(f"{occasion}\n{subject}\n{channel}".encode()).digest()
    point = int.from_bytes(drawn[:8], "big") % sum(shares)
    for position, share in enumerate(shares):
        if point < share:
            return position
        point -= share
    return len(shares) - 1
