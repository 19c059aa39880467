"""Chapter 01: right answers pass however they are written; wrong ones fail, are named, and say what helps."""

import numpy as np
import pytest

from course_lib.exercises import ch01_notation as chapter
from course_lib.exercises import find, forward_pass, judge, products
from course_lib.exercises.mistakes import MISTAKES

NAMES = [exercise.name for exercise in chapter.EXERCISES]


def by_exercise(cases):
    """Parameters of a test, each marked with its exercise: `pytest -m sigmoid`."""
    return [pytest.param(*case, marks=getattr(pytest.mark, case[0])) for case in cases]


def sigmoid(z):
    z = np.asarray(z, float)
    return 1 / (1 + np.exp(np.minimum(-z, 700)))


def layer_forward(W, b, a_prev):
    if b.shape != (W.shape[0], 1):
        raise ValueError(f"b has shape {b.shape}, wanted {(W.shape[0], 1)}")
    z = W @ a_prev + b
    return z, sigmoid(z)


def forward(W, b, X):
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l], a[l] = layer_forward(W[l], b[l], a[l - 1])
    return z, a


# Right answers, written differently. -----------------------------------------------------------------------------------------


def sigmoid_by_mask(z):
    z = np.atleast_1d(np.asarray(z, float)).copy() if np.ndim(z) else np.array([float(z)])
    a, positive = np.empty(z.shape), z >= 0
    a[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    a[~positive] = e / (1 + e)
    return a


def sigmoid_of_any_shape(z):
    return sigmoid_by_mask(z).reshape(np.shape(z))


def layer_with_loops(W, b, a_prev):
    (n, n_prev), m = W.shape, a_prev.shape[1]
    if b.ndim != 2 or b.shape[0] != n or b.shape[1] != 1:
        raise ValueError("b must be a column with one row per neuron")
    z = np.array([[sum(W[i, j] * a_prev[j, k] for j in range(n_prev)) + b[i, 0] for k in range(m)] for i in range(n)])
    return z, sigmoid(z)


def layer_in_rows(W, b, a_prev):
    """Rows inside, Fortran order out."""
    if b.shape != (len(W), 1):
        raise ValueError("b is no column")
    z = (a_prev.T @ W.T + b.T).T
    return z, sigmoid(z)


def layer_with_bias_as_weight(W, b, a_prev):
    if b.shape != (len(W), 1):
        raise ValueError("b is no column")
    z = np.hstack([W, b]) @ np.vstack([a_prev, np.ones((1, a_prev.shape[1]))])
    return z, sigmoid(z)


def forward_filled_backwards(W, b, X):
    """Keys in another order, a[0] a copy."""
    z, a = forward(W, b, X)
    return {l: z[l] for l in sorted(z, reverse=True)}, {l: a[l] for l in sorted(a, reverse=True)} | {0: X.copy()}


def forward_recursively(W, b, X, upto=None):
    l = len(W) if upto is None else upto
    if l == 0:
        return {}, {0: X}
    z, a = forward_recursively(W, b, X, l - 1)
    z[l] = np.einsum("ij,jk->ik", W[l], a[l - 1]) + b[l]
    return z, a | {l: sigmoid(z[l])}


def possible_by_trying(W_shape, X_shape):
    W, X, found = np.ones(W_shape), np.ones(X_shape), set()
    for name, (left, right) in {"WX": (W, X), "XW": (X, W), "WXt": (W, X.T), "XWt": (X, W.T)}.items():
        try:
            left @ right
            found.add(name)
        except ValueError:
            pass
    return found


def repaired_in_rows(W1, b1, W2, b2, X_rows):
    return sigmoid(sigmoid(X_rows @ W1.T + b1.T) @ W2.T + b2.T)


def repaired_one_by_one(W1, b1, W2, b2, X_rows):
    return np.array([forward({1: W1, 2: W2}, {1: b1, 2: b2}, row[:, None])[1][2][:, 0] for row in X_rows])


RIGHT = [
    ("sigmoid", sigmoid),
    ("sigmoid", sigmoid_of_any_shape),
    ("sigmoid", lambda z: 0.5 * (1 + np.tanh(np.asarray(z) / 2))),
    ("sigmoid", lambda z: np.exp(-np.logaddexp(0, -np.asarray(z, float)))),
    ("sigmoid", lambda z: 1 / (1 + np.exp(-np.clip(np.asarray(z, float), -500, 500)))),
    ("layer_forward", layer_forward),
    ("layer_forward", layer_with_loops),
    ("layer_forward", layer_in_rows),
    ("layer_forward", layer_with_bias_as_weight),
    ("forward", forward),
    ("forward", forward_filled_backwards),
    ("forward", forward_recursively),
    ("cost", lambda y_hat, Y: np.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])),
    ("cost", lambda y_hat, Y: float(np.linalg.norm(y_hat - Y) ** 2 / 2 / len(Y.T))),
    ("cost", lambda y_hat, Y: ((Y - y_hat) ** 2).sum(axis=0).mean() / 2),
    ("cost", lambda y_hat, Y: np.vdot(y_hat - Y, y_hat - Y) / Y.shape[1] * 0.5),
    ("cost", lambda y_hat, Y: sum(0.5 * float(d @ d) for d in (y_hat - Y).T) / Y.shape[1]),
    ("to_columns", lambda rows: rows.T),
    ("to_columns", lambda rows: np.ascontiguousarray(rows.T)),
    ("to_columns", lambda rows: np.column_stack(list(rows))),
    ("possible", possible_by_trying),
    ("possible", lambda W, X: frozenset(possible_by_trying(W, X))),
    ("repaired_forward", repaired_in_rows),
    ("repaired_forward", repaired_one_by_one),
    ("repaired_forward", lambda W1, b1, W2, b2, X: forward({1: W1, 2: W2}, {1: b1, 2: b2}, X.T)[1][2].T),
]


