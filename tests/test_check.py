"""`check` and `respond`: what a student sees, and what a challenge notices."""

import contextlib
import json
import subprocess
import sys

import numpy as np
import pytest

from course_lib import check
from course_lib import progress as notes
from course_lib.card import Card, heat_map
from course_lib.exercises import every, find, judge, relabel_blocked
from course_lib.exercises.verdict import Verdict
from course_lib.respond import function, respond
from course_lib.wire import MIME, Call, Function, Opaque, Rng, unpack


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    folder = tmp_path / "03_dJ_dW"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def right(delta, a_prev):
    return delta @ a_prev.T


def flipped(delta, a_prev):
    return -delta @ a_prev.T


# What a student sees. -------------------------------------------------------------------------------------------------------


def test_a_right_answer_shows_the_central_difference_beside_the_students_number(capsys):
    verdict = check.dJ_dW(right)
    assert (verdict.state, verdict.score, verdict.mistake) == ("passed", 1.0, None)
    assert "yours" in capsys.readouterr().out
    assert "central difference" in verdict.evidence


def test_a_wrong_answer_raises_with_the_diagnosis():
    with pytest.raises(check.Failed, match="central difference") as caught:
        check.dJ_dW(flipped)
    verdict = caught.value.verdict
    assert (verdict.state, verdict.score, verdict.mistake) == ("failed", 0.0, "flipped sign")
    assert "a_prev.T" not in str(verdict), "never the answer"
    assert verdict.error.shape == (5, 4)


def test_a_stub_is_not_answered():
    def stub(delta, a_prev):
        raise NotImplementedError

    assert judge(find("dJ_dW"), stub).state == "not_answered"


def test_the_students_own_lines_are_shown_and_no_others():
    def crashes(delta, a_prev):
        return np.dot(delta, a_prev)

    message = judge(find("dJ_dW"), crashes).message
    assert "raised ValueError" in message
    assert "in crashes: return np.dot(delta, a_prev)" in message
    assert "respond.py" not in message


def test_a_misspelt_exercise_names_the_nearest():
    with pytest.raises(AttributeError, match="dJ_dW"):
        check.dJ_dw(right)


def test_predictions_are_noted_and_answered_after_the_attempt(capsys):
    check.predict("dJ_dW", ...)
    assert "shape" in capsys.readouterr().out
    check.predict("dJ_dW", "(7, 5)")
    assert "first attempt" in capsys.readouterr().out
    check.dJ_dW(right)
    assert "You predicted: (7, 5)\nThe answer: (5, 7), the shape of W." in capsys.readouterr().out
    check.predict("dJ_dW", "(5, 7)")
    assert "You predicted: (5, 7)" in capsys.readouterr().out


def test_a_prediction_is_answered_at_the_first_attempt_and_at_the_last(monkeypatch):
    """An unsolved stub is no attempt, and between the two the answer would only be repeated."""

    def stub(delta, a_prev):
        raise NotImplementedError

    told = []
    module = sys.modules["course_lib.check"]
    monkeypatch.setattr(module, "_has_cards", lambda: True)
    monkeypatch.setattr(module, "_show", lambda verdict, more: told.append("You predicted: 7" in more))
    check.predict("dJ_dW", "7")
    for answer in (stub, flipped, flipped, right):
        with contextlib.suppress(check.Failed):
            check.dJ_dW(answer)
    assert told == [False, True, False, True]


@pytest.mark.parametrize("nothing", [(), (...,), ("",), (None,)])
def test_a_prediction_without_an_answer_asks_the_question(capsys, nothing):
    check.predict("dJ_dW", *nothing)
    assert "in place of the dots" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [np.ones((3, 1)), {"z": 2, "a": 3}, (5, 7), 0])
def test_anything_can_be_predicted(capsys, answer):
    check.predict("dJ_dW", answer)
    assert "first attempt" in capsys.readouterr().out


@pytest.mark.parametrize("answers", [(), (right, right)])
def test_a_check_says_what_it_wants(answers):
    with pytest.raises(TypeError, match=r"your function without brackets of its own: check\.dJ_dW\(dJ_dW\)"):
        check.dJ_dW(*answers)


@pytest.mark.parametrize("ask", [check.hint, check.predict])
def test_a_function_in_place_of_its_name_is_said(ask):
    with pytest.raises(TypeError, match="the name of an exercise in quotes"):
        ask(right)


def test_a_result_in_place_of_the_function_is_said():
    verdict = judge(find("dJ_dW"), right(np.ones((2, 3)), np.ones((4, 3))))
    assert "It wants the function itself" in verdict.message


def test_hints_come_one_by_one_and_start_again(capsys):
    shown = []
    for _ in range(4):
        check.hint("dJ_dW")
        shown.append(capsys.readouterr().out)
    assert [text[:11] for text in shown] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 1 of 3"]


