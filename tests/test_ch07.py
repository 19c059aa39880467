"""Chapter 07: right attacks pass however they are written, wrong ones fail and are named, also those that "work"."""

import inspect

import numpy as np
import pytest

from course_lib import attacks, figures
from course_lib.data import digits, one_hot
from course_lib.exercises import attacked, find, judge, shortest, wrong_attacks
from course_lib.exercises import ch07_adversarial as chapter
from course_lib.exercises.mistakes import MISTAKES
from course_lib.exercises.points import as_network
from course_lib.network import Network, forward
from course_lib.reference import input_gradient
from course_lib.respond import made, respond

WRONG = {
    "fgsm": wrong_attacks.one_step_mistakes(+1),
    "targeted_fgsm": wrong_attacks.one_step_mistakes(-1),
    "fgm_l2": wrong_attacks.WRONG_L2,
    "project_linf": wrong_attacks.WRONG_LINF_PROJECTION,
    "project_l2": wrong_attacks.WRONG_L2_PROJECTION,
    "pgd": wrong_attacks.WRONG_PGD,
    "smallest_linear": list(wrong_attacks.WRONG_DISTANCE.items()),
    "accuracy_curve": list(wrong_attacks.WRONG_CURVE.items()),
}


@pytest.fixture(autouse=True)
def live(monkeypatch):
    """The judge's rules take functions by name; as answers they get them live."""
    monkeypatch.setattr(wrong_attacks, "made", lambda f: f if callable(f) else made(f))


def asked_afresh(name, answer, seed):
    """The verdict at other test points than those of the notebook."""
    calls = find(name).calls(np.random.default_rng(seed))
    return find(name).verdict(calls, respond(answer, calls))


# Right answers, written differently. -----------------------------------------------------------------------------------------


def fgsm_one_by_one(input_gradient, X, Y, eps):
    columns = [np.sign(input_gradient(X[:, [k]], Y[:, [k]])) for k in range(X.shape[1])]
    return np.minimum(np.maximum(X + eps * np.hstack(columns), 0.0), 1.0)


def fgsm_where(input_gradient, X, Y, eps):
    g = input_gradient(X, Y)
    return np.clip(np.where(g > 0, X + eps, np.where(g < 0, X - eps, X)), 0, 1)


def targeted_as_minus(input_gradient, X, Y_target, eps):
    return attacks.fgsm(lambda X, Y: -input_gradient(X, Y), X, Y_target, eps)


def l2_loops(input_gradient, X, Y, eps):
    G, X_adv = input_gradient(X, Y), X.copy()
    for k in range(X.shape[1]):
        length = np.linalg.norm(G[:, k])
        if length > 0:
            X_adv[:, k] += eps * G[:, k] / length
    return np.clip(X_adv, 0, 1)


def l2_one_by_one(input_gradient, X, Y, eps):
    columns = [l2_loops(input_gradient, X[:, [k]], Y[:, [k]], eps) for k in range(X.shape[1])]
    return np.hstack(columns)


def l2_einsum(input_gradient, X, Y, eps):
    G = input_gradient(X, Y)
    length = np.sqrt(np.einsum("ij,ij->j", G, G))
    return np.clip(X + eps * G / np.where(length > 0, length, 1), 0, 1)


def linf_by_change(X_adv, X, eps):
    return np.clip(X + np.clip(X_adv - X, -eps, eps), 0, 1)


def linf_box_first(X_adv, X, eps):
    return np.minimum(np.maximum(np.clip(X_adv, 0, 1), X - eps), X + eps)


def l2_projection_loops(X_adv, X, eps):
    columns = []
    for x_adv, x in zip(X_adv.T, X.T, strict=True):
        length = np.linalg.norm(x_adv - x)
        columns.append(x_adv if length <= eps else x + (x_adv - x) * (eps / length))
    return np.clip(np.array(columns).T, 0, 1)


def pgd_by_change(input_gradient, X, Y, eps, step, steps, rng=None):
    change = np.zeros_like(X) if rng is None else rng.uniform(-eps, eps, X.shape)
    change = np.clip(X + change, 0, 1) - X
    for _ in range(steps):
        change = np.clip(change + step * np.sign(input_gradient(X + change, Y)), -eps, eps)
        change = np.clip(X + change, 0, 1) - X
    return X + change


