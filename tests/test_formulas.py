"""Formulas of feedback pages: drawn without a script, and no way in for one."""

import nbformat
import pytest

from grader import feedback
from grader.formulas import without_scripts


def test_formulas_become_mathml():
    page = without_scripts("<p>Here $δ_1 = W^T δ$ and $$\\frac{∂J}{∂w} \\text{ for } w &lt; 3$$ for 5$ or 6$.</p>")
    assert page.count("<math") == 2
    assert 'display="block"' in page
    assert "<mfrac>" in page
    assert "for 5$ or 6$." in page


@pytest.mark.parametrize(
    "as_written", ["<code>$x$</code>", "<pre>$x$</pre>", "<p>costs 3$</p>", "<p>$\\frac{$</p>", "<p>a $ b</p>"]
)
def test_what_is_no_formula_stays(as_written):
    assert without_scripts(as_written) == as_written


@pytest.mark.parametrize(
    "attack",
    [
        "$\\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
        "$\\text{&lt;img src=x onerror=alert(1)&gt;}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{behaviour:url(x)}{x}$",
        "$$\\mathrm{&lt;/math&gt;&lt;svg onload=alert(1)&gt;}$$",
    ],
)
def test_no_formula_carries_anything_else(attack):
    page = without_scripts(f"<p>{attack}</p>")
    for forbidden in ("<script", "<img", "<svg", "href=", "style="):
        assert forbidden not in page


def test_a_feedback_page_asks_the_network_for_nothing():
    cell = nbformat.v4.new_markdown_cell("The step is $δ_1 = W_2^T δ_2$.\n\n$$J = \\frac{1}{2m} \\sum (a - y)^2$$")
    notebook = nbformat.writes(
        nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "p"}})
    )
    marks = {"grades": {}, "comments": {}, "score": 1, "max_score": 1, "late_penalty": 0}
    page = feedback.page(notebook, "03_dJ_dW", marks)
    assert page.count("<math") == 2
    assert 'src="http' not in page
    assert "cdn" not in page.lower()
