"""The record of processing: what a policy says a controller does, and what its platform does on its behalf."""

from collections.abc import Sequence

from assent.privacy.policy import api as policies
from assent.privacy.ropa.contracts import ProcessorRecord
from assent.privacy.ropa.exports import as_json, schema
from assent.privacy.ropa.rules import (
    controller_record,
    data_item,
    holder,
    measures,
    operator,
    processor_record,
    receiver,
    service,
)

__all__ = [
    "as_json",
    "controller_record",
    "data_item",
    "holder",
    "measures",
    "of_processor",
    "operator",
    "processor_record",
    "receiver",
    "schema",
    "service",
]


def of_processor(*, controllers: Sequence[int], language: str) -> ProcessorRecord:
    """
    Return the platform's record for these controllers, each from its policy in force.

    :raises NoPolicy: if one has published none
    :raises NoPlatform: if they do not all work with the same platform
    """
    return processor_record([policies.current(controller=one) for one in controllers], language)
