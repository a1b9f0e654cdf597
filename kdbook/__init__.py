"""What makes a book, decks, handouts and a PDF of the chapters.  Imports kdcore; kdcore imports nothing of it.

The rooms, each of which may import those before it (``tests/test_imports.py`` holds them to it):

- this folder: where things are (``project``), files and folders that are never half made (``files``, ``folders``),
  kdcore as a wheel (``downloads``), types of arguments
- ``execution``: chapters run, their records, their comparison with a fresh run
- ``markup``: Markdown, HTML and SVG, read by parsers
- ``classroom``: the experiment with dice
- ``printing``: the PDF
- ``course``: exercises, decks, handouts
- ``sphinx_ext``: what pages can do that Sphinx cannot
- ``site``: the rendered book as a whole
- ``commands``: the command line, one module a command
- ``checkers``: whether an answer to an exercise is right; imports kdcore alone
"""
