"""The gradient check: no false alarm on right gradients however written, no wrong gradient accepted, errors found where they are."""

from collections import Counter

import numpy as np
import pytest
from autograd import numpy as anp
from autograd import value_and_grad

from benchmarks.networks import hostile, ordinary
from course_lib.activations import sigmoid
from course_lib.differences import central_difference, complex_step, richardson
from course_lib.exercises.mistakes import NETWORK_RULES, with_rules
from course_lib.gradcheck import check_function, check_gradient, numerical_gradient
from course_lib.network import Network, cost, forward
from course_lib.reference import Gradient, backward, jacobian

# Six right gradients, written differently. Each: (net, X, Y) → {W, b, X_grad}. ----------------------------------------------

SLOPES = {
    "sigmoid": lambda z: np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "identity": lambda z: np.ones_like(z),
}


def as_in_the_library(net, X, Y):
    g = backward(net, X, Y)
    return {"W": g.W, "b": g.b, "X_grad": g.X}


def example_by_example(net, X, Y):
    """A loop over the examples, outer products added up, σ′ from z, 1/m at the very end."""
    m = X.shape[1]
    W, b, dX = {l: 0 * w for l, w in net.W.items()}, {l: 0 * v for l, v in net.b.items()}, np.zeros_like(X)
    for i in range(m):
        t = forward(net, X[:, [i]])
        delta = t.y_hat - Y[:, [i]]
        for l in range(net.L, 0, -1):
            if net.activations[l] != "softmax":
                delta = delta * SLOPES[net.activations[l]](t.z[l])
            W[l], b[l] = W[l] + np.outer(delta, t.a[l - 1]), b[l] + delta
            delta = net.W[l].T @ delta
        dX[:, [i]] = delta / m
    return {"W": {l: w / m for l, w in W.items()}, "b": {l: v / m for l, v in b.items()}, "X_grad": dX}


def rows_inside(net, X, Y):
    """Observations in rows, 1/m in dW and db, a − a² for a(1 − a), Fortran order."""
    m, A, Z = X.shape[1], {0: np.asfortranarray(X.T)}, {}
    for l in net.W:
        Z[l] = A[l - 1] @ net.W[l].T + net.b[l].T
        kind = net.activations[l]
        if kind == "softmax":
            e = np.exp(Z[l] - Z[l].max(axis=1, keepdims=True))
            A[l] = e / e.sum(axis=1, keepdims=True)
        else:
            A[l] = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(0, z), "identity": np.copy}[kind](
                Z[l]
            )
    slope = {"sigmoid": lambda l: A[l] - A[l] * A[l], "tanh": lambda l: 1 - A[l] ** 2, "softmax": lambda l: 1.0}
    slope |= {"relu": lambda l: (A[l] > 0) * 1.0, "identity": lambda l: 1.0}
    W, b, D = {}, {}, A[net.L] - Y.T
    for l in range(net.L, 0, -1):
        D = D * slope[net.activations[l]](l)
        W[l], b[l] = (A[l - 1].T @ D).T / m, D.sum(axis=0)[:, None] / m
        D = D @ net.W[l]
    return {"W": W, "b": b, "X_grad": D.T / m}


def by_einsum(net, X, Y):
    """einsum throughout; σ by tanh: ½(1 + tanh(z/2))."""
    m, t = X.shape[1], forward(net, X)
    half = {"sigmoid": lambda z: 0.25 * (1 - np.tanh(z / 2)) * (1 + np.tanh(z / 2))}
    W, b, d = {}, {}, (t.y_hat - Y) * (1.0 / m)
    for l in range(net.L, 0, -1):
        kind = net.activations[l]
        d = d if kind == "softmax" else np.einsum("im,im->im", d, (half.get(kind) or SLOPES[kind])(t.z[l]))
        W[l], b[l] = np.einsum("im,jm->ij", d, t.a[l - 1]), np.einsum("im->i", d)[:, None]
        d = np.einsum("ij,im->jm", net.W[l], d)
    return {"W": W, "b": b, "X_grad": d}


