"""Adversarial perturbations: small changes of an input that change a network's answer.

>>> w, X = np.array([[3.0], [-1.0], [0.0]]), np.full((3, 1), 0.5)       # J = wᵀx, so ∂J/∂X = w
>>> fgsm(lambda X, Y: w, X, None, eps=0.1).T
array([[0.6, 0.4, 0.5]])
>>> worst_linear(w, 0.1, "linf"), smallest_linear(w, 0.0, X, "linf")
(0.4, 0.25)

An attack is given functions, not models, so any ∂J/∂X drives it, yours too: `input_gradient(X, Y)` returns each
example's own gradient, shaped like X. Observations are columns and inputs live in the box [0, 1]. Norms are taken per
example, exactly: no small number is added to them, and an example whose gradient is zero stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


def fgsm(input_gradient, X, Y, eps):
    """One step of the fast gradient sign method, X + ε sign(∂J/∂X), cut to the box.

    X (n₀, m), Y (n_L, m): the true targets; eps ≥ 0 in units of X. For a linear J this is the worst case under
    ‖X_adv − X‖_∞ ≤ ε; sign(0) = 0. Raises ValueError for eps < 0 or a gradient that is not shaped like X.
    (Goodfellow, Shlens and Szegedy 2015.)
    """
    return _box(X + _size(eps) * np.sign(_gradient(input_gradient, X, Y)))


def targeted_fgsm(input_gradient, X, Y_target, eps):
    """One step *towards* the targets that the attacker wants: X − ε sign(∂J/∂X) at Y_target, cut to the box."""
    return _box(X - _size(eps) * np.sign(_gradient(input_gradient, X, Y_target)))


def fgm_l2(input_gradient, X, Y, eps):
    """One step of ℓ2 length ε along each example's gradient: X + ε g/‖g‖₂, cut to the box. Zero gradients stay put."""
    return _box(X + _size(eps) * unit_columns(_gradient(input_gradient, X, Y)))


def project_linf(X_adv, X, eps):
    """X_adv brought into the ℓ∞ ball of radius ε around X, then into the box [0, 1]."""
    return _box(np.clip(X_adv, X - _size(eps), X + eps))


def project_l2(X_adv, X, eps):
    """X_adv brought into the ℓ2 ball of radius ε around X, column by column, then into the box [0, 1].

    For X inside the box the second step only comes nearer to X, so the result lies in both.
    """
    away = X_adv - X
    unit, length = unit_columns(away), _lengths(away)
    return _box(np.where(length > _size(eps), X + eps * unit, X_adv))


def pgd(input_gradient, X, Y, eps, step, steps, rng=None, *, norm="linf", loss=None):
    """Projected gradient descent (here: ascent): `steps` steps of size `step`, each projected around the *original* X.

    rng     a generator: start at a random point of the ball; None: start at X
    norm    "linf" steps along sign(g), "l2" along g/‖g‖₂
    loss    loss(X, Y) → (m,): return for each example the best iterate, the start included; None: the last iterate

    One step of size ε from X is `fgsm` (or `fgm_l2`). (Madry et al. 2018.)
    """
    if norm not in BALLS:
        raise ValueError(f"norm: {norm!r}, wanted one of {', '.join(BALLS)}")
    ball, X = BALLS[norm], np.asarray(X, float)
    X_adv = X if rng is None else ball.project(X + _size(eps) * ball.random(X.shape, rng), X, eps)
    best, highest = X_adv.copy(), None if loss is None else loss(X_adv, Y)
    for _ in range(steps):
        X_adv = ball.project(X_adv + step * ball.steepest(_gradient(input_gradient, X_adv, Y)), X, eps)
        if loss is not None:
            losses = loss(X_adv, Y)
            best = np.where(losses > highest, X_adv, best)
            highest = np.maximum(losses, highest)
    return X_adv.copy() if loss is None else best


def worst_linear(w, eps, norm):
    """Largest rise of wᵀx + b when x may move by ε in `norm`: ε‖w‖_q, with q dual to the norm. Without the box."""
    return float(_size(eps) * np.linalg.norm(np.ravel(w), _dual(norm)))


def smallest_linear(w, b, x, norm):
    """Distance in `norm` ("l2" or "linf") from x to the plane wᵀx + b = 0: abs(wᵀx + b) / ‖w‖_q, without the box.

    w and x hold n₀ numbers each, b one. q is dual to the norm: 2 for "l2", 1 for "linf". If w is zero no step leads to
    the plane: the distance is inf (0 on the plane itself).
    """
    value, slope = abs(float(np.ravel(w) @ np.ravel(x) + np.sum(b))), np.linalg.norm(np.ravel(w), _dual(norm))
    return float(value / slope) if slope > 0 else (np.inf if value > 0 else 0.0)


