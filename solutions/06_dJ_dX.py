# %% [markdown]
# # 06 ∂J/∂X, the derivative that nobody asked for
#
# > *"Why do we need ∂J/∂X? For backpropagation we only need ∂J/∂W."*
#
# Many kind people have answered this question in public. Their answers are half right, and some hold slips that you can
# now find yourself. In this chapter you build ∂J/∂X and ∂Y/∂X, run the posted claims, and see which survive. Then you put
# the derivative to work: on digits, and on a pendulum with metres, seconds and newtons.
#
# | | |
# |---|---|
# | **After this chapter you can** | say what ∂J/∂X is for, in words and in numbers; write a layer as a module that can be stacked; give ∂Y/∂X of a trained network in physical units; refute four claims by running them |
# | **Time** | about 100 minutes (an estimate) |
# | **You need** | [03](../03_dJ_dW/03_dJ_dW.ipynb); from [02](../02_derivatives/02_derivatives.ipynb) what a central difference is |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %%
from course_lib import data, figures, widgets

figures.handed_back()

# %% [markdown]
# ## What is given
#
# From chapters 01 and 03: σ, the forward pass, and the cost of *one* example each. Notation as ever: observations are columns,
# `W`, `b`, `a` are dicts by layer, every layer has a σ.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def forward(W, b, X):
    """z[1 … L] and a[0 … L], from chapter 01."""
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = sigmoid(z[l])
    return z, a


def outputs(W, b, X):
    """ŷ alone."""
    return forward(W, b, X)[1][len(W)]


def own_cost(W, b, X, Y):
    """½‖ŷ − y‖² of each example, (m,). J is the mean of these."""
    return 0.5 * np.sum((outputs(W, b, X) - Y) ** 2, axis=0)


def random_net(sizes, rng):
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1]) for l in range(1, len(sizes))}
    return W, {l: np.zeros((sizes[l], 1)) for l in W}


# %% [markdown]
# ## One layer as a module
#
# Look at the picture again, from the place of layer 2. Its input is a[1]. It does not know, and need not know, whether that
# is a picture, a measurement or the output of another layer. **a[1] is the X of layer 2.**
#
# From above it is told ∂J/∂a[2]: how J answers to what it says. It has to do two things with that:
#
# - find ∂J/∂W[2] and ∂J/∂b[2], for itself;
# - find ∂J/∂a[1], the derivative by **its own input**, and hand it down. Without it layer 1 would learn nothing.
#
# Every deep-learning library is built of such modules. Here is one with a single number per unit: it scales, a = s ∘ a_prev.


# %%
def scale_backward(s, a_prev, dJ_da):
    """A layer a = s ∘ a_prev. s (n, 1); a_prev, dJ_da (n, m) → (dJ_da_prev, ds)."""
    dJ_da_prev = s * dJ_da  # by its input: s is how strongly a answers to a_prev
    ds = np.sum(
        dJ_da * a_prev, axis=1, keepdims=True
    )  # by its parameter: the sum over the examples, as s serves them all
    return dJ_da_prev, ds


scale_backward(np.array([[2.0], [10.0]]), np.array([[1.0, 1.0], [0.0, 3.0]]), np.array([[0.1, 0.2], [0.3, 0.4]]))

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): our layer, a = σ(W a_prev + b). Everything in it is from chapter 03; new is the
# view. No m appears: if ∂J/∂a carries the 1/m of a mean, all three results do.

# %% free
check.predict("layer_backward", ...)


# %% answer="layer_backward"
def layer_backward(W, a_prev, a, dJ_da):
    """One layer a = σ(W a_prev + b), backwards.

    W : (n, n_prev)    a_prev : (n_prev, m), its input    a : (n, m), its output    dJ_da : like a, from above
    returns (dJ_da_prev, dW, db), shaped like a_prev, W and b (n, 1)
    """
    ### BEGIN SOLUTION
    delta = dJ_da * a * (1 - a)
    return W.T @ delta, delta @ a_prev.T, np.sum(delta, axis=1, keepdims=True)
    ### END SOLUTION


# %% check="layer_backward"
check.layer_backward(layer_backward)

# %% [markdown]
# **See it.** Three lines now train a network of any depth. This is all of backpropagation: a loop that hands one thing down.