@pytest.mark.parametrize(("name", "right"), by_exercise(RIGHT))
def test_right_however_it_is_written(name, right):
    verdict = judge(find(name), right)
    assert verdict.state == "passed", verdict
    assert verdict.score == 1.0


@pytest.mark.parametrize("name", [pytest.param(name, marks=getattr(pytest.mark, name)) for name in NAMES])
def test_solution_passes_and_stub_is_not_answered(name, solved):
    _, verdicts = solved("01_notation")
    assert verdicts[name].state == "passed", verdicts[name]

    def stub(*arguments):
        raise NotImplementedError

    assert judge(find(name), stub).state == "not_answered"


# Wrong answers. -----------------------------------------------------------------------------------------------------------------

TABLES = {
    "sigmoid": forward_pass.WRONG_SIGMOID,
    "forward": forward_pass.WRONG_FORWARD,
    "cost": forward_pass.WRONG_COST,
    "to_columns": forward_pass.WRONG_COLUMNS,
    "possible": list(products.WRONG_POSSIBLE.items()),
    "repaired_forward": forward_pass.WRONG_REPAIR,
    "layer_forward": forward_pass.WRONG_LAYER,
}
PLANTED = [(name, mistake, wrong) for name, table in TABLES.items() for mistake, wrong in table]


def refusing(wrong):
    def answer(W, b, a_prev):
        if b.shape != (len(W), 1):
            raise ValueError("b must be a column")
        return wrong(W, b, a_prev)

    return answer


@pytest.mark.parametrize(("name", "mistake", "wrong"), by_exercise(PLANTED))
def test_planted_mistake_is_named_and_explained(name, mistake, wrong):
    verdict = judge(find(name), refusing(wrong) if name == "layer_forward" else wrong)
    assert (verdict.state, verdict.mistake) == ("failed", mistake), verdict
    assert MISTAKES[mistake].question in verdict.message
    assert "none that this check knows" not in verdict.message


