"""Reading choices in columns: everyone's, some people's, and what another policy would make of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import connection

from assent.foundation import columns as columnar, scope
from assent.foundation.among import among, clause
from assent.foundation.clock import millis
from assent.privacy.consent import models, rules
from assent.privacy.consent.contracts import ANY, Choice
from assent.privacy.consent.rules import Rows, effective
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import CHANNEL_CODES

__all__ = ["Outgrown", "columns", "columns_for", "gave", "outgrown", "ran_out", "rows_for", "withdrawn_since"]

EXPLICIT = 5  # what an explicit choice adds to its code where both are read as one digit
COLUMNS = ("subject", "purpose", "channel", "choice", "explicit", "at_ms", "expires_ms", "version")


def columns(*, controller: int, purpose: str, channel: str, at: datetime, outdated: Collection[int] | None = None) -> pa.Table:
    """
    Return ``subject, choice, explicit`` of everyone who ever chose, sorted by subject: what holds for a channel at a moment.

    ``choice`` is a code of :class:`Choice`, expired and outdated ones told apart; the channel ``any`` asks about the purpose
    as such.

    :param outdated: versions of the policy under which a yes no longer counts, as if a policy said so; None for what the
        one in force says
    """
    code = policy.purpose_codes(controller=controller).get(purpose)
    found: Rows = {name: np.empty(0, np.int64) for name in ("subject", "choice", "explicit")}
    if code is not None:
        if outdated is None:
            outdated = policy.current(controller=controller).outdated.get(purpose, frozenset())
        found = _effective_of_all(controller, code, CHANNEL_CODES[channel], millis(at), outdated)
    narrow = {name: found[name].astype(np.int8) for name in ("choice", "explicit")}
    return pa.table({"subject": found["subject"], **narrow})


def columns_for(*, controller: int, subjects: Sequence[int]) -> pa.Table:
    """Return some people's ``subject, purpose, channel, choice, explicit, at_ms, expires_ms, version`` as stored, in codes."""
    return pa.table(rows_for(controller=controller, subjects=subjects))


def rows_for(*, controller: int, subjects: Sequence[int], after_ms: int | None = None) -> Rows:
    """
    Return the same as :func:`columns_for` as arrays.

    :param after_ms: only what was chosen after this moment
    """
    recent = "" if after_ms is None else f" AND at_ms > {int(after_ms)}"
    table = models.Standing._meta.db_table
    with scope.controller(controller), connection.cursor() as cursor:
        them, people = clause(subjects)
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)} FROM {table} WHERE controller_id = %s AND subject {them}{recent}",
            (controller, people),
        )
        found = cursor.fetchall()
    values = np.array(found, np.int64).reshape(len(found), len(COLUMNS))
    return {name: values[:, place] for place, name in enumerate(COLUMNS)}


def gave(*, controller: int, purpose: str, subjects: Sequence[int]) -> set[int]:
    """Return who of some people ever said yes to a purpose, whether or not it stands."""
    with scope.controller(controller):
        given = models.ConsentRecord.objects.filter(purpose=purpose, choice=Choice.GIVEN)
        return set(among(given, "subject", subjects).values_list("subject", flat=True))


def withdrawn_since(*, controller: int, record: int, limit: int) -> list[tuple[int, int]]:
    """Return withdrawals recorded after a number, each with whom it is of, in order."""
    with scope.controller(controller):
        rows = models.ConsentRecord.objects.filter(id__gt=record, choice=Choice.WITHDRAWN).order_by("id")
        return list(rows.values_list("id", "subject")[:limit])


def ran_out(*, controller: int, after_ms: int, upto_ms: int, limit: int) -> list[tuple[int, int]]:
    """
    Return consents that stood until their time was up between two moments, each with whose it is, in order.

    :param after_ms: exclusive; of those that ran out in one millisecond all are returned, even beyond the limit
    :returns: pairs of the moment in milliseconds and the person
    """
    with scope.controller(controller):
        rows = models.Standing.objects.filter(choice=Choice.GIVEN, expires_ms__gt=max(after_ms, 0), expires_ms__lte=upto_ms)
        found = list(rows.order_by("expires_ms").values_list("expires_ms", "subject")[:limit])
        if len(found) == limit:
            last = found[-1][0]
            found = [pair for pair in found if pair[0] < last]
            found += list(rows.filter(expires_ms=last).values_list("expires_ms", "subject"))
    return found