# %%
def train(W, b, X, Y, epochs, rate, batch, rng):
    """Gradient descent with your layer_backward; returns new (W, b)."""
    W, b = dict(W), dict(b)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(X.shape[1]), X.shape[1] // batch):
            _, a = forward(W, b, X[:, rows])
            back = (a[len(W)] - Y[:, rows]) / len(rows)  # ∂J/∂ŷ: the 1/m enters here, once
            for l in range(len(W), 0, -1):
                back, dW, db = layer_backward(W[l], a[l - 1], a[l], back)
                W[l], b[l] = W[l] - rate * dW, b[l] - rate * db
    return W, b


rings = data.circles(200)
points, targets = rings.points.T, rings.labels[None, :].astype(float)
rng = np.random.default_rng(0)
W_rings, b_rings = train(*random_net([2, 12, 1], rng), points, targets, epochs=120, rate=4.0, batch=20, rng=rng)
print("right on the rings:", np.mean((outputs(W_rings, b_rings, points) > 0.5) == (targets > 0.5)))

# %% [markdown]
# ### First claim: "we do not need any derivative with respect to X"
#
# True of the *data*: training never moves them. But run it without handing down, and look at who still learns.

# %%
_, a = forward(W_rings, b_rings, points)
handed_down, dW2, _ = layer_backward(W_rings[2], a[1], a[2], a[2] - targets)
_, dW1, _ = layer_backward(W_rings[1], a[0], a[1], handed_down)
_, dW1_cut, _ = layer_backward(W_rings[1], a[0], a[1], np.zeros_like(handed_down))
print("largest entry of ∂J/∂W[1] with what layer 2 hands down   ", np.abs(dW1).max().round(4))
print("largest entry of ∂J/∂W[1] without: layer 1 never learns  ", np.abs(dW1_cut).max())

# %% [markdown]
# In a network of L layers, L − 1 of the L derivatives by an input are needed for training. The **last** one, by X itself, is
# the only one that training may skip. It costs one more line. The rest of this chapter, and all of the next, is what that line buys.

# %% [markdown]
# ## One more line
#
# With a pencil, one neuron: x = 2, w = 0.5, b = −1, y = 1. Then z = 0 and ŷ = ½. J = ½(ŷ − y)², so ∂J/∂ŷ = −½; σ′ = ¼; and
# x moves z by w = ½. Altogether ∂J/∂x = −½ · ¼ · ½ = −0.0625. Nudge x and see:

# %%
J_of_x = lambda x: 0.5 * (sigmoid(0.5 * x - 1) - 1) ** 2
print("pencil −0.0625, central difference", (J_of_x(2 + 1e-5) - J_of_x(2 - 1e-5)) / 2e-5)

# %% [markdown]
# For a network: go down through all the layers, and keep the last thing that is handed down.
#
# $$\frac{∂J}{∂X} = W_1^T δ_1$$
#
# One thing changes: m. An attacker, a doctor or a controller asks about *one* example, and does not care how many others were in
# the batch. So here each column is the gradient of **that example's own cost** ½‖ŷ − y‖². The 1/m stays out.
#
# **Your turn** (estimate: 5 minutes, easy).

# %% free
check.predict("dJ_dX", ...)


