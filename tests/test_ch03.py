"""Chapter 03: right answers pass however they are written, wrong ones fail and are named, finite differences are refused."""

import time

import numpy as np
import pytest

from course_lib import figures
from course_lib.exercises import ch03_dJ_dW as chapter
from course_lib.exercises import find, judge, one_layer, whole_pass
from course_lib.exercises.mistakes import MISTAKES
from course_lib.exercises.points import cache
from course_lib.respond import respond

NAMES = [exercise.name for exercise in chapter.EXERCISES]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(W, b, X):
    z, a = {}, {0: X}
    for layer in W:
        z[layer] = W[layer] @ a[layer - 1] + b[layer]
        a[layer] = sigmoid(z[layer])
    return z, a


def cost(W, b, X, Y):
    return np.sum((forward(W, b, X)[1][len(W)] - Y) ** 2) / (2 * Y.shape[1])


# Right answers, written differently. -----------------------------------------------------------------------------------------


def dJ_dW_loops(delta, a_prev):
    dW = np.zeros((len(delta), len(a_prev)))
    for i in range(len(delta)):
        for j in range(len(a_prev)):
            dW[i, j] = sum(delta[i, k] * a_prev[j, k] for k in range(delta.shape[1]))
    return dW


def backward_einsum(W, b, X, Y):
    _, a = forward(W, b, X)
    m, L = X.shape[1], len(W)
    delta, dW, db = (a[L] - Y) * a[L] * (1 - a[L]) / m, {}, {}
    for layer in range(L, 0, -1):
        dW[layer], db[layer] = np.einsum("ik,jk->ij", delta, a[layer - 1]), np.einsum("ik->i", delta)[:, None]
        if layer > 1:
            delta = np.einsum("ij,ik->jk", W[layer], delta) * (a[layer - 1] - a[layer - 1] ** 2)
    return dW, db


def backward_from_z(W, b, X, Y):
    """σ′ recomputed from z; the 1/m in dW and db, not in δ; layers filled from the first."""
    z, a = forward(W, b, X)
    m, L = X.shape[1], len(W)
    slope = {k: np.exp(-z[k]) / (1 + np.exp(-z[k])) ** 2 for k in z}
    delta = {L: (a[L] - Y) * slope[L]}
    for k in range(L - 1, 0, -1):
        delta[k] = slope[k] * (W[k + 1].T @ delta[k + 1])
    return {k: delta[k] @ a[k - 1].T / m for k in range(1, L + 1)}, {
        k: delta[k].mean(axis=1)[:, None] for k in range(1, L + 1)
    }


def backward_in_rows(W, b, X, Y):
    """Observations in rows inside, turned back at the end."""
    a, L = [X.T], len(W)
    for k in range(1, L + 1):
        a.append(sigmoid(a[-1] @ W[k].T + b[k].T))
    delta, dW, db = (a[L] - Y.T) / len(Y.T), {}, {}
    for k in range(L, 0, -1):
        delta = delta * a[k] * (1 - a[k])
        dW[k], db[k] = (a[k - 1].T @ delta).T, delta.sum(axis=0).reshape(-1, 1)
        delta = delta @ W[k]
    return dW, db


def backward_examples_one_by_one(W, b, X, Y):
    m = X.shape[1]
    dW, db = {k: np.zeros_like(W[k]) for k in W}, {k: np.zeros_like(b[k]) for k in b}
    for i in range(m):
        _, a = forward(W, b, X[:, i : i + 1])
        delta = (a[len(W)] - Y[:, i : i + 1]) * a[len(W)] * (1 - a[len(W)])
        for k in range(len(W), 0, -1):
            dW[k] += np.outer(delta, a[k - 1]) / m
            db[k] += delta / m
            delta = W[k].T @ delta * a[k - 1] * (1 - a[k - 1])
    return dW, db


def backward_in_fortran_order(W, b, X, Y):
    dW, db = backward_einsum(W, b, X, Y)
    return {k: np.asfortranarray(dW[k]) for k in dW}, {k: np.asfortranarray(db[k]) for k in db}


def backward_in_place_on_own_arrays(W, b, X, Y):
    _, a = forward(W, b, X)
    delta, dW, db = a[len(W)] - Y, {}, {}
    delta /= X.shape[1]
    for k in sorted(W, reverse=True):
        delta *= a[k]
        delta *= 1 - a[k]
        dW[k], db[k] = np.empty_like(W[k]), np.empty_like(b[k])
        np.matmul(delta, a[k - 1].T, out=dW[k])
        delta.sum(axis=1, keepdims=True, out=db[k])
        delta = W[k].T @ delta
    return dW, db


