"""Chapter 02: right answers pass however they are written, wrong ones fail and are named, rules are judged by what they do."""

import warnings

import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.text import Text

from course_lib import figures
from course_lib.exercises import ch02_derivatives as chapter
from course_lib.exercises import find, judge, slopes
from course_lib.exercises.measures import EXAMPLE, SIZES, WRONG_STEPS, misjudged
from course_lib.exercises.mistakes import MISTAKES
from course_lib.functions import RULES, rule
from course_lib.respond import respond
from course_lib.wire import Response

SEEDS = range(5)


def judged(name, answer, seed):
    """The verdict at fresh test points, as the grader makes them."""
    exercise = find(name)
    calls = exercise.calls(np.random.default_rng(seed))
    return exercise.verdict(calls, respond(answer, calls))


# Right answers, written differently. -----------------------------------------------------------------------------------------


def central_by_copies(f, x, h=1e-5):
    out = np.empty_like(x)
    for i, _ in np.ndenumerate(x):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        out[i] = (f(up) - f(down)) / (up[i] - down[i])
    return out


def central_flat(f, x, h=1e-5):
    flat = x.ravel()
    steps = h * np.eye(flat.size)
    slopes = [(f((flat + e).reshape(x.shape)) - f((flat - e).reshape(x.shape))) / (2 * h) for e in steps]
    return np.array(slopes).reshape(x.shape)


def central_by_nditer(f, x, h=1e-5):
    out = np.zeros_like(x)
    for _ in (it := np.nditer(x, flags=["multi_index"])):
        e = np.zeros_like(x)
        e[it.multi_index] = h
        out[it.multi_index] = (f(x + e) - f(x - e)) / 2 / h
    return out


def directional_by_gradient(f, x, v, h=1e-5):
    return np.sum(central_by_copies(f, x, h) * v)


def directional_from_the_end(f, x, v, h=1e-5):
    return float((f(x - h * v) - f(x + h * v)) / (-2 * h))


def relative_by_loop(a, n):
    a, n = np.asarray(a), np.asarray(n)
    if a.shape != n.shape:
        raise ValueError(f"{a.shape} against {n.shape}")
    worst = 0.0
    for one, other in zip(a.ravel(), n.ravel(), strict=True):
        if np.isnan(one) or np.isnan(other):
            return float("inf")
        if one != 0 or other != 0:
            worst = max(worst, abs(one - other) / (abs(one) + abs(other)))
    return worst


def relative_with_warnings(a, n):
    """0/0 is mended afterwards; numpy warns, and that is no fault."""
    if np.shape(a) != np.shape(n):
        raise ValueError("shapes differ")
    a, n = np.atleast_1d(a), np.atleast_1d(n)
    error = np.abs(a - n) / (np.abs(a) + np.abs(n))
    error[(a == 0) & (n == 0)] = 0
    error[np.isnan(error)] = np.inf
    return error.max()


def complex_by_copies(f, x, h=1e-30):
    out = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1j * h
        out[i] = f(moved).imag / h
    return out


def complex_flat(f, x, h=1e-30):
    e = 1j * h * np.eye(x.size)
    return np.array([f(x + step.reshape(x.shape)).imag / h for step in e]).reshape(x.shape)


def best_on_a_fine_grid(f, x, df):
    steps = np.logspace(-1, -12, 200)
    return float(steps[np.argmin([abs((f(x + h) - f(x - h)) / (2 * h) - df) for h in steps])])


def best_by_halving(f, x, df):
    best, h = (np.inf, None), 0.1
    while h > 1e-13:
        best = min(best, (abs((f(x + h) - f(x - h)) / (2 * h) - df), h))
        h /= 2
    return best[1]