# %% answer="dJ_dX"
def dJ_dX(W, b, X, Y):
    """∂/∂x of each example's own cost ½‖ŷ − y‖², column by column: no 1/m.

    W, b : dicts 1 … L    X : (n_0, m)    Y : (n_L, m)
    returns array like X
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, X)
    back = a[len(W)] - Y
    for l in range(len(W), 0, -1):
        back, _, _ = layer_backward(W[l], a[l - 1], a[l], back)
    return back
    ### END SOLUTION


# %% check="dJ_dX"
check.dJ_dX(dJ_dX)

# %% [markdown]
# **See it.** Every point of the two rings, with its arrow. An arrow says: *move me this way, and the network is less right about me.*

# %%
figures.input_arrows(
    lambda X: outputs(W_rings, b_rings, X),
    points[:, :80],
    rings.labels[:80],
    dJ_dX(W_rings, b_rings, points, targets)[:, :80],
)

# %% [markdown]
# The arrows lead to the boundary, mostly by a short way. They are long where the network is unsure and short where it is sure.
# Chapter 07 follows them.
#
# ### Second claim: "if the input is fixed, d(loss)/d(input) is not defined"
#
# A derivative belongs to a function at a point. It does not ask whether somebody plans to move. While you compute ∂J/∂W the
# weights are just as fixed. Here is a data point that nobody moved, and its derivative, found in two ways:

# %%
x, y = points[:, :1], targets[:, :1]
nudge = np.array([[1e-5], [0.0]])
rise = (own_cost(W_rings, b_rings, x + nudge, y) - own_cost(W_rings, b_rings, x - nudge, y)) / 2e-5
print("yours", dJ_dX(W_rings, b_rings, x, y)[0, 0], " central difference", rise[0])

# %% [markdown]
# ### Third claim: "the gradient is (Loss2 − Loss1)/(X2 − X1)"
#
# Take two images of digits and do it. X2 − X1 is a vector of 64 numbers; division by a vector is not defined. NumPy divides entry by
# entry all the same, and gives 64 numbers of the right shape.

# %%
digits = data.digits()
train_set, test_set = digits.split()
X_train, Y_train = train_set.images.T, data.one_hot(train_set.labels)
X_test, labels_test = test_set.images.T, test_set.labels
rng = np.random.default_rng(0)
W_digits, b_digits = train(*random_net([64, 30, 10], rng), X_train, Y_train, epochs=30, rate=3.0, batch=16, rng=rng)
print("test digits read rightly:", np.mean(outputs(W_digits, b_digits, X_test).argmax(axis=0) == labels_test).round(3))

# %%
x1, x2, y1 = X_train[:, [0]], X_train[:, [1]], Y_train[:, [0]]
loss1, loss2 = own_cost(W_digits, b_digits, x1, y1), own_cost(W_digits, b_digits, x2, y1)
with np.errstate(divide="ignore", invalid="ignore"):
    posted = (loss2 - loss1) / (x2 - x1)
right = dJ_dX(W_digits, b_digits, x1, y1)
finite = np.isfinite(posted)
print(f"{np.sum(~finite)} of 64 entries are divided by zero: pixels that are equal in both images")
print(
    f"of the others, {np.mean(np.sign(posted[finite]) == np.sign(right[finite])):.0%} have the right sign: a coin does as well"
)
print(f"largest entry: posted {np.abs(posted[finite]).max():.3g}, right {np.abs(right).max():.3g}")
print(
    f"what (Loss2 − Loss1)/‖X2 − X1‖ is: {(loss2 - loss1)[0] / np.linalg.norm(x2 - x1):.3g}, a mean slope along one line out of 64 dimensions"
)

# %% [markdown]
# ## The Jacobian
#
# So far one number, J, was differentiated. People who use a *trained* network ask more often: how does each **output** answer to each
# **input**? That is a table, the Jacobian ∂Y/∂X, with one row per output and one column per input.
#
# It follows the network box by box. z = W a_prev multiplies by W; then σ multiplies each entry by its own σ′, which is
# multiplication with D = diag(σ′(z)). The next box acts on the result, so it stands further *left*:
#
# $$\frac{∂Y}{∂X} = D_L W_L \cdots D_2 W_2 \; D_1 W_1$$
#
# One layer with tanh, whose slope is 1 − a², in the shape of the exercise. A column times a matrix scales its rows, as D does: no `np.diag` is needed.

# %%
A, at = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]), np.array([[0.1], [0.2], [0.3]])
answer = np.tanh(A @ at)
J_tanh = (1 - answer**2) * A
measured = np.hstack([(np.tanh(A @ (at + e)) - np.tanh(A @ (at - e))) / 2e-6 for e in 1e-6 * np.eye(3)[:, :, None]])
print("by formula\n", J_tanh, "\nmeasured, column by column\n", measured.round(8), sep="")

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): for any number of σ layers, at one column x.

# %% free
check.predict("jacobian", ...)


# %% answer="jacobian"
def jacobian(W, b, x):
    """∂ŷ/∂x at one column: D_L W_L ⋯ D_1 W_1.

    W, b : dicts 1 … L    x : (n_0, 1)
    returns (n_L, n_0): row k tells how output k answers to each input
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, x)
    product = np.eye(len(x))
    for l in range(1, len(W) + 1):
        product = a[l] * (1 - a[l]) * (W[l] @ product)
    return product
    ### END SOLUTION


