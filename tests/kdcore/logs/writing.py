"""Logs of a teacher, in the formats that people have."""

import csv
import json
import math

import numpy as np

NOT_TOLD = -9999.0


def draws(teacher, n, seed):
    """The pairs (input, label) of n draws, as numbers."""
    cells = teacher.draw_cells(n, 1, np.random.default_rng(seed))[0]
    return [divmod(int(cell), teacher.n_labels) for cell in cells]


def top_of(teacher, s, k):
    """The k likeliest labels of an input, the likeliest first."""
    return [int(a) for a in np.argsort(-teacher.pi[s], kind="stable")[:k]]


def write_table(path, teacher, pairs, told="partial", k=0):
    """Write a CSV log that tells labels (hard), probabilities (partial), tops (top_k, censored) or rows (soft)."""
    k = teacher.n_labels if told == "soft" else k
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["input", "label"] + ["probability"] * (told != "hard") + ["top"] * (k > 0))
        for s, a in pairs:
            top = top_of(teacher, s, k)
            silent = told == "censored" and a not in top
            row = [f"s{s}", f"a{a}"]
            if told != "hard":
                row.append("" if silent else repr(float(teacher.pi[s, a])))
            if k:
                row.append(json.dumps({f"a{b}": float(teacher.pi[s, b]) for b in top}))
            writer.writerow(row)
    return path


def chat_line(teacher, s, a, k, censored=False):
    """A line with a chat completion's response."""
    top = top_of(teacher, s, k)
    logprob = NOT_TOLD if censored and a not in top else math.log(teacher.pi[s, a])
    likeliest = [{"token": f"a{b}", "logprob": math.log(teacher.pi[s, b]), "bytes": None} for b in top]
    content = [{"token": f"a{a}", "logprob": logprob, "bytes": None, "top_logprobs": likeliest}]
    return json.dumps({"input": f"s{s}", "choices": [{"index": 0, "logprobs": {"content": content}}]})


def completion_line(teacher, s, a, k):
    """A line with a completion's response, whose top holds the drawn token, too."""
    top = {f"a{b}": math.log(teacher.pi[s, b]) for b in [*top_of(teacher, s, k), a]} if k else None
    told = {"token_logprobs": [math.log(teacher.pi[s, a])], "top_logprobs": [top] if k else None}
    choice = {"text": f"a{a}", "logprobs": {"tokens": [f"a{a}"], **told}}
    return json.dumps({"prompt": f"s{s}", "response": {"body": {"choices": [choice]}}})


def write_lines(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def dense(student, teacher):
    """A student's policy as a table."""
    S, A = teacher.pi.shape
    pairs = [(f"s{s}", f"a{a}") for s in range(S) for a in range(A)]
    return student.probabilities([s for s, _ in pairs], [a for _, a in pairs]).reshape(S, A)


def counts(teacher, pairs):
    table = np.zeros(teacher.pi.shape, dtype=np.int64)
    for pair in pairs:
        table[pair] += 1
    return table