def trustworthy_by_lists(checkers):
    n = np.arange(1.0, 7.0).reshape(2, 3)
    holes = n * (n != 3)
    good = [(n, n), (holes, holes), (1e6 * n, 1e6 * n), (1e-6 * n, 1e-6 * n)]
    bad = [(-n, n), (n[::-1], n), (1e-6 * n, 2e-6 * n), (n * [1, 1, 2], n), (n[:, 0], n[:, [0]]), (n * np.nan, n)]
    kept = set()
    for name in checkers:
        if [checkers[name](a, b) for a, b in good + bad] == [True] * 4 + [False] * 6:
            kept.add(name)
    return kept


RIGHT = [
    ("central_difference", central_by_copies),
    ("central_difference", central_flat),
    ("central_difference", central_by_nditer),
    ("directional_derivative", directional_by_gradient),
    ("directional_derivative", directional_from_the_end),
    ("relative_error", relative_by_loop),
    ("relative_error", relative_with_warnings),
    ("complex_step", complex_by_copies),
    ("complex_step", complex_flat),
    ("best_step", best_on_a_fine_grid),
    ("best_step", best_by_halving),
    ("trustworthy", trustworthy_by_lists),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=lambda value: getattr(value, "__name__", value))
def test_a_right_answer_passes_however_it_is_written(name, answer, seed):
    verdict = judged(name, answer, seed)
    assert verdict.state == "passed", verdict
    assert verdict.evidence


# Wrong answers. --------------------------------------------------------------------------------------------------------------

TABLES = {
    "central_difference": slopes.WRONG_CENTRAL,
    "directional_derivative": slopes.WRONG_DIRECTIONAL,
    "complex_step": slopes.WRONG_COMPLEX,
    "relative_error": slopes.WRONG_RELATIVE,
    "best_step": WRONG_STEPS,
}
PLANTED = [(exercise, mistake, wrong) for exercise, table in TABLES.items() for mistake, wrong in table]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "mistake", "wrong"), PLANTED)
def test_a_planted_mistake_fails_and_is_named(name, mistake, wrong, seed):
    exercise = find(name)
    calls = exercise.calls(np.random.default_rng(seed))
    with np.errstate(all="ignore"):
        values = [wrong(*call.args, **call.kwargs) for call in calls if not refused(name, call)]
    responses = iter([Response(value=value) for value in values])
    verdict = exercise.verdict(calls, [refusal() if refused(name, call) else next(responses) for call in calls])
    assert (verdict.state, verdict.mistake) == ("failed", mistake)
    assert MISTAKES[mistake].question in verdict.message


STEPS = 10.0 ** -np.arange(1, 13)


def central_in_a_loop(f, x, h=1e-5):
    """One e for the whole loop."""
    slope, e = np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e[i] = 1.0
        slope[i] = (f(x + h * e) - f(x - h * e)) / (2 * h)
    return slope


def central_without_h(f, x, h=1e-5):
    slope = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        slope[i] = (f(x + e) - f(x - e)) / (2 * h)
    return slope


def relative_by_nanmax(a, n):
    if np.shape(a) != np.shape(n):
        raise ValueError("shapes differ")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(np.nanmax(np.abs(np.subtract(a, n)) / (np.abs(a) + np.abs(n))))


def relative_by_nanmean(a, n):
    if np.shape(a) != np.shape(n):
        raise ValueError("shapes differ")
    size = np.abs(a) + np.abs(n)
    return float(np.nanmean(np.abs(np.subtract(a, n)) / np.where(size == 0, 1, size)))


def step_without_abs(f, x, df):
    return STEPS[np.argmin([(f(x + h) - f(x - h)) / (2 * h) - df for h in STEPS])]


def step_as_index(f, x, df):
    return np.argmin([abs((f(x + h) - f(x - h)) / (2 * h) - df) for h in STEPS])


def step_as_error(f, x, df):
    return min(abs((f(x + h) - f(x - h)) / (2 * h) - df) for h in STEPS)


