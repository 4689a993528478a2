"""Controllers, properties, keys and staff."""

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.clock import now
from assent.tenancy import api, models
from assent.tenancy.contracts import Permission, Role, UnknownController

pytestmark = pytest.mark.django_db(databases=["default"])
US = Actor.system("test")


@pytest.fixture
def bloom():
    return api.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )


@pytest.fixture
def harbour():
    return api.make_controller(
        slug="harbour", name="Harbour", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )


def site(controller):
    return api.make_property(controller=controller.id, slug="shop", name="Shop", kind="website", by=US, at=now())


def test_making_a_controller_twice_makes_one(bloom):
    again = api.make_controller(slug="bloom", name="Other", country="RO", language="ro", time_zone="UTC", by=US, at=now())
    assert again == bloom
    assert [c.slug for c in api.controllers()] == ["bloom"]


def test_an_unknown_controller_is_an_error_that_says_so():
    with pytest.raises(UnknownController, match="nowhere"):
        api.controller(slug="nowhere")


def test_rows_are_refused_without_a_scope_and_never_another_brands(bloom, harbour):
    site(bloom)
    with pytest.raises(scope.NoControllerInScope):
        models.Property.objects.count()
    with scope.controller(harbour.id):
        assert models.Property.objects.count() == 0
    with scope.controller(bloom.id):
        assert models.Property.objects.count() == 1


def test_a_write_key_is_kept_as_its_digest_and_ends_when_revoked(bloom):
    shop = site(bloom)
    clear = api.make_write_key(property=shop.id, secret=True, by=US, at=now())
    (found,) = api.write_keys().values()
    assert found.secret
    assert found.property == shop
    assert clear not in repr(api.write_keys())
    api.revoke_write_key(controller=bloom.id, key=found.id, by=US, at=now())
    assert api.write_keys() == {}


def test_the_identity_hash_is_the_same_for_the_same_user_and_another_for_another_property(bloom, harbour):
    one, other = site(bloom), site(harbour)
    assert api.identity_hash(property=one.id, user_id="u1") == api.identity_hash(property=one.id, user_id="u1")
    assert api.identity_hash(property=one.id, user_id="u1") != api.identity_hash(property=other.id, user_id="u1")
    assert api.identity_hash(property=one.id, user_id="u1") != api.identity_hash(property=one.id, user_id="u2")


def test_an_api_key_carries_its_verbs_and_no_others(bloom):
    clear = api.make_api_key(controller=bloom.id, name="shop", verbs=[Permission.PEOPLE_WRITE], by=US, at=now())
    found = api.api_key(clear=clear)
    assert found is not None
    assert found.verbs == {Permission.PEOPLE_WRITE}
    api.revoke_api_key(controller=bloom.id, key=found.id, by=US, at=now())
    assert api.api_key(clear=clear) is None
    assert api.api_key(clear="ak_invented") is None


def test_a_role_at_one_brand_is_nothing_at_another(bloom, harbour):
    ada = api.make_staff(email="ada@bloom.example", name="Ada", password=None, language="ro", by=US, at=now())
    api.grant(staff=ada, controller=bloom.id, role=Role.MARKETER, by=US, at=now())
    assert api.may(staff=ada, controller=bloom.id, permission=Permission.CAMPAIGNS_SEND)
    assert not api.may(staff=ada, controller=bloom.id, permission=Permission.PEOPLE_ERASE)
    assert not api.may(staff=ada, controller=harbour.id, permission=Permission.PEOPLE_READ)
    api.revoke(staff=ada, controller=bloom.id, role=Role.MARKETER, by=US, at=now())
    assert api.roles(staff=ada) == {}


def test_staff_log_in_by_an_e_mail_that_ignores_case():
    first = api.make_staff(email="Ada@Bloom.example", name="Ada", password=None, language="en", by=US, at=now())
    again = api.make_staff(email="ada@bloom.example", name="Ada", password=None, language="en", by=US, at=now())
    assert first == again


def test_every_write_stands_in_the_book(bloom):
    site(bloom)
    assert [entry.did for _, entry in audit.entries(controller=bloom.id)] == [
        "tenancy.property.made",
        "tenancy.controller.made",
    ]
