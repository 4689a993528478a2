"""Documents: build what a policy says, show it, and keep what was shown."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

from assent.audit.contracts import Actor
from assent.foundation import clock
from assent.privacy.breaches.contracts import BreachInfo
from assent.privacy.documents import shelf
from assent.privacy.documents.binding import KIND_OF, bound, unbound
from assent.privacy.documents.breach import gaps as breach_gaps, to_authority, to_controller
from assent.privacy.documents.breach_people import letter as breach_letter, to_people
from assent.privacy.documents.briefly import Brief, briefly
from assent.privacy.documents.changes import changed_sections
from assent.privacy.documents.cnil import to_cnil
from assent.privacy.documents.contracts import Document, Edition, Kind, Stamp
from assent.privacy.documents.ended import Ended, ended, ended_letter
from assent.privacy.documents.forms import write as to_json
from assent.privacy.documents.html import to_html, to_page
from assent.privacy.documents.kinds import FILES, KINDS
from assent.privacy.documents.markdown import to_markdown
from assent.privacy.documents.origin import OriginLetter, origin_letter, origin_line
from assent.privacy.documents.pdf import to_pdf
from assent.privacy.documents.saying import field_name, term_of
from assent.privacy.documents.shelf import titles as kept_titles
from assent.privacy.documents.words import LANGUAGES
from assent.privacy.documents.xlsx import to_xlsx
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import NoPolicy, Policy, UnknownVersion
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementInfo, AgreementKind, AgreementText

__all__ = [
    "KINDS",
    "LANGUAGES",
    "Brief",
    "Ended",
    "OriginLetter",
    "accept_agreement",
    "agreement_documents",
    "agreement_text",
    "artefacts",
    "breach_document",
    "breach_gaps",
    "breach_letter",
    "briefly",
    "build",
    "changed_sections",
    "documents",
    "edition",
    "edition_from",
    "edition_of",
    "ended",
    "ended_letter",
    "field_name",
    "keep",
    "kept",
    "kept_titles",
    "languages",
    "offer_agreement",
    "origin_letter",
    "origin_line",
    "term_of",
    "to_cnil",
    "to_html",
    "to_json",
    "to_markdown",
    "to_page",
    "to_pdf",
    "to_xlsx",
]


def edition(*, controller: int, number: int | None = None) -> Edition:
    """
    Return a published version to render from, the newest unless a number says which.

    :raises NoPolicy: if the controller has published none
    :raises UnknownVersion: if there is none with that number
    """
    versions = policies.versions(controller=controller)
    if not versions:
        raise NoPolicy(f"controller {controller} has published no policy: run `assent policy publish`")
    wanted = [version for version in versions if number is None or version.number <= number][:2]
    if not wanted or number not in (None, wanted[0].number):
        raise UnknownVersion(f"controller {controller} has no version {number}: `assent policy versions` lists them")
    found: Edition | None = None
    for version in reversed(wanted):
        compiled = policies.at_number(controller=controller, number=version.number)
        published_at = version.published_at.astimezone(ZoneInfo(compiled.policy.controller.time_zone))
        found = Edition(compiled, Stamp(version.number, version.digest, published_at), before=found)
    assert found is not None  # noqa: S101 - there was one to go through
    return found


def edition_of(*, bundle: Path, before: Edition | None = None) -> Edition:
    """
    Return a bundle that is not published, to render as a draft; ``before`` is what it would replace.

    :raises InvalidPolicy: if it has errors
    """
    loaded = policies.load(bundle)
    return edition_from(policy=loaded.policy, texts=loaded.texts, before=before)


def edition_from(*, policy: Policy, texts: Mapping[tuple[str, str], str], before: Edition | None = None) -> Edition:
    """Return a policy that is still being written, to render as a draft; ``before`` is what it would replace."""
    compiled = policies.draft(policy=policy, texts=texts)
    return Edition(compiled, Stamp(0, compiled.digest, None), before=before)


def languages(policy: Policy) -> tuple[str, ...]:
    """Return the policy's languages that documents are written in, its first one first."""
    return tuple(language for language in policy.controller.languages if language in LANGUAGES)


def build(*, edition: Edition, kind: Kind, language: str, solution: str = "") -> Document:
    """
    Build one document.

    :param solution: for an agreement: which one it is about
    :raises LookupError: if this policy has no such document, or not in that language
    """
    policy = edition.policy.policy
    written = KINDS.get(kind)
    if language not in languages(policy):
        raise LookupError(f"there are no documents in {language!r}: this policy has {', '.join(languages(policy))}")
    if written and written.build and not solution and written.needed(policy):
        return written.build(edition, language)
    if written and written.build_for and solution in written.solutions(policy):
        return written.build_for(edition, language, solution)
    raise LookupError(f"this policy has no {kind}{f' for {solution!r}' if solution else ''}")


