# %% [markdown]
# # 02 Derivatives you can trust
#
# > *"Why not simply take the gradient as (Loss2 − Loss1) / (X2 − X1)? And how would I ever know that mine is right?"*
#
# The first question has a short answer: one cannot divide by a vector. The second has a long one, and it is worth more.
# Whoever can measure a derivative needs nobody's word for a formula. In this chapter you build the instruments: two that
# measure, one that compares, and an eye for those that only seem to.
#
# | | |
# |---|---|
# | **After this chapter you can** | measure the derivative of any function of any array; say how exact the measurement is, and choose its step; compare two gradients so that nothing slips through; tell a test that can be trusted from one that cannot |
# | **Time** | about 60 minutes (an estimate, as are the minutes and the ●○○ of difficulty beside each exercise) |
# | **You need** | what a derivative is, and [01](../01_notation/01_notation.ipynb) for z, a and J |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %% [markdown]
# From chapter 01, in short: the forward pass and the cost.


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


# %% [markdown]
# ## A slope that circulates
#
# Here is a small network with fixed weights, and its cost **as a function of the input x alone**: two numbers in, one
# number out. Nothing is trained, and the derivative of J by x exists all the same: it belongs to the function, at a point.

# %%
from course_lib import figures, widgets

W = {1: np.array([[2.0, -1.0], [1.0, 2.0]]), 2: np.array([[2.0, -3.0]])}
b = {1: np.array([[-1.0], [0.5]]), 2: np.array([[0.5]])}


def J(x):
    """Cost of one observation x (2, 1), if 0 is wanted."""
    _, a = forward(W, b, x)
    return cost(a[2], np.array([[0.0]]))


X1, X2 = np.array([[-0.3], [0.2]]), np.array([[1.0], [0.5]])
quotient = (J(X2) - J(X1)) / (X2 - X1)
print(f"J(X1) = {J(X1):.6f}   J(X2) = {J(X2):.6f}   J(X2) − J(X1) = {J(X2) - J(X1):.6f}")
print("(J(X2) − J(X1)) / (X2 − X1) =", quotient.ravel().round(6))

# %%
figures.secant(J, X1, X2)

# %% [markdown]
# NumPy does divide by a vector, entry by entry, and so a formula that is posted again and again,
#
# $$\frac{\text{Loss}_2 - \text{Loss}_1}{X_2 - X_1},$$
#
# gives an array of the right shape. But what would its entries be? Both inputs moved *at the same time*, and the whole
# change of J is booked first on the one, then again on the other. If one input had not moved at all, its entry would be
# a division by zero.
#
# The thought behind it is good, and we keep it: **move a little, and see what J does.** We only have to do it in a way in
# which the question has an answer. There are two: move one entry at a time, or ask about one direction.

# %% [markdown]
# ## One entry at a time
#
# For a number x the oldest recipe is the *forward difference*, (f(x + h) − f(x)) / h with a small h. For an array we
# apply it to one entry after the other. eᵢ is the array that is 1 at the place i and 0 everywhere else.


# %%
def forward_difference(f, x, h=1e-5):
    """(f(x + h·eᵢ) − f(x)) / h for each entry i. x: array of any shape; returns an array like x. n + 1 calls of f."""
    slope = np.zeros(x.shape)
    start = f(x)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        slope[i] = (f(x + h * e) - start) / h
    return slope


forward_difference(J, X1)

# %% [markdown]
# `np.ndindex(x.shape)` walks through all indices of an array, whatever its shape: `(0, 0)`, `(1, 0)` for this x; the empty
# index `()` for a single number.
#
# Note what the function does **not** do: it never writes into x. The shortcut `x[i] += h; up = f(x); x[i] -= h` looks thrifty.
# But (x + h) − h is not always x again in floating point; if f raises an error, x stays moved; and whoever shares x with you
# (a network its W, say) computes with a wrong one meanwhile.
#
# The forward difference leans to one side. Looking the same distance to **both** sides is twice the work and much better:
#
# $$\frac{f(x + h\,e_i) - f(x - h\,e_i)}{2h}$$
#
# Why? Write down Taylor's series for f(x + h) and for f(x − h) and subtract. f(x) goes away, and so does the h² term; what
# is left over, after division by 2h, is only h²/6 · f‴. With the forward difference it is h/2 · f″.
#
# **Your turn** (about 8 minutes, ●○○). Predict first.

