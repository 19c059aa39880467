"""The one writer of nbgrader's gradebook: marks and comments, one transaction per submission.

Beside nbgrader's own tables stands one of ours, `grading`: what was graded (a digest) and what came of it. Both are
written in the same transaction, so that after a kill at any moment a submission is either done or not begun. Marks and
comments that a person gave are never touched.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sql
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import SaveCells

GRADING = sql.Table(
    "grading",
    sql.MetaData(),
    sql.Column("student", sql.String(128), primary_key=True),
    sql.Column("assignment", sql.String(128), primary_key=True),
    sql.Column("digest", sql.String(64), nullable=False),
    sql.Column("result", sql.Text, nullable=False),
)

# Statements are made once: to make one takes longer than to run it.
STUDENT, SUBMISSION, SUBMITTED, GRADE, COMMENT = (
    table.__table__ for table in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)
MARKED_BY_HAND = (
    sql.update(GRADE)
    .where(GRADE.c.notebook_id == sql.bindparam("submitted"), GRADE.c.manual_score.is_not(None))
    .values(needs_manual_grade=True)
)
FOUND = (
    sql.select(SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty)
    .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    .where(SubmittedAssignment.student_id == sql.bindparam("student"), Assignment.name == sql.bindparam("assignment"))
)
GRADES = (
    sql.select(GradeCell.name, Grade.score, GradeCell.max_score)
    .join(Grade, Grade.cell_id == GradeCell.id)
    .where(Grade.notebook_id == sql.bindparam("submitted"))
)
COMMENTS = (
    sql.select(BaseCell.name, Comment.comment)
    .join(Comment, Comment.cell_id == BaseCell.id)
    .where(Comment.notebook_id == sql.bindparam("submitted"))
)


@dataclass(frozen=True)
class Place:
    """An assignment in the gradebook: ids of its rows, and the names of its cells by id."""

    assignment: str
    notebook: str
    graded: dict[str, str]
    commented: dict[str, str]


@dataclass(frozen=True)
class Page:
    """A submitted notebook in formgrader: its address is submissions/`id`."""

    id: str
    penalty: float


@dataclass(frozen=True)
class ByHand:
    """The points of an exercise that a person marked, or gave extra credit for."""

    score: float
    marked: bool


class Record:
    """The gradebook at a database URL."""

    def __init__(self, url: str, course: str = "default_course", late: LateSubmissionPlugin | None = None):
        # nbgrader calls `alembic` by its bare name when it makes a new gradebook.
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self.url, self.course, self.late = url, course, late or LateSubmissionPlugin()
        self.gradebook = Gradebook(url, course)
        self.db = self.gradebook.db
        self._places = {}
        GRADING.create(self.gradebook.engine, checkfirst=True)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.gradebook.close()

    def release(self, assignment: str, notebook) -> None:
        """Make sure that the assignment and its cells stand in the gradebook, as `nbgrader generate_assignment` does it."""
        self.gradebook.update_or_create_assignment(assignment)
        resources = {"nbgrader": {"notebook": assignment, "assignment": assignment, "db_url": self.url}}
        SaveCells().preprocess(notebook, resources)
        self.db.expire_all()
        self._places.pop(assignment, None)

    def digests(self) -> dict[tuple[str, str], str]:
        """(student, assignment) → digest of what was graded, unless nbgrader has forgotten the submission since."""
        rows = self.db.execute(sql.select(GRADING.c.student, GRADING.c.assignment, GRADING.c.digest))
        pages = self.pages()
        return {(student, name): digest for student, name, digest in rows if (student, name) in pages}

    def students(self) -> set[str]:
        """Every student whom the gradebook knows."""
        return set(self.db.scalars(sql.select(Student.id)))

    def people(self) -> dict[str, dict]:
        """Student → first_name, last_name, email, lms_user_id, as `nbgrader db student` was told them."""
        return {student.id: student.to_dict() for student in self.gradebook.students}

    def save(self, result, digest: str, timestamp: datetime | None = None) -> None:
        """Write one submission's marks, comments and result: all of it or nothing."""
        try:
            self._save_marks(result, timestamp)
            kept = result.summary() | {"walls": result.walls, "cells": result.cells}
            what = {"digest": digest, "result": json.dumps(kept, ensure_ascii=False)}
            self._put(GRADING, {"student": result.student, "assignment": result.assignment}, what)
            self.db.commit()
        except BaseException:
            self.db.rollback()
            raise

    def results(self) -> list[dict]:
        """Every recorded result, with the marks that people gave in place of ours, less what is taken off for lateness."""
        by_hand, pages = self._by_hand(), self.pages()
        kept = [(pages.get((entry["student"], entry["assignment"])), entry) for entry in self._kept()]
        return [_marked(entry, by_hand, page.penalty) for page, entry in kept if page]

    def walls(self) -> set[tuple[str, ...]]:
        """The walls that stood around the submissions that were run; an empty tuple where there was none."""
        return {tuple(entry["walls"]) for entry in self._kept() if entry["exercises"]}

    def cells(self) -> dict[tuple[str, str], dict[str, float]]:
        """(student, assignment) → seconds of each cell that ran, by cell id."""
        return {(entry["student"], entry["assignment"]): entry["cells"] for entry in self._kept()}

    def pages(self) -> dict[tuple[str, str], Page]:
        """(student, assignment) → the submission as formgrader shows it, and its late penalty."""
        rows = self.db.execute(
            sql.select(
                SubmittedAssignment.student_id,
                Assignment.name,
                SubmittedNotebook.id,
                SubmittedNotebook.late_submission_penalty,
            )
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        )
        return {(student, name): Page(id, penalty or 0.0) for student, name, id, penalty in rows}

    def _kept(self) -> list[dict]:
        rows = self.db.scalars(sql.select(GRADING.c.result).order_by(*GRADING.c[:2]))
        return [json.loads(text) for text in rows]

    def _save_marks(self, result, timestamp):
        place = self._place(result.assignment)
        self._row(STUDENT, id=result.student)
        submission = self._row(SUBMISSION, assignment_id=place.assignment, student_id=result.student)
        self._put(SUBMISSION, {"id": submission}, {"timestamp": timestamp})
        submitted = self._row(SUBMITTED, assignment_id=submission, notebook_id=place.notebook)
        rows = {row["name"]: row for row in result.exercises}
        for cell, name in place.graded.items():
            self._put(GRADE, {"notebook_id": submitted, "cell_id": cell}, _grade(rows.get(name), result))
        self._execute(MARKED_BY_HAND, {"submitted": submitted})
        for cell, name in place.commented.items():
            comment = _comment(rows.get(_exercise(name)), result)
            self._put(COMMENT, {"notebook_id": submitted, "cell_id": cell}, {"auto_comment": comment})
        self._put(
            SUBMITTED, {"id": submitted}, {"late_submission_penalty": self._penalty(submission, submitted, timestamp)}
        )

    def _place(self, assignment) -> Place:
        """Where an assignment stands in the gradebook; read once, since no submission changes it."""
        if assignment not in self._places:
            notebook = self.db.scalars(
                sql.select(Notebook).join(Assignment).where(Assignment.name == assignment, Notebook.name == assignment)
            ).one()
            self._places[assignment] = Place(
                notebook.assignment_id,
                notebook.id,
                {cell.id: cell.name for cell in notebook.grade_cells},
                {cell.id: cell.name for cell in notebook.solution_cells},
            )
        return self._places[assignment]

    def _row(self, table, **key) -> str:
        """The id of the row that holds these values; made where it is missing."""
        found = self._execute(_select(table, *key), key).scalar()
        return found or self._execute(_insert(table), key).inserted_primary_key[0]

    def _put(self, table, key, columns):
        """Change the row that holds the values of `key`; make it where it is missing."""
        if not self._execute(_update(table, *key), _renamed(key) | columns).rowcount:
            self._execute(_insert(table), key | columns)

    def _execute(self, statement, values):
        # Past the session: its own bookkeeping took half of a submission's time here, and no object of it is changed.
        return self.db.connection().execute(statement, values)

    def _penalty(self, submission, submitted, timestamp) -> float | None:
        """Late penalties are nbgrader's: its plugin decides."""
        whole = timestamp and self.db.get(SubmittedAssignment, submission, populate_existing=True)
        if not whole or whole.total_seconds_late <= 0:
            return None
        score = self.db.scalar(sql.select(SubmittedNotebook.score).where(SubmittedNotebook.id == submitted))
        late = self.late.late_submission_penalty(whole.student_id, score, whole.total_seconds_late)
        return None if late is None else min(max(late, 0.0), score)

    def marks(self, student: str, assignment: str) -> dict:
        """What a feedback page needs: {"score", "max_score", "late_penalty", "grades": {cell: …}, "comments": {cell: …}}."""
        whose = {"student": student, "assignment": assignment}
        if (found := self._execute(FOUND, whose).one_or_none()) is None:
            return {}
        grades = {name: (score, worth) for name, score, worth in self._execute(GRADES, {"submitted": found.id})}
        penalty = found.late_submission_penalty or 0.0
        return {
            "score": sum(score for score, _ in grades.values()) - penalty,
            "max_score": sum(worth for _, worth in grades.values()),
            "late_penalty": penalty,
            "grades": grades,
            "comments": dict(self._execute(COMMENTS, {"submitted": found.id}).all()),
        }

    def _by_hand(self) -> dict[tuple[str, str, str], ByHand]:
        rows = self.db.execute(
            sql.select(SubmittedAssignment.student_id, Assignment.name, GradeCell.name, Grade.score, Grade.manual_score)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(GradeCell, Grade.cell_id == GradeCell.id)
            .where(Grade.manual_score.is_not(None) | Grade.extra_credit.is_not(None))
        )
        return {(student, name, cell): ByHand(score, mark is not None) for student, name, cell, score, mark in rows}


