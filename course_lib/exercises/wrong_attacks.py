"""Chapter 07: the right attacks, and the wrong ones by the name of the mistake."""

from __future__ import annotations

import functools

import numpy as np

from course_lib import attacks
from course_lib.respond import made
from course_lib.wire import Function

# The right answers. ----------------------------------------------------------------------------------------------------------


def fgsm(input_gradient, X, Y, eps):
    return attacks.fgsm(made(input_gradient), X, Y, eps)


def targeted_fgsm(input_gradient, X, Y_target, eps):
    return attacks.targeted_fgsm(made(input_gradient), X, Y_target, eps)


def fgm_l2(input_gradient, X, Y, eps):
    return attacks.fgm_l2(made(input_gradient), X, Y, eps)


project_linf, project_l2, smallest_linear = attacks.project_linf, attacks.project_l2, attacks.smallest_linear


def pgd(input_gradient, X, Y, eps, step, steps, rng=None):
    return attacks.pgd(made(input_gradient), X, Y, eps, step, steps, rng)


def accuracy_curve(predict, attack, X, labels, eps_list):
    predict, attack = made(predict), made(attack)
    return np.array([np.mean(predict(attack(X, labels, eps)) == labels) for eps in eps_list])


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------------


def box(X):
    return np.clip(X, 0, 1)


def unit(G, axis=0):
    return np.divide(
        G,
        np.linalg.norm(G, axis=axis, keepdims=True),
        out=np.zeros_like(G),
        where=np.linalg.norm(G, axis=axis, keepdims=True) > 0,
    )


# ε as it stands in notebooks and papers.
HARD_CODED = (0.007, 0.01, 0.03, 8 / 255, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5)
BOXES = ((-1, 1), (0, 255), (-0.5, 0.5), (0, None), (None, 1))  # in place of [0, 1]


def step_by(rule):
    """An attack of one step from rule(G, X, eps) → X_adv, where G is the right gradient."""
    return lambda gradient, X, Y, eps: rule(made(gradient)(X, Y), X, eps)


def one_step_mistakes(sign):
    """Wrong FGSM steps; sign = +1 climbs, −1 (targeted) descends."""
    add = lambda X, move: X + sign * move
    return [
        ("descends instead of ascends" if sign > 0 else "ascends instead of descends", step_by(lambda G, X, eps: box(X - sign * eps * np.sign(G)))),
        ("no sign",                         step_by(lambda G, X, eps: box(add(X, eps * G)))),
        ("ℓ2-normalised in an ℓ∞ attack",   step_by(lambda G, X, eps: box(add(X, eps * unit(G))))),
        ("ℓ2-normalised in an ℓ∞ attack",   step_by(lambda G, X, eps: box(add(X, eps * G / max(np.linalg.norm(G), 1e-300))))),
        ("gradient over its largest entry", step_by(lambda G, X, eps: box(add(X, eps * G / np.abs(G).max(axis=0, keepdims=True))))),
        ("no clip",                         step_by(lambda G, X, eps: add(X, eps * np.sign(G)))),
        ("clips the perturbation to [0, 1]", step_by(lambda G, X, eps: add(X, np.clip(eps * np.sign(G), 0, 1)))),
        ("clips the perturbation to [0, 1]", step_by(lambda G, X, eps: box(add(X, np.clip(eps * np.sign(G), 0, 1))))),
        ("clips the perturbation to [0, 1]", step_by(lambda G, X, eps: X + np.clip(sign * eps * np.sign(G), 0, 1))),
        ("clips the perturbation to [0, 1]", step_by(lambda G, X, eps: box(X + np.clip(sign * eps * np.sign(G), 0, 1)))),
        ("ε/255",                           step_by(lambda G, X, eps: box(add(X, eps / 255 * np.sign(G))))),
        ("ε in 0…16 units",                 step_by(lambda G, X, eps: box(add(X, eps / 16 * np.sign(G))))),
        ("one gradient for the batch",      step_by(lambda G, X, eps: box(add(X, eps * np.sign(G.sum(axis=1, keepdims=True)))))),
        ("one gradient for the batch",      step_by(lambda G, X, eps: box(add(X, eps * np.sign(G.sum(axis=1)))))),
        ("one gradient for the batch",      step_by(lambda G, X, eps: box(add(X, eps * np.sign(G[:, :1]))))),
        ("zero divided by zero",            step_by(lambda G, X, eps: box(add(X, eps * G / np.abs(G))))),
        ("another box",                     step_by(lambda G, X, eps: np.clip(add(X, eps * np.sign(G)), X.min(), X.max()))),
        *[("another box",                   step_by(lambda G, X, eps, ends=ends: np.clip(add(X, eps * np.sign(G)), *ends))) for ends in BOXES],
        *[("ε hard-coded",                  step_by(lambda G, X, eps, e=e: box(add(X, e * np.sign(G))))) for e in HARD_CODED],
        ("|g| as a direction",              step_by(lambda G, X, eps: box(add(X, eps * np.abs(G))))),
        ("|g| as a direction",              step_by(lambda G, X, eps: box(add(X, eps * np.sign(np.abs(G)))))),
        ("sign(0) = 1",                     step_by(lambda G, X, eps: box(add(X, eps * np.where(G >= 0, 1, -1))))),
        ("sign(0) = −1",                    step_by(lambda G, X, eps: box(add(X, eps * np.where(G > 0, 1, -1))))),
        ("gradient of a wrong label",       lambda g, X, Y, eps: box(add(X, eps * np.sign(made(g)(X, np.roll(Y, 1, axis=0)))))),
        ("gradient of a wrong label",       lambda g, X, Y, eps: box(add(X, eps * np.sign(made(g)(X, np.roll(Y, -1, axis=0)))))),
        ("gradient at another point",       lambda g, X, Y, eps: box(add(X, eps * np.sign(made(g)(np.zeros_like(X), Y))))),
        ("only the direction",              step_by(lambda G, X, eps: eps * sign * np.sign(G))),
        ("only the direction",              step_by(lambda G, X, eps: sign * np.sign(G))),
    ]  # fmt: skip


