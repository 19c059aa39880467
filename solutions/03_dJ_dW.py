# %% [markdown]
# # 03 ∂J/∂W: backpropagation, from one neuron to L layers
#
# > *"The network says 0.51 and should say 1. It has nine numbers in it. Which of them is to blame, and by how much?"*
#
# ∂J/∂w answers for one number w: if w grows a little, by how much does J grow? You could try each number in turn: nudge
# it, run the network, look at J. That is what central differences do, and they need two runs for every number. A network
# that reads digits has 23,860 of them. **Backpropagation** gets all the answers from one walk back, and it is nothing but
# the chain rule with good book-keeping. In this chapter you write it, in pieces of one line.
#
# | | |
# |---|---|
# | **After this chapter you can** | derive ∂J/∂W and ∂J/∂b for any number of layers; write the backward pass; say why its factors stand in that order; see at once what is wrong with three formulas that circulate |
# | **Time** | about 120 minutes (an estimate); a good place for a break is before *∂J/∂W* |
# | **Difficulty** | medium, `backward` a little more (an estimate) |
# | **You need** | the chain rule; z, a and the forward pass ([01](../01_notation/01_notation.ipynb)); central differences ([02](../02_derivatives/02_derivatives.ipynb)) |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %% [markdown]
# From chapters 01 and 02, so that this one stands on its own: σ, the forward pass, the cost, and a central difference
# for an array of any shape.


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


def measured(f, x, h=1e-5):
    """∂f/∂x by central differences, an array like x. f takes such an array and gives one number."""
    slope = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = h
        slope[index] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return slope


# %% [markdown]
# And the small network of chapter 01: two inputs, two hidden neurons, one output. It says 0.5095; this time we want 1.

# %%
from course_lib import figures, widgets

W_small = {1: np.array([[1.0, -1.0], [2.0, 0.0]]), 2: np.array([[1.0, -2.0]])}
b_small = {1: np.array([[1.0], [-1.0]]), 2: np.array([[1.0]])}
X_small, Y_small = np.array([[1.0], [2.0]]), np.array([[1.0]])

z_small, a_small = forward(W_small, b_small, X_small)
print(f"J = {cost(a_small[2], Y_small):.4f}")
figures.there_and_back(W_small, z_small, a_small, step=2)

# %% [markdown]
# ## One neuron
#
# Start with the smallest network there is: one input, one weight, one neuron.
#
# $$x \;\longrightarrow\; z = w x + b \;\longrightarrow\; a = σ(z) \;\longrightarrow\; J = \tfrac12 (a - y)^2$$
#
# If w moves, z moves; if z moves, a moves; if a moves, J moves. Each arrow has its own slope, and the chain rule says:
# multiply them.
#
# $$\frac{∂J}{∂w} = \underbrace{(a - y)}_{\text{J by a}} \cdot \underbrace{σ'(z)}_{\text{a by z}} \cdot \underbrace{x}_{\text{z by w}}$$
#
# With a pencil: w = 2, b = −1, x = 1, y = 0. Then z = 1, a = 0.7311, and the three slopes are 0.7311, 0.1966 and 1.
# Their product is 0.1437. Is that so? Measure it.

# %%
w, b, x, y = 2.0, -1.0, 1.0, 0.0
print(f"chain rule  {0.7311 * 0.1966 * 1.0:.4f}")
print(f"measured    {measured(lambda w: 0.5 * (sigmoid(w * x + b) - y) ** 2, np.array(w)):.4f}")

# %% [markdown]
# That is all of backpropagation for one neuron. Everything that follows is the same three slopes, for many neurons and
# many examples at once. The first two belong to the neuron, whatever its inputs are, so they get a name:
# **δ = ∂J/∂z**. Then ∂J/∂w = δ · x, and ∂J/∂b = δ · 1.

