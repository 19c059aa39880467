"""Chapter 05: right answers pass however they are written, wrong ones fail and are named."""

import itertools

import numpy as np
import pytest

from course_lib import figures
from course_lib.exercises import ch05_training as chapter
from course_lib.exercises import descent, find, judge, trained
from course_lib.exercises.mistakes import MISTAKES
from course_lib.respond import respond

NAMES = [exercise.name for exercise in chapter.EXERCISES]


def gradients(W, b, X, Y):
    """A student's own backward pass."""
    a, delta = {0: X}, {}
    for layer in W:
        a[layer] = 1 / (1 + np.exp(-(W[layer] @ a[layer - 1] + b[layer])))
    for layer in reversed(W):
        back = (a[layer] - Y) / Y.shape[1] if layer == len(W) else W[layer + 1].T @ delta[layer + 1]
        delta[layer] = back * a[layer] * (1 - a[layer])
    return {k: delta[k] @ a[k - 1].T for k in W}, {k: delta[k].sum(1, keepdims=True) for k in W}


def cost(W, b, X, Y):
    a = X
    for layer in W:
        a = 1 / (1 + np.exp(-(W[layer] @ a + b[layer])))
    return np.sum((a - Y) ** 2) / (2 * Y.shape[1])


# Right answers, written differently. -----------------------------------------------------------------------------------------


def starts_he(sizes, rng):
    W = {k: rng.standard_normal((sizes[k], sizes[k - 1])) * np.sqrt(2 / sizes[k - 1]) for k in range(1, len(sizes))}
    return W, {k: np.zeros((sizes[k], 1)) for k in W}


def starts_glorot(sizes, rng):
    W, b = {}, {}
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(sizes), 1):
        limit = np.sqrt(6 / (n_in + n_out))
        W[layer], b[layer] = rng.uniform(-limit, limit, (n_out, n_in)), 0.01 * rng.normal(size=(n_out, 1))
    return W, b


def starts_uniform(sizes, rng):
    W = {k: rng.uniform(-1, 1, (sizes[k], sizes[k - 1])) / sizes[k - 1] ** 0.5 for k in range(1, len(sizes))}
    return W, {k: np.zeros_like(W[k][:, :1]) for k in W}


def update_copies(W, b, dW, db, rate):
    W, b = {k: v.copy() for k, v in W.items()}, {k: v.copy() for k, v in b.items()}
    for k in W:
        W[k] -= rate * dW[k]
        b[k] += -rate * db[k]
    return W, b


def minibatches_generator(X, Y, size, rng):
    order = np.arange(X.shape[1])
    rng.shuffle(order)
    for start in range(0, len(order), size):
        yield X[:, order[start : start + size]], Y[:, order[start : start + size]]


def minibatches_split(X, Y, size, rng):
    cuts = np.split(rng.permutation(X.shape[1]), range(size, X.shape[1], size))
    return tuple((np.asfortranarray(X[:, cut]), Y[:, cut]) for cut in cuts)


def minibatches_shuffled_once(X, Y, size, rng):
    order = rng.permutation(X.shape[1])
    X, Y = X[:, order], Y[:, order]
    return [[X[:, k : k + size], Y[:, k : k + size]] for k in range(0, X.shape[1], size)]


