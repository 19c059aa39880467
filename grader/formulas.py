"""Formulas of a page as MathML, which browsers draw without a script and without a network."""

from __future__ import annotations

import functools
import html
import re

from bs4 import BeautifulSoup
from latex2mathml.converter import convert

SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$\w])\$([^$\n]+?)\$(?![\d$])", re.DOTALL)
PIECE = re.compile(r"<(/?)(\w*)[^>]*>|[^<]+")  # a tag, or the text between two
AS_WRITTEN = {"code", "pre", "style", "math", "title"}  # a dollar there is a dollar
# What a formula may be made of. The converter hands on what stands in \text{…} and \href{…}: a student may write anything there.
TAGS = {"math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"}
TAGS |= {"munder", "mover", "munderover", "mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose", "mstyle"}
ATTRIBUTES = {
    "xmlns",
    "display",
    "stretchy",
    "fence",
    "form",
    "mathvariant",
    "columnalign",
    "linethickness",
    "lspace",
    "rspace",
    "width",
}


def without_scripts(page: str) -> str:
    """The page with every formula of its text as MathML, and without any script: the only ones would fetch MathJax.

    What is no formula after all stays as it was written.
    """
    inside = []  # the elements around the present piece in which a dollar is a dollar

    def piece(found):
        closing, tag = found[1], (found[2] or "").lower()
        if tag in AS_WRITTEN and not closing:
            inside.append(tag)
        elif tag in AS_WRITTEN and inside:
            inside.pop()
        is_text = found[0][0] != "<"
        return FORMULA.sub(_drawn, found[0]) if is_text and not inside else found[0]

    return PIECE.sub(piece, SCRIPT.sub("", page))


def _drawn(found: re.Match) -> str:
    """One formula, whose text is escaped HTML, as MathML; the text itself if it is none."""
    return mathml(html.unescape(found[1] or found[2]), "block" if found[1] else "inline") or found[0]


@functools.lru_cache(maxsize=2048)  # a class shares the formulas of its lesson
def mathml(tex: str, display: str) -> str:
    """MathML of TeX; empty if it is not TeX, or holds anything besides a formula."""
    try:
        formula = BeautifulSoup(convert(tex, display=display), "html.parser")
    except Exception:  # noqa: BLE001  whatever the converter says: this is no TeX
        return ""
    for tag in formula.find_all(True):
        if tag.name not in TAGS:
            return ""
        tag.attrs = {name: value for name, value in tag.attrs.items() if name in ATTRIBUTES}
    return str(formula)
