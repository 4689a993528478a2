"""What is no document but a file all the same: records as JSON and workbooks, the assessment for the CNIL's software."""

from collections.abc import Mapping

from assent.privacy.documents.cnil import to_cnil
from assent.privacy.documents.contracts import Edition, Kind
from assent.privacy.documents.record import record_controller, record_processor
from assent.privacy.documents.words import LANGUAGES
from assent.privacy.documents.xlsx import to_xlsx
from assent.privacy.ropa import api as ropa

__all__ = ["assessment_files", "record_files", "record_workbooks"]


def record_files(edition: Edition) -> Mapping[str, bytes]:
    """Return the controller's record, and the platform's if there is one, as JSON in each language."""
    found: dict[str, bytes] = {}
    for language in _languages(edition):
        own = ropa.controller_record(edition.policy, language, edition.stamp.published_at)
        found[f"{language}/{Kind.RECORD_CONTROLLER}.json"] = ropa.as_json(own)
        if edition.policy.policy.platform:
            on_behalf = ropa.processor_record([edition.policy], language)
            found[f"{language}/{Kind.RECORD_PROCESSOR}.json"] = ropa.as_json(on_behalf)
    return found


def record_workbooks(edition: Edition) -> Mapping[str, bytes]:
    """Return the same records as workbooks."""
    found: dict[str, bytes] = {}
    for language in _languages(edition):
        found[f"{language}/{Kind.RECORD_CONTROLLER}.xlsx"] = to_xlsx(record_controller(edition, language))
        if edition.policy.policy.platform:
            found[f"{language}/{Kind.RECORD_PROCESSOR}.xlsx"] = to_xlsx(record_processor(edition, language))
    return found


def assessment_files(edition: Edition) -> Mapping[str, bytes]:
    """Return the started impact assessment in each language, for import into the CNIL's software."""
    return {f"{language}/{Kind.IMPACT_ASSESSMENT}.json": to_cnil(edition, language) for language in _languages(edition)}


def _languages(edition: Edition) -> list[str]:
    return [language for language in edition.policy.policy.controller.languages if language in LANGUAGES]
