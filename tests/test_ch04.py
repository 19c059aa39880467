"""Chapter 04: the exhibits are what their names say; lazy tests and fixtures get the score that they deserve and are told why."""

import json

import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib import figures
from course_lib.exercises import ch04_bug_museum as chapter
from course_lib.exercises import find, judge
from course_lib.exercises.claims import (
    RIGHT_WAYS,
    TWISTS,
    WRONG_WAYS,
    Claim,
    drawn_claims,
    kind,
    test_points,
    wrong_claim,
)
from course_lib.exercises.mistakes import MISTAKES
from course_lib.exercises.points import sigmoid_net
from course_lib.exercises.testing import LARGEST, REASONS, hidden_at, why_hidden
from course_lib.exercises.whole_pass import BOOK_KEEPING, backward
from course_lib.figures.picture import STYLE
from course_lib.respond import respond
from course_lib.wire import Rng, pack, unpack

test_points.__test__ = False  # a helper of the judge's side, not a test
SEEDS = range(2)
CHAPTER = "04_bug_museum"


def judged(name, answer, seed):
    """The verdict at fresh test points, as the grader makes them."""
    exercise = find(name)
    calls = exercise.calls(np.random.default_rng(seed))
    return exercise.verdict(calls, respond(answer, calls))


# The museum. -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", chapter.NAMES)
def test_an_exhibit_is_the_mistake_of_its_name(letter, solved, rng):
    """At each point one of the bank's rows of that name gives the very same arrays, or fails as well."""
    exhibit, run = solved(CHAPTER)[0]["exhibits"][letter], solved(CHAPTER)[0]["run"]
    rows = [way for name, way in WRONG_WAYS if name == chapter.NAMES[letter]]
    assert any(
        all(agree(run(exhibit, point)[1], wrong_claim(way, point)) for point in test_points(rng)) for way in rows
    )


def agree(claim, other):
    if claim is None or other is None:
        return claim is other
    arrays = [(np.asarray(a[l]), np.asarray(b[l])) for a, b in zip(claim, other, strict=True) for l in a]
    return all(a.shape == b.shape and np.allclose(a, b, rtol=1e-12, atol=1e-15) for a, b in arrays)


def test_what_the_text_says_of_the_exhibits(solved):
    """Two crash and two have a wrong shape on 4-5-3-2; none crashes on a square network; seven hide in the lazy fixture."""
    namespace = solved(CHAPTER)[0]
    happened = [namespace["run"](exhibit, namespace["point"])[0] for exhibit in namespace["exhibits"].values()]
    assert [happened.count(word) for word in ("crash", "shape", "silent")] == [2, 2, 8]
    assert "crash" not in [
        namespace["run"](exhibit, namespace["square"])[0] for exhibit in namespace["exhibits"].values()
    ]
    histories = {letter: namespace["descend"](namespace["exhibits"][letter]) for letter in "BCEL"}
    right = namespace["descend"](namespace["numeric_gradient"])
    assert all(history[-1] < 0.9 * history[0] for history in [right, *histories.values()])
    assert [letter for letter, history in histories.items() if history[-1] < right[-1]] == ["B", "C"]
    assert [name for name in chapter.MENU if name not in MISTAKES] == []


def test_the_list_in_the_notebook_is_the_menu(root):
    text = (root / "solutions" / f"{CHAPTER}.py").read_text(encoding="utf-8")
    rows = [line.rsplit("|", 2)[1] for line in text.splitlines() if line.startswith("# | **") and "·" in line]
    assert sorted(name.strip() for row in rows for name in row.split("·")) == chapter.MENU