FLOORS = (*10.0 ** np.arange(-16, -3), np.finfo(float).eps)

WRONG_L2 = [
    ("descends instead of ascends",     step_by(lambda G, X, eps: box(X - eps * unit(G)))),
    ("not normalised",                  step_by(lambda G, X, eps: box(X + eps * G))),
    ("sign in an ℓ2 attack",            step_by(lambda G, X, eps: box(X + eps * np.sign(G)))),
    ("norm over the whole batch",       step_by(lambda G, X, eps: box(X + eps * G / np.linalg.norm(G)))),
    ("norm over the wrong axis",        step_by(lambda G, X, eps: box(X + eps * unit(G, axis=1)))),
    ("norm over the wrong axis",        step_by(lambda G, X, eps: box(X + eps * G / np.linalg.norm(G, axis=1, keepdims=True)))),
    ("norm over the wrong axis",        step_by(lambda G, X, eps: box(X + eps * G / np.linalg.norm(G, axis=1)))),
    ("gradient over its largest entry", step_by(lambda G, X, eps: box(X + eps * np.divide(G, np.abs(G).max(axis=0), out=0 * G, where=np.abs(G).max(axis=0) > 0)))),
    ("whole batch stays put",           step_by(lambda G, X, eps: box(X + eps * unit(G)) if np.linalg.norm(G, axis=0).all() else X)),
    *[("small gradients taken for zero", step_by(lambda G, X, eps, f=f: box(X + eps * np.where(np.linalg.norm(G, axis=0) > f, unit(G), 0)))) for f in 10.0 ** np.arange(-12, -5)],
    *[("ε hard-coded",                  step_by(lambda G, X, eps, e=e: box(X + e * unit(G)))) for e in HARD_CODED],
    ("square root forgotten",           step_by(lambda G, X, eps: box(X + eps * np.divide(unit(G), np.linalg.norm(G, axis=0), out=0 * G, where=np.abs(G).max(axis=0) > 0)))),
    ("ℓ1 in place of ℓ2",               step_by(lambda G, X, eps: box(X + eps * np.divide(G, np.abs(G).sum(axis=0), out=0 * G, where=np.abs(G).max(axis=0) > 0)))),
    ("zero divided by zero",            step_by(lambda G, X, eps: box(X + eps * G / np.linalg.norm(G, axis=0)))),
    ("no clip",                         step_by(lambda G, X, eps: X + eps * unit(G))),
    ("ε/255",                           step_by(lambda G, X, eps: box(X + eps / 255 * unit(G)))),
    ("ε in 0…16 units",                 step_by(lambda G, X, eps: box(X + eps / 16 * unit(G)))),
    ("|g| as a direction",              step_by(lambda G, X, eps: box(X + eps * np.abs(unit(G))))),
    ("one gradient for the batch",      step_by(lambda G, X, eps: box(X + eps * unit(G.sum(axis=1, keepdims=True))))),
    *[("floor in the norm",             step_by(lambda G, X, eps, f=f: box(X + eps * G / (np.linalg.norm(G, axis=0) + f)))) for f in FLOORS],
    *[("floor in the norm",             step_by(lambda G, X, eps, f=f: box(X + eps * G / np.maximum(np.linalg.norm(G, axis=0), f)))) for f in FLOORS],
    *[("floor in the norm",             step_by(lambda G, X, eps, f=f: box(X + eps * G / np.sqrt((G**2).sum(axis=0) + f)))) for f in FLOORS],
]  # fmt: skip