# %% [markdown]
# ## σ′ written in a
#
# Differentiate σ(z) = 1/(1 + e⁻ᶻ) by z:
#
# $$σ'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}}$$
#
# The first factor is a. The second one is what is missing to make 1 of a: add the two and see. So σ′ can be had from a
# alone, without another exponential. That is why the forward pass keeps a.
#
# Other activations have the same gift. For tanh, with a = tanh(z), the slope is 1 − a²:


# %%
def tanh_prime(a):
    """The slope of tanh, written in a = tanh(z); a of any shape."""
    return 1 - a**2


z_try = np.array([-2.0, 0.0, 1.0])
print("written in a ", tanh_prime(np.tanh(z_try)))
print("measured     ", measured(lambda z: np.tanh(z).sum(), z_try))

# %% [markdown]
# A word of warning. You will meet `x * (1 - x)` as "the derivative of the sigmoid". It is, if that x is **a**. With z in
# its place it is the derivative of nothing.
#
# **Your turn** (estimate: 5 minutes, easy): σ′, written in a. Predict first.

# %% free
check.predict("sigmoid_prime", ...)


# %% answer="sigmoid_prime"
def sigmoid_prime(a):
    """σ′(z), written in a = σ(z), entry by entry.

    a : array of any shape, entries in (0, 1)
    returns σ′ : like a
    """
    ### BEGIN SOLUTION
    return a * (1 - a)
    ### END SOLUTION


# %% check="sigmoid_prime"
check.sigmoid_prime(sigmoid_prime)

# %% [markdown]
# **See it.** A neuron at rest is quick, a saturated one hardly moves.

# %%
for z_one in (0.0, 1.0, 3.0, 8.0):
    a_one, slope = sigmoid(z_one), measured(sigmoid, np.array(z_one))
    print(f"z = {z_one:3.0f}   a = {a_one:.4f}   σ′ yours {sigmoid_prime(a_one):.6f}   measured {slope:.6f}")

# %% [markdown]
# ## The sign at the output
#
# The walk back starts with J itself: how does it feel the outputs? For one output and one example J = ½(ŷ − y)². Bring
# the 2 down, it cancels the ½; the inner derivative of (ŷ − y) by ŷ is +1:
#
# $$\frac{∂J}{∂ŷ} = ŷ - y$$
#
# An answer that circulates says *∂J/∂a² = y − ŷ*. Written as ½(y − ŷ)² the cost is the same, but the inner derivative
# of (y − ŷ) by **ŷ** is −1. The slip is to forget it. You need not believe either side: a cost can be tried.
#
# ### Where the 1/m goes
#
# J is a mean over m examples, J = 1/(2m) Σ(ŷ − y)². Each single ŷ moves it by only a share of 1/m. That factor enters
# **here, once**, and all later quantities (δ, ∂J/∂W, ∂J/∂b) inherit it. Whoever divides again has a gradient that is m
# times too small, and would not notice with m = 1.
#
# Here is another cost in the same form, J₄ = 1/(4m) Σ(ŷ − y)⁴, with its slope and the measurement.


# %%
def dJ4_da(y_hat, Y):
    """∂J₄/∂ŷ for J₄ = 1/(4m) Σ (ŷ − y)⁴; y_hat and Y are (n, m)."""
    m = Y.shape[1]
    return (y_hat - Y) ** 3 / m


y_hat_hand = np.array([[0.6, 0.5], [0.2, 0.9]])  # two outputs, two examples
Y_hand = np.array([[1.0, 0.0], [0.0, 1.0]])
J4 = lambda y_hat: np.sum((y_hat - Y_hand) ** 4) / (4 * 2)
print("by formula\n", dJ4_da(y_hat_hand, Y_hand), sep="")
print("measured\n", measured(J4, y_hat_hand).round(10), sep="")

# %% [markdown]
# **Your turn** (estimate: 5 minutes, easy): the same for our J. Mind the sign and the 1/m.

# %% free
check.predict("dJ_da", ...)


