# %% [markdown]
# # 00 Start here
#
# > *"Why do we need ∂J/∂X? For backpropagation we only need ∂J/∂W."*
#
# A student asked this, and good people answered. Their answers are half right, and each has a slip in it: a sign, an
# order of factors, a row that should be a column. In this course you will
#
# 1. **answer** the question,
# 2. **prove** every answer with numbers, against finite differences,
# 3. **find the slips** in the circulating answers yourself.
#
# You write the functions: the forward pass, backpropagation, the derivative by the input, attacks, a defence. They are
# short, most of them 1 to 5 lines. A check tells you at once whether one is right, and if not, why.
#
# | | |
# |---|---|
# | **After this page you can** | run a check, read what it says, ask for a hint, and see how far you are |
# | **Time** | about 15 minutes (an estimate) |
# | **You need** | some Python and NumPy, the matrix product, the chain rule |

# %% [markdown]
# ## Is everything here?
#
# Click into the next cell and press **Shift + Enter**: that runs a cell and goes on to the next one.
#
# The cell after it looks whether everything is installed, and says how to mend what is missing.
#
# If the first cell stops with `ModuleNotFoundError`, this notebook runs in another Python than the course's. Close it, open a
# terminal in the folder of the course, type `make lab`, and start again from the page that opens. In VS Code, choose
# the Python in `.venv` as the kernel instead (top right).

# %%
import numpy as np
import course_lib as cl
from course_lib import check

# %%
import os
from importlib.metadata import PackageNotFoundError, version

NEEDED = {
    "numpy": "the mathematics",
    "matplotlib": "the figures",
    "anywidget": "the sliders",
    "nbgrader": "the Validate button",
}

for package, use in NEEDED.items():
    try:
        print(f"✓ {package} {version(package)}, for {use}")
    except PackageNotFoundError:
        print(f"✗ {package} is missing, so {use} will not work.")
        print("  To mend it, type in a terminal in the course's folder: make lab")

if os.access(".", os.W_OK):
    print("✓ a folder that keeps your work")
else:
    print("✗ This folder is read-only, so your work would be lost.")
    print("  To mend it, copy the folder of the course to a place of your own.")

# %% [markdown]
# ## The way through the course
#
# Two roads start at ∂J/∂W. One asks how the **weights** should change: that is learning. The other asks how the
# **input** should change: that is what ∂J/∂X is for.
#
# Some figures of this course move. Drag the slider, or go to it with Tab and press the arrow keys, and see which chapter comes
# when. Where sliders do not run, a still picture stands in their place; you miss nothing.

# %%
from course_lib import figures, widgets

widgets.slider(figures.course_map, "chapter", ["01", "02", "03", "04", "05", "06", "07", "08"], twin=["01"])

# %% [markdown]
# | chapter | the question | time (estimate) |
# |---|---|---|
# | [01 notation](../01_notation/01_notation.ipynb) | What are z and a, and why does W₁X + b₁ fail on my data? | 75 min |
# | [02 derivatives](../02_derivatives/02_derivatives.ipynb) | When can I trust a derivative? | 60 min |
# | [03 ∂J/∂W](../03_dJ_dW/03_dJ_dW.ipynb) | How does backpropagation get all of them from one pass? | 120 min |
# | [04 bug museum](../04_bug_museum/04_bug_museum.ipynb) | Would I notice if my gradient were wrong? | 75 min |
# | [05 training](../05_training/05_training.ipynb) | What is ∂J/∂W good for? | 75 min |
# | [06 ∂J/∂X](../06_dJ_dX/06_dJ_dX.ipynb) | And what is the derivative good for that nobody asked for? | 100 min |
# | [07 adversarial](../07_adversarial/07_adversarial.ipynb) | How little must I change a digit to fool the network? | 100 min |
# | [08 harden](../08_harden/08_harden.ipynb) | Can I make it robust, without fooling myself? | 90 min |
#
# Each chapter stands on its own: what it builds on is given in it. Take them in order, or go where your question is.

