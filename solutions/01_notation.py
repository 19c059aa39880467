# %% [markdown]
# # 01 z, a, and the forward pass
#
# > *"Every formula has z and a in it. Which is which? And why does W₁X + b₁ stop with an error on my data?"*
#
# Half of all quarrels about backpropagation are quarrels about notation: is an observation a row or a column, does W
# stand left or right of X, is "the derivative by a" meant or "the derivative by z"? We settle these first. At the end
# you take a formula that circulates, see why it fails, see when it is wrong without failing, and repair it.
#
# | | |
# |---|---|
# | **After this chapter you can** | name every quantity of a network and its shape; write the forward pass for any number of layers; see from shapes alone which products exist, and know which one is meant |
# | **Time** | about 75 minutes (an estimate); a good place for a break is before *The cost* |
# | **Difficulty** | easy, `layer_forward` and `forward` a little more (an estimate) |
# | **You need** | the matrix product, and [00](../00_start_here/00_start_here.ipynb) for how a check speaks |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %%
from course_lib import figures, widgets

figures.network_names()

# %% [markdown]
# ## z and a
#
# A neuron does two things, one after the other.
#
# 1. It **collects**: it multiplies each of its inputs by a weight, adds them up, adds its bias. The sum is **z**.
# 2. It **answers**: it sends z through σ, which squeezes any number into (0, 1). The answer is **a**.
#
# z is what goes in, a is what comes out. What a neuron sends to the next layer is a, never z. In chapter 03 both will
# be needed, so the forward pass keeps both.
#
# The input of a network is nobody's answer, but the first layer treats it as one. So we call it **a[0]**: then every
# layer has the same two lines, `z[l] = W[l] @ a[l-1] + b[l]` and `a[l] = σ(z[l])`, and none is special.

# %% [markdown]
# ## Notation card
#
# The same in all chapters; come back here whenever a symbol puzzles you.
#
# | symbol, in code | what | shape |
# |---|---|---|
# | $L$, in code `len(W)` | number of layers; layers are numbered 1 … L | |
# | $n_l$ | number of neurons in layer l; $n_0$ is the number of inputs | |
# | $m$, in code `X.shape[1]` | number of observations (examples) | |
# | `X = a[0]` | inputs, **one column for each observation** | $(n_0, m)$ |
# | `W[l]` | weights into layer l: row = neuron of layer l, column = neuron of layer l−1 | $(n_l, n_{l-1})$ |
# | `b[l]` | biases of layer l: a column, two axes | $(n_l, 1)$ |
# | `z[l] = W[l] @ a[l-1] + b[l]` | what the neurons of layer l collect | $(n_l, m)$ |
# | `a[l] = σ(z[l])` | what they answer | $(n_l, m)$ |
# | `ŷ = a[L]`, in code `y_hat` | what the network says | $(n_L, m)$ |
# | `Y` | what it should say | $(n_L, m)$ |
# | J = 1/(2m) · Σ ‖ŷ − y‖² | the cost: one number; m = 1 gives the well-known ½‖ŷ − y‖² | |
# | `delta[l]` = ∂J/∂z[l] | how J feels each z (from chapter 03 on); carries J's 1/m | $(n_l, m)$ |
# | `dW[l]` = ∂J/∂W[l], `db[l]` = ∂J/∂b[l] | how J feels weights and biases | like W[l], b[l] |
# | ∘ , in code `*` | product entry by entry; `@` is the matrix product | |
#
# `W, b, z, a, delta, dW, db` are **dicts with the layer's number as key**. So code reads like the formula, and a wrong
# layer is a `KeyError`, not a wrong number. Every function that takes `(W, b, …)` means σ in every layer and this J.
#
# Code counts neurons from 0, so `W[2][0, 1]` is the weight from the second neuron of layer 1 to the first of layer 2.