# %% answer="dJ_da"
def dJ_da(y_hat, Y):
    """∂J/∂ŷ for J = 1/(2m) Σ (ŷ − y)².

    y_hat, Y : (n_L, m), one column for each example
    returns ∂J/∂ŷ : (n_L, m)
    """
    ### BEGIN SOLUTION
    return (y_hat - Y) / Y.shape[1]
    ### END SOLUTION


# %% check="dJ_da"
check.dJ_da(dJ_da)

# %% [markdown]
# **See it.** Descent walks *against* the slope. One step with your sign and one with the other, from the four outputs
# above:

# %%
figures.one_step(y_hat_hand, Y_hand, cost, dJ_da(y_hat_hand, Y_hand))

# %% [markdown]
# One step of descent is enough to decide the quarrel: with the posted sign J rises. Some programs carry the posted sign and work
# all the same, because they *add* the step (`W += …`): two wrong signs. Then neither line is what its name says.

# %% [markdown]
# ## δ at the output
#
# J feels ŷ, and ŷ feels z. Each z moves only **its own** ŷ, so the two slopes are multiplied entry by entry. That is
# what ∘ means, in code `*`:
#
# $$δ_L = \frac{∂J}{∂z_L} = \frac{∂J}{∂ŷ} ∘ σ'(z_L)$$
#
# With a pencil, small network: ∂J/∂ŷ = 0.5095 − 1 = −0.4905, and σ′ = 0.5095 · 0.4905 = 0.2499. So δ₂ = −0.1226. It is
# negative: raise z₂ and J falls. Is it the derivative? Nudge z₂ and see.

# %%
print("measured ∂J/∂z[2] =", measured(lambda z: cost(sigmoid(z), Y_small), z_small[2]))

# %% [markdown]
# **Your turn** (estimate: 3 minutes, easy). You have both factors already.

# %% free
check.predict("delta_output", ...)


# %% answer="delta_output"
def delta_output(y_hat, Y):
    """δ[L] = ∂J/∂z[L] = ∂J/∂ŷ ∘ σ′, with ŷ = σ(z[L]).

    y_hat, Y : (n_L, m)
    returns δ[L] : (n_L, m); it carries the 1/m of J
    """
    ### BEGIN SOLUTION
    return dJ_da(y_hat, Y) * sigmoid_prime(y_hat)
    ### END SOLUTION


# %% check="delta_output"
check.delta_output(delta_output)

# %% [markdown]
# **See it.** Target 0, and outputs that are more and more wrong. Where is δ largest?

# %%
for y_wrong in (0.1, 0.5, 2 / 3, 0.9, 0.999):
    delta = delta_output(np.array([[y_wrong]]), np.array([[0.0]]))
    print(f"ŷ = {y_wrong:.3f}   error {y_wrong:.3f}   δ = {delta[0, 0]:.4f}")

# %% [markdown]
# The worst error gets almost no δ. That is not your mistake but the price of σ with the squared cost. Chapter 05 shows
# the cure.

