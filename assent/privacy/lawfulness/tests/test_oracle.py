"""
The rule against an oracle: a table written from the law by reading it aloud, line by line; the first line that fits holds.

Every agreement × basis × marketing × special data × operation × channel is asked about every person who can be: each
choice, its expiry, whether the purpose has outgrown it, whether it came before or after a no, each stop, erasure. All rows
agree, or the test names the first that do not.
"""

from datetime import UTC, datetime
from functools import cache
from itertools import product

import numpy as np
import pytest

from assent.privacy.consent.api import effective, expire, outdate
from assent.privacy.consent.contracts import Choice
from assent.privacy.lawfulness.contracts import Answer, Operation, Verdict, Why, code_of
from assent.privacy.lawfulness.facts import State
from assent.privacy.lawfulness.rules import assemble, frame, table, tabulate
from assent.privacy.lawfulness.tests.policies import AGREED, policy_with
from assent.privacy.policy.contracts import CHANNEL_CODES, Basis, SpecialCondition
from assent.privacy.suppression.api import apply, merge
from assent.privacy.suppression.contracts import BITS, Kind

# `other` bases are those a person's no does not end. `keep` is storing, `use` using, `pass` disclosing and
# transferring; `do` stands for the last two. `told` is whether the person knows where the data came from, as far as it matters.
# Of what the person said, `explicit` and `plain` are a yes in force, `lapsed` one that is too old, `outgrown` one to terms that
# the policy has gone beyond, `both` is both; `over` stands for these three. `when` tells whether it was said before, at the
# same moment as, or after the objection, the opt-out or the restriction.
ORACLE = """
agreement       basis                    marketing  special    act   channel      erased  legal  frozen  objected  out       bounced  said                   when         told   verdict
unserved        *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      no_solution
unsigned        *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      no_processing_agreement
elsewhere       *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      no_processing_agreement
otherwise       *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      no_processing_agreement
neither         *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      no_processing_agreement
unarranged      *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      no_joint_arrangement
*               *                        *          *          *     post         *       *      *       *         *         *        *                      *            *      channel_not_declared
*               *                        *          forbidden  *     *            *       *      *       *         *         *        *                      *            *      special_without_condition
*               *                        *          *          *     *            yes     *      *       *         *         *        *                      *            *      erasing
*               *                        *          *          do    *            *       yes    *       *         *         *        *                      *            *      legal_stop
*               *                        *          *          do    *            *       *      yes     *         *         *        nothing,plain,over,no    *          *      restricted
*               *                        *          *          do    *            *       *      yes     *         *         *        explicit               before,same  *      restricted
*               *                        yes        *          *     *            *       *      *       yes       *         *        nothing,plain,over,no    *          *      objected
*               *                        yes        *          *     *            *       *      *       yes       *         *        explicit               before,same  *      objected
*               consent                  no         *          *     *            *       *      *       yes       *         *        nothing,plain,over,no    *          *      objected
*               consent                  no         *          *     *            *       *      *       yes       *         *        explicit               before,same  *      objected
*               soft                     no         *          *     *            *       *      *       yes       *         *        nothing,plain,over,no    *          *      objected
*               soft                     no         *          *     *            *       *      *       yes       *         *        explicit               before,same  *      objected
*               interests,public         no         *          *     *            *       *      *       yes       *         *        nothing,plain,over,no    *          *      objected
*               interests,public         no         *          *     *            *       *      *       yes       *         *        explicit               before,same  *      objected
*               *                        *          *          do    email        *       *      *       *         *         yes      *                      *            *      address_stopped
*               *                        yes        *          do    *            *       *      *       *         all       *        nothing,plain,over,no    *          *      unsubscribed
*               *                        yes        *          do    *            *       *      *       *         all       *        explicit               before,same  *      unsubscribed
*               *                        yes        *          do    email        *       *      *       *         mail,spam  *       nothing,plain,over,no    *          *      unsubscribed
*               *                        yes        *          do    email        *       *      *       *         mail,spam  *       explicit               before,same  *      unsubscribed
*               consent,soft             no         *          do    *            *       *      *       *         all       *        nothing,plain,over,no    *          *      unsubscribed
*               consent,soft             no         *          do    *            *       *      *       *         all       *        explicit               before,same  *      unsubscribed
*               consent,soft             no         *          do    email        *       *      *       *         mail,spam  *       nothing,plain,over,no    *          *      unsubscribed
*               consent,soft             no         *          do    email        *       *      *       *         mail,spam  *       explicit               before,same  *      unsubscribed
*               *                        yes        *          *     *            *       *      *       *         *         *        no                     *            *      withdrawn
*               consent,soft             no         *          *     *            *       *      *       *         *         *        no                     *            *      withdrawn
*               interests,public         no         *          *     *            *       *      *       *         *         *        no                     *            *      withdrawn
*               consent                  *          *          *     *            *       *      *       *         *         *        lapsed,both            *            *      expired
*               consent                  *          *          *     *            *       *      *       *         *         *        outgrown               *            *      consent_outdated
*               consent                  *          *          *     *            *       *      *       *         *         *        nothing                *            *      no_consent
*               contract,duty,life       yes        *          do    email,sms    *       *      *       *         *         *        nothing,over           *            *      no_prior_consent
*               interests,public         yes        *          do    email,sms    *       *      *       *         *         *        nothing,over           *            *      no_prior_consent
*               *                        *          explicit   *     *            *       *      *       *         *         *        nothing,plain,over,no    *          *      no_explicit_consent
*               *                        *          *          do    email,sms,push *     *      *       *         *         *        *                      *            no     source_not_named
*               *                        *          *          pass  any          *       *      *       *         *         *        *                      *            no     source_not_told
*               *                        *          *          *     *            *       *      *       *         *         *        *                      *            *      allowed
"""  # noqa: E501 - a table is read in columns

