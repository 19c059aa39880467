# %% [markdown]
# # 05 Training: where ∂J/∂W is used
#
# > *"I have ∂J/∂W now. What do I do with it? Set it to zero and solve, as at school?"*
#
# At school one sets the derivative to zero because one can solve the equation. Here it would be 2,260 equations, tangled
# in each other, that nobody can solve. So one does something humbler: look at the slope where you stand, take a small step down, look
# again. In this chapter you write that, train a network that reads handwritten digits, and then come back to the
# question: what *does* ∇J = 0 mean?
#
# | | |
# |---|---|
# | **After this chapter you can** | start, train and test a network; choose a learning rate and see a bad one; say when a network learns nothing although it is wrong; derive ŷ − y for softmax, and say why it is wrong with the squared cost; tell a minimum from a saddle |
# | **Time** | about 75 minutes, of which 50 for the exercises (an estimate) |
# | **Difficulty** | easy to medium, `train` a little more (an estimate) |
# | **You need** | `backward`, in the words of [03](../03_dJ_dW/03_dJ_dW.ipynb); the notation of [01](../01_notation/01_notation.ipynb) |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %% [markdown]
# From chapters 01 and 03, so that this one stands on its own: the forward pass, the cost and its gradient.


# %%
def sigmoid(z):
    """σ(z), entry by entry."""
    return 1 / (1 + np.exp(np.minimum(-z, 700)))


def forward(W, b, X):
    """z (keys 1 … L) and a (keys 0 … L) of every layer."""
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = sigmoid(z[l])
    return z, a


def cost(y_hat, Y):
    """J = 1/(2m) Σ (ŷ − y)²."""
    return np.sum((y_hat - Y) ** 2) / (2 * Y.shape[1])


def deltas(W, b, X, Y):
    """δ of every layer (keys 1 … L), and a."""
    L, (_, a) = len(W), forward(W, b, X)
    delta = {L: (a[L] - Y) / Y.shape[1] * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * a[l] * (1 - a[l])
    return delta, a


def backward(W, b, X, Y):
    """(dW, db), dicts with keys 1 … L."""
    delta, a = deltas(W, b, X, Y)
    dW = {l: delta[l] @ a[l - 1].T for l in W}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in W}
    return dW, db


def measured(f, x, h=1e-5):
    """∂f/∂x by central differences, an array like x. f takes such an array and gives one number."""
    slope = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = h
        slope[index] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return slope


# %% [markdown]
# The digits: 1,437 to learn from, and 360 that no training will see. They come in rows and are turned once, here. The
# targets are *one-hot*: ten numbers for each digit, 1 in the place of its label, 0 elsewhere.

# %%
from course_lib import figures, widgets

shown, unseen = cl.data.digits().split()
X, Y = shown.images.T, cl.data.one_hot(shown.labels)
X_unseen = unseen.images.T
print("X", X.shape, "  Y", Y.shape, "  unseen", X_unseen.shape)

# %% [markdown]
# Before any training, a network 64-30-10 with random numbers in it guesses. Of ten outputs the largest counts as its
# answer.

# %%
rng = np.random.default_rng(0)
W_random = {1: rng.uniform(-0.2, 0.2, (30, 64)), 2: rng.uniform(-0.2, 0.2, (10, 30))}
b_random = {1: np.zeros((30, 1)), 2: np.zeros((10, 1))}


def read(W, b, X):
    """The label with the largest output, for each column of X."""
    return forward(W, b, X)[1][len(W)].argmax(axis=0)


said = read(W_random, b_random, X_unseen)
print(f"{np.mean(said == unseen.labels):.0%} of the unseen digits are right")
figures.misread(unseen.images, unseen.labels, said)

# %% [markdown]
# ## A start that breaks the tie
#
# Which numbers should stand in W before the first step? Zero seems modest. But look at two hidden neurons with the same
# weights: they get the same inputs, so the same a; they send it on through the same weights, so they get the same δ;
# ∂J/∂W = δ aᵀ is the same, the step is the same, and they are the same again. For ever. Thirty equal neurons are one
# neuron. So the start must be **random**.
#
# How large? z is a sum over the inputs of a neuron. Add up n random numbers of spread 1, and the sum has spread √n:

# %%
for n in (4, 100, 2500):
    sums = rng.normal(size=(2000, n)).sum(axis=1)
    scaled = sums / np.sqrt(n)
    print(f"sum of {n:4} numbers: spread {sums.std():5.1f}      divided by √{n}: spread {scaled.std():.2f}")

# %% [markdown]
# If z is spread over ±50, every σ is saturated, and you know from chapter 03 what becomes of δ there. Divided by √n, z has about
# spread 1, where σ has its slope. So: **normal numbers divided by √(number of inputs)**. For b, zeros will do: the
# tie is broken already.
#
# ### The dice
#
# A function that draws from `np.random` gives another result each time, and nobody can repeat it. One that makes a
# generator for itself, `default_rng(0)`, always gives the same, and nobody can vary it. A function that *takes* a
# generator lets its caller decide:


# %%
def dice(throws, rng):
    """The sum of each of 3 throws with `throws` dice; rng decides which."""
    return rng.integers(1, 7, size=(3, throws)).sum(axis=1)


for seed in (0, 0, 1):
    print("seed", seed, "→", dice(2, np.random.default_rng(seed)))

# %% [markdown]
# **Your turn** (estimate: 7 minutes, easy): W and b for any sizes. Use `rng.normal(size=…)`.

# %% free
check.predict("initial_weights", ...)


# %% answer="initial_weights"
def initial_weights(sizes, rng):
    """Weights and biases to start a training with.

    sizes : [n_0, …, n_L]    rng : a generator, such as np.random.default_rng(0)
    returns (W, b), dicts with keys 1 … L
      W[l] (n_l, n_{l−1}) : random from rng, mean 0, spread about 1/√n_{l−1} (half to twice will do)
      b[l] (n_l, 1)       : zeros
    """
    ### BEGIN SOLUTION
    layers = range(1, len(sizes))
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1]) for l in layers}
    b = {l: np.zeros((sizes[l], 1)) for l in layers}
    return W, b
    ### END SOLUTION


# %% check="initial_weights"
check.initial_weights(initial_weights)

# %% [markdown]
# **See it.** z of the first layer, over all digits and all hidden neurons:

# %%
W_start, b_start = initial_weights([64, 30, 10], np.random.default_rng(1))
z1 = forward(W_start, b_start, X)[0][1]
print(f"z[1]: mean {z1.mean():+.2f}, spread {z1.std():.2f}, largest |z| {np.abs(z1).max():.1f}")

# %% [markdown]
# Of the order of 1, as wanted; rather less, because half of all pixels are white and add nothing to the sum. σ has its
# slope there.
#
# ## The update
#
# ∂J/∂w says how J changes when w *grows*. You want J to fall, so w goes the other way, and the steeper, the further:
#
# $$W_l \leftarrow W_l - \text{rate} \cdot \frac{∂J}{∂W_l}, \qquad b_l \leftarrow b_l - \text{rate} \cdot \frac{∂J}{∂b_l}$$
#
# The *learning rate* is a number that you choose. By hand, for one weight and J = ½(w − 3)², so ∂J/∂w = w − 3, start at
# w = 1, rate 0.5: 1 → 2 → 2.5 → 2.75. Each step halves the way to the minimum, and none of them knew where it was.
#
# In code, parameters are dicts. Here is another change of all weights: *weight decay*, which shrinks them a little. It
# makes new arrays in a new dict, and leaves the old ones as they were. (A new dict alone is not enough: `dict(W)` holds
# the very same arrays, and `W[l] -= …` writes into them.)


# %%
def decayed(W, share):
    """Every weight smaller by `share`: a new dict with new arrays."""
    return {l: W[l] - share * W[l] for l in W}


W_old = {1: np.array([[1.0, -2.0]]), 2: np.array([[4.0]])}
print(decayed(W_old, 0.1), " and still", W_old)

# %% [markdown]
# **Your turn** (estimate: 4 minutes, easy).

# %% free
check.predict("update", ...)


# %% answer="update"
def update(W, b, dW, db, rate):
    """One step of gradient descent: W − rate · ∂J/∂W and b − rate · ∂J/∂b, in every layer.

    W, b, dW, db : dicts with keys 1 … L; dW[l] like W[l], db[l] like b[l]
    rate : a positive number
    returns (W, b) : new dicts with new arrays
    """
    ### BEGIN SOLUTION
    return {l: W[l] - rate * dW[l] for l in W}, {l: b[l] - rate * db[l] for l in b}
    ### END SOLUTION