def pgd_with_a_gaussian_start(input_gradient, X, Y, eps, step, steps, rng=None):
    start = X if rng is None else attacks.project_linf(X + eps * rng.normal(size=X.shape), X, eps)
    for _ in range(steps):
        start = attacks.project_linf(start + step * np.sign(input_gradient(start, Y)), X, eps)
    return start


def distance_flat(w, b, x, norm):
    return np.abs(np.dot(w.ravel(), x.ravel()) + b) / np.linalg.norm(w.ravel(), 1 if norm == "linf" else 2)


def deepfool_of(overshoot=1.02, on_y=False):
    def answer(W, b, x, steps):
        z, J = shortest.before_the_last_sigmoid(W, b)
        label, x_adv = z(x).argmax(), x.copy()
        for _ in range(steps):
            if z(x_adv).argmax() != label:
                break
            gap, slope = z(x_adv)[label, 0] - z(x_adv)[:, 0], J(x_adv) - J(x_adv)[label]
            length = np.linalg.norm(slope, axis=1)
            length[label] = 1.0
            distance = gap / length
            distance[label] = np.inf
            k = distance.argmin()
            x_adv = x_adv + overshoot * (distance[k] + 1e-6) * slope[k][:, None] / length[k]
        return attacks.bisect(lambda point: z(point).argmax() != label, x, x_adv)

    return answer


def curve_loop(predict, attack, X, labels, eps_list):
    values = []
    for eps in eps_list:
        right = predict(attack(X, labels, eps)) == labels
        values.append(right.sum() / len(labels))
    return values


RIGHT = [
    *((name, getattr(wrong_attacks, name)) for name in WRONG),
    ("fgsm", fgsm_one_by_one),
    ("fgsm", fgsm_where),
    ("targeted_fgsm", targeted_as_minus),
    ("fgm_l2", l2_loops),
    ("fgm_l2", l2_one_by_one),
    ("fgm_l2", l2_einsum),
    ("project_linf", linf_by_change),
    ("project_linf", linf_box_first),
    ("project_l2", l2_projection_loops),
    ("pgd", pgd_by_change),
    ("pgd", pgd_with_a_gaussian_start),
    ("smallest_linear", distance_flat),
    ("deepfool", lambda W, b, x, steps: attacks.deepfool(*shortest.before_the_last_sigmoid(W, b), x, steps)),
    ("deepfool", deepfool_of(1.0)),
    ("deepfool", deepfool_of(1.1)),
    ("accuracy_curve", curve_loop),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f"{n}-{a.__name__}" for n, a in RIGHT])
def test_a_right_answer_passes_at_any_points(name, answer, seed):
    verdict = asked_afresh(name, answer, seed)
    assert verdict, verdict
    assert verdict.mistake is None


# Wrong answers. --------------------------------------------------------------------------------------------------------------

PLANTED = [
    pytest.param(name, mistake, rule, id=f"{name}-{mistake}") for name, rows in WRONG.items() for mistake, rule in rows
]


def net_of(gradient):
    """The network behind a live gradient."""
    return inspect.getclosurevars(gradient.call).nonlocals["net"]


class Named:
    """A live gradient that still says of which network it is: the batch that stops has to look at its predictions."""

    def __init__(self, gradient):
        net = net_of(gradient)
        self.gradient, self.parameters = gradient, {"W": net.W, "b": net.b}

    def __call__(self, X, Y):
        return self.gradient(X, Y)


@pytest.mark.parametrize(("name", "mistake", "rule"), PLANTED)
def test_a_planted_mistake_is_named_and_explained(name, mistake, rule):
    answer = (lambda gradient, *rest: rule(Named(gradient), *rest)) if mistake.startswith("whole batch") else rule
    for verdict in (judge(find(name), answer), asked_afresh(name, answer, 1)):
        assert (verdict.state, verdict.mistake) == ("failed", mistake)
        assert MISTAKES[mistake].question in verdict.message


def test_the_points_hold_a_misclassified_example_and_a_pixel_without_gradient(rng):
    for points in (chapter.one_step(rng), chapter.some_without_gradient(rng), chapter.many_steps(rng)):
        gradient, X, Y, *_ = points[0].args
        net = as_network(**gradient.parameters)
        assert np.any(forward(net, X).y_hat.argmax(axis=0) != Y.argmax(axis=0))
        assert np.all(input_gradient(net, X, Y)[1] == 0)
    *_, switched, _, _, tiny = [
        np.linalg.norm(made(g)(X, Y), axis=0)
        for g, X, Y, _ in (call.args for call in chapter.some_without_gradient(rng))
    ]
    assert [length == 0 for length in switched] == [k == 2 for k in range(6)]
    assert np.all((tiny > 0) & (tiny < 1e-12))


