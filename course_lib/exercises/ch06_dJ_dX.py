"""Chapter 06, the derivative that nobody asked for: the judge's side of its exercises."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Exercise, Prediction
from course_lib.exercises.build import exercise
from course_lib.exercises.compare import Wrong, cause, describe, no_exception, slope
from course_lib.exercises.input_derivatives import (
    dJ_dX,
    jacobian,
    jvp,
    layer_backward,
    outputs,
    right_when,
    saliency,
    scaled_jacobian,
    sigmoid,
    steer,
    vjp,
)
from course_lib.exercises.points import as_network, cache, large_network, networks, sigmoid_net
from course_lib.exercises.verdict import failed, passed
from course_lib.exercises.wrong_derivatives import (
    ALWAYS_ONE_STEP,
    OTHER_ORDERS,
    WRONG_DX,
    WRONG_JACOBIAN,
    WRONG_JVP,
    WRONG_LAYER,
    WRONG_SALIENCY,
    WRONG_SCALED,
    WRONG_STEER,
    WRONG_VJP,
    WRONG_WIDTHS,
)
from course_lib.network import cost
from course_lib.wire import Call

# What each is the derivative of. -----------------------------------------------------------------------------------------------


def layer_slopes(W, a_prev, a, dJ_da):
    """Central differences of Σ ∂J/∂a ∘ σ(W a_prev + b), with b recovered from a."""
    rest = np.log(a) - np.log1p(-a) - W @ a_prev
    J = lambda W, a_prev, b: np.sum(dJ_da * sigmoid(W @ a_prev + rest + b))
    zero = np.zeros((len(W), 1))
    return {
        "dJ_da_prev": slope(lambda moved: J(W, moved, zero), a_prev),
        "dW": slope(lambda moved: J(moved, a_prev, zero), W),
        "db": slope(lambda moved: J(W, a_prev, moved), zero),
    }


def own_costs(W, b, X, Y):
    """index → central difference of the sum of the examples' own costs."""
    net = as_network(W, b)
    return {"dJ_dX": slope(lambda moved: X.shape[1] * cost(net, moved, Y), X)}


def jacobian_slopes(W, b, x):
    """(k, i) → central difference of output k along input i."""
    entry = lambda k, i: slope(lambda moved: outputs(W, b, moved)[k, 0], x)((i, 0))
    return {"jacobian": lambda index: entry(*index)}


def along(W, b, x, v):
    """(k, 0) → how output k changes along v: a secant of length 2h."""
    return {"jvp": lambda index: slope(lambda t: outputs(W, b, x + t * v)[index], np.zeros(1))((0,))}


def weighted(W, b, x, u):
    return {"vjp": slope(lambda moved: np.sum(u * outputs(W, b, moved)), x)}


def physical(W, b, x, x_scale, y_scale):
    """(k, i) → central difference in physical units: physical input / output = (net's − offset) / scale."""
    moved = lambda shift: outputs(W, b, x + (x_scale * shift)[:, None])[:, 0] / y_scale
    entry = lambda k, i: slope(lambda shift: moved(shift)[k], np.zeros(len(x)))((i,))
    return {"scaled_jacobian": lambda index: entry(*index)}


def one_output(W, b, x, k):
    return {"saliency": slope(lambda moved: outputs(W, b, moved)[k, 0], x)}


# Test points. ------------------------------------------------------------------------------------------------------------------


def with_a_blind_input(W, b, X, Y):
    """The same point, but no weight leaves input 1: its ∂J/∂X and its column of the Jacobian are exactly zero."""
    first = W[1].copy()
    first[:, 1] = 0.0
    return {**W, 1: first}, b, X, Y


def points(rng):
    """The usual networks, one with an input that nothing listens to, and one whose first example is far from its target."""
    W, b, X, Y = sigmoid_net(rng, [5, 4, 3], 4)
    opposite = Y.copy()
    opposite[:, :1] = 1 - np.round(outputs(W, b, X[:, :1]))
    return [*networks(rng), with_a_blind_input(W, b, X, Y), (W, b, X, opposite)]