# %% [markdown]
# ## From a layer to the one before
#
# Now the step that gives backpropagation its name. We know δ in layer l + 1 and want it in layer l. Here it is twice: once
# with neurons, once with matrices.
#
# ### First: neuron by neuron
#
# Hidden neuron j sends its a_j along *all* its outgoing weights. Neuron i of the next layer takes it in as W_ij a_j. So if
# a_j grows by a little, each z_i grows by W_ij times that, and J feels all of them together:
#
# $$\frac{∂J}{∂a_j} = \sum_i δ_i W_{ij} \qquad\text{and then}\qquad δ_j = \frac{∂J}{∂a_j} \, σ'(z_j)$$
#
# The sum runs over the **first** index of W: down a *column*, over the weights that leave neuron j. Columns of W are rows
# of Wᵀ, so for all j at once the sum is Wᵀδ.
#
# ### Second: with Jacobians
#
# From layer to layer, z[l+1] = W σ(z[l]) + b. Its derivative by z[l] is a matrix, the Jacobian: first σ acts, each entry
# by itself, so its Jacobian is the diagonal matrix D = diag(σ′(z[l])); then W acts:
#
# $$\frac{∂z_{l+1}}{∂z_l} = W D$$
#
# Gradients of a number are columns here, and travel back through the *transposed* Jacobian:
#
# $$δ_l = (W D)^T δ_{l+1} = D \, W^T δ_{l+1} = σ'(z_l) ∘ (W^T δ_{l+1})$$
#
# because a diagonal matrix times a column multiplies entry by entry. Both ways give the same line, and both fix the
# order: **first Wᵀ, then σ′** of the layer you arrive in.
#
# By hand, small network, δ₂ = −0.1226 and W₂ = (1, −2):
#
# | | neuron 0 | neuron 1 |
# |---|---|---|
# | ∂J/∂a = W₂ᵀδ₂ | 1 · (−0.1226) = −0.1226 | −2 · (−0.1226) = 0.2452 |
# | σ′ = a(1 − a) | 0.5 · 0.5 = 0.25 | 0.7311 · 0.2689 = 0.1966 |
# | δ₁ | −0.0306 | 0.0482 |
#
# The signs make sense: neuron 0 pushes the output up (weight 1), so raising it helps; neuron 1 pushes it down.
#
# One thing to hold on to for the question of this course. The ∂J/∂a in the first row is the derivative by the **input**
# of layer 2: *its* ∂J/∂X. You cannot get to layer 1 without it.
#
# **Your turn** (estimate: 10 minutes, medium): δ of a hidden layer, for all its neurons and all examples at once.

# %% free
check.predict("delta_hidden", ...)


# %% answer="delta_hidden"
def delta_hidden(W_next, delta_next, a):
    """δ[l] from δ[l+1]: J feels a[l] along the outgoing weights, and a[l] feels z[l] through σ′.

    W_next : (n_{l+1}, n_l)    delta_next : (n_{l+1}, m)    a : a[l], (n_l, m)
    returns δ[l] = ∂J/∂z[l] : (n_l, m)
    """
    ### BEGIN SOLUTION
    return (W_next.T @ delta_next) * sigmoid_prime(a)
    ### END SOLUTION


# %% check="delta_hidden"
check.delta_hidden(delta_hidden)

# %% [markdown]
# **See it.** Your δ₁, the pencil's, and the measurement: nudge z[1], and let the rest of the network go on from there.

# %%
delta_small = {2: delta_output(a_small[2], Y_small)}
delta_small[1] = delta_hidden(W_small[2], delta_small[2], a_small[1])


def J_from_z1(z1):
    """J of the small network, if z[1] were z1."""
    return cost(sigmoid(W_small[2] @ sigmoid(z1) + b_small[2]), Y_small)


print("yours   ", delta_small[1].ravel())
print("measured", measured(J_from_z1, z_small[1]).ravel())

# %% [markdown]
# ## ∂J/∂W
#
# You have every δ. The last slope of the three is the easiest: z_i = Σ_j W_ij a_j + b_i, so W_ij moves only z_i, and it
# moves it by a_j. Hence
#
# $$\frac{∂J}{∂W_{ij}} = δ_i \, a_j$$
#
# Every δ of this layer meets every a of the layer before: that table is the *outer product* δ aᵀ. By hand, layer 1, with
# δ = (−0.0306, 0.0482) and x = (1, 2):
#
# | | from input 0, x = 1 | from input 1, x = 2 |
# |---|---|---|
# | into neuron 0, δ = −0.0306 | −0.0306 | −0.0613 |
# | into neuron 1, δ = 0.0482 | 0.0482 | 0.0964 |
#
# With m examples each has its own table, and J adds them up (its 1/m is in δ already). A matrix product does just that:
# it sums over the inner index. So the inner index has to count the examples. The same sum in a place without networks,
# where it counts days:


