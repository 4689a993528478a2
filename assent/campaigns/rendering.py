"""Puts a template into one person's words. Compiled once per process and version; a render is two string templates."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, fields

import mrml
from django.utils.html import urlize
from jinja2 import Template, TemplateError
from markupsafe import Markup

from assent.campaigns import models, rules
from assent.campaigns.contracts import Problem
from assent.dispatch.contracts import Links, NotRendered, Rendered
from assent.foundation import scope

__all__ = ["EditionRenderer", "Words", "compile_body", "put"]

# No web fonts: they would tell a third party of every mail that is opened.
RENDERING = mrml.RenderOptions(fonts={})
PARSING = mrml.ParserOptions(include_loader=mrml.noop_loader())
KEPT = 512
ADDED = tuple(field.name for field in fields(Links))

_HTML, _TEXT = rules.environment(escape=True), rules.environment(escape=False)


def compile_body(place: str, body: str, *, language: str) -> tuple[dict[str, str], list[Problem]]:
    """Return a body's HTML and plain part as Jinja sources, or what is wrong with it."""
    problems = rules.check_words(place, body)
    if problems:
        return {}, problems
    try:
        html = mrml.to_html(rules.with_footer(rules.as_mjml(body, language=language), language=language), PARSING, RENDERING)
    except OSError as error:
        return {}, [Problem(place, f"not MJML: {error}", "close every tag; see mjml.io for the elements")]
    text = body if rules.as_mjml(body, language=language) != body else rules.plain_of(_without_footer(body, language))
    return {"html": html.content, "text": rules.with_text_footer(text)}, []


def _without_footer(mjml: str, language: str) -> str:
    return mrml.to_html(rules.as_mjml(mjml, language=language), PARSING, RENDERING).content


@dataclass(frozen=True, slots=True)
class Words:
    """One language of a version, ready to be filled."""

    subject: Template
    html: Template
    text: Template

    @classmethod
    def of(cls, version: models.TemplateVersion, language: str) -> "Words":
        """Return a version's words in a language, else in its first."""
        spoken = language if language in version.compiled else next(iter(version.compiled))
        parts = version.compiled[spoken]
        return cls(
            _TEXT.from_string(version.subjects[spoken]), _HTML.from_string(parts["html"]), _TEXT.from_string(parts["text"])
        )


def put(words: Words, *, variables: Mapping[str, object], links: Links, sender: models.Edition | None) -> Rendered:
    """
    Fill words with a person's variables and the message's own.

    :raises NotRendered: if the template fails on these variables; the message tells the kind of failure and no value
    """
    filled = {**variables, **{name: getattr(links, name) for name in ADDED}}
    try:
        subject = " ".join(words.subject.render(filled).split())
        linked = {**filled, "source_line": _linked(links.source_line)} if "://" in links.source_line else filled
        html, text = words.html.render(linked), words.text.render(filled)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        message = f"the template fails on these variables: {type(error).__name__}"
        raise NotRendered(message) from None
    if sender is None:
        return Rendered(subject, html, text, "", "")
    return Rendered(subject, html, text, sender.sender_name, sender.sender_address, sender.reply_to)


def _linked(line: str) -> Markup:
    """Return a line for the HTML part, escaped, with the addresses in it to be followed."""
    return Markup(urlize(line, autoescape=True))  # noqa: S704 - urlize has escaped all else


class EditionRenderer:
    """Renders editions for dispatch (its port ``Renderer``)."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int, str], tuple[Words, models.Edition]] = OrderedDict()

    def render(
        self, *, controller: int, template: int, language: str, variables: Mapping[str, object], links: Links
    ) -> Rendered:
        """
        Return an edition in a person's words.

        :raises NotRendered: if the controller has no such edition, or its words fail on these variables
        """
        words, edition = self._found(controller, template, language)
        return put(words, variables={"language": language, **variables}, links=links, sender=edition)

    def _found(self, controller: int, template: int, language: str) -> tuple[Words, models.Edition]:
        # Editions never change, so what was read once holds.
        key = (controller, template, language)
        if key not in self._kept:
            with scope.controller(controller):
                edition = models.Edition.objects.select_related("version").filter(pk=template).first()
            if edition is None:
                message = f"this controller has no template {template}"
                raise NotRendered(message)
            self._kept[key] = (Words.of(edition.version, language), edition)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]
