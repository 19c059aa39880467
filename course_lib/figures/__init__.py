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
from course_lib.figures.ch04_bug_museum import descents, error_maps, kill_matrix, what_happened
from course_lib.figures.ch05_training import (
    chosen_curve,
    delta_by_layer,
    loss_curves,
    loss_surface,
    misread,
    rows_as_pictures,
    sure_and_wrong,
)
from course_lib.figures.ch06_dJ_dX import (
    handed_back,
    input_arrows,
    one_pixel,
    sensitivity,
    slopes_of_the_pendulum,
    steered,
)
from course_lib.figures.ch07_adversarial import accuracy_curves, along_lines, attack, balls, shortest_steps
from course_lib.figures.ch08_harden import hardened_curves, two_attacks, what_units_look_for
from course_lib.figures.picture import Picture

__all__ = [
    "Picture",
    "accuracy_curves",
    "along_lines",
    "attack",
    "balls",
    "chosen_curve",
    "columns_of_digits",
    "course_map",
    "delta_by_layer",
    "descents",
    "digit_rows",
    "error_by_depth",
    "error_maps",
    "first_wrong_row",
    "handed_back",
    "hardened_curves",
    "input_arrows",
    "kill_matrix",
    "loss_curves",
    "loss_surface",
    "misread",
    "network_names",
    "network_numbers",
    "one_pixel",
    "one_step",
    "outer_product",
    "rows_as_pictures",
    "secant",
    "sensitivity",
    "shape_ribbons",
    "shortest_steps",
    "sigmoid_and_slope",
    "silent_mistake",
    "slopes_of_the_pendulum",
    "steered",
    "sure_and_wrong",
    "there_and_back",
    "two_attacks",
    "v_curve",
    "verdicts",
    "what_happened",
    "what_it_costs",
    "what_units_look_for",
]
