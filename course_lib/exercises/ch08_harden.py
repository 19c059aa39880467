"""Chapter 08, harden it, and do not fool yourself: the judge's side of its exercises."""

from __future__ import annotations

import numpy as np

from course_lib.exercises import Exercise, Prediction, robustness
from course_lib.exercises.build import exercise
from course_lib.exercises.ch07_adversarial import attacked, curves
from course_lib.exercises.compare import slope
from course_lib.exercises.hardening import (
    beginnings,
    judge_hardened,
    judge_masked,
    judge_training,
    no_arguments,
    suspects,
)
from course_lib.exercises.input_derivatives import dJ_dX
from course_lib.exercises.points import large_network
from course_lib.exercises.wrong_attacks import HARD_CODED
from course_lib.respond import made
from course_lib.wire import Call

# The right answers. ----------------------------------------------------------------------------------------------------------

margin_gradient = robustness.margin_gradient


def robust_accuracy(predict, attack, X, labels, eps):
    return np.mean(made(predict)(made(attack)(X, labels, eps)) == labels)


def margin_slopes(W, b, X, labels):
    """index → central difference of the sum of the margins: each depends on its own column alone."""
    return {"margin_gradient": slope(lambda moved: robustness.margin(W, b, moved, labels).sum(), X)}


# Test points. ------------------------------------------------------------------------------------------------------------------


def attacked_once(rng):
    return [Call((*call.args[:4], eps)) for call in curves(rng)[:1] for eps in (0.5, 0.22, 0.0)]


def labelled(rng):
    """(W, b, X, labels): three layers, two, one; one example alone; the first of each batch is misclassified, others too; a large net."""
    calls = []
    for sizes, m in [((6, 7, 5, 4), 9), ((5, 8, 3), 1), ((4, 6, 3), 5), ((5, 4), 6)]:
        W, b, X, _, labels = attacked(rng, sizes, m)
        labels[2::2] = rng.integers(0, sizes[-1], len(labels[2::2]))  # a random net often reads one class everywhere
        calls.append(Call((W, b, X, labels)))
    W, b, X, _ = large_network(rng)
    return [*calls, Call((W, b, X, rng.integers(0, 4, X.shape[1])))]


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------------


def one_accuracy(rule):
    return lambda predict, attack, X, labels, eps: float(rule(made(predict), made(attack), X, labels, eps))


WRONG_ACCURACY = {
    "error in place of accuracy":       one_accuracy(lambda p, a, X, k, eps: np.mean(p(a(X, k, eps)) != k)),
    "compared with the clean prediction": one_accuracy(lambda p, a, X, k, eps: np.mean(p(a(X, k, eps)) == p(X))),
    "attack forgotten":                 one_accuracy(lambda p, a, X, k, eps: np.mean(p(X) == k)),
    "percent":                          one_accuracy(lambda p, a, X, k, eps: 100 * np.mean(p(a(X, k, eps)) == k)),
    "a count, not a mean":              one_accuracy(lambda p, a, X, k, eps: np.sum(p(a(X, k, eps)) == k)),
    "predicted label given to the attack": one_accuracy(lambda p, a, X, k, eps: np.mean(p(a(X, p(X), eps)) == k)),
    "predictions in place of the labels": one_accuracy(lambda p, a, X, k, eps: np.mean(p(a(X, p(X), eps)) == p(X))),
    "misclassified ones left out":      one_accuracy(lambda p, a, X, k, eps: np.mean((p(a(X, k, eps)) == k)[p(X) == k])),
}  # fmt: skip


ALSO_WRONG_ACCURACY = [
    ("compared with the clean prediction", one_accuracy(lambda p, a, X, k, eps: np.mean(p(a(X, k, eps)) != p(X)))),
    *[("ε hard-coded", one_accuracy(lambda p, a, X, k, eps, e=e: np.mean(p(a(X, k, e)) == k))) for e in HARD_CODED if 0.1 <= e < 0.5],
]  # fmt: skip


def back(W, b, X, seed, slope=lambda a: a * (1 - a)):
    """From seed(z[L]) (n_L, m) at the last z down to X."""
    a, z = {0: X}, {}
    for l in W:
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = 1 / (1 + np.exp(-z[l]))
    g = seed(z[len(W)])
    for l in range(len(W), 0, -1):
        g = W[l].T @ g * (slope(a[l - 1]) if l > 1 else 1)
    return g


def pick(rows, shape):
    """1 in the given row of each column."""
    return (np.arange(shape[0])[:, None] == rows).astype(float)