def test_parts_under_their_names_are_not_called_swapped():
    """A dict has no order, so nothing in it is in the wrong one."""

    def layer_forward(W, b, a_prev):
        z = W @ a_prev + b
        return {"z": z, "a": sigmoid(z)}

    assert judge(find("layer_forward"), refusing(layer_forward)).mistake is None


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("layer_forward", lambda W, b, a: [W @ a, a], "`return z, a`, without brackets, makes one"),
        ("repaired_forward", lambda W1, b1, W2, b2, X: (X, X), "several things came where one is wanted"),
        ("cost", lambda y_hat, Y: sum((y_hat - Y) ** 2), "np.sum adds up all entries"),
        ("possible", lambda W, X: set("WX"), "take a text apart into its letters"),
        ("possible", lambda W, X: W @ X, "compare these"),
        ("possible", lambda W, X: set().append("WX"), "takes a new member with .add"),
    ],
)
def test_a_wrong_form_says_how_it_is_made_right(name, answer, words):
    assert words in judge(find(name), answer).message


def test_words_that_are_raised_without_an_exception_are_said():
    def layer_forward(W, b, a_prev):
        if b.shape != (len(W), 1):
            raise "b is no column"  # noqa: B016 (on purpose)
        z = W @ a_prev + b
        return z, sigmoid(z)

    assert "Put your words into one" in judge(find("layer_forward"), layer_forward).message


def test_braces_that_make_a_dict_are_said():
    def possible(W_shape, X_shape):
        names = {}
        names.add("WX")

    assert "an empty set is written `set()`" in judge(find("possible"), possible).message


def changes_X(W, b, X):
    X -= X.mean()
    return forward(W, b, X)


def adds_b_in_place(W, b, a_prev):
    b += W @ np.zeros_like(a_prev[:, :1])
    b *= 2
    return layer_forward(W, b, a_prev)


def asserts(W, b, a_prev):
    assert b.shape == (len(W), 1)
    return layer_forward(W, b, a_prev)


def refuses_without_words(W, b, a_prev):
    if b.shape != (len(W), 1):
        raise ValueError
    return layer_forward(W, b, a_prev)


def refuses_flat_b_only(W, b, a_prev):
    if b.ndim != 2:
        raise ValueError("b must have two axes")
    z = W @ a_prev + b
    return z, sigmoid(z)


def returns_the_error(W, b, a_prev):
    if b.shape != (len(W), 1):
        return ValueError("b must be a column")
    return layer_forward(W, b, a_prev)


def takes_a_b_for_each_observation(W, b, a_prev):
    if b.shape not in {(len(W), 1), (len(W), a_prev.shape[1])}:
        raise ValueError("b must be a column")
    z = W @ a_prev + b
    return z, sigmoid(z)


def compares_with_the_inputs(W, b, a_prev):
    if b.shape != (W.shape[1], 1):
        raise ValueError("b must be a column")
    return layer_forward(W, b, a_prev)


def refuses_everything(W, b, a_prev):
    raise ValueError("no")


def mends_b_silently(W, b, a_prev):
    return layer_forward(W, b.reshape(-1, 1), a_prev)


