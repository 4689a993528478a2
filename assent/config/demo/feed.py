"""Tells the brands' story through the official Segment client: who came, what they chose, what they bought."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from segment.analytics.client import Client

from assent.config.demo.people import Invented, invent
from assent.config.demo.world import BRANDS, Notes

__all__ = ["NotDelivered", "feed"]

# The excerpt's prices are pounds of 2011; one was about 4.90 lei then.
LEI = 4.9
EXCERPT = Path(__file__).with_name("online_retail_excerpt.csv")

Told = Callable[[int, int], None]
Call = tuple[str, dict[str, Any]]


class NotDelivered(RuntimeError):
    """The collector refused part of the story or could not be reached."""


def _orders(ends_on: datetime) -> list[tuple[str, datetime, str, list[dict[str, str]]]]:
    """Return customer, time, invoice and lines of each order, moved in time so that the last was placed yesterday."""
    with EXCERPT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    when = [datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC) for row in rows]
    shift = ends_on - timedelta(days=1) - max(when).replace(hour=0, minute=0)
    return [
        (customer, datetime.fromisoformat(at).replace(tzinfo=UTC) + shift, invoice, list(lines))
        for (invoice, at, customer), lines in groupby(rows, key=lambda r: (r["InvoiceNo"], r["InvoiceDate"], r["CustomerID"]))
    ]


def _acts(brand: int, ends_on: datetime) -> tuple[list[Call], list[Call]]:
    """Return the calls to make for one brand: who came, chose and bought; then who thought again."""
    orders = _orders(ends_on)
    people = {customer: invent(customer) for customer, _, _, _ in orders}
    ours = {customer: person for customer, person in people.items() if person.brand == brand}
    first: list[Call] = []
    for person in ours.values():
        who = {"user_id": person.user_id, "traits": person.traits, "message_id": f"identify-{person.user_id}"}
        first.append(("identify", who))
        first.extend(_choices(person))
    for customer, at, invoice, lines in orders:
        if customer in ours:
            first.extend(_order(ours[customer], at, invoice, lines))
    return first, [call for person in ours.values() for call in _second_thoughts(person)]


def _choice(person: Invented, event: str, **properties: str) -> Call:
    properties = {"language": person.traits["language"], "method": "web_form", **properties}
    message = "-".join([event.replace(" ", ""), person.user_id, properties.get("purpose", ""), properties.get("channel", "")])
    return "track", {"user_id": person.user_id, "event": event, "properties": properties, "message_id": message}


def _choices(person: Invented) -> Iterator[Call]:
    chose = person.choices
    if chose.marketing != "none":
        yield _choice(person, "Consent Given", purpose="direct_marketing", channel="email", wording="marketing_email")
    if chose.sms:
        yield _choice(person, "Consent Given", purpose="direct_marketing", channel="sms", wording="marketing_sms")
    if chose.performance:
        yield _choice(person, "Consent Given", purpose="performance", channel="onsite", wording="performance_choice")


def _second_thoughts(person: Invented) -> Iterator[Call]:
    if person.choices.marketing == "withdrawn":
        yield _choice(person, "Consent Withdrawn", purpose="direct_marketing", channel="email")
    if person.choices.marketing == "objected":
        yield _choice(person, "Marketing Objected")


def _order(person: Invented, at: datetime, invoice: str, lines: list[dict[str, str]]) -> Iterator[Call]:
    refund = invoice.startswith("C")
    total = abs(sum(int(line["Quantity"]) * float(line["UnitPrice"]) * LEI for line in lines))
    products = [
        {
            "product_id": line["StockCode"],
            "name": line["Description"].capitalize(),
            "category": line["Description"].rsplit(" ", 1)[-1].lower(),
            "price": round(float(line["UnitPrice"]) * LEI, 2),
            "quantity": abs(int(line["Quantity"])),
        }
        for line in lines
    ]
    who = {"user_id": person.user_id}
    if not refund:
        # One look before the order, so that the gate has something to refuse where measuring was not allowed.
        first = {name: products[0][name] for name in ("product_id", "category", "price")}
        seen = {**first, "currency": "RON"}
        if int(invoice[-1]) == 0:
            seen["coupon_text"] = "SPRING"  # declared in no policy: dropped, and shown to staff as a gap
        yield (
            "track",
            {
                **who,
                "event": "Product Viewed",
                "properties": seen,
                "timestamp": at - timedelta(minutes=7),
                "message_id": f"viewed-{invoice}",
            },
        )
    properties: dict[str, Any] = {"order_id": invoice, "total": round(total, 2), "currency": "RON"}
    if refund:
        properties["products"] = [{name: product[name] for name in ("product_id", "quantity")} for product in products]
    else:
        properties["products"] = products
    name = "Order Refunded" if refund else "Order Completed"
    yield "track", {**who, "event": name, "properties": properties, "timestamp": at, "message_id": f"order-{invoice}"}


def feed(notes: Notes, *, collect: str, told: Told, settled: Callable[[], None]) -> int:
    """
    Tell the stories of all brands that have not been told yet, and return how many messages were delivered.

    :param told: called with messages told so far and in all
    :param settled: returns when everything told is in the lake; second thoughts come after it, as they do in life
    :raises NotDelivered: if the collector did not take all of a brand's messages; run again to go on
    """
    ends_on = datetime.combine(notes.ends_on, time(), UTC)
    acts = {slug: _acts(place, ends_on) for place, (slug, _, _) in enumerate(BRANDS)}
    todo = [(slug, act) for act in (0, 1) for slug in acts if f"{slug} {act}" not in notes.fed]
    total, done = sum(len(acts[slug][act]) for slug, act in todo), 0
    for slug, act in todo:
        if act == 1:
            settled()
        _tell(acts[slug][act], notes.write_keys[slug], collect, partial(_told_on, told, done, total))
        done += len(acts[slug][act])
        notes.fed.append(f"{slug} {act}")
        notes.save()
    return total


def _told_on(told: Told, before: int, total: int, number: int) -> None:
    told(before + number, total)


def _tell(calls: list[Call], write_key: str, collect: str, told: Callable[[int], None]) -> None:
    errors: list[str] = []
    client = Client(
        write_key,
        host=collect,
        on_error=lambda error, _items: errors.append(type(error).__name__),
        max_queue_size=len(calls) + 1,
        upload_size=50,
    )
    for number, (call, arguments) in enumerate(calls, 1):
        getattr(client, call)(**arguments)
        if number % 10 == 0 or number == len(calls):
            told(number)
    client.flush()
    client.shutdown()
    if errors:
        message = f"the collector at {collect} did not take all messages ({', '.join(sorted(set(errors)))}): run it again"
        raise NotDelivered(message)