def runner_up(z, labels):
    others = np.where(pick(labels, z.shape) > 0, -np.inf, z)
    return others.argmax(axis=0)


def difference(labels):
    return lambda z: pick(labels, z.shape) - pick(runner_up(z, labels), z.shape)


def after_the_sigmoid(labels):
    def seed(z):
        a = 1 / (1 + np.exp(-z))
        return difference(labels)(z) * a * (1 - a)

    return seed


def overwritten(u, others):
    """u with −1 set in the given row of each column, whatever stood there."""
    return np.where(pick(others, u.shape) > 0, -1.0, u)


def cost_gradient(W, b, X, labels):
    return dJ_dX(W, b, X, np.eye(len(b[len(b)]))[:, labels])


WRONG_MARGIN = {
    "margin with the other sign":           lambda W, b, X, k: -margin_gradient(W, b, X, k),
    "after the sigmoid, not before":        lambda W, b, X, k: back(W, b, X, after_the_sigmoid(k)),
    "the true class alone":                 lambda W, b, X, k: back(W, b, X, lambda z: pick(k, z.shape)),
    "the other class alone":                lambda W, b, X, k: back(W, b, X, lambda z: -pick(runner_up(z, k), z.shape)),
    "all others, not the largest":          lambda W, b, X, k: back(W, b, X, lambda z: 2 * pick(k, z.shape) - 1),
    "mean of the others":                   lambda W, b, X, k: back(W, b, X, lambda z: pick(k, z.shape) - (1 - pick(k, z.shape)) / (len(z) - 1)),
    "largest of all, the true class included": lambda W, b, X, k: back(W, b, X, lambda z: pick(k, z.shape) - pick(z.argmax(axis=0), z.shape)),
    "second largest, not largest other":    lambda W, b, X, k: back(W, b, X, lambda z: pick(k, z.shape) - pick(np.argsort(z, axis=0)[-2], z.shape)),
    "predicted in place of true":           lambda W, b, X, k: margin_gradient(W, b, X, robustness.predict(W, b, X)),
    "∂J/∂X in place of the margin's gradient": cost_gradient,
    "whole rows set":                       lambda W, b, X, k: back(W, b, X, lambda z: overwritten(np.repeat(pick(k, z.shape).max(axis=1, keepdims=True), len(k), axis=1), runner_up(z, k))),
    "true class at 0, not at −∞":           lambda W, b, X, k: back(W, b, X, lambda z: overwritten(pick(k, z.shape), np.where(pick(k, z.shape) > 0, 0, z).argmax(axis=0))),
    "divided by m":                         lambda W, b, X, k: margin_gradient(W, b, X, k) / X.shape[1],
    "one other class for the batch":        lambda W, b, X, k: back(W, b, X, lambda z: pick(k, z.shape) - pick(np.full(len(k), runner_up(z, k)[0]), z.shape)),
    "no σ′ in hidden layers":               lambda W, b, X, k: back(W, b, X, difference(k), slope=lambda a: 1),
}  # fmt: skip
ALSO_WRONG_MARGIN = [
    ("∂J/∂X in place of the margin's gradient", lambda W, b, X, k: -cost_gradient(W, b, X, k)),
    ("largest of all, the true class included", lambda W, b, X, k: back(W, b, X, lambda z: overwritten(pick(k, z.shape), z.argmax(axis=0)))),
    ("second largest, not largest other",    lambda W, b, X, k: back(W, b, X, lambda z: overwritten(pick(k, z.shape), np.argsort(z, axis=0)[-2]))),
]  # fmt: skip