WRONG_LINF_PROJECTION = [
    ("ball without the box",            lambda X_adv, X, eps: np.clip(X_adv, X - eps, X + eps)),
    ("box without the ball",            lambda X_adv, X, eps: box(X_adv)),
    ("clips the perturbation to [0, 1]", lambda X_adv, X, eps: X + np.clip(np.clip(X_adv - X, -eps, eps), 0, 1)),
    ("scaled in place of clipped",      lambda X_adv, X, eps: box(X + (X_adv - X) * np.minimum(1, eps / np.maximum(np.abs(X_adv - X).max(axis=0), 1e-300)))),
    ("always scaled to the sphere",     lambda X_adv, X, eps: box(X + eps * np.sign(X_adv - X))),
    ("ℓ2 ball in an ℓ∞ projection",     lambda X_adv, X, eps: attacks.project_l2(X_adv, X, eps)),
    ("ball around zero",                lambda X_adv, X, eps: box(np.clip(X_adv, -eps, eps))),
    ("ball around the moved image",     lambda X_adv, X, eps: attacks.project_linf(X, X_adv, eps)),
    *[("ε hard-coded",                  lambda X_adv, X, eps, e=e: attacks.project_linf(X_adv, X, e)) for e in HARD_CODED],
    ("only the direction",              lambda X_adv, X, eps: np.clip(X_adv - X, -eps, eps)),
]  # fmt: skip


def lengths(A):
    return np.linalg.norm(A, axis=0, keepdims=True)


WRONG_L2_PROJECTION = [
    ("ball without the box",            lambda X_adv, X, eps: X + (X_adv - X) * np.minimum(1, eps / np.maximum(lengths(X_adv - X), 1e-300))),
    ("box without the ball",            lambda X_adv, X, eps: box(X_adv)),
    ("box before ball",                 lambda X_adv, X, eps: X + (box(X_adv) - X) * np.minimum(1, eps / np.maximum(lengths(box(X_adv) - X), 1e-300))),
    ("always scaled to the sphere",     lambda X_adv, X, eps: box(X + eps * unit(X_adv - X))),
    ("zero divided by zero",            lambda X_adv, X, eps: box(X + eps * (X_adv - X) / lengths(X_adv - X))),
    ("norm over the whole batch",       lambda X_adv, X, eps: box(X + (X_adv - X) * min(1, eps / np.linalg.norm(X_adv - X)))),
    ("norm over the wrong axis",        lambda X_adv, X, eps: box(X + (X_adv - X) * np.minimum(1, eps / np.maximum(np.linalg.norm(X_adv - X, axis=1, keepdims=True), 1e-300)))),
    ("ℓ∞ ball in an ℓ2 projection",     lambda X_adv, X, eps: attacks.project_linf(X_adv, X, eps)),
    ("square root forgotten",           lambda X_adv, X, eps: box(X + (X_adv - X) * np.minimum(1, eps / np.maximum(lengths(X_adv - X) ** 2, 1e-300)))),
    ("ball around the moved image",     lambda X_adv, X, eps: attacks.project_l2(X, X_adv, eps)),
    ("outside left, inside changed",    lambda X_adv, X, eps: box(X + (X_adv - X) * np.maximum(1, eps / np.maximum(lengths(X_adv - X), 1e-300)))),
    ("outside left, inside changed",    lambda X_adv, X, eps: box(X + (X_adv - X) * np.minimum(1, lengths(X_adv - X) / eps))),
    *[("floor in the norm",             lambda X_adv, X, eps, f=f: box(X + (X_adv - X) * np.minimum(1, eps / (lengths(X_adv - X) + f)))) for f in FLOORS[7:-1]],
    *[("ε hard-coded",                  lambda X_adv, X, eps, e=e: attacks.project_l2(X_adv, X, e)) for e in HARD_CODED],
    ("ball around zero",                lambda X_adv, X, eps: box(X_adv * np.minimum(1, eps / lengths(X_adv)))),
    ("only the direction",              lambda X_adv, X, eps: (X_adv - X) * np.minimum(1, eps / np.maximum(lengths(X_adv - X), 1e-300))),
]  # fmt: skip