# %% check="jacobian"
check.jacobian(jacobian)

# %% [markdown]
# **See it.** One image of a digit and its 640 slopes. An output that is sure, near 0 or near 1, hardly answers: its σ′ is small. The long rows
# belong to the digits that this image could most easily be taken for.

# %%
J_digit = jacobian(W_digits, b_digits, X_test[:, [0]])
print("the image shows a", labels_test[0], "- slopes of the outputs, as lengths of the rows:")
print(np.linalg.norm(J_digit, axis=1).round(2))

# %% [markdown]
# ## Without the Jacobian
#
# A Jacobian of 1,000 outputs by 1,000,000 inputs fills 8 GB. Mostly one needs only a product with it, and a product of matrices
# with a vector can be read from either end. Count the multiplications for two matrices of 500 × 500 and a vector:

# %%
n = 500
print("(A B) v:", n**3 + n**2, "multiplications;   A (B v):", 2 * n**2)

# %% [markdown]
# Read from the **right** it walks forward, with a direction in the input space: `jvp`, *Jacobian times vector*. How do all outputs
# change if x moves along v?
#
# Read from the **left** it walks backward, with weights on the outputs: `vjp`, *vector times Jacobian*. How does uᵀy change with each
# input? Transposing turns the order round: (D_L W_L ⋯ D_1 W_1)ᵀ = W_1ᵀ D_1 ⋯ W_Lᵀ D_L.
#
# The tanh layer again, both ways, without ever holding its Jacobian:

# %%
v, u = np.array([[1.0], [0.0], [-1.0]]), np.array([[1.0], [2.0]])
forward_way = (1 - answer**2) * (A @ v)  # first A, then the slopes
backward_way = A.T @ ((1 - answer**2) * u)  # first the slopes, then Aᵀ
print("jvp", forward_way.ravel(), "= J v", (J_tanh @ v).ravel())
print("vjp", backward_way.ravel(), "= Jᵀ u", (J_tanh.T @ u).ravel())

# %% [markdown]
# **Your turn** (estimate: 5 minutes each, easy).

# %% free
check.predict("jvp", ...)


