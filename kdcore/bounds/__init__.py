"""The paper's bounds with their explicit constants and conditions, and the sharper ones of this book.

What the paper numbers is called by its number: ``theorem_4_1``, ``lemma_e_7``.  What the book adds has a name that says
what it is.  Every function is vectorised over ``n_samples`` and refuses an n for which its statement does not hold.
Sizes are given by name, as in another order they would pass unseen: ``theorem_3_1(n_inputs=10, ...)``.
Where a bound has a confidence ``delta``, it holds with probability at least ``1 - delta``; without, in expectation.
"""

from kdcore._types import Bound
from kdcore.bounds._conditions import Optimum
from kdcore.bounds.answers import (
    censored_lower,
    censored_rate,
    censored_upper,
    top_k_lower,
    top_k_only_bias,
    top_k_upper,
)
from kdcore.bounds.hard import (
    assouad_constant,
    equation_3_5,
    hard_sharp_constant,
    theorem_3_1,
    theorem_3_1_improved,
    theorem_3_2,
    vertex_distance,
)
from kdcore.bounds.kl import hard_kl_lower, hard_kl_upper, partial_kl_constant, partial_kl_upper
from kdcore.bounds.lemmas import (
    corollary_e_10,
    lemma_e_2,
    lemma_e_3,
    lemma_e_4,
    lemma_e_5,
    lemma_e_6,
    lemma_e_7,
    lemma_e_8,
    lemma_e_9,
    missing_mass_tail,
    proposition_h_2,
)
from kdcore.bounds.minimax import partial_constant, partial_lower, partial_minimax, partial_small_sample, partial_worst
from kdcore.bounds.partial import (
    exchangeable_lower,
    joint_missing_mass,
    lemma_4_2,
    partial_lower_constant,
    theorem_4_1,
    theorem_4_4,
    uniform_fill_constant,
)
from kdcore.bounds.sampling import (
    rounded_lower,
    rounded_upper,
    several_draws_lower,
    several_draws_upper,
    temperature_upper,
)
from kdcore.bounds.soft import max_missing_mass, soft_minimax, theorem_5_1, theorem_5_2

__all__ = [
    "Bound",
    "Optimum",
    "assouad_constant",
    "censored_lower",
    "censored_rate",
    "censored_upper",
    "corollary_e_10",
    "equation_3_5",
    "exchangeable_lower",
    "hard_kl_lower",
    "hard_kl_upper",
    "hard_sharp_constant",
    "joint_missing_mass",
    "lemma_4_2",
    "lemma_e_2",
    "lemma_e_3",
    "lemma_e_4",
    "lemma_e_5",
    "lemma_e_6",
    "lemma_e_7",
    "lemma_e_8",
    "lemma_e_9",
    "max_missing_mass",
    "missing_mass_tail",
    "partial_constant",
    "partial_kl_constant",
    "partial_kl_upper",
    "partial_lower",
    "partial_lower_constant",
    "partial_minimax",
    "partial_small_sample",
    "partial_worst",
    "proposition_h_2",
    "rounded_lower",
    "rounded_upper",
    "several_draws_lower",
    "several_draws_upper",
    "soft_minimax",
    "temperature_upper",
    "theorem_3_1",
    "theorem_3_1_improved",
    "theorem_3_2",
    "theorem_4_1",
    "theorem_4_4",
    "theorem_5_1",
    "theorem_5_2",
    "top_k_lower",
    "top_k_only_bias",
    "top_k_upper",
    "uniform_fill_constant",
    "vertex_distance",
]
