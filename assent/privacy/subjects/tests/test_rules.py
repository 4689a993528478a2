"""Normal forms, folding and the names of a household."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from assent.privacy.subjects import api, rules
from assent.privacy.subjects.contracts import BadIdentifier, Field

HOSTILE = [
    "",
    " ",
    "\x00",
    "\ud800",
    "';--",
    "<script>",
    "A" * 5_000,
    "ﷺ",
    "\u202etest",
    "undefined",
    "1e400",
    "😀@😀",
    "+" * 40,
]
texts = st.one_of(st.text(), st.sampled_from(HOSTILE), st.text(alphabet="ăâîșțşţ ŞŢaAbB0@.+-'", max_size=40))


def accepted(field, value):
    try:
        return rules.normalise(field, value, "RO")
    except BadIdentifier:
        return None


@given(st.sampled_from(Field), texts)
def test_a_normal_form_is_its_own_normal_form_and_anything_else_is_refused_in_words(field, value):
    form = accepted(field, value)
    if form:
        assert accepted(field, form) == form


@given(st.sampled_from(Field), texts.filter(lambda text: len(text.strip()) > 12))
def test_a_refusal_never_repeats_the_value(field, value):
    _, refused = rules.normalise_all({field.value: value}, "RO")
    assert not any(value.strip() in str(error) for error in refused)


def test_an_email_is_lower_case_and_its_domain_ascii():
    assert rules.normalise_email("  Ada.Pop+news@Bloom.EXAMPLE ") == "ada.pop+news@bloom.example"
    assert rules.normalise_email("ana@târg.example") == "ana@xn--trg-ila.example"


@pytest.mark.parametrize(
    "bad",
    ["ada", "ada@", "@bloom.example", "a b@bloom.example", "ada@bloom", "ada@-x.example", "a@b@c.example", "ada@bloom..example",
     ".ada@bloom.example", "ada@bloom.example\nBcc: ben@bloom.example", "ada@[127.0.0.1]", "x" * 65 + "@bloom.example"],
)  # fmt: skip
def test_what_is_no_email_is_refused_with_a_cure(bad):
    with pytest.raises(BadIdentifier) as refused:
        rules.normalise_email(bad)
    assert refused.value.field == "email"
    assert refused.value.cure


@pytest.mark.parametrize("written", ["0722 123 456", "+40722123456", "0040 722 123 456", "(0722) 123-456", "0722.123.456"])
def test_a_phone_number_has_one_form_however_it_is_written(written):
    assert rules.normalise_phone(written, "RO") == "+40722123456"


def test_a_number_without_country_code_is_the_controllers_country():
    assert rules.normalise_phone("020 7946 0018", "GB") == "+442079460018"


@pytest.mark.parametrize("bad", ["12", "call me", "0722-SHOES", "+40", "0" * 30, "🤷"])
def test_what_is_no_phone_number_is_refused(bad):
    with pytest.raises(BadIdentifier):
        rules.normalise_phone(bad, "RO")


def test_a_birth_date_is_a_day_even_if_a_client_sends_a_moment():
    assert rules.normalise(Field.BIRTH_DATE, "1990-04-17T00:00:00.000Z", "RO") == "1990-04-17"
    for bad in ("17.04.1990", "1990-13-01", "0001-01-01", "1990-04-17x"):
        with pytest.raises(BadIdentifier):
            rules.normalise(Field.BIRTH_DATE, bad, "RO")


def test_a_note_keeps_its_lines_and_a_name_does_not():
    assert rules.normalise(Field.NOTE, "one  two\nthree", "RO") == "one two\nthree"
    assert rules.normalise(Field.NAME, "Ada\nPop", "RO") == "Ada Pop"


@pytest.mark.parametrize("spelling", ["Ștefan", "Ştefan", "STEFAN", "stefan", "S\u0326tefan", "ｓｔｅｆａｎ"])
def test_stefan_is_stefan(spelling):
    assert rules.fold_name(spelling) == "stefan"


def test_both_forms_of_every_romanian_letter_fold_alike():
    assert rules.fold_name("ĂÂÎȘȚ ăâîșț ŞŢşţ") == "aaist aaist stst"
    assert rules.fold_name("Łódź Straße Ærø Ğ İ") == "lodz strasse aero g i"


@given(st.text())
def test_folding_is_settled_after_one_time_and_blind_to_case(text):
    once = rules.fold_name(text)
    assert rules.search_words(once) == rules.search_words(text)


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=40))
def test_prefixes_are_three_to_eight_letters_long_and_begin_the_word(word):
    found = rules.prefixes(word)
    assert all(word.startswith(start) and 3 <= len(start) <= 8 and start != word for start in found)
    assert len(found) == max(0, min(8, len(word) - 1) - 2)


def test_hyphens_and_apostrophes_part_words_and_a_text_is_not_a_thousand_words():
    assert rules.search_words("Ana-Maria d'Artagnan") == ["ana", "maria", "d", "artagnan"]
    assert len(rules.search_words(" ".join(f"w{n}" for n in range(1_000)))) == rules.MOST_NAME_WORDS


def test_one_family_one_address_several_people():
    family = {1: {Field.FIRST_NAME: ["Ada"]}, 2: {Field.NAME: ["Ben Pop"]}, 3: {}}
    assert rules.same_household_member({Field.FIRST_NAME: ["ADA"]}, family) == [1]
    assert rules.same_household_member({Field.NAME: ["Pop Ben"]}, family) == [2]
    assert rules.same_household_member({Field.FIRST_NAME: ["Cleo"]}, family) == [3]
    assert rules.same_household_member({}, family) == [1, 2, 3]


def test_derived_attributes_tell_bands_and_not_days():
    known = {"birth_date": "1990-04-17", "postal_code": "400 001"}
    derived = api.derive(identifiers=known, at=date(2026, 4, 16))
    assert derived == {"age_band": "35-44", "birthday": "04-17", "county": "Cluj"}
    assert api.derive(identifiers={"birth_date": "1992-04-17"}, at=date(2027, 4, 16))["age_band"] == "25-34"
    assert rules.age_band("2010-01-01", date(2027, 1, 1)) == "0-17"
    assert rules.age_band("1950-01-01", date(2027, 1, 1)) == "65+"
    assert api.derive(identifiers={"birth_date": "2050-01-01"}, at=date(2027, 1, 1)) == {"birthday": "01-01"}
    assert api.derive(identifiers={"birth_date": "soon", "postal_code": "SW1A 1AA"}, at=date(2027, 1, 1)) == {}
