"""Grades from logs against enumeration, exact risks and simulations with stated standard errors."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

import kdcore as kd
from kdcore.logs import _anytime, _betting
from tests.kdcore.logs import writing

SMALL = kd.Teacher([0.6, 0.4], [[0.5, 0.3, 0.2], [0.1, 0.9, 0.0]])


def enumerated(teacher, n):
    """Each multiset of n draws, with its probability."""
    cells = [(s, a) for s, a in itertools.product(*map(range, teacher.pi.shape)) if teacher.joint[s, a] > 0]
    for pairs in itertools.combinations_with_replacement(cells, n):
        ways = math.factorial(n) / math.prod(math.factorial(pairs.count(pair)) for pair in set(pairs))
        yield pairs, ways * math.prod(float(teacher.joint[pair]) for pair in pairs)


@pytest.mark.parametrize(
    ("told", "k", "learner", "n"), [("partial", 0, "sel_ptl", 3), ("top_k", 1, None, 2), ("soft", 0, "ce_ful", 2)]
)
def test_leaving_one_out_is_unbiased_by_enumeration(tmp_path, told, k, learner, n):
    """The mean grade of logs of n draws is the expected risk, and the expected hidden mass, after n - 1 draws."""
    learner = kd.top_k_matcher(k) if learner is None else kd.LEARNERS[learner]
    risk = missing = 0.0
    for number, (pairs, probability) in enumerate(enumerated(SMALL, n)):
        path = writing.write_table(tmp_path / f"{number}.csv", SMALL, pairs, told, k)
        found = kd.grade(kd.read_log(path), n_labels=3)
        risk += probability * found.risk
        missing += probability * found.missing_mass
    expected_risk = expected_missing = 0.0
    for pairs, probability in enumerated(SMALL, n - 1):
        counts = writing.counts(SMALL, pairs)
        policy = learner.fit(kd.reveal(SMALL, counts, learner.protocol))
        expected_risk += probability * float(kd.conditional_tv(policy, SMALL))
        told_there = counts > 0
        for s in range(2):
            if counts[s].any():
                told_there[s, writing.top_of(SMALL, s, 3 if told == "soft" else k)] = True
        expected_missing += probability * float(SMALL.joint[~told_there].sum())
    assert risk == pytest.approx(expected_risk, abs=1e-12)
    assert missing == pytest.approx(expected_missing, abs=1e-12)


def test_an_audit_is_unbiased_by_enumeration_of_one_draw(tmp_path):
    student = np.array([[0.2, 0.2, 0.6], [0.5, 0.25, 0.25]])

    def answer(inputs, labels):
        return [student[int(s[1:]), int(a[1:])] for s, a in zip(inputs, labels, strict=True)]

    tv = kl = 0.0
    for (pair,), probability in enumerated(SMALL, 1):
        log = kd.read_log(writing.write_table(tmp_path / f"{pair}.csv", SMALL, [pair]))
        found = kd.audit(answer, log)
        tv += probability * found.risk
        kl += probability * found.kl
    assert tv == pytest.approx(float(kd.conditional_tv(student, SMALL)), abs=1e-12)
    assert kl == pytest.approx(float(kd.conditional_kl(student, SMALL)), abs=1e-12)


def test_an_audit_of_a_censored_log_encloses_that_of_the_whole(tmp_path):
    teacher = kd.Teacher([1.0], [[0.4, 0.2, 0.15, 0.15, 0.1]])
    pairs = writing.draws(teacher, 400, seed=2)
    logs = [
        kd.read_log(writing.write_table(tmp_path / f"{told}.csv", teacher, pairs, told, 2))
        for told in ("top_k", "censored")
    ]
    student = logs[0].learn("ce_sgl", 5)
    whole, censored = (kd.audit(lambda s, a: student.probabilities(s, a) * 0.8, log) for log in logs)
    assert censored.risk >= whole.risk
    assert censored.interval[0] <= whole.interval[0] < whole.interval[1] <= censored.interval[1]
    assert math.isnan(censored.kl)


def test_an_audit_of_a_student_that_excludes_what_is_drawn(tmp_path):
    log = kd.read_log(writing.write_table(tmp_path / "log.csv", SMALL, [(0, 0), (0, 1)]))
    found = kd.audit(lambda inputs, labels: [0.0, 1.0], log)
    assert found.risk == 0.5
    assert (found.kl, math.isnan(found.kl_std_error)) == (math.inf, True)


@pytest.mark.parametrize(
    ("call", "told", "message"),
    [
        (kd.grade, "hard", "a log of labels alone grades no student"),
        (kd.certify, "hard", "a log of labels alone grades no student"),
        (lambda log: kd.audit(len, log), "hard", "a log of labels alone grades no student"),
        (kd.grade, "censored", "this log is censored"),
        (kd.certify, "censored", "this log is censored"),
        (lambda log: kd.certify(log, 0), "partial", "delta must be above 0 and below 1, got 0"),
        (lambda log: kd.audit(lambda s, a: [0.5], log), "partial", "one number for each pair, 2 here, got shape (1,)"),
        (
            lambda log: kd.audit(lambda s, a: [0.5, np.nan], log),
            "partial",
            "must answer probabilities, got nan for pair 1",
        ),
        (lambda log: kd.audit(7, log), "partial", "must be a LogStudent, a function or the name of a column, got 7"),
        (lambda log: kd.grade(log, 1), "partial", "n_labels must be an integer of at least 2, got 1"),
        (lambda log: kd.more(log, 0), "partial", "target must be above 0 here, got 0"),
    ],
)
def test_bad_calls(tmp_path, call, told, message):
    log = kd.read_log(writing.write_table(tmp_path / "log.csv", SMALL, [(0, 0), (0, 1)], told, told == "censored"))
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call(log)
    assert message in str(caught.value)


# ---- intervals for means


@pytest.mark.parametrize(("ones", "n"), [(0, 10), (0, 1000), (3, 20), (50, 50), (400, 1000), (20, 2000)])
def test_zeros_and_ones_have_an_interval_near_that_of_clopper_and_pearson(ones, n):
    values = np.random.default_rng(0).permutation(np.repeat([1.0, 0.0], [ones, n - ones]))
    low, high = _betting.interval(values, 0.05)
    best = stats.binomtest(ones, n).proportion_ci(0.95, method="exact")
    assert low <= ones / n <= high
    assert high - low < 1.4 * (best.high - best.low)


def test_the_ends_of_an_interval_are_where_the_capital_reaches_what_refuses():
    values = np.random.default_rng(0).beta(0.5, 2, 200)
    low, high = _betting.interval(values, 0.1)

    def capital(values, mean):  # bet on values above the mean; the stakes as in the paper of 2024, one by one
        seen, wealth, most = [], 1.0, 1.0
        for value in values:
            n, before = len(values), (len(seen) + 1)
            means = [(0.5 + sum(seen[: i + 1])) / (i + 2) for i in range(len(seen))]
            variance = (0.25 + sum((x - m) ** 2 for x, m in zip(seen, means, strict=True))) / before
            stake = min(math.sqrt(2 * math.log(2 / 0.1) / (n * variance)), 0.9 / mean)
            wealth *= 1 + stake * (value - mean)
            most = max(most, wealth)
            seen.append(value)
        return most

    assert capital(values, low) / 2 == pytest.approx(10, rel=1e-5)
    assert capital(1 - values, 1 - high) / 2 == pytest.approx(10, rel=1e-5)


@pytest.mark.parametrize("law", [stats.beta(0.3, 3), stats.uniform(), stats.beta(5, 1)])
def test_intervals_hold_the_mean_as_often_as_they_say(law):
    """300 samples of 60: at most 5 in 100 miss, and 4 standard errors."""
    rng = np.random.default_rng(1)
    misses = 0
    for _ in range(300):
        low, high = _betting.interval(law.rvs(60, random_state=rng), 0.05)
        misses += not low <= law.mean() <= high
    assert misses <= 15 + 4 * math.sqrt(300 * 0.05 * 0.95)
    assert high - low < 0.5


@pytest.mark.parametrize("between", [1e-9, 0.3, 0.999])
def test_zeros_and_ones_among_others_take_no_more_than_delta(between):
    """The exact probability of a miss, over all values of six draws."""
    sequences = np.array(list(itertools.product([0.0, between, 1.0], repeat=6)))
    low, high = np.array([_betting.interval(values, 0.2) for values in sequences]).T
    for zero, one in [(0.3, 0.68), (0.5, 0.2), (0.0, 0.7), (0.7, 0.0), (0.9, 0.05), (0.6, 0.0)]:
        law = {0.0: zero, between: 1 - zero - one, 1.0: one}
        chances = np.prod([[law[value] for value in values] for values in sequences], axis=1)
        mean = one + between * (1 - zero - one)
        assert chances[(mean < low) | (mean > high)].sum() <= 0.2


def test_no_values_tell_nothing():
    assert _betting.interval(np.array([]), 0.05) == (0.0, 1.0)


# ---- the certificate


def log_capital(hidden, t):
    """The mixture's capital against t, draw by draw."""
    starts, stakes = _anytime._starts(len(hidden)), _anytime._STAKES
    total = 1 / (len(starts) + 1)
    for order, start in enumerate(starts):
        for stake in stakes:
            factors = [1 + stake * (t - value) / (1 - t) for value in hidden[start:]]
            total += math.prod(factors) / ((order + 1) * (order + 2) * len(stakes))
    return math.log(total)