# %%
# Three days (columns) in a café: how many children and adults came, and how many of four cakes were sold.
guests = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]])  # (2, 3)
cakes = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [5.0, 0.0, 0.0], [0.0, 0.0, 4.0]])  # (4, 3)
day_by_day = sum(np.outer(guests[:, k], cakes[:, k]) for k in range(3))
print("every guest with every cake, day by day, added up\n", day_by_day, sep="")
print("as one product\n", guests @ cakes.T, sep="")

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): ∂J/∂W of one layer.

# %% free
check.predict("dJ_dW", ...)


# %% answer="dJ_dW"
def dJ_dW(delta, a_prev):
    """∂J/∂W[l]: δ_i a_j for every pair, summed over the examples.

    delta : δ[l], (n_l, m)    a_prev : a[l−1], (n_{l−1}, m)
    returns ∂J/∂W[l] : (n_l, n_{l−1}), the shape of W[l]
    """
    ### BEGIN SOLUTION
    return delta @ a_prev.T
    ### END SOLUTION


# %% check="dJ_dW"
check.dJ_dW(dJ_dW)

# %% [markdown]
# **See it.** δ₁ xᵀ as a table: colour and number of each cell are the product of what stands at its left and at its top.

# %%
figures.outer_product(delta_small[1], X_small, dJ_dW(delta_small[1], X_small))

# %% [markdown]
# On a digit it looks like this. A network with 6 hidden neurons sees one handwritten digit. Each *row* of ∂J/∂W[1]
# has 64 entries, one for each pixel. Folded back into 8×8 pixels, each row is the digit itself, times one number.

# %%
digits = cl.data.digits()
rng = np.random.default_rng(4)
W_digit = {1: rng.normal(size=(6, 64)) / 8, 2: rng.normal(size=(10, 6)) / 2}
b_digit = {1: np.zeros((6, 1)), 2: np.zeros((10, 1))}
x_digit, y_digit = digits.images[:1].T, cl.data.one_hot(digits.labels[:1])

_, a_digit = forward(W_digit, b_digit, x_digit)
delta_1 = delta_hidden(W_digit[2], delta_output(a_digit[2], y_digit), a_digit[1])
figures.digit_rows(x_digit, delta_1, dJ_dW(delta_1, x_digit))

# %% [markdown]
# Two things to take along. Where a pixel is white (0), nothing is learned about its weight: **a weight learns only when
# its input speaks**. And one example can only add copies of itself to a row of W; what a neuron knows is a mixture of what it has seen.
#
# ### The plain product of factors
#
# The answers that circulate write ∂J/∂W₁ as a product, in the order in which the chain rule is spoken:
#
# $$\frac{∂J}{∂W_1} = \frac{∂J}{∂ŷ} \cdot σ'(z_2) \cdot W_2 \cdot σ'(z_1) \cdot X \qquad \text{(as posted)}$$
#
# Every factor is there, and for one neuron per layer and one example the line is right. For matrices, order, transposes
# and ∘ matter:
#
# $$\frac{∂J}{∂W_1} = \Big( \big( W_2^T \, (\tfrac{∂J}{∂ŷ} ∘ σ'(z_2)) \big) ∘ σ'(z_1) \Big) X^T$$
#
# Take the posted line by its word, every dot a matrix product, and look at the shapes.


# %%
def verdict_on_posted(n0, n1, n2, m):
    """What becomes of the posted product in a network n0-n1-n2 with m examples."""
    rng = np.random.default_rng(0)
    W = {1: rng.normal(size=(n1, n0)), 2: rng.normal(size=(n2, n1))}
    b = {1: np.zeros((n1, 1)), 2: np.zeros((n2, 1))}
    X, Y = rng.normal(size=(n0, m)), rng.uniform(size=(n2, m))
    _, a = forward(W, b, X)
    try:
        posted = dJ_da(a[2], Y) @ sigmoid_prime(a[2]) @ W[2] @ sigmoid_prime(a[1]) @ X
    except ValueError:
        return "does not exist: the shapes do not fit"
    truth = measured(lambda W1: cost(forward({1: W1, 2: W[2]}, b, X)[1][2], Y), W[1])
    right = np.allclose(posted, truth, atol=1e-8)
    return "right" if right else "runs without a complaint, and is wrong"


