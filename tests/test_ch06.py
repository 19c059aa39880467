"""Chapter 06: right answers pass however they are written, wrong ones fail and are named."""

import numpy as np
import pytest

from course_lib import data, figures
from course_lib.exercises import ch06_dJ_dX as chapter
from course_lib.exercises import find, judge, wrong_derivatives
from course_lib.exercises import input_derivatives as derivatives
from course_lib.exercises.mistakes import MISTAKES
from course_lib.respond import respond

WRONG = {
    "layer_backward": wrong_derivatives.WRONG_LAYER,
    "dJ_dX": wrong_derivatives.WRONG_DX,
    "jacobian": wrong_derivatives.WRONG_JACOBIAN,
    "jvp": wrong_derivatives.WRONG_JVP,
    "vjp": wrong_derivatives.WRONG_VJP,
    "scaled_jacobian": wrong_derivatives.WRONG_SCALED,
    "saliency": wrong_derivatives.WRONG_SALIENCY,
    "steer": wrong_derivatives.WRONG_STEER,
    "right_when": wrong_derivatives.WRONG_WIDTHS,
}


def asked_afresh(name, answer, seed):
    """The verdict at other test points than those of the notebook."""
    calls = find(name).calls(np.random.default_rng(seed))
    return find(name).verdict(calls, respond(answer, calls))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def passes(W, b, X):
    z, a = {}, {0: X}
    for layer in W:
        z[layer] = W[layer] @ a[layer - 1] + b[layer]
        a[layer] = sigmoid(z[layer])
    return z, a


# Right answers, written differently. -----------------------------------------------------------------------------------------


def layer_backward_einsum(W, a_prev, a, dJ_da):
    delta = np.einsum("ij,ij,ij->ij", dJ_da, a, 1 - a)
    return np.einsum("ki,kj->ij", W, delta), np.einsum("ik,jk->ij", delta, a_prev), np.einsum("ij->i", delta)[:, None]


def layer_backward_loops(W, a_prev, a, dJ_da):
    back, dW, db = np.zeros_like(a_prev), np.zeros_like(W), np.zeros((len(W), 1))
    for k in range(a.shape[1]):
        for i in range(len(W)):
            delta = dJ_da[i, k] * (a[i, k] - a[i, k] ** 2)
            dW[i] += delta * a_prev[:, k]
            db[i, 0] += delta
            back[:, k] += delta * W[i]
    return back, dW, np.asfortranarray(db)


def dX_from_z(W, b, X, Y):
    z, a = passes(W, b, X)
    g = a[len(W)] - Y
    for layer in sorted(W, reverse=True):
        g = W[layer].T @ (g * sigmoid(z[layer]) * sigmoid(-z[layer]))
    return g


def dX_example_by_example(W, b, X, Y):
    return np.hstack([dX_from_z(W, b, X[:, [k]], Y[:, [k]]) for k in range(X.shape[1])])


def dX_in_rows(W, b, X, Y):
    _, a = passes(W, b, X)
    g = (a[len(W)] - Y).T
    for layer in range(len(W), 0, -1):
        g = (g * (a[layer] * (1 - a[layer])).T) @ W[layer]
    return g.T


def dX_times_m(W, b, X, Y):
    """The mean's gradient first, the 1/m taken out at the end."""
    _, a = passes(W, b, X)
    g = (a[len(W)] - Y) / X.shape[1]
    for layer in range(len(W), 0, -1):
        g = W[layer].T @ (g * a[layer] * (1 - a[layer]))
    return X.shape[1] * g


def jacobian_with_diag(W, b, x):
    _, a = passes(W, b, x)
    product = np.eye(len(a[len(W)]))
    for layer in range(len(W), 0, -1):
        product = product @ np.diag((a[layer] * (1 - a[layer]))[:, 0]) @ W[layer]
    return product


def jacobian_by_rows(W, b, x):
    return np.vstack([derivatives.vjp(W, b, x, e[:, None]).T for e in np.eye(len(b[len(b)]))])


