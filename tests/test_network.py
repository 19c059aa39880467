"""Network, forward and cost: the notation of the course, its edges, and errors that say what to mend."""

import doctest
import importlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import course_lib
from course_lib.activations import ACTIVATIONS, SOFTMAX, sigmoid, softmax
from course_lib.network import Network, cost, forward
from grader.library import lay_out

KINDS = [*ACTIVATIONS, SOFTMAX]


@pytest.fixture
def net():
    return Network.random([3, 5, 2], seed=1)


def parts(net, **changed):
    return {"W": dict(net.W), "b": dict(net.b), "activations": dict(net.activations)} | changed


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(0, 5), st.sampled_from(KINDS))
def test_shapes_of_the_trace(sizes, m, output):
    net = Network.random(sizes, output=output)
    trace = forward(net, np.ones((sizes[0], m)))
    assert net.sizes == sizes
    assert len(sizes) - 1 == net.L
    assert {l: z.shape for l, z in trace.z.items()} == {l: (sizes[l], m) for l in net.W}
    assert {l: a.shape for l, a in trace.a.items()} == {l: (n, m) for l, n in enumerate(sizes)}
    assert trace.y_hat is trace.a[net.L]


def test_forward_is_the_formula(net, rng):
    X = rng.normal(size=(3, 4))
    expected = 1 / (1 + np.exp(-(net.W[2] @ (1 / (1 + np.exp(-(net.W[1] @ X + net.b[1])))) + net.b[2])))
    np.testing.assert_allclose(forward(net, X).y_hat, expected, rtol=1e-14)


def test_cost_is_the_formula(net, rng):
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    assert cost(net, X, Y) == pytest.approx(np.sum((forward(net, X).y_hat - Y) ** 2) / 8, rel=1e-14)
    soft = Network.random([3, 5, 2], output="softmax")
    P = np.array([[0.25, 1, 0, 0.5], [0.75, 0, 1, 0.5]])
    assert cost(soft, X, P) == pytest.approx(-np.sum(P * np.log(forward(soft, X).y_hat)) / 4, rel=1e-14)