OVERSHOOT = 1.02  # of DeepFool's authors: a step that ends on the plane itself has not crossed it
HALVINGS = 60  # of the last stretch: more than the digits of a float64


def deepfool(outputs, jacobian, x, steps):
    """A nearest x (n₀, 1), in ℓ2, that falls into another class than the given one; class = argmax of the outputs.

    outputs(x) → (n_L, 1); jacobian(x) → (n_L, n₀), or (1, n_L, n₀) as `reference.jacobian` gives. Each of at most `steps`
    steps goes to the nearest plane of the linearised outputs; at the end the way from x is halved until the class just
    changes, so the result is never longer than without. If no step changes the class the last point is returned.
    Outputs before a final sigmoid lead to the same classes by straighter ways. (Moosavi-Dezfooli et al. 2016.)
    """
    x = np.asarray(x, float)
    label, away = np.argmax(outputs(x)), np.zeros_like(x)
    flipped = lambda point: np.argmax(outputs(point)) != label
    for _ in range(steps):
        point = x + OVERSHOOT * away
        if flipped(point):
            break
        away = away + _to_nearest_plane(outputs(point), jacobian(point), label).reshape(x.shape)
    adversarial = x + OVERSHOOT * away
    return bisect(flipped, x, adversarial) if flipped(adversarial) else adversarial


def bisect(flipped, inside, outside):
    """The point next to the boundary, on its far side, of the straight line from `inside` to `outside`."""
    near, far = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        near, far = (near, middle) if flipped(inside + middle * (outside - inside)) else (middle, far)
    return inside + far * (outside - inside)


def _to_nearest_plane(y, J, label):
    """The shortest step to where, linearly, some other class reaches `label`; zero if no slope leads there."""
    J = np.reshape(J, (y.size, -1))
    gap, slope = np.ravel(y)[label] - np.ravel(y), J - J[label]
    steepness = np.linalg.norm(slope, axis=1)
    distance = np.divide(gap, steepness, out=np.full(y.size, np.inf), where=steepness > 0)
    distance[label] = np.inf
    k = np.argmin(distance)
    return distance[k] * slope[k] / steepness[k] if np.isfinite(distance[k]) else np.zeros(J.shape[1])


def unit_columns(G):
    """Each column divided by its ℓ2 norm, however small; a zero column stays zero.

    Divided by its largest entry first: the square of 1e-200 would be zero.
    """
    largest = np.abs(G).max(axis=0, keepdims=True)
    scaled = np.divide(G, largest, out=np.zeros_like(G, dtype=float), where=largest > 0)
    lengths = _lengths(scaled)
    return np.divide(scaled, lengths, out=scaled, where=lengths > 0)


def _lengths(A):
    return np.sqrt((A**2).sum(axis=0, keepdims=True))


def _anywhere(shape, rng):
    """Points spread evenly over the ℓ2 unit ball of n₀ dimensions, one per column."""
    return unit_columns(rng.standard_normal(shape)) * rng.uniform(size=(1, shape[1])) ** (1 / shape[0])


class Ball(NamedTuple):
    """What PGD needs of a norm: the steepest unit step along a gradient, the projection, a random point of the unit ball."""

    steepest: Callable
    project: Callable
    random: Callable


# fmt: off
BALLS = {
    "linf": Ball(np.sign,      project_linf, lambda shape, rng: rng.uniform(-1, 1, shape)),
    "l2":   Ball(unit_columns, project_l2,   _anywhere),
}
# fmt: on


def _dual(norm):
    if norm not in BALLS:
        raise ValueError(f"norm: {norm!r}, wanted one of {', '.join(BALLS)}")
    return {"linf": 1, "l2": 2}[norm]


def _box(X):
    return np.clip(X, 0.0, 1.0)


def _size(eps):
    if not eps >= 0:
        raise ValueError(f"eps: {eps}, wanted a number ≥ 0, in the units of X (pixels from 0 to 1)")
    return eps


def _gradient(input_gradient, X, Y):
    """∂J/∂X, or ValueError: one gradient for all examples would be broadcast silently."""
    G = np.asarray(input_gradient(X, Y))
    if G.shape != np.shape(X):
        raise ValueError(f"input_gradient: shape {G.shape}, wanted {np.shape(X)} like X: one column per example")
    return G
