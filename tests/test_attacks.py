"""Attacks: closed forms on linear models, plain reimplementations, and the edges at which peers are fooled."""

from functools import partial

import numpy as np
import pytest

from course_lib import attacks
from course_lib.attacks import deepfool, fgm_l2, fgsm, pgd, project_l2, project_linf, smallest_linear, targeted_fgsm
from course_lib.network import Network, example_costs, forward
from course_lib.reference import input_gradient, jacobian


@pytest.fixture
def net():
    return Network.random([6, 7, 4], seed=3, scale=2.0)


@pytest.fixture
def batch(rng):
    return rng.uniform(size=(6, 9)), np.eye(4)[:, rng.integers(0, 4, 9)]


def linear(w):
    """∂J/∂X of J = wᵀx: the same w for every example."""
    return lambda X, Y: np.repeat(w, X.shape[1], axis=1)


def middle(rng, n=8, m=5):
    """Points so far inside the box that a step of 0.1 does not reach its walls."""
    return rng.uniform(0.3, 0.7, size=(n, m))


# Closed forms on linear models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_worst_case_of_a_linear_model_is_reached_exactly(norm, rng):
    w, X = rng.normal(size=(8, 1)), middle(rng)
    attack = {"linf": fgsm, "l2": fgm_l2}[norm]
    rise = w.T @ (attack(linear(w), X, None, 0.1) - X)
    exact = 0.1 * np.abs(w).sum() if norm == "linf" else 0.1 * np.sqrt(np.sum(w**2))
    np.testing.assert_allclose(rise, exact, rtol=1e-14)
    np.testing.assert_allclose(attacks.worst_linear(w, 0.1, norm), exact, rtol=1e-14)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_pgd_does_not_beat_one_exact_step_on_a_linear_model(norm, rng):
    w, X = rng.normal(size=(8, 1)), middle(rng)
    one = {"linf": fgsm, "l2": fgm_l2}[norm](linear(w), X, None, 0.1)
    many = pgd(linear(w), X, None, 0.1, step=0.03, steps=50, norm=norm)
    np.testing.assert_allclose(many, one, atol=1e-14)


@pytest.mark.parametrize(("norm", "q"), [("l2", 2), ("linf", 1)])
def test_smallest_linear_is_the_distance_to_the_plane(norm, q, rng):
    w, b, x = rng.normal(size=(8, 1)), 0.7, rng.normal(size=(8, 1))
    distance = smallest_linear(w, b, x, norm)
    np.testing.assert_allclose(distance, abs(w.T @ x + b).item() / np.linalg.norm(w.ravel(), q), rtol=1e-14)
    direction = np.sign(w) if norm == "linf" else w / np.linalg.norm(w)
    on_plane = x - np.sign(w.T @ x + b) * distance * direction
    assert abs((w.T @ on_plane + b).item()) < 1e-14


def test_smallest_linear_without_a_slope():
    w, x = np.zeros((3, 1)), np.ones((3, 1))
    assert smallest_linear(w, 1.0, x, "l2") == np.inf
    assert smallest_linear(w, 0.0, x, "linf") == 0.0


def test_deepfool_of_linear_classes_lands_on_the_nearest_plane(rng):
    W, b, x = rng.normal(size=(4, 8)), rng.normal(size=(4, 1)), middle(rng, m=1)
    y = (W @ x + b).ravel()
    k = y.argmax()
    others = [i for i in range(4) if i != k]
    nearest = min(smallest_linear(W[k] - W[i], b[k] - b[i], x, "l2") for i in others)
    x_adv = deepfool(lambda x: W @ x + b, lambda x: W, x, steps=50)
    assert (W @ x_adv + b).argmax() != k
    np.testing.assert_allclose(np.linalg.norm(x_adv - x), nearest, rtol=1e-14)


# Plain reimplementations as oracle -----------------------------------------------------------------------------------


def plain_pgd(net, X, Y, eps, step, steps):
    """ℓ∞ PGD example by example, written out."""
    columns = []
    for x, y in zip(X.T[:, :, None], Y.T[:, :, None], strict=True):
        z = x.copy()
        for _ in range(steps):
            g = input_gradient(net, z, y)
            for i in range(len(z)):
                z[i, 0] += step if g[i, 0] > 0 else -step if g[i, 0] < 0 else 0
                z[i, 0] = min(max(z[i, 0], x[i, 0] - eps, 0), x[i, 0] + eps, 1)
        columns.append(z)
    return np.hstack(columns)


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_pgd_equals_a_plain_loop(steps, net, batch):
    X, Y = batch
    np.testing.assert_allclose(
        pgd(partial(input_gradient, net), X, Y, 0.2, 0.05, steps), plain_pgd(net, X, Y, 0.2, 0.05, steps), atol=1e-15
    )