# Random starts. --------------------------------------------------------------------------------------------------------------


def started(start):
    """PGD with another random start; right without a generator."""

    def answer(input_gradient, X, Y, eps, step, steps, rng=None):
        X_adv = X if rng is None else start(X, eps, rng)
        for _ in range(steps):
            X_adv = attacks.project_linf(X_adv + step * np.sign(input_gradient(X_adv, Y)), X, eps)
        return X_adv

    return answer


@pytest.mark.parametrize(
    ("mistake", "start"),
    [
        ("rng ignored", lambda X, eps, rng: X),
        ("random start not projected", lambda X, eps, rng: X + rng.uniform(-eps, eps, X.shape)),
        ("random start not projected", lambda X, eps, rng: np.clip(X + rng.normal(size=X.shape), 0, 1)),
        (
            "another generator",
            lambda X, eps, rng: attacks.project_linf(X + np.random.default_rng().uniform(-eps, eps, X.shape), X, eps),
        ),
        (
            "seed fixed inside",
            lambda X, eps, rng: attacks.project_linf(X + np.random.default_rng(0).uniform(-eps, eps, X.shape), X, eps),
        ),
    ],
)
def test_a_wrong_random_start_is_named(mistake, start):
    assert judge(find("pgd"), started(start)).mistake == mistake


def test_a_tiny_start_and_wrong_steps_after_a_start_are_seen():
    tiny = started(lambda X, eps, rng: np.clip(X + 0.01 * rng.uniform(-eps, eps, X.shape), 0, 1))
    assert "uniform noise" in judge(find("pgd"), tiny).message

    def twice(input_gradient, X, Y, eps, step, steps, rng=None):
        return attacks.pgd(input_gradient, X, Y, eps, step, steps * (1 if rng is None else 2), rng)

    assert "steps after the random start" in judge(find("pgd"), twice).message


# Attacks that "work". --------------------------------------------------------------------------------------------------------


def weights_only(W, b):
    """∂J/∂X with every σ′ left out."""

    def gradient(X, Y):
        g = forward(Network(W, b, dict.fromkeys(W, "sigmoid")), X).y_hat - Y
        for layer in reversed(W):
            g = W[layer].T @ g
        return g

    return gradient


@pytest.fixture(scope="module")
def digit_net():
    train, test = digits().split()
    W, b = attacked.trained(np.random.default_rng(0), (64, 30, 10), train.images.T, one_hot(train.labels), epochs=15)
    return W, b, test.images.T, test.labels


def test_a_gradient_without_slopes_fools_the_net_and_not_the_check(digit_net):
    W, b, X, labels = digit_net
    net = Network(W, b, dict.fromkeys(W, "sigmoid"))
    read = lambda X: np.mean(forward(net, X).y_hat.argmax(axis=0) == labels)
    assert read(X) > 0.93
    assert read(attacks.fgsm(weights_only(W, b), X, one_hot(labels), 0.15)) < 0.6, "it works"

    def own_gradient(input_gradient, X, Y, eps):
        careless = weights_only(net_of(input_gradient).W, net_of(input_gradient).b)
        return np.clip(X + eps * np.sign(careless(X, Y)), 0, 1)

    verdict = judge(find("fgsm"), own_gradient)
    assert not verdict
    assert "is wrong at test point" in verdict.message  # it ran, and gave other numbers


def deepfool_along(slopes, stretch=1.02):
    """DeepFool by other slopes than the Jacobian of z; slopes(W, b, x) → (n_L, n_0)."""

    def answer(W, b, x, steps):
        z = shortest.before_the_last_sigmoid(W, b)[0]
        label, x_adv = z(x).argmax(), x.copy()
        for _ in range(steps if steps == 1 else 400):
            if z(x_adv).argmax() != label:
                break
            J = slopes(W, b, x_adv)
            gap, slope = z(x_adv)[label, 0] - z(x_adv)[:, 0], J - J[label]
            length = np.linalg.norm(slope, axis=1) + 1e-300
            k = np.where(np.arange(len(gap)) == label, np.inf, gap / length).argmin()
            x_adv = x_adv + stretch * (gap[k] / length[k] + 1e-3) * slope[k][:, None] / length[k]
        changed = lambda point: z(point).argmax() != label
        return attacks.bisect(changed, x, x_adv) if changed(x_adv) else x_adv

    return answer


