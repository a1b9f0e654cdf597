"""What an API shows: the k most likely labels of a row, with or without the drawn one, and students for it."""

from kdcore.topk.protocol import TopK, TopKAnswers, TopKLabels
from kdcore.topk.students import censored_counter, renormaliser, top_k_matcher

__all__ = ["TopK", "TopKAnswers", "TopKLabels", "censored_counter", "renormaliser", "top_k_matcher"]