def test_the_bound_is_where_the_capital_reaches_one_over_delta():
    rng = np.random.default_rng(3)
    hidden = np.sort(rng.uniform(0, 0.3, 80))[::-1]
    bound = _anytime.curve(hidden, 0.05).bound[-1]
    assert log_capital(hidden, bound) >= math.log(20) - 1e-9  # hidden masses are rounded up, so this is no less
    assert log_capital(hidden, 0.98 * bound) < math.log(20)


def test_the_weights_of_the_mixture_sum_to_one_and_starts_are_fixed_beforehand():
    grid = _anytime._starts(10_000)
    for n in (1, 2, 7, 30, 300):
        assert _anytime._starts(n).tolist() == [start for start in grid if start < n]
    flat = _anytime._Blocks(np.zeros((9, 1)), np.array([0.5]), grid[:9])  # no draw yet: the capital is 1
    assert flat.refuse(0.5, 1 + 1e-9)
    assert not flat.refuse(0.5, 1 - 1e-9)


@pytest.mark.parametrize("delta", [0.001, 0.05, 0.5, 0.99])
def test_one_input_may_hide_another_for_that_long(delta):
    """Two inputs with one label: only the first comes n times with probability (1 - m)^n, and m is hidden then."""
    found = _anytime.curve(np.append(1.0, np.zeros(999)), delta)
    assert (found.bound >= 1 - delta ** (1 / found.n_samples)).all()
    assert (_anytime.curve(np.ones(50), delta).bound == 1).all()
    assert _anytime.curve(np.array([]), delta).bound.tolist() == [1.0]