# %% [markdown]
# ## σ
#
# $$σ(z) = \frac{1}{1 + e^{-z}}$$
#
# For large z, e⁻ᶻ is tiny and σ is nearly 1. For very negative z, e⁻ᶻ is huge and σ is nearly 0.
#
# *Huge* is where the trouble starts. `np.exp(710)` is already more than a float64 can hold: NumPy gives `inf` and a
# warning. The result, 1/(1 + inf) = 0, happens to be right, but a warning for a good input is a fault: one day it hides
# a warning that matters.
#
# The way out is always the same: **rewrite it so that no exponent gets large**. Here it is for another function,
# log(1 + eᶻ), which overflows in the same way.


# %%
def softplus(z):
    """log(1 + eᶻ) for z of any shape, as max(z, 0) + log(1 + e^−|z|): no exponent above 0."""
    z = np.asarray(z, dtype=float)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


softplus([-1000, 0, 1000])

# %% [markdown]
# ### Numbers
#
# Everything in this course is **float64**. `np.asarray(z, dtype=float)` makes it so, whatever comes in: a list, whole
# numbers, a single number. Without it, an array made like one of whole numbers (`np.zeros_like`) is one of whole numbers
# too, and cuts every value that you write into it.
#
# **Your turn** (estimate: 8 minutes, easy): σ for any shape, without a warning at ±1000. Predict first.

# %% free
check.predict("sigmoid", ...)


# %% answer="sigmoid"
def sigmoid(z):
    """σ(z) = 1 / (1 + e⁻ᶻ), entry by entry.

    z : array of any shape, or a number; floats or whole numbers, up to ±1000 and beyond
    returns a : float64, shape like z; no warning
    """
    ### BEGIN SOLUTION
    z = np.asarray(z, dtype=float)
    return 1 / (1 + np.exp(np.minimum(-z, 700)))  # e⁷⁰⁰ still fits; σ is below 1e-300 there in any case
    ### END SOLUTION


# %% check="sigmoid"
check.sigmoid(sigmoid)

# %% [markdown]
# **See it.** Drawn from your function. The dashed line is its slope, measured by central differences: (σ(z + h) − σ(z − h)) / 2h.

# %%
figures.sigmoid_and_slope(sigmoid)

# %% [markdown]
# Keep two things in mind for chapter 03. The slope is never larger than ¼. And where |z| is large there is almost no
# slope: such a neuron is *saturated*, and learns slowly, however wrong it is.

# %% [markdown]
# ## One layer
#
# A layer is many neurons that listen to the same inputs. Each has its own row of weights, so the rows stacked up are a
# matrix W, and all the sums are one matrix product. With the observations side by side, as columns, the same product
# serves all of them at once:
#
# $$\underbrace{z}_{n × m} = \underbrace{W}_{n × n_{prev}} \; \underbrace{a_{prev}}_{n_{prev} × m} + \underbrace{b}_{n × 1}$$
#
# Here with two neurons, two inputs, three observations. Check one entry of z by hand: second neuron, third observation.

# %%
W_example = np.array([[1.0, -1.0], [2.0, 0.0]])
b_example = np.array([[1.0], [-1.0]])
X_example = np.array([[1.0, 0.0, 3.0], [2.0, 1.0, 0.0]])

print("W @ X =\n", W_example @ X_example, sep="")
print("z = W @ X + b =\n", W_example @ X_example + b_example, sep="")

# %% [markdown]
# ### The broadcasting trap
#
# b is (n, 1) and W @ X is (n, m). NumPy repeats the column b for each observation: that is *broadcasting*, and here it is
# what we want. It is not what we want when b has lost its second axis. Read the next output slowly.

# %%
zeros = np.zeros((3, 3))
b_column = np.array([[10], [20], [30]])
b_flat = np.array([10, 20, 30])

print("b of shape (3, 1): each neuron, a row, has its own bias\n", zeros + b_column, sep="")
print("b of shape (3,): each observation, a column, has its own bias\n", zeros + b_flat, sep="")
print("with one observation, (3, 1) + (3,) gives even another shape:", (np.zeros((3, 1)) + b_flat).shape)