def minibatches_lazy(X, Y, size, rng):
    order = rng.permutation(X.shape[1])
    return ((X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in range(0, len(order), size))


def train_plain(W, b, X, Y, *, epochs, rate, batch, rng):
    history = []
    for _ in range(epochs):
        for X_batch, Y_batch in minibatches_generator(X, Y, batch, rng):
            W, b = update_copies(W, b, *gradients(W, b, X_batch, Y_batch), rate)
        history.append(cost(W, b, X, Y))
    return W, b, history


def train_array_history(W, b, X, Y, *, epochs, rate, batch, rng):
    W, b, history = {k: v.copy() for k, v in W.items()}, {k: v.copy() for k, v in b.items()}, np.zeros(epochs)
    for epoch in range(epochs):
        for X_batch, Y_batch in minibatches_split(X, Y, batch, rng):
            dW, db = gradients(W, b, X_batch, Y_batch)
            for k in W:
                W[k] -= rate * dW[k]
                b[k] -= rate * db[k]
        history[epoch] = cost(W, b, X, Y)
    return W, b, history


def softmax_loop(z):
    out = np.empty(z.shape)
    for j in range(z.shape[1]):
        e = np.exp(z[:, j] - max(z[:, j]))
        out[:, j] = e / sum(e)
    return out


def softmax_log(z):
    shifted = z - z.max(axis=0)
    return np.exp(shifted - np.log(np.exp(shifted).sum(axis=0)))


def cross_entropy_picked(y_hat, Y):
    right = Y > 0
    return -np.sum(Y[right] * np.log(y_hat[right])) / Y.shape[1]


def cross_entropy_where(y_hat, Y):
    logs = np.log(y_hat, out=np.zeros_like(y_hat), where=Y != 0)
    return float(np.mean(-np.sum(Y * logs, axis=0)))


def cross_entropy_tiny(y_hat, Y):
    return -np.einsum("ij,ij->", Y, np.log(np.maximum(y_hat, np.finfo(float).tiny))) / Y.shape[1]


def critical_loop(W, b, X, Y, tol):
    for arrays in gradients(W, b, X, Y):
        for array in arrays.values():
            if (abs(array) > tol).any():
                return False
    return True


def critical_numpy(W, b, X, Y, tol):
    dW, db = gradients(W, b, X, Y)
    return np.max(np.abs(np.concatenate([g.ravel() for g in [*dW.values(), *db.values()]]))) <= tol


RIGHT = [
    ("initial_weights", starts_he), ("initial_weights", starts_glorot), ("initial_weights", starts_uniform),
    ("update", update_copies),
    ("minibatches", minibatches_generator), ("minibatches", minibatches_split), ("minibatches", minibatches_shuffled_once),
    ("minibatches", minibatches_lazy),
    ("train", train_plain), ("train", train_array_history),
    ("softmax", softmax_loop), ("softmax", softmax_log),
    ("cross_entropy", cross_entropy_picked), ("cross_entropy", cross_entropy_where), ("cross_entropy", cross_entropy_tiny),
    ("delta_softmax", lambda y_hat, Y: y_hat / Y.shape[1] - Y / Y.shape[1]),
    ("delta_softmax", lambda y_hat, Y: np.asfortranarray((y_hat - Y) / len(Y.T))),
    ("critical", critical_loop), ("critical", critical_numpy),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_reference_passes_at_fresh_points(name):
    exercise, answer = find(name), getattr(descent, name)
    for seed in range(5):
        calls = exercise.calls(np.random.default_rng(seed))
        verdict = exercise.verdict(calls, respond(answer, calls))
        assert verdict, str(verdict)


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers_pass_however_written(name, answer):
    verdict = judge(find(name), answer)
    assert verdict, str(verdict)


@pytest.mark.parametrize("name", NAMES)
def test_stub_is_not_answered(name):
    namespace = {}
    exec(f"def {name}(*args, **kwargs):\n    raise NotImplementedError()", namespace)  # noqa: S102 (our own source)
    assert judge(find(name), namespace[name]).state == "not_answered"


# Wrong answers by the name of the mistake. -----------------------------------------------------------------------------------

TABLES = {
    "update": chapter.WRONG_UPDATE, "train": chapter.WRONG_TRAIN, "softmax": chapter.WRONG_SOFTMAX,
    "cross_entropy": chapter.WRONG_CROSS_ENTROPY, "delta_softmax": chapter.WRONG_DELTA_SOFTMAX, "critical": chapter.WRONG_CRITICAL,
}  # fmt: skip


OTHER_WORDS = {
    "train": chapter.HARD_CODED, "softmax": chapter.WRONG_SUMS, "cross_entropy": chapter.WRONG_LOGARITHMS,
}  # fmt: skip


def fails_as(mistake, name, answer):
    """The verdict is a failure that names the mistake, explains it and asks a question."""
    verdict = judge(find(name), answer)
    assert (verdict.state, verdict.mistake) == ("failed", mistake), str(verdict)
    assert MISTAKES[mistake].explanation in verdict.message
    assert MISTAKES[mistake].question in verdict.message
    return verdict


@pytest.mark.parametrize(("name", "mistake"), [(name, mistake) for name, table in TABLES.items() for mistake in table])
def test_wrong_answers_fail_and_are_named(name, mistake):
    fails_as(mistake, name, TABLES[name][mistake])


@pytest.mark.parametrize(
    ("name", "mistake", "answer"), [(name, *row) for name, rows in OTHER_WORDS.items() for row in rows]
)
def test_the_same_mistake_in_other_words_is_named_too(name, mistake, answer):
    fails_as(mistake, name, answer)


def spread(factor):
    """A start whose W[l] are normal, times factor(n_in, n_out)."""

    def start(sizes, rng):
        W = {
            k: rng.normal(size=(sizes[k], sizes[k - 1])) * factor(sizes[k - 1], sizes[k]) for k in range(1, len(sizes))
        }
        return W, {k: np.zeros((sizes[k], 1)) for k in W}

    return start


def start_of_ones_sign(sizes, rng):
    W, b = spread(lambda n_in, n_out: n_in**-0.5)(sizes, rng)
    return {k: abs(W[k]) for k in W}, b


def start_with_b(sizes, rng, b_of):
    W, b = spread(lambda n_in, n_out: n_in**-0.5)(sizes, rng)
    return W, {k: b_of(len(b[k])) for k in b}


def start_of_global_generator(sizes, rng):
    return spread(lambda n_in, n_out: n_in**-0.5)(sizes, np.random)


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("all neurons alike", spread(lambda n_in, n_out: 0.0)),
        ("spread not scaled", spread(lambda n_in, n_out: 1.0)),
        ("spread not scaled", spread(lambda n_in, n_out: 0.01)),
        ("spread not scaled", spread(lambda n_in, n_out: 0.1)),  # 1/√100, by chance: the first layer has 100 outputs
        ("divided by n in place of √n", spread(lambda n_in, n_out: 1 / n_in)),
        ("multiplied by √n", spread(lambda n_in, n_out: n_in**0.5)),
        ("scaled by the outputs", spread(lambda n_in, n_out: n_out**-0.5)),
        ("weights of one sign", start_of_ones_sign),
        ("b not zero", lambda sizes, rng: start_with_b(sizes, rng, lambda n: rng.normal(size=(n, 1)))),
        ("b not zero", lambda sizes, rng: start_with_b(sizes, rng, lambda n: np.full((n, 1), 0.2))),
        ("seed fixed inside", lambda sizes, rng: starts_he(sizes, np.random.default_rng(0))),
        ("another generator", start_of_global_generator),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_starts(mistake, answer):
    fails_as(mistake, "initial_weights", answer)


def cut(order_of, rows=False, keep=lambda cuts, size: cuts):
    """Minibatches by `order_of(m, size, rng)` → (order of X, order of Y)."""

    def answer(X, Y, size, rng):
        for_X, for_Y = order_of(X.shape[1], size, rng)
        cuts = keep([slice(k, k + size) for k in range(0, len(for_X), size)], size)
        pairs = [(X[:, for_X[c]], Y[:, for_Y[c]]) for c in cuts]
        return [(x.T, y.T) for x, y in pairs] if rows else pairs

    return answer


def windows(X, Y, size, rng):
    order = rng.permutation(X.shape[1])
    return [(X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in range(X.shape[1])]


def windows_counted(X, Y, size, rng):
    """`for k in range(m // size)`, and k taken for a place: the first few columns again and again, the others never."""
    return windows(X, Y, size, rng)[: X.shape[1] // size]


def dealt(X, Y, size, rng, rows=None):
    """A shuffle of all columns, and a range that may count something else."""
    order = rng.permutation(X.shape[1])
    for k in range(0, rows or X.shape[1], size):
        yield X[:, order[k : k + size]], Y[:, order[k : k + size]]


def one_order(m, size, rng):
    return (rng.permutation(m),) * 2


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("not shuffled", cut(lambda m, size, rng: (np.arange(m),) * 2)),
        ("X and Y shuffled apart", cut(lambda m, size, rng: (rng.permutation(m), rng.permutation(m)))),
        ("drawn with replacement", cut(lambda m, size, rng: (rng.integers(m, size=m),) * 2)),
        ("last minibatch dropped", cut(lambda m, size, rng: (rng.permutation(m)[: max(m // size, 1) * size],) * 2)),
        ("rows counted, not columns", cut(lambda m, size, rng: (rng.permutation(8),) * 2)),
        ("rows counted, not columns", lambda X, Y, size, rng: list(dealt(X, Y, size, rng, rows=len(X)))),
        ("minibatches overlap", lambda X, Y, size, rng: windows(X, Y, size, rng)),
        ("minibatches overlap", windows_counted),
        ("return inside the loop", lambda X, Y, size, rng: next(dealt(X, Y, size, rng))),
        ("return inside the loop", lambda X, Y, size, rng: [next(dealt(X, Y, size, rng))]),
        ("minibatches of rows", cut(one_order, rows=True)),
        ("seed fixed inside", cut(lambda m, size, rng: (np.random.default_rng(1).permutation(m),) * 2)),
        ("another generator", cut(lambda m, size, rng: (np.random.permutation(m),) * 2)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_minibatches(mistake, answer):
    fails_as(mistake, "minibatches", answer)


def test_shuffling_the_callers_arrays_is_refused():
    def answer(X, Y, size, rng):
        order = rng.permutation(X.shape[1])
        X[:], Y[:] = X[:, order], Y[:, order]
        return [(X[:, k : k + size].copy(), Y[:, k : k + size].copy()) for k in range(0, X.shape[1], size)]

    assert "in place" in judge(find("minibatches"), answer).message


@pytest.mark.parametrize(
    "floor", [lambda y: y + 1e-12, lambda y: np.clip(y, 1e-8, 1 - 1e-8), lambda y: np.maximum(y, 1e-7)]
)
def test_a_floor_in_the_logarithm_is_named(floor):
    fails_as("ε inside the logarithm", "cross_entropy", lambda y_hat, Y: -np.sum(Y * np.log(floor(y_hat))) / Y.shape[1])
    both = lambda y, Y: -np.sum(Y * np.log(floor(y)) + (1 - Y) * np.log(floor(1 - y))) / Y.shape[1]
    fails_as("cross-entropy of sigmoids", "cross_entropy", both)


def test_yes_or_no_outputs_cut_off_before_the_logarithms_are_named():
    def answer(y_hat, Y):
        y = np.clip(y_hat, 1e-12, 1 - 1e-12)
        return -np.sum(Y * np.log(y) + (1 - Y) * np.log(1 - y)) / Y.shape[1]

    fails_as("cross-entropy of sigmoids", "cross_entropy", answer)


def test_one_answer_for_each_array_is_said_to_be_too_many():
    def answer(W, b, X, Y, tol):
        return [bool(np.abs(g).max() <= tol) for part in gradients(W, b, X, Y) for g in part.values()]

    message = judge(find("critical"), answer).message
    assert "critical is [True, True, True, True], wanted True or False" in message


def test_softmax_without_shift_says_what_overflowed():
    message = judge(find("softmax"), lambda z: np.exp(z) / np.exp(z).sum(axis=0)).message
    assert "not finite" in message
    assert "overflow" in message


def test_a_warning_beside_right_values_is_named_by_what_it_warns_of():
    def answer(y_hat, Y):
        return -np.sum(np.where(Y > 0, Y * np.log(y_hat), 0.0)) / Y.shape[1]

    assert "divide by zero" in fails_as("log of 0", "cross_entropy", answer).message


def test_messages_name_the_arguments():
    for name, wrong, words in (
        ("minibatches", lambda X, Y, size, rng: [], "at X (8, 23), Y (7, 23), size 5, rng default_rng("),
        ("initial_weights", lambda sizes, rng: 0, "at sizes [900, 100, 16], rng default_rng("),
        ("train", lambda *given, **named: 0, "at W dict {1: (5, 4), 2: (3, 5)}, b dict"),
        ("critical", lambda W, b, X, Y, tol: 0, "at W dict {1: (2, 2), 2: (1, 2)}, b dict"),
    ):
        assert words in judge(find(name), wrong).message


def test_what_numpy_and_python_say_is_said_in_words():
    def of_rows(X, Y, size, rng):
        return [(X[rng.permutation(23)], Y)]

    def without_a_loop(W, b, X, Y, *, epochs, rate, batch, rng):
        X_batch, Y_batch = minibatches_generator(X, Y, batch, rng)
        return gradients(W, b, X_batch, Y_batch)

    assert "axis 0 has 8 places, and place" in judge(find("minibatches"), of_rows).message
    assert "2 names stand left of `=`" in judge(find("train"), without_a_loop).message


def update_dict_only(W, b, dW, db, rate):
    W, b = dict(W), dict(b)
    for k in W:
        W[k] -= rate * dW[k]
        b[k] -= rate * db[k]
    return W, b


def test_a_new_dict_of_old_arrays_is_explained():
    message = fails_as("inputs changed", "update", update_dict_only).message
    assert "changed its input W, b in place" in message
    assert "dict(W) alone copies no arrays" in message


def test_training_that_reads_too_few_digits_says_how_many():
    """Right wherever the end is exact; elsewhere it stops learning after a few steps."""

    def answer(W, b, X, Y, *, epochs, rate, batch, rng):
        return train_plain(W, b, X, Y, epochs=epochs, rate=rate if X.shape[1] < 1000 else 1e-3, batch=batch, rng=rng)

    verdict = judge(find("train"), answer)
    assert verdict.state == "failed"
    assert "unseen digits read right" in verdict.message


@pytest.mark.parametrize("wrong_at", [3, 7, 30, 150])
def test_a_made_up_history_is_refused(wrong_at):
    def answer(W, b, X, Y, *, epochs, rate, batch, rng):
        W, b, history = train_plain(W, b, X, Y, epochs=epochs, rate=rate, batch=batch, rng=rng)
        return W, b, history if X.shape[1] != wrong_at else [0.9 * J for J in history]

    fails_as("history is not the cost", "train", answer)


# How a training shows its examples. -------------------------------------------------------------------------------------------


def shown_by(order_of, batch_of=lambda X, Y, cut: (X[:, cut], Y[:, cut]), note=lambda J, W, b, X, Y: J):
    """`train` whose epochs take their order from order_of(m, epoch, rng), made anew for each training."""

    def answer(W, b, X, Y, *, epochs, rate, batch, rng):
        history, order_in = [], order_of(X.shape[1], rng)
        for _ in range(epochs):
            order = order_in()
            for k in range(0, len(order), batch):
                W, b = update_copies(W, b, *gradients(W, b, *batch_of(X, Y, order[k : k + batch])), rate)
            history.append(note(cost(W, b, X, Y), W, b, X, Y))
        return W, b, history

    return answer


def once(m, rng):
    order = rng.permutation(m)
    return lambda: order


def fixed(m, rng):
    own = np.random.default_rng(0)
    return lambda: own.permutation(m)


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("all examples in each step", shown_by(lambda m, rng: lambda: rng.permutation(m), lambda X, Y, cut: (X, Y))),
        ("a new generator in each epoch", shown_by(lambda m, rng: lambda: np.random.default_rng(0).permutation(m))),
        ("seed fixed inside", shown_by(fixed)),
        ("one order for all epochs", shown_by(once)),
        ("one order for all epochs", shown_by(lambda m, rng: lambda: np.arange(m))),
        ("another generator", shown_by(lambda m, rng: lambda: np.random.permutation(m))),
        (None, shown_by(lambda m, rng: lambda: rng.integers(m, size=m))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_how_a_training_shows_its_examples(mistake, answer):
    """Each reads the digits well enough, and ends right wherever the order does not matter."""
    verdict = judge(find("train"), answer)
    assert (verdict.state, verdict.mistake) == ("failed", mistake), str(verdict)


def test_a_generator_of_ones_own_is_not_said_to_be_made_where_it_was_not():
    """Made once before the epochs, or anew in each from its number: both show one order after the other."""

    def from_the_number(m, rng):
        epochs = iter(range(100))
        return lambda: np.random.default_rng(next(epochs)).permutation(m)

    for order_of in (fixed, from_the_number):
        verdict = judge(find("train"), shown_by(order_of))
        assert verdict.mistake == "seed fixed inside"
        assert "whichever generator was given.\n" in verdict.message
        assert "made once" not in verdict.message


def test_the_order_of_the_examples_is_found_whatever_the_seed():
    """Right answers are never suspected: their order is found in each of 40 trainings of few examples."""
    for seed in range(20):
        calls = [call for call in descent.trainings(np.random.default_rng(seed)) if descent.order_can_be_found(call)]
        calls.append(calls[0])
        assert trained.judge_orders(calls, respond(train_plain, calls)).endswith("new in each epoch")


def test_what_is_missing_is_said():
    for parts, words in (
        (slice(0, 2), "returned a tuple of 2, wanted a tuple (W, b, history): history did not come"),
        (slice(0, 3, 2), "one of W, b did not come"),
        (slice(0, 1), "one of W, b and history did not come"),
    ):
        answer = lambda *given, parts=parts, **named: train_plain(*given, **named)[parts]
        assert words in judge(find("train"), answer).message


def noted_too_often(W, b, X, Y, *, epochs, rate, batch, rng):
    history = []
    for _ in range(epochs):
        for X_batch, Y_batch in minibatches_generator(X, Y, batch, rng):
            W, b = update_copies(W, b, *gradients(W, b, X_batch, Y_batch), rate)
            history.append(cost(W, b, X, Y))
    return W, b, history


def noted_before(W, b, X, Y, **how):
    W_new, b_new, history = train_plain(W, b, X, Y, **how)
    return W_new, b_new, [cost(W, b, X, Y), *history]


def returned_at_once(W, b, X, Y, *, epochs, rate, batch, rng):
    return train_plain(W, b, X, Y, epochs=1, rate=rate, batch=batch, rng=rng)


@pytest.mark.parametrize(
    ("mistake", "answer", "words"),
    [
        ("history per minibatch", noted_too_often, "30 numbers after 10 epochs of 3 minibatches, wanted 10: one number per epoch"),
        ("history before the first epoch", noted_before, "11 numbers after 10 epochs"),
        ("returned after the first epoch", returned_at_once, "1 number after 10 epochs"),
    ],
)  # fmt: skip
def test_a_history_of_another_length_says_why(mistake, answer, words):
    assert words in fails_as(mistake, "train", answer).message


def test_a_batch_size_of_its_own_is_told_from_one_step_per_epoch():
    def answer(W, b, X, Y, *, epochs, rate, batch, rng):
        return train_plain(W, b, X, Y, epochs=epochs, rate=rate, batch=16, rng=rng)

    fails_as("batch not used", "train", answer)


def test_training_in_place_is_refused():
    def answer(W, b, X, Y, *, epochs, rate, batch, rng):
        history = []
        for _ in range(epochs):
            for X_batch, Y_batch in minibatches_generator(X, Y, batch, rng):
                dW, db = gradients(W, b, X_batch, Y_batch)
                for k in W:
                    W[k] -= rate * dW[k]
                    b[k] -= rate * db[k]
            history.append(cost(W, b, X, Y))
        return W, b, history

    assert "W, b in place" in judge(find("train"), answer).message


def test_places_are_what_they_are_said_to_be():
    """The saddle is exactly critical; the symmetric start is critical in W[1] and not in b[2]; the plateau is flat and bad."""
    saddle, start, _, middle, plateau = (call.args for call in descent.places(np.random.default_rng(3))[:5])
    assert not descent.flat_gradient(*saddle).any()  # exactly zero, every entry
    dW, db = gradients(*start)
    assert not dW[1].any()
    assert np.abs(db[2]).max() > 0.01
    assert descent.J(*middle) > 0.01
    assert descent.J(*plateau) == pytest.approx(0.5)


def test_the_saddle_is_no_minimum():
    """J falls along some paths, although every first derivative is 0, and rises along b[2]."""
    W, b, X, Y = descent.places(np.random.default_rng(0))[0].args
    down = min(
        descent.J({1: s * np.array([[1.0, 1.0], [-1.0, -1.0]]), 2: t * np.array([[1.0, 1.0]])}, {1: s * np.array([[-0.5], [1.5]]), 2: np.array([[c]])}, X, Y)
        for s in (3.0, 6.0) for t in (-6.0, 6.0) for c in (-6.0, -3.0, 3.0, 6.0, 9.0, -9.0)
    )  # fmt: skip
    assert down < descent.J(W, b, X, Y) < descent.J(W, {**b, 2: b[2] + 1.0}, X, Y)


# What the figures say. -------------------------------------------------------------------------------------------------------


def test_loss_curves_say_where_they_end():
    alt = figures.loss_curves({"slow": [1.0, 0.9], "fast": [1.0, 0.125]}).alt
    assert "slow: J goes from 1 to 0.9" in alt
    assert "fast: J goes from 1 to 0.125" in alt


def test_the_chosen_curve_alone_is_described_and_drawn_over_the_others():
    histories = {"slow": [1.0, 0.9], "fast": [1.0, 0.125]}
    fast, slow = (figures.chosen_curve(histories, name) for name in ("fast", "slow"))
    assert fast.alt == "Loss curves on a logarithmic axis. fast: J goes from 1 to 0.125."
    assert fast.png != slow.png


def test_delta_by_layer_says_what_arrives():
    assert "narrow: 0.1 in layer 2, 1e-05 in layer 1" in figures.delta_by_layer({"narrow": {1: 1e-5, 2: 0.1}}).alt


def test_rows_and_misread_digits_are_described():
    rng = np.random.default_rng(0)
    assert "10 small pictures" in figures.rows_as_pictures(rng.normal(size=(12, 64)), rng.normal(size=(12, 64))).alt
    images, labels = rng.uniform(size=(3, 64)), np.array([1, 2, 3])
    assert (
        figures.misread(images, labels, np.array([1, 7, 3])).alt
        == "1 of 3 digits are read wrong. The first: a 2 read as 7."
    )
    assert figures.misread(images, labels, labels).alt == "0 of 3 digits are read wrong."


def test_sure_and_wrong_compares_the_two_costs():
    squared = lambda y_hat, Y: (y_hat - Y) / Y.shape[1] * y_hat * (1 - y_hat)
    alt = figures.sure_and_wrong(squared, descent.delta_softmax).alt
    assert "squared cost: 0.13 at one half, 0.001 at 0.999" in alt
    assert "cross-entropy: 0.50 at one half, 0.999 at 0.999" in alt


def test_loss_surface_names_saddle_and_path():
    alt = figures.loss_surface(lambda s, t: 1 - s * t, 1.0, [(0.1, 0.1), (0.9, 0.9)]).alt
    assert "J = 1 and the gradient is 0" in alt
    assert "to (0.9, 0.9) at J = 0.19" in alt
