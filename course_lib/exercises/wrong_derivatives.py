"""Chapter 06: the wrong derivatives by the input, by the name of the mistake."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from course_lib import reference
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
    sigmoid_prime,
    steer,
    vjp,
)
from course_lib.exercises.points import as_network, cache
from course_lib.network import forward as network_forward
from course_lib.reference import RULES


def with_rules(**wrong):
    """∂J/∂X of each example's own cost with some local rules replaced."""
    rules = replace(RULES, **wrong)
    return lambda W, b, X, Y: X.shape[1] * reference.backward(as_network(W, b), X, Y, rules).X


def only_in(layers, rule):
    """δ by `rule` in the layers that `layers(s, l)` picks, rightly elsewhere."""
    return lambda s, l: rule(s, l) if layers(s, l) else RULES.delta(s, l)


FIRST, LAST, HIDDEN = (lambda s, l: l == 1), (lambda s, l: l == s.L), (lambda s, l: l < s.L)
NO_SLOPE = lambda s, l: s.da[l]

# σ′ of a sigmoid, wrong: what students write in its place, as a function of z and a.
WRONG_SLOPES = {
    "σ′ of z":                            lambda z, a: z * (1 - z),
    "half of σ′":                         lambda z, a: a,
    "half of σ′: 1 − a":                  lambda z, a: 1 - a,
    "tanh's derivative on a sigmoid":     lambda z, a: 1 - a**2,
    "σ applied twice":                    lambda z, a: sigmoid_prime(sigmoid(a)),
    "flipped sign in σ′":                 lambda z, a: a * (a - 1),
}  # fmt: skip

WRONG_DX = {
    "flipped sign":                       lambda *point: -dJ_dX(*point),
    "multiplied by m":                    lambda W, b, X, Y: dJ_dX(W, b, X, Y) * X.shape[1],
    "1/m left in":                        lambda W, b, X, Y: dJ_dX(W, b, X, Y) / X.shape[1],
    "1/m twice":                          lambda W, b, X, Y: dJ_dX(W, b, X, Y) / X.shape[1] ** 2,
    "mean over features":                 lambda W, b, X, Y: dJ_dX(W, b, X, Y) / len(Y),
    "factor 2":                           lambda *point: 2 * dJ_dX(*point),
    "factor ½":                           lambda *point: dJ_dX(*point) / 2,
    "dX not transposed":                  with_rules(dX=lambda s: s.W[1] @ s.delta[1]),
    "dX stops one short":                 with_rules(dX=lambda s: s.delta[1]),
    "dX is ∂J/∂a of layer 1":             with_rules(dX=lambda s: s.da[1]),
    "dW in place of dX":                  with_rules(dX=lambda s: s.delta[1] @ s.a[0].T * s.m),
    "dX with σ′ at the input":            with_rules(dX=lambda s: RULES.dX(s) * s.a[0] * (1 - s.a[0])),
    "dX with σ′ of σ(X) at the input":    with_rules(dX=lambda s: RULES.dX(s) * sigmoid_prime(sigmoid(s.a[0]))),
    "dX summed over the batch":           with_rules(dX=lambda s: RULES.dX(s).sum(axis=1, keepdims=True)),
    "dX averaged over the batch":         with_rules(dX=lambda s: RULES.dX(s).mean(axis=1, keepdims=True)),
    "one gradient for the batch":         with_rules(dX=lambda s: RULES.dX(s).sum(axis=1, keepdims=True) + 0 * s.a[0]),
    "dX times X":                         with_rules(dX=lambda s: RULES.dX(s) * s.a[0]),
    "dX of magnitudes":                   with_rules(dX=lambda s: np.abs(RULES.dX(s))),
    "dX as signs":                        lambda *point: np.sign(dJ_dX(*point)),
    "dX without σ′ of layer 1":           with_rules(delta=only_in(FIRST, NO_SLOPE)),
    "no σ′ at the output":                with_rules(delta=only_in(LAST, NO_SLOPE)),
    "no σ′ in hidden layers":             with_rules(delta=only_in(HIDDEN, NO_SLOPE)),
    "σ′ of the output twice":             with_rules(delta=only_in(LAST, lambda s, l: RULES.delta(s, l) * sigmoid_prime(s.a[l]))),
    "product of weights only":            with_rules(delta=NO_SLOPE),
    "weights only, without the error":    with_rules(delta=NO_SLOPE, da_output=lambda s: np.ones_like(s.Y) / s.m),
    "∂ŷ/∂X in place of ∂J/∂X":            with_rules(da_output=lambda s: np.ones_like(s.Y) / s.m),
    "the cost in place of its derivative": with_rules(da_output=lambda s: (s.a[s.L] - s.Y) ** 2 / (2 * s.m)),
    "written for two layers":             lambda W, b, X, Y: two_layers(W, b, X, Y),
    **{name: with_rules(slope=lambda s, l, slope=slope: slope(s.z[l], s.a[l])) for name, slope in WRONG_SLOPES.items()},
}  # fmt: skip