# %% [markdown]
# No error, no warning, wrong numbers. NumPy lines shapes up **from the right**, so a flat b runs along the columns. If the
# batch has another size than the layer you get an error; if it has the same size, or is a single example, you get this.
#
# A function can protect its user: look at the shape first, and **refuse** with words. A refusal names what came and what
# was wanted. Here is one that does.


# %%
def scale_rows(A, s):
    """Row i of A (n, m) times s[i]; s has shape (n, 1). Raises ValueError for any other shape of s."""
    if s.shape != (A.shape[0], 1):
        raise ValueError(f"s has shape {s.shape}, wanted {(A.shape[0], 1)}: one row for each row of A")
    return A * s


try:
    scale_rows(np.ones((3, 3)), b_flat)
except ValueError as error:
    print("refused:", error)

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): one layer, which gives both z and a, and refuses a b that is no column.

# %% free
check.predict("layer_forward", ...)


# %% answer="layer_forward"
def layer_forward(W, b, a_prev):
    """What one layer collects and answers: z = W a_prev + b, a = σ(z).

    W : (n, n_prev)    b : (n, 1)    a_prev : (n_prev, m), one column for each observation
    returns (z, a), both (n, m)
    raises ValueError, with words, if b has any other shape than (n, 1)
    """
    ### BEGIN SOLUTION
    if b.shape != (W.shape[0], 1):
        raise ValueError(f"b has shape {b.shape}, wanted {(W.shape[0], 1)}: one row for each neuron")
    z = W @ a_prev + b
    return z, sigmoid(z)
    ### END SOLUTION


# %% check="layer_forward"
check.layer_forward(layer_forward)

# %% [markdown]
# **See it.** Your layer on the three observations from above; compare with the z that you checked by hand.

# %%
z_example, a_example = layer_forward(W_example, b_example, X_example)
print("z =\n", z_example, "\na =\n", a_example.round(4), sep="")

# %% [markdown]
# ## The whole network
#
# A network is its layers, one after the other: the a of one is the input of the next. That sentence is the whole
# program, and it is also the seed of the answer to this course's question: **a[l−1] is the X of layer l.**
#
# Take two inputs, two hidden neurons, one output. Go through it with a pencil before you go on: W₁ is the matrix from
# above, W₂ = (1, −2), b₂ = 1, and the observation is x = (1, 2).
#
# | step | with numbers | result |
# |---|---|---|
# | z[1] = W[1] x + b[1] | 1·1 − 1·2 + 1 and 2·1 + 0·2 − 1 | 0 and 1 |
# | a[1] = σ(z[1]) | σ(0) and σ(1) | 0.5 and 0.7311 |
# | z[2] = W[2] a[1] + b[2] | 1·0.5 − 2·0.7311 + 1 | 0.0379 |
# | a[2] = σ(z[2]) = ŷ | σ(0.0379) | 0.5095 |
#
# In code, the layers are walked through with a loop over their numbers, and what they give is kept in dicts. Here is
# such a walk, which notes the shape of each z.


# %%
def shapes_of_z(W, m):
    """{l: shape of z[l]} for a batch of m observations. Layers are numbered 1 … L; L is len(W)."""
    shapes = {}
    for l in range(1, len(W) + 1):
        shapes[l] = (W[l].shape[0], m)
    return shapes


W_small = {1: np.array([[1.0, -1.0], [2.0, 0.0]]), 2: np.array([[1.0, -2.0]])}
b_small = {1: np.array([[1.0], [-1.0]]), 2: np.array([[1.0]])}
X_small = np.array([[1.0], [2.0]])

shapes_of_z(W_small, m=1)

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): the forward pass through any number of layers, keeping every z and a.

# %% free
check.predict("forward", ...)