@dataclass(frozen=True, slots=True)
class Outgrown:
    """
    How many people's yes to a purpose another policy would touch, on any of its channels.

    :param lost: it counts now and would have to be asked for again
    :param regained: it would count again without being asked for: given, once, in the very terms that would hold
    :param standing: people whose yes counts now
    """

    lost: int
    regained: int
    standing: int


def outgrown(
    *, controller: int, purpose: str, channels: Collection[str], now: Collection[int], then: Collection[int], at: datetime
) -> Outgrown:
    """
    Count whose yes to a purpose would be outgrown.

    :param now: versions of the policy under which a yes does not count today; likewise ``then``
    """
    lost, regained, standing = (np.empty(0, np.int64) for _ in range(3))
    for channel in {ANY, *channels}:
        today, later = (
            _yes(controller=controller, purpose=purpose, channel=channel, at=at, outdated=versions) for versions in (now, then)
        )
        lost = np.union1d(lost, np.setdiff1d(today, later, assume_unique=True))
        regained = np.union1d(regained, np.setdiff1d(later, today, assume_unique=True))
        standing = np.union1d(standing, today)
    return Outgrown(len(lost), len(regained), len(standing))


def _yes(*, controller: int, purpose: str, channel: str, at: datetime, outdated: Collection[int]) -> npt.NDArray[np.int64]:
    found = columns(controller=controller, purpose=purpose, channel=channel, at=at, outdated=outdated)
    given: npt.NDArray[np.int64] = found["subject"].to_numpy()[found["choice"].to_numpy() == Choice.GIVEN]
    return given


def _effective_of_all(controller: int, purpose: int, channel: int, at_ms: int, outdated: Collection[int]) -> Rows:
    # What has ended or is outdated turns into another choice while reading; all codes stay single digits.
    was = f"WHEN choice = {Choice.GIVEN:d} AND"
    over = f"{was} expires_ms > 0 AND expires_ms <= {int(at_ms)} THEN {Choice.EXPIRED:d}"
    if outdated:
        versions = ",".join(str(int(version)) for version in (rules.UNKNOWN_VERSION, *sorted(outdated)))
        over += f" {was} version IN ({versions}) THEN {Choice.OUTDATED:d}"
    numbers = {"subject": "subject"}
    digits = {"channel": "channel", "state": f"(CASE {over} ELSE choice END) + {EXPLICIT} * explicit"}
    rows = f"FROM {models.Standing._meta.db_table} WHERE controller_id = %s AND purpose = %s"
    values = [controller, purpose]
    if channel != CHANNEL_CODES[ANY]:
        rows += " AND channel IN (0, %s)"
        values.append(channel)
    with scope.controller(controller):
        found = _sorted(columnar.read(using="default", numbers=numbers, digits=digits, rows=rows, values=values))
        if (found["subject"][1:] == found["subject"][:-1]).any():
            # Only where somebody chose for more than one channel do the moments decide; reading them costs half again.
            numbers["at_ms"] = "at_ms"
            found = _sorted(columnar.read(using="default", numbers=numbers, digits=digits, rows=rows, values=values))
        else:
            found["at_ms"] = np.zeros(len(found["subject"]), np.int64)
    found |= {"choice": found["state"] % EXPLICIT, "explicit": found["state"] // EXPLICIT}
    return effective(found, channel=channel)


def _sorted(rows: Rows) -> Rows:
    subjects = rows["subject"]
    if bool((subjects[:-1] <= subjects[1:]).all()):
        return rows
    order = np.argsort(subjects, kind="stable")
    return {name: column[order] for name, column in rows.items()}
