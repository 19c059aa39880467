"""Chapter 04, the bug museum: the judge's side of its exercises."""

from __future__ import annotations

import difflib
import unicodedata

from course_lib.exercises import Exercise, Prediction
from course_lib.exercises.behaviour import naming
from course_lib.exercises.claims import drawn_claims
from course_lib.exercises.compare import describe, values
from course_lib.exercises.measures import trouble
from course_lib.exercises.testing import judge_accepts, judge_fixture
from course_lib.exercises.verdict import failed, partial
from course_lib.exercises.whole_pass import (
    BOOK_KEEPING,
    RAISING_BACKWARD,
    backward,
    name_network_mistake,
    through_network,
    whole_networks,
)
from course_lib.wire import Call, Rng

# The exhibits hang in the notebook; a test proves that each gives exactly what the bank computes for its name.
NAMES = {
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


def judge_names(calls, responses):
    """Score = share of the exhibits that are named right."""
    letters, response = calls[0].args[0], responses[0]
    if complaint := trouble(response):
        return failed(complaint)
    if not isinstance(response.value, dict):
        return failed(
            f"returned {describe(response.value)}, wanted a dict: letter of the exhibit → name of the mistake"
        )
    typed = {str(letter).strip().upper(): name for letter, name in response.value.items()}
    given = {letter: str(typed[letter]) for letter in sorted(letters) if typed.get(letter)}
    names = {letter: on_the_list(name) for letter, name in given.items()}
    right = [letter for letter, name in names.items() if name == NAMES[letter]]
    doubtful = [letter for letter, name in names.items() if name not in (None, NAMES[letter])]
    missing = sorted(set(letters) - given.keys())
    lines = [f"{len(right)} of {len(letters)} exhibits named right."]
    lines += [f"  Not named yet: {', '.join(missing)}."] if missing else []
    lines += [unlisted(letter, given[letter]) for letter, name in names.items() if name is None]
    if doubtful:
        which = "Run it beside the right gradient: which array is wrong first, and by what?"
        lines.append(f"  Look again at {', '.join(doubtful)}. {which}")
    mistake = "exhibit misnamed" if doubtful else None
    return partial(len(right) / len(letters), "\n".join(lines), lines[0] if len(right) == len(letters) else "", mistake)


def on_the_list(name: str) -> str | None:
    """The name of the list that is meant, however it is typed; None if it is none of them."""
    letters = lambda text: "".join(sign for sign in plain(text) if sign.isalnum() or sign in "'/")
    return {letters(listed): listed for listed in MENU}.get(letters(name))


def plain(name: str) -> str:
    """A name as one types it without symbols: small letters, ' for ′ and sigma for σ."""
    primes = dict.fromkeys(("′", "’", "‘", "`", "´", "prime"), "'")
    for sign, meant in primes.items():
        name = name.replace(sign, meant)
    return unicodedata.normalize("NFKC", name).casefold().replace("σ", "sigma")


def unlisted(letter, name) -> str:
    """What to say of a name that is not on the list: the nearest that is."""
    [near] = difflib.get_close_matches(plain(name), map(plain, MENU), n=1, cutoff=0.0)
    return f"  {letter}: {name[:60]!r} is not on the list. The nearest name on it is {on_the_list(near)!r}. Copy names from the list and paste them."


# The list from which the names are chosen: it is longer than the museum.
MENU = sorted([
    *NAMES.values(), "1/m twice", "a of the same layer", "always the last W", "db not summed", "db zero", "dW transposed", "factor 2",
    "half of σ′", "no σ′ in hidden layers", "only one example", "σ′ before Wᵀ", "σ′ averaged over the batch",
])  # fmt: skip


def repair(number, hints, prediction) -> Exercise:
    """One of the four repairs: each must be a right `backward` for any number of layers."""
    verify = values(
        backward, returns=("dW", "db"), slopes=through_network, diagnose=name_network_mistake, analytic=True
    )
    rows = RAISING_BACKWARD + BOOK_KEEPING
    return Exercise(f"repair_{number}", 1, whole_networks, naming(verify, rows), hints, (), prediction, tuple("WbXY"))


EXERCISES = [
    Exercise(
        "name_the_bug", 3, lambda rng: [Call((sorted(NAMES, key=lambda letter: rng.random()),))], judge_names,
        hints=(
            'Shape: a dict with twelve entries, such as {"A": "factor 2", "B": …}. Copy the names from the list and paste them.',
            "Formula: put each exhibit beside the right backward pass of chapter 03 and go line by line: δ at the output, dW, db, δ one layer down, and the range of the loop.",
            "Skeleton: `return {\"A\": \"…\", \"B\": \"…\", …}`. In doubt set `letter` in the cell under the pictures: claim / measured shows a constant factor at once.",
        ),
        prediction=Prediction(
            "Twelve bugs, run on a network with sizes 4-5-3-2. How many of them stop with an error?",
            "Two. Two more give an array of the wrong shape, and the other eight give wrong numbers without a word.",
        ),
    ),
    repair(
        1,
        (
            "Shape: nothing about the shapes is wrong. It is the factor σ′, at each place where it stands.",
            "Formula: σ′(z) = σ(z)(1 − σ(z)) = a(1 − a). u(1 − u) is the right function; look at what it is given.",
            "Skeleton: the exhibit, with `slope(…)` of another array in two places.",
        ),
        Prediction("z(1 − z) in place of a(1 − a): can its sign be wrong, too?", "Yes: for z outside 0 … 1 it is negative. Such a step climbs in some weights and descends in others."),
    ),
    repair(
        2,
        (
            "Shape: dW[l] is (n_l, n_{l−1}) for each single example already. So no shape can show this bug.",
            "Formula: ∂J/∂W[l] = Σ over the examples of δ aᵀ. What happens in the loop to the dW[l] of the example before?",
            "Skeleton: start with `dW = {l: np.zeros(W[l].shape) for l in W}`, the same for db, and in the loop `dW[l] += …`.",
        ),
        Prediction("At which batch size is this exhibit right?", "At m = 1: the last example is the only one. A test with one example lets it pass."),
    ),
    repair(
        3,
        (
            "Shape: all right. Compare W before and after the call.",
            "Formula: δ[l−1] = W[l]ᵀ δ[l] ∘ σ′ with the W of the forward pass. A gradient is a statement about one point: nothing moves while it is computed.",
            "Skeleton: one line less. Updating is the business of the caller, when all of dW and db are there.",
        ),
        Prediction("The learning rate in it is 0.1. If it were 0.0001, would a test see the bug?", "Hardly: the error shrinks with the rate. That is why it survives in working code. The changed W is seen at any rate."),
    ),
    repair(
        4,
        (
            "Shape: δ[l+1] is (n_{l+1}, m) and δ[l] must be (n_l, m). Which W has the shape (n_{l+1}, n_l)?",
            "Formula: δ[l] = W[l+1]ᵀ δ[l+1] ∘ σ′(z[l]): the weights between layer l and layer l + 1.",
            "Skeleton: the exhibit, with another index in one place.",
        ),
        Prediction("On a network with sizes 3-3-3 this exhibit raises no error. What does it give?", "A wrong ∂J/∂W[1], and a right ∂J/∂W[2]. Equal widths turn a crash into silence."),
    ),
    Exercise(
        "accepts", 4, lambda rng: [Call(claim) for claim in drawn_claims(rng)], judge_accepts,
        hints=(
            "Shape: True or False. First compare keys and shapes, because numpy would broadcast: `dW.keys() == W.keys()`, `np.shape(dW[l]) == W[l].shape`.",
            ("Formula: the claim is right if each of its arrays agrees with the measured one, entry by entry, relative to the size of the entries. "
            "`numeric_gradient` measures, `relative_error` compares. Both dicts, all layers. The tolerance: relative, larger than the error of your measurement "
            "(10⁻¹², or 10⁻⁸ by central differences), smaller than any bug (10⁻³)."),
            ("Skeleton: `true_dW, true_db = numeric_gradient(W, b, X, Y)`, then `for l in W:` first `if np.shape(dW[l]) != W[l].shape: return False`, "
            "then `if relative_error(…, …) > …: return False`; the same for db; at the end `return True`."),
        ),
        prediction=Prediction(
            "A test compares only the norms of dW and of the numeric gradient. Which wrong gradients does it accept?",
            "A flipped sign, rows exchanged, a transposed square matrix: whatever keeps the length.",
        ),
    ),
    Exercise(
        "fixture", 2, lambda rng: [Call((Rng(int(seed)),)) for seed in rng.integers(2**31, size=3)], judge_fixture,
        hints=(
            "Shape: W and b dicts 1 … L, X (n₀, m), Y (n_L, m). Draw everything from rng, so that no two numbers are equal by accident.",
            "Formula: L = 3, so that there is a middle; n₀, n₁, n₂, n₃ and m all different; b not 0; Y away from the outputs, some above and some below.",
            ("Skeleton: `sizes, m = [4, 5, 3, 2], 6`, `W = {l: rng.normal(size=(sizes[l], sizes[…])) for l in range(1, len(sizes))}`, "
            "b with shape (sizes[l], 1), `X = rng.normal(size=(…, m))`, `Y = rng.uniform(size=(…, m))`."),
        ),
        prediction=Prediction(
            "Of 121 wrong implementations, how many would you expect to look right at a point with m = 1?",
            "More than a quarter: all that mix up sum, mean, first and last example.",
        ),
    ),
]  # fmt: skip