def test_targeted_goes_the_other_way(net, batch):
    X, Y = batch
    gradient = partial(input_gradient, net)
    np.testing.assert_array_equal(targeted_fgsm(gradient, X, Y, 0.1), fgsm(lambda X, Y: -gradient(X, Y), X, Y, 0.1))
    near = lambda X: example_costs(net, None, forward(net, X).y_hat, Y).sum()
    assert near(targeted_fgsm(gradient, X, Y, 0.01)) < near(X) < near(fgsm(gradient, X, Y, 0.01))


# Properties ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("start", [None, 5])
def test_pgd_stays_in_ball_and_box_and_leaves_its_input_alone(norm, start, net, batch):
    X, Y = batch
    before = X.copy()
    rng = None if start is None else np.random.default_rng(start)
    X_adv = pgd(partial(input_gradient, net), X, Y, 0.3, 0.1, 10, rng, norm=norm)
    lengths = np.abs(X_adv - X).max(axis=0) if norm == "linf" else np.linalg.norm(X_adv - X, axis=0)
    assert np.all(lengths <= 0.3 * (1 + 1e-15))
    assert X_adv.min() >= 0
    assert X_adv.max() <= 1
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_one_step_of_size_eps_without_random_start_is_the_one_step_attack(norm, net, batch):
    gradient = partial(input_gradient, net)
    one = {"linf": fgsm, "l2": fgm_l2}[norm]
    np.testing.assert_allclose(pgd(gradient, *batch, 0.2, 0.2, 1, norm=norm), one(gradient, *batch, 0.2), atol=1e-15)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_random_start_is_in_the_ball_and_repeats_with_its_seed(norm, net, batch):
    X, Y = batch
    start = lambda seed: pgd(None, X, Y, 0.2, 0.1, 0, np.random.default_rng(seed), norm=norm)
    np.testing.assert_array_equal(start(1), start(1))
    assert np.any(start(1) != start(2))
    assert np.all(np.any(start(1) != X, axis=0))


def test_a_random_start_fills_the_l2_ball_evenly(rng):
    """The share of points within radius r of the unit ball in n dimensions is rⁿ."""
    radius = np.linalg.norm(attacks._anywhere((3, 20_000), rng), axis=0)
    for r in (0.3, 0.6, 0.9):
        assert abs(np.mean(radius < r) - r**3) < 5 * np.sqrt(r**3 * (1 - r**3) / 20_000)


def test_with_a_loss_the_best_iterate_of_each_example_is_kept(net, batch):
    X, Y = batch
    gradient = partial(input_gradient, net)
    loss = lambda X, Y: example_costs(net, None, forward(net, X).y_hat, Y)
    for seed in range(3):
        last = pgd(gradient, X, Y, 0.5, 0.5, 7, np.random.default_rng(seed))
        best = pgd(gradient, X, Y, 0.5, 0.5, 7, np.random.default_rng(seed), loss=loss)
        assert np.all(loss(best, Y) >= loss(last, Y))
    iterates = [pgd(gradient, X, Y, 0.5, 0.5, k) for k in range(8)]
    highest = np.max([loss(iterate, Y) for iterate in iterates], axis=0)
    np.testing.assert_allclose(loss(pgd(gradient, X, Y, 0.5, 0.5, 7, loss=loss), Y), highest, rtol=1e-13)


def test_projections_leave_points_inside_alone_and_are_idempotent(rng):
    X = rng.uniform(size=(6, 4))
    inside = np.clip(X + rng.uniform(-0.01, 0.01, X.shape), 0, 1)
    outside = X + rng.normal(size=X.shape)
    for project in (project_linf, project_l2):
        np.testing.assert_array_equal(project(inside, X, 0.1), inside)
        once = project(outside, X, 0.1)
        np.testing.assert_allclose(project(once, X, 0.1), once, atol=1e-16)


@pytest.mark.parametrize("size", [1e-300, 1e-12, 1.0, 1e300])
def test_no_gradient_is_too_small_or_too_large_for_the_l2_step(size, rng):
    w, X = rng.normal(size=(8, 1)), middle(rng)
    np.testing.assert_allclose(fgm_l2(linear(size * w), X, None, 0.1), fgm_l2(linear(w), X, None, 0.1), rtol=1e-14)


