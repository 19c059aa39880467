"""Gradient checks compared: how long they take, how often they cry wolf, and what slips through.

    pip install -c constraints.txt -e '.[bench]'
    python -m benchmarks.gradcheck

First table: one 784-30-10 sigmoid network, all 23,860 partial derivatives (and ∂J/∂X with ours). Second table: the
rules in use elsewhere, applied as their sources have them, to right and to wrong gradients of the same random networks.
"""

from __future__ import annotations

from benchmarks.timing import best_of, human, machine, table  # first: it sets the number of threads

import sys  # isort: skip
import time
from collections import Counter

import numpy as np
import torch

from benchmarks.networks import hostile, ordinary
from course_lib.differences import central_difference
from course_lib.exercises.mistakes import NETWORK_RULES, with_rules
from course_lib.gradcheck import check_gradient, numerical_gradient
from course_lib.network import Network, cost, forward
from course_lib.reference import backward

torch.set_num_threads(1)

# Time. -------------------------------------------------------------------------------------------------------------------------


def loop_of_central_differences(net, X, Y):
    """∂J/∂W and ∂J/∂b entry by entry, each from two calls of `cost`."""
    for l, W in net.W.items():
        central_difference(lambda w, l=l: cost(Network(net.W | {l: w}, net.b, net.activations), X, Y), W)
        central_difference(lambda v, l=l: cost(Network(net.W, net.b | {l: v}, net.activations), X, Y), net.b[l])


def bare_loop(net, X, Y):
    """The same loop without any check: weights changed in place, a forward pass in four lines."""
    W, b, m = {l: w.copy() for l, w in net.W.items()}, {l: v.copy() for l, v in net.b.items()}, X.shape[1]

    def J():
        a = X
        for l, w in W.items():
            a = 1 / (1 + np.exp(-(w @ a + b[l])))
        return np.sum((a - Y) ** 2) / (2 * m)

    for array in (*W.values(), *b.values()):
        flat = array.reshape(-1)
        for i in range(flat.size):
            kept = flat[i]
            flat[i] = kept + 1e-5
            up = J()
            flat[i] = kept - 1e-5
            (up - J()) / 2e-5
            flat[i] = kept


def by_torch(net, X, Y, fast):
    leaves = [torch.tensor(v, requires_grad=True) for part in (net.W, net.b) for v in part.values()]
    x, y, L = torch.tensor(X), torch.tensor(Y), net.L

    def J(*leaves):
        a = x
        for w, c in zip(leaves[:L], leaves[L:], strict=True):
            a = torch.sigmoid(w @ a + c)
        return ((a - y) ** 2).sum() / (2 * y.shape[1])

    return lambda: torch.autograd.gradcheck(J, leaves, fast_mode=fast)


def once(run):
    """Processor time of one run that takes seconds."""
    start = time.process_time()
    run()
    return time.process_time() - start


def times(m):
    rng = np.random.default_rng(0)
    net = Network.random([784, 30, 10])
    X, Y = rng.random((784, m)), np.eye(10)[:, rng.integers(0, 10, m)]
    g = backward(net, X, Y)
    ours = "check_gradient: complex step, bound, certificate, report"
    quick = {
        ours: lambda: check_gradient(net, X, Y, g),
        "the complex steps alone": lambda: numerical_gradient(net, X, Y),
        "torch gradcheck, fast mode (one random projection)": by_torch(net, X, Y, fast=True),
    }
    best = best_of(quick, seconds=6.0)
    slow = {
        "torch gradcheck": by_torch(net, X, Y, fast=False),
        "loop of central differences through cost": lambda: loop_of_central_differences(net, X, Y),
        "the same loop, bare": lambda: bare_loop(net, X, Y),
    }
    best |= {name: min(once(run), once(run)) for name, run in slow.items()}
    return {name: (t, t / best[ours]) for name, t in best.items()}


# Rules in use elsewhere. Each: (claimed, J at a shifted point, rng) → accepted? --------------------------------------------------


def entrywise(J, claimed, h):
    """Central differences of every entry of every array, as one vector, beside the claim."""
    numeric = []
    for k, array in enumerate(claimed):
        for i in np.ndindex(array.shape):
            e = np.zeros(array.shape)
            e[i] = h
            numeric.append((J(k, e) - J(k, -e)) / (2 * h))
    return np.array(numeric), np.concatenate([array.ravel() for array in claimed])


def torch_rule(J, claimed, rng):
    """torch.autograd.gradcheck: eps 1e-6, every entry allclose with atol 1e-5, rtol 1e-3."""
    numeric, analytic = entrywise(J, claimed, 1e-6)
    return np.allclose(analytic, numeric, rtol=1e-3, atol=1e-5)


def jax_rule(J, claimed, rng):
    """jax.test_util.check_grads, float64: eps 1e-4, one random direction, atol = rtol = 1e-5."""
    along = [rng.standard_normal(array.shape) for array in claimed]
    numeric = (J(None, [1e-4 * v for v in along]) - J(None, [-1e-4 * v for v in along])) / 2e-4
    return np.allclose(sum(np.vdot(v, g) for v, g in zip(along, claimed, strict=True)), numeric, rtol=1e-5, atol=1e-5)