def products_of_jacobians(net, X, Y):
    """Forward: ∂ŷ/∂z[l] as a product of Jacobians of the layers above, then the error comes in."""
    m, t = X.shape[1], forward(net, X)
    error = (t.y_hat - Y) / m
    W, b, delta = {}, {}, {}
    for l in net.W:
        above = {k - l: net.W[k] for k in net.W if k > l}
        if l == net.L:
            J = np.eye(len(t.y_hat))[None].repeat(m, axis=0)
        else:
            rest = Network(
                above, {k - l: net.b[k] for k in net.b if k > l}, {k - l: net.activations[k] for k in net.W if k > l}
            )
            J = jacobian(Network(rest.W, rest.b, {**rest.activations, rest.L: "identity"}), t.a[l])
        top = error if net.is_softmax else error * SLOPES[net.activations[net.L]](t.z[net.L])
        D = 1.0 if l == net.L else SLOPES[net.activations[l]](t.z[l]).T[:, None, :]
        delta[l] = np.einsum("mij,im->jm", J * D, top)
        W[l], b[l] = delta[l] @ t.a[l - 1].T, delta[l] @ np.ones((m, 1))
    return {"W": W, "b": b, "X_grad": net.W[1].T @ delta[1]}


def by_hips_autograd(net, X, Y):
    """Another program altogether; each example's own cost, then the mean."""
    value = {
        "sigmoid": lambda z: 0.5 * (1 + anp.tanh(z / 2)),
        "tanh": anp.tanh,
        "relu": lambda z: z * (z > 0),
        "identity": lambda z: z,
    }

    def J(parameters):
        W, b, a = parameters
        for l in sorted(W):
            z = anp.dot(W[l], a) + b[l]
            a = value[net.activations[l]](z) if net.activations[l] != "softmax" else z
        if not net.is_softmax:
            return anp.mean(anp.sum((a - Y) ** 2, axis=0)) / 2
        e = z - anp.max(z, axis=0, keepdims=True)
        return -anp.mean(anp.sum(Y * (e - anp.log(anp.sum(anp.exp(e), axis=0, keepdims=True))), axis=0))

    with np.errstate(over="ignore"):  # autograd squares cosh(z)
        _, (W, b, dX) = value_and_grad(J)((net.W, net.b, X))
    return {"W": W, "b": b, "X_grad": dX}


RIGHT = [as_in_the_library, example_by_example, rows_inside, by_einsum, products_of_jacobians, by_hips_autograd]


def size(g):
    return np.sqrt(sum(np.sum(v**2) for v in [*g.W.values(), *g.b.values(), g.X]))


def distance(g, h):
    """Norm of the difference of two gradients."""
    return size(Gradient({l: g.W[l] - h.W[l] for l in g.W}, {l: g.b[l] - h.b[l] for l in g.b}, {}, g.X - h.X))


def wrong_gradients(net, X, Y, rng, count):
    """(name, gradient) of some mistakes that can be computed here and differ from the truth by more than 1e-6 of its norm.

    Where a relu stands exactly on its kink there are two truths, one for each side.
    """
    nudged = Network(net.W, {l: b + 1e-300 for l, b in net.b.items()}, net.activations)
    truths = [backward(side, X, Y) for side in (net, nudged)]
    for k in rng.choice(len(NETWORK_RULES), size=count, replace=False):
        name, mistake = NETWORK_RULES[k]
        try:
            with np.errstate(all="ignore"):
                g = backward(net, X, Y, with_rules(mistake))
        except (ValueError, IndexError):  # shapes that do not fit: this mistake crashes here
            continue
        fits = (
            all(g.W[l].shape == net.W[l].shape and g.b[l].shape == net.b[l].shape for l in net.W)
            and g.X.shape == X.shape
        )
        if fits and np.isfinite(size(g)) and all(distance(g, truth) > 1e-6 * size(truth) for truth in truths):
            yield name, g


# On random networks. ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("networks", "count"), [(hostile, 1700), (ordinary, 400)])
def test_no_false_alarm_on_right_gradients(networks, count, rng):
    found, worst = Counter(), 0.0
    for n in range(count):
        net, X, Y = networks(rng)
        for right in (RIGHT[0], RIGHT[1 + n % 5]) if networks is hostile else RIGHT:
            report = check_gradient(net, X, Y, **right(net, X, Y))
            found[report.verdict] += 1
            assert report.verdict != "disagrees", f"{right.__name__}\n{net}\n{report}"
            assert report.certified is not False, report.evidence
            if report.verdict == "agrees":
                worst = max(worst, *(row.difference / row.tolerance for row in report.rows if row.difference > 0), 0.0)
    assert worst < 0.5  # the bound has room left
    if networks is ordinary:
        assert found == {"agrees": count * len(RIGHT)}
    else:
        assert found["agrees"] > 0.85 * sum(found.values())


