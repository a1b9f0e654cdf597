"""The book's questions, read from its pages, and written in formats of other platforms.

Begin with ``read``, which finds them; ``worded`` says them in HTML, and ``gift``, ``qti`` and ``page`` write a format.
"""
