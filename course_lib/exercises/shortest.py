"""Judging DeepFool: a shortest step has no single right value, but one linear step has a right direction, and a length has a limit."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np

from course_lib import attacks
from course_lib.exercises.attacked import image
from course_lib.exercises.compare import Wrong, at
from course_lib.exercises.training import Fault, judged
from course_lib.network import Network, forward
from course_lib.reference import jacobian

# Measured at 40 seeds, an overshoot of 0 … 10 %: means up to 1.014, once 1.08; of 30 %: up to 1.043, once 1.28; asked are 2 %.
LONGER_ON_AVERAGE, LONGER_ONCE = 1.05, 1.3
OVERSHOOT = 2.0  # times the way to the plane that one step may go; asked are 1.02
CLOSE = 1e-5  # of the way: 20 halvings reach it
STRAIGHT = 1e-9  # 1 − cosine: with one step the direction is exact


def before_the_last_sigmoid(W, b):
    """z[L] and its Jacobian as functions of x."""
    net = Network(W, b, dict.fromkeys(W, "sigmoid") | {len(W): "identity"})
    return (lambda x: forward(net, x).y_hat), (lambda x: jacobian(net, x)[0])


def after_the_last_sigmoid(W, b):
    net = Network(W, b, dict.fromkeys(W, "sigmoid"))
    return (lambda x: forward(net, x).y_hat), (lambda x: jacobian(net, x)[0])


def product_of_weights(W, b):
    """The Jacobian of a network without σ′."""
    return lambda x: functools.reduce(lambda product, l: W[l] @ product, W, np.eye(len(x)))


def shortest(call):
    W, b, x, steps = call.args
    return attacks.deepfool(*before_the_last_sigmoid(W, b), x, steps)


@judged
def judge_deepfool(calls, responses) -> str:
    """One step goes straight to the nearest plane; many change the class, by steps as short as the judge's, and just so."""
    got = [image(call, response, "x_adv", like=2) for call, response in zip(calls, responses, strict=True)]
    pairs = list(zip(calls, got, strict=True))
    one_step([(call, x_adv) for call, x_adv in pairs if call.args[3] == 1])
    steps = [(call, *crossing(call, x_adv)) for call, x_adv in pairs if call.args[3] > 1]
    ratios = [length / best for _, length, best in steps]
    worst = int(np.argmax(ratios))
    if ratios[worst] > LONGER_ONCE or np.mean(ratios) > LONGER_ON_AVERAGE:
        call, length, best = steps[worst]
        text = f"the steps are {100 * np.mean(ratios) - 100:.1f} % longer than needed on average; here {length:.4g}, and {best:.4g} is enough."
        raise Fault("step longer than needed", text, call)
    median = np.median([length for _, length, _ in steps])
    return f"{len(steps)} digits change class; median length {median:.3f}, {np.mean(ratios):.3f} times the judge's; on the boundary to {CLOSE:g}"


def stays(call, point) -> bool:
    """Whether the point is read as the same class as x."""
    z = before_the_last_sigmoid(*call.args[:2])[0]
    return bool(np.argmax(z(point)) == np.argmax(z(call.args[2])))


# One linear step. --------------------------------------------------------------------------------------------------------------


def planes(call, outputs, slopes):
    """(label, gap, slope) at x: the gap and its slope for every class; the slope of the label itself is zero."""
    _, _, x, _ = call.args
    y, J = outputs(x)[:, 0], slopes(x)
    label = int(np.argmax(y))
    return label, y[label] - y, J - J[label]


def to_plane(call, outputs, slopes, nearest):
    """The step x → plane that `nearest(distance, gap)` picks, (n₀,)."""
    label, gap, slope = planes(call, outputs, slopes)
    steep = np.linalg.norm(slope, axis=1)
    steep[label] = 1.0
    distance, gap = gap / steep, gap.copy()
    distance[label] = gap[label] = np.inf
    k = nearest(distance, gap)
    return distance[k] * slope[k] / steep[k]


def by_distance(distance, gap):
    return np.argmin(distance)


def by_gap(distance, gap):
    return np.argmin(gap)