def test_random_networks_differ_by_seed_only_and_have_biases():
    a, b, c = (Network.random([4, 3], seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(a.W[1], b.W[1])
    assert not np.array_equal(a.W[1], c.W[1])
    assert np.all(a.b[1] != 0)


@pytest.mark.parametrize("kind", KINDS)
def test_extreme_inputs_give_no_warning_and_stay_finite(kind):
    net = Network({1: np.array([[1.0], [-1.0]])}, {1: np.zeros((2, 1))}, {1: kind})
    X = np.array([[-1e5, -1000, -40, 0, 40, 1000, 1e5]])
    trace = forward(net, X)
    assert np.isfinite(trace.y_hat).all()
    assert np.isfinite(cost(net, X, np.full((2, 7), 0.5)))


def test_sigmoid_keeps_its_digits_on_both_sides():
    z = np.array([-700.0, -100.0, -1.0, 0.0, 1.0, 40.0])
    np.testing.assert_allclose(
        sigmoid(z), np.where(z < 0, np.exp(z) / (1 + np.exp(z)), 1 / (1 + np.exp(-z))), rtol=1e-15
    )
    assert 0 <= sigmoid(np.array(-1e4)) < 1e-300


def test_softmax_sums_to_one_and_ignores_a_shift(rng):
    z = rng.normal(size=(4, 3))
    np.testing.assert_allclose(softmax(z).sum(axis=0), 1, rtol=1e-15)
    np.testing.assert_allclose(softmax(z + 1e3), softmax(z), rtol=1e-12)


def test_whole_numbers_fortran_order_and_lists_are_taken(net, rng):
    X = rng.integers(-3, 4, size=(3, 4))
    expected = forward(net, X.astype(float)).y_hat
    for same in (X, np.asfortranarray(X), X.tolist(), X.astype(np.float32), X.astype(np.int8)):
        np.testing.assert_allclose(forward(net, same).y_hat, expected, rtol=1e-14)
        assert forward(net, same).y_hat.dtype == np.float64
    whole = Network({1: [[1, 2], [3, 4]]}, {1: [[1], [0]]}, {1: "identity"})
    assert whole.W[1].dtype == np.float64
    assert forward(whole, [[1], [1]]).y_hat.tolist() == [[4.0], [7.0]]


def test_inputs_are_left_alone(net, rng):
    X, Y = rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    before = [array.copy() for array in (X, Y, *net.W.values(), *net.b.values())]
    cost(net, X, Y)
    assert all(map(np.array_equal, before, (X, Y, *net.W.values(), *net.b.values())))


def test_no_observations(net):
    assert forward(net, np.empty((3, 0))).y_hat.shape == (2, 0)
    with pytest.raises(ValueError, match="no observations"):
        cost(net, np.empty((3, 0)), np.empty((2, 0)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_complex_step_passes_through(kind, rng):
    net = Network.random([3, 4, 2], activation="relu", output=kind)
    X, Y, v = rng.normal(size=(3, 2)), np.array([[1.0, 0.25], [0.0, 0.75]]), rng.normal(size=(3, 2))
    slope = (cost(net, X + 1e-6 * v, Y) - cost(net, X - 1e-6 * v, Y)) / 2e-6
    assert cost(net, X + 1e-30j * v, Y).imag / 1e-30 == pytest.approx(slope, rel=1e-6, abs=1e-9)
    W = Network({**net.W, 1: net.W[1] + 1e-30j}, net.b, net.activations)
    assert np.iscomplexobj(cost(W, X, Y))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"W": {1: np.ones((5, 3)), 2: np.ones((2, 4))}}, r"W\[2\]: shape \(2, 4\), wanted \(2, 5\)"),
        ({"W": {1: np.ones(5), 2: np.ones((2, 5))}}, r"W\[1\]: shape \(5,\), wanted 2 dimensions"),
        ({"W": {1: np.ones((0, 3)), 2: np.ones((2, 0))}}, r"W\[1\]: shape \(0, 3\), wanted at least one"),
        ({"b": {1: np.ones(5), 2: np.ones((2, 1))}}, r"b\[1\]: shape \(5,\), wanted \(5, 1\)"),
        ({"b": {1: np.ones((5, 1)), 2: np.ones((2, 2))}}, r"b\[2\]: shape \(2, 2\), wanted \(2, 1\)"),
        ({"b": {1: np.ones((5, 1))}}, r"b: layers \[1\], wanted a dict with the keys 1…L = \[1, 2\]"),
        ({"b": [np.ones((5, 1))]}, r"b: layers list, wanted a dict"),
        ({"W": {}}, r"W: layers \[\], wanted"),
        ({"activations": {1: "sigmoid", 2: "selu"}}, r"activations\[2\]: 'selu', wanted one of .*'softmax'"),
        ({"activations": {1: "softmax", 2: "sigmoid"}}, r"activations\[1\]: softmax, .* last layer only"),
        ({"activations": {0: "sigmoid", 1: "sigmoid"}}, r"activations: layers \[0, 1\], wanted"),
        ({"b": {1: np.full((5, 1), np.nan), 2: np.ones((2, 1))}}, r"b\[1\]: nan at \[0, 0\], wanted finite"),
        ({"W": {1: np.ones((5, 3)), 2: np.full((2, 5), np.inf)}}, r"W\[2\]: inf at \[0, 0\]"),
        ({"W": {1: np.full((5, 3), "x"), 2: np.ones((2, 5))}}, r"W\[1\]: dtype <U1, wanted numbers"),
    ],
)
def test_a_network_that_cannot_be_names_its_layer(net, changed, words):
    with pytest.raises(ValueError, match=words):
        Network(**parts(net, **changed))


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        (np.ones((4, 3)), np.ones((2, 4)), r"X: shape \(4, 3\), wanted \(3, m\).*transpose"),
        (np.ones(3), np.ones((2, 1)), r"X: shape \(3,\), wanted \(3, m\).*reshape\(-1, 1\)"),
        (np.ones((3, 4)), np.ones((4, 2)), r"Y: shape \(4, 2\), wanted \(2, 4\).*layer 2.*transpose"),
        (np.ones((3, 4)), np.ones(4), r"Y: shape \(4,\), wanted \(2, 4\)"),
        (np.full((3, 4), np.nan), np.ones((2, 4)), r"X: nan at \[0, 0\], wanted finite numbers"),
        (np.ones((3, 4)), np.full((2, 4), -np.inf), r"Y: -inf at \[0, 0\], wanted finite numbers"),
    ],
)
def test_data_that_do_not_fit_are_refused(net, X, Y, words):
    with pytest.raises(ValueError, match=words):
        cost(net, X, Y)


def test_huge_but_finite_numbers_are_not_called_infinite():
    net = Network({1: np.array([[1e-308]])}, {1: np.zeros((1, 1))}, {1: "identity"})
    assert np.isfinite(forward(net, np.full((1, 4), 1e308)).y_hat).all()


@pytest.mark.parametrize("Y", [[[0.5], [0.6]], [[-0.5], [1.5]]])
def test_cross_entropy_wants_distributions(Y):
    with pytest.raises(ValueError, match="distribution"):
        cost(Network.random([3, 2], output="softmax"), np.ones((3, 1)), Y)


def test_sizes_are_checked():
    for sizes in ([3], [3, 0, 2]):
        with pytest.raises(ValueError, match="sizes"):
            Network.random(sizes)


@pytest.mark.parametrize("name", ["activations", "network", "reference", "differences", "blackbox", "gradcheck"])
def test_the_examples_in_the_docstrings_hold(name):
    found = doctest.testmod(importlib.import_module(f"course_lib.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


# The package itself ------------------------------------------------------------------------------------------------------


def test_check_is_the_object_whatever_was_imported_first():
    from course_lib import check
    from course_lib.check import check as object_of_the_module

    assert check is object_of_the_module
    assert course_lib.check is check


def test_an_unknown_part_is_named():
    with pytest.raises(AttributeError, match="no part called 'networks'"):
        _ = course_lib.networks


@pytest.mark.parametrize(
    "line", ["from course_lib.reference import backward", "import course_lib; course_lib.gradcheck"]
)
def test_a_part_that_is_not_there_while_graded_says_so(tmp_path, line):
    lay_out("03_dJ_dW", tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", line], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "is not available while this chapter is graded" in run.stderr
