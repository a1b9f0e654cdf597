"""What a course is given: exercises with their solutions, decks of slides, notebooks to hand out.

May import: all rooms before it, from ``execution`` to ``printing``.
Begin with ``exercises``, which reads them from the chapters, or with ``decks``.
"""