def two_layers(W, b, X, Y):
    """∂J/∂X as if every network had two layers."""
    a = cache({l: W[l] for l in (1, 2)}, b, X)
    delta = (a[2] - Y) * sigmoid_prime(a[2])
    return W[1].T @ (W[2].T @ delta * sigmoid_prime(a[1]))


def wrong_layer(delta=None, dJ_da_prev=None, dW=None, db=None):
    """A layer's backward with one part wrong; each rule takes (W, a_prev, a, dJ_da, delta)."""

    def answer(W, a_prev, a, dJ_da):
        d = delta(W, a_prev, a, dJ_da) if delta else dJ_da * a * (1 - a)
        given = (W, a_prev, a, dJ_da, d)
        right = (W.T @ d, d @ a_prev.T, d.sum(axis=1, keepdims=True))
        return tuple(rule(*given) if rule else part for rule, part in zip((dJ_da_prev, dW, db), right, strict=True))

    return answer


WRONG_LAYER = {
    "dA instead of dZ":                   wrong_layer(delta=lambda W, p, a, g: g),
    "flipped sign":                       wrong_layer(delta=lambda W, p, a, g: -g * a * (1 - a)),
    "half of σ′":                         wrong_layer(delta=lambda W, p, a, g: g * a),
    "half of σ′: 1 − a":                  wrong_layer(delta=lambda W, p, a, g: g * (1 - a)),
    "tanh's derivative on a sigmoid":     wrong_layer(delta=lambda W, p, a, g: g * (1 - a**2)),
    "σ applied twice":                    wrong_layer(delta=lambda W, p, a, g: g * sigmoid_prime(sigmoid(a))),
    "σ′ of the layer before":             wrong_layer(delta=lambda W, p, a, g: g * p * (1 - p)),
    "σ′ added":                           wrong_layer(delta=lambda W, p, a, g: g + a * (1 - a)),
    "1/m twice":                          wrong_layer(delta=lambda W, p, a, g: g * a * (1 - a) / a.shape[1]),
    "missing 1/m":                        wrong_layer(delta=lambda W, p, a, g: g * a * (1 - a) * a.shape[1]),
    "dW and db divided by m again":       wrong_layer(dW=lambda W, p, a, g, d: d @ p.T / a.shape[1], db=lambda W, p, a, g, d: d.mean(axis=1, keepdims=True)),
    "W not transposed":                   wrong_layer(dJ_da_prev=lambda W, p, a, g, d: W @ d),
    "dJ_da_prev stops at δ":              wrong_layer(dJ_da_prev=lambda W, p, a, g, d: d),
    "dJ_da_prev from dA":                 wrong_layer(dJ_da_prev=lambda W, p, a, g, d: W.T @ g),
    "σ′ at the input":                    wrong_layer(dJ_da_prev=lambda W, p, a, g, d: W.T @ d * p * (1 - p)),
    "1/m twice in dW":                    wrong_layer(dW=lambda W, p, a, g, d: d @ p.T / a.shape[1]),
    "only one example":                   wrong_layer(dW=lambda W, p, a, g, d: d[:, :1] @ p[:, :1].T),
    "a of the same layer":                wrong_layer(dW=lambda W, p, a, g, d: d @ a.T),
    "dW from dA":                         wrong_layer(dW=lambda W, p, a, g, d: g @ p.T),
    "dW transposed":                      wrong_layer(dW=lambda W, p, a, g, d: p @ d.T),
    "db zero":                            wrong_layer(db=lambda W, p, a, g, d: np.zeros((len(W), 1))),
    "db summed over the units":           wrong_layer(db=lambda W, p, a, g, d: d.sum(axis=0, keepdims=True)),
    "db not summed":                      wrong_layer(db=lambda W, p, a, g, d: d),
    "db from dA":                         wrong_layer(db=lambda W, p, a, g, d: g.sum(axis=1, keepdims=True)),
    "db averaged":                        wrong_layer(db=lambda W, p, a, g, d: d.mean(axis=1, keepdims=True)),
    "db lost its axis":                   wrong_layer(db=lambda W, p, a, g, d: d.sum(axis=1)),
}  # fmt: skip
OTHER_ORDERS = [
    ("results in another order", lambda *given, order=order: tuple(layer_backward(*given)[i] for i in order))
    for order in ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
]


