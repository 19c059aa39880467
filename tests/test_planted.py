"""The checks against what students write: each planted mistake fails and is named, each right answer passes."""

import pytest

from course_lib import exercises
from grader.samples.rows import chapters, rows
from grader.samples.students import MISTAKEN, builds_on, spread

ROWS = [pytest.param(chapter, row, id=f"{row.kind}: {row}") for chapter in chapters() for row in rows(chapter)]


def judged(row, namespace):
    """The verdict on the row's function among the right answers to everything else."""
    namespace = dict(namespace)
    exec(row.source, namespace)  # noqa: S102 (our own source)
    return exercises.judge(exercises.find(row.exercise), namespace[row.exercise])


@pytest.mark.parametrize(("chapter", "row"), ROWS)
def test_a_check_names_the_mistake_and_lets_the_right_answer_pass(chapter, row, solved):
    verdict = judged(row, solved(chapter)[0])
    if row.kind == "right":
        assert verdict.state == "passed", verdict
    else:
        assert verdict.state == "failed"
        assert verdict.mistake == (row.name if row.kind == "wrong" else None)
        assert verdict.message


def test_right_answers_come_in_many_ways():
    right = [row for chapter in chapters() for row in rows(chapter) if row.kind == "right"]
    assert len(right) >= 8
    assert len({row.source for row in right}) == len(right)


@pytest.mark.parametrize("chapter", chapters())
def test_the_sample_class_has_many_mistakes_and_none_hides_another(chapter):
    given = spread(chapter, len(MISTAKEN))
    assert len({str(row) for planted in given for row in planted}) >= 12
    for planted in given:
        names = [row.exercise for row in planted]
        assert len(names) == len(set(names)) >= 2
        assert all(one == other or one not in builds_on(other) for one in names for other in names)