# %% answer="forward"
def forward(W, b, X):
    """Forward pass: a[0] = X; z[l] = W[l] a[l−1] + b[l] and a[l] = σ(z[l]) for l = 1 … L.

    W, b : dicts with keys 1 … L; W[l] (n_l, n_{l−1}), b[l] (n_l, 1)    X : (n_0, m)
    returns (z, a), dicts: z has keys 1 … L, a has keys 0 … L; z[l] and a[l] are (n_l, m)
    """
    ### BEGIN SOLUTION
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l], a[l] = layer_forward(W[l], b[l], a[l - 1])
    return z, a
    ### END SOLUTION


# %% check="forward"
check.forward(forward)

# %% [markdown]
# **See it.** Your own numbers, layer by layer: z → a in each neuron, weights on the arrows. Move the slider and compare
# with your pencil. (Without widgets, the steps stand below one another.)

# %%
z_small, a_small = forward(W_small, b_small, X_small)
widgets.steps(
    lambda l: figures.network_numbers(W_small, b_small, z_small, a_small, upto=l),
    ["X", "layer 1", "layer 2"],
    title="forward, up to",
)

# %% [markdown]
# Now play: change the input, a weight, a bias, and run the cell again. Can you find an x for which both hidden neurons
# answer more than 0.9?

# %% free
W_play = {1: np.array([[1.0, -1.0], [2.0, 0.0]]), 2: np.array([[1.0, -2.0]])}
b_play = {1: np.array([[1.0], [-1.0]]), 2: np.array([[1.0]])}
X_play = np.array([[1.0], [2.0]])
figures.network_numbers(W_play, b_play, *forward(W_play, b_play, X_play))

# %% [markdown]
# ## The cost
#
# How wrong is the network? One number must say it, for all outputs and all observations together:
#
# $$J = \frac{1}{2m} \sum_{\text{observations}} ‖ŷ − y‖^2$$
#
# The squares of one observation are **added** over its outputs. The sums are **averaged** over the m observations. The ½
# is there for the derivative: it cancels the 2 that comes down from the square. In chapter 03 you will see which
# mistakes that small ½ and that small 1/m give rise to.
#
# By hand, two outputs and two observations:
#
# | | observation 1 | observation 2 |
# |---|---|---|
# | ŷ | 0.6 and 0.2 | 0.5 and 0.9 |
# | y | 1 and 0 | 0 and 1 |
# | (ŷ − y)² | 0.16 + 0.04 = 0.20 | 0.25 + 0.01 = 0.26 |
#
# J = (0.20 + 0.26) / (2 · 2) = 0.115.
#
# **Your turn** (estimate: 5 minutes, easy): the cost. Try it on this example.

# %% free
check.predict("cost", ...)


# %% answer="cost"
def cost(y_hat, Y):
    """J = 1/(2m) · Σ (ŷ − y)², over all outputs and all observations.

    y_hat, Y : (n_L, m), one column for each observation
    returns J : one number
    """
    ### BEGIN SOLUTION
    m = Y.shape[1]
    return np.sum((y_hat - Y) ** 2) / (2 * m)
    ### END SOLUTION


# %% check="cost"
check.cost(cost)

# %% [markdown]
# **See it.** The example by hand, and the small network, if y = 1 was wanted. The same two observations twice over give
# the same J: that is what 1/m does.

# %%
y_hat_hand = np.array([[0.6, 0.5], [0.2, 0.9]])
Y_hand = np.array([[1.0, 0.0], [0.0, 1.0]])
print(f"by hand        {cost(y_hat_hand, Y_hand):.4f}")
print(f"twice over     {cost(np.hstack([y_hat_hand, y_hat_hand]), np.hstack([Y_hand, Y_hand])):.4f}")
print(f"small network  {cost(a_small[2], np.array([[1.0]])):.4f}")

