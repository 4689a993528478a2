"""What is sealed opens for its person and place only, and for nobody once the key is gone."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from assent.audit import api as audit
from assent.foundation import crypto, scope
from assent.foundation.clock import now
from assent.privacy.subjects import api, keys, models, people as folk
from assent.privacy.subjects.contracts import BadIdentifier, Field, NotActive, UnknownSubject
from assent.privacy.subjects.store import SubjectStore
from assent.privacy.subjects.tests.conftest import US, brand

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def rows_of(controller, subject):
    with scope.controller(controller):
        mine = {"subject_id": subject}
        return [
            models.Subject.objects.filter(id=subject).count(),
            models.Identity.objects.filter(**mine).count(),
            models.BlindIndex.objects.filter(**mine).count(),
            models.PersonKey.objects.filter(subject=subject).count(),
        ]


def seal(controller, subject, label, plain):
    return api.seal_many(controller=controller, items=[(subject, label, plain)])[0]


def unseal(controller, subject, label, sealed):
    return api.open_many(controller=controller, items=[(subject, label, sealed)])[0]


def test_what_another_room_seals_opens_for_this_person_and_label_only(bloom, take):
    ada, ben = take(bloom, user_id="ada").subject, take(bloom, user_id="ben").subject
    sealed = seal(bloom, ada, "outbox:1", b"Dear Ada")
    assert unseal(bloom, ada, "outbox:1", sealed) == b"Dear Ada"
    assert unseal(bloom, ben, "outbox:1", sealed) is None
    assert unseal(bloom, ada, "outbox:2", sealed) is None
    assert unseal(bloom, ada, "outbox:1", sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert unseal(bloom, ada, "outbox:1", b"") is None
    with pytest.raises(UnknownSubject):
        seal(bloom, 12, "outbox:1", b"Dear nobody")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 2**62), st.text(max_size=20)),
    st.tuples(st.integers(1, 3), st.integers(1, 2**62), st.text(max_size=20)),
    st.binary(max_size=50),
)
def test_sealed_values_cannot_be_swapped_between_controllers_people_or_fields(one, other, plain):
    key = crypto.new_key()
    assert (folk.context(*one) == folk.context(*other)) == (one == other)
    sealed = crypto.seal(key, plain, context=folk.context(*one))
    if one != other:
        with pytest.raises(crypto.CannotOpen):
            crypto.open_sealed(key, sealed, context=folk.context(*other))


def test_a_sealed_identity_or_key_moved_to_another_person_is_nobody(bloom, take, who):
    ada, ben = take(bloom, user_id="ada", email="ada@mail.example"), take(bloom, user_id="ben", email="ben@mail.example")
    with scope.controller(bloom):
        adas = models.Identity.objects.get(subject_id=ada.subject)
        models.Identity.objects.filter(subject_id=ben.subject).update(sealed=adas.sealed)
        assert who(bloom, ben.subject) == {}
        wrapped = models.PersonKey.objects.get(subject=ada.subject).wrapped
        models.PersonKey.objects.filter(subject=ben.subject).update(wrapped=wrapped)
        keys._remembered._keys.clear()
        assert who(bloom, ben.subject) == {}
        assert who(bloom, ada.subject)["email"] == "ada@mail.example"


def test_no_table_holds_an_identifier_in_the_clear(bloom, take):
    said = {"user_id": "cust-4711", "email": "ada.unmistakable@mail.example", "first_name": "Unmistakable", "note": "likes tea"}
    ada = take(bloom, **said)
    with scope.controller(bloom):
        held = repr(
            [
                list(model.objects.values_list())
                for model in (models.Subject, models.Identity, models.BlindIndex, models.NameStart, models.PersonKey)
            ]
        )
    held += repr(audit.entries(controller=bloom))
    assert str(ada.subject) in held
    assert not any(value in held for value in said.values())


def test_erasure_leaves_nothing_and_nobody_else_is_touched(bloom, take, who, erase):
    ada = take(bloom, user_id="ada", email="pop@mail.example", first_name="Ada", last_name="Pop")
    ben = take(bloom, user_id="ben", email="pop@mail.example", first_name="Benjamin", last_name="Pop")
    before, sealed = who(bloom, ada.subject), seal(bloom, ben.subject, "x", b"secret")
    assert erase(bloom, [ben.subject]) > 8
    assert rows_of(bloom, ben.subject) == [0, 0, 0, 0]
    assert who(bloom, ada.subject) == before
    assert unseal(bloom, ben.subject, "x", sealed) is None
    assert api.search(controller=bloom, text="benj") == []
    assert api.search(controller=bloom, text="pop") == [ada.subject]
    assert api.recognise(controller=bloom, kind="email", values=["pop@mail.example"]) == [ada.subject]
    with scope.controller(bloom):
        words = set(map(bytes, models.NameStart.objects.values_list("word", flat=True)))
        assert words == set(map(bytes, models.BlindIndex.objects.filter(kind=5).values_list("token", flat=True)))
    assert erase(bloom, [ben.subject]) == 0


def test_a_person_being_erased_is_recognised_but_neither_shown_nor_changed(bloom, take, who):
    ada = take(bloom, user_id="ada", anonymous_id="b", email="ada@mail.example", first_name="Ada").subject
    api.begin_erasure(controller=bloom, subjects=[ada], by=US, at=now())
    SubjectStore().erase(controller=bloom, subjects=[ada], by=str(US), at=now())
    assert api.erasing(controller=bloom, subjects=[ada, 12]) == {ada, 12}
    assert api.leaving(controller=bloom) == [ada]
    for kind, value in [("user_id", "ada"), ("anonymous_id", "b"), ("email", "ada@mail.example")]:
        assert api.recognise(controller=bloom, kind=kind, values=[value]) == [ada]
        again = take(bloom, **{kind: value})
        assert (again.subject, again.created) == (0, False)
        assert again.refused[0].cure
    assert who(bloom, ada) == {}
    assert api.addresses(controller=bloom, subjects=[ada], field="email") == {}
    assert api.search(controller=bloom, text="ada") == api.page(controller=bloom) == []
    assert api.count(controller=bloom) == 0
    with pytest.raises(UnknownSubject):
        seal(bloom, ada, "x", b"y")


def test_nobody_is_deleted_whose_erasure_was_not_begun(bloom, take, who):
    ada = take(bloom, user_id="ada").subject
    assert SubjectStore().erase(controller=bloom, subjects=[ada], by=str(US), at=now()).removed == 0
    assert api.finish_erasure(controller=bloom, subjects=[ada]) == 0
    assert who(bloom, ada) == {"user_id": "ada"}


def test_a_crash_after_the_key_was_destroyed_is_finished_by_the_next_call(bloom, take):
    ada = take(bloom, user_id="ada", first_name="Ada").subject
    api.begin_erasure(controller=bloom, subjects=[ada], by=US, at=now())
    with scope.controller(bloom):
        keys.ring(bloom).destroy([ada])
    assert rows_of(bloom, ada)[3] == 0
    api.finish_erasure(controller=bloom, subjects=[ada])
    assert rows_of(bloom, ada) == [0, 0, 0, 0]


def test_a_key_destroyed_by_another_process_is_forgotten_here(bloom, take, who):
    ada = take(bloom, user_id="ada").subject
    sealed = seal(bloom, ada, "x", b"secret")
    assert unseal(bloom, ada, "x", sealed) == b"secret"
    with scope.controller(bloom):
        # What the other process writes; this one's memory still has the key.
        models.PersonKey.objects.filter(subject=ada)._raw_delete("keys")
        models.ControllerKey.objects.update(erasures=99)
    assert (bloom, ada) in keys._remembered._keys
    assert unseal(bloom, ada, "x", sealed) is None
    assert (bloom, ada) not in keys._remembered._keys


def test_remembered_keys_are_bounded_and_the_longest_unused_go():
    memory = keys._Remembered(most=3)
    memory.agree(1, 0)
    memory.keep(1, 0, dict.fromkeys(range(3), b"k"))
    memory.take(1, [0])
    memory.keep(1, 0, {9: b"k"})
    assert set(memory.take(1, range(10))) == {0, 2, 9}
    memory.keep(1, -5, {10: b"late"})
    assert memory.take(1, [10]) == {}


def test_another_master_key_opens_nothing(bloom, take, settings, tmp_path):
    ada = take(bloom, user_id="ada").subject
    keys._roots.cache_clear()
    settings.ASSENT_MASTER_KEY_FILE = tmp_path / "other.key"
    with pytest.raises(crypto.CannotOpen):
        seal(bloom, ada, "x", b"y")
    keys._roots.cache_clear()


def test_keys_made_ahead_and_not_used_are_gone(bloom, take):
    take(bloom, user_id="ada")
    with scope.controller(bloom):
        assert models.PersonKey.objects.count() == 1


def test_an_export_holds_every_value_and_the_inventory_counts_them(bloom, take):
    said = {field.value: "x" for field in Field} | {
        "email": "ada@mail.example", "phone": "+40722123456", "birth_date": "1990-04-17"
    }  # fmt: skip
    ada = take(bloom, **said)
    store = SubjectStore()
    record, identifiers = store.export(controller=bloom, subject=ada.subject)
    assert record.rows[0]["id"] == str(ada.public_id)
    assert {row["field"]: row["value"] for row in identifiers.rows} == said
    assert all(held.count for held in store.inventory(controller=bloom, subject=ada.subject))
    assert list(store.export(controller=bloom, subject=12)) == []


def test_rectifying_corrects_and_removes_but_never_ids(bloom, take, who):
    ada = take(bloom, user_id="ada", email="ada@mail.example", first_name="Ada", last_name="Popp").subject
    changes = {"last_name": "Pop", "email": "", "user_id": "evil", "city": "Cluj"}
    store = SubjectStore()
    assert store.rectify(controller=bloom, subject=ada, changes=changes, by="staff:7", at=now()) == 2
    assert who(bloom, ada) == {"user_id": "ada", "first_name": "Ada", "last_name": "Pop"}
    assert api.search(controller=bloom, text="popp") == []
    assert api.recognise(controller=bloom, kind="email", values=["ada@mail.example"]) == [0]
    (_, line), *_ = audit.entries(controller=bloom, did="subjects.people.changed")
    assert line.by == "staff:7"
    for bad in ({"phone": "soon"}, {"phone": 7}):
        with pytest.raises(BadIdentifier):
            store.rectify(controller=bloom, subject=ada, changes=bad, by="staff:7", at=now())
    api.begin_erasure(controller=bloom, subjects=[ada], by=US, at=now())
    with pytest.raises(NotActive):
        store.rectify(controller=bloom, subject=ada, changes={"last_name": "Pop"}, by="staff:7", at=now())
    with pytest.raises(UnknownSubject):
        store.rectify(controller=bloom, subject=12, changes={"last_name": "Pop"}, by="staff:7", at=now())


def test_restricting_changes_nothing_here(bloom, take):
    assert SubjectStore().restrict(controller=bloom, subject=1, on=True, by="person", at=now()) == 0


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_failed_import_leaves_no_person_and_can_be_repeated(take, monkeypatch):
    bloom = brand("bloom")
    with monkeypatch.context() as broken:
        broken.setattr(folk, "learn", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(bloom, user_id="ada", first_name="Ada")
    assert api.count(controller=bloom) == 0
    assert take(bloom, user_id="ada", first_name="Ada").created


def test_begun_twice_is_begun_once(bloom, take):
    ada = take(bloom, user_id="ada").subject
    for later in range(2):
        api.begin_erasure(controller=bloom, subjects=[ada, 12], by=US, at=now() + timedelta(hours=later))
    assert len(audit.entries(controller=bloom, did="subjects.erasure.begun")) == 1