def chain(slopes=lambda z, a: sigmoid_prime(a), left=None, right=None, times=None):
    """Layer by layer from the input: P ← times(D_l, W_l, P). D_l is the column of slopes; `left` replaces layers by ones."""

    def answer(W, b, x, *rest):
        trace = network_forward(as_network(W, b), x)
        P = np.eye(len(x))
        for l in W:
            D = slopes(trace.z[l], trace.a[l])
            D = np.ones_like(D) if left and left(l, len(W)) else D
            P = (times or (lambda D, W, P: D * (W @ P)))(D, W[l], P)
        return P

    return answer


def slopes_of_the_layer_before(W, b, x, *rest):
    """W_L D_{L−1} ⋯ W_1 D_0: each slope is written in the a that goes into its layer."""
    a, P = cache(W, b, x), np.eye(len(x))
    for l in W:
        P = W[l] @ (sigmoid_prime(a[l - 1]) * P)
    return P


def elementwise(W, b, x):
    """Every product with `*`: only where all layers are equally wide does numpy let it through."""
    trace, P = network_forward(as_network(W, b), x), 1.0
    for l in W:
        P = sigmoid_prime(trace.a[l]) * W[l] * P
    return P


WRONG_CHAIN = {
    "W₂D₂W₁D₁":                           chain(times=lambda D, W, P: W @ np.diag(D[:, 0]) @ P),
    "elementwise everywhere":             elementwise,
    "D₁ forgotten":                       chain(left=lambda l, L: l == 1),
    "D₂ forgotten":                       chain(left=lambda l, L: l == L),
    "D of the hidden layers forgotten":   chain(left=lambda l, L: l < L),
    "product of weights only":            chain(left=lambda l, L: True),
    "σ′ of the layer before":             slopes_of_the_layer_before,
    "written for two layers":             lambda W, b, x: jacobian({l: W[l] for l in (1, 2)}, {l: b[l] for l in (1, 2)}, x),
    **{name: chain(slopes=slope) for name, slope in WRONG_SLOPES.items()},
}  # fmt: skip


def at_another_point(jacobian_of):
    """σ′ taken from z at x = 0: a Jacobian that forgets where it is."""
    return lambda W, b, x: jacobian_of(W, b, np.zeros_like(x))


WRONG_JACOBIAN = WRONG_CHAIN | {
    "∂ŷ/∂x with the other sign":          lambda W, b, x: -jacobian(W, b, x),
    "Jacobian transposed":                lambda W, b, x: jacobian(W, b, x).T,
    "Jacobian summed over outputs":       lambda W, b, x: jacobian(W, b, x).sum(axis=0, keepdims=True),
    "Jacobian summed, as a column":       lambda W, b, x: jacobian(W, b, x).sum(axis=0)[:, None],
    "z of another example":               at_another_point(jacobian),
}  # fmt: skip

