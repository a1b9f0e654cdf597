"""Markdown, HTML and SVG as data, each read by one parser from a library.

May import: ``execution`` and the modules at the top.
Begin with ``plain``: it turns the Markdown of chapters into what Jupyter and slides can show.
"""
