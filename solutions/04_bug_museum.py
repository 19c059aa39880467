# %% [markdown]
# # 04 The bug museum
#
# > *"My code runs, the shapes fit, and the loss goes down. So my gradient is right. Isn't it?"*
#
# Here are twelve backward passes. Each was written by somebody who knew the formula, and each is wrong in one place. All of
# them have been seen in the wild: in answers with many votes, in published notebooks, in homework that got full marks.
# You will find the bugs, name them, repair four. Then you write what would have caught them all: a test. And your test is
# tested in turn.
#
# | | |
# |---|---|
# | **After this chapter you can** | read a backward pass line by line and see what is wrong; tell a crash from a wrong shape from silent nonsense; write a gradient test that lets nothing through, and a test point at which nothing can hide |
# | **Time** | about 75 minutes (an estimate, as are the minutes and the ●○○ of difficulty beside each exercise) |
# | **You need** | [02](../02_derivatives/02_derivatives.ipynb) for the instruments, [03](../03_dJ_dW/03_dJ_dW.ipynb) for the right backward pass; keep your own of 03 beside you |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %% [markdown]
# From chapters 01 and 02, in short: the forward pass, the cost, and the two instruments. `numeric_gradient` needs no formula
# for the way back, only the forward pass and a complex step; so it cannot share a bug with any of the exhibits.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(W, b, X):
    """z and a of every layer, as dicts; z has the keys 1 … L, a has 0 … L."""
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = sigmoid(z[l])
    return z, a


def cost(y_hat, Y):
    return np.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])


def complex_step(f, x, h=1e-30):
    slope = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        slope[i] = np.imag(f(x + 1j * h * e)) / h
    return slope


def relative_error(a, n):
    """The worst |a − n| / (|a| + |n|); 0/0 is 0, NaN gives inf. Raises ValueError for different shapes."""
    if np.shape(a) != np.shape(n):
        raise ValueError(f"shapes {np.shape(a)} and {np.shape(n)}: wanted two of the same shape")
    size = np.abs(a) + np.abs(n)
    error = np.abs(np.subtract(a, n)) / np.where(size == 0, 1, size)
    return float(np.where(np.isnan(error), np.inf, error).max())


def numeric_gradient(W, b, X, Y):
    """(dW, db), measured: a complex step in each weight and each bias. Two dicts, right to the last digits."""
    L = len(W)
    dW = {l: complex_step(lambda w, l=l: cost(forward({**W, l: w}, b, X)[1][L], Y), W[l]) for l in W}
    db = {l: complex_step(lambda c, l=l: cost(forward(W, {**b, l: c}, X)[1][L], Y), b[l]) for l in W}
    return dW, db


# %% [markdown]
# ## The loss goes down
#
# A first look at what "it trains" is worth. A small network learns a curve, by gradient descent, five times from the same
# start. Once with the right gradient, and four times with that of an exhibit that you are going to meet. Four of these
# five lines come from wrong gradients.

# %%
from course_lib import figures, widgets

rng = np.random.default_rng(0)
X_curve = np.linspace(-1, 1, 15)[None, :]
Y_curve = 0.5 + 0.35 * np.sin(3 * X_curve)
W_start = {1: rng.normal(size=(5, 1)) * 2, 2: rng.normal(size=(1, 5))}
b_start = {1: rng.normal(size=(5, 1)), 2: np.zeros((1, 1))}


def descend(gradient, steps=150, rate=1.0):
    """J after each step of gradient descent from the common start."""
    W = {l: w.copy() for l, w in W_start.items()}
    b = {l: c.copy() for l, c in b_start.items()}
    history = []
    for _ in range(steps):
        history.append(cost(forward(W, b, X_curve)[1][2], Y_curve))
        dW, db = gradient(W, b, X_curve, Y_curve)
        W = {l: W[l] - rate * dW[l] for l in W}
        b = {l: b[l] - rate * db[l] for l in b}
    return history