for sizes in [(3, 4, 2, 5), (1, 1, 1, 1), (3, 3, 3, 3)]:
    print("n₀, n₁, n₂, m =", sizes, "→", verdict_on_posted(*sizes))

# %% [markdown]
# It is right where everybody tries it, and silently wrong where everything is square. That is how a formula circulates.

# %% [markdown]
# ## ∂J/∂b
#
# b is a weight whose input is always 1. So ∂J/∂b is δ · 1, and with m examples their sum: the *same* b acted on each of
# them. One number for each neuron remains, as a column (n, 1).
#
# Look once at what NumPy does with an axis when it sums.

# %%
table = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
flat, kept = table.sum(axis=0), table.sum(axis=0, keepdims=True)
print("sum(axis=0)                ", flat, flat.shape)
print("sum(axis=0, keepdims=True) ", kept, kept.shape)

# %% [markdown]
# Without `keepdims` the axis is gone, and you know from chapter 01 what a flat b does: `b - rate * db` becomes (n, n),
# without a word. Which axis counts the examples here?
#
# **Your turn** (estimate: 3 minutes, easy).

# %% free
check.predict("dJ_db", ...)


# %% answer="dJ_db"
def dJ_db(delta):
    """∂J/∂b[l]: δ summed over the examples.

    delta : δ[l], (n_l, m)
    returns ∂J/∂b[l] : (n_l, 1), the shape of b[l]
    """
    ### BEGIN SOLUTION
    return delta.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% check="dJ_db"
check.dJ_db(dJ_db)

# %% [markdown]
# ## The whole walk back
#
# Put together, for any number of layers:
#
# 1. **Forward** once, keep every a.
# 2. **δ[L]** at the output.
# 3. Back, l = L − 1 … 1: **δ[l]** from δ[l+1].
# 4. In each layer **∂J/∂W[l] = δ[l] a[l−1]ᵀ** and **∂J/∂b[l] = Σ δ[l]**.
#
# The pencil run on the small network, complete:
#
# | step | formula | numbers |
# |---|---|---|
# | forward | a[1], ŷ | (0.5, 0.7311), 0.5095 |
# | δ[2] | (ŷ − y) ∘ ŷ(1 − ŷ) | −0.1226 |
# | ∂J/∂W[2] | δ[2] a[1]ᵀ | −0.0613, −0.0896 |
# | ∂J/∂b[2] | δ[2] | −0.1226 |
# | δ[1] | W[2]ᵀδ[2] ∘ a[1](1 − a[1]) | −0.0306, 0.0482 |
# | ∂J/∂W[1] | δ[1] xᵀ | −0.0306, −0.0613, 0.0482, 0.0964 |
# | ∂J/∂b[1] | δ[1] | −0.0306, 0.0482 |
#
# Step 3 is a loop that counts down, and each round uses what the round before has made. Here is such a loop. It follows a
# wish from the last office of a company down to the first, and each office passes on its share.


# %%
def shares(share_passed_on, wish):
    """What arrives at each office 1 … L. Office L gets `wish`; office l passes share_passed_on[l] of it to l − 1."""
    L = len(share_passed_on)
    arrives = {L: wish}
    for l in range(L - 1, 0, -1):
        arrives[l] = share_passed_on[l + 1] * arrives[l + 1]
    return arrives


shares({1: 1.0, 2: 0.5, 3: 0.2}, wish=100.0)

# %% [markdown]
# ### Arrays that are shared
#
# One trap before you write it. `*=`, `-=` and `a[...] = ` do not make a new array, they write into the old one, and
# whoever else holds that array sees it change.

# %%
a_kept = np.array([0.5, 0.7311])
slope = a_kept  # a second name, not a second array
slope *= 1 - slope
print("σ′ is right:", slope, "  but a is gone:", a_kept)

