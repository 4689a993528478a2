import pytest

from assent.campaigns import rules
from assent.campaigns.rendering import compile_body

GOOD = "Hello {{ first_name or 'friend' }}{% if city %}, how is {{ city|title }}?{% endif %}"


def test_plain_words_variables_filters_conditions_and_short_loops_pass():
    assert rules.check_words("body", GOOD) == []
    assert rules.check_words("body", "{% for p in products %}{{ loop.index }}. {{ p.name|truncate(20) }}\n{% endfor %}") == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.upper() }}",
        "{{ 'a' * 999999999 }}",
        "{{ 2 ** 99999 }}",
        "{% for a in x %}{% for b in x %}{% for c in x %}{{ c }}{% endfor %}{% endfor %}{% endfor %}",
        "{% set a = 1 %}{{ a }}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% macro f() %}{% endmacro %}",
        "{{ range(1000000) }}",
        "{{ name|safe }}",
        "{{ name|format(1) }}",
        "{{ _private }}",
        "{{ x.__init__ }}",
        "{% block a %}{% endblock %}",
        "{{ open",
        "",
        "x" * 200_001,
    ],
)
def test_whatever_could_run_long_or_reach_further_is_refused_with_place_and_cure(source):
    problems = rules.check_words("body", source)
    assert problems
    assert all(problem.place.startswith("body") and problem.cure for problem in problems)


def test_names_asked_for_are_found_and_loop_variables_are_not():
    found = rules.names_in("{{ first_name }}{% for p in products %}{{ p.name }}{{ loop.index }}{% endfor %}")
    assert found == {"first_name", "products"}


def test_plain_words_become_a_mail_with_button_and_footer():
    parts, problems = compile_body(
        "body", "Hi {{ first_name }} & co,\n\nLook:\n\n[Our <shop>](https://bloom.example/a?b=1&c=2)", language="en"
    )
    assert problems == []
    assert "Hi {{ first_name }} &amp; co," in parts["html"]
    assert 'href="https://bloom.example/a?b=1&amp;c=2"' in parts["html"]
    assert "Our &lt;shop&gt;" in parts["html"]
    for name in rules.OWED:
        assert f"{{{{ {name} }}}}" in parts["html"]
        assert f"{{{{ {name} }}}}" in parts["text"]


def test_a_mail_loads_nothing_from_elsewhere():
    parts, _ = compile_body("body", GOOD, language="ro")
    assert "googleapis" not in parts["html"]
    assert "@import" not in parts["html"]
    assert 'lang="ro"' in parts["html"]


def test_mjml_is_compiled_and_gets_a_plain_part():
    mjml = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ name }}</mj-text>"
        '<mj-button href="https://bloom.example">Shop</mj-button></mj-column></mj-section></mj-body></mjml>'
    )
    parts, problems = compile_body("body", mjml, language="en")
    assert problems == []
    assert "Hello {{ name }}" in parts["text"]
    assert "Shop https://bloom.example" in parts["text"]
    assert "<" not in parts["text"]


def test_broken_mjml_says_so():
    _, problems = compile_body("body", "<mjml><mj-body><mj-section></mj-body></mjml>", language="en")
    assert "MJML" in problems[0].message


def test_mjml_cannot_read_files():
    _, problems = compile_body("body", '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>', language="en")
    assert problems


def test_words_that_carry_what_is_owed_get_no_second_footer():
    body = "Hi\n\n{{ source_line }} {{ contact }} {{ unsubscribe }}"
    parts, _ = compile_body("body", body, language="en")
    assert parts["text"].count("{{ unsubscribe }}") == 1
    assert parts["html"].count("{{ unsubscribe }}") == 1


def test_a_variant_is_drawn_from_the_messages_key_and_follows_the_shares():
    drawn = [rules.variant(occasion="campaign:1:1", subject=one, channel="email", shares=[9, 1]) for one in range(4_000)]
    again = [rules.variant(occasion="campaign:1:1", subject=one, channel="email", shares=[9, 1]) for one in range(4_000)]
    assert drawn == again
    assert 300 < sum(drawn) < 500
