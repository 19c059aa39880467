"""Chapters 06 to 08: what a student would write wrong is caught, and the cause that is named is the cause."""

import numpy as np
import pytest

from course_lib import attacks
from course_lib.exercises import ch07_adversarial, find, judge, shortest, wrong_attacks, wrong_derivatives
from course_lib.exercises import ch08_harden as hardened
from course_lib.exercises.mistakes import MISTAKES
from course_lib.exercises.wrong_derivatives import dJ_dX, jacobian, jvp, outputs, saliency, scaled_jacobian, vjp
from course_lib.respond import made, respond


def named(name, answer):
    verdict = judge(find(name), answer)
    assert verdict.state == "failed", verdict
    return verdict.mistake


# 06. -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mistake", "answer"),
    [
        *(("layer_backward", *row) for row in wrong_derivatives.OTHER_ORDERS),
        *(("steer", *row) for row in wrong_derivatives.ALWAYS_ONE_STEP),
        *(("margin_gradient", *row) for row in hardened.ALSO_WRONG_MARGIN),
    ],
)
def test_several_ways_to_make_one_mistake_have_its_name(name, mistake, answer):
    assert named(name, answer) == mistake


def test_a_factor_m_is_not_said_to_miss_a_mean_that_nobody_asked_for():
    """Each example's own cost has no 1/m; “missing 1/m” would send a student to look for one."""
    assert named("dJ_dX", lambda W, b, X, Y: X.shape[1] * dJ_dX(W, b, X, Y)) == "multiplied by m"


def test_a_sign_of_the_jacobian_is_not_told_in_words_of_the_cost():
    verdict = judge(find("jacobian"), lambda W, b, x: -jacobian(W, b, x))
    assert verdict.mistake == "∂ŷ/∂x with the other sign"
    assert "makes J rise" not in verdict.message


def differences(W, b, x, h=1e-6):
    """The Jacobian, measured column by column."""
    steps = h * np.eye(len(x))[:, :, None]
    return np.hstack([(outputs(W, b, x + step) - outputs(W, b, x - step)) / (2 * h) for step in steps])


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("jacobian", differences),
        ("jvp", lambda W, b, x, v: differences(W, b, x) @ v),
        ("vjp", lambda W, b, x, u: differences(W, b, x).T @ u),
        ("saliency", lambda W, b, x, k: differences(W, b, x)[[k]].T),
        ("scaled_jacobian", lambda W, b, x, sx, sy: differences(W, b, x) * sx / sy[:, None]),
    ],
)
def test_differences_are_named_in_every_derivative(name, answer):
    assert named(name, answer) == "finite differences"


def test_right_ones_pass_beside_their_measured_twins():
    answers = {"jacobian": jacobian, "jvp": jvp, "vjp": vjp, "saliency": saliency, "scaled_jacobian": scaled_jacobian}
    for name, answer in answers.items():
        assert judge(find(name), answer), name


# 07. -------------------------------------------------------------------------------------------------------------------------


def started(start):
    """PGD from start(X, eps, rng); right in all else."""

    def answer(input_gradient, X, Y, eps, step, steps, rng=None):
        X_adv = start(X, eps, rng)
        for _ in range(steps):
            X_adv = attacks.project_linf(X_adv + step * np.sign(input_gradient(X_adv, Y)), X, eps)
        return X_adv

    return answer


def noisy(noise, always=None):
    """X plus noise(X, eps, rng), projected; without a generator X, unless there is always one."""
    draw = lambda X, eps, rng: attacks.project_linf(X + noise(X, eps, rng), X, eps)
    return started(lambda X, eps, rng: draw(X, eps, rng or always()) if rng or always else X)


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("random start to one side", noisy(lambda X, eps, rng: rng.uniform(0, eps, X.shape))),
        ("random start to one side", noisy(lambda X, eps, rng: rng.random(X.shape))),
        ("one random start for all", noisy(lambda X, eps, rng: rng.uniform(-eps, eps, (len(X), 1)))),
        ("one random start for all", noisy(lambda X, eps, rng: rng.uniform(-eps, eps, X.shape[1]))),
        (
            "random start without rng",
            noisy(lambda X, eps, rng: rng.uniform(-eps, eps, X.shape), lambda: np.random.default_rng(0)),
        ),
    ],
)
def test_a_random_start_that_leans_or_is_shared_is_named(mistake, answer):
    assert named("pgd", answer) == mistake


@pytest.mark.parametrize("seed", range(20))
def test_a_uniform_start_passes_whatever_the_seeds_are(seed):
    calls = find("pgd").calls(np.random.default_rng(seed))
    verdict = find("pgd").verdict(calls, respond(noisy(lambda X, eps, rng: rng.uniform(-eps, eps, X.shape)), calls))
    assert verdict, verdict


def test_gaps_that_memory_fills_are_no_answer():
    """Right by luck: without `out` the zero gradient's column is whatever lay in memory, often 0."""

    def lucky(input_gradient, X, Y, eps):
        g = input_gradient(X, Y)
        norm = np.sqrt(np.sum(g**2, axis=0, keepdims=True))
        return np.clip(X + eps * np.divide(g, norm, where=norm > 0), 0, 1)

    assert named("fgm_l2", lucky) == "where without out"


