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
from course_lib.figures.picture import Picture

__all__ = [
    "Picture",
    "columns_of_digits",
    "course_map",
    "network_names",
    "network_numbers",
    "shape_ribbons",
    "sigmoid_and_slope",
    "silent_mistake",
]