# %% [markdown]
# The lines appear when the exhibits hang. Here they are.
#
# ### Room 1: where it starts


# %%
def exhibit_A(W, b, X, Y):
    """From a forum answer with many votes."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    error = Y - a[L]
    delta = error / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = delta @ a[l - 1].T
        db[l] = np.sum(delta, axis=1, keepdims=True)
        delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dW, db


def exhibit_B(W, b, X, Y):
    """From a homework; the test used a single example."""
    _, a = forward(W, b, X)
    L = len(W)
    delta = {L: (a[L] - Y) * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * a[l] * (1 - a[l])
    dW = {l: delta[l] @ a[l - 1].T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db


def exhibit_C(W, b, X, Y):
    """From a blog post; its code was copied from another one, on softmax."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    dZ = (a[L] - Y) / m
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = dZ @ a[l - 1].T
        db[l] = dZ.sum(axis=1, keepdims=True)
        dA = W[l].T @ dZ
        dZ = dA * a[l - 1] * (1 - a[l - 1])
    return dW, db


# %% [markdown]
# ### Room 2: from many examples to one gradient


# %%
def exhibit_D(W, b, X, Y):
    """From a lecture, on the board: one example after the other."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    dW, db = {}, {}
    for j in range(m):
        a_j = {l: a[l][:, [j]] for l in a}
        delta = (a_j[L] - Y[:, [j]]) / m * a_j[L] * (1 - a_j[L])
        for l in range(L, 0, -1):
            dW[l] = delta @ a_j[l - 1].T
            db[l] = delta
            delta = (W[l].T @ delta) * a_j[l - 1] * (1 - a_j[l - 1])
    return dW, db


def exhibit_E(W, b, X, Y):
    """From a question: "how do I average over the batch?" """
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        delta_mean = delta.mean(axis=1, keepdims=True)
        a_mean = a[l - 1].mean(axis=1, keepdims=True)
        dW[l] = delta_mean @ a_mean.T
        db[l] = delta.sum(axis=1, keepdims=True)
        delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dW, db


def exhibit_F(W, b, X, Y):
    """From a published course, whose own comparison printed "exact: True" for it."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = delta @ a[l - 1].T
        db[l] = delta.sum(axis=1)
        delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dW, db


# %% [markdown]
# ### Room 3: from layer to layer


