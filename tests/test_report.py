"""The class report: what is counted, that the page needs nothing from elsewhere, and what other systems get."""

import csv
import json
import re

import pytest

from grader import batch
from grader.record import Page
from grader.report import Links, exports, jupyter, page, protection, svg
from grader.report.summary import summary
from grader.report.terminal import table

SCRIPT = "<script>alert(1)</script>"
CELLS = {
    ("ada", "01_notation"): {"sigmoid": 0.2, "given-6": 0.5},
    ("bob", "01_notation"): {"sigmoid": 30.0, "given-6": 0.3},
    ("cem", "01_notation"): {"sigmoid": 0.1},
}


class Addresses:
    """Links of the page: a feedback page for ada, every submission in formgrader."""

    def feedback(self, entry):
        return "../feedback/page.html" if entry["student"] == "ada" else ""

    def formgrader(self, entry):
        return f"http://localhost:8888/formgrader/submissions/{entry['assignment']}/"


def exercise(name, state="passed", mistake=None):
    score = 1.0 if state == "passed" else 0.0
    return {
        "name": name,
        "state": state,
        "score": score,
        "max_score": 1.0,
        "mistake": mistake,
        "message": f"{name} {SCRIPT}",
    }


def entry(student, *items, assignment="01_notation", state="graded", reason="", seconds=0.5, worth=None):
    score = float(sum(item["score"] for item in items))
    worth = worth or sum(item["max_score"] for item in items)
    given = {"student": student, "assignment": assignment, "state": state, "reason": reason, "seconds": seconds}
    return given | {"score": score, "max_score": worth, "exercises": list(items)}


@pytest.fixture
def results():
    right = [exercise("sigmoid"), exercise("layer_forward"), exercise("forward"), exercise("cost")]
    stuck = [
        exercise("sigmoid", "failed", "sign of the exponent"),
        exercise("layer_forward", "blocked"),
        exercise("forward", "blocked"),
        exercise("cost", "failed", "J without ½"),
    ]
    given = [
        entry("ada", *right),
        entry("ada", exercise("dJ_dW"), assignment="03_dJ_dW"),
        entry("bob", *stuck, seconds=9.0),
        entry("cem", *right[:3], exercise("cost", "failed", "J without ½"), reason="a cell was put back"),
        entry(SCRIPT, state="refused", reason=f"not a notebook {SCRIPT}", worth=4.0),
        entry("dot", state="missing", reason="nothing was handed in", worth=4.0),
    ]
    late = ("bob", "cem", SCRIPT, "dot")
    return given + [entry(name, assignment="03_dJ_dW", state="missing", worth=1.0) for name in late]


@pytest.fixture
def facts(results):
    return summary(results, CELLS)


