# %% [markdown]
# # 07 Adversarial examples: ∂J/∂X at work
#
# > *"My network reads 97 % of the digits. Somebody changed a picture so little that I cannot see it, and now it says 8."*
#
# Random noise of that size does nothing. The change was not random: somebody asked the network in which direction its
# cost rises, and went there. The question is ∂J/∂X, and you have it. In this chapter you ask it yourself: first of a
# linear model, where everything is exact, then of a network.
#
# | | |
# |---|---|
# | **After this chapter you can** | attack a network in one step, in many steps, within an ℓ∞ or an ℓ2 ball; measure the shortest step that fools it; say why noise does not do it; draw accuracy against ε without flattering yourself |
# | **Time** | about 100 minutes (an estimate) |
# | **You need** | [06](../06_dJ_dX/06_dJ_dX.ipynb): ∂J/∂X of each example's own cost |

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %% [markdown]
# ## What is given
#
# The network of chapter 05, its training, and ∂J/∂X of chapter 06. A class is predicted by the largest z of the last layer:
# σ rises everywhere, so the order is that of ŷ.

# %%
from functools import partial

from course_lib import data, figures, widgets


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def forward(W, b, X):
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = sigmoid(z[l])
    return z, a


def backward(W, b, X, Y):
    """(dW, db, dX) of the mean cost, from chapters 03 and 06."""
    _, a = forward(W, b, X)
    dW, db, back = {}, {}, (a[len(W)] - Y) / X.shape[1]
    for l in range(len(W), 0, -1):
        delta = back * a[l] * (1 - a[l])
        dW[l], db[l], back = delta @ a[l - 1].T, delta.sum(axis=1, keepdims=True), W[l].T @ delta
    return dW, db, back


def dJ_dX(W, b, X, Y):
    """Each example's own ∂J/∂x, from chapter 06."""
    return X.shape[1] * backward(W, b, X, Y)[2]


def predict(W, b, X):
    """The class of each column, (m,)."""
    return forward(W, b, X)[0][len(W)].argmax(axis=0)


def own_cost(W, b, X, Y):
    return 0.5 * np.sum((forward(W, b, X)[1][len(W)] - Y) ** 2, axis=0)


def train(sizes, X, Y, epochs, rate, batch, rng):
    W = {l: rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1]) for l in range(1, len(sizes))}
    b = {l: np.zeros((sizes[l], 1)) for l in W}
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(X.shape[1]), X.shape[1] // batch):
            dW, db, _ = backward(W, b, X[:, rows], Y[:, rows])
            W, b = {l: W[l] - rate * dW[l] for l in W}, {l: b[l] - rate * db[l] for l in b}
    return W, b


train_set, test_set = data.digits().split()
X_train, Y_train = train_set.images.T, data.one_hot(train_set.labels)
X_test, labels = test_set.images.T, test_set.labels
Y_test = data.one_hot(labels)
W, b = train([64, 30, 10], X_train, Y_train, epochs=30, rate=3.0, batch=16, rng=np.random.default_rng(0))
gradient = partial(dJ_dX, W, b)  # the input_gradient(X, Y) that drives the attacks
print(f"test digits read rightly: {np.mean(predict(W, b, X_test) == labels):.1%}")

# %% [markdown]
# ## The linear model
#
# Take the simplest classifier of threes and eights: one weight per pixel, and the sign of wᵀx + b decides. An attacker may change every pixel by
# at most ε. What is the worst that can happen to wᵀx + b?
#
# Each pixel is used on its own: where w_i > 0 push down by ε, where w_i < 0 push up. Every pixel contributes ε·|w_i|, so the value falls by
#
# $$ε \sum_i |w_i| = ε ‖w‖_1$$
#
# and by not a bit more. No search is needed; the worst case is *exact*. With 64 pixels that sum is large although each part is invisible. Random
# signs would partly cancel: about ε‖w‖₂ is left, and that is eight times less if all weights are alike.