@pytest.mark.parametrize(("networks", "count", "at_least"), [(hostile, 1500, 0.99), (ordinary, 600, 1.0)])
def test_wrong_gradients_are_found(networks, count, at_least, rng):
    found, kinds = Counter(), set()
    for _ in range(count):
        net, X, Y = networks(rng)
        for name, g in wrong_gradients(net, X, Y, rng, count=3 if networks is hostile else 8):
            report = check_gradient(net, X, Y, W=g.W, b=g.b, X_grad=g.X)
            found[report.verdict] += 1
            kinds.add(name)
            assert report.verdict != "agrees", f"{name}\n{net}\n{report}"
    assert len(kinds) >= 60
    assert found["disagrees"] >= at_least * sum(found.values()), found


def test_every_derivative_is_the_black_box_complex_step(rng):
    """Unit by unit gives what one complex step per weight gives."""
    for _ in range(40):
        net, X, Y = ordinary(rng)
        g = numerical_gradient(net, X, Y)

        def J(W=net.W, b=net.b, X=X, Y=Y, kinds=net.activations):
            return cost(Network(W, b, kinds), X, Y)

        pairs = [(complex_step(lambda x: J(X=x), X), g.X)]
        for l, W in net.W.items():
            pairs.append((complex_step(lambda w: J(W=net.W | {l: w}), W), g.W[l]))  # noqa: B023
            pairs.append((complex_step(lambda v: J(b=net.b | {l: v}), net.b[l]), g.b[l]))  # noqa: B023
        assert all(np.max(np.abs(theirs - ours)) <= 1e-14 * size(g) for theirs, ours in pairs)


# What it says. -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def point(rng):
    net = Network.random([4, 6, 5, 3], seed=4)
    return net, rng.normal(size=(4, 7)), rng.random((3, 7))


@pytest.mark.parametrize("array", ["delta", "W", "b"])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_one_wrong_entry_is_found_and_shown(point, array, layer):
    g = backward(*point)
    broken = {l: v.copy() for l, v in getattr(g, array).items()}
    broken[layer][2, -1] += 1e-9 * np.max(np.abs(broken[layer]))
    claim = {"W": g.W, "b": g.b, "delta": g.delta, "X": g.X} | {array: broken}
    report = check_gradient(*point, Gradient(**claim))
    wrong = report.first_wrong
    assert (report.verdict, wrong.name, wrong.layer) == ("disagrees", array, layer)
    assert wrong.index == (2, broken[layer].shape[1] - 1)
    assert report.worst is wrong
    assert report.by_layer == {1: "agrees", 2: "agrees", 3: "agrees"} | {layer: "disagrees"}
    assert [row.verdict for row in report.rows].count("disagrees") == 1


def test_the_first_wrong_array_is_first_in_backpropagation(point):
    wrong = backward(*point, with_rules(dict(NETWORK_RULES)["flipped sign in hidden layers"]))
    report = check_gradient(*point, wrong)
    assert report.first_wrong.label == "delta[2]"
    assert report.by_layer == {1: "agrees", 2: "disagrees", 3: "agrees"}


def test_the_table_can_be_read(point):
    g = backward(*point)
    text = str(check_gradient(*point, W={2: -g.W[2], 3: g.W[3]}))
    assert text.startswith("disagrees: dJ_dW[2] is wrong first")
    assert "dJ_dW[3]   agrees" in text
    assert "central difference" in text
    assert max(map(len, text.splitlines())) < 160


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (lambda g: {"W": {2: g.W[2].T}}, r"shape \(6, 5\), wanted \(5, 6\)"),
        (lambda g: {"b": {1: g.b[1].ravel()}}, r"shape \(6,\), wanted \(6, 1\)"),
        (lambda g: {"W": {1: g.W[1] * 1j}}, "dtype complex128, wanted float64"),
        (lambda g: {"X_grad": np.full_like(g.X, np.nan)}, "disagrees"),
    ],
)
def test_claims_of_the_wrong_form_disagree(point, claim, words):
    report = check_gradient(*point, **claim(backward(*point)))
    assert report.verdict == "disagrees"
    assert words.replace("\\", "") in str(report)


