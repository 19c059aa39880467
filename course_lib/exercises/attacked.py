"""Judging attacks that have no single right value: a random start, a shortest step. The judge measures what came back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from course_lib import attacks
from course_lib.data import digits, one_hot
from course_lib.exercises.behaviour import naming
from course_lib.exercises.compare import Wrong, at, flatten, parts, side_effects, values
from course_lib.exercises.training import Fault, judged
from course_lib.exercises.verdict import Verdict
from course_lib.network import Network, cost, forward
from course_lib.reference import backward, jacobian
from course_lib.respond import made

# Measured with DeepFool written five ways (overshoot 0.01 … 50 %, classes by z) on 60 digits: mean 1.004, worst 1.12.
LONGER_ON_AVERAGE, LONGER_ONCE = 1.02, 1.2


def trained(rng, sizes, X, Y, epochs, rate=3.0, batch=10, start=None):
    """(W, b) of a sigmoid network after plain gradient descent, from random weights or from `start`; 0.05 s for 500 digits."""
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1]) for l in range(1, len(sizes))}
    W, b = start or (W, {l: np.zeros((sizes[l], 1)) for l in W})
    for _ in range(epochs):
        for chosen in np.array_split(rng.permutation(X.shape[1]), max(1, X.shape[1] // batch)):
            g = backward(Network(W, b, dict.fromkeys(W, "sigmoid")), X[:, chosen], Y[:, chosen])
            W, b = {l: W[l] - rate * g.W[l] for l in W}, {l: b[l] - rate * g.b[l] for l in b}
    return W, b


def small_digit_net(rng):
    """(W, b, test digits) of a 64-16-10 net that reads about 95 % of the test digits."""
    train, test = digits().split()
    rows = rng.choice(len(train.labels), 400, replace=False)
    W, b = trained(rng, (64, 16, 10), train.images[rows].T, one_hot(train.labels[rows]), epochs=15)
    return W, b, test


def telling(verify: Callable, tell: Callable) -> Callable:
    """`verify`, whose evidence begins with tell(call, value) of the first call: what the answer achieved, in numbers."""

    @functools.wraps(verify)
    def told(calls, responses) -> Verdict:
        verdict = verify(calls, responses)
        if not verdict:
            return verdict
        return replace(verdict, evidence=f"{tell(calls[0], responses[0].value)}; {verdict.evidence.partition('; ')[2]}")

    return told


def rise(call, X_adv) -> str:
    """How the cost changed, and how far any pixel moved."""
    gradient, X, Y, eps, *_ = call.args
    net = made(gradient).args[0]
    before, after = cost(net, X, Y), cost(net, X_adv, Y)
    return f"J goes from {before:.4f} to {after:.4f} at ε = {eps:g}, and the pixel without a gradient stays"


def nearness(call, X_adv) -> str:
    """The largest distance before and after a projection."""
    far, X, eps = call.args
    largest = lambda A, order: np.linalg.norm(A - X, order, axis=0).max()
    return f"ε = {eps:g}; the furthest image was {largest(far, np.inf):.3f} away in ℓ∞ and {largest(far, 2):.3f} in ℓ2, now {largest(X_adv, np.inf):.3f} and {largest(X_adv, 2):.3f}"


def judge_pgd(right: Callable, wrong) -> Callable:
    """Without a generator one value is right; with one the start must be random, inside, and repeat with its seed."""
    by_value = telling(naming(values(right, returns=("X_adv",), wrong=wrong), wrong), rise)

    @functools.wraps(by_value)
    def verify(calls, responses) -> Verdict:
        started = [len(call.args) > 6 for call in calls]
        split = lambda items, wanted: [item for item, flag in zip(items, started, strict=True) if flag == wanted]
        verdict = by_value(split(calls, False), split(responses, False))
        if not verdict:
            return verdict
        return judged(functools.partial(random_start, verdict.evidence))(split(calls, True), split(responses, True))

    return verify


def random_start(evidence, calls, responses) -> str:
    """The calls: twice the same seed, then without a step, then without a step and with another seed."""
    got = [image(call, response) for call, response in zip(calls, responses, strict=True)]
    for call, X_adv in zip(calls, got, strict=True):
        _, X, _, eps, *_ = call.args
        if np.abs(X_adv - X).max() > eps * (1 + 1e-12) or X_adv.min() < 0 or X_adv.max() > 1:
            raise Fault(
                "random start not projected", "with rng, an image left the ball around X or the box [0, 1].", call
            )
    if np.array_equal(got[2], calls[2].args[1]):
        raise Fault("rng ignored", "with rng and steps = 0 the clean X came back: the start is not random.", calls[2])
    if not np.array_equal(got[0], got[1]):
        raise Fault(
            "another generator", "the same generator gave two different results: draw from rng alone.", calls[0]
        )
    if np.array_equal(got[2], got[3]):
        raise Fault("seed fixed inside", "two generators with different seeds gave the same start.", calls[3])
    spread = np.abs(got[2] - calls[2].args[1]).mean() / calls[2].args[3]
    if spread < 0.2:
        raise Wrong(
            f"the random start moves by {spread:.2g} ε on average; uniform noise of ±ε moves by about 0.4 ε\n  {at(calls[2])}"
        )
    if np.abs(follow(calls[0], got[2]) - got[0]).max() > 1e-9:
        raise Wrong(f"the steps after the random start are not those of PGD from that start\n  {at(calls[0])}")
    return f"{evidence}; random starts inside ball and box, repeated by their seed"


def follow(call, start):
    """PGD's steps from a given start, in the ball around the original X."""
    gradient, X, Y, eps, step, steps = call.args[:6]
    for _ in range(steps):
        start = attacks.project_linf(start + step * np.sign(made(gradient)(start, Y)), X, eps)
    return start


