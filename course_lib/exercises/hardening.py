"""Judging what hardens a network: weights trained on attacked images, a test for masked gradients, weights handed in."""

from __future__ import annotations

import functools

import numpy as np

from course_lib import attacks
from course_lib.data import digits, one_hot
from course_lib.exercises.attacked import trained
from course_lib.exercises.compare import Wrong, at, cause, describe, flatten, no_exception, parts, side_effects
from course_lib.exercises.robustness import margin_gradient, on_margin, predict, worst_accuracy
from course_lib.exercises.training import Fault, judged
from course_lib.exercises.verdict import Verdict, failed, partial
from course_lib.network import Network, cost
from course_lib.reference import backward, input_gradient
from course_lib.wire import Call, Rng

EPS = 0.15
SIZES = [64, 30, 10]

# Adversarial training, small: 600 digits, 64-20-10, 60 epochs. Robust accuracy of the judge's attack over 5 seeds: right
# ways 0.49 … 0.59; plain training 0.21 … 0.24, random signs 0.26 … 0.30; stale examples, the wrong sign, wrong labels < 0.08.
ROBUST, PLAIN, WORSE = 0.40, 0.32, 0.15
READS = 0.80  # of clean digits: right ways reach 0.90 … 0.96


def beginnings(rng):
    """(W, b, X, Y) and the settings of a training; then without an attack, eps = 0; then so with another generator; at last
    with one digit forty times, so that no order matters and every step can be followed."""
    train, _ = digits().split()
    rows = rng.choice(len(train.labels), 600, replace=False)
    X, Y = train.images[rows].T, one_hot(train.labels[rows])
    W, b = trained(rng, (64, 20, 10), X, Y, epochs=0)
    settings = {"eps": EPS, "epochs": 60, "rate": 3.0, "batch": 20, "rng": Rng(int(rng.integers(10**6)))}
    plain = settings | {"eps": 0.0, "epochs": 15}
    others = settings, plain, plain | {"rng": Rng(int(rng.integers(10**6)))}
    alike = np.repeat(X[:, :1], 40, axis=1), np.repeat(Y[:, :1], 40, axis=1)
    followed = settings | {"epochs": 3, "rate": 1.0, "batch": 10}
    return [*(Call((W, b, X, Y), how) for how in others), Call((W, b, *alike), followed)]


def weights(call, response, W, b):
    """The answer's (W, b) as dicts of arrays, shaped like those given."""
    names = ("W", "b")
    got = parts(call, response, flatten((W, b), names), names)
    side_effects(call, response)
    return tuple({l: got[f"{name}[{l}]"] for l in W} for name in names)


def one_attack(W, b, eps=EPS):
    """(clean, attacked) accuracy on unseen digits, by PGD on the margin."""
    _, test = digits().split()
    X_adv = attacks.pgd(on_margin(W, b), test.images.T, test.labels, eps, eps / 5, 20)
    return tuple(float(np.mean(predict(W, b, X) == test.labels)) for X in (test.images.T, X_adv))


@judged
def judge_training(calls, responses) -> str:
    """Weights that read digits, also attacked ones; the same again with the same generator."""
    got = [weights(call, response, *call.args[:2]) for call, response in zip(calls, responses, strict=True)]
    without_an_attack(calls, got)
    clean, robust = one_attack(*got[0])
    measured = f"unseen digits: clean {clean:.0%}, at ε = {EPS} {robust:.0%}"
    if robust < WORSE:
        raise Fault("less robust than plain training", f"{measured}; plain training leaves about 22 %.", calls[0])
    if robust < PLAIN:
        raise Fault("as fragile as plain training", f"{measured}; plain training leaves about 22 %.", calls[0])
    if robust < ROBUST or clean < READS:
        raise Wrong(
            f"{measured}; wanted at least {READS:.0%} and {ROBUST:.0%}. Is every batch attacked with the weights of that moment?\n  {at(calls[0])}"
        )
    if attacked_once_an_epoch(calls[3], got[3]):
        text = "with one digit forty times, the weights are those of images attacked once for each epoch."
        raise Fault("attacked once an epoch", text, calls[3])
    return f"{measured} (plain training: about 22 %)"