# %% [markdown]
# So leave W, b, X and Y as they are, and give new arrays to what you compute.
#
# **Your turn** (estimate: 25 minutes, medium): the whole backward pass. Everything you need is written; this is book-keeping. It must work for L = 1,
# and it may call `forward` once. The check also tries a network of nearly 100,000 weights: a walk back takes an instant there,
# and if yours takes most of a minute, it measures.

# %% free
check.predict("backward", ...)


# %% answer="backward"
def backward(W, b, X, Y):
    """∂J/∂W and ∂J/∂b of every layer, for sigmoid layers and J = 1/(2m) Σ (ŷ − y)².

    W, b : dicts with keys 1 … L; W[l] (n_l, n_{l−1}), b[l] (n_l, 1)    X : (n_0, m)    Y : (n_L, m)
    returns (dW, db), dicts with keys 1 … L; dW[l] like W[l], db[l] like b[l]
    δ[L] from the output; δ[l] from δ[l+1]; dW[l] = δ[l] a[l−1]ᵀ; db[l] = Σ δ[l]
    """
    ### BEGIN SOLUTION
    L = len(W)
    _, a = forward(W, b, X)
    delta = {L: delta_output(a[L], Y)}
    for l in range(L - 1, 0, -1):
        delta[l] = delta_hidden(W[l + 1], delta[l + 1], a[l])
    dW = {l: dJ_dW(delta[l], a[l - 1]) for l in range(1, L + 1)}
    db = {l: dJ_db(delta[l]) for l in range(1, L + 1)}
    return dW, db
    ### END SOLUTION


# %% check="backward"
check.backward(backward)

# %% [markdown]
# **See it.** Step through your own numbers: forward, then back. Compare each with the pencil run. (Without widgets, the
# steps stand below one another.)

# %%
dW_small, db_small = backward(W_small, b_small, X_small, Y_small)
widgets.steps(
    lambda step: figures.there_and_back(W_small, z_small, a_small, delta_small, dW_small, step),
    ["x", "forward: a[1]", "forward: ŷ", "back: δ[2]", "back: δ[1]"],
)

# %% [markdown]
# ### Find the first wrong row
#
# When a backward pass is wrong, most of its numbers are wrong, and it is no use to stare at all of them. Everything is
# computed from what stands before it. So put the quantities in that order, measure each, and look for the **first** row
# that differs: the mistake is in the line that made it. The rest only follows.
#
# Someone has sent you this δ for the hidden layer. It looks fine.


# %%
def sent_delta_hidden(W_next, delta_next, a):
    """As sent in."""
    return W_next.T @ delta_next


def table_of(delta_hidden_under_test):
    """(name, computed, measured) for z, a, δ and ∂J/∂W of the small network, in order."""
    delta_2 = delta_output(a_small[2], Y_small)
    delta_1 = delta_hidden_under_test(W_small[2], delta_2, a_small[1])
    J_of_W1 = lambda W1: cost(forward({1: W1, 2: W_small[2]}, b_small, X_small)[1][2], Y_small)
    return [
        ("z[1]", z_small[1], W_small[1] @ X_small + b_small[1]),
        ("a[1]", a_small[1], sigmoid(z_small[1])),
        ("z[2]", z_small[2], W_small[2] @ a_small[1] + b_small[2]),
        ("ŷ = a[2]", a_small[2], sigmoid(z_small[2])),
        ("δ[2]", delta_2, measured(lambda z: cost(sigmoid(z), Y_small), z_small[2])),
        ("δ[1]", delta_1, measured(J_from_z1, z_small[1])),
        ("∂J/∂W[1]", dJ_dW(delta_1, X_small), measured(J_of_W1, W_small[1])),
    ]


figures.first_wrong_row(table_of(sent_delta_hidden))

# %% [markdown]
# Divide the wrong row by the right one: 4 and 5.09, which is 1/0.25 and 1/0.1966. Which factor is that? Now yours:

# %%
figures.first_wrong_row(table_of(delta_hidden))