# %% free
check.predict("central_difference", ...)


# %% answer="central_difference"
def central_difference(f, x, h=1e-5):
    """(f(x + h·eᵢ) − f(x − h·eᵢ)) / 2h for each entry i of x.

    f : function of an array like x, returns one number
    x : array of any shape, float64; it is never modified, not even for a moment
    h : the step
    returns an array like x; f is called 2n times for n entries
    """
    ### BEGIN SOLUTION
    slope = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        slope[i] = (f(x + h * e) - f(x - h * e)) / (2 * h)
    return slope
    ### END SOLUTION


# %% check="central_difference"
check.central_difference(central_difference)

# %% [markdown]
# **See it.** The slope of x³ at x = 1 is 3. Read down the columns: how many zeros does each line gain?

# %%
for h in (0.1, 0.01, 0.001):
    ahead = forward_difference(lambda x: x**3, np.array(1.0), h) - 3
    both = central_difference(lambda x: x**3, np.array(1.0), h) - 3
    print(f"h = {h:<6} forward difference off by {ahead:.6f}   central difference off by {both:.6f}")

# %% [markdown]
# And on our network: the arrow of the gradient, beside the one that circulates. The gradient stands at right angles to the
# line of equal J and points uphill. Where does the other one point?

# %%
figures.secant(J, X1, X2, central_difference(J, X1))

# %% [markdown]
# ## Along a direction
#
# What *does* the change of J from X1 to X2 tell? It tells how J changes on the straight way from the one to the other.
# Go along a direction v, which has the shape of x, and the slope that you meet is the **directional derivative**:
#
# $$\lim_{h → 0} \frac{f(x + h\,v) - f(x - h\,v)}{2h} = \sum_i \frac{∂f}{∂x_i}\, v_i = ⟨∇f, v⟩$$
#
# One number, for two calls of f, however large x is. By hand: f(x) = x₀² + 3x₁ at x = (1, 1) has the gradient (2, 3). Along
# v = (1, −1) the slope is 2·1 − 3·1 = −1: the first entry pulls up, the second pulls down harder. And along 2v it is −2:
# v is taken as it is, not made a unit vector.
#
# **Your turn** (about 4 minutes, ●○○).

# %% free
check.predict("directional_derivative", ...)


# %% answer="directional_derivative"
def directional_derivative(f, x, v, h=1e-5):
    """The slope of f at x along v: (f(x + h·v) − f(x − h·v)) / 2h.

    f : function of an array like x, returns one number
    x, v : arrays of the same shape; v need not have length 1, and is taken as it is
    returns one number, about Σ ∂f/∂xᵢ · vᵢ
    """
    ### BEGIN SOLUTION
    return (f(x + h * v) - f(x - h * v)) / (2 * h)
    ### END SOLUTION


# %% check="directional_derivative"
check.directional_derivative(directional_derivative)

# %% [markdown]
# **See it.** What the secant from X1 to X2 really measures: the mean of the slopes along the way.

# %%
v = X2 - X1
along = [directional_derivative(J, X1 + t * v, v) for t in np.linspace(0.005, 0.995, 100)]
print(f"J(X2) − J(X1)                         {J(X2) - J(X1):.6f}")
print(f"mean slope along v on the way         {np.mean(along):.6f}")
print(f"slope along v at X1                   {directional_derivative(J, X1, v):.6f}")
print(f"⟨gradient at X1, v⟩                   {np.sum(central_difference(J, X1) * v):.6f}")

# %% [markdown]
# The first two lines agree, and so do the last two. So Loss2 − Loss1 has a meaning: it is the **mean of the slopes along
# v = X2 − X1**, taken over the whole way from X1 to X2. (Divided by the length ‖v‖ it is the mean slope per unit of way.) It is
# one number and not a gradient, and only for X2 close to X1 is it near the slope at X1. Here not even the sign is the same: the
# way leads down first, and then up.
#
# Keep `directional_derivative` in mind as the cheapest of all tests: a gradient g that somebody gives you must satisfy
# ⟨g, v⟩ = slope along v, for a *random* v. One random direction finds nearly every mistake. It only does not say where.