EXERCISES = [
    Exercise(
        "adversarial_train", 3, beginnings, judge_training,
        hints=(
            "Shape: (W, b), dicts like those given; the given ones stay as they are. eps, epochs, rate, batch and rng come by name.",
            "Formula: in every minibatch, first attack it with the *present* weights and the true Y, then take one step of descent on the attacked images.",
            "Skeleton: `for _ in range(epochs):`, in it `for rows in minibatches(…, batch, rng):`, in it `X_adv = pgd(partial(dJ_dX, W, b), X[:, rows], Y[:, rows], eps, …, …)`, then `dW, db = backward(…)` of X_adv, then new dicts for W and b.",
        ),
        names=("W", "b", "X", "Y"),
        prediction=Prediction(
            "You make adversarial examples once, with the weights at the start, and train on them. Against attacks on the trained net, is it more robust than after plain training, as robust, or less?",
            "Less: it learns to read images that fool a net which no longer exists, and is easier to fool than if it had seen none.",
        ),
    ),
    exercise(
        "robust_accuracy", 1, attacked_once, robust_accuracy, wrong=[*WRONG_ACCURACY.items(), *ALSO_WRONG_ACCURACY],
        hints=(
            "Shape: one number from 0 to 1. predict(X) gives labels (m,), attack(X, labels, eps) gives images like X.",
            "Formula: the share of all images, misclassified ones included, that are read as their true label after the attack.",
            "Skeleton: `return np.mean(predict(attack(…, …, …)) == …)`.",
        ),
        prediction=Prediction(
            "A net reads 95 % of clean images. Can its robust accuracy be 96 %?",
            "Yes, if the attack pushes a misread image back to the truth, as the one above did. That says the attack is bad, not the net good: one that keeps X itself where it finds nothing worse never ends above 95 %.",
        ),
    ),
    exercise(
        "margin_gradient", 2, labelled, margin_gradient, wrong=[*WRONG_MARGIN.items(), *ALSO_WRONG_MARGIN], slopes=margin_slopes, analytic=True,
        hints=(
            "Shape: like X. labels is (m,), whole numbers; the row of the largest other class is another one in each column.",
            "Formula: the margin is z_L[true] − max over the others. Its gradient by z_L is +1 at the true class, −1 at the largest other, 0 elsewhere; from there go down as ever, but without the σ′ of the last layer.",
            "Skeleton: `L = len(W)`; `z, a = forward(W, b, X)`; `columns = np.arange(X.shape[1])`; `u = np.zeros_like(z[L])`; `u[labels, columns] = 1`; set the true class to −inf, argmax, `u[…, columns] = -1`; then `W[l].T @ …` for l = L … 1.",
        ),
        prediction=Prediction(
            "z of the true class is 40, of the next 20. ŷ is 1 and 0 to all digits. What are ∂J/∂X and the margin's gradient?",
            "∂J/∂X is 0 or close to it: the sigmoid is flat there. The margin, 20, still has its full slope.",
        ),
    ),
    Exercise(
        "masked", 2, suspects, judge_masked,
        hints=(
            "Shape: one bool. Predictions are made by z_L, so that a ŷ rounded to 1 decides nothing.",
            "Formula: FGSM on the cost leaves one accuracy; the same step of ε against the margin leaves another. Masked: the first is higher by more than 0.25.",
            "Skeleton: `by_cost = np.clip(X + eps * np.sign(…), 0, 1)`; `by_margin = np.clip(X - eps * np.sign(margin_gradient(…)), 0, 1)`; `return bool(accuracy(by_cost) > accuracy(by_margin) + 0.25)`.",
        ),
        needs=("margin_gradient",),
        names=("W", "b", "X", "Y", "labels", "eps"),
        prediction=Prediction(
            "The last layer times 10, in place of 300. Does the rule above call it masked?",
            "No. ∂J/∂X is some 10⁻²⁰ there, but FGSM takes its sign, and that is still right. Only a slope that rounds to exactly 0 has none: the slider below shows from which factor on.",
        ),
    ),
    Exercise(
        "hardened", 4, no_arguments, judge_hardened,
        hints=(
            "Shape: (W, b) of a 64-30-10 sigmoid net: W[1] (30, 64), b[1] (30, 1), W[2] (10, 30), b[2] (10, 1).",
            "Formula: adversarial training on all training digits at ε = 0.15. More epochs help both numbers; examples made by a few steps of PGD help where FGSM alone overfits to itself.",
            "Skeleton: `rng = np.random.default_rng(0)`; random start of size 1/√n; `return adversarial_train(…, eps=0.15, epochs=…, rate=3.0, batch=32, rng=rng)`. Measure on held-out digits before you hand in.",
        ),
        needs=("adversarial_train",),
        prediction=Prediction(
            "Does hardening cost anything on clean images?",
            "A little here: 97.5 % become about 96 %, and many more epochs are needed. With too few epochs it costs a lot.",
        ),
    ),
    Exercise(
        "report", 5, None, None,
        hints=(
            "Shape: one page; a table of numbers, two or three paragraphs, at least one sentence that says what you do not know.",
            "Formula: each claim with its attack, its ε, its number of images and its spread over seeds. What was not attacked is not robust.",
            "Skeleton: what I trained · how I attacked it · clean and robust accuracy, plain against hardened · where masking could hide · what I would try next.",
        ),
    ),
]  # fmt: skip
