"""Chapter 07, ∂J/∂X at work: the judge's side of its exercises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from course_lib.data import digits, one_hot
from course_lib.exercises import Exercise, Prediction
from course_lib.exercises.attacked import defined, judge_pgd, nearness, rise, small_digit_net, telling, trained
from course_lib.exercises.build import exercise
from course_lib.exercises.points import as_network, sigmoid_net
from course_lib.exercises.shortest import judge_deepfool, shortest, stays, tells
from course_lib.exercises.wrong_attacks import (
    WRONG_CURVE,
    WRONG_DISTANCE,
    WRONG_L2,
    WRONG_L2_PROJECTION,
    WRONG_LINF_PROJECTION,
    WRONG_PGD,
    accuracy_curve,
    fgm_l2,
    fgsm,
    one_step_mistakes,
    pgd,
    project_l2,
    project_linf,
    smallest_linear,
    targeted_fgsm,
)
from course_lib.network import forward
from course_lib.wire import Call, Function, Rng

# Test points. ------------------------------------------------------------------------------------------------------------------


def attacked(rng, sizes=(6, 7, 5, 4), m=9, scale=3.0):
    """(W, b, X, Y, labels) of a net to attack: X in the box, some entries on its walls; no weight leaves input 1, so its
    gradient is exactly zero; the first example is misclassified."""
    W, b, _, _ = sigmoid_net(rng, sizes, m, scale)
    W[1][:, 1] = 0.0
    X = rng.uniform(size=(sizes[0], m))
    X[2, : m // 2], X[3, m // 2 :] = 0.0, 1.0
    if m > 1:  # a random net often reads one class everywhere; with z centred it reads several
        b[len(b)] = b[len(b)] - forward(as_network(W, b), X).z[len(b)].mean(axis=1, keepdims=True)
    labels = forward(as_network(W, b), X).y_hat.argmax(axis=0)
    labels[0] = (labels[0] + 1) % sizes[-1]
    return W, b, X, one_hot(labels, sizes[-1]), labels


def gradient_of(W, b):
    return Function("network_input_gradient", {"W": W, "b": b})


def one_step(rng):
    """(input_gradient, X, Y, ε): pixels on both walls; none near a wall, but steps that lead beyond; ε = 0; one example alone."""
    W, b, X, Y, _ = attacked(rng)
    calls = [Call((gradient_of(W, b), *point)) for point in ((X, Y, 0.1), (0.2 + 0.6 * X, Y, 0.35), (X, Y, 0.0))]
    W, b, X, Y, _ = attacked(rng, (5, 8, 3), 1)
    return [*calls, Call((gradient_of(W, b), X, Y, 0.2))]


def some_without_gradient(rng):
    """As `one_step`; a batch in which one example has exactly no gradient, and three in which all have tiny ones.

    Input 4 switches all hidden units fully on: σ is 1 to the last digit there, and its slope 0. The tiny ones come from
    outputs near 0 where 1 is wanted: σ′ is about 1e-9, 1e-13 and 1e-18, and keeps all its digits.
    """
    W, b, X, Y, _ = attacked(rng, (6, 7, 4), 6)
    switched, on = {**W, 1: W[1].copy()}, X.copy()
    switched[1][:, 4], on[4] = 60.0, np.arange(6) == 2
    return [
        *one_step(rng),
        Call((gradient_of(switched, b), on, Y, 0.3)),
        *(Call((gradient_of(W, {**b, 2: b[2] - sure}), X, Y, 0.3)) for sure in (20, 30, 40)),
    ]


def moved_images(rng):
    """(X_adv, X, ε): moves inside the ball, outside it, outside the box, and none at all."""
    calls = []
    for m, eps, size in [(7, 0.15, 0.3), (1, 0.4, 0.2), (5, 0.05, 1.0)]:
        X = np.round(rng.uniform(size=(6, m)), 2)
        X[0], X[1] = 0.0, 1.0
        X_adv = X + size * rng.normal(size=X.shape) * rng.uniform(0, 1.5, size=(1, m))
        if m > 2:
            X_adv[:, 0] = X[:, 0]
            X_adv[:, 1] = X[:, 1] + 0.3 * eps * rng.uniform(-1, 1, 6) / np.sqrt(6)
        calls.append(Call((X_adv, X, eps)))
    return calls


def many_steps(rng):
    """(input_gradient, X, Y, ε, step, steps): without a generator; then with one: twice the same seed, no step at all, another
    seed; at last a wide batch far from the walls, which shows how the start is spread."""
    W, b, X, Y, _ = attacked(rng, m=40, scale=6.0)  # J bends so much that its gradient turns on the way
    first, second = np.sort(forward(as_network(W, b), X).z[len(W)], axis=0)[[-1, -2]]
    kept = [
        0,
        *(1 + np.argsort((second - first)[1:])[12:20]),
    ]  # not near the boundary: nobody flips at the first small step
    X, Y = X[:, kept], Y[:, kept]
    without = [(0.4, 0.01, 40), (0.2, 0.2, 1), (0.3, 0.02, 4), (0.3, 0.1, 0), (0.5, 0.25, 5), (0.2, 0.5, 3)]
    seeds = [int(seed) for seed in rng.integers(1, 10**6, 3)]
    calls = [Call((gradient_of(W, b), X, Y, *numbers)) for numbers in without]
    started = [
        (0.2, 0.05, 3, Rng(seeds[0])),
        (0.2, 0.05, 3, Rng(seeds[0])),
        (0.2, 0.05, 0, Rng(seeds[0])),
        (0.2, 0.05, 0, Rng(seeds[1])),
    ]
    wide = rng.uniform(0.3, 0.7, size=(len(X), 60)), np.repeat(Y[:, :1], 60, axis=1)
    calls += [Call((gradient_of(W, b), X, Y, *numbers)) for numbers in started]
    return [*calls, Call((gradient_of(W, b), *wide, 0.2, 0.05, 0, Rng(seeds[2])))]


def planes(rng):
    """(w, b, x, norm): points on both sides of a plane, few and many dimensions."""
    calls = []
    for n, norm in [(3, "l2"), (3, "linf"), (8, "linf"), (8, "l2"), (1, "linf")]:
        w, x = rng.normal(size=(n, 1)), rng.normal(size=(n, 1))
        for side in (1, -1):
            calls.append(Call((w, float(side * rng.uniform(0.5, 2) - (w.T @ x).item()), x, norm)))
    return calls


def digits_one_by_one(rng):
    """Nets of two and of three layers, and single digits that they have not seen: with 50 steps and with one; among both some
    that one linear step does not bring to another class."""
    train, test = digits().split()
    calls = []
    for sizes in ((64, 16, 10), (64, 20, 16, 10)):
        rows = rng.choice(len(train.labels), 400, replace=False)
        W, b = trained(rng, sizes, train.images[rows].T, one_hot(train.labels[rows]), epochs=20, rate=5.0)
        single = [Call((W, b, test.images[[i]].T, 1)) for i in rng.choice(len(test.labels), 50, replace=False)]
        single.sort(key=lambda call: not stays(call, shortest(call)))  # those that stay come first
        calls += [Call((*call.args[:3], 50)) for call in (*single[1:4], *single[-4:])]
        calls += [single[0], next((call for call in single if tells(call, "gap in place of distance")), single[1])]
    return calls


def curves(rng):
    """A net trained on digits, attacked by moves that depend on the label; ε rises, falls, stands alone."""
    W, b, test = small_digit_net(rng)
    rows = rng.choice(len(test.labels), 120, replace=False)
    images, labels = test.images[rows], test.labels[rows].copy()
    labels[:50] = (labels[:50] + 1) % 10  # told wrongly: the clean prediction is not the label
    means = np.stack([digits().images[digits().labels == k].mean(axis=0) for k in range(10)], axis=1)
    attack = Function("move_by_label", {"directions": np.roll(means, 1, axis=1) - means})
    predict = Function("network_predict", {"W": W, "b": b})
    return [Call((predict, attack, images.T, labels, list(eps))) for eps in [(0.0, 0.2, 0.5, 1.0), (0.7, 0.1), (0.4,)]]


def measured(name, points, challenge, right, *, tell, **how):
    """An exercise whose evidence says what the attack achieved: tell(call, value)."""
    built = exercise(name, points, challenge, right, **how)
    return replace(built, verify=defined(telling(built.verify, tell)))


EXERCISES = [
    measured(
        "fgsm", 2, one_step, fgsm, wrong=one_step_mistakes(+1), tell=rise,
        hints=(
            "Shape: like X. input_gradient(X, Y) is like X too: one column per example. eps is in the units of X, pixels from 0 to 1.",
            "Formula: X + ε · sign(∂J/∂X) at the true label, and then every entry cut to [0, 1]. np.sign(0) is 0, as it should be.",
            "Skeleton: `return np.clip(X … eps * np.sign(input_gradient(…, …)), …, …)`. J shall rise: which sign is that?",
        ),
        prediction=Prediction(
            "You double ε. Does the rise of J double as well?",
            "Nearly, while ε is small: the rise is about ε‖g‖₁. Further out it does not: J bends, and pixels stop at 0 and at 1. Many small steps, later in this chapter, follow the bend.",
        ),
    ),
    measured(
        "targeted_fgsm", 1, one_step, targeted_fgsm, wrong=one_step_mistakes(-1), needs=("fgsm",), tell=rise,
        hints=(
            "Shape: like X. Y_target is shaped like Y, and holds what the attacker wants to read.",
            "Formula: J(X, Y_target) is small when the net says the target. Go down this J, with steps of ε in every pixel.",
            "Skeleton: as fgsm, with Y_target and the other sign.",
        ),
        prediction=Prediction(
            "Is a targeted attack harder or easier than an untargeted one of the same ε?",
            "Harder: untargeted may end in any of nine wrong classes, targeted must end in one.",
        ),
    ),
    measured(
        "fgm_l2", 1, some_without_gradient, fgm_l2, wrong=WRONG_L2, tell=rise,
        hints=(
            "Shape: like X. Each column has a norm of its own: (1, m) of them.",
            "Formula: x + ε g/‖g‖₂, column by column, cut to [0, 1]. If g is exactly zero there is no direction: x stays.",
            "Skeleton: `norm = np.sqrt(np.sum(g ** 2, axis=…, keepdims=…))`, then `np.divide(g, norm, out=np.zeros_like(g), where=norm > 0)`. Add nothing to the norm.",
        ),
        prediction=Prediction(
            "A net is so sure of an example that ‖g‖ = 10⁻⁹. How long is the step, and how long with 10⁻⁶ added to the norm?",
            "ε; and a thousandth of ε. Such a floor makes sure nets look robust. It is found in published attack code.",
        ),
    ),
    measured(
        "project_linf", 1, moved_images, project_linf, wrong=WRONG_LINF_PROJECTION, tell=nearness,
        hints=(
            "Shape: like X. Each entry by itself.",
            "Formula: cut every entry to [X − ε, X + ε], then to [0, 1].",
            "Skeleton: `np.clip` takes arrays as limits: `return np.clip(np.clip(X_adv, …, …), 0, 1)`.",
        ),
        prediction=Prediction(
            "An image is inside the ball and inside the box. What does the projection do with it?",
            "Nothing, bit by bit. A projection done twice is the same as done once.",
        ),
    ),
    measured(
        "project_l2", 1, moved_images, project_l2, wrong=WRONG_L2_PROJECTION, tell=nearness,
        hints=(
            "Shape: like X. One length per column: (1, m).",
            "Formula: d = X_adv − X. Where ‖d‖₂ > ε, scale that column of d to length ε; where not, leave it. Then cut X + d to [0, 1].",
            "Skeleton: `length = …`; `scale = np.minimum(1, eps / …)` with care where the length is 0; `return np.clip(X + scale * …, 0, 1)`.",
        ),
        prediction=Prediction(
            "After the cut to [0, 1], is the image still inside the ℓ2 ball?",
            "Yes: X lies in the box, so the cut only brings each entry nearer to X.",
        ),
    ),
    Exercise(
        "pgd", 3, many_steps, judge_pgd(pgd, WRONG_PGD),
        hints=(
            "Shape: like X, in every step. `steps` may be 0: then X (or its random start) comes back.",
            "Formula: x ← project(x + step · sign(∂J/∂x)), with the gradient at the *present* x and the ball around the *original* X. With rng: start at X plus uniform noise of ±ε, projected.",
            "Skeleton: `X_adv = X.copy() if rng is None else project_linf(X + rng.uniform(…, …, X.shape), X, eps)`; `for _ in range(steps): X_adv = project_linf(… + step * …, …, eps)`.",
        ),
        needs=("project_linf",),
        names=("input_gradient", "X", "Y", "eps", "step", "steps", "rng"),
        prediction=Prediction(
            "With one step of size ε and no random start: what is PGD?",
            "FGSM. With more and smaller steps it follows the bend of J, and finds more.",
        ),
    ),
    exercise(
        "smallest_linear", 1, planes, smallest_linear, wrong=WRONG_DISTANCE,
        hints=(
            "Shape: w and x are (n, 1), b is a number, norm is a text. One float comes out, never negative.",
            "Formula: |wᵀx + b| / ‖w‖_q. For ℓ2, q = 2. For ℓ∞ every input may move by the same amount, so all |w_i| add up: q = 1.",
            'Skeleton: `value = abs((w.T @ x).item() + b)`, then `return value / (np.sum(…) if norm == "linf" else np.sqrt(…))`.',
        ),
        prediction=Prediction(
            "64 inputs, all |w_i| alike. How many times smaller is the ℓ∞ distance to the plane than the ℓ2 distance?",
            "8 times: ‖w‖₁/‖w‖₂ = √64. Many inputs that each move a little together move a sum a lot.",
        ),
    ),
    Exercise(
        "deepfool", 3, digits_one_by_one, judge_deepfool,
        hints=(
            "Shape: like x, (n_0, 1). Work with z[L]: before the last sigmoid the order of the classes is the same and the way straighter.",
            "Formula: for each other class k: gap f = z_label − z_k, slope w = ∂z_k/∂x − ∂z_label/∂x, distance f/‖w‖. Step f/‖w‖² · w to the nearest, anew until the class changes; at the end halve back.",
            "Skeleton: at most `steps` times, while the class is the old one: linearise, set the distance of the label itself to `np.inf`, take the k with the smallest f/‖w‖, `x_adv = x_adv + 1.02 * …`. If the class has changed, halve back: `low, high = 0.0, 1.0`; 50 times: `mid = (low + high) / 2`; the class at `x + mid * (x_adv - x)` decides which of the two becomes mid.",
        ),
        needs=("smallest_linear",),
        names=("W", "b", "x", "steps"),
        prediction=Prediction(
            "Pixels have 64 dimensions, an image has an ℓ2 length of about 4. How long is the shortest step that changes a digit?",
            "About 0.5 in the middle: an eighth of the image. In a random direction it takes more than ten times as much.",
        ),
    ),
    exercise(
        "accuracy_curve", 1, curves, accuracy_curve, wrong=WRONG_CURVE,
        hints=(
            "Shape: one number per ε, in the order of eps_list. predict(X) gives labels (m,), attack(X, labels, eps) gives images.",
            "Formula: the share of attacked images that are still read as their true label. Every attack starts from the clean X.",
            "Skeleton: `return np.array([np.mean(predict(…) == labels) for eps in eps_list])`.",
        ),
        prediction=Prediction(
            "At which ε is the curve of a net equal to its accuracy on clean images?",
            "At ε = 0, if misclassified images count as wrong. Leaving them out flatters every curve.",
        ),
    ),
]  # fmt: skip