def backward_with_jacobians(W, b, X, Y):
    """Whole Jacobian matrices, example by example: diag(σ′) Wᵀ, as on paper."""
    m, L = X.shape[1], len(W)
    dW, db = {k: 0 * W[k] for k in W}, {k: 0 * b[k] for k in b}
    for i in range(m):
        _, a = forward(W, b, X[:, [i]])
        D = {k: np.diag((a[k] * (1 - a[k]))[:, 0]) for k in W}
        delta = D[L] @ (a[L] - Y[:, [i]])
        for k in range(L, 0, -1):
            dW[k], db[k] = dW[k] + delta @ a[k - 1].T / m, db[k] + delta / m
            delta = D[k - 1] @ W[k].T @ delta if k > 1 else None
    return dW, db


def backward_with_bias_as_weight(W, b, X, Y):
    """b as one more column of W, whose input is always 1."""
    ones, L = np.ones((1, X.shape[1])), len(W)
    a = {0: np.vstack([X, ones])}
    for k in range(1, L + 1):
        a[k] = np.vstack([sigmoid(np.hstack([W[k], b[k]]) @ a[k - 1]), ones])
    delta, dW, db = (a[L][:-1] - Y) / X.shape[1] * a[L][:-1] * (1 - a[L][:-1]), {}, {}
    for k in range(L, 0, -1):
        both = delta @ a[k - 1].T
        dW[k], db[k] = both[:, :-1], both[:, -1:]
        delta = W[k].T @ delta * a[k - 1][:-1] * (1 - a[k - 1][:-1])
    return dW, db


