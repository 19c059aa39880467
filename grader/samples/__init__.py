"""`python -m grader demo`: a sample class with planted mistakes, graded end to end as an instructor would.

A later chapter joins by one more file of rows in this folder.
"""