def test_validate_takes_no_hint(monkeypatch, capsys):
    """It runs the whole notebook, hints asked for in it too, and nobody reads what they say."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check.hint("half")
    monkeypatch.delenv("NBGRADER_EXECUTION")
    check.hint("half")
    assert "Hint 1 of 3" in capsys.readouterr().out


def test_progress_is_a_readable_file_and_passing_is_never_lost(in_a_folder_of_its_own):
    check.dJ_dW(right)
    with pytest.raises(check.Failed):
        check.dJ_dW(flipped)
    assert json.loads((in_a_folder_of_its_own / notes.FILE).read_text())["dJ_dW"]["state"] == "passed"
    table = check.progress()
    assert "✓ dJ_dW" in repr(table)
    assert "2 of 13 points" in repr(table)
    assert 'aria-label="03_dJ_dW: 2 of 13 points"' in table._repr_html_()


@pytest.mark.parametrize("content", ["", "[1]", '{"dJ_dW": 3}', "\x00"])
def test_a_broken_progress_file_is_started_anew(in_a_folder_of_its_own, content):
    (in_a_folder_of_its_own / notes.FILE).write_text(content)
    check.dJ_dW(right)
    assert notes.read()["dJ_dW"]["state"] == "passed"


def test_the_list_of_exercises():
    names = [exercise.name for exercise in check.all()]
    assert len(names) == len(set(names)) == len(every())
    assert set(names) <= set(dir(check))


def test_the_card_says_the_same_as_the_text():
    verdict = judge(find("dJ_dW"), flipped)
    card = Card(verdict, ["You predicted: <b>. No."])
    assert repr(card).startswith(str(verdict))
    page = card._repr_html_()
    assert "<b>Cause</b>" not in page.replace("<b>Cause:</b>", "")
    assert "&lt;b&gt;" in page, "a student's words are text, not HTML"
    assert "20 of 20 entries are wrong" in page


def test_the_heat_map_helps_or_is_not_there():
    one = np.zeros((2, 3))
    one[1, 2] = -4.0
    assert "1 of 6 entries are wrong; rows 1; columns 2." in heat_map(one)
    assert heat_map(one).count("−</text>") == 1
    for useless in (None, np.ones(3), np.ones((1, 1)), np.ones((2, 200))):
        assert heat_map(useless) == ""


# While graded. ----------------------------------------------------------------------------------------------------------------


def test_with_a_challenge_the_same_call_only_emits(monkeypatch, capsys):
    calls = find("dJ_dW").calls(np.random.default_rng(1))
    shown = []
    monkeypatch.setattr(check, "given", {"dJ_dW": calls})
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    assert check.dJ_dW(flipped) is None
    assert (check.predict("dJ_dW", 1), check.hint("dJ_dW"), check.progress()) == (None, None, None)
    assert capsys.readouterr().out == ""
    message = shown[0][MIME]
    assert message["exercise"] == "dJ_dW"
    assert find("dJ_dW").verdict(calls, unpack(message)).mistake == "flipped sign"
    assert check.dJ_db(flipped) is None  # not this cell's check: it is given nothing, and sends nothing
    assert len(shown) == 1


@pytest.mark.parametrize("forged", [None, 3, {}, [], [1], Opaque("x"), "passed", [Verdict("passed", 1.0)]])
def test_whatever_is_sent_ends_in_a_verdict(forged):
    verdict = find("dJ_dW").verdict(find("dJ_dW").calls(np.random.default_rng(1)), forged)
    assert verdict.state in ("failed", "not_answered")


def test_a_failure_of_the_judge_is_never_a_zero_for_the_student(monkeypatch):
    exercise = find("dJ_dW")
    broken = type(exercise)(exercise.name, 1, exercise.challenge, lambda calls, responses: 1 / 0, exercise.hints)
    assert judge(broken, right).state == "grader_error"


def test_a_failure_that_builds_on_another_is_blocked():
    states = {"sigmoid_prime": "failed", "dJ_da": "passed", "delta_output": "failed", "dJ_dW": "passed"}
    verdicts = relabel_blocked({name: Verdict(state, 0.0) for name, state in states.items()})
    assert {name: verdict.state for name, verdict in verdicts.items()} == states | {"delta_output": "blocked"}
    assert "sigmoid_prime" in verdicts["delta_output"].message


# What a challenge notices. ------------------------------------------------------------------------------------------------------


def ask(answer, *args, **kwargs):
    return respond(answer, [Call(args, kwargs)])[0]


def test_changed_inputs_are_named_and_the_challenge_stays_whole():
    x = np.ones(3)

    def spoils(x, layers):
        x *= 2
        layers[1][0] = 5
        return x

    response = ask(spoils, x, {1: np.zeros(2)})
    assert response.changed == ("x", "layers")
    assert x.sum() == 3


def test_an_input_changed_only_for_a_moment_is_seen_by_the_function_it_is_given_to():
    @function
    def test_total():
        return lambda x: float(x.sum())

    def wiggles(f, x):
        x[0] += 1
        up = f(x)
        x[0] -= 1
        return up - f(x)

    response = ask(wiggles, Function("test_total"), np.zeros(2))
    assert response.changed == ("x",)
    assert response.used == (("f", 2),)


def test_generators_are_drawn_and_random_arguments_are_fresh():
    def endless(rng):
        while True:
            yield rng.random()

    first, second = (ask(endless, Rng(3)).value for _ in range(2))
    assert len(first) == 10_000
    assert first == second


def test_warnings_exceptions_and_exits_are_noted():
    def warns(z):
        return np.exp(z)

    assert ask(warns, np.array([1000.0])).warned == ("RuntimeWarning: overflow encountered in exp",)
    assert ask(lambda: sys.exit(3)).raised.type == "SystemExit"
    assert ask(lambda: 1).value == 1
    assert ask(lambda a: a, 1, 2).raised.type == "TypeError"


def test_a_judges_side_import_would_be_noticed():
    """respond, wire and check import nothing of the judge's side when they are imported."""
    code = "import sys, course_lib.check, course_lib.respond, course_lib.wire, course_lib.card; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [
        name
        for name in loaded
        if name.startswith(("course_lib.exercises", "course_lib.network", "course_lib.gradcheck"))
    ]