# %% check="update"
check.update(update)

# %% [markdown]
# **See it.** Three steps down with all 1,437 digits at once:

# %%
W_step, b_step = W_start, b_start
for step in range(4):
    a = forward(W_step, b_step, X)[1]
    print(f"after {step} steps: J = {cost(a[len(W_step)], Y):.4f}")
    W_step, b_step = update(W_step, b_step, *backward(W_step, b_step, X, Y), rate=0.5)  # * hands on the pair dW, db

# %% [markdown]
# ## Minibatches
#
# All digits for one step is thorough, and slow. The gradient of 16 digits points roughly the same way, for a ninetieth of
# the work. So one shuffles the examples, deals them out in small hands (*minibatches*), and takes a step for each hand.
# When all are dealt, one *epoch* is over, and one shuffles anew.
#
# Two rules. **Each example once in each epoch**, also those at the end that fill no whole hand. And **an example and its target
# stay together**.
#
# Here is how to deal. A function with `yield` hands out one piece after the other; a slice past the end is just shorter.


# %%
def hands(cards, size):
    """Deal the cards in hands of `size`; the last may be smaller."""
    for start in range(0, len(cards), size):
        yield cards[start : start + size]


print(list(hands("ABCDEFG", 3)))
print("a random order of 7 things:", np.random.default_rng(0).permutation(7))

# %% [markdown]
# **Your turn** (estimate: 8 minutes, medium). An index array picks columns: `X[:, [4, 0, 2]]` is the columns 4, 0
# and 2. You may `yield` pairs, or return a list of them.

# %% free
check.predict("minibatches", ...)


# %% answer="minibatches"
def minibatches(X, Y, size, rng):
    """All examples once, in random order, in pairs (X_batch, Y_batch); the last pair may be smaller.

    X : (n_0, m)    Y : (n_L, m), column k belongs to column k of X
    size : examples in one pair, a whole number ≥ 1    rng : a generator
    yields (X_batch, Y_batch) : (n_0, size) and (n_L, size)
    """
    ### BEGIN SOLUTION
    order = rng.permutation(X.shape[1])
    for start in range(0, len(order), size):
        cut = order[start : start + size]
        yield X[:, cut], Y[:, cut]
    ### END SOLUTION


# %% check="minibatches"
check.minibatches(minibatches)

# %% [markdown]
# **See it.** The first three minibatches of an epoch, by their labels:

# %%
for number, (_, Y_batch) in enumerate(minibatches(X, Y, 16, np.random.default_rng(0))):
    if number < 3:
        print(f"minibatch {number}: digits", *Y_batch.argmax(axis=0))

# %% [markdown]
# ## The training loop
#
# You have all the parts. A training is two loops: over the epochs, and in each over its minibatches. Each epoch deals
# anew: a generator hands out each minibatch once, and is then empty. After each epoch one notes J on *all* examples, to
# see whether it falls: one number per epoch.
#
# The pattern, on the one weight from above, with its history. Note what is kept from round to round.


# %%
def descend(w, *, steps, rate):
    """Gradient descent on ½(w − 3)²; returns w and the history of J, noted after each step."""
    history = []
    for _ in range(steps):
        w = w - rate * (w - 3)
        history.append(0.5 * (w - 3) ** 2)
    return w, history


descend(1.0, steps=3, rate=0.5)

# %% [markdown]
# **Your turn** (estimate: 12 minutes, medium). The check measures your weights itself: it lets them read 360 digits that the training
# did not see, and at least 95 % must be right. It also finds out, from your history, in which order you showed the examples.
# It takes about a second.

# %% free
check.predict("train", ...)


# %% answer="train"
def train(W, b, X, Y, *, epochs, rate, batch, rng):
    """Gradient descent by minibatches, from the weights that are given.

    W, b : dicts with keys 1 … L; they are left unchanged    X : (n_0, m)    Y : (n_L, m)
    epochs : how often all examples are shown    rate : learning rate
    batch : size of a minibatch    rng : a generator
    returns (W, b, history) : trained weights; a list of `epochs` numbers, J on all of X after each epoch
    """
    ### BEGIN SOLUTION
    history = []
    for _ in range(epochs):
        for X_batch, Y_batch in minibatches(X, Y, batch, rng):
            dW, db = backward(W, b, X_batch, Y_batch)
            W, b = update(W, b, dW, db, rate)
        history.append(cost(forward(W, b, X)[1][len(W)], Y))
    return W, b, history
    ### END SOLUTION


