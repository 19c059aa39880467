"""Sphinx settings of the reading site; `make site` runs them on pages that `grader/site.py` has laid out."""

project = "∂J/∂W and ∂J/∂X, built and proved"
author = copyright = "the dJ/dX course authors, CC BY 4.0"
language = "en-GB"

extensions = ["myst_nb", "sphinx-mathjax-offline"]  # formulas without a network: MathJax lies beside the pages
exclude_patterns = ["**/*-solved.ipynb"]  # for download, not pages

html_theme = "furo"
html_title = project
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"  # without one, browsers ask for a file that is not there
html_css_files = ["site.css"]

nb_execution_mode = "off"  # they come executed, in their own order and with their own functions
nb_merge_streams = True
nb_code_prompt_show = "Show a solution"
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["dollarmath", "amsmath", "html_image", "colon_fence"]
myst_heading_anchors = 3
myst_heading_slug_func = "grader.site.anchor"  # as Jupyter makes them, so that a link holds in both
myst_links_external_new_tab = False
# A cell's output may hold any HTML of ours; a notebook's first heading is its title.
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header"]