# %%
two = np.isin(train_set.labels, [3, 8])
X_two, sign_two = X_train[:, two], np.where(train_set.labels[two] == 8, 1.0, -1.0)
w = np.linalg.solve(X_two @ X_two.T + 5 * np.eye(64), X_two @ sign_two)[:, None]  # ridge regression: ±1 from pixels
value = lambda X: (w.T @ X).ravel()
eps = 0.1
worst = X_two - eps * sign_two * np.sign(w)
noise = X_two - eps * sign_two * np.sign(np.random.default_rng(0).normal(size=X_two.shape))
print(
    f"right: clean {np.mean(np.sign(value(X_two)) == sign_two):.1%}, random signs {np.mean(np.sign(value(noise)) == sign_two):.1%}, worst case {np.mean(np.sign(value(worst)) == sign_two):.1%}"
)
print(
    f"ε‖w‖₁ = {eps * np.abs(w).sum():.6f}; every value moved by {np.abs(value(worst) - value(X_two)).min():.6f} to {np.abs(value(worst) - value(X_two)).max():.6f}"
)

# %% [markdown]
# A linear model, and three images in ten are wrong after a change of a tenth per pixel: adversarial examples are not a disease of deep networks. They come
# from **many inputs that each move a little, together**.

# %% [markdown]
# ## The attack in one line
#
# A network is not linear, but near x its cost is nearly so: J(x + d) ≈ J(x) + gᵀd with g = ∂J/∂x. So do what was exact for the linear
# model. To make J *rise* as much as possible while no pixel moves by more than ε:
#
# $$x_{adv} = x + ε \, \mathrm{sign}(g)$$
#
# This is FGSM, the *fast gradient sign method*. Three details decide whether it is right.
#
# ### Units of ε
# Pixels here run from 0 (paper) to 1 (ink); ε is in the same units. Code from elsewhere divides by 255 or 16. Not here.
#
# ### The true label
# J is taken at the **true** label, also for images that the network misreads already. At the predicted label the attack would push those back to the truth.
#
# ### Pixels that do not matter
# sign(0) is 0: a pixel with an exactly zero gradient stays. In the data, pixels 0, 32 and 39 are constant, so their ∂J/∂W[1] is always 0 or nearly so
# and nobody ever taught those weights anything. Is their ∂J/∂X 0 too?

# %%
G = gradient(X_train, Y_train)
dW, _, _ = backward(W, b, X_train, Y_train)
for pixel in (0, 32, 39):
    print(
        f"pixel {pixel:2}: ink {X_train[pixel].min():.0f} to {X_train[pixel].max():.0f}, largest |∂J/∂W[1]| {np.abs(dW[1][:, pixel]).max():.1g}, largest |∂J/∂x| {np.abs(G[pixel]).max():.2g}"
    )

# %% [markdown]
# It is not. Their weights still have their random start, and an attacker may write there. The network never learned to *ignore* them.
#
# ### In the shape of the exercise
# A step without a network: the cost J = ½‖x − y‖² has the gradient x − y. Make it rise by moving every entry by 0.1, inside the box [0, 1].

# %%
pull = lambda X, Y: X - Y
X_small, Y_small = np.array([[0.2, 0.5], [0.95, 0.0]]), np.array([[0.0, 0.5], [0.0, 1.0]])
print("signs\n", np.sign(pull(X_small, Y_small)), sep="")
print("moved and cut\n", np.clip([[0.2 + 0.1, 0.5], [0.95 + 0.1, 0.0 - 0.1]], 0, 1), sep="")

# %% [markdown]
# **Your turn** (estimate: 5 minutes, easy). The gradient comes as a function: whatever ∂J/∂X you are given drives the attack.
# The check gives that of other networks, with other sizes: call `input_gradient`, not the `gradient` from above.

# %% free
check.predict("fgsm", ...)


# %% answer="fgsm"
def fgsm(input_gradient, X, Y, eps):
    """One step of size eps in every pixel, so that each example's cost rises; cut to [0, 1].

    input_gradient : function (X, Y) → array like X    X : (n_0, m), in [0, 1]    Y : (n_L, m), the true targets    eps : number
    returns array like X
    """
    ### BEGIN SOLUTION
    return np.clip(X + eps * np.sign(input_gradient(X, Y)), 0, 1)
    ### END SOLUTION


# %% check="fgsm"
check.fgsm(fgsm)

# %% [markdown]
# **See it.** Move ε. The change is drawn ten times enlarged, on one scale for every ε, or you would not see it.


# %%
def attacked(eps, i=9):
    """One test image, attacked by your fgsm."""
    x, y = X_test[:, [i]], Y_test[:, [i]]
    x_adv = fgsm(gradient, x, y, eps)
    says, says_adv = forward(W, b, x)[1][2], forward(W, b, x_adv)[1][2]
    return figures.attack(x, x_adv, says, says_adv, int(labels[i]), eps)