def test_marks_and_success_count_what_was_graded(facts):
    first = facts["assignments"][0]
    assert (first["graded"], first["max_score"]) == (3, 4.0)
    assert first["mean"] == pytest.approx((1 + 0 + 0.75) / 3)
    assert first["median"] == 0.75
    assert first["histogram"] == [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    states = {item["name"]: {state: n for state, n in item["states"].items() if n} for item in first["exercises"]}
    assert states["sigmoid"] == {"passed": 2, "failed": 1}
    assert states["forward"] == {"passed": 2, "blocked": 1}
    assert facts["states"] == {"graded": 4, "refused": 1, "missing": 5}


def test_mistakes_are_ranked_with_the_sentence_to_say(facts):
    first, second = facts["mistakes"]
    assert (first["name"], first["count"], first["students"]) == ("J without ½", 2, ["bob", "cem"])
    assert first["known"].question
    assert (second["name"], dict(second["exercises"])) == ("sign of the exponent", {"sigmoid": 1})


def test_a_chain_starts_where_help_is_needed(facts):
    [chain] = facts["chains"]
    assert (chain["student"], chain["root"], chain["blocked"]) == ("bob", "sigmoid", ["layer_forward", "forward"])


def test_troubles_and_the_slowest_are_listed(facts):
    assert {(one["student"], one["state"]) for one in facts["attention"]} == {("cem", "graded"), (SCRIPT, "refused")}
    assert facts["missing"] == {"01_notation": ["dot"], "03_dJ_dW": ["bob", "cem", SCRIPT, "dot"]}
    assert facts["slow"][0]["student"] == "bob"
    first, second = facts["cells"]
    assert first == {"assignment": "01_notation", "cell": "sigmoid", "median": 0.2, "longest": 30.0, "student": "bob"}
    assert (second["cell"], second["median"], second["student"]) == ("given-6", 0.4, "ada")


def test_the_page_needs_nothing_from_elsewhere_and_runs_no_foreign_script(facts):
    html = page.page(facts, "in a sandbox", Addresses())
    assert not re.search(r"https?:|//cdn|@import|url\(", re.sub(r'<a href="[^"]*"', "", html))
    assert SCRIPT not in html
    assert html.count("<script>") == 1
    assert "default-src &#39;none&#39;" in html
    assert '<a href="../feedback/page.html">4</a> of 4' in html
    assert "in a sandbox" in html


def test_what_waits_for_a_mark_links_into_formgrader():
    waiting = {**exercise("report", "manual"), "max_score": 5.0}
    facts = summary([entry("ada", waiting, assignment="08_harden")], {})
    html = page.page(facts, "-", Addresses())
    assert '<a href="http://localhost:8888/formgrader/submissions/08_harden/#report">report</a>' in html
    assert "1 still to be marked by hand" in html
    assert "1 answer to mark by hand: until then those marks are not final." in table(facts)


def test_links_lead_to_what_is_there(tmp_path):
    course = batch.Course(tmp_path)
    written = course.feedback / "José" / "01_notation" / "01_notation.html"
    written.parent.mkdir(parents=True)
    written.write_text("")
    links = Links(course, "http://localhost:8890/", {("José", "01_notation"): Page("5f2c", 0.0)})
    here, nowhere = entry("José", exercise("sigmoid")), entry("bob", exercise("sigmoid"))
    assert links.feedback(here) == "../feedback/Jos%C3%A9/01_notation/01_notation.html"
    assert links.formgrader(here) == "http://localhost:8890/formgrader/submissions/5f2c/"
    assert (links.feedback(nowhere), links.formgrader(nowhere)) == ("", "")


def test_the_server_of_the_course_folder_is_found(tmp_path, monkeypatch):
    running = [{"root_dir": "/elsewhere", "url": "http://localhost:8888/"}]
    monkeypatch.setattr("grader.report.list_running_servers", lambda: running)
    assert jupyter(tmp_path) == "http://localhost:8888/"  # where Jupyter starts, if it is started now
    running.append({"root_dir": str(tmp_path), "url": "http://localhost:8889/"})
    assert jupyter(tmp_path) == "http://localhost:8889/"


def test_figures_say_their_numbers(facts):
    first = facts["assignments"][0]
    assert "0 to 10 %: 1, 70 to 80 %: 1, 90 to 100 %: 1" in svg.histogram("01", first["histogram"])
    figure = svg.success("01", [(item["name"], item["states"]) for item in first["exercises"]])
    assert "sigmoid: 2 passed, 1 failed" in figure
    assert figure.count('role="img"') == 1


def test_an_empty_class_has_a_page():
    assert "Class report" in page.page(summary([entry("ada", state="refused", reason="?")], {}), "-", Addresses())


def test_the_line_on_protection():
    assert "WITHOUT A SANDBOX" in protection({(), ("limits",)})
    assert "namespaces, limits" in protection({("namespaces", "limits")})


def test_the_table_in_the_terminal(facts):
    lines = table(facts).splitlines()
    assert lines[0].split() == ["student", "01_notation", "03_dJ_dW", "total"]
    assert lines[2].split() == ["ada", "4", "1", "5", "of", "5"]
    assert any(line.split() == ["dot", "missing", "missing", "0", "of", "5"] for line in lines)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_csv_has_a_row_for_each_exercise_and_runs_no_formula(results, tmp_path):
    exports.write_csv(tmp_path / "results.csv", [*results, entry("=1+1", exercise("sigmoid"))])
    header, *rows = read(tmp_path / "results.csv")
    assert header == ["student", "assignment", "submission", "exercise", "state", "score", "max_score", "mistake"]
    assert ["bob", "01_notation", "graded", "cost", "failed", "0.0", "1.0", "J without ½"] in rows
    assert ["dot", "01_notation", "missing", "", "", "0.0", "4.0", ""] in rows
    assert rows[-1][0] == "'=1+1"


def test_the_seconds_of_every_cell_are_there(tmp_path):
    exports.write_cells(tmp_path / "cells.csv", CELLS)
    header, first, *_ = read(tmp_path / "cells.csv")
    assert (header, first) == (["student", "assignment", "cell", "seconds"], ["ada", "01_notation", "sigmoid", "0.2"])


def test_canvas_csv_has_the_columns_of_its_import(results, tmp_path):
    exports.write_canvas(tmp_path / "canvas.csv", results, {})
    header, possible, *rows = read(tmp_path / "canvas.csv")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_notation", "03_dJ_dW"]
    assert possible == ["Points Possible", "", "", "", "", "4.0", "1.0"]
    assert ["ada", "", "", "ada", "", "4.0", "1.0"] in rows
    assert ["dot", "", "", "dot", "", "", ""] in rows  # an empty mark is left alone, a zero would count


def test_gradescope_gets_one_test_per_exercise(results, tmp_path):
    named = [one for one in results if one["student"] != SCRIPT]  # a folder name holds no slash
    exports.write_gradescope(tmp_path / "gradescope", named)
    bob = json.loads((tmp_path / "gradescope" / "bob.json").read_text(encoding="utf-8"))
    assert (bob["score"], len(bob["tests"])) == (0.0, 4)
    first = bob["tests"][0]
    assert (first["name"], first["status"], first["max_score"]) == ("01_notation: sigmoid ✗", "failed", 1.0)
    assert sorted(path.stem for path in (tmp_path / "gradescope").iterdir()) == ["ada", "bob", "cem", "dot"]


def test_tables_sort_and_names_hide_in_a_browser(facts, tmp_path, require):
    playwright = require("playwright.sync_api")
    (tmp_path / "index.html").write_text(page.page(facts, "-", Addresses()), encoding="utf-8")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=require("chromium"), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 900, "height": 800})
        told = []
        view.on("console", lambda message: told.append(message.text))
        view.on("request", lambda request: told.append(request.url) if "index.html" not in request.url else None)
        view.goto((tmp_path / "index.html").as_uri())
        marks = view.locator("#results ~ .wide table").first
        marks.get_by_role("button", name="Marks").click()
        marks.get_by_role("button", name="Marks").click()
        assert marks.locator("tbody th .name").first.inner_text() == "ada"
        assert marks.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        cells = view.locator("#cells")
        assert cells.locator("tbody tr").first.inner_text().split() == [
            "01_notation", "sigmoid", "0.20", "30.00,", "stopped", "bob",
        ]  # fmt: skip
        cells.get_by_role("button", name="Longest").click()
        assert "given-6" in cells.locator("tbody tr").first.inner_text()
        view.get_by_label("numbers in place of names").check()
        assert marks.locator("tbody th").first.inner_text() == "Student 2"
        width = view.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert told == []
    assert width <= 900


def test_a_chapter_that_nobody_could_be_graded_in_has_no_line_of_success():
    refused = {"name": "03_dJ_dW", "graded": 0, "exercises": []}
    graded = {"name": "01_notation", "graded": 2, "exercises": [{"name": "cost", "states": {"passed": 1}}]}
    lines = table({"assignments": [refused, graded], "students": [], "mistakes": [], "manual": []}).splitlines()
    assert [line for line in lines if "passed by" in line] == ["01_notation: passed by, of 2: cost 1"]