@pytest.mark.parametrize("attack", [fgsm, targeted_fgsm, fgm_l2])
def test_a_zero_gradient_stays_put_pixel_by_pixel_and_example_by_example(attack, rng):
    X = middle(rng)
    G = rng.normal(size=X.shape)
    G[2], G[:, 1] = 0.0, 0.0
    X_adv = attack(lambda X, Y: G, X, None, 0.1)
    np.testing.assert_array_equal(X_adv[2], X[2])
    np.testing.assert_array_equal(X_adv[:, 1], X[:, 1])
    assert np.all(np.delete(np.delete(X_adv != X, 2, 0), 1, 1))


@pytest.mark.parametrize("seed", range(20))
def test_deepfool_with_bisection_is_never_longer_and_ends_on_the_boundary(seed):
    net = Network.random([6, 7, 4], seed=seed, scale=3.0)
    x = np.random.default_rng(seed).uniform(size=(6, 1))
    outputs, label = lambda x: forward(net, x).z[2], forward(net, x).z[2].argmax()
    slopes = lambda x: (net.W[2] * (forward(net, x).a[1] * (1 - forward(net, x).a[1])).T) @ net.W[1]
    x_adv, ends = deepfool(outputs, slopes, x, 50), []

    def bisect(flipped, inside, outside):
        ends.append(outside)
        return outside

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attacks, "bisect", bisect)
        plain = deepfool(outputs, slopes, x, 50)
    assert ends, "deepfool found no other class"
    assert outputs(x_adv).argmax() != label
    assert np.linalg.norm(x_adv - x) <= np.linalg.norm(plain - x)
    assert outputs(x + (1 - 1e-9) * (x_adv - x)).argmax() == label


def test_deepfool_takes_the_batched_jacobian_of_the_reference(net, rng):
    x = rng.uniform(size=(6, 1))
    outputs = lambda x: forward(net, x).y_hat
    x_adv = deepfool(outputs, partial(jacobian, net), x, 50)
    assert x_adv.shape == x.shape
    assert outputs(x_adv).argmax() != outputs(x).argmax()


def test_deepfool_without_any_slope_returns_the_point_itself(rng):
    x = rng.uniform(size=(6, 1))
    flat = deepfool(lambda x: np.array([[1.0], [0.0]]), lambda x: np.zeros((2, 6)), x, 5)
    np.testing.assert_array_equal(flat, x)


def test_an_overconfident_softmax_does_not_hide_its_gradient(rng):
    """Logits × 40: ŷ rounds to 1 and ŷ − y to 0, but the step still goes the right way."""
    mild = Network.random([6, 7, 4], output="softmax", seed=1)
    sure = Network(mild.W | {2: 400 * mild.W[2]}, mild.b | {2: 400 * mild.b[2]}, mild.activations)
    X = rng.uniform(0.3, 0.7, size=(6, 5))
    Y = (forward(sure, X).y_hat == forward(sure, X).y_hat.max(axis=0)).astype(float)
    assert np.any(forward(sure, X).y_hat == 1.0)
    assert np.all(np.any(fgsm(partial(input_gradient, sure), X, Y, 0.1) != X, axis=0))


# Errors --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [fgsm, targeted_fgsm, fgm_l2])
def test_one_gradient_for_the_whole_batch_is_refused(attack, net, batch):
    with pytest.raises(ValueError, match=r"input_gradient: shape \(6, 1\), wanted \(6, 9\)"):
        attack(lambda X, Y: input_gradient(net, X, Y).mean(axis=1, keepdims=True), *batch, 0.1)


@pytest.mark.parametrize("eps", [-0.1, float("nan")])
def test_a_negative_size_is_refused(eps, net, batch):
    gradient = partial(input_gradient, net)
    for attack in (fgsm, targeted_fgsm, fgm_l2):
        with pytest.raises(ValueError, match=r"eps: .* wanted a number ≥ 0"):
            attack(gradient, *batch, eps)


@pytest.mark.parametrize(
    "call", [lambda: smallest_linear([1.0], 0, [1.0], "l1"), lambda: pgd(None, [[0.5]], 0, 1, 1, 1, norm="l1")]
)
def test_an_unknown_norm_is_named(call):
    with pytest.raises(ValueError, match=r"norm: 'l1', wanted one of linf, l2"):
        call()