# Which solutions serve the purpose, under which agreement; and which agreements are in force.
AGREEMENTS = {
    "own": ({"crm": "none"}, set()),
    "signed": ({"crm": "processing"}, {("crm", "processing")}),
    "arranged": ({"mall": "joint"}, {("mall", "joint")}),
    "either": ({"crm": "processing", "mall": "joint"}, {("mall", "joint")}),
    "also_own": ({"crm": "processing", "site": "none"}, set()),
    "unserved": ({}, {("crm", "processing")}),
    "unsigned": ({"crm": "processing"}, set()),
    "elsewhere": ({"crm": "processing"}, {("site", "processing")}),
    "otherwise": ({"crm": "processing"}, {("crm", "joint")}),
    "neither": ({"crm": "processing", "mall": "joint"}, set()),
    "unarranged": ({"mall": "joint"}, {("crm", "processing")}),
}
BASES = dict(zip(("consent", "contract", "duty", "life", "public", "interests", "soft"), Basis, strict=True))
SPECIAL = {
    "none": (False, None),
    "explicit": (True, SpecialCondition.EXPLICIT_CONSENT),
    "health": (True, SpecialCondition.HEALTH_CARE),
    "forbidden": (True, None),
}
CHANNELS = ("any", "email", "sms", "push", "post")
SAID = ("nothing", "no", "plain", "explicit", "lapsed", "outgrown", "both")
OLD, NEW = 3, 4  # versions of the policy; the purpose has outgrown what was agreed to under the old one
SPOKEN_MS, AT_MS = 1_700_000_000_000, 1_800_000_000_000
WHEN_MS = {"before": SPOKEN_MS - 1, "same": SPOKEN_MS, "after": SPOKEN_MS + 1}
PURPOSE = 7
TODAY = datetime.fromtimestamp(AT_MS / 1000, UTC).date()

YES_NO = ("no", "yes")
PERSON = ("erased", "legal", "frozen", "objected", "out", "bounced", "said", "when", "told")
EVERYBODY = list(product(YES_NO, YES_NO, YES_NO, YES_NO, ("no", "mail", "all", "spam"), YES_NO, SAID, WHEN_MS, YES_NO))