@pytest.mark.parametrize("stretch", [1.02, 1.3])
def test_deepfool_along_a_product_of_weights_works_and_is_caught(stretch):
    answer = deepfool_along(lambda W, b, x: shortest.product_of_weights(W, b)(x), stretch)
    verdict = judge(find("deepfool"), answer)
    assert verdict.mistake == "product of weights only"
    assert judge(
        find("deepfool"), deepfool_along(lambda W, b, x: shortest.before_the_last_sigmoid(W, b)[1](x), stretch)
    )


def test_a_gradient_that_gets_too_much_is_told_what_it_takes():
    """(X, Y), as the docstring says, and not what lies behind it."""
    verdict = judge(find("fgsm"), lambda input_gradient, X, Y, eps: input_gradient(X, X, X, Y))
    assert "that it takes: 2; that came: 4" in verdict.message


def test_deepfool_that_halves_back_too_few_times_is_not_told_that_it_does_not():
    z = lambda W, b, x: shortest.before_the_last_sigmoid(W, b)[0](x).argmax()

    def ten_halvings(W, b, x, steps):
        end, low, high = deepfool_of()(W, b, x, steps) * 1.0, 0.0, 1.01
        for _ in range(10):
            middle = (low + high) / 2
            low, high = (middle, high) if z(W, b, x + middle * (end - x)) == z(W, b, x) else (low, middle)
        return x + high * (end - x) if steps > 1 else end

    verdict = judge(find("deepfool"), ten_halvings)
    assert verdict.mistake == "not halved back"
    assert "too few times" in verdict.message


def test_deepfool_that_does_not_count_its_steps_is_named():
    """One step leads elsewhere than all steps until the class changes, by little: the cosine alone says nothing."""
    verdict = judge(find("deepfool"), lambda W, b, x, steps: deepfool_of()(W, b, x, 50))
    assert (verdict.state, verdict.mistake) == ("failed", "steps ignored")
    assert MISTAKES["steps ignored"].question in verdict.message


def test_deepfool_along_other_wrong_slopes_is_caught():
    def half(W, b, x):  # a in place of a (1 − a)
        J = np.eye(len(x))
        for layer in W:
            x, J = 1 / (1 + np.exp(-W[layer] @ x - b[layer])), W[layer] @ J
            J = J if layer == len(W) else x * J
        return J

    assert not judge(find("deepfool"), deepfool_along(half))
    assert not judge(find("deepfool"), deepfool_along(lambda W, b, x: np.ones((10, 64)) + np.eye(10, 64)))


def test_deepfool_without_halving_back_or_in_the_wrong_direction_is_named():
    def whole_step(W, b, x, steps):
        short = deepfool_of()(W, b, x, steps)
        return x + 1.1 * (short - x)

    assert judge(find("deepfool"), whole_step).mistake == "not halved back"
    assert judge(find("deepfool"), lambda W, b, x, steps: x.copy()).mistake == "nothing moved"
    assert "wanted (64, 1)" in judge(find("deepfool"), lambda W, b, x, steps: x[:, 0].copy()).message


# Figures. --------------------------------------------------------------------------------------------------------------------


def test_figures_say_what_they_show(rng):
    w, x = np.array([[1.0], [2.0]]), np.array([[0.3], [0.2]])
    says, says_adv = np.eye(10)[:, [3]], np.eye(10)[:, [8]]
    image = rng.uniform(size=(64, 1))
    pictures = [
        figures.balls(w, -2.0, x, {norm: wrong_attacks.smallest_linear(w, -2.0, x, norm) for norm in ("l2", "linf")}),
        figures.attack(image, image, says, says_adv, 3, 0.1),
        figures.along_lines(np.linspace(0, 1, 5), np.linspace(0, 1, 5), rng.uniform(size=(4, 5))),
        figures.accuracy_curves(
            [0.0, 0.1, 0.2], {"noise": np.array([1.0, 0.9, 0.8]), "FGSM": np.array([1.0, 0.5, 0.0])}
        ),
        figures.shortest_steps(np.arange(10), rng.uniform(0.1, 1, 10), rng.uniform(1, 10, 10)),
    ]
    assert all(picture.png and len(picture.alt) > 40 for picture in pictures)
    assert "read as 3" in pictures[1].alt
    assert "read as 8" in pictures[1].alt