widgets.slider(attacked, "ε", [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3], twin=[0.0, 0.06, 0.15])

# %% [markdown]
# ## Targeted
#
# An attacker may want one particular answer: not *anything but 3*, but *8*. Then take the cost at the **wanted** target, and make it *fall*.

# %% [markdown]
# With the toy cost of above: going down ½‖x − y‖² moves every entry towards y. **Your turn** (estimate: 2 minutes, easy).

# %% free
check.predict("targeted_fgsm", ...)


# %% answer="targeted_fgsm"
def targeted_fgsm(input_gradient, X, Y_target, eps):
    """One step of size eps in every pixel, so that the cost at the wanted targets falls; cut to [0, 1].

    Y_target : (n_L, m), what the attacker wants to read
    returns array like X
    """
    ### BEGIN SOLUTION
    return np.clip(X - eps * np.sign(input_gradient(X, Y_target)), 0, 1)
    ### END SOLUTION


# %% check="targeted_fgsm"
check.targeted_fgsm(targeted_fgsm)

# %% [markdown]
# **See it.** Every test digit, once driven away from its truth and once towards "8":

# %%
others = labels != 8
towards_8 = np.repeat(data.one_hot(np.array([8])), len(labels), axis=1)
for eps in (0.05, 0.1, 0.2):
    away = predict(W, b, fgsm(gradient, X_test, Y_test, eps))
    to_8 = predict(W, b, targeted_fgsm(gradient, X_test, towards_8, eps))
    print(
        f"ε = {eps:.2f}: untargeted fools {np.mean(away[others] != labels[others]):.0%}, targeted reads 8 in {np.mean(to_8[others] == 8):.0%}"
    )

# %% [markdown]
# ## Which ball
#
# Some texts say: *an adversarial example goes in the direction in which the loss increases most*. Which direction is that? It depends on how you
# measure length.
#
# - **ℓ∞**: no entry may move by more than ε. The ball is a cube, and the furthest point along g is a corner: ε·sign(g).
# - **ℓ2**: the Euclidean length is at most ε. The ball is a sphere, and the furthest point along g is g itself, made to length ε: ε·g/‖g‖₂.
#
# The same word, *most*, and two answers. For one g:

# %%
g = np.array([[3.0], [0.1], [-4.0]])
corner, point = np.sign(g), g / np.sqrt(np.sum(g**2))
print("ℓ∞ step", corner.ravel(), "rise", (g.T @ corner).item(), "= ‖g‖₁")
print("ℓ2 step", point.ravel().round(3), "rise", (g.T @ point).item().__round__(3), "= ‖g‖₂")

# %% [markdown]
# ### Small gradients
#
# Two traps sit in g/‖g‖. If g is exactly zero there is no direction, and 0/0 is NaN: such an example should stay where it is. Published code avoids
# this by adding a small number to the norm, 10⁻⁸ or so. Then an example of which the network is very sure, with ‖g‖ = 10⁻⁹, moves by a tenth
# of ε, and looks robust. **No floor**: divide where the norm is positive, and only there. `np.divide` has `where` for that:

# %%
tops, bottoms = np.array([[1.0, 5e-12, 0.0]]), np.array([[2.0, 1e-11, 0.0]])
np.divide(tops, bottoms, out=np.zeros_like(tops), where=bottoms > 0)

# %% [markdown]
# **Your turn** (estimate: 7 minutes, medium): one ℓ2 step for every column, each with its own norm.

# %% free
check.predict("fgm_l2", ...)


# %% answer="fgm_l2"
def fgm_l2(input_gradient, X, Y, eps):
    """One step of ℓ2 length eps along each example's gradient; cut to [0, 1]. A zero gradient stays put.

    input_gradient : function (X, Y) → array like X    X : (n_0, m)    Y : (n_L, m)    eps : number
    returns array like X
    """
    ### BEGIN SOLUTION
    g = input_gradient(X, Y)
    norm = np.sqrt(np.sum(g**2, axis=0, keepdims=True))
    return np.clip(X + eps * np.divide(g, norm, out=np.zeros_like(g), where=norm > 0), 0, 1)
    ### END SOLUTION


# %% check="fgm_l2"
check.fgm_l2(fgm_l2)

# %% [markdown]
# **See it.** Why noise does nothing: walk away from one image along its gradient, and along 30 random directions, and watch its cost.