# %% check="train"
check.train(train)

# %% [markdown]
# **See it.** Your training, and what it still reads wrong. Would you have known them all?

# %%
how = {"epochs": 30, "rate": 3.0, "batch": 16}
W_read, b_read, history = train(W_start, b_start, X, Y, **how, rng=np.random.default_rng(0))
said = read(W_read, b_read, X_unseen)
print(f"{np.mean(said == unseen.labels):.1%} of the unseen digits are right")
figures.misread(unseen.images, unseen.labels, said)

# %% [markdown]
# What have the hidden neurons learned? Each has 64 weights, one for each pixel: fold them back into a picture.

# %%
figures.rows_as_pictures(W_start[1], W_read[1])

# %% [markdown]
# Spots and strokes: red where ink speaks for this neuron, blue (with dots) where it speaks against. Nobody put them
# there; each is a mixture of digits, added up by δ xᵀ. At the rim little has happened: those pixels are nearly always
# white, and a weight learns only when its input speaks.
#
# ### The learning rate
#
# Predict first: what does a rate do that is ten times too small? And one that is ten times too large? Then move the
# slider. (Without widgets, some rates stand below one another.)


# %%
def curve(rate):
    """J after each of 10 epochs with this learning rate."""
    rng = np.random.default_rng(0)
    return train(W_start, b_start, X, Y, epochs=10, rate=rate, batch=16, rng=rng)[2]


rates = [0.03, 0.3, 1, 3, 10, 30]
curves = {f"rate {rate:g}": curve(rate) for rate in rates}
draw = lambda rate: figures.chosen_curve(curves, f"rate {rate:g}")
widgets.slider(draw, "rate", rates, start=3, twin=[0.03, 3, 30])

# %% [markdown]
# Too small a rate is on the right way and does not arrive. Too large a one jumps: with 30 the first steps throw the
# outputs so far out that all ten say 0 for every digit. One of ten targets is then missed by 1, so J = ½, and there it
# stays. It does not even come down again slowly. Why not?

# %% [markdown]
# ## When the error does not arrive
#
# A saturated σ has almost no slope, and δ is multiplied by that slope in every layer that it passes. So a network can be
# **wrong and learn nothing**. Here is a network with five layers, 64-30-30-30-30-10. We look at the median size of δ in each
# layer, for three starts: as you wrote it, ten times narrower, and thirty times wider.


# %%
def sizes_of_delta(factor):
    """Median |δ| of each layer, times m, for a start that is `factor` times as wide as yours."""
    W, b = initial_weights([64, 30, 30, 30, 30, 10], np.random.default_rng(0))
    delta, _ = deltas({l: factor * W[l] for l in W}, b, X, Y)
    return {l: np.median(np.abs(delta[l])) * X.shape[1] for l in delta}


starts = {"as you wrote it": 1, "10 × narrower": 0.1, "30 × wider": 30}
figures.delta_by_layer({name: sizes_of_delta(factor) for name, factor in starts.items()})

# %% [markdown]
# Read it from right to left, as δ travels. A narrow start loses δ on the way, because each Wᵀ is small. A wide start
# loses it at once: the outputs are saturated, and wrong, and silent; its large Wᵀ only blow up what is left. Even the
# good start loses a factor of about four or more in each layer, since σ′ is at most ¼. This is why deep networks left σ for
# other activations, and why the *output* needs another cost. That comes next.

# %% [markdown]
# ## Softmax
#
# A digit is one of ten. So let the ten outputs be shares of one whole: positive, with sum 1. Softmax makes them from any z:
#
# $$ŷ_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$
#
# in each column by itself. By hand, z = (0, 1, 3): the exponentials are 1, 2.718 and 20.09, their sum is 23.80, the
# shares 0.042, 0.114 and 0.844.
#
# e⁷¹⁰ is too large for a float64, and a z of 1,000 is not rare. The way out is the one of chapter 01: rewrite it so that
# no exponent gets large. Here for log(eᵃ + eᵇ), where the larger of the two is pulled out in front:


# %%
def log_sum(a, b):
    """log(eᵃ + eᵇ), without overflow: the larger one, plus the logarithm of what is left."""
    larger = np.maximum(a, b)
    return larger + np.log(np.exp(a - larger) + np.exp(b - larger))


log_sum(np.array([0.0, 1000.0]), np.array([0.0, 999.0]))

# %% [markdown]
# **Your turn** (estimate: 6 minutes, easy). What may you pull out of a fraction, above and below? Columns can be on very
# different levels, so it must be something of each column.

# %% free
check.predict("softmax", ...)


# %% answer="softmax"
def softmax(z):
    """ŷ = e^z / Σ e^z, each column by itself; no overflow and no warning, also at ±1000.

    z : (n, m)
    returns ŷ : (n, m), entries ≥ 0 (a tiny share may round to 0), every column sums to 1
    """
    ### BEGIN SOLUTION
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)
    ### END SOLUTION


# %% check="softmax"
check.softmax(softmax)

# %% [markdown]
# **See it.** Two columns that differ by 1,000 throughout, and their softmax:

# %%
print(softmax(np.array([[0.0, 1000.0], [1.0, 1001.0], [3.0, 1003.0]])).round(3))

# %% [markdown]
# ## Cross-entropy
#
# How wrong is a share? If class k was right and the network gave it ŷ_k, one counts **−log ŷ_k**: nothing for ŷ = 1, 0.69
# for ½, and without end as ŷ goes to 0. Averaged over the examples:
#
# $$J = -\frac{1}{m} \sum_{\text{examples}} \sum_k y_k \log ŷ_k$$
#
# With one-hot targets only the right class counts; all others have y = 0. By hand, two examples whose right classes got 0.844 and
# 0.5: J = (0.170 + 0.693)/2 = 0.431.
#
# One trap. Where y is 0, ŷ may well be exactly 0, and `0 * np.log(0)` is not 0 but NaN. Many programs add a small number
# inside the logarithm. That changes J just where the network is most wrong. It is not needed: do not take logarithms
# that nobody asked for. Here it is for the entropy of a distribution, −Σ p log p:


# %%
def entropy(p):
    """−Σ p log p, where 0 · log 0 counts as 0."""
    inside = p > 0
    return -np.sum(p[inside] * np.log(p[inside]))


print(entropy(np.array([0.5, 0.5, 0.0])))

# %% [markdown]
# **Your turn** (estimate: 6 minutes, easy).

# %% free
check.predict("cross_entropy", ...)


# %% answer="cross_entropy"
def cross_entropy(y_hat, Y):
    """J = −1/m Σ y · log ŷ, natural logarithm; where y = 0 the term is 0, even if ŷ = 0.

    Exact: nothing is added to ŷ.
    y_hat, Y : (n_L, m); columns of both sum to 1, Y need not be one-hot
    returns J : one number; no warning
    """
    ### BEGIN SOLUTION
    wanted = Y > 0
    return -np.sum(Y[wanted] * np.log(y_hat[wanted])) / Y.shape[1]
    ### END SOLUTION


# %% check="cross_entropy"
check.cross_entropy(cross_entropy)

# %% [markdown]
# **See it.** The example by hand, and a network that knows nothing and gives each of ten classes the same share:

# %%
y_hat_hand = np.array([[0.042, 0.5], [0.114, 0.3], [0.844, 0.2]])
Y_hand = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
print(f"by hand          {cross_entropy(y_hat_hand, Y_hand):.3f}")
print(f"knowing nothing  {cross_entropy(np.full((10, 5), 0.1), np.eye(10)[:, :5]):.3f}")