# %%
def exhibit_G(W, b, X, Y):
    """Tested with layers of one width only."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = delta @ a[l - 1].T
        db[l] = delta.sum(axis=1, keepdims=True)
        if l > 1:
            delta = (W[l] @ delta) * a[l - 1] * (1 - a[l - 1])
    return dW, db


def exhibit_H(W, b, X, Y):
    """From a port between two languages that count differently."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l].T @ delta[l + 1]) * a[l] * (1 - a[l])
    dW = {l: delta[l] @ a[l - 1].T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db


def exhibit_I(W, b, X, Y):
    """From a cheat sheet: "σ′(x) = x(1 − x)"."""
    slope = lambda u: u * (1 - u)
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * slope(z[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * slope(z[l])
    dW = {l: delta[l] @ a[l - 1].T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db


# %% [markdown]
# ### Room 4: all around the loop


# %%
def exhibit_J(W, b, X, Y):
    """From a script that saves a second loop."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = delta @ a[l - 1].T
        db[l] = delta.sum(axis=1, keepdims=True)
        W[l] -= 0.1 * dW[l]
        delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dW, db


def exhibit_K(W, b, X, Y):
    """From an answer on networks with one hidden layer, made longer later."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * a[l] * (1 - a[l])
    dW = {l: delta[l] @ X.T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db


def exhibit_L(W, b, X, Y):
    """From a class whose arrays were allocated in advance."""
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    dW = {l: np.zeros(W[l].shape) for l in W}
    db = {l: np.zeros(b[l].shape) for l in W}
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    for l in range(L, 1, -1):
        dW[l] = delta @ a[l - 1].T
        db[l] = delta.sum(axis=1, keepdims=True)
        delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return dW, db


# %%
exhibits = {
    "A": exhibit_A, "B": exhibit_B, "C": exhibit_C, "D": exhibit_D, "E": exhibit_E, "F": exhibit_F,
    "G": exhibit_G, "H": exhibit_H, "I": exhibit_I, "J": exhibit_J, "K": exhibit_K, "L": exhibit_L,
}  # fmt: skip

figures.descents({"right": descend(numeric_gradient), **{letter: descend(exhibits[letter]) for letter in "BCEL"}})

# %% [markdown]
# All of them learn. Two of the wrong ones are even ahead: their gradients are too long, so they step further. **A falling
# loss proves that the steps went downhill, more or less. It does not prove that the gradient is right.**

# %% [markdown]
# ## Predict: crash, shape, or silence?
#
# On a network whose widths are all different, 4-5-3-2 with m = 6 examples, each exhibit does one of three things:
#
# - `"crash"`: it stops with an error. The luckiest case.
# - `"shape"`: it returns an array of a wrong shape. Something else may crash later, or broadcast.
# - `"silent"`: all shapes right, the numbers wrong.
#
# Read, and write down what you expect. No points; the next cell shows what happens.

# %% free
check.predict("name_the_bug", ...)

# %% free
predictions = {
    "A": "", "B": "", "C": "",
    "D": "", "E": "", "F": "",
    "G": "", "H": "", "I": "",
    "J": "", "K": "", "L": "",
}  # fmt: skip


# %%
def network(sizes, m, seed=0):
    """A test point (W, b, X, Y): random weights, biases, inputs and targets."""
    rng = np.random.default_rng(seed)
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) for l in range(1, len(sizes))}
    b = {l: 0.5 * rng.normal(size=(sizes[l], 1)) for l in W}
    return W, b, rng.normal(size=(sizes[0], m)), rng.uniform(0.1, 0.9, size=(sizes[-1], m))


def run(backward, point):
    """What happens at this point, "crash", "shape", "silent" or "right", and the claim (dW, db), None after a crash.

    The exhibit gets copies: some change what they are given.
    """
    W, b, X, Y = point
    try:
        dW, db = backward({l: w.copy() for l, w in W.items()}, {l: c.copy() for l, c in b.items()}, X.copy(), Y.copy())
    except ValueError:
        return "crash", None
    if any(np.shape(dW[l]) != W[l].shape or np.shape(db[l]) != b[l].shape for l in W):
        return "shape", (dW, db)
    true_dW, true_db = numeric_gradient(W, b, X, Y)
    close = all(
        np.allclose(dW[l], true_dW[l], rtol=1e-6, atol=1e-12) and np.allclose(db[l], true_db[l], rtol=1e-6, atol=1e-12)
        for l in W
    )
    return ("right" if close else "silent"), (dW, db)


point = network([4, 5, 3, 2], m=6)
happened = {letter: run(exhibit, point)[0] for letter, exhibit in exhibits.items()}
figures.what_happened(happened, predictions)

# %% [markdown]
# Only two were so kind as to crash. Run the cell below for the same exhibits on a *square* network, 3-3-3 with m = 3, on which many a
# homework is tested: what becomes of the crashes?

# %%
square = network([3, 3, 3], m=3)
figures.what_happened({letter: run(exhibit, square)[0] for letter, exhibit in exhibits.items()}, {})

# %% [markdown]
# ## Find
#
# Now measure. Each panel below is one exhibit, each frame in it one array: dW[1] with db[1] beside it, then layer 2, then
# layer 3. A thin frame and white inside: right. A thick frame: wrong. Colour is the difference from the measured gradient, a dot
# says that it is negative, ✗ is a wrong shape. **Read from right to left**, as backpropagation goes: the first thick frame
# shows where the bug comes in.

# %%
claims = {letter: run(exhibit, point)[1] for letter, exhibit in exhibits.items()}
truth = numeric_gradient(*point)
figures.error_maps(claims, truth)

# %% [markdown]
# What the frames can tell. All of them thick: δ at the output, or the sum over the examples, which every dW and db goes through.
# Only the dW: not δ, but what it is multiplied by. The last layer thin, those before it thick: the way back. Here they are one at
# a time, and larger.

# %%
standing = [letter for letter, claim in claims.items() if claim is not None]
widgets.slider(lambda letter: figures.error_maps({letter: claims[letter]}, truth), "exhibit", standing, twin=["B"])

# %% [markdown]
# The numbers tell the rest. Here is how to look closer: the claim, divided by the measurement, entry by entry. G and H crash at
# this point and K has other shapes, so they leave nothing to divide: for them, write `square` in place of `point`.

# %% free
letter, where = "B", point
_, claim = run(exhibits[letter], where)
true_dW, true_db = numeric_gradient(*where)
for l in sorted(true_dW, reverse=True):
    print(f"layer {l}: claim / measured =\n{(claim[0][l] / true_dW[l]).round(3)}")

# %% [markdown]
# ### Name
#
# The names on the list below are those that the checks of chapter 03 use. It is longer than the museum. Copy a name from here and
# paste it.
#
# | | |
# |---|---|
# | **signs and factors** | flipped sign · missing 1/m · 1/m twice · factor 2 |
# | **σ′** | no σ′ at the output · no σ′ in hidden layers · σ′ of z · half of σ′ · σ′ averaged over the batch |
# | **the way back** | W not transposed · wrong layer's W · always the last W · σ′ before Wᵀ · W updated before it is used |
# | **dW** | a of the same layer · always X · dW transposed · outer product of means · only one example · only the last example · first layer skipped |
# | **db** | db not summed · db lost its axis · db zero |
#
# A worked example, exhibit M, not on show: `dW[l] = delta @ a[l].T`. Its dW[l] has the shape (n_l, n_l), its db is right. So it is
# not δ; the other factor belongs to the wrong layer. Its name: *a of the same layer*.
#
# **Your turn** (about 20 minutes, ●●○). One point for four names.


# %% answer="name_the_bug"
def name_the_bug(exhibits):
    """The name of the mistake in each exhibit.

    exhibits : the letters "A" … "L"
    returns a dict: letter → name, copied from the list above
    """
    ### BEGIN SOLUTION
    return {
        "A": "flipped sign",
        "B": "missing 1/m",
        "C": "no σ′ at the output",
        "D": "only the last example",
        "E": "outer product of means",
        "F": "db lost its axis",
        "G": "W not transposed",
        "H": "wrong layer's W",
        "I": "σ′ of z",
        "J": "W updated before it is used",
        "K": "always X",
        "L": "first layer skipped",
    }
    ### END SOLUTION


# %% check="name_the_bug"
check.name_the_bug(name_the_bug)

# %% [markdown]
# ## Repair
#
# Repairing is harder than writing anew: change as little as possible, and know that it was enough. As an example, exhibit A:
# its first frame from the right is thick in every entry, and claim / measured is −1 everywhere. J = 1/(2m) Σ (ŷ − y)² grows
# with ŷ where ŷ is too large, so the difference is the wrong way round:
#
# ```diff
# -    error = Y - a[L]
# +    error = a[L] - Y
# ```
#
# One line; everything after it may stay. Measured again, all frames are thin, so it was enough.
#
# Now four others (about 3 minutes each, ●○○ to ●●○). Copy the lines of the exhibit into the stub, below its docstring, and mend
# them there; the first line of the stub stays, for the check looks for that name. Each must be right for any number of layers
# and examples, and leave W, b, X and Y as they are.
#
# **Exhibit I**, the cheat sheet. x(1 − x) is the right function. Of what?

# %% free
check.predict("repair_1", ...)


# %% answer="repair_1"
def repair_1(W, b, X, Y):
    """Exhibit I, repaired.

    W, b : dicts 1 … L; W[l] (n_l, n_{l−1}), b[l] (n_l, 1)    X (n_0, m)    Y (n_L, m)
    returns (dW, db), dicts 1 … L, dW[l] = ∂J/∂W[l] like W[l], db[l] = ∂J/∂b[l] like b[l]
    """
    ### BEGIN SOLUTION
    slope = lambda u: u * (1 - u)
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * slope(a[L])}  # a(1 − a), not z(1 − z)
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * slope(a[l])
    dW = {l: delta[l] @ a[l - 1].T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db
    ### END SOLUTION


# %% check="repair_1"
check.repair_1(repair_1)

# %% [markdown]
# **Exhibit D**, one example after the other. Keep the loop over the examples.

# %% free
check.predict("repair_2", ...)


# %% answer="repair_2"
def repair_2(W, b, X, Y):
    """Exhibit D, repaired.

    W, b : dicts 1 … L; W[l] (n_l, n_{l−1}), b[l] (n_l, 1)    X (n_0, m)    Y (n_L, m)
    returns (dW, db), dicts 1 … L: the sums over the examples; each example's δ carries 1/m
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    dW = {l: np.zeros(W[l].shape) for l in W}
    db = {l: np.zeros(b[l].shape) for l in W}
    for j in range(m):
        a_j = {l: a[l][:, [j]] for l in a}
        delta = (a_j[L] - Y[:, [j]]) / m * a_j[L] * (1 - a_j[L])
        for l in range(L, 0, -1):
            dW[l] += delta @ a_j[l - 1].T
            db[l] += delta
            delta = (W[l].T @ delta) * a_j[l - 1] * (1 - a_j[l - 1])
    return dW, db
    ### END SOLUTION


# %% check="repair_2"
check.repair_2(repair_2)

# %% [markdown]
# **Exhibit J**, the script that saves a loop.

# %% free
check.predict("repair_3", ...)


# %% answer="repair_3"
def repair_3(W, b, X, Y):
    """Exhibit J, repaired: W, b, X and Y are the same after the call as before.

    W, b : dicts 1 … L; W[l] (n_l, n_{l−1}), b[l] (n_l, 1)    X (n_0, m)    Y (n_L, m)
    returns (dW, db), dicts 1 … L, all of them at the one point (W, b)
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (a[L] - Y) / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = delta @ a[l - 1].T
        db[l] = delta.sum(axis=1, keepdims=True)
        delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])  # with the W of the forward pass
    return dW, db
    ### END SOLUTION


# %% check="repair_3"
check.repair_3(repair_3)

# %% [markdown]
# **Exhibit H**, the port. Where do layers 1 … L begin to count in your head, and where in its author's?

# %% free
check.predict("repair_4", ...)


# %% answer="repair_4"
def repair_4(W, b, X, Y):
    """Exhibit H, repaired.

    W, b : dicts 1 … L; W[l] (n_l, n_{l−1}), b[l] (n_l, 1)    X (n_0, m)    Y (n_L, m)
    returns (dW, db), dicts 1 … L; δ[l] (n_l, m) comes from δ[l+1] (n_{l+1}, m)
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * a[l] * (1 - a[l])  # W[l+1] lies between l and l + 1
    dW = {l: delta[l] @ a[l - 1].T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db
    ### END SOLUTION


# %% check="repair_4"
check.repair_4(repair_4)

# %% [markdown]
# **See it.** Your four, measured at the same point as the exhibits: thin frames all over?

# %%
repaired = {"I, repaired": repair_1, "D, repaired": repair_2, "J, repaired": repair_3, "H, repaired": repair_4}
figures.error_maps({name: run(backward, point)[1] for name, backward in repaired.items()}, numeric_gradient(*point))

# %% [markdown]
# ## Write the test
#
# You have found twelve bugs by reading. Nobody reads that carefully every day. So write a function that does it: it gets a
# **claim**, (dW, db), and the point at which it is claimed, and says whether the claim is right *at this point*.
#
# Here is one that does it badly, as an example of the form. It compares the lengths of the gradients, a rule from chapter 02.


# %%
def accepts_by_norm(dW, db, W, b, X, Y):
    """A lazy test: only the lengths are compared."""
    true_dW, _ = numeric_gradient(W, b, X, Y)
    return all(abs(np.linalg.norm(dW[l]) - np.linalg.norm(true_dW[l])) < 1e-6 for l in W)


for letter, claim in claims.items():
    if claim is not None and accepts_by_norm(*claim, *point):
        print(f"accepts_by_norm accepts exhibit {letter}, which is wrong")

# %% [markdown]
# Your `accepts` is judged on claims that you have not seen: from more than 40 wrong implementations and 10 right ones, at eight
# points of different kinds, with gradients from 10⁻⁹ to 0.1. A claim counts, not its author: a forgotten 1/m is *no*
# mistake at m = 1, and a good test says so. Claims can have wrong shapes. An exception is not an answer.
#
# **How large a tolerance?** Two right ways of computing differ in their last digits, and a measurement has an error of its own: a
# complex step about 10⁻¹² of an array's largest entry, a central difference about 10⁻⁸. A bug is larger: in these claims at least
# 10⁻³. The tolerance belongs in between. And is 10⁻⁶ small? Not where all entries are near 10⁻⁹. (`np.allclose` has a tolerance
# of that kind built in: `atol=1e-08`.)
#
# $$\text{score} = \text{share of the wrong claims rejected} − \text{share of the right claims rejected}$$
#
# So a test that always says False earns nothing, just like one that always says True.
#
# **Your turn** (about 15 minutes, ●●●).

# %% free
check.predict("accepts", ...)


# %% answer="accepts"
def accepts(dW, db, W, b, X, Y):
    """Is (dW, db) the gradient of J at this point?

    dW, db : the claim, dicts keyed by layer; their arrays may have wrong shapes or wrong numbers
    W, b : dicts 1 … L    X (n_0, m)    Y (n_L, m)    the point
    returns True or False
    """
    ### BEGIN SOLUTION
    for claim, true in zip((dW, db), numeric_gradient(W, b, X, Y), strict=True):
        if claim.keys() != true.keys() or any(np.shape(claim[l]) != true[l].shape for l in true):
            return False
        if any(relative_error(claim[l], true[l]) > 1e-6 for l in true):
            return False
    return True
    ### END SOLUTION


# %% check="accepts"
check.accepts(accepts)

# %% [markdown]
# ## Choose the point
#
# A test needs a point (W, b, X, Y) to test at, a *fixture*, and the point decides what can be seen. Here is one as it stands
# in many a homework: one example, one layer, round numbers.


# %%
def lazy_fixture(rng):
    """Two inputs, one layer of two neurons, a single example."""
    W = {1: np.array([[0.1, 0.2], [0.3, 0.4]])}
    b = {1: np.zeros((2, 1))}
    return W, b, np.array([[1.0], [2.0]]), np.array([[0.0], [1.0]])


hidden = [letter for letter, exhibit in exhibits.items() if run(exhibit, lazy_fixture(None))[0] == "right"]
print(f"{len(hidden)} of 12 wrong exhibits give the right gradient at this point: {', '.join(hidden)}")

# %% [markdown]
# They are right there by accident. With a single example, a sum and a mean and the last one are the same. With a
# single layer nothing is ever carried back. No test can find what does not show.
#
# **Your turn** (about 8 minutes, ●●○): a point at which as many wrong implementations as possible differ from the truth. It
# is tried on 121 of them. Keep it small: at most 500 numbers in W, b and X.

# %% free
check.predict("fixture", ...)


# %% answer="fixture"
def fixture(rng):
    """A test point at which bugs show.

    rng : np.random.Generator; draw everything from it, so that the same rng gives the same point
    returns (W, b, X, Y): W, b dicts 1 … L, W[l] (n_l, n_{l−1}), b[l] (n_l, 1); X (n_0, m); Y (n_L, m)
             at most 500 numbers in W, b and X
    """
    ### BEGIN SOLUTION
    sizes, m = [4, 5, 3, 2], 6
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) for l in range(1, len(sizes))}
    b = {l: rng.normal(size=(sizes[l], 1)) for l in W}
    X = rng.normal(size=(sizes[0], m))
    Y = rng.uniform(size=(sizes[-1], m))
    return W, b, X, Y
    ### END SOLUTION


# %% check="fixture"
check.fixture(fixture)

# %% [markdown]
# **See it.** Your `accepts`, at your `fixture` and at five others, against the twelve bugs and a right implementation, your repaired D:
#
# - *killed*: the claim is wrong there, and your test says so. *crash*: the exhibit kills itself.
# - *hidden*: the claim is right **there**, by accident, and your test has to accept it. That is the fixture's fault.
# - ✗ *missed* and ✗ *false alarm*: your test is wrong about the claim.

# %%
W, b, X, Y = point
points = {
    "your\nfixture": fixture(np.random.default_rng(1)),
    "m = 1": network([4, 5, 3, 2], m=1),
    "one\nlayer": network([4, 3], m=5),
    "3-3-3\nm = 3": square,
    "weights\n0": ({l: 0 * w for l, w in W.items()}, b, X, Y),
    "Y = ŷ": (W, b, X, forward(W, b, X)[1][3]),
}


def fate(backward, at):
    """What becomes of one implementation at one point under your test."""
    outcome, claim = run(backward, at)
    if claim is None:
        return "crash"
    accepted = accepts(*claim, *at)
    if outcome == "right":
        return ("right" if backward is repair_2 else "hidden") if accepted else "false alarm"
    return "missed" if accepted else "killed"


rows = {**exhibits, "right": repair_2}
figures.kill_matrix(
    {name: {title: fate(backward, at) for title, at in points.items()} for name, backward in rows.items()}
)

# %% [markdown]
# Read it by columns. The test is the same in all of them; only the point changes, and with it what can be seen. **m = 1** hides
# all that sums over the examples wrongly. **One layer** hides the way back. **Zero weights** hide what lies below
# them. **Y = ŷ** hides nearly everything: there the gradient is zero, and any wrong factor of zero is right. A square
# network hides little from a test like yours, but it takes away the crashes, so a programmer *without* a test sees nothing.

# %% [markdown]
# ## What you can now answer
#
# - *It runs and the loss goes down. Is it right?* You have seen four that run, learn, and are wrong.
# - *The shapes fit. Is it right?* Eight of twelve had all shapes right.
# - *How do I know?* By a test that compares each entry of each array with a measured gradient, relative to its size, shapes
#   first, at a point at which nothing is equal by accident.
# - *Which point is that?* Three layers, all widths different and different from m, m > 1, biases not zero, targets off the outputs.

# %% free
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - DeMillo, Lipton and Sayward, *Hints on test data selection*, Computer 11 (1978), 34–41: testing tests by planting bugs. Their word
#   for what you did is *mutation testing*. They count killed mutants only; **false alarms** are your second scale.
# - Karpathy, *A recipe for training neural networks* (2019): "neural net training fails silently". A long list of checks; a
#   gradient check is **not** among them, because libraries now differentiate. You, too, will write layers of your own one day.
# - Michael Nielsen, *Neural Networks and Deep Learning*, chapter 2, has the four equations to read an exhibit against. His **J has 1/(2n)**
#   as ours has, but his code takes the **mean in the update**, so its δ carries no 1/m: by our list that would be exhibit B, and in his code it is right.
#
# Next: [05 training](../05_training/05_training.ipynb).