# %% [markdown]
# ## How far off is far off?
#
# Your formula says 0.0021, your measurement 0.0020. Is that right? It depends on the size of the numbers, so we compare
# **relative to them**, entry by entry, and keep the worst:
#
# $$\max_i \frac{|a_i - n_i|}{|a_i| + |n_i|}$$
#
# It lies between 0 and 1, whatever the units. A factor of 2 gives 1/3. Three cases need a decision:
#
# | case | numpy gives | we want | why |
# |---|---|---|---|
# | both entries are 0 | 0/0 = NaN | 0 | they agree; many pixels are always 0, and so is their ∂J/∂W |
# | NaN in a or in n | NaN | inf | NaN < tolerance is False, but so is NaN > tolerance: a test written the other way round lets it pass |
# | different shapes | often no error | `ValueError` | (n,) against (n, 1) broadcasts to n² comparisons |
#
# Here is a function of the same shape, for the absolute difference. Look at how it refuses.


# %%
def largest_difference(a, n):
    """The largest |a − n|, inf if there is NaN. Raises ValueError for different shapes."""
    if np.shape(a) != np.shape(n):
        raise ValueError(f"shapes {np.shape(a)} and {np.shape(n)}: wanted two of the same shape")
    difference = np.abs(np.subtract(a, n))
    return float(np.where(np.isnan(difference), np.inf, difference).max())


print(
    largest_difference(np.array([1.0, 2.0]), np.array([1.0, 2.5])),
    largest_difference(np.array([1.0, np.nan]), np.array([1.0, 2.0])),
)

# %% [markdown]
# **Your turn** (about 10 minutes, ●●○).

# %% free
check.predict("relative_error", ...)


# %% answer="relative_error"
def relative_error(a, n):
    """The worst entry of |a − n| / (|a| + |n|).

    a, n : arrays of the same shape, or two numbers
    returns one float: 0 where both entries are 0; inf if there is NaN; 1 for a flipped sign
    raises ValueError if the shapes differ
    """
    ### BEGIN SOLUTION
    if np.shape(a) != np.shape(n):
        raise ValueError(f"shapes {np.shape(a)} and {np.shape(n)}: wanted two of the same shape")
    size = np.abs(a) + np.abs(n)
    error = np.abs(np.subtract(a, n)) / np.where(size == 0, 1, size)
    return float(np.where(np.isnan(error), np.inf, error).max())
    ### END SOLUTION


# %% check="relative_error"
check.relative_error(relative_error)

# %% [markdown]
# **See it.** The gradient of our J, and what your function says of some neighbours of it.

# %%
n = central_difference(J, X1)
for name, a in {
    "forward difference": forward_difference(J, X1),
    "1 % too large": 1.01 * n,
    "twice": 2 * n,
    "flipped sign": -n,
    "the quotient": quotient,
}.items():
    print(f"{name:20} {relative_error(a, n):.1e}")

# %% [markdown]
# An error of 1 % shows as 0.005, because the denominator adds up *both* gradients and so is twice the size of one.

# %% [markdown]
# ## A derivative without a difference
#
# A difference of two nearly equal numbers loses digits: f(x + h) and f(x − h) agree in most of theirs, and what is left is
# divided by something tiny. There is a way without any difference. It looks like a joke: take an **imaginary** step.
#
# $$f(x + ih) = f(x) + ih\,f'(x) - \tfrac{h^2}{2} f''(x) - …$$
#
# The real part holds f(x), the imaginary part holds h · f′(x). Nothing is subtracted; one only reads off the imaginary part
# and divides by h. So h may be as small as you like, and the rest of the series is smaller than any rounding.


# %%
def cube(x):
    return x**3


for h in (1e-5, 1e-15, 1e-30):
    real = (cube(1.0 + h) - cube(1.0 - h)) / (2 * h)
    print(f"h = {h:.0e}   central difference {real:.16f}   complex step {np.imag(cube(1.0 + 1j * h)) / h:.16f}")

# %% [markdown]
# **Your turn** (about 6 minutes, ●●○): the same for each entry of an array.

