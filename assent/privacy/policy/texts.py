"""The texts of a bundle: ``texts/<language>/<key>.md``, read, tidied and filled in as people will see them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic_core import PydanticCustomError

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Finding, InvalidPolicy, Policy, Severity
from assent.privacy.policy.files import Files
from assent.privacy.policy.parts import plain_words

__all__ = ["Texts", "read_texts", "tidy"]

MAX_TEXT = 20_000


@dataclass(slots=True)
class Texts:
    """What the texts say, by key and language; the file each stands in; what is wrong with them."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_texts(policy: Policy, files: Files, folders: list[str]) -> Texts:
    """Read every declared text in every language; a bundle's own file stands before the one it extends."""
    texts = Texts()
    for language in policy.controller.languages:
        for key in policy.texts:
            stems = [f"{folder}/texts/{language}/{key}" for folder in folders]
            read_one(texts, policy, files, stems)
    texts.findings.extend(undeclared(policy, files))
    return texts


def read_one(texts: Texts, policy: Policy, files: Files, stems: list[str]) -> None:
    """Read one text in one language from the first place it stands in."""
    language, key = stems[0].split("/")[-2:]
    path = next(filter(files.has, (f"{stem}.{end}" for stem in stems for end in ("md", "txt"))), None)
    if path is None:
        message, cure = f"the text {key!r} is not written in {language!r}", f"write texts/{language}/{key}.md"
        texts.findings.append(finding(files.shown(f"{stems[0]}.md"), key, message, cure, Code.TEXT_MISSING))
        return
    try:
        texts.words[key, language] = filled(tidy(files.read(path)), policy)
        texts.shown[key, language] = files.shown(path)
    except PydanticCustomError as error:
        context = error.context or {}
        texts.findings.append(finding(files.shown(path), key, context["message"], context["cure"], Code.TEXT))
    except InvalidPolicy as invalid:
        texts.findings.extend(invalid.findings)


def undeclared(policy: Policy, files: Files) -> Iterator[Finding]:
    """Name the files no part of the policy knows."""
    for path in files.texts():
        _, language, name = path.split("/")
        key = name.rsplit(".", 1)[0]
        if key not in policy.texts or language not in policy.controller.languages:
            message, cure = "the policy declares no such text", "declare it under `texts:`, or delete the file"
            yield finding(files.shown(path), key, message, cure, Code.TEXT_UNDECLARED)


def finding(file: str, key: str, message: str, cure: str, code: Code) -> Finding:
    """Return an error about a text file."""
    clause = "gdpr:12(1)" if code is Code.TEXT_MISSING else ""
    return Finding(Severity.ERROR, file, 1, f"texts.{key}", message, cure, code, clause)


def tidy(text: str) -> str:
    """Return a text as it is digested: composed characters, single line ends, no stray white space around."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    clean = plain_words("\n".join(line.rstrip() for line in lines))
    if len(clean) > MAX_TEXT:
        message, cure = f"the text is longer than {MAX_TEXT} characters", "shorten it"
        raise PydanticCustomError("assent", "{message}", {"message": message, "cure": cure})
    return clean


def filled(text: str, policy: Policy) -> str:
    """Put the controller's name and contact into a text shared by several bundles: what is digested is what is shown."""
    words = {"{controller}": policy.controller.name, "{contact}": policy.controller.contact.email}
    for word, value in words.items():
        text = text.replace(word, value)
    if left := re.search(r"\{[^{}\s]*\}", text):
        message = f"{left[0]!r} is not filled in"
        cure = f"only {' and '.join(words)} are; write other words out"
        raise PydanticCustomError("assent", "{message}", {"message": message, "cure": cure})
    return text
