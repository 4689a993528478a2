"""Forms that fields of several requests have."""

from typing import Annotated, TypeAlias

from ninja import Field
from pydantic import BaseModel

__all__ = ["Code", "Language", "Line", "Many", "Number", "Occasion", "Purpose", "TextKey"]


class Many(BaseModel):
    """
    A shape that comes by the thousand.

    Ninja's own base looks up each field of each object as an attribute, in case it is a row; that costs more than the rest.
    """


# Purposes, languages and texts have a form that no address or number of anybody has, so that a message may repeat one.
Purpose: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["direct_marketing"])]
TextKey: TypeAlias = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,63}|[0-9a-f]{64})$", examples=["marketing_email"])]
Code: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")]
Occasion: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,80}$", examples=["order-ready:A-17"])]
Language: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?$", examples=["ro"])]
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=120)]
Number: TypeAlias = Annotated[int, Field(ge=1, le=2**63 - 1)]