def test_claims_that_cannot_be_judged_are_refused(point):
    with pytest.raises(ValueError, match="nothing is claimed"):
        check_gradient(*point)
    with pytest.raises(ValueError, match=r"W: layers \[4\] do not exist, wanted some of \[1, 2, 3\]"):
        check_gradient(*point, W={4: 0})


def test_float32_claims_are_held_to_float32(point):
    net, X, Y = point
    single = Network.random([4, 6, 5, 3], seed=4)
    g = backward(single, X.astype(np.float32), Y.astype(np.float32))
    claim = {"W": {l: w.astype(np.float32) for l, w in backward(net, X, Y).W.items()}}
    report = check_gradient(net, X, Y, **claim)
    assert report.verdict == "agrees"
    assert "float32: checked to its own precision" in str(report)
    assert check_gradient(net, X, Y, W={2: 1.001 * claim["W"][2]}).verdict == "disagrees"
    # The same numbers called float64 are not good enough: float32 somewhere.
    assert check_gradient(net, X, Y, W={l: w.astype(float) for l, w in claim["W"].items()}).verdict == "disagrees"
    assert check_gradient(net, X, Y, W=g.W).verdict == "disagrees"


def test_finite_differences_are_told_from_a_gradient(point):
    net, X, Y = point
    W = central_difference(lambda w: cost(Network(net.W | {2: w}, net.b, net.activations), X, Y), net.W[2])
    assert check_gradient(net, X, Y, W={2: W}).verdict == "disagrees"


def test_a_named_direction(point):
    g = backward(*point)
    report = check_gradient(*point, g, direction=g)
    assert report.rows[-1].label == "slope"
    assert report.rows[-1].verdict == "agrees"
    flipped = Gradient(g.W, g.b, g.delta, -g.X)
    assert check_gradient(*point, flipped, direction=Gradient({}, {}, {}, g.X)).rows[-1].verdict == "disagrees"
    with pytest.raises(ValueError, match="direction: has"):
        check_gradient(*point, W=g.W, direction=g)


def test_a_kink_accepts_either_side_and_nothing_else():
    net = Network(
        {1: np.eye(2), 2: np.ones((1, 2))}, {1: np.zeros((2, 1)), 2: np.zeros((1, 1))}, {1: "relu", 2: "identity"}
    )
    X, Y = np.array([[0.0, 1.0], [1.0, 2.0]]), np.array([[3.0, -1.0]])
    left = backward(net, X, Y)
    assert check_gradient(net, X, Y, left).verdict == "agrees"
    right = numerical_gradient(Network(net.W, {**net.b, 1: net.b[1] + 1e-300}, net.activations), X, Y)
    assert not np.array_equal(right.X, left.X)
    assert check_gradient(net, X, Y, right).verdict == "agrees"
    between = {1: (left.W[1] + right.W[1]) / 2}
    assert check_gradient(net, X, Y, W=between).verdict == "inconclusive"
    assert check_gradient(net, X, Y, X_grad=2 * left.X).verdict == "disagrees"


def test_a_saturated_network_is_inconclusive_not_wrong():
    net = Network(
        {1: np.full((1, 1), 50.0), 2: np.full((1, 1), 50.0)},
        {1: np.ones((1, 1)), 2: np.ones((1, 1))},
        {1: "sigmoid", 2: "sigmoid"},
    )
    report = check_gradient(net, [[1.0]], [[0.0]], W={1: np.zeros((1, 1))})
    assert report.verdict == "inconclusive"
    assert "take another point" in str(report)


def test_the_certificate_catches_a_forward_pass_that_is_not_analytic(point, monkeypatch):
    """If the complex step itself lies, nothing is called right or wrong."""
    from course_lib import gradcheck

    conjugating = gradcheck.ACTIVATIONS["sigmoid"]._replace(value=lambda z: sigmoid(np.conj(z)))
    monkeypatch.setitem(gradcheck.ACTIVATIONS, "sigmoid", conjugating)
    report = check_gradient(*point, backward(*point))
    assert report.certified is False
    assert report.verdict == "inconclusive"


# Any function. -----------------------------------------------------------------------------------------------------------------