def test_names_earn_their_share(solved):
    half = {letter: name for letter, name in chapter.NAMES.items() if letter < "G"}
    verdict = judged("name_the_bug", lambda exhibits: half, 0)
    assert (verdict.state, verdict.score) == ("partial", 0.5)
    assert "Not named yet: G, H, I, J, K, L" in verdict.message
    verdict = judged("name_the_bug", lambda exhibits: chapter.NAMES | {"A": "factor 2", "B": "a bug"}, 0)
    assert verdict.score == round(10 / 12, 4)
    assert "Look again at A." in verdict.message
    assert "B: 'a bug' is not on the list. The nearest name on it is '" in verdict.message
    assert judged("name_the_bug", lambda exhibits: list(chapter.NAMES), 0).state == "failed"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Flipped Sign", "flipped sign"),
        ("missing 1 / m", "missing 1/m"),
        ("no σ' at the output", "no σ′ at the output"),
        ("no sigma' at the output", "no σ′ at the output"),
        ("no sigma prime at the output", "no σ′ at the output"),
        ("wrong layer’s W", "wrong layer's W"),
        ("sigma' before W^T", "σ′ before Wᵀ"),
        ("always x", "always X"),
        ("sign flipped", None),
    ],
)
def test_a_name_counts_however_it_is_typed(typed, meant):
    assert chapter.on_the_list(typed) == meant
    assert [chapter.on_the_list(name) for name in chapter.MENU] == chapter.MENU


def test_an_exhibit_counts_however_its_letter_is_typed():
    typed = {letter.lower(): name for letter, name in chapter.NAMES.items()}
    assert judged("name_the_bug", lambda exhibits: typed, 0)


def test_a_name_that_is_not_on_the_list_is_not_a_wrong_one():
    """The bug was found, but called otherwise: nobody is sent to look again."""
    verdict = judged("name_the_bug", lambda exhibits: chapter.NAMES | {"A": "sign flipped"}, 0)
    assert verdict.score == round(11 / 12, 4)
    assert "A: 'sign flipped' is not on the list. The nearest name on it is 'flipped sign'." in verdict.message
    assert "Look again" not in verdict.message
    assert verdict.mistake is None


@pytest.mark.parametrize(("number", "letter"), [(1, "I"), (2, "D"), (3, "J"), (4, "H")])
def test_an_exhibit_handed_in_as_its_repair_fails(number, letter, solved):
    verdict = judge(find(f"repair_{number}"), solved(CHAPTER)[0]["exhibits"][letter])
    assert verdict.state == "failed"
    assert "changed its input W" in verdict.message if letter == "J" else verdict.mistake == chapter.NAMES[letter]
    if letter == "D":
        assert "where dW[3] and db[3] are made from δ[3]: δ[3] itself is right" in verdict.message
    if letter == "I":
        assert "enters at layer 3, in δ[3]: everything made from it is wrong" in verdict.message


def test_an_index_one_too_far_is_explained(solved):
    forward = solved(CHAPTER)[0]["forward"]

    def repair_4(W, b, X, Y):
        a, L = forward(W, b, X)[1], len(W)
        delta = {L: (a[L] - Y) / X.shape[1] * a[L] * (1 - a[L])}
        for l in range(L - 1, 0, -1):
            delta[l] = (W[l + 1].T @ delta[l]) * a[l] * (1 - a[l])
        return delta, delta

    message = judge(find("repair_4"), repair_4).message
    assert "KeyError: 2" in message
    assert "no entry 2" in message


@pytest.mark.parametrize(("mistake", "wrong"), BOOK_KEEPING)
def test_a_repair_names_mistakes_of_book_keeping(mistake, wrong):
    """They crash, or give another shape, at most test points."""
    assert judge(find("repair_1"), wrong).mistake == mistake


def test_a_second_mean_at_the_end_is_not_booked_on_delta():
    """1/m twice may stand in δ or in both sums: their numbers are the same."""

    def divided_again(W, b, X, Y):
        return tuple({l: array / X.shape[1] for l, array in part.items()} for part in backward(W, b, X, Y))

    verdict = judge(find("repair_2"), divided_again)
    assert verdict.mistake == "1/m twice"
    assert "enters at layer 3: in δ[3], or where both dW[3] and db[3] are made from it." in verdict.message


def test_no_mistake_of_this_chapter_sends_ahead():
    """Chapter 04 is read before 05: every place to read again is behind."""
    names = {name for name, _ in WRONG_WAYS} | set(chapter.MENU)
    assert [name for name in sorted(names) if name in MISTAKES and MISTAKES[name].read[:2] > "04"] == []


