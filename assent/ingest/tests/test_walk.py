import pytest

from assent.ingest.tests.cast import order

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


def test_an_order_is_kept_for_the_contract_alone_while_nothing_was_agreed_to(house):
    house.send(order("ada"))
    done = house.run()
    [row] = house.rows()
    assert (done.read, done.admitted) == (1, 1)
    assert house.purposes(row) == {"service", "legal_accounts", "similar_products"}
    assert row["value_minor"] == 1250
    assert row["currency"] == "RON"