def first_steps(call):
    """What one step from x is, by the name of the mistake; None: the right one."""
    W, b, *_ = call.args
    (z, J), (y, Jy) = before_the_last_sigmoid(W, b), after_the_last_sigmoid(W, b)
    right = to_plane(call, z, J, by_distance)
    return {
        None: [right],
        "product of weights only": [to_plane(call, z, product_of_weights(W, b), by_distance)],
        "away from the plane": [-right],
        "gap in place of distance": [to_plane(call, z, J, by_gap)],
        "ŷ in place of z": [to_plane(call, y, Jy, by_distance), to_plane(call, z, Jy, by_distance)],
        "sign in an ℓ2 attack": [np.sign(right)],
    }


def tells(call, name) -> bool:
    """Whether one step shows this mistake: it goes another way than the right one."""
    ways = first_steps(call)
    return not along(ways[None][0], ways[name][0])


def along(way, step) -> bool:
    """Whether both lead the same way."""
    lengths = np.linalg.norm(way) * np.linalg.norm(step)
    return bool(lengths > 0 and way.ravel() @ step > (1 - STRAIGHT) * lengths)


def one_step(pairs):
    """With one step the direction is known exactly; only it tells a right slope from one that works as well by luck."""
    ways = [(call, (x_adv - call.args[2]).ravel(), first_steps(call)) for call, x_adv in pairs]
    for call, way, meant in ways:
        if not np.any(way):
            raise Fault("nothing moved", "with steps = 1 the given x came back.", call)
        if not along(way, meant[None][0]):
            fits = lambda name: all(any(along(way, step) for step in meant[name]) for _, way, meant in ways)
            names = [name for name in meant if name and fits(name)]
            names += ["steps ignored"] * all(goes_on(call, way) for call, way, _ in ways)
            names += ["cut to the box"] * all(
                is_cut(call.args[2].ravel(), way, meant[None][0]) for call, way, meant in ways
            )
            lengths = np.linalg.norm(way) * np.linalg.norm(meant[None][0])
            text = f"with steps = 1 the way must be along the slope of the nearest plane; cosine to it {way @ meant[None][0] / lengths:.4f}."
            if len(names) == 1:
                raise Fault(names[0], text, call)
            raise Wrong(f"{text} Check which class is nearest, and the Jacobian of z.\n  {at(call)}")
    for call, way, meant in ways:
        long_enough(call, way, meant[None][0])


def goes_on(call, way) -> bool:
    """Whether the way ends about where many steps end, although one was asked for."""
    W, b, x, _ = call.args
    many = (shortest(replace(call, args=(W, b, x, 50))) - x).ravel()
    return bool(np.linalg.norm(way - many) < 0.1 * np.linalg.norm(many))


def is_cut(x, way, step) -> bool:
    """Whether the way is the right one, cut to [0, 1]: right in every entry that does not end on a wall."""
    inside = (x + way > 0) & (x + way < 1)
    return bool(np.all((x + way >= 0) & (x + way <= 1)) and not inside.all() and along(way[inside], step[inside]))


def long_enough(call, way, step):
    """Where one step does not reach the boundary nothing was halved back: its length is that to the plane, and a little more."""
    x, ratio = call.args[2], np.linalg.norm(way) / np.linalg.norm(step)
    if stays(call, shortest(call)) and stays(call, x + way[:, None]) and not 1 - 1e-9 < ratio < OVERSHOOT:
        text = f"with steps = 1 the way to the nearest plane is {np.linalg.norm(step):.4g} long, and yours {np.linalg.norm(way):.4g}."
        raise Fault("step of another length", text, call)


# To the boundary. --------------------------------------------------------------------------------------------------------------


def crossing(call, x_adv) -> tuple[float, float]:
    """(length of the answer's step, of the judge's); Fault if the class does not change, or changes earlier."""
    x = call.args[2]
    length, best = float(np.linalg.norm(x_adv - x)), float(np.linalg.norm(shortest(call) - x))
    if stays(call, x_adv):
        near = not stays(call, x + (1 + CLOSE) * (x_adv - x))
        name = "just before the boundary" if near else "class not changed"
        raise Fault(name, f"the step of length {length:.6g} leaves the class as it is; {best:.6g} is enough.", call)
    if not stays(call, x + (1 - CLOSE) * (x_adv - x)):
        text = f"the step of length {length:.4g} goes beyond the boundary: a part of {CLOSE:g} less still changes the class."
        raise Fault("not halved back", text, call)
    return length, best