def autograd_rule(J, claimed, rng):
    """autograd.test_util.check_vjp: eps 1e-6, one random direction, abs < 1e-6 or abs/|a + b| < 1e-6."""
    along = [rng.standard_normal(array.shape) for array in claimed]
    numeric = (J(None, [5e-7 * v for v in along]) - J(None, [-5e-7 * v for v in along])) / 1e-6
    analytic = sum(np.vdot(v, g) for v, g in zip(along, claimed, strict=True))
    difference = abs(analytic - numeric)
    return difference < 1e-6 or difference < 1e-6 * abs(analytic + numeric)


def cs231n_rule(threshold):
    """CS231n: h = 1e-5, the worst |a − n| / max(1e-8, |a| + |n|) below a threshold ("1e-7 or less you should be happy")."""

    def rule(J, claimed, rng):
        numeric, analytic = entrywise(J, claimed, 1e-5)
        return np.max(np.abs(analytic - numeric) / np.maximum(1e-8, np.abs(analytic) + np.abs(numeric))) < threshold

    return rule


def deeplearning_ai_rule(J, claimed, rng):
    """deeplearning.ai: eps 1e-7, ‖a − n‖ / (‖a‖ + ‖n‖) below 2e-7."""
    numeric, analytic = entrywise(J, claimed, 1e-7)
    return np.linalg.norm(analytic - numeric) <= 2e-7 * (np.linalg.norm(analytic) + np.linalg.norm(numeric))


RULES = {
    "torch gradcheck": torch_rule,
    "jax check_grads": jax_rule,
    "autograd check_grads": autograd_rule,
    "CS231n, 1e-7": cs231n_rule(1e-7),
    "CS231n, 1e-2": cs231n_rule(1e-2),
    "deeplearning.ai": deeplearning_ai_rule,
}


def shifted_cost(net, X, Y):
    """J with array k of [W₁ …, b₁ …] shifted by `step`; with k None, all of them by a list of steps."""
    arrays, L = [*net.W.values(), *net.b.values()], net.L

    def J(k, step):
        moved = (
            [v + s for v, s in zip(arrays, step, strict=True)]
            if k is None
            else [*arrays[:k], arrays[k] + step, *arrays[k + 1 :]]
        )
        W, b = dict(enumerate(moved[:L], start=1)), dict(enumerate(moved[L:], start=1))
        return float(cost(Network(W, b, net.activations), X, Y))

    return J


def claims(net, X, Y, rng, wrong):
    """(is right, gradient): the right one and some wrong ones that differ by more than 1e-6 of its norm."""
    right = backward(net, X, Y)
    yield True, right
    flat = np.concatenate([v.ravel() for v in (*right.W.values(), *right.b.values())])
    for k in rng.choice(len(NETWORK_RULES), size=wrong, replace=False):
        try:
            with np.errstate(all="ignore"):
                g = backward(net, X, Y, with_rules(NETWORK_RULES[k][1]))
        except (ValueError, IndexError):  # shapes that do not fit: this mistake crashes here
            continue
        if all(g.W[l].shape == net.W[l].shape and g.b[l].shape == net.b[l].shape for l in net.W):
            other = np.concatenate([v.ravel() for v in (*g.W.values(), *g.b.values())])
            if np.isfinite(other).all() and np.linalg.norm(other - flat) > 1e-6 * np.linalg.norm(flat):
                yield False, g


def judgements(networks, count, rng):
    """(rule, is right, outcome) counted; outcomes are "agrees", "disagrees", "inconclusive"."""
    seen = Counter()
    while count > 0:
        net, X, Y = networks(rng)
        if any(np.any(z == 0) for z in forward(net, X).z.values()):
            continue  # exactly at a kink no rule but ours claims to work
        count, J = count - 1, shifted_cost(net, X, Y)
        for is_right, g in claims(net, X, Y, rng, wrong=4):
            arrays = [g.W[l] for l in net.W] + [g.b[l] for l in net.b]
            seen["course_lib", is_right, check_gradient(net, X, Y, W=g.W, b=g.b).verdict] += 1
            for name, rule in RULES.items():
                with np.errstate(all="ignore"):
                    seen[name, is_right, "agrees" if rule(J, arrays, rng) else "disagrees"] += 1
    return seen


def quality(networks, count):
    seen = judgements(networks, count, np.random.default_rng(1))
    rows = []
    for name in ["course_lib", *RULES]:
        right, wrong = (
            {v: seen[name, is_right, v] for v in ("agrees", "disagrees", "inconclusive")} for is_right in (True, False)
        )
        share = [(right, "disagrees"), (right, "inconclusive"), (wrong, "agrees"), (wrong, "inconclusive")]
        rows.append([name, *(f"{100 * found[outcome] / sum(found.values()):.1f} %" for found, outcome in share)])
    totals = [
        sum(n for (rule, is_right, _), n in seen.items() if rule == "course_lib" and is_right == r)
        for r in (True, False)
    ]
    return rows, totals


def main(count=300):
    for m in (1, 32):
        print(f"\nOne 784-30-10 network, 23,860 partial derivatives, batch {m}\n")
        print(
            table(
                ["method", "time", "times ours"],
                [[name, human(t), f"{ratio:,.3g} ×"] for name, (t, ratio) in times(m).items()],
            )
        )
    head = ["rule", "right ones rejected", "right: cannot tell", "wrong ones accepted", "wrong: cannot tell"]
    for networks in (ordinary, hostile):
        rows, (right, wrong) = quality(networks, count)
        print(
            f"\n{networks.__name__.capitalize()} networks: {right} right and {wrong} wrong gradients\n\n{table(head, rows)}"
        )
    print(f"\n{machine('numpy', 'torch')}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