# %% [markdown]
# ## δ without σ′
#
# Now the derivative that made this pair famous. For one example, put softmax into the cost. Because the targets sum to 1,
#
# $$J = -\sum_k y_k \log ŷ_k = -\sum_k y_k \Big( z_k - \log \sum_j e^{z_j} \Big) = -\sum_k y_k z_k + \log \sum_j e^{z_j}$$
#
# Differentiate by one z_k. The first part gives −y_k. The second gives e^{z_k} / Σ e^{z_j}, and that is ŷ_k:
#
# $$δ_k = \frac{∂J}{∂z_k} = ŷ_k - y_k$$
#
# There is no σ′ in it. It has not been forgotten: the logarithm in J undoes the exponential in ŷ. That holds for
# **this cost with this output** only.
#
# > **A mistake in circulation.** Since δ = ŷ − y is so handsome, it is used with the squared cost as well. There it
# > is wrong: ½‖ŷ − y‖² with a sigmoid has δ = (ŷ − y) ∘ ŷ(1 − ŷ), as you proved in chapter 03. The shortcut still
# > trains, which is why it survives. But it is the gradient of another cost than the one that is printed: with σ, of
# > −Σ (y log ŷ + (1 − y) log(1 − ŷ)).
#
# By hand: ŷ = (0.042, 0.114, 0.844), y = (0, 0, 1), m = 1. Then δ = (0.042, 0.114, −0.156). Its entries sum to 0: what
# one class gains, the others lose. And with m examples? As before, J is a mean.
#
# **Your turn** (estimate: 4 minutes, easy).

# %% free
check.predict("delta_softmax", ...)


# %% answer="delta_softmax"
def delta_softmax(y_hat, Y):
    """δ[L] = ∂J/∂z[L] for ŷ = softmax(z[L]) and J = −1/m Σ y · log ŷ.

    y_hat, Y : (n_L, m); columns of both sum to 1
    returns δ[L] : (n_L, m); it carries the 1/m of J
    """
    ### BEGIN SOLUTION
    return (y_hat - Y) / Y.shape[1]
    ### END SOLUTION


# %% check="delta_softmax"
check.delta_softmax(delta_softmax)

# %% [markdown]
# **See it.** Do not believe the derivation, measure: one example, and δ of both costs by central differences. Which of
# the lines below them agree?

# %%
z_out, y_out = np.array([[2.0], [-1.0], [0.5]]), np.array([[0.0], [0.0], [1.0]])
y_soft, y_sig = softmax(z_out), sigmoid(z_out)
measured_soft = measured(lambda z: cross_entropy(softmax(z), y_out), z_out)
measured_squared = measured(lambda z: cost(sigmoid(z), y_out), z_out)
for name, delta in {
    "softmax, cross-entropy, measured": measured_soft,
    "  your delta_softmax": delta_softmax(y_soft, y_out),
    "sigmoid, squared cost, measured": measured_squared,
    "  the shortcut ŷ − y": y_sig - y_out,
    "  (ŷ − y) ∘ ŷ(1 − ŷ)": (y_sig - y_out) * y_sig * (1 - y_sig),
}.items():
    print(f"{name:33}", *(f"{number:+.4f}" for number in delta.ravel()))

# %% [markdown]
# Yours, and the one with σ′. With the squared cost the shortcut is far off.
#
# Now the size of δ for an output that should be 0, against what it says. The squared cost falls silent where the error is
# worst; cross-entropy speaks loudest there.


# %%
def delta_squared(y_hat, Y):
    """δ[L] for sigmoid outputs and the squared cost (chapter 03)."""
    return (y_hat - Y) * y_hat * (1 - y_hat) / Y.shape[1]


figures.sure_and_wrong(delta_squared, delta_softmax)

# %% [markdown]
# Does it matter in a training? Start both from the same bad place, where the output biases make the network sure of one
# answer, whatever it sees. One counts the share of unseen digits that are read wrong.


# %%
def wrong_by_epoch(delta_of, output, rate, epochs=12):
    """Share of unseen digits read wrong after each epoch, from a start that is sure and wrong.

    delta_of(ŷ, Y) gives δ[2], output(z) the outputs
    """
    W, b = initial_weights([64, 30, 10], np.random.default_rng(1))
    b[2] = np.linspace(-12, 12, 10).reshape(-1, 1)
    rng, history = np.random.default_rng(0), []
    for _ in range(epochs):
        for X_batch, Y_batch in minibatches(X, Y, 16, rng):
            a1 = sigmoid(W[1] @ X_batch + b[1])
            delta2 = delta_of(output(W[2] @ a1 + b[2]), Y_batch)
            delta1 = W[2].T @ delta2 * a1 * (1 - a1)
            dW = {1: delta1 @ X_batch.T, 2: delta2 @ a1.T}
            db = {1: delta1.sum(axis=1, keepdims=True), 2: delta2.sum(axis=1, keepdims=True)}
            W, b = update(W, b, dW, db, rate)
        history.append(np.mean(read(W, b, X_unseen) != unseen.labels))
    return history


