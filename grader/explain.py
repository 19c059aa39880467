"""`python -m grader explain STUDENT EXERCISE`: run one submission again, with the same test points, and print all evidence."""

import sys

import numpy as np

from course_lib import exercises
from course_lib.exercises.compare import at
from grader import collect, engine, sandbox
from grader.batch import Course


def main(args) -> int:
    """→ 0 if the verdict could be reproduced, whatever it is."""
    course = Course(args.course)
    try:
        exercise = exercises.find(args.exercise)
        if not args.no_sandbox:
            sandbox.available()
    except (AttributeError, sandbox.NoSandbox) as error:
        print(error, file=sys.stderr)
        return 2
    found = collect.find(course.submitted, args.student, exercise.chapter)
    if found is None or found.refused:
        reason = found.refused if found else f"nothing was handed in below {course.submitted / args.student}"
        print(f"{args.student}, {exercise.chapter}: {reason}", file=sys.stderr)
        return 2
    seeds = collect.seeds(collect.secret(course.root), args.student, exercise.chapter)
    task = engine.Task(
        args.student, exercise.chapter, found.submission, course.release(exercise.chapter), seeds, not args.no_sandbox
    )
    result = engine.grade(task)
    print(f"{args.student}, {exercise.chapter}: {result.state}. {result.reason}")
    row = next((row for row in result.exercises if row["name"] == exercise.name), None)
    if row is None:
        return 1
    print(
        f"{exercise.name}: {row['state']}, {row['score']:g} of {row['max_score']:g} points, mistake: {row['mistake']}"
    )
    print(row["message"])
    _points(exercise, seeds[exercise.name])
    steps = ", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in result.costs.items())
    print(f"walls: {', '.join(result.walls) or 'none'}\n{steps}")
    return 0


def _points(exercise, seed):
    if exercise.challenge:
        print(f"test points from seed {seed}:")
        for number, call in enumerate(exercise.calls(np.random.default_rng(seed)), 1):
            print(f"  {number}: {at(call)}")