# %%
x, y = X_test[:, [9]], Y_test[:, [9]]
lengths = np.linspace(0, 2, 41)
unit = gradient(x, y) / np.linalg.norm(gradient(x, y))
directions = np.random.default_rng(0).normal(size=(64, 30))
directions /= np.linalg.norm(directions, axis=0)
up = own_cost(W, b, x + unit * lengths, y)
anywhere = np.array([own_cost(W, b, x + directions[:, [i]] * lengths, y) for i in range(30)])
figures.along_lines(lengths, up, anywhere)

# %% [markdown]
# In 64 dimensions a random direction has hardly anything in common with g: the cosine between them is about 1/√64. So a random step of length 1 does
# what a step of length ⅛ along g does. In real images, with 150,000 pixels, it is 1/400.

# %% [markdown]
# ## Ball and box
#
# Attacks of many steps must be kept in two places: in the **ball** around the original image, and in the **box** [0, 1] of possible images. A
# *projection* brings a point to the nearest one inside, and leaves a point that is inside exactly as it is.
#
# For an interval it is `np.clip`. Its limits may be arrays, one for each entry:

# %%
np.clip(np.array([[-1.0, 0.5], [0.7, 2.0]]), np.array([[0.0, 0.6], [0.0, 0.0]]), np.array([[1.0, 1.0], [0.2, 1.5]]))

# %% [markdown]
# **Your turn** (estimate: 5 minutes each, easy and medium): first the cube, then the sphere. Into the ball first, then into the box.

# %% free
check.predict("project_linf", ...)


# %% answer="project_linf"
def project_linf(X_adv, X, eps):
    """X_adv brought into the ℓ∞ ball of radius eps around X, then into [0, 1].

    X_adv, X : (n_0, m)    eps : number
    returns array like X
    """
    ### BEGIN SOLUTION
    return np.clip(np.clip(X_adv, X - eps, X + eps), 0, 1)
    ### END SOLUTION


# %% check="project_linf"
check.project_linf(project_linf)

# %% free
check.predict("project_l2", ...)


# %% answer="project_l2"
def project_l2(X_adv, X, eps):
    """X_adv brought into the ℓ2 ball of radius eps around X, column by column, then into [0, 1].

    X_adv, X : (n_0, m)    eps : number
    returns array like X
    """
    ### BEGIN SOLUTION
    away = X_adv - X
    length = np.sqrt(np.sum(away**2, axis=0, keepdims=True))
    shrink = np.divide(eps, length, out=np.ones_like(length), where=length > eps)
    return np.clip(X + shrink * away, 0, 1)
    ### END SOLUTION


# %% check="project_l2"
check.project_l2(project_l2)

# %% [markdown]
# **See it.** Done twice is the same as done once, and nothing is further than ε:

# %%
far = X_test + np.random.default_rng(3).normal(size=X_test.shape)
near = project_l2(far, X_test, 0.5)
print(
    "furthest before",
    np.linalg.norm(far - X_test, axis=0).max().round(2),
    " after",
    np.linalg.norm(near - X_test, axis=0).max().round(12),
)
print("a second time changes", np.abs(project_l2(near, X_test, 0.5) - near).max())

# %% [markdown]
# ## Many small steps
#
# FGSM trusts the slope at x all the way to the corner. Over that distance J bends. *Projected gradient descent* (PGD; here it climbs) takes
# small steps, asks for the slope anew after each, and projects after each.
#
# The ball stays around the **original** image. Projected around the last iterate, the steps would add up and leave it. A start at a random point of the ball
# finds other ways up.
#
# The same loop with another aim: find the point of the unit disk that is nearest to (2, 1), by small steps and projection.

# %%
point = np.zeros((2, 1))
for _ in range(40):
    point = point + 0.1 * (np.array([[2.0], [1.0]]) - point)
    point = point / max(1.0, np.linalg.norm(point))
print(point.ravel(), " exact", np.array([2, 1]) / np.sqrt(5))

# %% [markdown]
# **Your turn** (estimate: 10 minutes, medium): ℓ∞ PGD. Return the last iterate. A random start only if `rng` is given: uniform in ±eps, projected.

# %% free
check.predict("pgd", ...)


