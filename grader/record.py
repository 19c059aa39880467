"""The one writer of nbgrader's gradebook: marks and comments, one transaction per submission.

Beside nbgrader's own tables stands one of ours, `grading`: what was graded (a digest) and what came of it. Both are
written in the same transaction, so that after a kill at any moment a submission is either done or not begun. Marks and
comments that a person gave are never touched.
"""

from __future__ import annotations

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
            self.db.execute(sql.delete(GRADING).where(*_of(result.student, result.assignment)))
            row = {"student": result.student, "assignment": result.assignment, "digest": digest}
            kept = result.summary() | {"walls": result.walls, "cells": result.cells}
            self.db.execute(sql.insert(GRADING), row | {"result": json.dumps(kept, ensure_ascii=False)})
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
        self._row(Student, id=result.student)
        submission = self._row(SubmittedAssignment, assignment_id=place.assignment, student_id=result.student)
        self.db.execute(
            sql.update(SubmittedAssignment).where(SubmittedAssignment.id == submission).values(timestamp=timestamp)
        )
        submitted = self._row(SubmittedNotebook, assignment_id=submission, notebook_id=place.notebook)
        rows = {row["name"]: row for row in result.exercises}
        self._write(Grade, submitted, {cell: _grade(rows.get(name), result) for cell, name in place.graded.items()})
        by_hand = sql.update(Grade).where(Grade.notebook_id == submitted, Grade.manual_score.is_not(None))
        self.db.execute(by_hand.values(needs_manual_grade=True), execution_options={"synchronize_session": False})
        comments = {cell: rows.get(_exercise(name)) for cell, name in place.commented.items()}
        self._write(
            Comment, submitted, {cell: {"auto_comment": _comment(row, result)} for cell, row in comments.items()}
        )
        self._penalty(submission, submitted, timestamp)

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

    def _row(self, table, **columns) -> str:
        """The id of the row that holds these values; made where it is missing."""
        found = self.db.scalar(sql.select(table.id).filter_by(**columns))
        return found or self.db.scalar(sql.insert(table).values(**columns).returning(table.id))

    def _write(self, table, submitted, entries):
        """Change what the table says of a submission's cells; make the rows that are missing. entries: cell → columns."""
        rows = self.db.execute(sql.select(table.cell_id, table.id).where(table.notebook_id == submitted))
        known = {row.cell_id: row.id for row in rows}
        old = [{"id": known[cell]} | columns for cell, columns in entries.items() if cell in known]
        new = [
            {"notebook_id": submitted, "cell_id": cell} | columns
            for cell, columns in entries.items()
            if cell not in known
        ]
        for statement, rows in ((sql.update(table), old), (sql.insert(table), new)):
            if rows:
                self.db.execute(statement, rows)

    def _penalty(self, submission, submitted, timestamp):
        """Late penalties are nbgrader's: its plugin decides."""
        penalty, whole = None, timestamp and self.db.get(SubmittedAssignment, submission, populate_existing=True)
        if whole and whole.total_seconds_late > 0:
            score = self.db.scalar(sql.select(SubmittedNotebook.score).where(SubmittedNotebook.id == submitted))
            late = self.late.late_submission_penalty(whole.student_id, score, whole.total_seconds_late)
            penalty = None if late is None else min(max(late, 0.0), score)
        self.db.execute(
            sql.update(SubmittedNotebook)
            .where(SubmittedNotebook.id == submitted)
            .values(late_submission_penalty=penalty)
        )

    def marks(self, student: str, assignment: str) -> dict:
        """What a feedback page needs: {"score", "max_score", "late_penalty", "grades": {cell: …}, "comments": {cell: …}}."""
        found = self.db.execute(
            sql.select(SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .where(SubmittedAssignment.student_id == student, Assignment.name == assignment)
        ).one_or_none()
        if found is None:
            return {}
        graded = sql.select(GradeCell.name, Grade.score, GradeCell.max_score).join(Grade, Grade.cell_id == GradeCell.id)
        commented = sql.select(BaseCell.name, Comment.comment).join(Comment, Comment.cell_id == BaseCell.id)
        grades = {
            name: (score, worth) for name, score, worth in self.db.execute(graded.where(Grade.notebook_id == found.id))
        }
        penalty = found.late_submission_penalty or 0.0
        return {
            "score": sum(score for score, _ in grades.values()) - penalty,
            "max_score": sum(worth for _, worth in grades.values()),
            "late_penalty": penalty,
            "grades": grades,
            "comments": dict(self.db.execute(commented.where(Comment.notebook_id == found.id)).all()),
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


def _of(student, assignment):
    return GRADING.c.student == student, GRADING.c.assignment == assignment


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
