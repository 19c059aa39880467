"""The data of the course. It arrives as data usually does, with observations in rows: you transpose it, once, visibly.

>>> train, test = digits().split()
>>> X, Y = train.images.T, one_hot(train.labels)
>>> X.shape, Y.shape
((64, 1437), (10, 1437))
>>> circles(100).points.shape
(100, 2)
>>> swings = pendulum(50)
>>> swings.inputs.shape, swings.outputs.shape, linearisation(swings.inputs[0]).shape
((50, 3), (50, 2), (2, 3))
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

_FILES = Path(__file__).parent / "data"  # beside this file; its own texts say where each comes from


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits: `images` (m, 64), 8×8 pixels from 0 (paper) to 1 (ink), row by row; `labels` (m,), 0…9."""

    images: np.ndarray
    labels: np.ndarray

    def split(self, tested=360, seed=0):
        """Two `Digits`, for training and for testing; `tested` of them, drawn by `seed`, are in the second.

        They are drawn at random because the file is ordered by writer: its end would be other people's digits.
        """
        if not 0 < tested < len(self.labels):
            raise ValueError(f"tested: {tested}, wanted at least 1 and fewer than the {len(self.labels)} digits")
        order = np.random.default_rng(seed).permutation(len(self.labels))
        return tuple(Digits(self.images[rows], self.labels[rows]) for rows in (order[tested:], order[:tested]))


def digits():
    """All 1,797 digits of `data/digits.npz`; source and licence are in `data/digits.txt`."""
    with np.load(_FILES / "digits.npz", allow_pickle=False) as file:
        return Digits(file["images"] / 16.0, file["labels"].astype(int))


def one_hot(labels, classes=10):
    """Targets Y (classes, m), one column per label (m,): 1.0 in the row of the label, 0.0 elsewhere.

    Raises ValueError for a label that is not an integer from 0 to classes − 1.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not np.all((labels >= 0) & (labels < classes)):
        raise ValueError(f"labels: {labels.dtype} {labels.shape}, wanted integers from 0 to {classes - 1}, shape (m,)")
    return (np.arange(classes)[:, None] == labels).astype(float)


@dataclass(frozen=True, eq=False)
class Circles:
    """Two rings that no straight line divides: `points` (m, 2); `labels` (m,), 0 on the inner ring, 1 on the outer."""

    points: np.ndarray
    labels: np.ndarray


def circles(m=200, seed=0, noise=0.08):
    """m points, every second one on the ring of radius ½, the others on radius 1, each moved by `noise` · N(0, 1)."""
    rng, labels = np.random.default_rng(seed), np.arange(m) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, m), np.where(labels, 1.0, 0.5)
    ring = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Circles(ring + noise * rng.standard_normal((m, 2)), labels)


# A rod of 1 m with 1 kg at its end, in SI units: gravity / length, damping / (mass · length²), 1 / (mass · length²).
GRAVITY, DAMPING, TORQUE = 9.81, 0.1, 1.0
DT = 0.1  # s, the time between a state and the next
INPUT_RANGE = np.array([2.0, 4.0, 3.0])  # rad, rad/s, N·m: inputs are drawn from ± these
OUTPUT_RANGE = np.array([2.5, 5.5])  # rad, rad/s: no next state lies outside ± these


@dataclass(frozen=True, eq=False)
class Pendulum:
    """Swings of a simulated pendulum, in physical units, and the scales that make them a network's food.

    inputs (m, 3): angle θ from hanging down in rad, speed ω in rad/s, torque u in N·m, held for `DT` = 0.1 s.
    outputs (m, 2): θ in rad and ω in rad/s after that time.
    X = (inputs · x_scale + x_offset)ᵀ lies in [−1, 1], Y = (outputs · y_scale + y_offset)ᵀ in (0.1, 0.9), where a
    sigmoid is not saturated. x_scale, x_offset (3,); y_scale, y_offset (2,).
    """

    inputs: np.ndarray
    outputs: np.ndarray
    x_scale: np.ndarray
    x_offset: np.ndarray
    y_scale: np.ndarray
    y_offset: np.ndarray


def pendulum(m=1000, seed=0):
    """m independent steps: states and torques drawn evenly from ± `INPUT_RANGE`, and the states that follow them."""
    inputs = np.random.default_rng(seed).uniform(-1, 1, (m, 3)) * INPUT_RANGE
    return Pendulum(inputs, next_state(inputs), 1 / INPUT_RANGE, np.zeros(3), 0.4 / OUTPUT_RANGE, np.full(2, 0.5))


def next_state(inputs):
    """θ and ω (m, 2) one time step after the rows θ, ω, u of `inputs` (m, 3): one step of Runge–Kutta 4."""
    return _runge_kutta(_rates, np.asarray(inputs, float))[:, :2]


def linearisation(x):
    """The exact ∂(next state)/∂(θ, ω, u) at one physical input x (3,): a (2, 3) array.

    It is the derivative of `next_state`, the discrete map, and not the matrix of the differential equation.
    Units: [[1, s, rad/(N·m)], [1/s, 1, rad/(s·N·m)]].

    A Runge–Kutta step of the equation together with its variational equation, Ṫ = A(x) T from T = 1, yields exactly
    the derivative of the step (Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, section I.14).
    """
    x = np.asarray(x, float)
    if x.shape != (3,):
        raise ValueError(f"x: shape {x.shape}, wanted (3,): one angle, one speed, one torque")

    def rates(state):
        return np.column_stack([_rates(state[:, 0]), _slopes(state[0, 0]) @ state[:, 1:]])

    return _runge_kutta(rates, np.column_stack([x, np.eye(3)]))[:2, 1:]


def _rates(x):
    """d/dt of (θ, ω, u), last axis: θ̇ = ω, ω̇ = −(g/ℓ) sin θ − d ω + u/(mℓ²), and u is held."""
    theta, omega, u = np.moveaxis(x, -1, 0)
    return np.stack([omega, -GRAVITY * np.sin(theta) - DAMPING * omega + TORQUE * u, 0 * u], axis=-1)


def _slopes(theta):
    """A, the derivative of `_rates` with respect to (θ, ω, u): (3, 3)."""
    return np.array([[0, 1, 0], [-GRAVITY * np.cos(theta), -DAMPING, TORQUE], [0, 0, 0]])


def _runge_kutta(rates, x):
    """x after the time `DT`, by the classical method of fourth order."""
    k1 = rates(x)
    k2 = rates(x + DT / 2 * k1)
    k3 = rates(x + DT / 2 * k2)
    k4 = rates(x + DT * k3)
    return x + DT / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