# %% [markdown]
# ## What it costs
#
# Why all this, if central differences give the same numbers? Count the multiplications in the matrix products. A product
# of (n, k) with (k, m) takes n · k · m of them.
#
# By hand for 3-2 (one layer, W is (2, 3)) with m = 5:
#
# | | products | multiplications |
# |---|---|---|
# | forward | W X: (2, 3) · (3, 5) | 30 |
# | back | δ aᵀ: (2, 5) · (5, 3) | 30 |
# | finite differences | 2 forward passes for each of 6 + 2 parameters | 16 · 30 = 480 |
#
# With more layers the way back also has Wᵀδ, for each layer **but the first**: Wᵀδ of layer 1 would be ∂J/∂X, and
# training does not need that one. (Chapter 06 does.)
#
# **Your turn** (estimate: 10 minutes, easy): count for any sizes.

# %% free
check.predict("multiplications", ...)


# %% answer="multiplications"
def multiplications(sizes, m):
    """Multiplications in the matrix products of one gradient, three ways; +, σ and ∘ are not counted.

    sizes : [n_0, …, n_L]    m : number of examples
    returns a dict of whole numbers:
      "forward"              one forward pass: W[l] a[l−1] in every layer
      "backward"             one pass back: δ[l] a[l−1]ᵀ in every layer, W[l]ᵀ δ[l] in all but the first
      "finite_differences"   2P forward passes, P = number of all weights and biases
    """
    ### BEGIN SOLUTION
    weights = [sizes[l] * sizes[l - 1] for l in range(1, len(sizes))]
    forward_pass = m * sum(weights)
    P = sum(weights) + sum(sizes[1:])
    return {
        "forward": forward_pass,
        "backward": forward_pass + m * sum(weights[1:]),
        "finite_differences": 2 * P * forward_pass,
    }
    ### END SOLUTION


# %% check="multiplications"
check.multiplications(multiplications)

# %% [markdown]
# **See it.** The network of many textbooks, 784-30-10, for one example. The axis is logarithmic: each step is a factor
# of 100.

# %%
figures.what_it_costs(multiplications([784, 30, 10], m=1))

# %% [markdown]
# All 23,860 derivatives for the price of about two forward passes, whatever their number. That is the whole reason why
# networks can be trained at all.

# %% [markdown]
# ## What you can now answer
#
# - *Which number is to blame, and by how much?* ∂J/∂W_ij = δ_i a_j: what comes back to its neuron, times what it was fed.
# - *y − ŷ or ŷ − y?* ŷ − y. One step of descent shows it.
# - *Is ∂J/∂W₁ a product of factors?* Of Jacobians, in one order: ((W₂ᵀδ₂) ∘ σ′(z₁)) xᵀ. For matrices, order, transposes and ∘ matter.
# - *Where does the 1/m go?* In once, at the output.
# - *Do we need a derivative by an input?* To get from layer l + 1 to layer l you computed ∂J/∂a[l]: the derivative by the
#   input of layer l + 1. Only the very last one, by the data, was left out.

# %% free
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors*, Nature 323 (1986): the source. **No 1/m**:
#   the cost is a sum over the examples, so are the gradients.
# - Michael Nielsen, *Neural Networks and Deep Learning*, chapter 2: the same δ, with proofs. In his code the 1/m is not
#   in δ but in the update (`eta/len(mini_batch)`); both are right, **if only one of them is done**.
# - Andrew Trask, *A Neural Network in 11 lines of Python* (2015): a lovely first program. Its `x*(1-x)` is σ′ with **x = a**; its error is
#   **y − ŷ**, and the step is *added*, so the two signs cancel; the missing 1/m is only a larger rate.
# - Stanford's CS231n notes, *Backpropagation, intuitions*: `dW = dD.dot(X.T)`, with the tip to find the order by dimensions. A good
#   tip, with a limit you have seen: in a **square** layer dimensions say nothing.
#
# Next: [04 the bug museum](../04_bug_museum/04_bug_museum.ipynb).
