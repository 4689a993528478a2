"""Codes of the house as words for the person they are about."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language_info, gettext as told, gettext_lazy as _

from assent.privacy.policy.contracts import Channel
from assent.privacy.subjects.contracts import Field

__all__ = ["CHANNELS", "FIELDS", "PROPERTIES", "attribute", "property_name", "shown"]

CHANNELS: Mapping[str, Any] = {
    "any": _("Every channel"),
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("Text messages"),
    Channel.PUSH: _("Notifications on your device"),
    Channel.ONSITE: _("On the site"),
    Channel.PHONE: _("Phone calls"),
    Channel.POST: _("Letters"),
}

FIELDS: Mapping[str, Any] = {
    Field.USER_ID: _("Customer number"),
    Field.ANONYMOUS_ID: _("Device number"),
    Field.EMAIL: _("E-mail"),
    Field.PHONE: _("Phone"),
    Field.FIRST_NAME: _("First name"),
    Field.LAST_NAME: _("Last name"),
    Field.NAME: _("Name"),
    Field.STREET: _("Street"),
    Field.POSTAL_CODE: _("Postal code"),
    Field.CITY_OF_ADDRESS: _("Town"),
    Field.BIRTH_DATE: _("Date of birth"),
    Field.PHOTO: _("Photo"),
    Field.SOCIAL: _("Social handle"),
    Field.NOTE: _("Note"),
}

# The properties that Segment's spec names for pages, orders and their products.
PROPERTIES: Mapping[str, Any] = {
    "category": _("category"),
    "coupon": _("coupon"),
    "currency": _("currency"),
    "discount": _("discount"),
    "name": _("name"),
    "order_id": _("order number"),
    "path": _("page address"),
    "points": _("points"),
    "price": _("price"),
    "product_id": _("product number"),
    "products": _("product"),
    "quantity": _("quantity"),
    "query": _("search words"),
    "serial": _("serial number"),
    "shipping": _("shipping cost"),
    "size": _("size"),
    "sku": _("article number"),
    "tax": _("tax"),
    "title": _("title"),
    "total": _("total"),
}

YES, NO = _("yes"), _("no")


def attribute(name: str, value: object) -> str:
    """Return what is noted of somebody as people write it: a language by its name."""
    if name == "language":
        try:
            return told(get_language_info(str(value))["name"])  # Django has the names of languages in each
        except KeyError:
            return str(value)
    return shown(value)


def property_name(name: str) -> str:
    """Return what an event's property is called: in words where the field has them, else as it was sent."""
    return str(PROPERTIES.get(name, name.replace("_", " ")))


def shown(value: object) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return str(YES if value else NO)
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