# Claims. ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_claims_are_of_all_kinds_and_small(seed):
    claims = drawn_claims(np.random.default_rng(seed))
    beside = [Claim.at(*claim) for claim in claims]
    wrong, right = [c for c in beside if not c.is_right], [c for c in beside if c.is_right]
    assert len(wrong) >= 90
    assert len(right) >= 3 * len(RIGHT_WAYS) >= 24
    assert len({kind(claim) for claim in wrong}) >= 7
    assert {claim.m for claim in wrong} >= {1, 4, 5, 6}
    assert min(claim.error for claim in wrong) > 1e-3
    assert max(claim.error for claim in right) < 1e-11
    assert sum(claim.size < 1e-8 for claim in wrong) >= 0.15 * len(wrong)
    message = json.dumps(pack(find("accepts").calls(np.random.default_rng(seed))))
    assert len(message) < 2e6
    assert len(unpack(json.loads(message))) == len(claims) + 1


def test_there_are_many_wrong_implementations_and_each_is_wrong_somewhere(rng):
    points = test_points(rng)
    assert len({name for name, _ in WRONG_WAYS}) >= 60
    for name, way in WRONG_WAYS:
        claims = [(wrong_claim(way, point), point) for point in points]
        assert any(claim is None or not Claim.at(*claim, *point).is_right for claim, point in claims), name
    truth = Claim.at(*RIGHT_WAYS[0](*points[0]), *points[0]).truth
    assert all(not np.allclose(twist(truth["W", 2]), truth["W", 2]) for twist in TWISTS)