OTHER = [
    ("sigmoid", lambda z: 1 / (1 + np.exp(-np.asarray(z, float))), "overflow"),
    ("sigmoid", lambda z: 1 / (1 + np.exp(-np.clip(np.asarray(z, float), -5, 5))), "wrong"),
    ("sigmoid", sigmoid_by_mask, "shape (1,), wanted ()"),
    ("sigmoid", lambda z: sigmoid(z).astype(np.float32), "float32"),
    ("sigmoid", lambda z: sigmoid(z).round().astype(int), "int64"),
    ("sigmoid", lambda z: sigmoid(z) * np.where(np.asarray(z) > 900, np.nan, 1), "nan"),
    ("layer_forward", asserts, "AssertionError"),
    ("layer_forward", refuses_without_words, "with words"),
    ("layer_forward", refuses_flat_b_only, "wanted a ValueError"),
    ("layer_forward", refuses_everything, "raised ValueError: no"),
    ("layer_forward", refuses_everything, "Nothing is wrong with these arguments"),
    ("layer_forward", compares_with_the_inputs, "Look at what your test compares"),
    ("layer_forward", returns_the_error, "To refuse is to `raise`"),
    ("layer_forward", takes_a_b_for_each_observation, "a column for each observation is no bias"),
    ("layer_forward", mends_b_silently, "wanted a ValueError"),
    ("layer_forward", adds_b_in_place, "changed its input b"),
    ("layer_forward", lambda W, b, a: layer_forward(W, b, a)[0], "tuple (z, a)"),
    ("layer_forward", lambda W, b, a: list(layer_forward(W, b, a)), "tuple (z, a)"),
    ("forward", changes_X, "changed its input X"),
    (
        "forward",
        lambda W, b, X: (forward(W, b, X)[0], {l: a for l, a in forward(W, b, X)[1].items() if l}),
        "keys 0, 1",
    ),
    ("forward", lambda W, b, X: tuple({l - 1: v for l, v in part.items()} for part in forward(W, b, X)), "keys 1, 2"),
    ("forward", lambda W, b, X: forward(W, b, X)[1], "tuple (z, a)"),
    ("cost", lambda y, Y: np.sum((y - Y) ** 2, axis=0) / 2, "wanted ()"),
    ("cost", lambda y, Y: None, "None"),
    ("to_columns", lambda rows: rows.T[::-1], "wrong"),
    ("possible", lambda W, X: list(possible_by_trying(W, X)), "wanted a set"),
    ("possible", lambda W, X: {}, "set()"),
    ("possible", lambda W, X: np.array(["WX", "XW"]), "wanted a set"),
    ("possible", lambda W, X: possible_by_trying(W, X) | {"WtX"}, "WtX"),
    ("possible", lambda W, X: {"WX"}, "inner numbers"),
    ("possible", lambda W, X: W.shape, "AttributeError"),
    ("repaired_forward", lambda W1, b1, W2, b2, X: repaired_in_rows(W1, b1, W2, b2, X).T, "transposed"),
]


@pytest.mark.parametrize(("name", "wrong", "words"), by_exercise(OTHER))
def test_other_wrong_answers_say_what_helps(name, wrong, words):
    verdict = judge(find(name), wrong)
    assert verdict.state == "failed", verdict
    assert words in verdict.message


@pytest.mark.layer_forward
def test_a_b_that_broadcasts_is_told_what_numpy_made_of_it():
    def trusting(W, b, a_prev):
        z = W @ a_prev + b
        return z, sigmoid(z)

    verdict = judge(find("layer_forward"), trusting)
    assert verdict.mistake == "b of shape (n,)"
    assert "spreads b along the wrong axis" in verdict.message


# The challenges. -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_fresh_points_judge_alike(seed):
    """Whatever points are drawn, the right answer passes and no planted mistake does."""
    from course_lib.respond import respond

    answers = {"layer_forward": layer_forward, "possible": products.possible}
    for exercise in chapter.EXERCISES:
        calls = exercise.calls(np.random.default_rng(seed))
        right = answers.get(exercise.name) or getattr(forward_pass, exercise.name)
        assert exercise.verdict(calls, respond(right, calls)).state == "passed"
        for mistake, wrong in TABLES[exercise.name]:
            wrong = refusing(wrong) if exercise.name == "layer_forward" else wrong
            assert exercise.verdict(calls, respond(wrong, calls)).mistake == mistake


@pytest.mark.layer_forward
def test_every_trap_runs_in_plain_numpy(rng):
    """What must be refused would otherwise pass without a word."""
    traps = [call.args for call in chapter.layers(rng) if chapter.b_is_no_column(*call.args)]
    assert {b.shape == (len(W),) for W, b, _ in traps} == {True, False}
    for W, b, a_prev in traps:
        assert np.isfinite(W @ a_prev + b).all()


@pytest.mark.possible
def test_the_puzzle_holds_every_case(rng):
    answers = [frozenset(products.possible(*call.args)) for call in products.shape_pairs(rng)]
    assert {len(answer) for answer in answers} == {0, 1, 2, 3, 4}
    assert {frozenset({"WX"}), frozenset({"XW"}), frozenset({"WXt", "XWt"}), frozenset({"WX", "XW"})} <= set(answers)
