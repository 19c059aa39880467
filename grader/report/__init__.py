"""`python -m grader report`: what a class did, for the teacher, and the same data for other systems."""
