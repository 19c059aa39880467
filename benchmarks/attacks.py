"""Attacks against torch, against peers where they are installed, and the course's reference figures: python benchmarks/attacks.py

1. ours in float64 against a ten-line torch FGSM and ℓ∞ PGD on the same weights (wherever |g| > 1e-12 max|g|), ℓ2 to 1e-12
2. over-confident networks (logits × 8): accuracy left by one ℓ2 step of ours, with a floor, in float32, and by peers' own code
3. the figures that the course quotes, as mean ± 3 sd over 10 seeds

torch, Foolbox, torchattacks and ART are used if they can be imported; a part that lacks its library says so.
"""

from __future__ import annotations

import importlib.util
import time
from functools import partial

import numpy as np

from course_lib import attacks
from course_lib.data import digits, one_hot
from course_lib.exercises import attacked, robustness
from course_lib.network import Network, forward
from course_lib.reference import backward, input_gradient

EPS = 0.15
SEEDS = range(10)


def data():
    train, test = digits().split()
    return train.images.T, one_hot(train.labels), test.images.T, test.labels


def sigmoid_net(W, b):
    return Network(W, b, dict.fromkeys(W, "sigmoid"))


def read(net, X, labels):
    """Share read rightly, by z of the last layer."""
    return float(np.mean(forward(net, X).z[net.L].argmax(axis=0) == labels))


# 1. torch ------------------------------------------------------------------------------------------------------------------


def torch_model(net, torch, dtype):
    """The network as tensors: X (n₀, m) → ŷ, and each example's cost."""
    W = {l: torch.tensor(net.W[l], dtype=dtype) for l in net.W}
    b = {l: torch.tensor(net.b[l], dtype=dtype) for l in net.b}

    def logits(X):
        for l, weights in W.items():
            z = weights @ X + b[l]
            X = torch.sigmoid(z)
        return z

    def costs(X, Y):
        if net.is_softmax:
            return torch.nn.functional.cross_entropy(logits(X).T, Y.argmax(dim=0), reduction="sum")
        return ((torch.sigmoid(logits(X)) - Y) ** 2).sum() / 2

    return logits, costs


def torch_gradient(net, torch, dtype):
    _, costs = torch_model(net, torch, dtype)

    def gradient(X, Y):
        X = torch.tensor(X, dtype=dtype, requires_grad=True)
        costs(X, torch.tensor(Y, dtype=dtype)).backward()
        return X.grad.numpy()

    return gradient


def torch_fgsm(gradient, X, Y, eps):
    return np.clip(X + eps * np.sign(gradient(X, Y)), 0, 1)


def torch_pgd(gradient, X, Y, eps, step, steps):
    X_adv = X
    for _ in range(steps):
        X_adv = np.clip(np.clip(X_adv + step * np.sign(gradient(X_adv, Y)), X - eps, X + eps), 0, 1)
    return X_adv


def against_torch(torch):
    X_train, Y_train, X, labels = data()
    Y = one_hot(labels)
    net = sigmoid_net(*attacked.trained(np.random.default_rng(0), (64, 30, 10), X_train, Y_train, epochs=15))
    ours, theirs = partial(input_gradient, net), torch_gradient(net, torch, torch.float64)
    G = ours(X, Y)
    clear = np.abs(G) > 1e-12 * np.abs(G).max()
    fgsm = np.abs(attacks.fgsm(ours, X, Y, EPS) - torch_fgsm(theirs, X, Y, EPS))[clear].max()
    pgd = np.abs(attacks.pgd(ours, X, Y, EPS, 0.03, 10) - torch_pgd(theirs, X, Y, EPS, 0.03, 10))[clear].max()
    lengths = np.linalg.norm(theirs(X, Y), axis=0)
    l2 = np.abs(attacks.fgm_l2(ours, X, Y, 0.5) - np.clip(X + 0.5 * theirs(X, Y) / lengths, 0, 1)).max()
    print(
        f"  largest difference: fgsm {fgsm:.1e}, pgd (10 steps) {pgd:.1e}, ℓ2 {l2:.1e}; {clear.mean():.1%} of the entries compared"
    )
    assert fgsm == 0
    assert pgd < 1e-12
    assert l2 < 1e-12
    seconds = [timed(partial(attacks.pgd, gradient, X, Y, EPS, 0.03, 10)) for gradient in (ours, theirs)]
    print(f"  time of torch / time of ours, 10 steps on {X.shape[1]} images: {seconds[1] / seconds[0]:.1f}")