def iterate(sign=1, move=np.sign, project=attacks.project_linf, around_last=False, clean=False, size=None, extra=0):
    """PGD without a random start, with one part wrong."""

    def answer(gradient, X, Y, eps, step, steps, rng=None):
        gradient, X_adv = made(gradient), X
        for _ in range(steps + extra):
            G = gradient(X if clean else X_adv, Y)
            X_adv = project(X_adv + sign * (eps if size == "eps" else step) * move(G), X_adv if around_last else X, eps)
        return X_adv

    return answer


def always_from_the_clean_image(gradient, X, Y, eps, step, steps, rng=None):
    gradient, X_adv = made(gradient), X
    for _ in range(steps):
        X_adv = attacks.project_linf(X + step * np.sign(gradient(X_adv, Y)), X, eps)
    return X_adv


def unprojected(X_adv, X, eps):
    return X_adv


def projected_before_the_step(gradient, X, Y, eps, step, steps, rng=None):
    gradient, X_adv = made(gradient), X
    for _ in range(steps):
        X_adv = attacks.project_linf(X_adv, X, eps)
        X_adv = X_adv + step * np.sign(gradient(X_adv, Y))
    return X_adv


WRONG_PGD = [
    ("descends instead of ascends",         iterate(sign=-1)),
    ("no sign",                             iterate(move=lambda G: G)),
    ("ℓ2-normalised in an ℓ∞ attack",       iterate(move=unit)),
    ("|g| as a direction",                  iterate(move=np.abs)),
    ("sign(0) = 1",                         iterate(move=lambda G: np.where(G >= 0, 1, -1))),
    ("sign(0) = −1",                        iterate(move=lambda G: np.where(G > 0, 1, -1))),
    ("one gradient for the batch",          iterate(move=lambda G: np.sign(G.sum(axis=1, keepdims=True)) + 0 * G)),
    ("projects around the previous iterate", iterate(around_last=True)),
    ("box without the ball",                iterate(project=lambda X_adv, X, eps: box(X_adv))),
    ("ball without the box",                iterate(project=lambda X_adv, X, eps: np.clip(X_adv, X - eps, X + eps))),
    ("no projection",                       iterate(project=unprojected)),
    ("ℓ2 ball in an ℓ∞ attack",             iterate(project=attacks.project_l2)),
    ("gradient at the clean image in every step", iterate(clean=True)),
    ("each step from the clean image",      always_from_the_clean_image),
    ("ε in place of step",                  iterate(size="eps")),
    ("ε/steps in place of step",            lambda g, X, Y, eps, step, steps, rng=None: iterate()(g, X, Y, eps, eps / max(steps, 1), steps)),
    ("projected at the end only",           lambda g, X, Y, eps, *how: attacks.project_linf(iterate(project=unprojected)(g, X, Y, eps, *how), X, eps)),
    ("projected before the step",           lambda *call: projected_before_the_step(*call)),
    *[("ε hard-coded",                      lambda g, X, Y, eps, step, steps, rng=None, e=e: iterate()(g, X, Y, e, step, steps)) for e in HARD_CODED],
    ("one step too many",                   iterate(extra=1)),
    ("one step short",                      lambda g, X, Y, eps, step, steps, rng=None: iterate()(g, X, Y, eps, step, max(0, steps - 1))),
    ("one step only",                       lambda g, X, Y, eps, step, steps, rng=None: iterate()(g, X, Y, eps, step, min(1, steps))),
    ("whole batch stops when one example flips", lambda *call: stops_at_the_first_flip(*call)),
]  # fmt: skip