def test_a_count_is_not_called_a_buffer():
    counts = lambda predict, attack, X, labels, eps_list: np.array(
        [np.sum(predict(attack(X, labels, eps)) == labels) for eps in eps_list]
    )
    assert named("accuracy_curve", counts) == "a count, not a mean"


def test_all_floors_are_seen_however_small(monkeypatch):
    """Gradients of 1e-9, 1e-13 and 1e-18 are among the points."""
    calls = find("fgm_l2").calls(np.random.default_rng(7))
    sizes = [np.linalg.norm(made(call.args[0])(*call.args[1:3]), axis=0).max() for call in calls]
    assert min(sizes) < 1e-14
    monkeypatch.setattr(wrong_attacks, "made", lambda f: f if callable(f) else made(f))
    floors = [rule for mistake, rule in wrong_attacks.WRONG_L2 if mistake == "floor in the norm"]
    assert all(find("fgm_l2").verdict(calls, respond(rule, calls)).mistake == "floor in the norm" for rule in floors)


# DeepFool. -------------------------------------------------------------------------------------------------------------------


def deepfool(step, bisect=True, linearised_at=lambda x, x_adv: x_adv, finish=lambda x: x):
    """DeepFool whose step is step(call, at); its outputs and slopes are those of z."""

    def answer(W, b, x, steps):
        z = shortest.before_the_last_sigmoid(W, b)[0]
        label, x_adv = z(x).argmax(), x
        changed = lambda point: z(point).argmax() != label
        for _ in range(steps):
            if changed(x_adv):
                break
            there = ch07_adversarial.Call((W, b, linearised_at(x, x_adv), steps))
            x_adv = x_adv + step(there)[:, None]
        return finish(attacks.bisect(changed, x, x_adv) if bisect and changed(x_adv) else x_adv)

    return answer


def right_step(call, nearest=shortest.by_distance, stretch=1.02):
    return stretch * shortest.to_plane(call, *shortest.before_the_last_sigmoid(*call.args[:2]), nearest)


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("gap in place of distance", deepfool(lambda call: right_step(call, shortest.by_gap))),
        ("away from the plane", deepfool(lambda call: -right_step(call))),
        ("ŷ in place of z", deepfool(lambda call: 1.02 * shortest.first_steps(call)["ŷ in place of z"][0])),
        ("sign in an ℓ2 attack", deepfool(lambda call: 0.1 * np.sign(right_step(call)))),
        ("step of another length", deepfool(lambda call: right_step(call, stretch=0.5))),
        ("not halved back", deepfool(right_step, bisect=False)),
        ("cut to the box", deepfool(right_step, finish=lambda x: np.clip(x, 0, 1))),
        ("nothing moved", deepfool(lambda call: np.zeros(64))),
    ],
)
def test_what_is_wrong_with_a_shortest_step_is_named(mistake, answer):
    assert named("deepfool", answer) == mistake


def test_the_near_side_of_the_boundary_is_told():
    right = deepfool(right_step)
    assert named("deepfool", lambda W, b, x, steps: x + (1 - 1e-9) * (right(W, b, x, steps) - x)) in (
        "just before the boundary",
        "step of another length",
    )


def test_deepfool_written_for_two_layers_is_caught():
    """All nets of the challenge had two once, and a Jacobian W₂D₁W₁ passed."""

    def two(W, b, x, steps):
        return deepfool(right_step)({l: W[l] for l in (1, 2)}, {l: b[l] for l in (1, 2)}, x, steps)

    assert not judge(find("deepfool"), two)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("stretch", [1.0 + 1e-6, 1.02, 1.1])
def test_a_right_deepfool_passes_at_any_points(seed, stretch):
    calls = find("deepfool").calls(np.random.default_rng(seed))
    verdict = find("deepfool").verdict(calls, respond(deepfool(lambda call: right_step(call, stretch=stretch)), calls))
    assert verdict, verdict


def test_some_digits_need_more_than_one_step():
    """Else an answer of a single step, or one that never linearises again, passes."""
    calls = find("deepfool").calls(np.random.default_rng(3))
    single = [call for call in calls if call.args[3] == 1]
    assert any(shortest.stays(call, shortest.shortest(call)) for call in single)
    assert named("deepfool", deepfool(right_step, linearised_at=lambda x, x_adv: x)) is not None
    assert named("deepfool", lambda W, b, x, steps: deepfool(right_step)(W, b, x, 1)) == "class not changed"


# All. ------------------------------------------------------------------------------------------------------------------------


def test_every_name_has_a_text():
    rows = [*wrong_derivatives.OTHER_ORDERS, *wrong_derivatives.ALWAYS_ONE_STEP, *hardened.ALSO_WRONG_MARGIN]
    assert {name for name, _ in rows} <= set(MISTAKES)