# %% answer="pgd"
def pgd(input_gradient, X, Y, eps, step, steps, rng=None):
    """ℓ∞ PGD: `steps` steps of size `step` that make the cost rise, each projected around the original X.

    input_gradient : function (X, Y) → array like X    X : (n_0, m)    Y : (n_L, m)    eps, step : numbers    steps : int
    rng : a generator for a random start, uniform in ±eps in every pixel and projected; None: start at X
    returns the last iterate, like X
    """
    ### BEGIN SOLUTION
    X_adv = X.copy() if rng is None else project_linf(X + rng.uniform(-eps, eps, X.shape), X, eps)
    for _ in range(steps):
        X_adv = project_linf(X_adv + step * np.sign(input_gradient(X_adv, Y)), X, eps)
    return X_adv
    ### END SOLUTION


# %% check="pgd"
check.pgd(pgd)

# %% [markdown]
# **See it.** One step of size ε is FGSM; more and smaller ones find more.

# %%
eps = 0.15
print(
    "one step of size ε equals fgsm:",
    np.array_equal(pgd(gradient, X_test, Y_test, eps, eps, 1), fgsm(gradient, X_test, Y_test, eps)),
)
for steps in (1, 2, 5, 10, 40):
    X_adv = pgd(gradient, X_test, Y_test, eps, max(eps / steps, eps / 10), steps)
    print(
        f"{steps:2} steps: mean cost {own_cost(W, b, X_adv, Y_test).mean():.3f}, read rightly {np.mean(predict(W, b, X_adv) == labels):.1%}"
    )

# %% [markdown]
# ## How far is the boundary?
#
# So far: given ε, how bad can it get? Now the other way round: how small a change is enough? For the linear model it is again exact. The
# value wᵀx + b has to change by |wᵀx + b|; a step of size ε changes it by at most ε‖w‖_q. So the distance to the plane is
#
# $$\frac{|w^T x + b|}{‖w‖_q}, \qquad q = 2 \text{ for } ℓ2, \quad q = 1 \text{ for } ℓ∞$$
#
# The norm below is the *dual* one: it says how much a step of size 1 can change wᵀx. By hand, w = (3, 4), b = 0, x = (1, 1): the value is 7. With a step of length
# 1 along w it changes by 5, so the ℓ2 distance is 7/5. If both entries move by 1, it changes by 3 + 4, so the ℓ∞ distance is 7/7 = 1.
#
# **Your turn** (estimate: 5 minutes, easy). The box plays no part here.

# %% free
check.predict("smallest_linear", ...)


# %% answer="smallest_linear"
def smallest_linear(w, b, x, norm):
    """Distance from x to the plane wᵀx + b = 0, in the norm "l2" or "linf", without the box.

    w, x : (n, 1)    b : number    norm : "l2" or "linf"
    returns float ≥ 0
    """
    ### BEGIN SOLUTION
    dual = np.sum(np.abs(w)) if norm == "linf" else np.sqrt(np.sum(w**2))
    return float(abs((w.T @ x).item() + b) / dual)
    ### END SOLUTION


# %% check="smallest_linear"
check.smallest_linear(smallest_linear)

# %% [markdown]
# **See it.** The smallest ball of each kind that touches the line, with your radius:

# %%
w2, b2, x2 = np.array([[1.0], [2.0]]), -2.0, np.array([[0.3], [0.2]])
figures.balls(w2, b2, x2, {norm: smallest_linear(w2, b2, x2, norm) for norm in ("l2", "linf")})

# %% [markdown]
# ## The shortest step
#
# A network has bent boundaries, and nine of them. *DeepFool* takes the linear answer and repeats it: linearise z of the last layer at x; for each
# other class k the boundary is a plane, with
#
# - gap: f = z_label − z_k, how much has to change,
# - slope: w = ∂z_k/∂x − ∂z_label/∂x, so its distance is f/‖w‖ and the way there is f/‖w‖² · w.
#
# Go to the nearest plane, a little beyond (2 %), linearise again, until the class changes. At the end **halve back**: on the line from x to the point found, look for the place where
# the class just changes. *Bisection* in one dimension:

# %%
low, high = 0.0, 2.0  # √2 lies between: 0² < 2 < 2²
for _ in range(50):
    middle = (low + high) / 2
    low, high = (low, middle) if middle**2 > 2 else (middle, high)
print(high)