# %% [markdown]
# ## Observations are columns
#
# In this course, as in most of the mathematics, an observation is a **column** of X. Data do not come that way. A table,
# a CSV file, a photo album come with one observation per **row**. So somebody has to turn them, and the rule that keeps
# you out of trouble is: **once, at the door, visibly.**

# %%
digits = cl.data.digits()
digits.images.shape  # 1797 handwritten digits, one per row, 8 × 8 = 64 pixels each

# %% [markdown]
# **Your turn** (estimate: 3 minutes, easy): from rows to columns.

# %% free
check.predict("to_columns", ...)


# %% answer="to_columns"
def to_columns(rows):
    """X from a table: observations in rows become observations in columns.

    rows : (m, n), one row for each observation
    returns X : (n, m), one column for each observation
    """
    ### BEGIN SOLUTION
    return rows.T
    ### END SOLUTION


# %% check="to_columns"
check.to_columns(to_columns)

# %% [markdown]
# **See it.** Each column of X, folded back into 8 × 8 pixels: above from your function, below from a `reshape` to the very
# same shape.

# %%
figures.columns_of_digits(to_columns, digits.images)

# %% [markdown]
# Both arrays are (64, 1797). A shape is a promise about numbers of rows and columns; it says nothing about what stands
# in them. Remember this picture when a network trains, and does not learn.

# %% [markdown]
# ## Which products exist?
#
# A matrix product needs its two **inner** numbers equal: (4, **3**) times (**3**, 5) gives (4, 5). With W and X there
# are four products to choose from: W X, X W, W Xᵀ and X Wᵀ. A transpose swaps the two numbers of a shape.

# %%
figures.shape_ribbons((4, 3), (3, 5))

# %% [markdown]
# The thick edges are the inner numbers. Only one of the four fits here: W X.
#
# **Your turn** (estimate: 8 minutes, medium): a function that solves this puzzle for any two shapes. In its answers, `"WXt"`
# stands for W Xᵀ and `"XWt"` for X Wᵀ.

# %% free
check.predict("possible", ...)


# %% answer="possible"
def possible(W_shape, X_shape):
    """Which products of W and X exist.

    W_shape, X_shape : two whole numbers each, such as (4, 3)
    returns a set, a subset of {"WX", "XW", "WXt", "XWt"}; t stands for transposed, so "WXt" is W Xᵀ
    """
    ### BEGIN SOLUTION
    shapes = {"W": W_shape, "X": X_shape, "Wt": W_shape[::-1], "Xt": X_shape[::-1]}
    products = {"WX": ("W", "X"), "XW": ("X", "W"), "WXt": ("W", "Xt"), "XWt": ("X", "Wt")}
    return {name for name, (left, right) in products.items() if shapes[left][1] == shapes[right][0]}
    ### END SOLUTION


# %% check="possible"
check.possible(possible)

# %% [markdown]
# **See it**, and try shapes of your own. Two cases are worth a look: data in rows, `(4, 3)` and `(5, 3)`, and the square
# case, `(4, 4)` and `(4, 4)`.

# %% free
print(sorted(possible((4, 3), (5, 3))))
figures.shape_ribbons((4, 3), (5, 3))

# %% free
print(sorted(possible((4, 4), (4, 4))))
figures.shape_ribbons((4, 4), (4, 4))

# %% [markdown]
# With 4 observations of 4 inputs **all four** exist, and only one of them is z. Which one is *meant* depends on what the
# rows of X are, and no shape knows that:
#
# | an observation is | meant is | result |
# |---|---|---|
# | a column of X, as here | W X | one column for each observation |
# | a row of X | X Wᵀ, or its transpose W Xᵀ | one row, or one column, for each observation |
#
# This explains what you find elsewhere. PyTorch's `nn.Linear` takes rows and computes X Wᵀ + b. Keras' `Dense` takes rows
# too, and stores its weights the other way round, as (inputs, neurons): X K + b. MATLAB's networks take columns: W X + b.
# All three are the same layer.

