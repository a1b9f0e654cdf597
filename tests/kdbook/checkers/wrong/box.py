def hidden(texts, labels, numbers, rule):
    """What is hidden at each line's text; the rule says which lines j may be used for line i."""
    total = 0
    for i, text in enumerate(texts):
        told = {labels[j]: numbers[j] for j in range(len(texts)) if texts[j] == text and rule(i, j)}
        total += 1 - sum(told.values())
    return total / len(texts)


def all_lines(texts, labels, numbers):
    return hidden(texts, labels, numbers, lambda i, j: True)


def earlier(texts, labels, numbers):
    return hidden(texts, labels, numbers, lambda i, j: j < i)


def share_of_new(texts, labels, numbers):
    pairs = list(zip(texts, labels, strict=True))
    return sum(pairs.count(pair) == 1 for pair in pairs) / len(pairs)


WRONG = {
    "ex-box-1.1": [
        (((0.5, -2 / 3, -0.25), 0.25), "count as 0"),
        (((0, 0.4, 0.2), 0.25), "by the box's"),
        (((0.25, 0, 0), 0.25), "not the difference"),
        (((0.5, 0, 0), 1 / 6), "weight each"),
        (((0.5, 0, 0), 0.125), "not the student"),
        (((0.5, 0, 0), 0.5), "half the sum"),
    ],
    "ex-box-1.2": [(50, "square"), (10_000, "one half")],
    "ex-box-1.3": [(2500, "every student"), (1250, "subtract"), (25, "square")],
    "ex-box-2": [(all_lines, "itself"), (earlier, "later"), (share_of_new, "new label")],
}
