"""What the page says about each benchmark: what is compared and why the numbers are as they are, never the numbers."""

from __future__ import annotations

TITLES = {
    "drawing": "All four students, against drawing their data alone",
    "loops": "The loops that one would write first",
    "few-samples": "Few samples, large tables",
    "workers": "Two processes",
    "exact": "Exact curves for every panel of the paper's Figures 1 and 2",
    "growth": "How simulation time grows",
    "exact-growth": "How the time of an exact risk grows",
    "memory": "Memory",
    "logs": "A model's answers",
    "builds": "Building the book",
    "gate": "What a change waits for",
    "pages": "Opening the book",
}

NAMES = {
    "drawing": "drawing",
    "loops": "loops",
    "few-samples": "few samples",
    "workers": "two processes",
    "exact": "exact curves",
    "growth": "growth",
    "exact-growth": "growth of exact risks",
    "memory": "memory",
    "logs": "logs",
    "builds": "building",
    "gate": "the gate",
    "pages": "opening",
}
"""What a table calls each benchmark."""

WINDOWS = {"wide": "On a wide window", "phone": "On a phone's window, at a quarter of the speed"}
"""Above the tables of pages in the browser."""

METHOD = """\
The same command on your machine writes the page anew, with your numbers. A time is compared with that of an
alternative in the same run, turn by turn, so that whatever else the machine did hit both. It is the least over all
rounds, as everything that disturbs makes it longer; a ratio is that of two such times, and the brackets behind it hold
the least and the largest ratio of a single round. Less than 1 × as fast is slower. Sizes are written $(S, A, n)$.
{download}`All measurements (CSV) <_static/benchmarks/results.csv>`."""

TEXTS = {
    "drawing": """\
Any simulation has to draw its data. The floor here is NumPy's `Generator.multinomial` over the joint law
$\\rho\\times\\pi^\\star$, for as many repeats and in blocks of the size that `kd.sample_risk` uses. `kd.sample_risk`
draws as much, then fits all four students and compares each with its teacher. Times are for one repeat, that is, one
data set.""",
    "loops": """\
The loop over samples draws each pair with two calls of `Generator.choice`, counts in a dict, and fits and compares
label by label. The loop over repeats does with NumPy what can be done on one table at a time. Both are below, and the
tests check that their risks are those of `kdcore`. Where a table is small, calling NumPy costs more than what it does
there, and handling many tables in one call pays; where a table is large, drawing it is most of the work either way.
The target, a thousand times the speed of a loop over samples, is for the small table.""",
    "few-samples": """\
When $n$ is far below $SA$, most of a count table is zeros. `kd.sample_risk` then never makes one: it draws the samples
and handles the cells that occur, and what concerns all the others is a sum that depends on the teacher alone. That sum
and a sort of the teacher's rows are made once a call, which takes time in proportion to $SA$ and is shared by all
repeats of the call. A call here draws 800 000 samples, so it has 4 000 repeats at $n = 200$, and the exponents are for
such calls. The time of one sample still grows a little with the table: finding its cell is a search among $SA$
numbers, which soon no longer fit the processor's caches.""",
    "workers": """\
`kd.risk_curve` gives blocks of repeats to local processes. Every block has its own random stream, so the table is the
same to the bit with one process or two, and the benchmark checks it. Starting the two processes is part of their time.
The comparison is fair only on a machine with two cores to spare; see the load average above.""",
    "exact": """\
All four students, nine values of $n$ a panel. The alternative is to estimate the same risks from 100 repeats, as many
as the paper's Figure 1 has: it is no substitute, since its answers have errors and these have none. The paper's text
does not give the sizes of panels 1c, 1d and those of Figure 2; the ones here lie in the regimes that it describes.
Instances 2 and 3 exist only for $n \\ge S(A-1)/2 - 1$, and their grids with $A = 25$ start there.""",
    "growth": """\
One of $n$, $S$, $A$ and the number of repeats grows; the others stay at $S = 50$, $A = 20$, $n = 10^5$ and 100
repeats. A binomial number takes NumPy a bounded time, however large $n$ is, so the time follows the size of the table.
It is longest where cells hold some tens of samples: below about 30 NumPy draws by inversion, which takes time in
proportion to the mean.""",
    "exact-growth": """\
One call of `kd.expected_risk` for the half-sure teacher (Instance 0) with $S = 100$, $A = 25$. The copier has a closed
form. The matcher's is an integral whose number of points does not grow with $n$. The counter sums over the
draws of an input, of which about $\\sqrt{n/S}$ matter, and the weigher over those and over how they split
between two levels: their times grow until these sums are sampled, and hardly from there on. The exponents are fitted to
the points beyond.""",
    "memory": """\
Blocks bound the memory: it does not grow with the number of repeats, but for the risks themselves. The peak is that of
a process of its own. One array of all count tables, before any student has been fitted, would be as large as the
alternative says.""",
    "logs": """\
A log of answers, one draw in each line of a CSV, is read into an embedded database on disk; *then* are the grade,
the certificate and the matcher. The peak is that of a process of its own. What a sparse teacher takes is its arrays at
their peak, compared with one table of all pairs, of which a simulation would need several. Shares are over logs of
1 000 draws: at how many the certificate is below the hidden mass at any time, and how many intervals of an audit miss
the risk. They may be above δ by three standard errors.""",
    "builds": """\
Each build starts from a copy of the book without anything built; the packages are installed. As many chapters run side
by side as there are cores, each on one. A chapter's seconds include starting its kernel and importing what it needs,
about two; they add up to more than the build takes, as chapters overlap. *Rendering* is Jupyter Book, and copying the
pages to where they are read.""",
    "gate": """\
Before a change lands, `.ci/run` looks for faults of style and of types, builds the book with warnings as errors, and
runs all tests, those in Chromium included, on as many processes as there are cores. Here each part ran once, in a fresh
clone, with the packages installed.""",
    "pages": """\
The pages of the book that transfer most, opened in Chromium from this machine (`kdcore serve`), each time with an empty
cache. Bytes are as served, without compression, headers included; MathJax means its script and its fonts. Times count
from the moment that the address is asked for, and are medians of five loads; on the phone's window, 390 by 844
pixels, the processor is slowed down four times, and one load is shown. A page is *interactive* at the latest of three
moments: the load event, the end of typesetting, and the end of the last task of more than 50 ms before a second without
one; formulas in closed folds are typeset when somebody is about to open theirs. A layout shift is Chromium's score,
summed over all shifts, and the worst of the loads; a second of patience does not mend text that jumps, so both parts
are shown: MathJax typesets before the load event, when one may already be reading. The target for shifts after it is
zero, but for rounding: 0.001 is the whole wide window moved by a pixel.""",
}
"""By benchmark, in the order of the page."""

