"""Nouns of who is who that cross to other rooms."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ApiKeyInfo", "ControllerInfo", "Permission", "PropertyInfo", "Role", "StaffInfo", "UnknownController", "WriteKey"]


class UnknownController(LookupError):
    """No controller has this name or id."""


class Role(StrEnum):
    """What a member of staff does for a controller."""

    MARKETER = "marketer"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a role allows. API keys carry the same words."""

    PEOPLE_READ = "people.read"
    PEOPLE_IDENTIFY = "people.identify"
    PEOPLE_WRITE = "people.write"
    PEOPLE_EXPORT = "people.export"
    PEOPLE_ERASE = "people.erase"
    CONSENT_WRITE = "consent.write"
    SEGMENTS_READ = "segments.read"
    SEGMENTS_WRITE = "segments.write"
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_WRITE = "campaigns.write"
    CAMPAIGNS_SEND = "campaigns.send"
    EVENTS_READ = "events.read"
    AUDIT_READ = "audit.read"
    POLICY_READ = "policy.read"
    SETTINGS_WRITE = "settings.write"


@dataclass(frozen=True, slots=True)
class ControllerInfo:
    """A controller (art. 4(7)): a brand, or the company itself for its own site."""

    id: int
    slug: str
    name: str
    country: str
    language: str
    time_zone: str
    colour: str


@dataclass(frozen=True, slots=True)
class PropertyInfo:
    """
    A website, app or server of a controller that sends events.

    :param rudder: its client library sends messages and batches of up to 4 MiB
    """

    id: int
    controller: int
    slug: str
    name: str
    kind: str
    rudder: bool


@dataclass(frozen=True, slots=True)
class WriteKey:
    """
    A key a property sends events with.

    :param digest: SHA-256 of the key, in hexadecimal
    :param secret: kept on a server; otherwise public, so anyone may have copied it
    """

    id: int
    digest: str
    property: PropertyInfo
    secret: bool


@dataclass(frozen=True, slots=True)
class ApiKeyInfo:
    """A key for the REST API: for one controller, with named verbs."""

    id: int
    controller: int
    name: str
    verbs: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class StaffInfo:
    """A member of staff as lists show them."""

    id: int
    email: str
    name: str
    roles: frozenset[Role]
