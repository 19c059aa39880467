"""Whatever an answer returns, the judge says `failed`: never `passed`, and never that the judge itself has failed."""

import numpy as np
import pytest

from course_lib import exercises
from course_lib.wire import Opaque, Raised, Response, Rng

VALUES = {
    "nothing": None,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "a huge number": 1e308,
    "a complex number": 1 + 1j,
    "text": "passed",
    "true": True,
    "an empty list": [],
    "a list of lists": [[1.0, [2.0]], [3.0]],
    "an empty tuple": (),
    "a pair of nothing": (None, None),
    "a pair of NaN": (np.nan, np.nan),
    "an empty dict": {},
    "a dict of NaN": {1: np.nan, 2: np.full((2, 2), np.nan)},
    "a dict with mixed keys": {1: 2.0, "1": 3.0, None: 4.0},
    "a set": {1, "a"},
    "an object": Opaque("Socket"),
    "a record": Rng(3),
    "an array of NaN": np.full((3, 4), np.nan),
    "an empty array": np.empty((0, 3)),
    "an array of text": np.array([["a", "b"]]),
    "an array of five axes": np.ones((1, 2, 1, 2, 1)),
    "a complex array": np.ones((3, 4)) * 1j,
    "an unsigned array": np.full((3, 4), 255, np.uint8),
    "a boolean array": np.ones((3, 4), bool),
}
EVERY = [exercise for exercise in exercises.every() if exercise.challenge]


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
def test_the_judge_survives_every_value(exercise):
    calls = exercise.calls(np.random.default_rng(5))
    for what, value in VALUES.items():
        verdict = exercise.verdict(calls, [Response(value=value)] * len(calls))
        assert verdict.state in ("failed", "partial"), f"{what}: {verdict}"
        assert verdict.score < 0.6, f"{what}: {verdict}"


def filled(like, value):
    """The right answer's form with other numbers in it."""
    match like:
        case dict():
            return {key: filled(item, value) for key, item in like.items()}
        case tuple() | list():
            return type(like)(filled(item, value) for item in like)
        case np.ndarray():
            return np.full(like.shape, value)
        case _:
            return value


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e308, 1j, 2**60], ids=str)
def test_the_right_form_with_hostile_numbers_is_failed(value):
    for name in ("multiplications", "backward", "cost", "layer_backward", "jacobian", "fgsm", "forward"):
        exercise = exercises.find(name)
        calls = exercise.calls(np.random.default_rng(5))
        right = FORMS[name]
        responses = [Response(value=filled(right(*call.args), value)) for call in calls]
        assert exercise.verdict(calls, responses).state == "failed", name


def gradients(W, b, X, Y):
    return dict(W), dict(b)


def passes(W, b, X):
    return {l: np.ones((len(W[l]), X.shape[1])) for l in W}, {0: X} | {l: np.ones((len(W[l]), X.shape[1])) for l in W}


FORMS = {
    "multiplications": lambda sizes, m: {"forward": 1, "backward": 1, "finite_differences": 1},
    "backward": gradients,
    "cost": lambda y_hat, Y: 1.0,
    "layer_backward": lambda W, a_prev, a, dJ_da: (a_prev, W, np.ones((len(W), 1))),
    "jacobian": lambda W, b, x: np.ones((len(W[len(W)]), len(x))),
    "fgsm": lambda input_gradient, X, Y, eps: X,
    "forward": passes,
}


@pytest.mark.parametrize(
    "forged",
    [
        Response(raised="no"),
        Response(raised=Raised(1, 2, 3)),
        Response(raised=Raised("E", "t", (1,))),
        Response(changed="x"),
        Response(changed=(3,)),
        Response(warned=None),
        Response(used=(("f",),)),
        Response(used=(("f", "many"),)),
        Response(seconds="0"),
        Response(seconds=None),
    ],
    ids=str,
)
def test_a_forged_response_is_failed(forged):
    for exercise in EVERY:
        calls = exercise.calls(np.random.default_rng(5))
        assert exercise.verdict(calls, [forged] * len(calls)).state == "failed"


def test_too_few_or_too_many_answers_are_failed():
    exercise = exercises.find("dJ_dW")
    calls = exercise.calls(np.random.default_rng(5))
    right = [Response(value=delta @ a_prev.T) for delta, a_prev in (call.args for call in calls)]
    assert exercise.verdict(calls, right).state == "passed"
    assert exercise.verdict(calls, right[:-1]).state == "failed"
    assert exercise.verdict(calls, [*right, right[0]]).state == "failed"


def test_an_answer_that_calls_an_unsolved_one_says_which():
    def sigmoid(z):
        raise NotImplementedError

    def layer_forward(W, b, a_prev):
        z = W @ a_prev + b
        return z, sigmoid(z)

    verdict = exercises.judge(exercises.find("layer_forward"), layer_forward)
    assert verdict.state == "failed"
    assert "in sigmoid: raise NotImplementedError" in verdict.message
    assert exercises.judge(exercises.find("sigmoid"), sigmoid).state == "not_answered"