def jvp_by_jacobian(W, b, x, v):
    return jacobian_with_diag(W, b, x) @ v


def vjp_by_jacobian(W, b, x, u):
    return jacobian_with_diag(W, b, x).T @ u


def scaled_with_diag(W, b, x, x_scale, y_scale):
    return np.diag(1 / y_scale) @ jacobian_with_diag(W, b, x) @ np.diag(x_scale)


def saliency_row(W, b, x, k):
    return jacobian_with_diag(W, b, x)[[k]].T


def steer_where(W, b, x, target, free, steps, rate):
    x = x.copy()
    for _ in range(steps):
        x = np.where(free, x - rate * dX_from_z(W, b, x, target), x)
    return x


def steer_index(W, b, x, target, free, steps, rate):
    x = x.copy()
    for _ in range(steps):
        x[free] -= rate * dX_in_rows(W, b, x, target)[free]
    return x


RIGHT = [
    ("layer_backward", layer_backward_einsum),
    ("layer_backward", layer_backward_loops),
    ("dJ_dX", dX_from_z),
    ("dJ_dX", dX_example_by_example),
    ("dJ_dX", dX_in_rows),
    ("dJ_dX", dX_times_m),
    ("jacobian", jacobian_with_diag),
    ("jacobian", jacobian_by_rows),
    ("jvp", jvp_by_jacobian),
    ("vjp", vjp_by_jacobian),
    ("scaled_jacobian", scaled_with_diag),
    ("saliency", saliency_row),
    ("steer", steer_where),
    ("steer", steer_index),
    *((name, getattr(derivatives, name)) for name in WRONG),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f"{n}-{a.__name__}" for n, a in RIGHT])
def test_a_right_answer_passes_at_any_points(name, answer, seed):
    verdict = asked_afresh(name, answer, seed)
    assert verdict, verdict
    assert verdict.mistake is None


# Wrong answers. --------------------------------------------------------------------------------------------------------------

PLANTED = [pytest.param(name, mistake, id=f"{name}-{mistake}") for name, table in WRONG.items() for mistake in table]


@pytest.mark.parametrize(("name", "mistake"), PLANTED)
def test_a_planted_mistake_is_named_and_explained(name, mistake):
    for verdict in (judge(find(name), WRONG[name][mistake]), asked_afresh(name, WRONG[name][mistake], 1)):
        assert (verdict.state, verdict.mistake) == ("failed", mistake)
        assert MISTAKES[mistake].question in verdict.message


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("dJ_dX", lambda W, b, X, Y: derivatives.dJ_dX(W, b, X, Y) + 0.01 * np.sin(X), "none that this check knows"),
        ("dJ_dX", lambda W, b, X, Y: None, "returned None"),
        (
            "jacobian",
            lambda W, b, x: derivatives.jacobian(W, b, x) * np.linspace(1, 1.1, len(x)),
            "none that this check knows",
        ),
        ("jacobian", lambda W, b, x: derivatives.jacobian(W, b, x)[None], "wanted (2, 4)"),
        ("steer", lambda *args: derivatives.steer(*args) * np.nan, "not finite"),
        ("right_when", lambda n, h, o: True, 'wanted "right", "wrong" or "error"'),
        ("right_when", lambda n, h, o: "right", "Go through W2"),
    ],
)
def test_any_other_wrong_answer_fails_without_a_name(name, wrong, says):
    verdict = judge(find(name), wrong)
    assert (verdict.state, verdict.mistake) == ("failed", None)
    assert says in verdict.message


def test_right_when_counts_the_64_triples_once_and_shows_the_line_that_raised():
    calls = find("right_when").calls(np.random.default_rng(0))
    assert len(calls) == 65  # the first comes once more
    assert "; 60 of 64 are not right yet" in judge(find("right_when"), lambda n, h, o: "right").message

    def raising(n, h, o):
        return n / 0

    message = judge(find("right_when"), raising).message
    assert "ZeroDivisionError" in message
    assert "in raising: return n / 0" in message