# %% answer="jvp"
def jvp(W, b, x, v):
    """(∂ŷ/∂x) v: how all outputs change along v. The Jacobian is never formed.

    x, v : (n_0, 1)
    returns (n_L, 1)
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, x)
    for l in range(1, len(W) + 1):
        v = a[l] * (1 - a[l]) * (W[l] @ v)
    return v
    ### END SOLUTION


# %% check="jvp"
check.jvp(jvp)

# %% free
check.predict("vjp", ...)


# %% answer="vjp"
def vjp(W, b, x, u):
    """(∂ŷ/∂x)ᵀ u: how uᵀŷ changes with each input. The Jacobian is never formed.

    x : (n_0, 1)    u : (n_L, 1)
    returns (n_0, 1)
    """
    ### BEGIN SOLUTION
    _, a = forward(W, b, x)
    for l in range(len(W), 0, -1):
        u = W[l].T @ (a[l] * (1 - a[l]) * u)
    return u
    ### END SOLUTION


# %% check="vjp"
check.vjp(vjp)

# %% [markdown]
# **See it.** Two facts worth keeping. The two products are each other's transpose: ⟨u, Jv⟩ = ⟨Jᵀu, v⟩, a test that needs no
# reference at all. And with u = ŷ − y, `vjp` **is** ∂J/∂X: backpropagation never forms a Jacobian, it carries one vector back.

# %%
rng = np.random.default_rng(1)
x, v, u = X_test[:, [0]], rng.normal(size=(64, 1)), rng.normal(size=(10, 1))
print("⟨u, Jv⟩ ", (u.T @ jvp(W_digits, b_digits, x, v)).item())
print("⟨Jᵀu, v⟩", (vjp(W_digits, b_digits, x, u).T @ v).item())
y = data.one_hot(labels_test[:1])
error = outputs(W_digits, b_digits, x) - y
print(
    "vjp with u = ŷ − y is dJ_dX:",
    np.allclose(vjp(W_digits, b_digits, x, error), dJ_dX(W_digits, b_digits, x, y), rtol=1e-12, atol=0),
)

# %% [markdown]
# ## Units
#
# The question with which practitioners come to forums is this one: *"I have a trained network. How do I get the gradient of its output
# with respect to its input?"* They know how to chain derivatives. What they forget is that the network does not see their
# quantities: something scaled them first.
#
# Our example is a pendulum: a rod of 1 m with 1 kg at its end. Input: angle θ (rad, from hanging down), speed ω (rad/s), torque u (N·m).
# Output: θ′ and ω′, a tenth of a second later. For this simulation the true ∂Y/∂X is known exactly, which is rare and useful.

# %%
swings = data.pendulum(1000)
X_swing = (swings.inputs * swings.x_scale + swings.x_offset).T  # net input = x_scale · physical + offset
Y_swing = (swings.outputs * swings.y_scale + swings.y_offset).T  # into (0.1, 0.9), where a sigmoid can follow
rng = np.random.default_rng(0)
W_swing, b_swing = train(*random_net([3, 20, 2], rng), X_swing, Y_swing, epochs=250, rate=20.0, batch=20, rng=rng)
W_swing, b_swing = train(W_swing, b_swing, X_swing, Y_swing, epochs=150, rate=4.0, batch=20, rng=rng)
miss = (outputs(W_swing, b_swing, X_swing) - Y_swing).T / swings.y_scale
angle_error, speed_error = np.sqrt(np.mean(miss**2, axis=0))
print(f"typical error: θ′ {angle_error:.3f} rad, ω′ {speed_error:.3f} rad/s")

# %% [markdown]
# **A derivative has units: those of the output, per those of the input.** A small case first: a thermometer of ours says
# t = 0.1 · °C + 3, and a heater listens to h = 5 · t + 1, which sets a power of P = (h − 1)/0.02 watts. Watts per °C, chained:

# %%
P_of = lambda celsius: ((5 * (0.1 * celsius + 3) + 1) - 1) / 0.02
print("watts per °C: 1/0.02 · 5 · 0.1 =", 1 / 0.02 * 5 * 0.1, "  measured", round(P_of(20.5) - P_of(19.5), 6))

# %% [markdown]
# The inner slope is *multiplied* by the scale at the input and *divided* by the scale at the output. Offsets vanish. `mapminmax`,
# `mapstd`, `StandardScaler`, `MinMaxScaler`: all are of this form. For a network:
#
# $$\frac{∂(\text{physical output})}{∂(\text{physical input})} = \mathrm{diag}(1/y_{scale}) \; J(x) \; \mathrm{diag}(x_{scale})$$
#
# **Your turn** (estimate: 5 minutes, easy). x comes in as the net sees it: scaled already.

# %% free
check.predict("scaled_jacobian", ...)


# %% answer="scaled_jacobian"
def scaled_jacobian(W, b, x, x_scale, y_scale):
    """∂(physical output)/∂(physical input) of a net with scaling around it.

    net input = x_scale · physical input + offset; net output = y_scale · physical output + offset
    x : (n_0, 1), in the units of the net    x_scale : (n_0,)    y_scale : (n_L,)
    returns (n_L, n_0)
    """
    ### BEGIN SOLUTION
    return jacobian(W, b, x) * x_scale / y_scale[:, None]
    ### END SOLUTION


# %% check="scaled_jacobian"
check.scaled_jacobian(scaled_jacobian)

# %% [markdown]
# **See it.** Sensitivity with units, learned against true, for a pendulum at half a radian that swings out and is pushed a little:

# %%
state = np.array([0.5, 1.0, 0.3])  # rad, rad/s, N·m
x_state = (state * swings.x_scale + swings.x_offset)[:, None]
print("by the network\n", scaled_jacobian(W_swing, b_swing, x_state, swings.x_scale, swings.y_scale).round(3), sep="")
print("by physics\n", data.linearisation(state).round(3), sep="")
print("without the scales it would say\n", jacobian(W_swing, b_swing, x_state).round(3), sep="")

# %%
angles = np.linspace(-2, 2, 41)
states = [np.array([angle, 0.0, 0.0]) for angle in angles]
true = np.array([data.linearisation(state) for state in states])
learned = np.array(
    [
        scaled_jacobian(
            W_swing, b_swing, (state * swings.x_scale + swings.x_offset)[:, None], swings.x_scale, swings.y_scale
        )
        for state in states
    ]
)
figures.slopes_of_the_pendulum(angles, true, learned)

# %% [markdown]
# The network was shown values, never slopes. It learned most slopes to some per cent all the same, best in the middle of its data
# and worst at the ends; only ∂θ′/∂u, by far the smallest, is off by up to 23 %. Read the lower left: ∂ω′/∂θ is about −1 per second when the pendulum hangs (gravity pulls it back) and changes its sign
# beyond 90°, where gravity pulls it over. A derivative has told you physics.
#
# Keep the warning too: **good values do not promise good slopes.** Losses that contain ∂Y/∂X (physics-informed networks, gradient penalties,
# Sobolev training) ask for the slopes during training. That is one of the uses that the claim *"there is no use of this while training"*
# forgets; chapter 08 shows another.

# %% [markdown]
# ## The circulating formula
#
# For two layers an answer gives *Y′ = W2·F2′·W1·F1′*, where F′ is the slope of each layer. Compare with yours, D₂W₂D₁W₁: in the posted
# one each slope stands **right** of its W. In MATLAB, with F′ as a diagonal matrix and `*` as matrix product, what does it do?
#
# Shapes: n inputs, h hidden, o outputs. W1 is (h, n), W2 is (o, h), F1′ is (h, h), F2′ is (o, o). `*` needs equal inner numbers, with one
# exception: a 1 × 1 is a scalar in MATLAB and multiplies anything. The rule for one product:


# %%
def times(left, right):
    """Shape of left * right in MATLAB, or "error". left and right are shapes."""
    if left == (1, 1):
        return right
    if right == (1, 1):
        return left
    return (left[0], right[1]) if left[1] == right[0] else "error"


print(times((2, 3), (3, 4)), times((2, 3), (2, 2)), times((2, 1), (1, 1)), times((1, 1), (4, 4)))

# %% [markdown]
# Where it runs it need not be right: D and W do not commute. Three equal widths, to see it:

# %%
rng = np.random.default_rng(2)
W_square, b_square = random_net([3, 3, 3], rng)
x = rng.normal(size=(3, 1))
_, a = forward(W_square, b_square, x)
F1, F2 = np.diag((a[1] * (1 - a[1])).ravel()), np.diag((a[2] * (1 - a[2])).ravel())
posted, right = W_square[2] @ F2 @ W_square[1] @ F1, jacobian(W_square, b_square, x)
print("posted\n", posted.round(4), "\nright\n", right.round(4), sep="")

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): for widths n, h, o, does W2 * F2′ * W1 * F1′, from the left, give the right
# Jacobian (`"right"`), a wrong one (`"wrong"`), or an error (`"error"`)? "Wrong" means: it runs, and shape or numbers are
# wrong for general weights.

# %% free
check.predict("right_when", ...)


# %% answer="right_when"
def right_when(n, h, o):
    """What the posted W2 * F2′ * W1 * F1′ does in MATLAB for n inputs, h hidden units, o outputs.

    W2 : (o, h)    F2′ : (o, o), diagonal    W1 : (h, n)    F1′ : (h, h), diagonal; a 1 × 1 is a scalar
    returns "right", "wrong" or "error"
    """
    ### BEGIN SOLUTION
    shape = (o, h)
    for factor in [(o, o), (h, n), (h, h)]:
        shape = times(shape, factor)
        if shape == "error":
            return "error"
    return "right" if h == o == 1 else "wrong"
    ### END SOLUTION


# %% check="right_when"
check.right_when(right_when)

# %% [markdown]
# **See it.** All widths from 1 to 4:

# %%
verdicts = [right_when(n, h, o) for n in range(1, 5) for h in range(1, 5) for o in range(1, 5)]
print({verdict: verdicts.count(verdict) for verdict in ("right", "wrong", "error")})

# %% [markdown]
# The author had tried it, on a network with one hidden and one output unit, and there it is right. **A test with all widths 1 cannot see
# an order of factors.** With elementwise `.*` in place of diagonals it is no better: try a wide layer.

# %% [markdown]
# ## Saliency
#
# Which pixels make the network say *three*? The row ∂a_k/∂x of the Jacobian has one number per pixel: how the output for class k answers if that pixel
# gets a little more ink. Folded back into 8 × 8 it is a picture, called a *saliency map*.
#
# For one row nobody needs the whole table. The tanh layer, row 1 alone: feed back a 1 at that output and 0 elsewhere.

# %%
u = np.array([[0.0], [1.0]])
print((A.T @ ((1 - answer**2) * u)).ravel(), "is row 1 of", J_tanh[1])

# %% [markdown]
# **Your turn** (estimate: 3 minutes, easy).

# %% free
check.predict("saliency", ...)


# %% answer="saliency"
def saliency(W, b, x, k):
    """∂a_k/∂x: how output k (counted from 0) answers to each input, with its sign.

    W, b : dicts 1 … L, of any sizes, not only 64-30-10    x : (n_0, 1)    k : int
    returns array like x
    """
    ### BEGIN SOLUTION
    u = np.zeros((len(b[len(b)]), 1))
    u[k] = 1.0
    return vjp(W, b, x, u)
    ### END SOLUTION


# %% check="saliency"
check.saliency(saliency)

# %% [markdown]
# **See it.** Five mean digits, and three ways to draw the same derivative.

# %%
shown = [0, 1, 3, 4, 8]
means = np.stack([X_train[:, train_set.labels == k].mean(axis=1) for k in shown], axis=1)
maps = np.hstack([saliency(W_digits, b_digits, means[:, [i]], k) for i, k in enumerate(shown)])
figures.sensitivity(means, shown, maps)

# %% [markdown]
# Three pictures, three questions. **Raw**: would more ink here help? (For the 0, ink in its hole would not.) **Magnitude**: does
# this pixel matter at all? **Times the input**: what did the ink that is there contribute? None of them says *why*; all are
# slopes at one point. How far does a slope reach? Move one pixel and compare with what its slope foretells.

# %%
x_moved, k = X_test[:, [3]], int(labels_test[3])
x_slope = saliency(W_digits, b_digits, x_moved, k)
strongest = [int(i) for i in np.argsort(-np.abs(x_slope[:, 0]))[:8]]
widgets.slider(
    lambda pixel: figures.one_pixel(x_moved, lambda X: outputs(W_digits, b_digits, X), x_slope, pixel, k),
    "pixel", strongest, twin=strongest[:2],
)  # fmt: skip

# %% [markdown]
# ## Steering
#
# Training moves W and keeps x. Turn it round: keep W and move x, until the network says what you want. Not all inputs are yours to move:
# the state of a pendulum is what it is, the torque on it is free.
#
# In one dimension, without a network: find x with x² = 2, by descent on ½(x² − 2)². The inner slope is 2x.

# %%
root = 1.0
for _ in range(6):
    root = root - 0.1 * (root**2 - 2) * 2 * root
    print(f"{root:.6f}", end="  ")

# %% [markdown]
# **Your turn** (estimate: 5 minutes, medium): descent on ½‖ŷ(x) − target‖². Where `free` is False, x must not change at all.

# %% free
check.predict("steer", ...)


# %% answer="steer"
def steer(W, b, x, target, free, steps, rate):
    """Move the free inputs by gradient descent on ½‖ŷ − target‖²; the weights stay.

    x : (n_0, 1)    target : (n_L, 1)    free : boolean, like x    steps : how many    rate : size of a step
    returns array like x; the given x is not changed
    """
    ### BEGIN SOLUTION
    for _ in range(steps):
        x = x - rate * free * dJ_dX(W, b, x, target)
    return x
    ### END SOLUTION


# %% check="steer"
check.steer(steer)

# %% [markdown]
# **See it.** The pendulum of above, at half a radian and 1 rad/s. Which torque makes its speed 0.6 rad/s after a tenth of a second? Its angle
# after that time we take as it comes: the target for θ′ is what the network says anyway.

# %%
wanted = 0.6
start = np.array([0.5, 1.0, -2.0])
x = (start * swings.x_scale + swings.x_offset)[:, None]
free = np.array([[False], [False], [True]])
path = [x]
for _ in range(12):
    target = outputs(W_swing, b_swing, path[-1])
    target[1] = wanted * swings.y_scale[1] + swings.y_offset[1]
    path.append(steer(W_swing, b_swing, path[-1], target, free, steps=25, rate=40.0))
torques = [float((x[2, 0] - swings.x_offset[2]) / swings.x_scale[2]) for x in path]
reached = [float((outputs(W_swing, b_swing, x)[1, 0] - swings.y_offset[1]) / swings.y_scale[1]) for x in path]
true_speed = data.next_state(np.array([[0.5, 1.0, torques[-1]]]))[0, 1]
print(
    f"torque {torques[-1]:.2f} N·m; the network foretells {reached[-1]:.3f} rad/s; physics gives {true_speed:.3f} rad/s; wanted {wanted}"
)

# %%
scan = np.linspace(-3, 3, 61)
speeds = data.next_state(np.column_stack([np.full(61, 0.5), np.full(61, 1.0), scan]))[:, 1]
figures.steered(scan, speeds, wanted, torques, reached)

# %% [markdown]
# The network was trained once, on random swings. Its ∂J/∂X now controls something it never saw. Model-predictive control,
# inverse design, style transfer and "what should I change to get this loan?" are this loop with other costs.

# %% [markdown]
# ## What you can now answer
#
# *Why do we need ∂J/∂X, if backpropagation only needs ∂J/∂W?*
#
# 1. **Backpropagation is made of it.** ∂J/∂a[l] is the ∂J/∂X of layer l + 1. Of the L derivatives by an input, training
#    needs L − 1; with the hand-down cut, ∂J/∂W[1] was exactly 0.
# 2. **The last one, by X itself, is the one that training may skip.** It costs one product, W₁ᵀδ₁.
# 3. **It is what everybody needs who uses a trained network**: sensitivity with units (the pendulum's ∂ω′/∂θ changes sign at 90°),
#    saliency, control, inverse problems; and, from the next page on, adversarial examples and defence.
#
# | posted | what your runs said |
# |---|---|
# | "We do not need any derivative with respect to X." | True of the data, in training. Every layer but the first needs it. |
# | "If the input is fixed, d(loss)/d(input) is not defined." | Defined, and equal to the central difference. Weights are just as fixed. |
# | "The gradient is (Loss2 − Loss1)/(X2 − X1)." | Division by a vector. Entry by entry: divided by zero in places, signs like a coin's. |
# | "Y′ = W2·F2′·W1·F1′" | Right only if hidden and output width are 1. Each D stands left of its W. |
#
# They come from helpful people, and each holds a truth. Now you can see which.

# %%
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - Griewank and Walther, *Evaluating Derivatives* (2008), chapters 3 and 4: jvp and vjp as forward and reverse mode, with their
#   costs. They count **every operation** of a program; the course counts the multiplications of matrix products only.
# - Michael Nielsen, *Neural Networks and Deep Learning*, [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html): the same δ.
#   It **stops at δ** of the first layer with weights, and ∂J/∂X is the line that is missing. He counts layers from 1, the **input included**: his w² is our W[1].
# - Simonyan, Vedaldi and Zisserman, *Deep Inside Convolutional Networks* (2014): saliency maps. They differentiate the score **before the
#   softmax**; we differentiate a_k, after σ. With our σ the two pictures differ by the one factor a_k (1 − a_k): same picture, other scale.
# - Adebayo and others, *Sanity Checks for Saliency Maps* (2018): some popular maps hardly change when the weights are made random. The raw
#   gradient passes the test. The **times-the-input** picture of this chapter always shows the image, whatever the slopes are: it is 0 on white paper.
# - Czarnecki and others, *Sobolev Training for Neural Networks* (2017): slopes as **targets** while training. Our pendulum saw values only, and its
#   slopes were off by up to 23 %.
#
# **Next**: [07 adversarial examples](../07_adversarial/07_adversarial.ipynb) follows the arrows of ∂J/∂X.
