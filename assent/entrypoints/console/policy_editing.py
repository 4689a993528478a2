"""A draft under somebody's hands: where in it they are, what they typed, and what is wrong with it so far."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse

from assent.entrypoints.console.policy_filled import Filled
from assent.entrypoints.console.policy_form import Field, Form, Group
from assent.entrypoints.console.policy_shapes import Part
from assent.entrypoints.console.policy_words import SECTIONS, label, title
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import DraftInfo, Finding, InvalidPolicy, Policy, Severity

__all__ = ["POLICY", "Sheet", "Unfinished", "Wrong", "inside", "is_key", "linked", "loaded", "parts", "wrong"]

POLICY = "policy.yaml"
RETENTION = "retention"
CONTENT = "content."
KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


class Unfinished(ValueError):
    """What is being written does not hold together yet, so it can't be shown as a whole."""


def loaded(files: Mapping[str, str], *, on: date) -> Any:
    """
    Return a draft's policy and texts.

    :raises Unfinished: if it has errors
    """
    try:
        return policy.load_files(files, on=on)
    except InvalidPolicy:
        raise Unfinished from None


def is_key(text: str) -> bool:
    """Say whether a text may be the key of an entry."""
    return KEY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A finding where a person meets it: the part it is in, and the page to mend it on."""

    finding: Finding
    where: str
    href: str

    @property
    def error(self) -> bool:
        """Whether it stops publication."""
        return self.finding.severity is Severity.ERROR


def wrong(findings: Sequence[Finding], whole: Any, language: str) -> list[Wrong]:
    """Return findings with the part each is in, the errors first."""
    found = [Wrong(one, *linked(one, whole, language)) for one in findings]
    return sorted(found, key=lambda one: not one.error)


def inside(one: Wrong, path: tuple[str, ...]) -> bool:
    """Say whether a finding is about a part, or something in it."""
    place = one.finding.place
    if path == (RETENTION,):
        return f".{RETENTION}" in place
    part = ".".join(path)
    return not part or place == part or place.startswith(f"{part}.")


def linked(finding: Finding, whole: Any, language: str) -> tuple[str, str]:
    """Return what the part a finding is in is called, and its page."""
    section, _, rest = finding.place.partition(".")
    key = rest.split(".")[0]
    if section not in Policy.model_fields:
        return finding.file, f"{reverse('console:policy-draft-file')}#line-{finding.line}"
    members = whole.get(section) if isinstance(whole, dict) else None
    called = label(section, language)
    if isinstance(members, dict) and key in members and Part((section,), whole, language).shape.kind == "map":
        named = title(members[key], key, language)
        return f"{called}: {named}", reverse("console:policy-draft-entry", args=[section, key])
    return called, reverse("console:policy-draft-part", args=[section])


@dataclass
class Sheet:
    """
    One part of a draft on the desk.

    :param path: ``("purposes", "news")``, ``("controller",)``, ``("retention",)``; empty for the whole file
    :param typed: files as they are being typed, not saved yet
    """

    draft: DraftInfo
    path: tuple[str, ...]
    language: str
    at: datetime
    controller: int
    typed: dict[str, str | None] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """All files, with what is being typed."""
        return {path: text for path, text in {**self.draft.files, **self.typed}.items() if text is not None}

    @property
    def text(self) -> str:
        """The policy as YAML."""
        return self.files.get(POLICY, "")

    @property
    def whole(self) -> Any:
        """The policy as plain data; None while it can't be read."""
        try:
            return policy.read_yaml(self.text, POLICY).data
        except InvalidPolicy:
            return None

    def findings(self) -> list[Finding]:
        """Check it as it stands."""
        return policy.check_draft(controller=self.controller, at=self.at, files=self.files)

    def lines(self) -> tuple[int, int] | None:
        """Return the first and last line of the part in the file; None if it is not written there, or can't be read."""
        if not self.path:
            return 1, max(1, len(self.text.splitlines()))
        try:
            return policy.lines_of(policy.read_yaml(self.text, POLICY), self.text, self.path)
        except (InvalidPolicy, KeyError):
            return None

    def part(self) -> str:
        """Return the lines of the part."""
        lines = self.lines()
        return "\n".join(self.text.splitlines()[lines[0] - 1 : lines[1]]) if lines else ""

    def fields(self, findings: Sequence[Finding]) -> list[Field | Group] | None:
        """Return the form of the part; None while the YAML can't be read."""
        whole = self.whole
        if whole is None or not self.path:
            return None
        if self.path == (RETENTION,):
            purposes = whole.get("purposes")
            return [self._retention(key, whole, findings) for key in (purposes if isinstance(purposes, dict) else {})]
        drawn = Form(self.path, whole, self.language, findings).fields()
        return [*drawn, *self._contents(whole, findings)]

    def _retention(self, key: str, whole: Any, findings: Sequence[Finding]) -> Field | Group:
        drawn = Form(("purposes", key), whole, self.language, findings).one(RETENTION)
        drawn.label = title(whole["purposes"][key], key, self.language)
        if isinstance(drawn, Group):
            drawn.kind = "chapter"
        return drawn

    def _contents(self, whole: Any, findings: Sequence[Finding]) -> list[Field | Group]:
        """Return fields for what a text says, in each language."""
        if self.path[0] != "texts" or len(self.path) < 2:
            return []
        key, said = self.path[1], [one for one in findings if one.place == f"texts.{self.path[1]}"]
        children: list[Field | Group] = []
        for language in Part(self.path, whole, self.language).languages:
            path = policy.text_path(key, language)
            problems = [f"{one.message} → {one.cure}" for one in said if one.file.endswith(path)]
            children.append(
                Field(
                    CONTENT + language, "text", label("text", self.language), self.files.get(path, "").rstrip("\n"),
                    language=language, required=True, problems=problems,
                )
            )  # fmt: skip
        words = Group("content", label("text", self.language), children, kind="local")
        return [Group("", "", [words], kind="chapter")]

    def type(self, post: QueryDict) -> None:
        """
        Take up what somebody typed: in the form, or in the lines of YAML beside it.

        :raises InvalidPolicy: if a form is to be laid into YAML that can't be read
        """
        if post.get("view") == "yaml":
            self._type_yaml(post.get("yaml", "").replace("\r\n", "\n"))
        else:
            self._type_form(post)

    def _type_yaml(self, typed: str) -> None:
        lines = self.lines()
        if not self.path:
            self.typed[POLICY] = typed if typed.endswith("\n") else f"{typed}\n"
        elif lines:
            self.typed[POLICY] = policy.replaced(self.text, *lines, typed)
        else:
            self.typed[POLICY] = self.text.rstrip("\n") + f"\n\n{typed.strip()}\n"

    def _type_form(self, post: QueryDict) -> None:
        whole = policy.read_yaml(self.text, POLICY).data
        if self.path == (RETENTION,):
            for key in whole.get("purposes", {}):
                value = Filled(("purposes", key), whole, self.language).one(RETENTION, post)
                self._lay(("purposes", key, RETENTION), value)
            return
        value = Filled(self.path, whole, self.language).read(post)
        self._lay(self.path, {} if value is None and len(self.path) > 1 else value)
        if self.path[0] == "texts" and len(self.path) > 1:
            for language in Part(self.path, whole, self.language).languages:
                if (said := post.get(CONTENT + language)) is not None:
                    text = said.replace("\r\n", "\n").strip()
                    self.typed[policy.text_path(self.path[1], language)] = f"{text}\n" if text else None

    def _lay(self, path: tuple[str, ...], value: Any) -> None:
        self.typed[POLICY] = policy.edited(self.text, path, value)

    def add(self, key: str) -> None:
        """Add an empty entry to the part, for somebody to fill in."""
        self._lay((*self.path, key), {})

    def remove(self) -> None:
        """Take the part out; of a text, what it says as well."""
        self._lay(self.path, None)
        if self.path[0] == "texts":
            self.typed |= {
                path: None for path in self.files if path.startswith("texts/") and path.endswith(f"/{self.path[1]}.md")
            }

    def changed(self) -> dict[str, str | None]:
        """Return the files that say something else than what is saved."""
        return {path: text for path, text in self.typed.items() if self.draft.files.get(path) != text}


def parts(whole: Any, section: str, language: str) -> list[tuple[str, str]]:
    """
    Return the entries of a part as key and title.

    :raises Http404: if there is no such part
    """
    if section not in SECTIONS:
        raise Http404
    members: Mapping[str, Any] = whole.get(section) if isinstance(whole.get(section), dict) else {}
    return [(str(key), title(member, str(key), language)) for key, member in members.items()]