def test_no_label_travels_with_a_claim(rng):
    """Claims are arrays only, in random order, and right ones are written with other roundings and memory orders."""
    calls = find("accepts").calls(rng)
    assert all(isinstance(array, np.ndarray) for call in calls for part in call.args[:4] for array in dict_values(part))
    first = [Claim.at(*call.args).is_right for call in calls][: len(calls) // 2]
    assert 0.2 < np.mean(first) < 0.55


def dict_values(part):
    return part.values() if isinstance(part, dict) else [part]


# Tests written by students: full marks, and what lazy ones get. --------------------------------------------------------------


def careful(tolerance):
    """accepts(measure) → a test that compares each entry with what `measure(W, b, X, Y)` gives."""

    def with_measure(measure):
        def accepts(dW, db, W, b, X, Y):
            for claim, true in zip((dW, db), measure(W, b, X, Y), strict=True):
                if claim.keys() != true.keys() or any(np.shape(claim[l]) != true[l].shape for l in true):
                    return False
                if any(np.max(np.abs(claim[l] - true[l])) > tolerance * np.max(np.abs(true[l])) for l in true):
                    return False
            return True

        return accepts

    return with_measure


def by_backpropagation(W, b, X, Y):
    return RIGHT_WAYS[0](W, b, X, Y)


def by_differences(solved):
    """A central difference through the notebook's own forward pass."""
    names = solved(CHAPTER)[0]

    def measure(W, b, X, Y):
        def slopes(J, x):
            out = np.zeros(x.shape)
            for i in np.ndindex(x.shape):
                e = np.zeros(x.shape)
                e[i] = 1e-5
                out[i] = (J(x + e) - J(x - e)) / 2e-5
            return out

        J = lambda W, b: names["cost"](names["forward"](W, b, X)[1][len(W)], Y)
        dW = {l: slopes(lambda w, l=l: J({**W, l: w}, b), W[l]) for l in W}
        return dW, {l: slopes(lambda c, l=l: J(W, {**b, l: c}), b[l]) for l in W}

    return measure


@pytest.mark.parametrize("seed", SEEDS)
def test_careful_tests_get_full_marks_however_they_measure(seed, solved):
    for accepts in (
        careful(1e-6)(by_backpropagation),
        careful(1e-10)(by_backpropagation),
        *(careful(tolerance)(by_differences(solved)) for tolerance in (1e-4, 1e-5, 1e-6, 1e-7)),
        lambda *c: shapes(*c) and close(*c, rtol=1e-6, atol=0),
        solved(CHAPTER)[0]["accepts"],
    ):
        verdict = judged("accepts", accepts, seed)
        assert (verdict.state, verdict.score) == ("passed", 1.0), verdict
        assert "kills − false alarms = 100%" in verdict.evidence


def entries(dW, db, W, b, X, Y, which=(0, 1), layers=None, tolerance=1e-6):
    """A careful test of some of the arrays only."""
    true = by_backpropagation(W, b, X, Y)
    return all(
        np.shape((dW, db)[k][l]) == true[k][l].shape
        and np.max(np.abs((dW, db)[k][l] - true[k][l])) <= tolerance * np.max(np.abs(true[k][l]))
        for k in which
        for l in (layers or (lambda L: range(1, L + 1)))(len(W))
    )


def norms(dW, db, W, b, X, Y):
    true = by_backpropagation(W, b, X, Y)
    return all(
        abs(np.linalg.norm(claim[l]) - np.linalg.norm(t[l])) < 1e-9
        for claim, t in zip((dW, db), true, strict=True)
        for l in W
    )


def shapes(dW, db, W, b, X, Y):
    return all(np.shape(dW[l]) == W[l].shape and np.shape(db[l]) == b[l].shape for l in W)


def absolute(dW, db, W, b, X, Y):
    true = by_backpropagation(W, b, X, Y)
    return shapes(dW, db, W, b, X, Y) and all(
        np.allclose(c[l], t[l], rtol=0, atol=1e-3) for c, t in zip((dW, db), true, strict=True) for l in W
    )


def close(dW, db, W, b, X, Y, **how):
    true = by_backpropagation(W, b, X, Y)
    return all(np.allclose(c[l], t[l], **how) for c, t in zip((dW, db), true, strict=True) for l in W)


def raising(dW, db, W, b, X, Y):
    if not shapes(dW, db, W, b, X, Y):
        raise ValueError("shapes differ")
    return entries(dW, db, W, b, X, Y)


LAZY = {
    # name: (test, most that it may score, the mistake, a word of the message)
    "always True": (lambda *claim: True, 0, "accepts everything", "No wrong claim was rejected"),
    "always False": (lambda *claim: False, 0, "rejects everything", "cannot pass"),
    "only shapes": (shapes, 0.2, "only shapes tested", "whatever its numbers"),
    "only the shape of db": (
        lambda dW, db, W, b, X, Y: all(np.shape(db[l]) == b[l].shape for l in b),
        0.1,
        "only shapes tested",
        "whatever its numbers",
    ),
    "only m = 1": (lambda *c: c[4].shape[1] > 1 or entries(*c), 0.25, "only one example tested", "other columns"),
    "only norms": (norms, 0.6, "norms tested, not entries", "Norms"),
    "only dW": (lambda *c: entries(*c, which=(0,)), 0.85, "db not tested", "look at db"),
    "only dW, but all shapes": (lambda *c: shapes(*c) and entries(*c, which=(0,)), 0.95, "db not tested", "look at db"),
    "the wrong way round": (
        lambda *c: shapes(*c) and not entries(*c),
        0,
        "rejects right claims, accepts wrong ones",
        "wrong way round",
    ),
    "only db": (lambda *c: entries(*c, which=(1,)), 0.75, "dW not tested", "look at dW"),
    "only the last layer": (
        lambda *c: entries(*c, layers=lambda L: [L]),
        0.9,
        "only the last layer tested",
        "every layer",
    ),
    "only the first layer": (
        lambda *c: entries(*c, layers=lambda L: [1]),
        0.95,
        "only the first layer tested",
        "every layer",
    ),
    "absolute tolerance": (absolute, 0.85, "tolerance larger than the gradient", "the largest entry is"),
    "absolute 1e-6": (
        lambda *c: shapes(*c) and close(*c, rtol=0, atol=1e-6),
        0.85,
        "tolerance larger than the gradient",
        "0 and the wrong sign included",
    ),
    "np.allclose as it comes": (
        lambda *c: shapes(*c) and close(*c, rtol=1e-5, atol=1e-8),
        0.85,
        "tolerance larger than the gradient",
        "at points where the largest entry is",
    ),
    "relative, but large": (
        lambda *c: entries(*c, tolerance=0.2),
        0.99,
        "relative tolerance too large",
        "% of the largest entry of an array",
    ),
    "exceptions": (raising, 0.97, "shapes not tested", "raised an exception, which is no answer"),
    "too strict": (lambda *c: entries(*c, tolerance=0), 0.8, "tolerance below rounding", "right claims were rejected"),
    "order of the keys": (
        lambda *c: [*c[0]] == [*c[2]] and entries(*c),
        0.5,
        "form tested, not numbers",
        "very same numbers got different answers",
    ),
    "a point of its own": (
        lambda *c: entries(*c) and c[4].shape[0] < 4,
        0.9,
        "rejects right claims",
        "at the others none: there your measurement is off",
    ),
}


@pytest.mark.parametrize(("seed", "name"), [*enumerate(LAZY)])
def test_a_lazy_test_gets_what_it_deserves_and_is_told_why(name, seed):
    accepts, most, mistake, said = LAZY[name]
    verdict = judged("accepts", accepts, seed)
    assert verdict.score <= most
    assert verdict.state == ("failed" if verdict.score == 0 else "partial")
    assert (verdict.mistake, said in verdict.message) == (mistake, True), verdict.message
    assert MISTAKES[mistake].question in verdict.message


@pytest.mark.parametrize("tolerance", [1e-5, 1e-2])
@pytest.mark.parametrize("seed", range(4))
def test_a_test_of_all_layers_is_never_told_that_it_tests_one(tolerance, seed):
    verdict = judged("accepts", lambda *c: shapes(*c) and close(*c, rtol=tolerance, atol=1e-5), seed)
    assert verdict.mistake == "tolerance larger than the gradient"
    verdict = judged("accepts", lambda *c: entries(*c, tolerance=tolerance), seed)
    assert verdict.mistake in (None, "relative tolerance too large")


def test_comparing_bits_with_a_measurement_rejects_everything(solved):
    measured = solved(CHAPTER)[0]["numeric_gradient"]
    verdict = judged("accepts", lambda *c: shapes(*c) and close_to(measured(*c[2:]), c, 0), 0)
    assert (verdict.score, verdict.mistake) == (0, "rejects everything")
    assert "with their last digit changed" in verdict.message


def close_to(true, claim, tolerance):
    pairs = [(claim[k][l], true[k][l]) for k in (0, 1) for l in claim[2]]
    return all(np.max(np.abs(c - t)) <= tolerance * np.max(np.abs(t)) for c, t in pairs)


def test_an_exception_at_claims_of_the_right_shape_comes_first():
    """Nothing is concluded from claims that the test could not compare."""

    def accepts(dW, db, W, b, X, Y):
        return shapes(dW, db, W, b, X, Y) and undefined  # noqa: F821

    verdict = judged("accepts", accepts, 0)
    assert "NameError" in verdict.message
    assert "Cause" not in verdict.message


def test_a_test_that_fits_no_pattern_is_told_the_kinds_that_got_through():
    verdict = judged("accepts", lambda dW, db, W, *_: sum(np.sum(dW[l]) for l in W) > 0, 0)
    assert verdict.mistake == "accepts wrong claims"
    assert verdict.message.count("Got through:") == 3


@pytest.mark.parametrize("value", [1, None, np.array([True, False]), "True"])
def test_a_test_answers_true_or_false(value):
    verdict = judged("accepts", lambda *claim: value, 0)
    assert verdict.state == "failed"
    assert "wanted True or False" in verdict.message
    assert ("Does every path end in `return`?" in verdict.message) == (value is None)


def test_numpys_true_counts_as_true():
    assert judged("accepts", lambda *claim: np.bool_(entries(*claim)), 0).state == "passed"


def test_an_exception_everywhere_is_shown():
    def accepts(dW, db, W, b, X, Y):
        return dW[0]

    verdict = judged("accepts", accepts, 0)
    assert verdict.state == "failed"
    assert "KeyError" in verdict.message


# Fixtures. -------------------------------------------------------------------------------------------------------------------


def point_of(sizes, m, change=lambda W, b, X, Y: (W, b, X, Y)):
    return lambda rng: change(*sigmoid_net(rng, sizes, m))


def outputs(W, b, X):
    a = X
    for l in W:
        a = 1 / (1 + np.exp(-(W[l] @ a + b[l])))
    return a


def alike(W, b, X, Y):
    return {l: w[:1] + 0 * w for l, w in W.items()}, {l: c[:1] + 0 * c for l, c in b.items()}, X, Y


def symmetric(W, b, X, Y):
    return {l: w + w.T if w.shape[0] == w.shape[1] else w for l, w in W.items()}, b, X, Y


FIXTURES = {
    # name: (fixture, most that it may score, the reason that the message gives)
    "m = 1": (point_of([4, 5, 3, 2], 1), 0.8, "m = 1: "),
    "one layer": (point_of([4, 3], 5), 0.8, "one layer: "),
    "two layers": (point_of([4, 3, 2], 5), 0.995, "two layers: "),
    "zero weights": (
        point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: ({l: 0 * W[l] for l in W}, b, X, Y)),
        0.8,
        "weights 0: ",
    ),
    "Y is the output": (
        point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: (W, b, X, outputs(W, b, X))),
        0.2,
        "Y equals the output: ",
    ),
    "m = n_L": (point_of([4, 5, 3, 2], 2), 0.995, "as many outputs as examples: "),
    "examples alike": (
        point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: (W, b, X[:, :1] + 0 * X, Y[:, :1] + 0 * Y)),
        0.9,
        "all examples alike: ",
    ),
    "targets 0": (point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: (W, b, X, 0 * Y)), 0.995, "all errors of one sign: "),
    "units alike": (point_of([4, 5, 3, 2], 6, alike), 0.995, "all units alike: "),
    "symmetric": (point_of([2, 3, 3, 3], 5, symmetric), 0.995, "symmetric weights: "),
    "biases 0": (
        point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: (W, {l: 0 * b[l] for l in b}, X, Y)),
        0.98,
        "biases 0: ",
    ),
    "equal widths": (point_of([4, 3, 3, 3], 6), 0.995, "equal widths: "),
    "m = n_0": (point_of([4, 5, 3, 2], 4), 0.995, "as many inputs as examples: "),
    "one output": (point_of([4, 5, 3, 1], 6), 0.98, "a single output: "),
    "biases times 60": (
        point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: (W, {l: 60 * b[l] for l in b}, X, Y)),
        0.995,
        "saturated: ",
    ),
    "weights times 0.01": (
        point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: ({l: 0.01 * W[l] for l in W}, b, X, Y)),
        0.995,
        "examples hardly told apart: ",
    ),
    "X is 0": (point_of([4, 5, 3, 2], 6, lambda W, b, X, Y: (W, b, 0 * X, Y)), 0.995, "X equals 0: "),
}