def image(call, response, name="X_adv", like=1):
    """The returned array, shaped like the clean image, with the usual complaints."""
    X = call.args[like]
    got = parts(call, response, flatten(np.zeros(X.shape), (name,)), (name,))[name]
    side_effects(call, response)
    return got


# DeepFool. ---------------------------------------------------------------------------------------------------------------------


def before_the_last_sigmoid(W, b):
    """z[L] and its Jacobian as functions of x."""
    net = Network(W, b, dict.fromkeys(W, "sigmoid") | {len(W): "identity"})
    return (lambda x: forward(net, x).y_hat), (lambda x: jacobian(net, x)[0])


def shortest(call):
    W, b, x, steps = call.args
    return attacks.deepfool(*before_the_last_sigmoid(W, b), x, steps)


@judged
def judge_deepfool(calls, responses) -> str:
    """One step goes straight to the nearest plane; many change the class, by steps as short as the judge's, and just so."""
    got = [image(call, response, "x_adv", like=2) for call, response in zip(calls, responses, strict=True)]
    pairs = list(zip(calls, got, strict=True))
    steps = [(call, *crossing(call, x_adv)) for call, x_adv in pairs if call.args[3] > 1]
    ratios = [length / best for _, length, best in steps]
    worst = int(np.argmax(ratios))
    if ratios[worst] > LONGER_ONCE or np.mean(ratios) > LONGER_ON_AVERAGE:
        call, length, best = steps[worst]
        text = f"the steps are {100 * np.mean(ratios) - 100:.1f} % longer than needed on average; here {length:.4g}, and {best:.4g} is enough."
        raise Fault("step longer than needed", text, call)
    for call, x_adv in pairs:
        if call.args[3] == 1:
            towards_the_plane(call, x_adv)
    median = np.median([length for _, length, _ in steps])
    return f"{len(steps)} digits change class; median length {median:.3f}, {np.mean(ratios):.3f} times the judge's; on the boundary to 1e-6"


def crossing(call, x_adv) -> tuple[float, float]:
    """(length of the answer's step, of the judge's); Fault if the class does not change, or changes earlier."""
    W, b, x, _ = call.args
    z = before_the_last_sigmoid(W, b)[0]
    label = int(np.argmax(z(x)))
    changes = lambda point: np.argmax(z(point)) != label
    length, best = float(np.linalg.norm(x_adv - x)), float(np.linalg.norm(shortest(call) - x))
    if not changes(x_adv):
        raise Fault(
            "class not changed",
            f"the step of length {length:.3g} leaves the class {label}; {best:.3g} is enough.",
            call,
        )
    if changes(x + (1 - 1e-6) * (x_adv - x)):
        raise Fault(
            "no bisection",
            f"the step of length {length:.4g} goes beyond the boundary: a millionth less still changes the class.",
            call,
        )
    return length, best


def towards_the_plane(call, x_adv):
    """With one step the direction is known exactly; only it tells a right slope from one that works as well by luck."""
    W, b, x, _ = call.args
    moved = x_adv - x
    cosine = lambda other: float(
        moved.ravel() @ other.ravel() / max(np.linalg.norm(moved) * np.linalg.norm(other), 1e-300)
    )
    if cosine(shortest(call) - x) > 1 - 1e-9:
        return
    outputs = before_the_last_sigmoid(W, b)[0]
    careless = (
        attacks.deepfool(
            outputs, lambda x: functools.reduce(lambda product, l: W[l] @ product, W, np.eye(len(x))), x, 1
        )
        - x
    )
    text = f"with steps = 1 the way must be along the slope of the nearest plane; cosine to it {cosine(shortest(call) - x):.4f}."
    if cosine(careless) > 1 - 1e-9:
        raise Fault("product of weights only", text, call)
    raise Wrong(f"{text} Check the Jacobian of z.\n  {at(call)}")
