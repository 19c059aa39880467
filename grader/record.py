"""The one writer of nbgrader's gradebook: marks and comments, one transaction per submission.

Beside nbgrader's own tables stands one of ours, `grading`: what was graded (a digest) and what came of it. Both are
written in the same transaction, so that after a kill at any moment a submission is either done or not begun. Marks and
comments that a person gave are never touched.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import sqlalchemy as sql
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
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


class Record:
    """The gradebook at a database URL."""

    def __init__(self, url: str, course: str = "default_course", late: LateSubmissionPlugin | None = None):
        # nbgrader calls `alembic` by its bare name when it makes a new gradebook.
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self.url, self.course, self.late = url, course, late or LateSubmissionPlugin()
        self.gradebook = Gradebook(url, course)
        self.db = self.gradebook.db
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

    def digests(self) -> dict[tuple[str, str], str]:
        """(student, assignment) → digest of what was graded."""
        rows = self.db.execute(sql.select(GRADING.c.student, GRADING.c.assignment, GRADING.c.digest))
        return {(row.student, row.assignment): row.digest for row in rows}

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
            kept = result.summary() | {"walls": result.walls}
            self.db.execute(sql.insert(GRADING), row | {"result": json.dumps(kept, ensure_ascii=False)})
            self.db.commit()
        except BaseException:
            self.db.rollback()
            raise

    def results(self) -> list[dict]:
        """Every recorded result, with the marks that people gave in place of ours."""
        by_hand = self._by_hand()
        return [
            _marked(json.loads(text), by_hand)
            for text in self.db.scalars(sql.select(GRADING.c.result).order_by(*GRADING.c[:2]))
        ]

    def walls(self) -> set[tuple[str, ...]]:
        """The walls that stood around the submissions that were run; an empty tuple where there was none."""
        kept = map(json.loads, self.db.scalars(sql.select(GRADING.c.result)))
        return {tuple(result["walls"]) for result in kept if result["exercises"]}

    def _save_marks(self, result, timestamp):
        submitted = self._submission(result, timestamp)
        rows = {row["name"]: row for row in result.exercises}
        for grade in submitted.grades:
            row = rows.get(grade.name)
            if row is None and result.state == "grader_error":
                grade.needs_manual_grade = True
                continue
            by_hand = row is not None and row["state"] == "manual"
            failed = row is not None and row["state"] == "grader_error"
            grade.auto_score = None if by_hand or failed else row["score"] if row else 0.0
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        for comment in submitted.comments:
            row = rows.get(_exercise(comment.name))
            comment.auto_comment = _comment(row) if row else result.reason or None
        self.db.flush()
        self._penalty(submitted)

    def _submission(self, result, timestamp) -> SubmittedNotebook:
        """The gradebook's entry of this submission with a grade and a comment for each cell; made where it is missing."""
        db = self.db
        if db.get(Student, result.student) is None:
            db.add(Student(id=result.student))
        notebook = db.scalars(
            sql.select(Notebook)
            .join(Assignment)
            .where(Assignment.name == result.assignment, Notebook.name == result.assignment)
        ).one()
        submission = db.scalars(
            sql.select(SubmittedAssignment).where(
                SubmittedAssignment.assignment_id == notebook.assignment_id,
                SubmittedAssignment.student_id == result.student,
            )
        ).one_or_none()
        if submission is None:
            submission = SubmittedAssignment(assignment_id=notebook.assignment_id, student_id=result.student)
            db.add(submission)
        submission.timestamp = timestamp
        submitted = next((item for item in submission.notebooks if item.notebook_id == notebook.id), None)
        if submitted is None:
            submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
            db.add(submitted)
        self._fill(submitted, notebook)
        return submitted

    def _fill(self, submitted, notebook):
        graded, commented = {grade.cell_id for grade in submitted.grades}, {item.cell_id for item in submitted.comments}
        for cell in notebook.grade_cells:
            if cell.id not in graded:
                self.db.add(Grade(cell=cell, notebook=submitted))
        for cell in notebook.solution_cells:
            if cell.id not in commented:
                self.db.add(Comment(cell=cell, notebook=submitted))
        self.db.flush()

    def _penalty(self, submitted):
        """Late penalties are nbgrader's: its plugin decides."""
        submission = submitted.assignment
        self.db.refresh(submitted)
        submitted.late_submission_penalty = None
        if submission.total_seconds_late > 0:
            late = self.late.late_submission_penalty(
                submission.student_id, submitted.score, submission.total_seconds_late
            )
            if late is not None:
                submitted.late_submission_penalty = min(max(late, 0.0), submitted.score)

    def marks(self, student: str, assignment: str) -> dict:
        """What a feedback page needs: {"score", "max_score", "late_penalty", "grades": {cell: …}, "comments": {cell: …}}."""
        try:
            submitted = self.gradebook.find_submission_notebook(assignment, assignment, student)
        except MissingEntry:
            return {}
        penalty = submitted.late_submission_penalty or 0.0
        return {
            "score": submitted.score - penalty,
            "max_score": submitted.max_score,
            "late_penalty": penalty,
            "grades": {grade.name: (grade.score, grade.max_score) for grade in submitted.grades},
            "comments": {comment.name: comment.comment for comment in submitted.comments},
        }

    def _by_hand(self) -> dict[tuple[str, str, str], float]:
        rows = self.db.execute(
            sql.select(SubmittedAssignment.student_id, Assignment.name, GradeCell.name, Grade.manual_score)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .join(GradeCell, Grade.cell_id == GradeCell.id)
            .where(Grade.manual_score.is_not(None))
        )
        return {tuple(row[:3]): row[3] for row in rows}


def _of(student, assignment):
    return GRADING.c.student == student, GRADING.c.assignment == assignment


def _exercise(cell: str) -> str:
    return cell.removesuffix("-answer").removesuffix("_answer")


def _comment(row) -> str | None:
    return None if row["state"] in ("passed", "manual") else f"{row['state'].replace('_', ' ')}: {row['message']}"


def _marked(result, by_hand) -> dict:
    """The result with the marks that people gave; an exercise that waited for its mark waits no longer."""
    for row in result["exercises"]:
        mark = by_hand.get((result["student"], result["assignment"], row["name"]))
        if mark is not None:
            given = "passed" if mark >= row["max_score"] else "partial" if mark > 0 else "failed"
            row |= {"score": mark, "state": given if row["state"] == "manual" else row["state"]}
    score = sum(row["score"] for row in result["exercises"])
    return {name: value for name, value in result.items() if name != "walls"} | {"score": score}