@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixture_that_hides_bugs_is_told_why(name):
    fixture, most, reason = FIXTURES[name]
    verdict = judged("fixture", fixture, 0)
    assert verdict.state == "partial"
    assert 0 < verdict.score <= most
    assert reason in verdict.message
    assert "wrong implementations show at your point" in verdict.message


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("sizes", "m"), [([4, 5, 3, 2], 6), ([3, 4, 2, 5, 2], 7), ([6, 3, 4, 3], 5)])
def test_an_ordinary_point_of_three_layers_shows_all(sizes, m, seed):
    verdict = judged("fixture", point_of(sizes, m), seed)
    assert (verdict.state, verdict.score) == ("passed", 1.0), verdict


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "wanted a tuple (W, b, X, Y)"),
        (([], [], [], []), "dicts keyed by layer"),
        (({1: np.ones((2, 3))}, {1: np.ones(2)}, np.ones((3, 4)), np.ones((2, 4))), "b[1]: shape (2,)"),
        (({1: np.ones((2, 3))}, {1: np.ones((2, 1))}, np.ones((3, 4)), np.ones((4, 2))), "Y: shape (4, 2)"),
        (({1: np.ones((2, 3)) * np.nan}, {1: np.ones((2, 1))}, np.ones((3, 4)), np.ones((2, 4))), "finite"),
        (({1: np.ones((2, 90))}, {1: np.ones((2, 1))}, np.ones((90, 4)), np.ones((2, 4))), "wanted at most 500"),
    ],
)
def test_what_is_no_point_is_said(value, said):
    verdict = judged("fixture", lambda rng: value, 0)
    assert verdict.state == "failed"
    assert said in verdict.message


