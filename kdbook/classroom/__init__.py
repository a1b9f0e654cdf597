"""A classroom experiment: people as students, dice as the teacher, and the curve that they are compared with.

May import: ``execution``, ``markup``, the modules at the top, and kdcore.  The chapter *classroom* imports this room.
Begin with ``cook``, the teacher; ``theory`` has the curve.
"""

from kdbook.classroom.cook import COOK, SAMPLES, Cook, uniforms
from kdbook.classroom.figure import plot_class
from kdbook.classroom.people import Guess, protocol_of, simulate_class
from kdbook.classroom.theory import NAMES, STUDENT, compare, differences, pairs_needed, risk_of_a_pair, risks_of

__all__ = [
    "COOK",
    "NAMES",
    "SAMPLES",
    "STUDENT",
    "Cook",
    "Guess",
    "compare",
    "differences",
    "pairs_needed",
    "plot_class",
    "protocol_of",
    "risk_of_a_pair",
    "risks_of",
    "simulate_class",
    "uniforms",
]
