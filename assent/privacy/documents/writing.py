"""Short ways to write blocks."""

from collections.abc import Sequence

from assent.privacy.documents.contracts import Facts, Items, Paragraph, Run, Runs, Table
from assent.privacy.documents.phrases import clause

__all__ = [
    "article",
    "cells",
    "code",
    "facts",
    "items",
    "link",
    "mail",
    "paragraphs",
    "plain",
    "reference",
    "table",
    "telephone",
]


def plain(text: str) -> Runs:
    """Return text as one run."""
    return (Run(text),)


def code(text: str) -> Run:
    """Return small print: a term of a vocabulary, a technical name."""
    return Run(text, quiet=True)


def article(of: str, language: str) -> Run:
    """Return an article of law in small print, to follow a sentence; ``of`` is written as ``gdpr:6(1)(a)``."""
    return Run(f" · {clause(of, language)}", quiet=True)


def reference(section: str, text: str) -> Run:
    """Return a way to another section of the document."""
    return Run(text, href=f"#{section}")


def link(address: str, text: str = "") -> Run:
    """Return a way to a page."""
    return Run(text or address.removeprefix("https://").rstrip("/"), href=address)


def mail(address: str) -> Run:
    """Return an e-mail address to write to."""
    return Run(address, href=f"mailto:{address}")


def telephone(number: str) -> Run:
    """Return a number to call."""
    return Run(number, href=f"tel:{''.join(sign for sign in number if sign.isdigit() or sign == '+')}")


def lines(*each: Runs) -> Runs:
    """Return runs under one another."""
    return tuple(run for at, runs in enumerate(each) for run in ((Run("\n"), *runs) if at else runs))


def link_list(links: Sequence[Run]) -> Runs:
    """Return links one after the other, with commas between them."""
    return tuple(run for at, one in enumerate(links) for run in ((Run(", "), one) if at else (one,)))


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Return a text of several paragraphs, kept apart by empty lines."""
    return tuple(Paragraph(plain(part.strip())) for part in text.split("\n\n") if part.strip())


def cells(*texts: str | Runs) -> tuple[Runs, ...]:
    """Return a row of a table."""
    return tuple(plain(text) if isinstance(text, str) else text for text in texts)


def table(caption: str, head: tuple[str, ...], *rows: tuple[Runs, ...]) -> tuple[Table, ...]:
    """Return a table, or nothing if it would have no rows."""
    return (Table(caption, head, rows),) if rows else ()


def items(*texts: str | Runs) -> tuple[Items, ...]:
    """Return a list, or nothing if it would have no entries."""
    return (Items(cells(*texts)),) if texts else ()


def facts(*pairs: tuple[str, str | Runs] | None) -> tuple[Facts, ...]:
    """Return a definition list of the pairs that are something, or nothing if there are none."""
    told = tuple((term, plain(said) if isinstance(said, str) else said) for term, said in filter(None, pairs))
    return (Facts(told),) if told else ()