figures.loss_curves(
    {
        "squared cost": wrong_by_epoch(delta_squared, sigmoid, rate=3.0),
        "cross-entropy": wrong_by_epoch(delta_softmax, softmax, rate=0.5),
    },
    title="Share of unseen digits read wrong, from a start that is sure and wrong",
    measure="read wrong",
)

# %% [markdown]
# ## Where the gradient is zero
#
# Back to the question. An answer that circulates says: *at the solution ∇J = 0.* That is true of a minimum, and it is
# only half of it:
#
# - ∇J = 0 is **necessary** at a minimum, but **not sufficient**: it also holds at saddles and on mountain tops.
# - It is **not how one finds it**: nobody solves those equations. Descent only walks until the slope is small.
# - With numbers that are rounded, "zero" means *smaller than a tolerance*.
#
# A place with ∇J = 0 is called **critical**. Write the test, then let it speak of four places. All derivatives count: every ∂J/∂W
# and every ∂J/∂b. Here is a test of the same kind, on the weights themselves:


# %%
def all_small(W, limit):
    """Is every weight of every layer between −limit and limit?"""
    return bool(max(np.abs(W[l]).max() for l in W) <= limit)


print(all_small(W_start, 1.0), all_small(W_read, 1.0))

# %% [markdown]
# **Your turn** (estimate: 6 minutes, easy).

# %% free
check.predict("critical", ...)


# %% answer="critical"
def critical(W, b, X, Y, tol):
    """Is ∇J = 0 here, to the tolerance tol?

    True if every |entry| of every ∂J/∂W[l] and every ∂J/∂b[l] is at most tol.
    W, b : dicts with keys 1 … L    X : (n_0, m)    Y : (n_L, m)    tol : a number ≥ 0
    returns True or False
    """
    ### BEGIN SOLUTION
    dW, db = backward(W, b, X, Y)
    return bool(max(np.abs(g).max() for g in [*dW.values(), *db.values()]) <= tol)
    ### END SOLUTION


# %% check="critical"
check.critical(critical)

# %% [markdown]
# **See it.** Four places. XOR is the smallest problem that no single line solves: the target is 1 if *one* of two
# inputs is 1. And a start with all zeros.


# %%
def zeros(*sizes):
    """All weights and biases 0."""
    W, b = initial_weights(sizes, np.random.default_rng(0))
    return {l: 0 * W[l] for l in W}, {l: 0 * b[l] for l in b}


X_xor = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
Y_xor = np.array([[0.0, 1.0, 1.0, 0.0]])
W_own, b_own = initial_weights([2, 3, 1], np.random.default_rng(0))
Y_own = forward(W_own, b_own, X_xor)[1][len(W_own)]
places = {
    "a network that is right (targets = its own outputs)": (W_own, b_own, X_xor, Y_own),
    "XOR, all weights 0": (*zeros(2, 2, 1), X_xor, Y_xor),
    "digits, all weights 0": (*zeros(64, 30, 10), X, Y),
    "digits, after your training": (W_read, b_read, X, Y),
}
for name, (W, b, X_at, Y_at) in places.items():
    J = cost(forward(W, b, X_at)[1][len(W)], Y_at)
    print(f"{name:52} J = {J:.4f}   critical to 1e-10: {critical(W, b, X_at, Y_at, 1e-10)}")

# %% [markdown]
# The first is a minimum: J cannot be lower than 0. The last reads nearly all digits and is not critical: training stops when
# it is good enough, long before ∇J = 0. The two in the middle need a closer look.
#
# **XOR at zero is critical and no minimum.** All four outputs are ½; two should be higher and two lower. ∂J/∂b[2] is the
# sum of their four δ, ∂J/∂W[2] the same sum times a[1] = ½, and it cancels. And no δ comes through W[2] = 0 to the first
# layer. Descent that starts there stays there, with J = ⅛, for ever. But there are ways down. Take two weights: s scales
# the first layer (one neuron that fires for *at least one*, one for *both*), t the second.


# %%
def J_xor(s, t):
    """J of XOR for W₁ = s·(1, 1; 1, 1), b₁ = −s·(½, 1½), W₂ = t·(1, −1); b₂ makes the mean of z₂ zero."""
    W = {1: s * np.ones((2, 2)), 2: t * np.array([[1.0, -1.0]])}
    b = {1: -s * np.array([[0.5], [1.5]]), 2: np.zeros((1, 1))}
    b[2] = -forward(W, b, X_xor)[0][2].mean(keepdims=True)
    return cost(forward(W, b, X_xor)[1][len(W)], Y_xor)