@functools.cache
def _select(table, *key):
    return sql.select(table.c.id).where(*(table.c[name] == sql.bindparam(name) for name in key))


@functools.cache
def _insert(table):
    return sql.insert(table)


@functools.cache
def _update(table, *key):
    return sql.update(table).where(*(table.c[name] == sql.bindparam(f"of_{name}") for name in key))


def _renamed(key):
    """The values of an update's key: SQLAlchemy keeps the columns' own names for what is set."""
    return {f"of_{name}": value for name, value in key.items()}


def _exercise(cell: str) -> str:
    return cell.removesuffix("-answer").removesuffix("_answer")


def _grade(row, result) -> dict:
    """What the gradebook says of one exercise; a mark that a person gave is never touched."""
    if row is None and result.state == "grader_error":
        return {"needs_manual_grade": True}
    if row is not None and row["state"] in ("manual", "grader_error"):
        return {"auto_score": None, "needs_manual_grade": True}
    return {"auto_score": row["score"] if row else 0.0, "needs_manual_grade": False}


def _comment(row, result) -> str | None:
    if row is None:
        return result.reason or None
    return None if row["state"] in ("passed", "manual") else f"{row['state'].replace('_', ' ')}: {row['message']}"


def _marked(result, by_hand, penalty) -> dict:
    """The result with the marks that people gave; an exercise that waited for its mark waits no longer."""
    for row in result["exercises"]:
        given = by_hand.get((result["student"], result["assignment"], row["name"]))
        if given:
            share = given.score / row["max_score"] if row["max_score"] else 1.0
            state = "passed" if share >= 1 else "partial" if share > 0 else "failed"
            row |= {"score": given.score, "state": state if row["state"] == "manual" and given.marked else row["state"]}
    late = f"handed in late: {penalty:g} points off" if penalty else ""
    marked = {
        "score": sum(row["score"] for row in result["exercises"]) - penalty,
        "reason": "; ".join(filter(None, [result["reason"], late])),
    }
    return {name: value for name, value in result.items() if name not in ("walls", "cells")} | marked