# %% free
check.predict("complex_step", ...)


# %% answer="complex_step"
def complex_step(f, x, h=1e-30):
    """Im f(x + i·h·eᵢ) / h for each entry i of x.

    f : function of a complex array like x, returns one complex number; analytic (see below)
    x : array of any shape, float64; it is never modified
    returns a float64 array like x, right to the last digits; f is called n times
    """
    ### BEGIN SOLUTION
    slope = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = 1.0
        slope[i] = np.imag(f(x + 1j * h * e)) / h
    return slope
    ### END SOLUTION


# %% check="complex_step"
check.complex_step(complex_step)

# %% [markdown]
# **See it**, and see where it lies. The series above holds for *analytic* functions: made of +, ·, /, exp, sin and the
# like. Some functions of numpy are not, and most of those do not complain.

# %%
x = np.array([3.0, -4.0])
suspects = {
    "Σ x³":                 lambda x: np.sum(x**3),
    "Σ |x|":                lambda x: np.sum(np.abs(x)),
    "‖x‖ by np.linalg":     lambda x: np.linalg.norm(x),
    "‖x‖ as √Σx²":          lambda x: np.sqrt(np.sum(x**2)),
    "Σ x·conj(x)":          lambda x: np.sum(x * np.conj(x)),
}  # fmt: skip
for name, f in suspects.items():
    true, stepped = central_difference(f, x), complex_step(f, x)
    print(
        f"{name:18} central {true.round(6)}   complex {stepped.round(6)}   {'' if relative_error(stepped, true) < 1e-6 else '← a silent lie'}"
    )

# %% [markdown]
# abs, norm and conj throw the imaginary part away or turn it round, so the slope comes out as 0. Comparisons, `max`, and
# `.real` inside f are of the same kind. The remedy is in the table: `√Σx²` in place of `norm`. And the habit: **certify a
# complex step once by a central difference**, as this cell does. The one is exact, the other is honest.
#
# Our σ and J are made of exp, + and /, so they are safe. This course's checks measure your gradients in just this way.

# %% [markdown]
# ## The bottom of the V
#
# Back to real steps, for functions that allow no others. How small should h be? Two errors pull in opposite directions:
#
# | | grows with | because |
# |---|---|---|
# | truncation | h² | the curve bends between x − h and x + h |
# | rounding | 1/h | f(x ± h) is right to 16 digits at best; the error, about 10⁻¹⁶·abs(f), is divided by 2h |
#
# On doubly logarithmic paper the sum of the two is a **V**. The best h is at its bottom, and it is not the same for all
# functions: a fast one needs short steps, one with a large constant in it needs long ones.
#
# One step of it, in the shape of the exercise: which of two steps is better for x³ at 1?


# %%
def better_of_two(f, x, df):
    """0.1 or 0.001, whichever gives the central difference that is nearer to the true slope df."""
    errors = {h: abs((f(x + h) - f(x - h)) / (2 * h) - df) for h in (0.1, 0.001)}
    return min(errors, key=errors.get)


better_of_two(cube, 1.0, 3.0)

# %% [markdown]
# **Your turn** (about 6 minutes, ●●○): find the bottom. Powers of ten from 10⁻¹ to 10⁻¹² are fine enough.

# %% free
check.predict("best_step", ...)


# %% answer="best_step"
def best_step(f, x, df):
    """The step h > 0 with which the central difference of f at x comes closest to the true slope.

    f : function of one number    x : a number    df : the true slope f′(x), a number
    returns h, such as 1e-5
    """
    ### BEGIN SOLUTION
    steps = 10.0 ** -np.arange(1, 13)
    errors = [abs((f(x + h) - f(x - h)) / (2 * h) - df) for h in steps]
    return steps[np.argmin(errors)]
    ### END SOLUTION


# %% check="best_step"
check.best_step(best_step)

# %% [markdown]
# **See it.** The cost of one neuron as a function of its z, if 0 is wanted: J = ½σ(z)², so J′ = σ · σ(1 − σ). The marks
# are your central difference and your complex step, for each h. Move h, and watch the digits below: the right ones are dark.