WRONG_JVP = {name: lambda W, b, x, v, wrong=wrong: wrong(W, b, x) @ v for name, wrong in WRONG_CHAIN.items()} | {
    "∂ŷ/∂x with the other sign":          lambda W, b, x, v: -jvp(W, b, x, v),
    "direction normalised":               lambda W, b, x, v: jvp(W, b, x, v / np.linalg.norm(v)),
    "Jacobian transposed":                lambda W, b, x, v: jacobian(W, b, x).T @ v,
    "z of another example":               lambda W, b, x, v: jvp(W, b, np.zeros_like(x), v),
    "secant in place of the derivative":  lambda W, b, x, v: outputs(W, b, x + v) - outputs(W, b, x),
    "b added to the direction":           lambda W, b, x, v: tangent_with_bias(W, b, x, v),
    "forward pass of the direction":      lambda W, b, x, v: outputs(W, b, v),
    "jvp as a row":                       lambda W, b, x, v: jvp(W, b, x, v).T,
}  # fmt: skip

WRONG_VJP = {name: lambda W, b, x, u, wrong=wrong: wrong(W, b, x).T @ u for name, wrong in WRONG_CHAIN.items()} | {
    "∂ŷ/∂x with the other sign":          lambda W, b, x, u: -vjp(W, b, x, u),
    "W not transposed":                   lambda W, b, x, u: back_through(W, b, x, u, reversed(W), lambda w: w),
    "from the first layer to the last":   lambda W, b, x, u: back_through(W, b, x, u, W, lambda w: w.T),
    "Jacobian transposed":                lambda W, b, x, u: jacobian(W, b, x) @ u,
    "z of another example":               lambda W, b, x, u: vjp(W, b, np.zeros_like(x), u),
    "dX stops one short":                 lambda W, b, x, u: back_to_layer_1(W, b, x, u),
    "error in place of u":                lambda W, b, x, u: vjp(W, b, x, outputs(W, b, x) - u),
    "vjp as a row":                       lambda W, b, x, u: vjp(W, b, x, u).T,
}  # fmt: skip


def tangent_with_bias(W, b, x, v):
    trace = network_forward(as_network(W, b), x)
    for l in W:
        v = sigmoid_prime(trace.a[l]) * (W[l] @ v + b[l])
    return v


def back_through(W, b, x, u, layers, turned):
    """u through these layers, in this order, each by turned(W[l])."""
    a = cache(W, b, x)
    for l in layers:
        u = turned(W[l]) @ (u * sigmoid_prime(a[l]))
    return u


def back_to_layer_1(W, b, x, u):
    a = cache(W, b, x)
    for l in range(len(W), 1, -1):
        u = W[l].T @ (u * sigmoid_prime(a[l]))
    return u * sigmoid_prime(a[1])


WRONG_SCALED = {
    "input scale forgotten":              lambda W, b, x, sx, sy: jacobian(W, b, x) / sy[:, None],
    "output scale forgotten":             lambda W, b, x, sx, sy: jacobian(W, b, x) * sx,
    "both scales forgotten":              lambda W, b, x, sx, sy: jacobian(W, b, x),
    "scales upside down":                 lambda W, b, x, sx, sy: jacobian(W, b, x) / sx * sy[:, None],
    "input scale upside down":            lambda W, b, x, sx, sy: jacobian(W, b, x) / sx / sy[:, None],
    "output scale upside down":           lambda W, b, x, sx, sy: jacobian(W, b, x) * sx * sy[:, None],
    "x unscaled first":                   lambda W, b, x, sx, sy: scaled_jacobian(W, b, x / sx[:, None], sx, sy),
    "x scaled a second time":             lambda W, b, x, sx, sy: scaled_jacobian(W, b, x * sx[:, None], sx, sy),
    "Jacobian transposed":                lambda W, b, x, sx, sy: scaled_jacobian(W, b, x, sx, sy).T,
    "scales on the wrong axes":           lambda W, b, x, sx, sy: jacobian(W, b, x) * sx[:, None] / sy,
}  # fmt: skip