def step_of_the_loop(f, x, df):
    for h in STEPS:
        abs((f(x + h) - f(x - h)) / (2 * h) - df)
    return h


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "answer", "mistake"),
    [
        ("central_difference", central_in_a_loop, "unit vector made once"),
        ("central_difference", central_without_h, "a step of 1"),
        ("relative_error", relative_by_nanmax, "NaN left out"),
        ("relative_error", relative_by_nanmean, "mean in place of the worst"),
        ("best_step", step_without_abs, "abs forgotten"),
        ("best_step", step_as_index, "index in place of the step"),
        ("best_step", step_as_error, "error in place of the step"),
        ("best_step", step_of_the_loop, "the last step tried"),
    ],
)
def test_what_students_write_is_named(name, answer, mistake, seed):
    verdict = judged(name, answer, seed)
    assert (verdict.state, verdict.mistake) == ("failed", mistake), verdict
    assert "Yours is too" not in verdict.message


def test_the_bottom_is_told_function_by_function():
    """Four functions, four steps, each beside its function; a step that is too long or too short says for which."""
    evidence = judge(find("best_step"), best_by_halving).evidence
    assert evidence.startswith("4 functions")
    for formula in ("sin(x)", "sin(1000·x)", "sin(0.01·x)", "1,000,000 + sin(x)"):
        assert f" for {formula}" in evidence
    assert "at f(x) = sin(x), x = 0." in judge(find("best_step"), lambda f, x, df: 1e-2).message


def test_gradients_keep_to_the_terms_of_the_contest():
    """Entries between 1e-6 and 1e6 in size: who tests within the terms is not judged outside of them."""
    sizes = np.abs(np.multiply.outer(SIZES, EXAMPLE))
    assert sizes.min() >= 1e-6
    assert sizes.max() <= 1e6


def refused(name, call):
    return name == "relative_error" and chapter.shapes_differ(*call.args)


def refusal():
    def answer(a, n):
        raise ValueError("different shapes")

    return respond(answer, chapter.pairs_of_gradients(np.random.default_rng(0))[-1:])[0]


def test_a_step_in_place_is_seen_even_if_it_is_undone():
    def in_place(f, x, h=1e-5):
        out = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            x[i] += h
            up = f(x)
            x[i] -= 2 * h
            out[i] = (up - f(x)) / (2 * h)
            x[i] += h
        return out

    assert "changed its input x" in judge(find("central_difference"), in_place).message


def test_more_than_two_calls_for_an_entry_are_too_many():
    def with_start(f, x, h=1e-5):
        f(x)
        return central_by_copies(f, x, h)

    assert "f was called 13 times for 6 entries" in judge(find("central_difference"), with_start).message


def test_a_row_against_a_column_must_be_refused():
    def lenient(a, n):
        return relative_by_loop(*np.broadcast_arrays(a, n))

    verdict = judge(find("relative_error"), lenient)
    assert verdict.mistake == "shapes not compared"
    assert "wanted a ValueError" in verdict.message


def test_a_complex_result_is_told_by_its_dtype():
    verdict = judge(find("complex_step"), lambda f, x, h=1e-30: complex_by_copies(f, x, h) + 0j)
    assert "complex" in verdict.message


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("h", [1e-1, 1e-5, 1e-8, 1e-11])
def test_no_single_step_is_best_for_all(h, seed):
    verdict = judged("best_step", lambda f, x, df: h, seed)
    assert not verdict
    assert "Yours is too" in verdict.message


@pytest.mark.parametrize("value", [0.0, -1e-5, None, np.nan, [1e-5]])
def test_a_step_is_a_positive_number(value):
    assert judged("best_step", lambda f, x, df: value, 0).state == "failed"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_in_use_makes_a_mistake_and_the_mended_one_none(name):
    assert misjudged(rule(name))
    assert not misjudged(rule(name, mended=True))


@pytest.mark.parametrize("name", RULES)
def test_a_mended_rule_accepts_no_infinite_entry(name):
    """A student may well try that pair: then it must not cost a trustworthy rule."""
    n = np.array([[1.0, -2.0], [3.0, 0.25]])
    with np.errstate(invalid="ignore"):
        assert not rule(name, mended=True)(np.where(n == 3.0, np.inf, n), n)