def test_the_text_counts_the_wrong_implementations(root):
    text = (root / "solutions" / f"{CHAPTER}.py").read_text(encoding="utf-8")
    assert f"It\n# is tried on {len(WRONG_WAYS)} of them" in text
    assert f"at most {LARGEST} numbers" in text
    assert f"Of {len(WRONG_WAYS)} wrong" in find("fixture").prediction.question
    hidden = hidden_at(point_of([4, 5, 3, 2], 1)(np.random.default_rng(0)))
    assert len(hidden) > len(WRONG_WAYS) / 4  # "more than a quarter"


def test_a_fixture_draws_from_the_rng_that_it_is_given():
    own = np.random.default_rng(0)
    assert "two different points" in judged("fixture", lambda rng: sigmoid_net(own, [4, 5, 3, 2], 6), 0).message
    assert all(isinstance(call.args[0], Rng) for call in find("fixture").calls(np.random.default_rng(0)))


def test_every_reason_is_one(rng):
    """Each property that a message blames holds at some point, and something is hidden there."""
    given = [fixture(rng) for fixture, *_ in FIXTURES.values()]
    blamed = {line.split(":")[0].strip() for point in given if hidden_at(point) for line in why_hidden(point)}
    assert blamed >= set(REASONS)


# Figures. --------------------------------------------------------------------------------------------------------------------


