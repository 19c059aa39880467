"""What Python and NumPy say, in words: each sentence is tried on the real exception."""

import math

import numpy as np
import pytest

from course_lib.card import Card
from course_lib.exercises import find, judge
from course_lib.exercises.advice import in_words, shape_advice
from course_lib.wire import Raised

A = np.ones((4, 3))
W = {1: A}


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (lambda: A @ A, "3 columns on its left, 4 rows on its right"),
        (lambda: np.diag(A[:, :1]) @ A, "of a column it takes the one entry"),
        (
            lambda: np.ones((2, 64)) @ A,
            "64 columns on its left, 4 rows on its right. If the 64 are the pixels of a digit",
        ),
        (lambda: A * A.T, "The matrix product is `@`"),
        (lambda: A * np.ones(4), "A flat array of 4 lies as a row"),
        (lambda: np.ones(4) * A, "A flat array of 4 lies as a row"),
        (lambda: (W, W) - A, "take it apart first"),
        (lambda: A - (W, W), "take it apart first"),
        (lambda: (A, A.T, A) * A, "one name for each, left of `=`"),
        (lambda: abs(W), "of W that is W[l]"),
        (lambda: -W, "of W that is W[l]"),
        (lambda: np.exp(W), "of W that is W[l]"),
        (lambda: np.sign(in_words), "brackets () with its arguments are missing"),
        (lambda: in_words * A, "brackets () with its arguments are missing"),
        (lambda: in_words(A, A, A), "that it takes: 1; that came: 3"),
        (lambda: A[A], "Labels are; one-hot targets"),
        (lambda: A[:, 0.5], "Labels are; one-hot targets"),
        (lambda: W[4], "no entry 4"),
        (lambda: W @ A, "of W the matrix is W[l]"),
        (lambda: A @ W, "of W the matrix is W[l]"),
        (lambda: W * 2, "of W that is W[l]"),
        (lambda: W.shape, "of W that is W[l]"),
        (lambda: 1 if A > 0 else 0, "choose entry by entry"),
        (lambda: math.exp(A), "take one number"),
        (lambda: float(A), "take one number"),
        (lambda: list(A.item(0)), "no entries to walk through"),
        (lambda: W[1].item(0)[0], "no entries to walk through"),
        (lambda: sigmoid(A), "nothing is called sigmoid yet"),  # noqa: F821 (on purpose)
        (lambda: np.dot(A, A), "3 columns on its left, 4 rows on its right"),
        (lambda: W[-1], "The last layer is L = len(W)"),
        (lambda: np.add(A, A.T[:3, :3].sum(), out=np.ones(3)), "cannot change a shape"),
        (lambda: np.random.default_rng(0).rand(2), "rng.normal(size=…)"),
        (lambda: A ^ 2, "Powers are written `**`"),
        (lambda: 2.0 ^ 2, "Powers are written `**`"),
        (lambda: 10 ** -np.arange(1, 3), "10.0 is a float"),
        (lambda: {}.add("WX"), "an empty set is written `set()`"),
        (lambda: len(np.array(1.0)), "no entries to walk through"),
        (lambda: A.item(0).shape, "np.asarray makes one"),
        (lambda: A.shape.shape, "a tuple of sizes is a shape already"),
        (lambda: A.sum(axis=1, keepdim=True), "no argument there is called keepdim"),
        (lambda: A.sum(axis=2), "axis 0 runs down the rows"),
        (lambda: A.shape[2], "what a function returns is taken apart"),
        (lambda: list(A)[4], "ends at n − 1"),
        (lambda: A.reshape(64, -1), "keeps the number of entries, here 12"),
        (lambda: np.put(np.zeros(2), 0, [1j]), "takes no complex number"),
    ],
)
def test_an_exception_is_said_in_the_words_of_the_course(does, words):
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError, NameError)) as caught:
        does()
    assert words in in_words(Raised(caught.type.__name__, str(caught.value), ("line 1 in does: …",)))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (7.5, "the check was given something that is no function"),
        (lambda rows: rows.T(), "brackets () stand behind something that is no function"),
        (lambda: 1, "leave that line as it is"),
        (lambda rows, m: rows, "leave that line as it is"),
    ],
)
def test_what_was_called_wrongly_is_said(answer, words):
    """The same exception means another thing where it was raised in the student's own line."""
    assert words in judge(find("to_columns"), answer).message


def test_a_function_that_calls_itself_is_said():
    def sigmoid_prime(a):
        return sigmoid_prime(a) * (1 - a)

    assert "the function calls itself" in judge(find("sigmoid_prime"), sigmoid_prime).message


def test_adding_to_what_is_not_there_yet_is_said():
    def backward(W, b, X, Y):
        dW = {}
        dW[2] += 1

    assert "Begin with zeros, before the loop" in judge(find("backward"), backward).message


@pytest.mark.parametrize(
    "said", [("ValueError", "b has shape (3,), wanted (3, 1)"), ("ZeroDivisionError", "division by zero")]
)
def test_what_speaks_for_itself_is_left_alone(said):
    assert in_words(Raised(*said, ())) == ""


def test_a_function_of_the_check_that_is_not_called_is_said_so():
    verdict = judge(find("fgsm"), lambda input_gradient, X, Y, eps: X + eps * np.sign(input_gradient))
    assert "brackets () with its arguments are missing" in verdict.message


def test_a_failing_check_says_it():
    verdict = judge(find("dJ_dW"), lambda delta, a_prev: delta @ a_prev)
    assert "columns on its left" in verdict.message


@pytest.mark.parametrize(
    ("got", "want", "words"),
    [
        ((), (3, 2), "summed, or averaged, over everything"),
        ((1, 1), (), ".item()"),
        ((2, 3), (3, 2), "transposed"),
        ((3,), (3, 1), "keepdims, or at an index"),
        ((6,), (3, 2), "one row"),
        ((5, 3, 2), (3, 2), "added up"),
        ((3, 2, 5), (3, 2), "added up"),
        ((3, 5), (3, 1), "sum over the examples left out, or an array of that shape added"),
        ((3, 3), (3, 1), "broadcasts silently"),
        ((3, 1), (3, 5), "should stay apart"),
        ((6,), (5, 6), "np.diag of a matrix"),
        ((4, 2), (3, 5), ""),
    ],
)
def test_a_wrong_shape_says_what_it_shows(got, want, words):
    advice = shape_advice(got, want)
    assert words in advice
    assert bool(words) == bool(advice)


def test_a_list_is_not_called_half_an_answer():
    """Both parts came; only the brackets are others."""
    verdict = judge(find("layer_forward"), lambda W, b, a_prev: [W @ a_prev + b, W @ a_prev])
    assert "wanted a tuple (z, a)" in verdict.message
    assert "did not come" not in verdict.message


def test_a_method_without_its_brackets_is_told_so():
    assert "brackets () are missing" in judge(find("to_columns"), lambda rows: rows.transpose).message


def test_the_words_stand_out_in_a_notebook():
    page = Card(judge(find("dJ_dW"), lambda delta, a_prev: delta @ a_prev))._repr_html_()
    assert "<b>In words:</b> a matrix product" in page
