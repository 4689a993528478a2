"""In which language the house writes to each person."""

from collections.abc import Sequence

from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy

__all__ = ["spoken"]


def spoken(*, controller: int, people: Sequence[int], written: Sequence[str]) -> dict[int, str]:
    """
    Return for each person the language to write in: their own, else the controller's, else the first.

    :param written: the languages there are words in, at least one
    """
    house = tenancy.controller_by_id(id=controller).language
    fallback = house if house in written else written[0]
    known = profiles.get(controller=controller, subjects=people)
    own = {one: str(known.get(one, {}).get("language") or "").replace("_", "-").split("-")[0].lower() for one in people}
    return {one: language if language in written else fallback for one, language in own.items()}