def timed(run, times=5):
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


# 2. Over-confident networks ----------------------------------------------------------------------------------------------------


def softmax_net(X, Y, seed=0, epochs=30):
    net = Network.random([64, 30, 10], output="softmax", seed=seed)
    rng, W, b = np.random.default_rng(seed), net.W, net.b
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(X.shape[1]), 45):
            g = backward(Network(W, b, net.activations), X[:, rows], Y[:, rows])
            W, b = {l: W[l] - 0.5 * g.W[l] for l in W}, {l: b[l] - 0.5 * g.b[l] for l in b}
    return Network(W, b, net.activations)


def overconfident(torch):
    X_train, Y_train, X, labels = data()
    Y, eps = one_hot(labels), 1.0
    net = softmax_net(X_train, Y_train)
    sure = Network({**net.W, 2: 8 * net.W[2]}, {**net.b, 2: 8 * net.b[2]}, net.activations)
    gradient = partial(input_gradient, sure)
    rows = {
        "ours (no floor, ŷ − y without cancellation)": attacks.fgm_l2(gradient, X, Y, eps),
        "the same with a floor of 1e-12 in the norm": floored(gradient, X, Y, eps, 1e-12),
        "the same with a floor of 1e-8 in the norm": floored(gradient, X, Y, eps, 1e-8),
    }
    if torch:
        rows["torch's gradient, float32, floor 1e-12"] = floored(
            torch_gradient(sure, torch, torch.float32), X, Y, eps, 1e-12
        )
        rows["torch's gradient, float64, floor 1e-12"] = floored(
            torch_gradient(sure, torch, torch.float64), X, Y, eps, 1e-12
        )
    for name, accuracy in peers(torch, sure, X, labels, eps).items():
        rows[name] = accuracy
    print(f"  logits × 8; clean {read(sure, X, labels):.1%}; one ℓ2 step of {eps} leaves")
    for name, result in rows.items():
        print(f"    {name:46} {result if isinstance(result, str) else f'{read(sure, result, labels):.1%}'}")


def floored(gradient, X, Y, eps, floor):
    """One ℓ2 step as it is written elsewhere: a small number keeps the norm from being zero."""
    G = gradient(X, Y).astype(float)
    return np.clip(X + eps * G / np.maximum(np.linalg.norm(G, axis=0, keepdims=True), floor), 0, 1)


def peers(torch, net, X, labels, eps):
    """Accuracy left by the real libraries, each in its own code, or that it is not installed."""
    runs = {"foolbox": with_foolbox, "torchattacks": with_torchattacks, "art": with_art}
    results = {}
    for name, run in runs.items():
        installed = torch and importlib.util.find_spec(name)
        results[f"{name}, its own code"] = run(torch, net, X, labels, eps) if installed else "not installed"
    return results


def torch_module(torch, net):
    """The network as a torch module of logits, float32, rows as observations."""
    layers = []
    for l in net.W:
        linear = torch.nn.Linear(*net.W[l].shape[::-1])
        linear.weight.data, linear.bias.data = torch.tensor(net.W[l]).float(), torch.tensor(net.b[l][:, 0]).float()
        layers += [linear, torch.nn.Sigmoid()]
    return torch.nn.Sequential(*layers[:-1]).eval()


def with_foolbox(torch, net, X, labels, eps):
    import foolbox

    model = foolbox.PyTorchModel(torch_module(torch, net), bounds=(0, 1))
    inputs, truth = torch.tensor(X.T.copy()).float(), torch.tensor(labels)
    _, adversarial, _ = foolbox.attacks.L2FastGradientAttack()(model, inputs, truth, epsilons=eps)
    return adversarial.numpy().T.astype(float)