FIGURES = {
    "loops": (
        "fig-bench-loops",
        "Two panels, one for each size of table, with the seconds for one repeat on a logarithmic axis. From top to "
        "bottom: the loop over samples, far to the right; the loop over repeats; kdcore; drawing the data alone.",
        "Time for one repeat of all four students, by three programs, and for drawing one data set and no more. Look "
        "at how far to the right the first row is, and at how close `kdcore` is to the last.",
    ),
    "few-samples": (
        "fig-bench-few",
        "Two log-log panels of seconds for one repeat. Left, against the number of cells at 200 samples: the line of "
        "count tables rises in proportion, the line of kd.sample_risk is nearly flat. Right, against the number of "
        "samples: the line of kd.sample_risk rises in proportion and stays below that of count tables, which is "
        "nearly flat.",
        "Time for one repeat when $n$ is far below $SA$. Blue: `kd.sample_risk`, which pays for samples. Grey: the "
        "same four students from whole count tables, which pay for cells.",
    ),
    "growth": (
        "fig-bench-growth",
        "Four log-log panels of seconds against samples, inputs, labels and repeats, each with a fitted line. The "
        "line is nearly flat in the number of samples and rises about in proportion in the three others.",
        "Simulation time against each of its four sizes. Points: measured. Lines: the fitted power, whose exponent "
        "stands in the corner. See that the number of samples hardly matters.",
    ),
    "exact-growth": (
        "fig-bench-exact",
        "Log-log plot of seconds for one exact risk against the number of samples, a line for each student. Those of "
        "the copier and the matcher do not rise; those of the counter and the weigher rise until their sums are "
        "sampled, and then hardly more.",
        "Time of one exact risk. Two students cost the same for any $n$; the other two sum over draws, and cost hardly "
        "more once these sums are sampled.",
    ),
}
"""By benchmark: the name of its figure, the alternative text and the caption."""