def test_the_bound_only_falls_and_grows_with_every_hidden_mass():
    rng = np.random.default_rng(4)
    hidden = rng.uniform(0, 0.5, 300)
    found = _anytime.curve(hidden, 0.05)
    assert (np.diff(found.bound) <= 0).all()
    assert (np.diff(found.n_samples) > 0).all()
    assert found.n_samples[-1] == 300
    more = _anytime.curve(np.minimum(hidden + rng.uniform(0, 0.2, 300), 1), 0.05)
    assert (more.bound >= found.bound * (1 - 1e-3)).all()
    assert (_anytime.curve(hidden, 0.01).bound >= found.bound * (1 - 1e-3)).all()


@pytest.mark.parametrize(
    "teacher", [kd.instance_2(3, 9, 400), kd.Teacher([0.5, 0.5], [[0.9, 0.05, 0.05], [0.4, 0.3, 0.3]])]
)
def test_the_certificate_fails_at_some_time_as_rarely_as_it_says(teacher):
    """100 logs: the share that is ever below the hidden mass is at most 0.2, and 3 standard errors."""
    rng, fails, delta = np.random.default_rng(5), 0, 0.2
    for _ in range(100):
        known, seen, hidden, missing = np.zeros(teacher.n_inputs), set(), [], []
        for cell in teacher.draw_cells(100, 1, rng)[0]:
            s, a = divmod(int(cell), teacher.n_labels)
            hidden.append(1 - known[s])
            if cell not in seen:
                seen.add(cell)
                known[s] += teacher.pi[s, a]
            missing.append(teacher.rho @ (1 - known))
        found = _anytime.curve(np.clip(hidden, 0, 1), delta)
        fails += bool((found.bound < np.array(missing)[found.n_samples - 1] - 1e-12).any())
    assert fails <= 100 * delta + 3 * math.sqrt(100 * delta * (1 - delta))


def test_how_many_more_answers_is_about_right_where_more_are_there(tmp_path):
    teacher = kd.instance_2(5, 11, 2000)
    pairs = writing.draws(teacher, 8000, seed=6)
    log = kd.read_log(writing.write_table(tmp_path / "log.csv", teacher, pairs[:2000]))
    longer = kd.read_log(writing.write_table(tmp_path / "longer.csv", teacher, pairs))
    target = kd.certify(longer).risk_bound
    forecast = kd.more(log, target)
    assert 6000 / 3 < forecast.n_more < 6000 * 3
    assert forecast.back_test[0] == pytest.approx(forecast.back_test[1], rel=0.5)
    assert kd.more(log, 0.9).n_more == 0
    assert kd.more(kd.read_log(writing.write_table(tmp_path / "short.csv", teacher, pairs[:3])), 0.01).n_more is None