COLUMNS = {name: np.array([person[place] for person in EVERYBODY]) for place, name in enumerate(PERSON)}


def read_oracle():
    head, *lines = (
        line.replace("over", "lapsed,outgrown,both").replace(" do ", " use,pass ").split()
        for line in ORACLE.strip().splitlines()
    )
    return [dict(zip(head, line, strict=True)) for line in lines]


LINES = read_oracle()


def fits(cell, value):
    return cell == "*" or value in cell.split(",")


@cache
def by_the_oracle(**asked):
    """Return what the table says of everybody, for one thing asked."""
    said = np.full(len(EVERYBODY), "", dtype=object)
    for line in LINES:
        if all(fits(line[name], value) for name, value in asked.items()):
            these = said == ""
            for name, column in COLUMNS.items():
                if line[name] != "*":
                    these &= np.isin(column, line[name].split(","))
            said[these] = line["verdict"]
    return said


def everybody_as_rows():
    """Write everybody down as the tables would hold them."""
    choices, stops, leaving, untold = [], [], [], []
    for subject, (erased, legal, frozen, objected, out, bounced, said, when, told) in enumerate(EVERYBODY, start=1):
        if said != "nothing":
            choice = Choice.WITHDRAWN if said == "no" else Choice.GIVEN
            ends = AT_MS if said in {"lapsed", "both"} else AT_MS + 1
            version = OLD if said in {"outgrown", "both"} else NEW
            # A consent that is over was explicit once: that must not matter any more.
            explicit = said not in {"plain", "no"}
            choices.append((subject, PURPOSE, 0, choice, explicit, WHEN_MS[when], ends, version))
        kinds = [
            (legal == "yes", Kind.LEGAL_STOP, "any"), (frozen == "yes", Kind.RESTRICTION, "any"),
            (objected == "yes", Kind.OBJECTION, "any"), (bounced == "yes", Kind.BOUNCE, "email"),
            (out == "mail", Kind.UNSUBSCRIBE, "email"), (out == "all", Kind.UNSUBSCRIBE, "any"),
            (out == "spam", Kind.COMPLAINT, "email"),
        ]  # fmt: skip
        stops += [(subject, -1, CHANNEL_CODES[channel], BITS[kind], SPOKEN_MS) for made, kind, channel in kinds if made]
        if erased == "yes":
            leaving.append(subject)
        if told == "no":
            untold.append(subject)
    names = ("subject", "purpose", "channel", "choice", "explicit", "at_ms", "expires_ms", "version")
    return (
        {name: np.array([row[place] for row in choices], np.int64) for place, name in enumerate(names)},
        {
            name: np.array([row[p] for row in stops], np.int64)
            for p, name in enumerate(("subject", "purpose", "channel", "bit", "at_ms"))
        },
        np.array(leaving, np.int64),
        np.array(untold, np.int64),
    )


CHOICES, STOPS, LEAVING, UNTOLD = everybody_as_rows()
SUBJECTS = np.arange(1, len(EVERYBODY) + 1)


def states(channel):
    choices = outdate(expire(CHOICES, at_ms=AT_MS), versions=[OLD])
    choices = effective(choices, channel=CHANNEL_CODES[channel])
    stops = merge(apply(STOPS, purpose=PURPOSE, channel=CHANNEL_CODES[channel]))
    return assemble(SUBJECTS, choices=choices, stops=stops, leaving=LEAVING, untold=UNTOLD)


REFUSALS = [why for why in Why if why is not Why.ALLOWED]
STATES = {channel: states(channel) for channel in CHANNELS}
WORDS = np.full(256, "", dtype=object)
WORDS[[code_of(Verdict(why.answer, why, why.clause)) for why in REFUSALS]] = [why.value for why in REFUSALS]
WORDS[[code_of(Verdict(Answer.YES, Why.ALLOWED, basis.clause, basis)) for basis in Basis]] = "allowed"