def modules(rng):
    """Every layer of every network alone, with a random upstream: what it gets is never all ones, never of one sign."""
    calls = []
    for W, b, X, _ in networks(rng):
        a = cache(W, b, X)
        calls += [Call((W[l], a[l - 1], a[l], rng.normal(size=a[l].shape))) for l in W]
    return calls


def whole_networks(rng):
    return [*(Call(point) for point in points(rng)), Call(large_network(rng))]


def one_column(rng):
    """(W, b, x) of each network, x its first column."""
    return [(W, b, X[:, :1]) for W, b, X, _ in points(rng)]


def columns(rng):
    return [Call(point) for point in one_column(rng)]


def directions(rng):
    """x with a direction v in its space."""
    return [Call((W, b, x, rng.normal(size=x.shape))) for W, b, x in one_column(rng)]


def output_weights(rng):
    """x with weights u for the outputs."""
    return [Call((W, b, x, rng.normal(size=(len(b[len(b)]), 1)))) for W, b, x in one_column(rng)]


def scales(rng):
    """Scales between 0.1 and 10, each its own: degrees beside newtons."""
    size = lambda n: np.exp(rng.uniform(-2.3, 2.3, n))
    return [Call((W, b, x, size(len(x)), size(len(b[len(b)])))) for W, b, x in one_column(rng)]


def classes(rng):
    return [Call((W, b, x, int(rng.integers(len(b[len(b)]))))) for W, b, x in one_column(rng)]