# %% [markdown]
# Why z and not ŷ? The order of the classes is the same, but z is straighter: where ŷ is flat near 1, a linear forecast is poor. The Jacobian of z leaves out
# the last D: W[L] D_{L−1} W[L−1] ⋯ D_1 W[1]. The other Ds stay: a step along a product of weights alone also "works", and is longer than need be.
#
# **Your turn** (estimate: 25 minutes, hard; the hints help). The label, the class to get away from, is what the network reads at x; it stays the same in all steps.

# %% free
check.predict("deepfool", ...)


# %% answer="deepfool"
def deepfool(W, b, x, steps):
    """A nearest point, in ℓ2, that the network reads as another class than x; halved back to where the class just changes.

    W, b : dicts 1 … L    x : (n_0, 1)    steps : how many linear steps at most
    returns array like x, without the box; if so many steps do not change the class, the point that they reach
    """

    ### BEGIN SOLUTION
    def z_and_slopes(x):
        z, a = forward(W, b, x)
        product = np.eye(len(x))
        for l in range(1, len(W) + 1):
            product = W[l] @ product * (a[l] * (1 - a[l]) if l < len(W) else 1)
        return z[len(W)][:, 0], product

    label = z_and_slopes(x)[0].argmax()
    x_adv = x.copy()
    for _ in range(steps):
        z, J = z_and_slopes(x_adv)
        if z.argmax() != label:
            break
        gap, slope = z[label] - z, J - J[label]
        others = np.arange(len(z)) != label
        distance = np.full(len(z), np.inf)
        distance[others] = gap[others] / np.linalg.norm(slope[others], axis=1)
        k = distance.argmin()
        x_adv = x_adv + 1.02 * (distance[k] + 1e-9) * (slope[k] / np.linalg.norm(slope[k]))[:, None]
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        changed = z_and_slopes(x + middle * (x_adv - x))[0].argmax() != label
        low, high = (low, middle) if changed else (middle, high)
    return x + high * (x_adv - x)
    ### END SOLUTION


# %% check="deepfool"
check.deepfool(deepfool)

# %% [markdown]
# **See it.** 150 test digits: the shortest step that you found, and how far one has to go in a random direction.

# %%
rng = np.random.default_rng(0)


def first_change(x, direction, reach=40.0):
    """How far along a direction of length 1 the class changes; infinite if it does not within reach."""
    distances = np.linspace(0, reach, 401)
    changed = predict(W, b, x + direction * distances) != predict(W, b, x)
    return distances[changed.argmax()] if changed.any() else np.inf


nearest, anywhere = [], []
for i in range(150):
    x = X_test[:, [i]]
    nearest.append(np.linalg.norm(deepfool(W, b, x, 50) - x))
    direction = rng.normal(size=(64, 1))
    anywhere.append(first_change(x, direction / np.linalg.norm(direction)))
nearest, anywhere = np.array(nearest), np.array(anywhere)
print(f"median: shortest {np.median(nearest):.2f}, random direction {np.median(anywhere):.2f}")
print(
    np.isinf(anywhere).sum(),
    "of 150 random directions change nothing within a length of 40; left out, they would lower the median",
)

# %%
figures.shortest_steps(labels[:150], nearest, anywhere)

# %% [markdown]
# ## Accuracy against ε
#
# One number at one ε says little. The whole curve says how a network gives way. Rules of fair measurement, all broken somewhere in print:
#
# - every attack starts from the **clean** images, not from those of the last ε;
# - the attack gets the **true** labels, and accuracy is counted against them;
# - images that are misread from the start are counted like all others. Left out, they flatter the curve.
#
# Take a classifier that says "dark" or "light", and an attack that adds light:

# %%
brightness = np.array([[0.9, 0.7, 0.55, 0.2]])
is_dark = np.array([1, 1, 1, 0])
says_dark = lambda X: (X[0] > 0.5).astype(int)
add_light = lambda X, labels, eps: X - eps
print([float(np.mean(says_dark(add_light(brightness, is_dark, eps)) == is_dark)) for eps in (0.0, 0.1, 0.3)])

# %% [markdown]
# **Your turn** (estimate: 5 minutes, easy).

# %% free
check.predict("accuracy_curve", ...)


# %% answer="accuracy_curve"
def accuracy_curve(predict, attack, X, labels, eps_list):
    """The share of attacked images that are read as their true label, for each ε.

    predict : function X → labels (m,)    attack : function (X, labels, eps) → array like X    X : (n_0, m)    labels : (m,)
    returns array (len(eps_list),)
    """
    ### BEGIN SOLUTION
    return np.array([np.mean(predict(attack(X, labels, eps)) == labels) for eps in eps_list])
    ### END SOLUTION