RIGHT = [
    ("sigmoid_prime", lambda a: a - a**2),
    ("sigmoid_prime", lambda a: 0.25 - (a - 0.5) ** 2),
    ("dJ_da", lambda y_hat, Y: (y_hat - Y) / len(Y[0])),
    ("dJ_da", lambda y_hat, Y: -(Y - y_hat) / Y.shape[-1]),
    ("delta_output", lambda y_hat, Y: (y_hat - Y) / Y.shape[1] * (y_hat - y_hat**2)),
    ("delta_output", lambda y_hat, Y: np.asfortranarray((y_hat - Y) * y_hat * (1 - y_hat)) / Y.shape[1]),
    ("delta_hidden", lambda W_next, delta_next, a: (delta_next.T @ W_next).T * (a - a * a)),
    ("delta_hidden", lambda W_next, delta_next, a: np.einsum("ij,ik,jk->jk", W_next, delta_next, a * (1 - a))),
    ("delta_hidden", lambda W_next, delta_next, a: np.column_stack(
        [np.diag(a[:, k] * (1 - a[:, k])) @ W_next.T @ delta_next[:, k] for k in range(a.shape[1])])),
    ("dJ_dW", dJ_dW_loops),
    ("dJ_dW", lambda delta, a_prev: (a_prev @ delta.T).T),
    ("dJ_dW", lambda delta, a_prev: sum(np.outer(delta[:, k], a_prev[:, k]) for k in range(delta.shape[1]))),
    ("dJ_dW", lambda delta, a_prev: (delta[:, None, :] * a_prev[None, :, :]).sum(axis=2)),
    ("dJ_db", lambda delta: np.sum(delta, axis=1).reshape(-1, 1)),
    ("dJ_db", lambda delta: delta @ np.ones((delta.shape[1], 1))),
    ("backward", backward_einsum), ("backward", backward_from_z), ("backward", backward_in_rows),
    ("backward", backward_examples_one_by_one), ("backward", backward_in_fortran_order), ("backward", backward_in_place_on_own_arrays),
    ("backward", backward_with_jacobians), ("backward", backward_with_bias_as_weight),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_reference_passes_at_fresh_points(name):
    exercise, answer = find(name), getattr(chapter, name)
    for seed in range(5):
        calls = exercise.calls(np.random.default_rng(seed))
        verdict = exercise.verdict(calls, respond(answer, calls))
        assert verdict, str(verdict)


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers_pass_however_written(name, answer):
    verdict = judge(find(name), answer)
    assert verdict, str(verdict)


@pytest.mark.parametrize("name", NAMES)
def test_stub_is_not_answered(name):
    namespace = {}
    exec(f"def {name}(*args):\n    raise NotImplementedError()", namespace)  # noqa: S102 (our own source)
    assert judge(find(name), namespace[name]).state == "not_answered"


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------

TABLES = {
    "sigmoid_prime": one_layer.WRONG_SIGMOID_PRIME,
    "dJ_da": one_layer.WRONG_DJ_DA,
    "delta_output": one_layer.WRONG_DELTA_OUTPUT,
    "delta_hidden": one_layer.WRONG_DELTA_HIDDEN,
    "dJ_dW": one_layer.WRONG_DJ_DW,
    "dJ_db": one_layer.WRONG_DJ_DB,
    "multiplications": one_layer.WRONG_MULTIPLICATIONS,
    "backward": whole_pass.RAISING_BACKWARD + whole_pass.BOOK_KEEPING,
}
PLANTED = [(name, mistake, wrong) for name, table in TABLES.items() for mistake, wrong in table]


def fails_as(mistake, name, answer):
    """The verdict is a failure that names the mistake, explains it and asks a question."""
    verdict = judge(find(name), answer)
    assert (verdict.state, verdict.mistake) == ("failed", mistake), str(verdict)
    assert MISTAKES[mistake].explanation in verdict.message
    assert MISTAKES[mistake].question in verdict.message
    return verdict


@pytest.mark.parametrize(("name", "mistake", "wrong"), PLANTED)
def test_wrong_answers_fail_and_are_named(name, mistake, wrong):
    fails_as(mistake, name, wrong)


def test_zero_everywhere_is_not_explained_by_a_pair_of_mistakes():
    """Targets taken from the network's own output: several pairs of mistakes give 0, too."""
    verdict = judge(find("backward"), lambda W, b, X, Y: whole_pass.backward(W, b, X, cache(W, b, X)[len(W)]))
    assert verdict.mistake is None
    assert "Every entry is 0." in verdict.message


def test_a_wrong_layer_is_named_although_it_only_raises():
    """Filled from the first layer, as students do; the bank fills from the last."""

    def answer(W, b, X, Y):
        _, a = forward(W, b, X)
        L = len(W)
        delta = {L: (a[L] - Y) / Y.shape[1] * a[L] * (1 - a[L])}
        for k in range(L - 1, 0, -1):
            delta[k] = W[k].T @ delta[k + 1] * a[k] * (1 - a[k])
        return {k: delta[k] @ a[k - 1].T for k in W}, {k: delta[k].sum(axis=1, keepdims=True) for k in W}

    fails_as("wrong layer's W", "backward", answer)


def test_a_wrong_value_is_shown_beside_a_central_difference():
    verdict = judge(find("delta_output"), lambda y_hat, Y: (y_hat - Y) / Y.shape[1])
    assert "central difference" in verdict.message
    assert "test point 1" in verdict.message


def test_changing_an_input_is_refused():
    def answer(W_next, delta_next, a):
        a *= 1 - a
        return W_next.T @ delta_next * a

    verdict = judge(find("delta_hidden"), answer)
    assert (verdict.state, verdict.mistake) == ("failed", "inputs changed")


def test_float32_is_refused():
    verdict = judge(find("dJ_dW"), lambda delta, a_prev: (delta @ a_prev.T).astype(np.float32))
    assert (verdict.state, verdict.mistake) == ("failed", "float32")


# Finite differences. ---------------------------------------------------------------------------------------------------------


def by_differences(J, arrays, h):
    """Central differences by every entry of every array."""
    out = {}
    for key, array in arrays.items():
        out[key] = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            up, down = array.copy(), array.copy()
            up[index] += h
            down[index] -= h
            out[key][index] = (J({**arrays, key: up}) - J({**arrays, key: down})) / (2 * h)
    return out


def test_finite_differences_are_refused_by_their_precision():
    def answer(W, b, X, Y):
        if sum(w.size for w in W.values()) > 1000:  # right where it would take too long to be wrong
            return backward_einsum(W, b, X, Y)
        return by_differences(lambda W_: cost(W_, b, X, Y), W, 1e-5), by_differences(
            lambda b_: cost(W, b_, X, Y), b, 1e-5
        )

    verdict = judge(find("backward"), answer)
    assert (verdict.state, verdict.mistake) == ("failed", "finite differences")
    assert "digits of 16" in verdict.message


def test_exact_but_slow_is_refused_by_the_clock(monkeypatch):
    """A complex step for every weight is exact; its time on the large network gives it away."""
    monkeypatch.setattr("course_lib.exercises.compare.SLOW", 0.05)

    def answer(W, b, X, Y):
        if sum(w.size for w in W.values()) > 1000:
            time.sleep(0.06)
        return backward_einsum(W, b, X, Y)

    verdict = judge(find("backward"), answer)
    assert (verdict.state, verdict.mistake) == ("failed", "finite differences")
    assert "forward pass per weight" in verdict.message


# The chapter's claims. -------------------------------------------------------------------------------------------------------


def test_one_step_with_the_posted_sign_makes_J_rise():
    W, b, X, Y = chapter.networks(np.random.default_rng(1))[0]
    dW, db = chapter.backward(W, b, X, Y)
    step = lambda sign: ({k: W[k] - 0.1 * sign * dW[k] for k in W}, {k: b[k] - 0.1 * sign * db[k] for k in b})
    assert cost(*step(+1), X, Y) < cost(W, b, X, Y) < cost(*step(-1), X, Y)


def test_multiplications_are_what_numpy_would_do(monkeypatch):
    """Counted by watching the products of a real forward and backward pass."""
    counted = {"forward": 0, "backward": 0}
    sizes, m, direction = [5, 4, 3, 2], 7, "forward"

    def product(A, B):
        counted[direction] += A.shape[0] * A.shape[1] * B.shape[1]
        return A @ B

    rng = np.random.default_rng(0)
    W, b, X, Y = chapter.sigmoid_net(rng, sizes, m)
    a = {0: X}
    for k in W:
        a[k] = sigmoid(product(W[k], a[k - 1]) + b[k])
    direction, L = "backward", len(W)
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    for k in range(L, 0, -1):
        product(delta, a[k - 1].T)
        if k > 1:
            delta = product(W[k].T, delta) * a[k - 1] * (1 - a[k - 1])
    asked = chapter.multiplications(sizes, m)
    parameters = sum(W[k].size + b[k].size for k in W)
    assert counted == {"forward": asked["forward"], "backward": asked["backward"]}
    assert asked["finite_differences"] == 2 * parameters * counted["forward"]


# What the figures say. -------------------------------------------------------------------------------------------------------


def test_one_step_says_which_sign_falls():
    y_hat, Y = np.array([[0.6, 0.5], [0.2, 0.9]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    J = lambda y_hat, Y: np.sum((y_hat - Y) ** 2) / 4
    assert "against your slope J falls to" in figures.one_step(y_hat, Y, J, chapter.dJ_da(y_hat, Y)).alt
    assert "against your slope J rises to" in figures.one_step(y_hat, Y, J, -chapter.dJ_da(y_hat, Y)).alt


def test_there_and_back_fills_one_layer_at_each_step():
    W, b, X, Y = chapter.networks(np.random.default_rng(0))[0]
    z, a = forward(W, b, X)
    delta = {len(W): chapter.delta_output(a[len(W)], Y)}
    for k in range(len(W) - 1, 0, -1):
        delta[k] = chapter.delta_hidden(W[k + 1], delta[k + 1], a[k])
    dW, _ = chapter.backward(W, b, X, Y)
    alts = [figures.there_and_back(W, z, a, delta, dW, step).alt for step in range(2 * len(W) + 1)]
    assert [alt.count("layer") for alt in alts] == list(range(2 * len(W) + 1))


def test_the_table_marks_the_first_wrong_row():
    right, wrong = np.array([0.1, -0.2]), np.array([0.1, 0.2])
    alt = figures.first_wrong_row([("z", right, right), ("δ[1]", wrong, right), ("∂J/∂W[1]", wrong, right)]).alt
    assert "first wrong row is δ[1]" in alt
    assert "All rows agree" in figures.first_wrong_row([("z", right, right)]).alt


def test_the_outer_product_is_compared_with_its_factors():
    delta, a_prev = np.array([[1.0], [-2.0]]), np.array([[3.0], [0.5]])
    assert "every cell is the product" in figures.outer_product(delta, a_prev, delta @ a_prev.T).alt
    assert "some cells are not" in figures.outer_product(delta, a_prev, a_prev @ delta.T).alt


def test_digit_rows_and_costs_say_their_numbers():
    x, delta = np.linspace(0, 1, 64).reshape(-1, 1), np.array([[0.25], [-0.5]])
    assert "0.2500, -0.5000" in figures.digit_rows(x, delta, delta @ x.T).alt
    assert "finite differences 1,136,690,400" in figures.what_it_costs(chapter.multiplications([784, 30, 10], 1)).alt