# %% [markdown]
# ## How a check speaks
#
# Every exercise has the same five steps. Try them on an exercise that is no trouble at all.
#
# **1. Predict.** Before you write a function, say what you expect. Run the cell: it asks. Write your guess in place of
# the dots and run it once more. Nobody marks it, and nothing waits for it. You learn most from the guesses that were
# wrong, so do not skip it.

# %% free
check.predict("half", ...)

# %% [markdown]
# **2. Check, before you have written anything.** Leave the next cell as it is, run it, and run the check below it.
# The check says `not answered yet`. It fails on purpose: that is how every exercise starts.
#
# **3. Get it wrong, on purpose.** Replace the line `raise NotImplementedError()` by `return x * 2`. Run both cells
# again and *read* the message: at which input (`at x (3,)` is an array x of shape (3,)), which number, what you gave,
# what was wanted, and the cause if the check knows it.
#
# **4. Get it right.** Mend it and run both cells again. A passed check is one line that starts with ✓ and shows one of
# your numbers beside an independent one.


# %% answer="half"
def half(x):
    """Half of x.

    x : a number, or an array of any shape
    returns x/2 : like x; x itself stays as it is
    """
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


# %% check="half"
check.half(half)

# %% [markdown]
# **5. Stuck? Ask for a hint.** Each exercise has three, folded up below its check: the *shape* of the answer, the
# *formula*, a *skeleton* of the code. Open one, try, open the next. `check.hint` gives you the same ones in turn.

# %% free
check.hint("half")

# %% [markdown]
# ## What a check can see
#
# Here are four answers that are not right, each in its own way. Read the four messages. A check looks in this order:
# did it run, has the result the right **shape** and type, did your function **change its input**, is every **value**
# right, and if one is not: is it a mistake that others have made before?


# %%
import contextlib


def doubled(x):
    return x * 2


def whole(x):
    return np.asarray(x // 2, dtype=float)


def summed(x):
    return np.sum(x) / 2


def in_place(x):
    x = np.asarray(x, dtype=float)
    x *= 0.5
    return x


for wrong in (doubled, whole, summed, in_place):
    print(f"{wrong.__name__}:")
    with contextlib.suppress(check.Failed):  # without this, the cell would stop at the first of them
        check.half(wrong)

# %% [markdown]
# The last one gives the right number and is refused all the same. `x *= 0.5`, and likewise `-=` and `x[...] =`, write into
# the array that the caller still holds; `x * 0.5` makes a new one. In chapter 03 such a line would destroy an activation
# that the next layer needs, and the gradient would be wrong two layers further down.

# %% [markdown]
# ## How far am I?
#
# The table below fills as you go. It is kept in `progress.json`, a small file beside this notebook that you can read.
# It survives a restart, and never leaves your machine.

# %% free
check.progress()

# %% [markdown]
# ## Where help is
#
# - **A check fails and you do not see why:** read the line *Ask yourself*, then open the first hint.
# - **A symbol puzzles you:** the [notation card](../01_notation/01_notation.ipynb#Notation-card) has all of them.
# - **A cell behaves strangely:** menu *Kernel → Restart Kernel and Run All Cells*. Then everything is as it stands on
#   the page, from the top. It stops at the first exercise that is not solved, and that is fine.
# - **You want to start a chapter afresh:** rename its folder and run `make lab` again: you get a new copy. Nothing of
#   yours is ever overwritten.
# - **Cells with a lock** are given and cannot be edited. To try something, add a cell of your own with **+**.
#
# ## What you can now answer
#
# - What does a check compare my answer with? *With an independent number; for a derivative, a finite difference.*
# - Why was a right number refused? *Because the function changed its input.*
# - What does the course answer? *Why ∂J/∂X is needed, although training asks for ∂J/∂W alone.*
#
# Next: [01 z, a, and the forward pass](../01_notation/01_notation.ipynb).