def stops_at_the_first_flip(gradient, X, Y, eps, step, steps, rng=None):
    """Everybody waits for the first: the loop ends when one example is no longer read as its label."""
    predict = made(Function("network_predict", gradient.parameters))
    started = predict(X) == Y.argmax(axis=0)
    call = functools.partial(iterate(), gradient, X, Y, eps, step)
    for count in range(steps):
        if np.any(started & (predict(call(count)) != Y.argmax(axis=0))):
            return call(count)
    return call(steps)


def distance(power, absolute=abs):
    return lambda w, b, x, norm: absolute((w.T @ x).item() + b) / power(w, norm)


WRONG_DISTANCE = {
    "primal norm":                      distance(lambda w, norm: np.abs(w).max() if norm == "linf" else np.linalg.norm(w)),
    "ℓ2 for both norms":                distance(lambda w, norm: np.linalg.norm(w)),
    "ℓ1 for both norms":                distance(lambda w, norm: np.abs(w).sum()),
    "norms swapped":                    distance(lambda w, norm: np.abs(w).sum() if norm == "l2" else np.linalg.norm(w)),
    "square root forgotten":            distance(lambda w, norm: np.abs(w).sum() if norm == "linf" else np.sum(w**2)),
    "not divided by the norm of w":     distance(lambda w, norm: 1.0),
    "distance with a sign":             distance(lambda w, norm: np.abs(w).sum() if norm == "linf" else np.linalg.norm(w), absolute=lambda v: v),
    "b forgotten":                      lambda w, b, x, norm: smallest_linear(w, 0.0, x, norm),
    "b with the other sign":            lambda w, b, x, norm: smallest_linear(w, -b, x, norm),
    "mean in place of sum":             distance(lambda w, norm: np.abs(w).mean() if norm == "linf" else np.linalg.norm(w)),
    "sum of w, not of its magnitudes":  distance(lambda w, norm: w.sum() if norm == "linf" else np.linalg.norm(w)),
}  # fmt: skip


def curve(point):
    """point(predict, attack, X, labels, eps) → one entry of the curve."""
    return lambda predict, attack, X, labels, eps_list: np.array(
        [float(point(made(predict), made(attack), X, labels, eps)) for eps in eps_list]
    )


def cumulative(predict, attack, X, labels, eps_list):
    accuracies = []
    for eps in eps_list:
        X = made(attack)(X, labels, eps)
        accuracies.append(np.mean(made(predict)(X) == labels))
    return np.array(accuracies)


WRONG_CURVE = {
    "error in place of accuracy":       curve(lambda p, a, X, k, eps: np.mean(p(a(X, k, eps)) != k)),
    "compared with the clean prediction": curve(lambda p, a, X, k, eps: np.mean(p(a(X, k, eps)) == p(X))),
    "attack forgotten":                 curve(lambda p, a, X, k, eps: np.mean(p(X) == k)),
    "percent":                          curve(lambda p, a, X, k, eps: 100 * np.mean(p(a(X, k, eps)) == k)),
    "a count, not a mean":              curve(lambda p, a, X, k, eps: np.sum(p(a(X, k, eps)) == k)),
    "attacked again and again":         cumulative,
    "ε in another order":               lambda predict, attack, X, labels, eps_list: accuracy_curve(predict, attack, X, labels, sorted(eps_list)),
    "predicted label given to the attack": curve(lambda p, a, X, k, eps: np.mean(p(a(X, p(X), eps)) == k)),
    "predictions in place of the labels": curve(lambda p, a, X, k, eps: np.mean(p(a(X, p(X), eps)) == p(X))),
    "misclassified ones left out":      curve(lambda p, a, X, k, eps: np.mean((p(a(X, k, eps)) == k)[p(X) == k])),
}  # fmt: skip