WRONG_SALIENCY = {
    "all outputs at once":                lambda W, b, x, k: jacobian(W, b, x).sum(axis=0)[:, None],
    "saliency of z":                      lambda W, b, x, k: WRONG_CHAIN["D₂ forgotten"]             (W, b, x)[k][:, None],
    "product of weights only":            lambda W, b, x, k: WRONG_CHAIN["product of weights only"](W, b, x)[k][:, None],
    "dX of magnitudes":                   lambda W, b, x, k: np.abs(saliency(W, b, x, k)),
    "dX times X":                         lambda W, b, x, k: x * saliency(W, b, x, k),
    "saliency as a row":                  lambda W, b, x, k: saliency(W, b, x, k).T,
    "∂ŷ/∂x with the other sign":          lambda W, b, x, k: -saliency(W, b, x, k),
    "predicted class in place of k":      lambda W, b, x, k: saliency(W, b, x, int(outputs(W, b, x).argmax())),
    "saliency normalised":                lambda W, b, x, k: saliency(W, b, x, k) / np.abs(saliency(W, b, x, k)).max(),
    "column of the Jacobian":             lambda W, b, x, k: jacobian(W, b, x)[:, [k]],
    "gradient of the cost in place of the output": lambda W, b, x, k: dJ_dX(W, b, x, np.eye(len(b[len(b)]))[:, [k]]),
    "wrong output unit":                  lambda W, b, x, k: saliency(W, b, x, k - 1),
}  # fmt: skip


def wrong_steer(sign=1, gradient=dJ_dX, mask=lambda free: free, steps=lambda steps: steps, start_only=False):
    """Steering with one part wrong."""

    def answer(W, b, x, target, free, count, rate):
        here = x
        for _ in range(steps(count)):
            here = here - sign * rate * mask(free) * gradient(W, b, x if start_only else here, target)
        return here

    return answer


WRONG_STEER = {
    "climbs in place of descending":      wrong_steer(sign=-1),
    "mask ignored":                       wrong_steer(mask=np.ones_like),
    "mask inverted":                      wrong_steer(mask=np.logical_not),
    "one step only":                      wrong_steer(steps=lambda steps: min(steps, 1)),
    "one step too many":                  wrong_steer(steps=lambda steps: steps + 1),
    "gradient at the start in every step": wrong_steer(start_only=True),
    "dX as signs":                        wrong_steer(gradient=lambda *point: np.sign(dJ_dX(*point))),
    "dX without σ′ of layer 1":           wrong_steer(gradient=WRONG_DX["dX without σ′ of layer 1"]),
    "no σ′ at the output":                wrong_steer(gradient=WRONG_DX["no σ′ at the output"]),
    "product of weights only":            wrong_steer(gradient=WRONG_DX["product of weights only"]   ),
    "factor 2":                           wrong_steer(gradient=WRONG_DX["factor 2"]),
    "steps of unit length":               wrong_steer(gradient=lambda *point: dJ_dX(*point) / np.linalg.norm(dJ_dX(*point))),
    "mask at the end":                    lambda W, b, x, target, free, *how: np.where(free, steer(W, b, x, target, True, *how), x),
    "x cut to [0, 1]":                    lambda *given: np.clip(steer(*given), 0, 1),
}  # fmt: skip
ALWAYS_ONE_STEP = [("one step only", wrong_steer(steps=lambda steps: 1))]


def without_scalars(n, h, o):
    """numpy's rule: the inner numbers must agree, also for a 1 × 1."""
    return "error" if not (h == o == n) else "right" if h == 1 else "wrong"


WRONG_WIDTHS = {
    "a 1 × 1 is a scalar: forgotten":     without_scalars,
    "no error means right":               lambda n, h, o: "error" if right_when(n, h, o) == "error" else "right",
    "only all widths 1 are right":        lambda n, h, o: "wrong" if right_when(n, h, o) == "right" and n > 1 else right_when(n, h, o),
    "never an error":                     lambda n, h, o: "right" if h == o == 1 else "wrong",
    "square means right":                 lambda n, h, o: "right" if n == h == o else right_when(n, h, o),
}  # fmt: skip