# %% [markdown]
# ## A formula that circulates
#
# A popular answer to our question describes a network with one hidden layer like this:
#
# > *X has one row per observation. The output is σ(W₂ σ(W₁ X + b₁) + b₂).*
#
# It is a good answer, and the slip in it is one that you can now see. The second sentence needs columns. Let us take
# both sentences by their word, with n₀ = 4 inputs, first for 6 observations, then for 4.


# %%
def posted(W1, b1, W2, b2, X_rows):
    """The formula as posted, applied to observations in rows."""
    return sigmoid(W2 @ sigmoid(W1 @ X_rows + b1) + b2)


rng = np.random.default_rng(2)
W1, b1 = rng.normal(size=(5, 4)), rng.normal(size=(5, 1))
W2, b2 = rng.normal(size=(3, 5)), rng.normal(size=(3, 1))

for m in (6, 4):
    try:
        print(f"m = {m}: no complaint, shape {posted(W1, b1, W2, b2, rng.normal(size=(m, 4))).shape}")
    except ValueError:
        print(f"m = {m}: W1 {W1.shape} @ X {(m, 4)} does not exist, an error")

# %% [markdown]
# The error is the good case. With m = n₀ nothing complains, and the numbers are wrong: W₁ X now adds up the same input
# over *different observations*.
#
# **Your turn** (estimate: 8 minutes, medium): repair it. Rows come in, rows go out, and it is right for every m, m = n₀
# included. It is not allowed to guess: `if X.shape[0] == …` cannot know what a square X means.

# %% free
check.predict("repaired_forward", ...)


# %% answer="repaired_forward"
def repaired_forward(W1, b1, W2, b2, X_rows):
    """Outputs of a network with one hidden layer, for observations in rows.

    σ(W₂ σ(W₁ X + b₁) + b₂) is the formula as posted; here it is repaired.

    W1 : (n_1, n_0)    b1 : (n_1, 1)    W2 : (n_2, n_1)    b2 : (n_2, 1)
    X_rows : (m, n_0), one row for each observation
    returns (m, n_2), one row for each observation
    """
    ### BEGIN SOLUTION
    _, a = forward({1: W1, 2: W2}, {1: b1, 2: b2}, to_columns(X_rows))
    return a[2].T
    ### END SOLUTION


# %% check="repaired_forward"
check.repaired_forward(repaired_forward)

# %% [markdown]
# **See it.** Four observations of four inputs: your outputs, those of the posted formula, and the difference.

# %%
X_rows = 2 * rng.normal(size=(4, 4))
figures.silent_mistake(repaired_forward(W1, b1, W2, b2, X_rows), posted(W1, b1, W2, b2, X_rows).T)

# %% [markdown]
# ## What you can now answer
#
# - *What is z, and what is a?* z is what a neuron collects, a what it answers. a[l−1] is the X of layer l.
# - *Why does W₁X + b₁ fail on my data?* Because they come in rows. Turn them once, at the door.
# - *Why is "it runs" no proof?* Because m = n, or b of shape (n,), or a reshape run as well, and are wrong.
# - *Is the order of a product a matter of taste?* With columns it is W X, with rows X Wᵀ. Both are right; a mixture is not.

# %% free
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors*, Nature 323 (1986), 533–536:
#   four pages, still the clearest. Their cost is ½ΣΣ(ŷ − y)² **without 1/m**, so their gradients are m times ours.
# - Michael Nielsen, *Neural Networks and Deep Learning*, chapter 2: the same z, a and columns as here. His `sigmoid` is
#   `1.0/(1.0+np.exp(-z))`, which **warns** at −1000, as you now know.
# - The NumPy manual, *Broadcasting*: the rule behind this chapter's trap. By that rule (3, 1) + (3,) is **no error**.
#
# Next: [02 derivatives you can trust](../02_derivatives/02_derivatives.ipynb).