# %%
def neuron_cost(z):
    return sigmoid(z) ** 2 / 2


z0 = 0.8
slope0 = sigmoid(z0) ** 2 * (1 - sigmoid(z0))
widgets.slider(
    lambda k: figures.v_curve(neuron_cost, z0, slope0, forward_difference, central_difference, complex_step, h=10.0**k),
    "h = 10 to the power",
    list(range(-1, -17, -1)),
    twin=[-1, -5, -13],
)

# %%
print(f"your best step: {best_step(neuron_cost, z0, slope0):.0e}")

# %% [markdown]
# The central difference wins about 10 or 11 digits at its best, the forward difference 8, the complex step all of them,
# at any small h. That is the reason for the default h = 10⁻⁵ above, and for the tolerance of any honest test.
#
# ### Deeper down it gets worse
#
# Rounding is as large as J says, not as large as the gradient. In a deep network the gradient of the first layer is tiny:
# each layer passes on a quarter at most. So the same step that was right to 10 digits loses one after the other.


# %%
def deep_J(depth, rng, width=4):
    """J of a random network of that depth as a function of W[1], and W[1] itself."""
    W = {l: rng.normal(size=(width, width)) for l in range(1, depth + 1)}
    b = {l: 0.1 * rng.normal(size=(width, 1)) for l in W}
    X, Y = rng.normal(size=(width, 3)), rng.uniform(size=(width, 3))
    return lambda w: cost(forward({**W, 1: w}, b, X)[1][depth], Y), W[1]


rng = np.random.default_rng(4)
size, central, ahead = {}, {}, {}
for depth in (1, 2, 4, 6, 8, 10, 12):
    nets = [deep_J(depth, rng) for _ in range(9)]
    exact = [complex_step(*net) for net in nets]
    size[depth] = np.median([np.abs(g).max() for g in exact])
    central[depth] = np.median(
        [relative_error(central_difference(*net), g) for net, g in zip(nets, exact, strict=True)]
    )
    ahead[depth] = np.median([relative_error(forward_difference(*net), g) for net, g in zip(nets, exact, strict=True)])

figures.error_by_depth(size, central, ahead)

# %% [markdown]
# A test with the tolerance 10⁻⁷ would reject the *right* gradient of the deep network, and one with 10⁻² would accept
# wrong ones. Either measure better (complex step), or test on small networks. Both is best.

# %% [markdown]
# ## Whom do you trust?
#
# A checker gets two gradients, yours and a measured one, and says True or False. Here are six, each a small model of a rule
# that is in use somewhere: in a published course, an assignment's test, a forum answer.
#
# | rule | says True if |
# |---|---|
# | norms | each column is added up, in a and in n; the *lengths* of the two rows of sums differ by less than 10⁻⁶ |
# | absolute tolerance | shapes are equal and all entries differ by less than 10⁻³ |
# | shapes | the shapes are equal |
# | one observation | shapes are equal and the first *column* agrees |
# | quotient | shapes are equal and the largest abs(a − n) / (abs(a) + abs(n)) is less than 10⁻⁶, computed as written |
# | count | a and n are compared entry by entry, as numpy pairs them; at least as many pairs agree as n has entries |
#
# A rule can fail in two ways: it **accepts a wrong gradient**, or it **rejects a right one**. Let us try one of each kind of
# pair on all of them. Read the table row by row: which answers are wrong?

# %%
from course_lib.functions import RULES, rule

in_use = {name: rule(name) for name in RULES}
n = np.array([[0.3, -0.2], [0.5, 0.1]])
tried = {
    "equal": (n, n),
    "flipped sign": (-n, n),
}
figures.verdicts(
    {name: {pair: accepts(*tried[pair]) for pair in tried} for name, accepts in in_use.items()}, right=["equal"]
)

# %% [markdown]
# Two rows have betrayed themselves. For the others one needs better pairs. That is the exercise: collect **right pairs
# that a bad rule rejects** and **wrong pairs that a bad rule accepts**, and keep the rules that make no mistake on any.
#
# The check hands you sets of six rules under names that say nothing. Some are as in the table, others have been mended
# in one point. Terms of the contest: gradients are 2-D arrays (n, m), or (n, 1), with entries between 10⁻⁶ and 10⁶ in size;
# the numeric one is right to 8 digits in each entry, zeros exactly; a wrong one is off by 1 % at least somewhere, or has the
# wrong shape, or is NaN.
#
# **Your turn** (about 15 minutes, ●●●).