def attacked_once_an_epoch(call, net) -> bool:
    """Whether the weights are exactly those of a common attack that was made once for each epoch, not in every minibatch."""
    close = lambda other: all(np.allclose(other[0][l], net[0][l], rtol=0, atol=1e-9) for l in net[0])
    for steps, size in ((1, 1.0), (3, 1 / 2), (3, 1 / 3), (5, 1 / 3)):
        if close(followed(call, steps, size, every_batch=False)) and not close(
            followed(call, steps, size, every_batch=True)
        ):
            return True
    return False


def followed(call, steps, size, every_batch):
    """(W, b) after adversarial training on examples that are all alike, by PGD of so many steps of size·ε."""
    (W, b, X, Y), how = call.args, call.kwargs
    for step in range(how["epochs"] * (X.shape[1] // how["batch"])):
        net = Network(W, b, dict.fromkeys(W, "sigmoid"))
        if every_batch or step % (X.shape[1] // how["batch"]) == 0:
            gradient = functools.partial(input_gradient, net)
            X_adv = attacks.pgd(gradient, X, Y, how["eps"], size * how["eps"], steps)
        g = backward(net, X_adv, Y)
        W, b = ({l: v[l] - how["rate"] * d[l] for l in v} for v, d in ((W, g.W), (b, g.b)))
    return W, b


def without_an_attack(calls, got):
    """A Fault for what is wrong already where eps is 0, or whatever eps is: no descent, no biases, no chance or another one."""
    equal = lambda one, other: all(np.array_equal(one[l], other[l]) for l in one)
    W, b, X, Y = calls[1].args
    if not equal(got[0][0], got[-1][0]):
        raise Fault("another generator", "the same generator gave two different trainings.", calls[0])
    if equal(got[0][0], W):
        raise Fault("nothing trained", "the weights that came back are those that were given.", calls[0])
    if equal(got[0][1], b):
        raise Fault("biases not trained", "the biases that came back are those that were given.", calls[0])
    if equal(got[1][0], got[2][0]):
        raise Fault(without_chance(calls[1], got[1][0]), "two generators gave the same training.", calls[2])
    J = [cost(Network(*net, dict.fromkeys(W, "sigmoid")), X, Y) for net in ((W, b), got[1])]
    if J[1] > J[0]:
        raise Fault("uphill", f"with eps = 0 J of the given digits went from {J[0]:.3f} to {J[1]:.3f}.", calls[1])
    if (clean := one_attack(*got[1])[0]) < READS:
        text = (
            f"with eps = 0 this is plain training, and the net reads {clean:.0%} of unseen digits, wanted {READS:.0%}."
        )
        raise Wrong(
            f"{text} Does it take all epochs, in minibatches, and is nothing attacked at eps = 0?\n  {at(calls[1])}"
        )


def without_chance(call, W) -> str:
    """The mistake of a training that no generator changes: minibatches never shuffled, none at all, or a generator of its own."""
    start, X, Y, how = call.args[:2], *call.args[2:], call.kwargs
    for name, batch in (("not shuffled", how["batch"]), ("minibatches left out", X.shape[1])):
        sizes = [len(X), *map(len, start[1].values())]
        other = trained(Unshuffled(), sizes, X, Y, how["epochs"], how["rate"], batch, start)[0]
        if all(np.allclose(other[l], W[l], rtol=0, atol=1e-9) for l in W):
            return name
    return "seed fixed inside"


class Unshuffled:
    """A generator whose permutations change nothing."""

    def permutation(self, m):
        return np.arange(m)

    def normal(self, size):
        return np.zeros(size)


# Gradient masking. -------------------------------------------------------------------------------------------------------------

MASK = 300.0  # the last layer times this: gaps of 0.38 … 0.70 between the attacks, against at most 0.21 without


def suspects(rng):
    """(W, b, X, Y, labels, ε): plain and hardened nets, and the plain ones again behind a mask, in random order."""
    train, test = digits().split()
    rows = rng.choice(len(train.labels), 400, replace=False)
    X, Y = train.images[rows].T, one_hot(train.labels[rows])
    shown = rng.choice(len(test.labels), 200, replace=False)
    given = (test.images[shown].T, one_hot(test.labels[shown]), test.labels[shown])
    first, second = (trained(rng, (64, 16, 10), X, Y, epochs=15) for _ in range(2))
    hardened = hardened_quickly(rng, X, Y)
    nets = [
        (first, 0.15),
        (second, 0.2),
        (last_layer_times(MASK, first), 0.15),
        (last_layer_times(MASK, second), 0.2),
        (first, 0.0),  # nothing moves: both attacks leave what is clean, behind a mask or not
        (last_layer_times(MASK, first), 0.0),
        (last_layer_times(0.1, hardened), 0.1),  # a step along the margin's gradient without its sign is too short here
        (last_layer_times(3.0, hardened), 0.1),  # … and here too long
    ]
    return [Call((*nets[i][0], *given, nets[i][1])) for i in rng.permutation(len(nets))]


def last_layer_times(factor, net):
    """The same predictions by z; times MASK, a cost that hardly answers any more."""
    W, b = net
    last = len(W)
    return W | {last: factor * W[last]}, b | {last: factor * b[last]}


def hardened_quickly(rng, X, Y):
    """A net trained on images attacked with the weights of a moment before: robust, and nothing is masked."""
    W, b = trained(rng, (64, 16, 10), X, Y, epochs=3)
    labels = Y.argmax(axis=0)
    for _ in range(20):
        X_adv = attacks.fgsm(on_margin(W, b), X, labels, EPS)
        W, b = trained(rng, (64, 16, 10), np.hstack([X, X_adv]), np.hstack([Y, Y]), epochs=1, start=(W, b))
    return W, b


def accuracies(W, b, X, Y, labels, eps, on_cost=np.sign, on_margin=np.sign) -> tuple[float, float, float]:
    """Clean, under FGSM on the cost, and under the same step on the margin: ε times the sign of what leads there."""
    net = Network(W, b, dict.fromkeys(W, "sigmoid"))
    steps = on_cost(input_gradient(net, X, Y)), -on_margin(margin_gradient(W, b, X, labels))
    images = X, *(np.clip(X + eps * step, 0, 1) for step in steps)
    return tuple(float(np.mean(predict(W, b, X_adv) == labels)) for X_adv in images)


def by_rule(rule, **steps):
    """A test for masks that asks rule(clean, on_cost, on_margin)."""
    return lambda *call: bool(rule(*accuracies(*call, **steps)))


def more_than_a_quarter(clean, on_cost, on_margin):
    return on_cost > on_margin + 0.25


masked = by_rule(more_than_a_quarter)

WITHOUT_SIGN = (
    {"on_margin": np.array},
    {"on_cost": np.array, "on_margin": np.array},
)  # that of the cost alone moves nothing
WRONG_MASKED = [
    ("the answer turned round",         by_rule(lambda clean, on_cost, on_margin: not on_cost > on_margin + 0.25)),
    ("masking not seen",                by_rule(lambda clean, on_cost, on_margin: False)),
    ("masking seen everywhere",         by_rule(lambda clean, on_cost, on_margin: True)),
    ("0.25 forgotten",                  by_rule(lambda clean, on_cost, on_margin: on_cost > on_margin)),
    ("clean accuracy in place of FGSM's", by_rule(lambda clean, on_cost, on_margin: clean > on_margin + 0.25)),
    ("compared with clean images",      by_rule(lambda clean, on_cost, on_margin: clean > on_cost + 0.25)),
    *[("high accuracy taken for masking", by_rule(lambda clean, on_cost, on_margin, level=level: on_cost > level)) for level in (0.4, 0.5, 0.6, 0.7, 0.8)],
    *[("a step without the sign",       by_rule(more_than_a_quarter, **steps)) for steps in WITHOUT_SIGN],
    *[("ε hard-coded",                  lambda *call, e=e: masked(*call[:5], e)) for e in (0.1, 0.15, 0.2, 0.3)],
]  # fmt: skip


def judge_masked(calls, responses) -> Verdict:
    """True exactly for the nets behind a mask. The last call, which repeats the first, is not counted."""
    for call, response in zip(calls, responses, strict=True):
        try:
            side_effects(call, response)
            no_exception(call, response)
        except Wrong as first:
            return failed(str(first), first.mistake)
        if not isinstance(response.value, bool | np.bool_):
            return failed(f"returned {describe(response.value)}, wanted True or False\n  {at(call)}")
    said = [bool(response.value) for response in responses]
    wrong = [call for call, have in zip(calls, said, strict=True) if have != masked(*call.args)]
    if not wrong:
        left = "; ".join("{:.0%} / {:.0%}".format(*accuracies(*call.args)[1:]) for call in calls[:-1])
        text = f"{len(calls) - 1} nets told apart; accuracy by FGSM on the cost / on the margin: {left}"
        return Verdict("passed", 1.0, text)
    name = named(calls, said)
    _, on_cost, on_margin = accuracies(*wrong[0].args)
    text = f"one of the nets, at ε = {wrong[0].args[5]:g}: you say {not masked(*wrong[0].args)}; FGSM on the cost leaves {on_cost:.0%}, the same step on the margin {on_margin:.0%}."
    return failed("\n".join([text, *cause(name)]), name)


judge_masked.planted = WRONG_MASKED


def named(calls, said):
    """The mistake that says this of every net; an answer that is the same everywhere is called just that."""
    if len(set(said)) == 1:
        return "masking seen everywhere" if said[0] else "masking not seen"
    names = {name for name, rule in WRONG_MASKED if [rule(*call.args) for call in calls] == said}
    return names.pop() if len(names) == 1 else None


# Handed-in weights. --------------------------------------------------------------------------------------------------------------

# The reference solution (PGD, 5 steps of ε/3, 200 epochs) keeps 0.67 under exactly this attack: 0.05 below is full marks.
# Plain training keeps 0.19 … 0.24, stopped after 5 or 10 epochs 0.35; × 300 changes nothing of that; W₁ × 1000 keeps 0.18.
FULL, NOTHING = 0.62, 0.36
CLEAN = 0.95


def no_arguments(rng):
    return [Call()]


def judge_hardened(calls, responses) -> Verdict:
    """Marks by the accuracy that the worst of all attacks leaves on unseen digits; half of them if clean ones suffer."""
    zeros = {l: np.zeros((SIZES[l], SIZES[l - 1])) for l in (1, 2)}, {l: np.zeros((SIZES[l], 1)) for l in (1, 2)}
    try:
        W, b = weights(calls[0], responses[0], *zeros)
    except Wrong as first:
        return failed(str(first))
    _, test = digits().split()
    clean = float(np.mean(predict(W, b, test.images.T) == test.labels))
    worst, alone = worst_accuracy(W, b, test.images.T, test.labels, EPS)
    table = "".join(f"\n  {name:28} {left:.1%}" for name, left in alone.items())
    measured = f"clean {clean:.1%}, robust at ε = {EPS}: {worst:.1%}, the worst of{table}"
    score = min(1.0, max(0.0, (worst - NOTHING) / (FULL - NOTHING))) * (
        1.0 if clean >= CLEAN else 0.5 if clean >= READS else 0.0
    )
    wanted = f"Full marks: clean {CLEAN:.0%} and robust {FULL:.0%}."
    looks = max(alone.values()) - worst
    hint = (
        "\n  The attacks disagree widely: something hides a gradient from some of them."
        if looks > 0.15 and worst < PLAIN
        else ""
    )
    name = "as fragile as plain training" if worst < NOTHING and clean >= READS and not hint else None
    because = "".join(f"\n{line}" for line in cause(name)) if name else ""
    return partial(score, f"{measured}\n{wanted}{hint}{because}", evidence="" if score < 1 else measured, mistake=name)
