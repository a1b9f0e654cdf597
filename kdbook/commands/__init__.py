"""The command line: ``main`` and one module for each command.

May import: every room.
Begin with ``main``; a command is a function ``add_NAME`` that adds it to the parser.
"""