def breach_document(*, edition: Edition, kind: Kind, language: str, breach: BreachInfo, at: datetime) -> Document:
    """
    Build what is written about a breach, as far as it is known.

    :param at: now: what is late, and when it was drawn up
    :raises LookupError: if the kind is none of these, the language has no documents, or nobody works for the controller
    """
    if language not in languages(edition.policy.policy):
        raise LookupError(f"there are no documents in {language!r}")
    match kind:
        case Kind.BREACH_TO_AUTHORITY:
            return to_authority(edition, language, breach, at=at)
        case Kind.BREACH_TO_CONTROLLER:
            return to_controller(edition, language, breach, at=at)
        case Kind.BREACH_TO_PEOPLE:
            return to_people(edition, language, breach)
    raise LookupError(f"a breach has no {kind}")


def documents(*, edition: Edition) -> Iterator[tuple[Document, str]]:
    """Build every document of an edition, in every language; each with the solution it is about, or nothing."""
    policy = edition.policy.policy
    for kind, written in KINDS.items():
        about = written.solutions(policy) if written.build_for else ("",) if written.needed(policy) else ()
        for solution, language in product(about, languages(policy)):
            yield build(edition=edition, kind=kind, language=language, solution=solution), solution


def keep(*, controller: int, number: int, by: Actor, at: datetime) -> None:
    """
    Keep every document of a published version for ever, in every language. A second call changes nothing.

    :raises UnknownVersion: if there is none with that number
    """
    found = edition(controller=controller, number=number)
    shelf.put(controller=controller, number=number, documents=documents(edition=found), by=by, at=at)


def kept(*, controller: int, number: int, kind: Kind, language: str, solution: str = "") -> Document:
    """
    Return a document as it was when its version was published, whatever is built from that version today.

    Of a version that was published before documents were kept, it is kept now, as it is first shown.

    :raises UnknownVersion: if there is no such version
    :raises LookupError: if it has no such document
    :raises AlteredDocument: if somebody changed it in the database
    """
    find = partial(shelf.find, controller=controller, number=number, kind=kind, language=language, solution=solution)
    if (found := find()) is None:
        keep(controller=controller, number=number, by=Actor.system("documents"), at=clock.now())
        found = find()
    if found is None:
        message = f"version {number} has no {kind} in {language!r}{f' for {solution!r}' if solution else ''}"
        raise LookupError(message)
    return found


def agreement_text(*, edition: Edition, solution: str) -> AgreementText:
    """
    Return the words of the agreement that a solution needs, in every language: what is offered and accepted.

    :raises LookupError: if the policy has no such solution, or it needs no agreement
    """
    policy = edition.policy.policy
    needed = {key: AgreementKind(said.agreement) for key, said in policy.solutions.items() if said.agreement != "none"}
    if solution not in needed:
        raise LookupError(f"no agreement is needed for {solution!r}; one is for {', '.join(needed) or 'none'}")
    kind = needed[solution]
    written = [
        build(edition=edition, kind=KIND_OF[kind], language=language, solution=solution) for language in languages(policy)
    ]
    tongues = tuple(document.language for document in written)
    return AgreementText(kind, bound(written), tongues, edition.stamp.number, edition.stamp.digest)


def offer_agreement(*, controller: int, solution: str, by: Actor, at: datetime) -> AgreementInfo:
    """
    Draw up the agreement a solution needs from the policy in force, as a new version unless the newest says the same.

    :raises NoPolicy: if the controller has published none
    :raises LookupError: if the policy has no such solution, or it needs no agreement
    :raises AgreementRefused: if somebody else did so at the same moment
    """
    text = agreement_text(edition=edition(controller=controller), solution=solution)
    return tenancy.offer_agreement(controller=controller, solution=solution, text=text, by=by, at=at)


def accept_agreement(
    *, controller: int, agreement: int, digest: str, name: str, position: str, by: Actor, at: datetime
) -> AgreementInfo:
    """
    Accept a version whose words are those the policy in force gives; see ``tenancy.accept_agreement`` for what it refuses.

    :raises TextChanged: if the policy gives other words by now; those then lie there as a new version
    """
    solution = tenancy.agreement(controller=controller, id=agreement).solution
    offer_agreement(controller=controller, solution=solution, by=by, at=at)
    return tenancy.accept_agreement(
        controller=controller, agreement=agreement, digest=digest, name=name, position=position, by=by, at=at
    )


def agreement_documents(text: str) -> tuple[Document, ...]:
    """
    Return the documents of an agreement's words, one per language.

    :raises ValueError: if it was written by another version of the software
    """
    return unbound(text)


def artefacts(*, edition: Edition) -> Mapping[str, bytes]:
    """Return everything an edition says as files: path → content, every document as page, Markdown and PDF, and the rest."""
    found: dict[str, bytes] = {}
    # Laying out takes most of the time, and typst works outside the interpreter's lock: it begins with the first document
    # there is, the long notices, and the rest is written meanwhile.
    with ThreadPoolExecutor(max_workers=2) as pool:
        laid_out = []
        for document, solution in documents(edition=edition):
            path = f"{document.language}/{document.kind}{f'-{solution}' if solution else ''}"
            laid_out.append((path, document, pool.submit(to_pdf, document)))
        for path, document, _ in laid_out:
            found[f"{path}.html"] = to_page(document).encode()
            found[f"{path}.md"] = to_markdown(document).encode()
        for files in FILES:
            found.update(files(edition))
        found.update({f"{path}.pdf": pdf.result() for path, _, pdf in laid_out})
    return dict(sorted(found.items()))