def test_a_fixture_is_not_blamed_for_what_hides_nothing(rng):
    """In a square network weights of ordinary size leave the examples close together; what hides bugs is its shape."""
    square = sigmoid_net(rng, [3, 3, 3], 3)
    assert all("hardly told apart" not in line for line in why_hidden(square))
    assert any("equal widths" in line for line in why_hidden(square))


def test_one_exhibit_alone_carries_the_names_of_its_arrays(rng):
    point = sigmoid_net(rng, [4, 5, 3, 2], 6)
    truth, fig = by_backpropagation(*point), Figure()
    figures.error_maps.__wrapped__(fig, {"B": truth}, truth)
    shown = [text.get_text() for text in fig.axes[0].texts]
    assert shown == ["dW[1]", "db[1]", "dW[2]", "db[2]", "dW[3]", "db[3]"]


HAPPENED = dict(
    zip(
        "ABCDEFGHIJKL", 5 * ["silent"] + ["shape", "crash", "crash", "silent", "silent", "shape", "silent"], strict=True
    )
)
AT_POINTS = {"your\nfixture": "false alarm", "m = 1": "missed", "one\nlayer": "killed", "3-3-3\nm = 3": "hidden"}


@pytest.mark.parametrize(
    ("draw", "size", "table"),
    [
        (
            figures.what_happened,
            (7.2, 1.4),
            (HAPPENED, dict.fromkeys(HAPPENED, "silent") | {"A": "crash", "B": "silence"}),
        ),
        (figures.kill_matrix, (7.2, 4.9), ({name: {**AT_POINTS, "w": "right", "y": "crash"} for name in HAPPENED},)),
    ],
)
def test_every_word_fits_into_its_cell(draw, size, table):
    with matplotlib.style.context(STYLE, after_reset=True):
        fig = Figure(figsize=size)
        draw.__wrapped__(fig, *table)
        fig.draw_without_rendering()
        cells = [patch.get_window_extent() for patch in fig.axes[0].patches]
        words = [text.get_window_extent() for text in fig.axes[0].texts]
    for word in words:
        inside = [box for box in cells if box.contains(*word.get_points().mean(axis=0))]
        assert all(
            box.x0 <= word.x0 and word.x1 <= box.x1 and box.y0 <= word.y0 and word.y1 <= box.y1 for box in inside
        )


def test_predictions_count_however_they_are_typed():
    typed = {"A": " Silent", "B": "crash", "F": "SHAPE", "G": "it crashes"}
    assert figures.what_happened(HAPPENED, typed).alt.endswith("You said otherwise of B, G.")
    assert "otherwise" not in figures.what_happened(HAPPENED, {"A": "silent", "L": ""}).alt