# %% check="accuracy_curve"
check.accuracy_curve(accuracy_curve)

# %% [markdown]
# **See it.** Four attacks on your network, all driven by what you wrote.

# %%
signs = np.sign(np.random.default_rng(1).normal(size=X_test.shape))
attacks = {
    "random signs": lambda X, labels, eps: np.clip(X + eps * signs, 0, 1),
    "FGSM": lambda X, labels, eps: fgsm(gradient, X, data.one_hot(labels), eps),
    "PGD, 40 steps": lambda X, labels, eps: pgd(gradient, X, data.one_hot(labels), eps, eps / 10, 40),
}
eps_list = [0.0, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3]
curves = {
    name: accuracy_curve(partial(predict, W, b), attack, X_test, labels, eps_list) for name, attack in attacks.items()
}
for name, curve in curves.items():
    print(f"{name:14} at ε = 0.15: {curve[eps_list.index(0.15)]:.1%}")

# %%
figures.accuracy_curves(eps_list, curves)

# %% [markdown]
# At ε = 0.15 random signs cost almost nothing, FGSM about two thirds of the digits, PGD more. Same size, other direction. That is the difference that ∂J/∂X makes.
#
# A small trap at the end. Drive FGSM with a *wrong* gradient: all σ′ left out, a product of weights only. What happens?

# %%
careless = lambda X, Y: W[1].T @ (W[2].T @ (forward(W, b, X)[1][2] - Y))
print(
    f"FGSM at ε = 0.15 with a gradient without σ′: {np.mean(predict(W, b, fgsm(careless, X_test, Y_test, 0.15)) == labels):.1%} read rightly"
)
print(
    f"signs that agree with the right gradient: {np.mean(np.sign(careless(X_test, Y_test)) == np.sign(gradient(X_test, Y_test))):.0%}"
)

# %% [markdown]
# It "works". An attack that succeeds proves nothing about its gradient: only a gradient check does. Careful attackers check; careful defenders ask whether the attacker did.

# %% [markdown]
# ## What you can now answer
#
# - *Why does a change that I cannot see fool a network that noise does not?* Because all pixels move together, each in the direction in which J rises. The rise is ε‖g‖₁; noise of the same size gets about ε‖g‖₂.
# - *Is it "the direction in which the loss increases most"?* That depends on the norm: ε·sign(g) in ℓ∞, ε·g/‖g‖₂ in ℓ2.
# - *Is it a disease of depth?* The linear model has it, and there it can be computed exactly.
# - *How far is the nearest mistake?* About half a unit, where a whole image is about four units long; a random direction takes more than ten times that, and one in six never arrives.
# - *How do I know an attack is any good?* Compare with noise, with more steps, with another attack; and check its gradient, since even a wrong one fools.

# %%
check.progress()

# %% [markdown]
# ## Further reading, and where it differs
#
# - Goodfellow, Shlens and Szegedy, *Explaining and Harnessing Adversarial Examples* (2015): FGSM and the linear explanation. Its famous
#   panda has ε = 0.007, in the **units of that network**; ε compares only where units do. "The direction in which the loss increases most" is true **in ℓ∞**, for a linear J.
# - Madry and others, *Towards Deep Learning Models Resistant to Adversarial Attacks* (2018): PGD. It says **descent** and climbs: descent on −J.
# - Moosavi-Dezfooli, Fawzi and Frossard, *DeepFool* (2016). There the 2 % overshoot multiplies the **total** step, here each one; halving
#   back at the end is ours, and cuts the overshoot off again.
# - The attack libraries ART, Foolbox and torchattacks, in the versions that we ran: their ℓ2 step has a **floor in the norm**, or computes in float32. On a
#   network that is very sure (z × 8) one step of length 1 leaves 41 %, 66 % and 83 % of the images right, and a step without a floor 11 %: `benchmarks/README.md`.
# - Carlini and Wagner, *Towards Evaluating the Robustness of Neural Networks* (2017): attacks on **z** rather than on ŷ; you meet the reason in chapter 08.
# - Ilyas and others, *Adversarial Examples Are Not Bugs, They Are Features* (2019): a **different explanation** from the linear one, worth an argument.
#
# **Next**: [08 harden it](../08_harden/08_harden.ipynb).
