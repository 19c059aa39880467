"""Chapter 06: the right derivatives by the input."""

from __future__ import annotations

import numpy as np

from course_lib import reference
from course_lib.exercises.points import as_network
from course_lib.network import forward as network_forward

# The right answers. ----------------------------------------------------------------------------------------------------------


def layer_backward(W, a_prev, a, dJ_da):
    delta = dJ_da * sigmoid_prime(a)
    return W.T @ delta, delta @ a_prev.T, delta.sum(axis=1, keepdims=True)


def dJ_dX(W, b, X, Y):
    return reference.input_gradient(as_network(W, b), X, Y)


def jacobian(W, b, x):
    return reference.jacobian(as_network(W, b), x)[0]


def jvp(W, b, x, v):
    return reference.jvp(as_network(W, b), x, v)


def vjp(W, b, x, u):
    return reference.vjp(as_network(W, b), x, u)


def scaled_jacobian(W, b, x, x_scale, y_scale):
    return jacobian(W, b, x) * x_scale / y_scale[:, None]


def right_when(n, h, o):
    """W2 (o, h) * F2 (o, o) * W1 (h, n) * F1 (h, h), from the left, where a 1 × 1 is a scalar."""
    shape = (o, h)
    for factor in [(o, o), (h, n), (h, h)]:
        if shape == (1, 1) or factor == (1, 1):
            shape = factor if shape == (1, 1) else shape
        elif shape[1] == factor[0]:
            shape = (shape[0], factor[1])
        else:
            return "error"
    return "right" if h == o == 1 else "wrong"


def saliency(W, b, x, k):
    return jacobian(W, b, x)[k][:, None]


def steer(W, b, x, target, free, steps, rate):
    for _ in range(steps):
        x = x - rate * free * dJ_dX(W, b, x, target)
    return x


def outputs(W, b, x):
    return network_forward(as_network(W, b), x).y_hat


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(a):
    return a * (1 - a)
