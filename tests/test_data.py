"""The data: where it comes from, its shapes, and the pendulum's linearisation."""

import doctest

import numpy as np
import pytest

from course_lib import data


def test_data_is_the_module_although_a_folder_has_the_same_name(root):
    assert data.__file__ == str(root / "course_lib" / "data.py")
    assert not (root / "course_lib" / "data" / "__init__.py").exists()


def test_the_examples_in_its_docstring():
    assert doctest.testmod(data, raise_on_error=True).attempted >= 6


def test_digits_equal_scikit_learns_copy():
    from sklearn.datasets import load_digits

    theirs, ours = load_digits(), data.digits()
    np.testing.assert_array_equal(ours.images * 16, theirs.data)
    np.testing.assert_array_equal(ours.labels, theirs.target)
    assert ours.images.dtype == np.float64
    assert ours.images.min() == 0
    assert ours.images.max() == 1


def test_source_and_licence_lie_beside_every_data_file(root):
    files = list((root / "course_lib" / "data").glob("*.npz"))
    assert files
    for file in files:
        text = file.with_suffix(".txt").read_text(encoding="utf-8")
        assert all(word in text for word in (file.name, "Source", "Licence", "CC BY 4.0"))


def test_a_split_keeps_every_digit_once():
    everything = data.digits()
    train, test = everything.split(tested=300, seed=1)
    assert (len(train.labels), len(test.labels)) == (1497, 300)
    rows = np.vstack([np.column_stack([part.images, part.labels]) for part in (train, test)])
    wanted = np.column_stack([everything.images, everything.labels])
    np.testing.assert_array_equal(rows[np.lexsort(rows.T)], wanted[np.lexsort(wanted.T)])


def test_a_split_is_the_same_every_time_and_another_with_another_seed():
    digits = data.digits()
    np.testing.assert_array_equal(digits.split()[1].labels, digits.split()[1].labels)
    assert np.any(digits.split()[1].labels != digits.split(seed=1)[1].labels)


@pytest.mark.parametrize("tested", [0, 1797])
def test_a_split_with_an_empty_half_is_refused(tested):
    with pytest.raises(ValueError, match=f"tested: {tested}, wanted"):
        data.digits().split(tested=tested)


def test_one_hot():
    np.testing.assert_array_equal(data.one_hot([2, 0], classes=3), [[0, 1], [0, 0], [1, 0]])


@pytest.mark.parametrize("labels", [[10], [-1], [0.5], [[1]], 3])
def test_one_hot_refuses_what_is_not_a_label(labels):
    with pytest.raises(ValueError, match="wanted integers from 0 to 9"):
        data.one_hot(labels)


def test_circles_lie_on_two_rings():
    rings = data.circles(101, noise=0)
    np.testing.assert_allclose(np.hypot(*rings.points.T), np.where(rings.labels == 1, 1, 0.5))
    assert list(np.bincount(rings.labels)) == [51, 50]
    assert np.std(np.hypot(*data.circles(1000).points[::2].T)) == pytest.approx(0.08, abs=0.02)


def test_seeds_repeat_and_differ():
    for make in (data.circles, data.pendulum):
        first, same, other = (vars(make(20, seed=seed)) for seed in (3, 3, 4))
        name = next(iter(first))
        np.testing.assert_array_equal(first[name], same[name])
        assert np.any(first[name] != other[name])


def test_a_small_swing_of_the_pendulum_follows_the_known_solution():
    """Without torque, θ(t) = θ₀ e^(−dt/2) (cos νt + d/(2ν) sin νt) for small θ, ν² = g − d²/4."""
    angle, time = 1e-4, data.DT
    nu = np.sqrt(data.GRAVITY - data.DAMPING**2 / 4)
    decay = np.exp(-data.DAMPING * time / 2)
    wanted = angle * decay * (np.cos(nu * time) + data.DAMPING / (2 * nu) * np.sin(nu * time))
    assert data.next_state([[angle, 0, 0]])[0, 0] == pytest.approx(wanted, rel=1e-5)


def test_a_torque_holds_the_pendulum_where_it_balances_gravity():
    held = [0.5, 0, data.GRAVITY * np.sin(0.5) / data.TORQUE]
    np.testing.assert_allclose(data.next_state([held]), [held[:2]], atol=1e-14)


def test_the_linearisation_is_the_derivative_of_the_step(rng):
    h = 1e-6
    for x in rng.uniform(-1, 1, (5, 3)) * data.INPUT_RANGE:
        steps = h * np.eye(3)
        secants = (data.next_state(x + steps) - data.next_state(x - steps)).T / (2 * h)
        np.testing.assert_allclose(data.linearisation(x), secants, atol=1e-9)


def test_the_linearisation_wants_one_input():
    with pytest.raises(ValueError, match=r"x: shape \(2, 3\), wanted \(3,\)"):
        data.linearisation(np.zeros((2, 3)))


def test_scales_bring_the_pendulum_into_a_networks_range():
    swings = data.pendulum(5000)
    X = swings.inputs * swings.x_scale + swings.x_offset
    assert np.abs(X).max() <= 1
    assert np.abs(X).max(axis=0).min() > 0.99
    corners = np.array(np.meshgrid(*[[-r, 0, r] for r in data.INPUT_RANGE])).reshape(3, -1).T
    for outputs in (swings.outputs, data.next_state(corners)):
        Y = outputs * swings.y_scale + swings.y_offset
        assert Y.min() > 0.1
        assert Y.max() < 0.9
    assert np.ptp(swings.outputs * swings.y_scale, axis=0).min() > 0.5  # and it uses that range