# %% free
check.predict("trustworthy", ...)


# %% answer="trustworthy"
def trustworthy(checkers):
    """The names of the checkers that accept no wrong gradient and reject no right one.

    checkers : dict, name → f(analytic, numeric) → True or False, for two arrays
    returns a set of names, perhaps empty: set()
    """
    ### BEGIN SOLUTION
    n = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
    last_column = n * [1.0, 1.0, 1.1]
    right = [(size * n, size * n) for size in (1e-5, 1.0, 1e5)] + [(0 * n, 0 * n), (n * [1, 0, 1], n * [1, 0, 1])]
    wrong = [
        (-n, n),
        (-1e-5 * n, 1e-5 * n),
        (n[:, [1, 0, 2]], n),
        (last_column, n),
        (n[:, 0], n[:, :1]),
        (np.nan * n, n),
    ]
    return {
        name
        for name, accepts in checkers.items()
        if all(accepts(a, n) for a, n in right) and not any(accepts(a, n) for a, n in wrong)
    }
    ### END SOLUTION


# %% check="trustworthy"
check.trustworthy(trustworthy)

# %% [markdown]
# **See it.** First the six rules as they are in use, then all of them mended.

# %%
print("trustworthy as in use:", trustworthy(in_use) or "none")
print("trustworthy, mended:  ", trustworthy({name: rule(name, mended=True) for name in RULES}))

# %% [markdown]
# Not one of the six. Each finds *some* mistakes, and that is the danger: it has caught something before, so one believes it.
# Here is what each is blind to. Where a rule is wrong, the cell is marked.

# %%
tried = {
    "equal": (n, n),
    "0 where 0\nis right": (n * [[1], [0]], n * [[1], [0]]),
    "flipped\nsign": (-n, n),
    "flipped,\ntiny": (-1e-5 * n, 1e-5 * n),
    "last column\nwrong": (n * [1, 2], n),
    "(n,) for\n(n, 1)": (n[:, 0], n[:, :1]),
}
figures.verdicts(
    {name: {pair: accepts(*tried[pair]) for pair in tried} for name, accepts in in_use.items()},
    right=["equal", "0 where 0\nis right"],
)

# %% [markdown]
# ## What you can now answer
#
# - *Is the gradient (Loss2 − Loss1) / (X2 − X1)?* No. Loss2 − Loss1, divided by the distance, is the mean slope along the way
#   from X1 to X2: one number. A gradient needs one question for each entry, or a formula.
# - *How do I know that my gradient is right?* Measure it: entry by entry by central differences, or to the last digit by a
#   complex step if the function is analytic as written. Then compare, relatively and entry by entry, shapes first.
# - *How small should h be?* At the bottom of the V: near 10⁻⁵ for a well-scaled function, elsewhere for others.
# - *A test has passed. Is the gradient right?* That depends on the test. In chapter 04 you write one, and it is tested.

# %% free
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - Squire and Trapp, *Using complex variables to estimate derivatives of real functions*, SIAM Review 40 (1998), 110–112: two
#   pages, the complex step. They do not speak of abs and norm in code; Martins, Sturdza and Alonso, *The complex-step derivative
#   approximation*, ACM TOMS 29 (2003), 245–262, do, and say how to mend them.
# - *CS231n, Neural Networks part 3*, "Gradient checks": good practical advice. Its relative error divides by the **larger** of
#   the two, so a flipped sign gives 2 there and 1 here.
# - *UFLDL, Gradient checking*: compares **norms of whole gradients**, ‖n − a‖ / ‖n + a‖. A wrong entry, or a wrong layer with
#   small entries, hides behind the large ones.
# - Nocedal and Wright, *Numerical Optimization*, section 8.1: why the best step of a central difference goes with the cube root
#   of the rounding error, and that of a forward difference with the square root.
#
# Next: [03 ∂J/∂W](../03_dJ_dW/03_dJ_dW.ipynb).