def with_torchattacks(torch, net, X, labels, eps):
    import torchattacks

    attack = torchattacks.PGDL2(torch_module(torch, net), eps=eps, alpha=eps, steps=1, random_start=False)
    images = torch.tensor(X.T.copy()).float().reshape(-1, 1, 8, 8)
    attack.model = torch.nn.Sequential(torch.nn.Flatten(), torch_module(torch, net))
    return attack(images, torch.tensor(labels)).reshape(-1, 64).numpy().T.astype(float)


def with_art(torch, net, X, labels, eps):
    from art.attacks.evasion import FastGradientMethod
    from art.estimators.classification import PyTorchClassifier

    loss = torch.nn.CrossEntropyLoss()
    classifier = PyTorchClassifier(torch_module(torch, net), loss, (64,), 10, clip_values=(0, 1))
    return FastGradientMethod(classifier, norm=2, eps=eps).generate(X.T.astype(np.float32), labels).T.astype(float)


# 3. The course's figures -----------------------------------------------------------------------------------------------------------

FIGURES = {
    # name: what COURSE.md quotes
    "clean": 0.980,
    "random signs at 0.15": 0.965,
    "FGSM at 0.15": 0.360,
    "PGD at 0.15": 0.222,
    "median ℓ2 along the gradient": 0.60,
    "median ℓ2 along a random line": 5.5,
}


def figures_of(seed):
    """The figures of one network."""
    X_train, Y_train, X, labels = data()
    rng = np.random.default_rng(seed)
    W, b = attacked.trained(rng, (64, 30, 10), X_train, Y_train, epochs=30, batch=16)
    net, Y = sigmoid_net(W, b), one_hot(labels)
    gradient = partial(input_gradient, net)
    right = robustness.predict(W, b, X) == labels
    return {
        "clean": right.mean(),
        "random signs at 0.15": read(net, np.clip(X + EPS * rng.choice([-1, 1], X.shape), 0, 1), labels),
        "FGSM at 0.15": read(net, attacks.fgsm(gradient, X, Y, EPS), labels),
        "PGD at 0.15": read(net, attacks.pgd(gradient, X, Y, EPS, EPS / 10, 40), labels),
        "median ℓ2 along the gradient": to_change(W, b, X[:, right], attacks.unit_columns(gradient(X, Y))[:, right]),
        "median ℓ2 along a random line": to_change(
            W, b, X[:, right], attacks.unit_columns(rng.normal(size=X.shape))[:, right]
        ),
    }


def to_change(W, b, X, directions, reach=40.0, count=800):
    """Median length along the directions at which the class changes; lines that never change it within reach count as longest."""
    lengths, start = np.full(X.shape[1], np.inf), robustness.predict(W, b, X)
    for length in np.linspace(0, reach, count)[::-1]:
        lengths[robustness.predict(W, b, X + length * directions) != start] = length
    return float(np.median(lengths))


def reference_figures():
    runs = [figures_of(seed) for seed in SEEDS]
    print(f"  {'':32} mean ± 3 sd over {len(runs)} seeds   quoted")
    for name, quoted in FIGURES.items():
        values = np.array([run[name] for run in runs])
        inside = abs(values.mean() - quoted) <= 3 * values.std(ddof=1)
        print(
            f"  {name:32} {values.mean():6.3f} ± {3 * values.std(ddof=1):.3f}          {quoted:6.3f}  {'within' if inside else 'OUTSIDE'}"
        )


def main():
    torch = importlib.import_module("torch") if importlib.util.find_spec("torch") else None
    if torch:
        torch.set_num_threads(1)
    print("1. equal to torch" + ("" if torch else ": torch is not installed"))
    if torch:
        against_torch(torch)
    print("2. over-confident networks")
    overconfident(torch)
    print("3. reference figures")
    reference_figures()


if __name__ == "__main__":
    main()