@pytest.mark.parametrize("agreement", AGREEMENTS)
@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("marketing", YES_NO)
@pytest.mark.parametrize("special", SPECIAL)
def test_the_rule_agrees_with_the_oracle_on_every_row(agreement, basis, marketing, special):
    serving, agreed = AGREEMENTS[agreement]
    holds_special, condition = SPECIAL[special]
    policy = policy_with(
        basis=BASES[basis],
        direct_marketing=marketing == "yes",
        special=holds_special,
        special_condition=condition,
        channels=("email", "sms", "push"),
        operations=tuple(Operation),
        serving=serving,
    )
    rows = 0
    for operation, channel in product(Operation, CHANNELS):
        ask = frame(
            policy, purpose="asked", operation=operation, channel=channel, data=frozenset(), today=TODAY, agreed=agreed,
            recipient=None,
        )  # fmt: skip
        act = {Operation.STORE: "keep", Operation.USE: "use"}.get(operation, "pass")
        expected = by_the_oracle(
            agreement=agreement, basis=basis, marketing=marketing, special=special, act=act, channel=channel
        )
        answered = WORDS[table(ask)[STATES[channel]]]
        wrong = np.flatnonzero(answered != expected)
        assert not len(wrong), (
            f"{operation} over {channel}, {dict(zip(PERSON, EVERYBODY[wrong[0]], strict=True))}: "
            f"rule says {answered[wrong[0]]}, oracle {expected[wrong[0]]}; {len(wrong)} rows differ"
        )
        rows += len(EVERYBODY)
    assert rows == len(Operation) * len(CHANNELS) * 64 * 2 * len(SAID) * 3 * 2


def test_every_line_of_the_oracle_is_needed():
    used = set()
    names = ("agreement", "basis", "marketing", "special", "act", "channel")
    for values in product(AGREEMENTS, BASES, YES_NO, SPECIAL, ("keep", "use", "pass"), CHANNELS):
        asked = dict(zip(names, values, strict=True))
        open_to = [i for i, line in enumerate(LINES) if all(fits(line[name], value) for name, value in asked.items())]
        used |= set(open_to)
    assert used == set(range(len(LINES)))
    assert {line["verdict"] for line in LINES} >= {
        "allowed",
        "objected",
        "expired",
        "consent_outdated",
        "no_explicit_consent",
        "restricted",
    }


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize(
    ("dpv", "condition", "goes_on"),
    [
        (("DisputeManagement",), None, set(Basis)),
        ((), SpecialCondition.LEGAL_CLAIMS, set(Basis)),
        (("RightsFulfilment",), None, {Basis.LEGAL_OBLIGATION}),
        (("ServiceProvision",), None, set()),
    ],
)
def test_a_restriction_lets_claims_and_answers_go_on_and_is_otherwise_as_every_stop(basis, operation, dpv, condition, goes_on):
    """Of 2,048 states: with the exception the restriction is not seen, without it the answer is no, storing aside."""
    policy = policy_with(basis=basis, dpv=dpv, special_condition=condition, channels=("email",), operations=tuple(Operation))
    codes = table(
        frame(
            policy, purpose="asked", operation=operation, channel="email", data=frozenset(), today=TODAY, agreed=AGREED,
            recipient=None,
        )
    )  # fmt: skip
    restricted = np.array([state for state in range(2048) if state & State.RESTRICTED])
    unseen = codes[restricted] == codes[restricted & ~State.RESTRICTED]
    if basis in goes_on or operation is Operation.STORE:
        assert unseen.all()
    else:
        refused = np.isin(WORDS[codes[restricted]], ["restricted", "erasing", "legal_stop"])
        assert refused.all()


def test_a_published_policy_is_tabulated_over_every_state():
    policy = policy_with(basis=Basis.CONSENT, direct_marketing=True, channels=("email",))
    tables = tabulate(policy, today=TODAY, agreed=AGREED)
    assert set(tables) == {("asked", operation, channel) for operation in Operation for channel in CHANNEL_CODES}
    assert all(len(codes) == 2048 for codes in tables.values())