def test_what_each_rule_in_use_is_blind_to():
    faults = {name: misjudged(rule(name)) for name in RULES}
    assert "sign flipped" in faults["norms"]
    assert "1e-05" in faults["absolute tolerance"]
    assert "accepts" in faults["shapes"]
    assert "one entry" in faults["one observation"]
    assert "rejects a right gradient" in faults["quotient"]
    assert "(2,) where (2, 1)" in faults["count"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda checkers: set(), "you drop"),
        (lambda checkers: set(), "Or is one of your wrong pairs right?"),
        (lambda checkers: set(checkers), "you keep"),
        (lambda checkers: {"rule A", "rule Z"}, "none of those given"),
        (lambda checkers: set(checkers.values()), "wanted their names"),
        (lambda checkers: {name for name in checkers if name(1, 1)}, "`.items()` gives keys and values"),
        (lambda checkers: {}, "empty dict"),
        (lambda checkers: list(checkers), "wanted a set"),
    ],
)
def test_a_set_that_is_not_found_by_trying_fails(answer, said, seed):
    verdict = judged("trustworthy", answer, seed)
    assert verdict.state == "failed"
    assert said in verdict.message


@pytest.mark.parametrize("forgotten", range(6))
def test_each_kind_of_pair_is_needed(forgotten):
    """Without one of the kinds of pairs some rule in use slips through, and the message says which gradient it accepts."""
    n = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
    pairs = [
        (n * [1, 0, 1], n * [1, 0, 1], True),
        (-n, n, False),
        (-1e-5 * n, 1e-5 * n, False),
        (n * [1, 1, 2], n, False),
        (n[:, 0], n[:, :1], False),
        (n[:, [1, 0, 2]], n, False),
    ]
    needed = pairs[:forgotten] + pairs[forgotten + 1 :]

    def trustworthy(checkers):
        return {name for name, accepts in checkers.items() if all(accepts(a, b) == wanted for a, b, wanted in needed)}

    verdict = judge(find("trustworthy"), trustworthy)
    # Signs, and columns exchanged, are also seen in other pairs of this collection.
    assert verdict.state == ("passed" if forgotten in (1, 5) else "failed")


# Figures. --------------------------------------------------------------------------------------------------------------------


def half_square(x):
    return np.sum(np.asarray(x) ** 2) / 2


def one_sided(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h


def v_curve(h):
    return figures.v_curve(half_square, 0.8, 0.8, one_sided, central_flat_number, imaginary_part, h=h)


def central_flat_number(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def imaginary_part(f, x, h=1e-30):
    return np.imag(f(x + 1j * h)) / h


def test_a_redraw_of_the_v_curve_does_not_look_for_room(monkeypatch):
    """Measuring texts to find places for them cost a third of a redraw: 49 of them were measured, 15 are left."""
    measured, measure = [], Text.get_window_extent
    monkeypatch.setattr(Text, "get_window_extent", lambda self, *args: measured.append(self) or measure(self, *args))
    v_curve(1e-5)
    assert len(measured) <= 20


@pytest.mark.parametrize("h", [1e-1, 1e-5, 1e-16])
def test_the_v_curve_says_how_far_off_each_method_is(h):
    alt = v_curve(h).alt
    assert f"Marked: h = {h:.0e}" in alt
    assert all(f"({name})" in alt for name in ("forward difference", "central difference", "complex step"))


def test_numbers_on_lines_of_equal_J_are_exact():
    """Levels may be 0.0025 apart: with two digits several lines would carry the same number."""
    fig = Figure()
    figures.secant.__wrapped__(
        fig, lambda x: 0.012 * np.exp(-x[1, 0]), np.array([[-0.3], [0.2]]), np.array([[1.0], [0.5]])
    )
    lines = next(item for item in fig.axes[0].collections if isinstance(item, ContourSet))
    numbers = [float(text.get_text()) for text in lines.labelTexts]
    assert len(set(numbers)) == len(numbers) >= 3
    assert np.abs(np.subtract.outer(numbers, lines.levels)).min(axis=1).max() < 1e-9