def softplus_norm(x):
    return np.log1p(np.exp(x)).sum() + np.sqrt(np.sum(x * x))


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (lambda x: np.sum(x**3), lambda x: 3 * x**2),
        (softplus_norm, lambda x: sigmoid(x) + x / np.linalg.norm(x)),
        (lambda x: np.sum(np.abs(x)), np.sign),
        (lambda x: np.max(x), lambda x: (x == x.max()) * 1.0),
        (lambda x: float(np.linalg.norm(x)), lambda x: x / np.linalg.norm(x)),
        (lambda x: (np.conj(x) * x).real.sum(), lambda x: 2 * x),
        (lambda x: np.asarray(x, float).prod(), lambda x: x.prod() / x),
    ],
)
def test_black_box(f, gradient, rng):
    for shape in ((5,), (2, 3)):
        x = rng.normal(size=shape) + 0.1
        before, g = x.copy(), gradient(x)
        assert check_function(f, x, g).verdict == "agrees"
        assert np.array_equal(x, before)
        for wrong in (-g, 1.0001 * g, g + 1e-5, g * (1 + 1e-4 * rng.normal(size=shape))):
            assert check_function(f, x, wrong).verdict == "disagrees"


def test_black_box_takes_the_complex_step_only_where_it_is_certified(rng):
    x = rng.normal(size=4)
    assert check_function(lambda x: np.sum(x**2), x, 2 * x).method.startswith("complex step")
    # conj flips the sign of the imaginary part and says nothing: only the certificate sees it.
    assert check_function(lambda x: np.sum(np.conj(x) ** 2), x, 2 * x).method.startswith("extrapolated")


@pytest.mark.parametrize(
    ("claimed", "verdict"), [(-1, "agrees"), (0.3, "agrees"), (1, "agrees"), (1.01, "disagrees"), (-2, "disagrees")]
)
def test_at_a_kink_every_slope_between_is_right(claimed, verdict):
    assert check_function(lambda x: np.sum(np.abs(x)), np.zeros(2), np.array([claimed, 0.0])).verdict == verdict
    assert check_function(lambda x: -np.sum(np.abs(x)), np.zeros(2), np.array([-claimed, 0.0])).verdict == verdict


def test_black_box_tells_a_wrong_backward_from_a_wrong_forward(point):
    """A backward pass that matches its own, wrong, forward pass agrees with that one and not with the reference."""
    net, X, Y = point

    def forgets_b(W):
        return cost(Network(net.W | {2: W}, {l: 0 * b for l, b in net.b.items()}, net.activations), X, Y)

    theirs = backward(Network(net.W, {l: 0 * b for l, b in net.b.items()}, net.activations), X, Y).W[2]
    assert check_function(forgets_b, net.W[2], theirs).verdict == "agrees"
    assert check_gradient(net, X, Y, W={2: theirs}).verdict == "disagrees"


def test_black_box_wants_one_number():
    with pytest.raises(TypeError, match="wanted one number"):
        check_function(lambda x: x, np.ones(3), np.ones(3))
    assert check_function(lambda x: np.sum(x), np.ones(3), np.ones(2)).verdict == "disagrees"


# Differences. ------------------------------------------------------------------------------------------------------------------


def test_differences_have_the_precision_they_promise(rng):
    x = rng.normal(size=(3, 2))
    right = np.cos(x) * np.exp(np.sin(x))
    f = lambda x: np.sum(np.exp(np.sin(x)))
    assert np.max(np.abs(central_difference(f, x) - right)) < 1e-9
    assert np.max(np.abs(complex_step(f, x) - right)) < 1e-15
    value, error = richardson(lambda h: (np.sin(1 + h) - np.sin(1 - h)) / (2 * h), 0.1)
    assert abs(value - np.cos(1)) <= error < 1e-8


def test_differences_leave_their_input_alone_and_take_whole_numbers():
    x = np.array([1, 2])
    seen = []

    def f(v):
        seen.append(x.copy())
        return np.sum(v**2)

    np.testing.assert_allclose(central_difference(f, x), [2, 4], rtol=1e-9)
    assert len(seen) == 4
    assert all(np.array_equal(s, [1, 2]) for s in seen)


@pytest.mark.parametrize("f", [lambda x: np.sum(np.abs(x)), lambda x: np.sum(x.real), lambda x: float(x[0])])
def test_complex_step_refuses_a_function_that_drops_the_imaginary_part(f):
    with pytest.raises((TypeError, np.exceptions.ComplexWarning)):
        complex_step(f, np.ones(2))