path = [np.array([1.5, 0.3])]
for _ in range(400):
    path.append(path[-1] - 8.0 * measured(lambda st: J_xor(*st), path[-1]))

names = ("s, the scale of the first layer", "t, the scale of the second")
figures.loss_surface(J_xor, 9, path, names)

# %% [markdown]
# In the middle the map is flat: that is ∇J = 0. Along one diagonal J falls, along the other it rises: a **saddle**. A
# start a little off the middle finds the valley. It is slow at first, since near a saddle there is hardly any slope.
#
# **The digits at zero are not critical**, and yet they are no start. Look at the gradient layer by layer, and then at
# what a training makes of it.

# %%
W_zero, b_zero = zeros(64, 30, 10)
dW, db = backward(W_zero, b_zero, X, Y)
for l in (1, 2):
    W_slope, b_slope = np.abs(dW[l]).max(), np.abs(db[l]).max()
    print(f"layer {l}: largest |∂J/∂W| = {W_slope:.4f}, largest |∂J/∂b| = {b_slope:.4f}")

W_zero, b_zero, history_zero = train(W_zero, b_zero, X, Y, **how, rng=np.random.default_rng(0))
different = len(np.unique(W_zero[1].round(12), axis=0))
right = np.mean(read(W_zero, b_zero, X_unseen) == unseen.labels)
print(f"after 30 epochs: {different} different hidden neuron(s) of 30, {right:.0%} right")
figures.loss_curves({"random start": history, "all-zero start": history_zero})

# %% [markdown]
# - **Not critical**: all ten outputs say ½ and each should be 1 for a tenth of the digits only. Here nothing cancels, and
#   ∂J/∂b[2] and ∂J/∂W[2] are not 0. Descent leaves this place.
# - **∂J/∂W[1] = 0** all the same: δ[1] = W[2]ᵀ δ[2] ∘ σ′, and W[2] is 0.
# - **And the tie stays.** All thirty a[1] are ½, so ∂J/∂W[2] has thirty equal columns, and so has W[2] after the step.
#   Through equal columns all thirty hidden neurons get the same δ, and W[1] gets thirty equal rows. From then on W[1] moves
#   too, but its neurons move *together*: a symmetry that never breaks. All this training has is one neuron, thirty times over.
#
# Not a zero slope was the trouble, but the tie.

# %% [markdown]
# ## What you can now answer
#
# - *What do I do with ∂J/∂W?* W − rate · ∂J/∂W, again and again, on small hands of shuffled examples.
# - *Set it to zero and solve?* No. ∇J = 0 holds at a minimum, but also at a saddle, and nobody can solve for it.
# - *Why random weights?* Equal neurons stay equal. *How large?* So that z has spread 1.
# - *Why does my network learn nothing although it is wrong?* Saturated σ: the error does not arrive. Look at |δ| by layer.
# - *Is δ = ŷ − y?* For softmax with cross-entropy. With a sigmoid and the squared cost there is a σ′.
# - *And ∂J/∂X?* Nowhere in this chapter did the *data* move. That is true of training, and of training only.

# %% free
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - Michael Nielsen, *Neural Networks and Deep Learning*, chapters 1 and 3: digits with σ and the squared cost, then why
#   cross-entropy. His first program starts with **unscaled** normal weights; chapter 3 mends that with the same 1/√n as here.
# - Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks* (2010): the spread of the
#   start, worked out. Their 2/(n_in + n_out) assumes activations that are **linear near 0 with slope 1**; σ has slope ¼.
# - LeCun, Bottou, Orr and Müller, *Efficient BackProp* (1998): shuffling, learning rates and starts, still good advice.
#   Recommended there is a scaled **tanh**, not σ, for the reason in *When the error does not arrive*.
# - Dauphin and others, *Identifying and attacking the saddle point problem* (2014): why, with many weights, a place
#   with ∇J = 0 is far more often a **saddle** than a bad minimum.
#
# Next: [06 ∂J/∂X](../06_dJ_dX/06_dJ_dX.ipynb).