def test_finite_differences_are_refused():
    def by_differences(W, b, X, Y):
        G = np.zeros_like(X)
        for i, k in np.ndindex(X.shape):
            up, down = X.copy(), X.copy()
            up[i, k] += 1e-6
            down[i, k] -= 1e-6
            J = [np.sum((passes(W, b, moved)[1][len(W)] - Y) ** 2) / 2 for moved in (up, down)]
            G[i, k] = (J[0] - J[1]) / 2e-6
        return G

    assert judge(find("dJ_dX"), by_differences).mistake == "finite differences"


def test_float32_is_refused():
    verdict = judge(find("dJ_dX"), lambda W, b, X, Y: derivatives.dJ_dX(W, b, X, Y).astype(np.float32))
    assert (verdict.state, verdict.mistake) == ("failed", "float32")


def test_steering_must_not_move_the_callers_x():
    def in_place(W, b, x, target, free, steps, rate):
        for _ in range(steps):
            x -= rate * free * derivatives.dJ_dX(W, b, x, target)
        return x

    verdict = judge(find("steer"), in_place)
    assert not verdict
    assert "changed its input x" in verdict.message


def test_the_points_hold_a_blind_input_and_a_misclassified_example():
    points = chapter.points(np.random.default_rng(0))
    assert any(np.all(derivatives.dJ_dX(*point)[1] == 0) for point in points)
    W, b, X, Y = points[-1]
    assert np.all(np.abs(derivatives.outputs(W, b, X)[:, 0] - Y[:, 0]) > 0.5)


@pytest.mark.parametrize("n", range(1, 5))
@pytest.mark.parametrize("h", range(1, 5))
@pytest.mark.parametrize("o", range(1, 5))
def test_right_when_is_what_the_product_itself_says(n, h, o, rng):
    """The posted formula computed, with MATLAB's scalars, against the Jacobian."""
    W, b = {1: rng.normal(size=(h, n)), 2: rng.normal(size=(o, h))}, {1: np.ones((h, 1)), 2: np.ones((o, 1))}
    x = rng.normal(size=(n, 1))
    _, a = passes(W, b, x)
    F = {layer: np.diag((a[layer] * (1 - a[layer]))[:, 0]) for layer in W}
    times = lambda A, B: A * B if 1 in (A.size, B.size) else A @ B
    try:
        posted = times(times(times(W[2], F[2]), W[1]), F[1])
        right = derivatives.jacobian(W, b, x)
        said = "right" if posted.shape == right.shape and np.allclose(posted, right) else "wrong"
    except ValueError:
        said = "error"
    assert derivatives.right_when(n, h, o) == said


# Figures. --------------------------------------------------------------------------------------------------------------------


def test_figures_say_what_they_show(rng):
    angles = np.linspace(-2, 2, 5)
    true = np.array([data.linearisation(np.array([angle, 0.0, 0.0])) for angle in angles])
    image = rng.uniform(size=(64, 1))
    outputs = lambda X: sigmoid(rng.normal(size=(3, len(X))) @ X)
    labels = np.array([0, 1, 1])
    pictures = [
        figures.handed_back(),
        figures.input_arrows(lambda X: sigmoid(X[:1]), rng.normal(size=(2, 3)), labels, rng.normal(size=(2, 3))),
        figures.sensitivity(rng.uniform(size=(64, 2)), [3, 8], rng.normal(size=(64, 2))),
        figures.slopes_of_the_pendulum(angles, true, true * 1.1),
        figures.one_pixel(image, outputs, rng.normal(size=(64, 1)), 20, 1),
        figures.steered(angles, angles, 0.5, [0.0, 0.4], [0.0, 0.45]),
    ]
    assert all(picture.png and len(picture.alt) > 60 for picture in pictures)
    assert "off by at most 10%" in pictures[3].alt
