"""The figures of the course. One figure = one function = one name; this page is their table of contents.

Each takes the student's own functions or numbers and gives a picture with alt text (`picture.py` says how to add one).
One module per chapter, named like it; a new figure is one function there and one name here. matplotlib and numpy only:
the folder is part of the student library, and draws nothing while a chapter is graded.
"""

from course_lib.figures.ch00_start_here import course_map
from course_lib.figures.ch01_notation import (
    columns_of_digits,
    network_names,
    network_numbers,
    shape_ribbons,
    sigmoid_and_slope,
    silent_mistake,
)
from course_lib.figures.ch02_derivatives import error_by_depth, secant, v_curve, verdicts
from course_lib.figures.ch03_dJ_dW import (
    digit_rows,
    first_wrong_row,
    one_step,
    outer_product,
    there_and_back,
    what_it_costs,
)
from course_lib.figures.picture import Picture

__all__ = [
    "Picture",
    "columns_of_digits",
    "course_map",
    "digit_rows",
    "error_by_depth",
    "first_wrong_row",
    "network_names",
    "network_numbers",
    "one_step",
    "outer_product",
    "secant",
    "shape_ribbons",
    "sigmoid_and_slope",
    "silent_mistake",
    "there_and_back",
    "v_curve",
    "verdicts",
    "what_it_costs",
]
