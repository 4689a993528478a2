"""Policies made for a test: the brand's, with one purpose that is asked about."""

from functools import cache
from pathlib import Path

from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Operation

AGREED = frozenset({("crm", "processing")})
BUNDLE = Path(__file__).parents[4] / "policies" / "brand"


@cache
def brand():
    return policy.load(BUNDLE).policy


def policy_with(
    *,
    basis,
    direct_marketing=False,
    special=False,
    special_condition=None,
    channels=("email",),
    operations=(Operation.STORE, Operation.USE),
    serving=(("crm", "processing"),),
    **more,
):
    """Return the brand's policy with the purpose ``asked``, which holds one item of data; ``serving`` are its solutions."""
    whole = brand()
    item = next(iter(whole.data.values())).model_copy(update={"special": special})
    asked = whole.purposes["service"].model_copy(
        update={
            "basis": basis, "direct_marketing": direct_marketing, "special_condition": special_condition, "data": ("thing",),
            "channels": channels, "operations": operations, **more,
        }
    )  # fmt: skip
    crm = whole.solutions["crm"]
    solutions = {key: crm.model_copy(update={"agreement": kind, "purposes": ("asked",)}) for key, kind in dict(serving).items()}
    whole = whole.model_copy(update={"solutions": solutions})
    return whole.model_copy(update={"purposes": {"asked": asked}, "data": {**whole.data, "thing": item}})