def goals(rng):
    """Zero, one and several steps; never all inputs free, never none where something has to move."""
    calls = []
    for number, (W, b, x) in enumerate(one_column(rng)):
        free = rng.permutation(len(x))[:, None] < max(1, len(x) // 2)
        target = rng.uniform(0.2, 0.8, size=(len(b[len(b)]), 1))
        calls.append(Call((W, b, x, target, free, (1, 3, 8, 0)[number % 4], float(rng.uniform(0.3, 0.9)))))
    return calls


def widths(rng):
    """All widths from 1 to 4, in random order."""
    every = np.array(np.meshgrid(range(1, 5), range(1, 5), range(1, 5))).reshape(3, -1).T
    return [Call(tuple(int(n) for n in row)) for row in rng.permutation(every)]


def judge_right_when(calls, responses):
    """All 64 width triples; a wrong one is shown with its shapes. The last call, which repeats the first, is not counted."""
    misses, triples = set(), {call.args for call in calls}
    for call, response in zip(calls, responses, strict=True):
        try:
            no_exception(call, response)
        except Wrong as first:
            return failed(str(first))
        if not isinstance(response.value, str) or response.value not in ("right", "wrong", "error"):
            return failed(
                f'right_when{call.args} returned {describe(response.value)}, wanted "right", "wrong" or "error".'
            )
        if response.value != right_when(*call.args):
            misses.add((call.args, response.value))
    if not misses:
        return passed(f"all {len(triples)} width triples; right only for h = o = 1, whatever n")
    (n, h, o), said = min(misses)
    shapes = f"W2 {(o, h)} * F2 {(o, o)} * W1 {(h, n)} * F1 {(h, h)}"
    name = next(
        (
            name
            for name, rule in WRONG_WIDTHS.items()
            if all(rule(*c.args) == r.value for c, r in zip(calls, responses, strict=True))
        ),
        None,
    )
    text = f"right_when(n={n}, h={h}, o={o}): you say {said!r}. Go through {shapes} from the left; {len(misses)} of {len(triples)} are not right yet."
    return failed("\n".join([text, *cause(name)]) if name else text, name)


EXERCISES = [
    exercise(
        "layer_backward", 3, modules, layer_backward, wrong=[*WRONG_LAYER.items(), *OTHER_ORDERS], returns=("dJ_da_prev", "dW", "db"), slopes=layer_slopes,
        hints=(
            "Shape: dJ_da_prev like a_prev, dW like W, db (n, 1). dJ_da comes from above and is shaped like a.",
            "Formula: δ = ∂J/∂a ∘ a ∘ (1 − a). Then dW = δ a_prevᵀ, db = Σ δ over the examples, ∂J/∂a_prev = Wᵀ δ. No m appears: it is in ∂J/∂a already.",
            "Skeleton: `delta = dJ_da * …`, then `return W.… @ delta, delta @ ….…, delta.sum(axis=…, keepdims=…)`.",
        ),
        prediction=Prediction(
            "A layer gets ∂J/∂a from above. Which of its three results does the layer below need?",
            "∂J/∂a_prev. To the layer below, a_prev is the output and this is all it hears of the cost. dW and db stay here.",
        ),
    ),
    exercise(
        "dJ_dX", 2, whole_networks, dJ_dX, wrong=WRONG_DX, slopes=own_costs, analytic=True, needs=("layer_backward",),
        hints=(
            "Shape: like X. Column j is the gradient of example j's own cost, and no other example enters it.",
            "Formula: start from ŷ − y without the 1/m, go down through all layers, and take the last ∂J/∂a_prev: it is ∂J/∂X = W₁ᵀ δ₁.",
            "Skeleton: `L = len(W)`; `z, a = forward(W, b, X)`; `g = a[L] - Y`; `for l in range(L, 0, -1): g, _, _ = layer_backward(…, …, …, g)`; `return g`.",
        ),
        prediction=Prediction(
            "The same example stands in the batch ten times. Does its ∂J/∂X, of its own cost, change?",
            "No. Its own cost knows nothing of the others. With the 1/m left in it would shrink tenfold, for no reason an attacker cares about.",
        ),
    ),
    exercise(
        "jacobian", 3, columns, jacobian, wrong=WRONG_JACOBIAN, slopes=jacobian_slopes,
        hints=(
            "Shape: (n_L, n_0). Row k: how output k answers each input. Column i: what input i does to each output.",
            "Formula: ∂Y/∂X = D_L W_L ⋯ D_1 W_1 with D_l = diag(a_l ∘ (1 − a_l)): each D stands left of its W.",
            "Skeleton: `z, a = forward(W, b, x)`; `P = np.eye(len(x))`; `for l in range(1, len(W) + 1): P = (a[l] * (1 - a[l])) * (… @ P)`; a column times a matrix scales its rows, as D does.",
        ),
        prediction=Prediction(
            "A net has 64 inputs and 10 outputs. What shape has ∂Y/∂X, and what does row 3 tell you?",
            "(10, 64). Row 3 tells how the output for class 3 answers a small change of each of the 64 inputs.",
        ),
    ),
    exercise(
        "jvp", 1, directions, jvp, wrong=WRONG_JVP, slopes=along, needs=("jacobian",),
        hints=(
            "Shape: v is (n_0, 1), the result (n_L, 1). No matrix but the W[l] is ever needed.",
            "Formula: read D_L W_L ⋯ D_1 W_1 v from the right: first W₁v, then D₁ of it, and so on. It walks forward, like the network.",
            "Skeleton: `z, a = forward(W, b, x)`; `for l in range(1, len(W) + 1): v = (…) * (W[l] @ v)`; `return v`. b shifts the point, not the direction: it does not appear.",
        ),
        prediction=Prediction(
            "You want to know how 10 outputs change along one direction in 64 inputs. Forward or backward?",
            "Forward: one jvp gives all outputs along one direction. Backward would take one pass for each of the 10 outputs.",
        ),
    ),
    exercise(
        "vjp", 1, output_weights, vjp, wrong=WRONG_VJP, slopes=weighted, needs=("jacobian",),
        hints=(
            "Shape: u is (n_L, 1), the result (n_0, 1): like x.",
            "Formula: (D_L W_L ⋯ D_1 W_1)ᵀ u = W_1ᵀ D_1 ⋯ W_Lᵀ D_L u. Transposing turns the order round: first D_L, last W_1ᵀ.",
            "Skeleton: `z, a = forward(W, b, x)`; `for l in range(len(W), 0, -1): u = W[l].… @ (… * u)`; `return u`.",
        ),
        prediction=Prediction(
            "With which u is vjp exactly the ∂J/∂X of one example?",
            "u = ŷ − y. Backpropagation is a vjp: it never forms a Jacobian, it carries one vector back.",
        ),
    ),
    exercise(
        "scaled_jacobian", 1, scales, scaled_jacobian, wrong=WRONG_SCALED, slopes=physical, needs=("jacobian",),
        hints=(
            "Shape: (n_L, n_0), as without scales. x_scale has n_0 numbers, one for each column; y_scale has n_L, one for each row.",
            "Formula: net input = x_scale · physical + offset, so ∂(net input)/∂(physical) = x_scale. The output goes the other way: physical = (net output − offset) / y_scale.",
            "Skeleton: `J = jacobian(W, b, x)`, then `return J * …[None, :] / …[:, None]`. x is scaled already, and offsets have no derivative.",
        ),
        prediction=Prediction(
            "An angle is measured in degrees in place of radians. What happens to its column of ∂Y/∂X?",
            "It shrinks 57-fold: one degree is a smaller step than one radian. A derivative has units, output per input.",
        ),
    ),
    Exercise(
        "right_when", 1, widths, judge_right_when,
        hints=(
            'Shape: three whole numbers come in; one of the texts "right", "wrong" and "error" goes out.',
            "Formula: W2 (o, h) * F2 (o, o) * W1 (h, n) * F1 (h, h). Inner numbers must agree, unless one factor is 1 × 1: that is a scalar and always fits.",
            'Skeleton: `shape = times((o, h), (o, o))`, then two more of `shape = times(shape, …)`, for W1 and for F1′. Is it "error" at the end, say so. Else ask when the order of the factors does not matter: for which widths are F1′ and F2′ mere numbers?',
        ),
        needs=(),
        prediction=Prediction(
            "For how many of the 64 width triples up to 4 is the posted order right?",
            "For 4: h = o = 1 with n = 1, 2, 3, 4. For most others MATLAB stops with an error; where it does not, the numbers are wrong.",
        ),
    ),
    exercise(
        "saliency", 1, classes, saliency, wrong=WRONG_SALIENCY, slopes=one_output, needs=("vjp",),
        hints=(
            "Shape: like x, a column. It is one row of the Jacobian, stood upright.",
            "Formula: ∂a_k/∂x = Jᵀ e_k, where e_k is 1 in row k and 0 elsewhere.",
            "Skeleton: `u = np.zeros((…, 1))`, `u[k] = 1.0`, `return vjp(W, b, x, …)`. Raw: sign kept, nothing multiplied.",
        ),
        prediction=Prediction(
            "A pixel is 0, and ∂a_k/∂x there is 0.3. Has the pixel contributed to a_k?",
            "It has no ink, so “gradient × input” says 0. Yet adding ink there would raise a_k. The pictures answer different questions.",
        ),
    ),
    exercise(
        "steer", 2, goals, steer, wrong=[*WRONG_STEER.items(), *ALWAYS_ONE_STEP], needs=("dJ_dX",),
        hints=(
            "Shape: like x. `free` is boolean and shaped like x; where it is False the result equals x exactly.",
            "Formula: repeat `steps` times: x ← x − rate · ∂/∂x ½‖ŷ(x) − target‖², only where `free` holds. The gradient is taken anew at each x.",
            "Skeleton: `for _ in range(steps): x = x - rate * free * …(W, b, x, target)`; `return x`. With `x = x - …` a new array is made, and the caller's x stays.",
        ),
        prediction=Prediction(
            "What changes in steering, and what changes in training?",
            "Steering moves x and keeps W; training moves W and keeps x. The same backward pass serves both.",
        ),
    ),
]  # fmt: skip
