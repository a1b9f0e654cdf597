/* The mathematics of the risk explorer: what kdcore/exact.py and kdcore/bounds compute, for rows of few levels.
 *
 * One global object, kdExplorer.  Its functions have the names they have in kdcore and the same values to about 1e-11;
 * tests/book/test_explorer.py compares them.  A teacher is a list of kinds of inputs, as kdcore.exact groups them:
 *
 *   { n_alike, rho, levels, sizes, n_zeros }
 *
 * n_alike inputs have mass rho each and a row with sizes[l] labels of probability levels[l] > 0 and n_zeros of
 * probability 0.  top_matcher, top_counter and top_renormaliser are kdcore.top_k_matcher, .censored_counter and
 * .renormaliser.  A condition that fails is a RangeError whose message says what is needed.
 */
window.kdExplorer = (() => {
  "use strict";

  const TAIL = 1e-16; // sums over a binomial leave out at most this probability
  const SAME_LEVEL = 1e-12; // probabilities closer than this, relatively, are one level
  const UNDERFLOW = -700; // exp of less is shown as 0
  const PRUNED = 1e-80; // squared relative size of terms that are left out of a sum over states
  const LEARNERS = ["ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"];
  const FEW_LABELS = 12; // rows of more levels are summed over their sets of labels, if these are at most so many
  const DIGITS = 1e-9; // the relative error that such a sum may have
  const LIMITS = { S: [1, 1000], A: [2, 1000], n: [0, 1000000], share: [0, 1], favoured: [1, 999], k: [0, 1000] };

  /** What is told of a drawn label beside the k most likely ones, and the students for it, the best first. */
  const PROTOCOLS = {
    revealed: ["top_matcher", "top_renormaliser"],
    censored: ["top_counter", "top_matcher", "top_renormaliser"],
    hidden: ["top_matcher", "top_renormaliser"],
  };

  /* ---- teachers ---- */

  /** Return a kind of inputs: labels of probability 0 are counted apart, equal levels are merged. */
  function kind(n_alike, rho, levels, sizes) {
    const pairs = levels.map((level, i) => [level, sizes[i]]).filter(([, size]) => size > 0);
    const positive = pairs.filter(([level]) => level > 0).sort((a, b) => a[0] - b[0]);
    const merged = [];
    for (const [level, size] of positive) {
      const last = merged[merged.length - 1];
      if (last && level - last[0] <= SAME_LEVEL * level) last[1] += size;
      else merged.push([level, size]);
    }
    const n_zeros = pairs.reduce((total, [level, size]) => total + (level > 0 ? 0 : size), 0);
    return { n_alike, rho, levels: merged.map((pair) => pair[0]), sizes: merged.map((pair) => pair[1]), n_zeros };
  }

  /** Return the levels and sizes of Instance 2's rows. */
  function buddies(S, A, n) {
    const pairs = Math.floor((A - 1) / 2);
    return [
      [S / (n + 1), (n + 1 - S * pairs) / (n + 1), 0],
      [pairs, 1, A - pairs - 1],
    ];
  }

  function harmonic(size) {
    const weights = Array.from({ length: size }, (_, i) => 1 / (i + 1));
    const total = weights.reduceRight((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }

  const pairsOf = (A) => Math.floor((A - 1) / 2);
  const halfUniform = (A) => [[0.5 + 0.5 / A, 0.5 / A], [1, A - 1]];

  /** The teachers.  least_n(S, A): below it the masses are no distribution; least_A: the same for A. */
  const TEACHERS = {
    instance_0: {
      label: "The half-sure teacher (Instance 0): half uniform, half one label",
      fixed: true,
      kinds: ({ S, A }) => [kind(S, 1 / S, ...halfUniform(A))],
    },
    instance_1: {
      label: "The twin coins (Instance 1): hard for hard labels",
      least_n: (S, A) => Math.ceil((S * (A - (A % 2))) / 16),
      kinds: ({ S, A, n }) => {
        const paired = A - (A % 2);
        const gap = 0.25 * Math.sqrt((S * paired) / n);
        return [kind(S, 1 / S, [(1 + gap) / paired, (1 - gap) / paired, 0], [paired / 2, paired / 2, A - paired])];
      },
    },
    instance_2: {
      label: "The hidden half (Instance 2): hard for partial labels",
      least_A: 3,
      least_n: (S, A) => Math.max(0, S * pairsOf(A) - 1),
      kinds: ({ S, A, n }) => [kind(S, 1 / S, ...buddies(S, A, n))],
    },
    instance_3: {
      label: "The rare inputs (Instance 3): hard for soft labels",
      least_A: 3,
      least_n: (S, A) => Math.max(0, S - 2, S * pairsOf(A) - 1),
      kinds: ({ S, A, n }) => [
        kind(S - 1, 1 / (n + 1), ...buddies(S, A, n)),
        kind(1, (n + 2 - S) / (n + 1), ...buddies(S, A, n)),
      ],
    },
    two_levels: {
      label: "Two levels: some favoured labels with a share of your choice",
      fixed: true,
      extra: true,
      kinds: ({ S, A, share, favoured }) => [
        kind(S, 1 / S, [share / favoured, (1 - share) / (A - favoured)], [favoured, A - favoured]),
      ],
    },
    uniform: {
      label: "Uniform rows",
      fixed: true,
      kinds: ({ S, A }) => [kind(S, 1 / S, [1 / A], [A])],
    },
    deterministic: {
      label: "Deterministic rows: one label has all",
      fixed: true,
      kinds: ({ S, A }) => [kind(S, 1 / S, [1, 0], [1, A - 1])],
    },
    zipf_inputs: {
      label: "Zipf inputs: the s-th has mass ∝ 1/s, rows of the half-sure teacher",
      fixed: true,
      kinds: ({ S, A }) => harmonic(S).map((rho) => kind(1, rho, ...halfUniform(A))),
    },
    zipf_rows: {
      label: "Zipf rows: the a-th label has probability ∝ 1/a",
      fixed: true,
      kinds: ({ S, A }) => [kind(S, 1 / S, harmonic(A), Array(A).fill(1))],
    },
  };

  /** Return the kinds of inputs of a teacher, {teacher, S, A, n, share, favoured}; RangeError where it is none. */
  function inputs(setting) {
    const teacher = TEACHERS[setting.teacher];
    const name = teacher.label.split(":")[0];
    if (setting.A < (teacher.least_A || 2)) throw new RangeError(`${name} needs A ≥ ${teacher.least_A}`);
    const least = least_samples(setting);
    if (setting.n < least) {
      throw new RangeError(`${name} with S = ${setting.S} and A = ${setting.A} is a distribution only for n ≥ ${least}`);
    }
    if (teacher.extra && setting.favoured >= setting.A) {
      throw new RangeError(`with A = ${setting.A} at most ${setting.A - 1} labels can be favoured`);
    }
    return teacher.kinds(setting).filter((one) => one.n_alike > 0 && one.rho > 0);
  }

  /** Return the least n for which a teacher is a distribution. */
  function least_samples({ teacher, S, A }) {
    const { least_n } = TEACHERS[teacher];
    return least_n ? least_n(S, A) : 0;
  }

  /* ---- binomials ---- */

  /** Return the first and last value of an interval that Bin(n, p) leaves with probability at most TAIL (Bernstein). */
  function binomialWindow(n, p) {
    const log = Math.log(2 / TAIL);
    const reach = log / 3 + Math.sqrt((log * log) / 9 + 2 * n * p * (1 - p) * log);
    return [Math.max(0, Math.floor(n * p - reach)), Math.min(n, Math.ceil(n * p + reach))];
  }

  /** Return the values, from `first` on, that Bin(n, p) takes but for TAIL, and their probabilities. */
  function central(n, p) {
    if (n === 0 || p <= 0) return { first: 0, mass: [1] };
    if (p >= 1) return { first: n, mass: [1] };
    const [first, last] = binomialWindow(n, p);
    const mode = Math.min(n, Math.floor((n + 1) * p));
    const odds = p / (1 - p);
    const mass = new Float64Array(last - first + 1);
    let total = 1;
    mass[mode - first] = 1;
    for (let k = mode + 1, weight = 1; k <= last; k++) {
      weight *= ((n - k + 1) * odds) / k;
      mass[k - first] = weight;
      total += weight;
    }
    for (let k = mode - 1, weight = 1; k >= first; k--) {
      weight *= (k + 1) / ((n - k) * odds);
      mass[k - first] = weight;
      total += weight;
    }
    for (let i = 0; i < mass.length; i++) mass[i] /= total;
    return { first, mass };
  }

  /** Return E|X - c| for X ~ Bin(n, p) as a table over integers c, between which it is linear. */
  function deviations(n, p) {
    const { first, mass } = central(n, p);
    const table = new Float64Array(mass.length + 1);
    table[0] = n * p - first;
    for (let i = 0, below = 0; i < mass.length; i++) {
      below += mass[i];
      table[i + 1] = table[i] + 2 * below - 1;
    }
    return { first, table, mean: n * p };
  }

  /** Return E|X - kp| for X ~ Bin(k, p), k = 1, ..., by de Moivre's formula 2 m (1 - p) P(X = m), m = floor(kp) + 1.
   *
   * P(X = m) follows from k to k + 1 by a ratio; it starts at k = first with the central probabilities.
   */
  function meanDeviations(first, last, p) {
    const result = new Float64Array(last - first + 1);
    if (p >= 1) return result;
    const start = central(first, p);
    let m = Math.floor(first * p) + 1;
    let mass = start.mass[m - start.first];
    for (let k = first; ; k++) {
      result[k - first] = 2 * m * (1 - p) * mass;
      if (k === last) return result;
      mass *= ((k + 1) * (1 - p)) / (k + 1 - m);
      const next = Math.floor((k + 1) * p) + 1;
      if (next > m) mass *= ((k + 1 - m) / next) * (p / (1 - p));
      m = next;
    }
  }

  /* ---- expected risks ---- */

  const power = (base, n) => (n === 0 ? 1 : Math.exp(n * Math.log1p(-base))); // (1 - base)^n
  const labels = (one) => one.sizes.reduce((sum, size) => sum + size, one.n_zeros);

  /** Return v log(v / c) - v + c, without cancellation where v is close to c. */
  function klTerm(v, c) {
    const x = (v - c) / c;
    return Math.abs(x) > 0.5 ? v * Math.log(v / c) - v + c : c * ((1 + x) * log1pMinus(x) + x * x);
  }

  /** Return the loss where unseen[l] labels of probability levels[l] and the zeros share the mass of them evenly. */
  function fillLoss(levels, unseen, n_zeros, divergence) {
    const mass = levels.reduce((sum, v, l) => sum + unseen[l] * v, 0);
    if (mass === 0) return 0;
    const fill = mass / unseen.reduce((sum, many) => sum + many, n_zeros);
    const term = divergence === "kl" ? (v) => klTerm(v, fill) : (v) => Math.abs(fill - v) / 2;
    const alike = n_zeros === 0 && unseen.filter((many) => many > 0).length === 1; // the fill is right
    return alike ? 0 : levels.reduce((sum, v, l) => sum + unseen[l] * term(v), n_zeros * (divergence === "kl" ? fill : fill / 2));
  }

  /** Return the loss of the uniform row, which every student answers where nothing was drawn. */
  function neverDrawn(one, divergence = "tv") {
    const A = labels(one);
    if (divergence === "kl") return Math.max(0, one.levels.reduce((sum, v, l) => sum + one.sizes[l] * v * Math.log(v * A), 0));
    return one.levels.reduce((sum, v, l) => sum + one.sizes[l] * Math.abs(v - 1 / A), one.n_zeros / A) / 2;
  }

  const ceFul = (one, n, divergence) => power(one.rho, n) * neverDrawn(one, divergence);
  const positive = (one) => labels(one) - one.n_zeros;

  /** The two cross-entropies in KL: after one draw they exclude all but one label of a row. */
  const excludes = (one, n) => (n === 0 || positive(one) === 1 ? ceFul(one, n, "kl") : Infinity);

  const ceSgl = (one, n) => ceFul(one, n) + counted(one.rho, one.levels, one.sizes, n);

  /** Return the loss of frequencies where something was counted: Bin(n, rho) draws from a law of levels. */
  function counted(rho, levels, sizes, n) {
    const { first, mass } = central(n, rho);
    const from = Math.max(1, first);
    const last = first + mass.length - 1;
    let total = 0;
    for (let l = 0; l < levels.length && from <= last; l++) {
      const deviation = meanDeviations(from, last, levels[l]);
      let sum = 0;
      for (let k = from; k <= last; k++) sum += (mass[k - first] * deviation[k - from]) / k;
      total += sizes[l] * sum;
    }
    return total / 2;
  }

  /** CE_ptl, rows of two levels: yields now and then, returns the risk. */
  function* cePtl(one, n) {
    const { levels, sizes, rho } = one;
    if (levels.length === 1) return ceSgl(one, n); // equal weights: the two cross-entropies agree
    if (levels.length > 2) throw new RangeError("no exact formula for rows with more than two levels");
    const low = yield* levelLoss(n, rho, levels[0], sizes[0], levels[1], sizes[1]);
    const high = yield* levelLoss(n, rho, levels[1], sizes[1], levels[0], sizes[0]);
    return ceFul(one, n) + (low + high) / 2;
  }

  /** Return the expected loss on the m labels of probability v; k others have probability w.
   *
   * X of the n draws fall on level v, Y on the other.  The normaliser is Z = v X + w Y, and given X the count N of a
   * label is Bin(X, 1 / m): its loss is (v / Z) E|N - Z|.
   */
  function* levelLoss(n, rho, v, m, w, k) {
    const hit = rho * v * m;
    const other = rho * w * k;
    const p = other / (other + (1 - rho)); // of Y, given X, in n - X draws
    const outer = central(n, hit);
    const lowest = binomialWindow(n - outer.first - outer.mass.length + 1, p)[0];
    const highest = p < 1 ? binomialWindow(n - outer.first, p)[1] : 0;
    const ratios = new Float64Array(Math.max(0, highest - lowest) + 2); // P(Y + 1) / P(Y) = (n - X - Y) times this
    for (let i = 0; i < ratios.length; i++) ratios[i] = p / (1 - p) / (lowest + i + 1);
    let total = 0;
    for (let i = 0, work = 0; i < outer.mass.length; i++) {
      const X = outer.first + i;
      const draws = n - X;
      const { first, table, mean } = deviations(X, 1 / m);
      const end = table.length - 1;
      const [from, to] = p < 1 ? binomialWindow(draws, p) : [draws, draws];
      let [sum, mass, weight] = [0, 0, 1];
      for (let Y = from; Y <= to; Y++) {
        const Z = v * X + w * Y;
        const place = Z - first;
        let deviation;
        if (place < 0) deviation = mean - Z;
        else if (place >= end) deviation = Z - mean;
        else {
          const below = place | 0;
          deviation = table[below] + (place - below) * (table[below + 1] - table[below]);
        }
        if (Z > 0) sum += (weight * deviation) / Z;
        mass += weight;
        weight *= (draws - Y) * ratios[Y - lowest];
      }
      total += (outer.mass[i] * sum) / mass;
      work += to - from + table.length;
      if (work > 200000) {
        work = 0;
        yield;
      }
    }
    return m * v * total;
  }

  /** Return the matcher's expected loss on labels beyond those that every answer shows. */
  function filled(one, n, divergence) {
    const { levels, sizes, n_zeros, rho } = one;
    if (levels.length === 0) return 0;
    if (levels.length > 2) return overSets(one, n, divergence);
    const masses = [rho * levels[0], rho * (levels[1] ?? 0)];
    const most = [sizes[0], sizes[1] ?? 0];
    if (levels.length === 1) masses[1] = 0;
    const columns = most[1] + 1;
    const loss = new Float64Array((most[0] + 1) * columns);
    for (let i = 0; i <= most[0]; i++) {
      for (let j = 0; j <= most[1]; j++) {
        if (n_zeros === 0 && (i === 0 || j === 0)) continue; // the unseen are equally likely: the fill is right
        loss[i * columns + j] = fillLoss(levels, [i, j].slice(0, levels.length), n_zeros, divergence);
      }
    }
    return expectedLoss(n, masses, most, loss, n_zeros > 0);
  }

  /** The same on a row of few labels and many levels: inclusion and exclusion over the sets of labels. */
  function overSets(one, n, divergence) {
    if (positive(one) > FEW_LABELS) throw new RangeError("no exact formula for rows of so many levels");
    const row = one.levels.flatMap((v, l) => Array(one.sizes[l]).fill(v));
    const masses = new Float64Array(2 ** row.length);
    const sums = new Float64Array(masses.length);
    for (let set = 1; set < sums.length; set++) {
      const unseen = row.map((_, i) => (set >> i) & 1);
      masses[set] = row.reduce((sum, v, i) => sum + unseen[i] * v, 0);
      sums[set] = fillLoss(row, unseen, one.n_zeros, divergence);
    }
    if (one.n_zeros === 0) row.forEach((_, i) => { sums[1 << i] = 0; });
    const sizes = sums.slice();
    for (let half = 1; half < sums.length; half *= 2) {
      for (let set = 0; set < sums.length; set++) {
        if (!(set & half)) continue;
        sums[set] -= sums[set - half];
        sizes[set] += sizes[set - half];
      }
    }
    let [total, error] = [0, 0];
    for (let set = 0; set < sums.length; set++) {
      const chance = power(Math.min(1, one.rho * masses[set]), n);
      total += sums[set] * chance;
      if (chance > 0) error += sizes[set] * chance * (1 - Math.log(chance));
    }
    error *= (row.length + 4) * Number.EPSILON;
    if (error > DIGITS * Math.max(total, DIGITS)) throw new RangeError("the exact formula is not accurate here");
    return Math.max(0, total);
  }

  /* ---- students of top-k answers (kdcore/_numerics/topk.py) ---- */

  /** Return the row without its k most likely labels, and the mass that is left. */
  function beyond(one, k) {
    let left = k;
    const [levels, sizes] = [[], []];
    for (let l = one.levels.length - 1; l >= 0; l--) {
      const taken = Math.min(left, one.sizes[l]);
      left -= taken;
      if (taken === one.sizes[l]) continue;
      levels.unshift(one.levels[l]);
      sizes.unshift(one.sizes[l] - taken);
    }
    const mass = Math.min(1, levels.reduce((sum, v, l) => sum + sizes[l] * v, 0));
    return { ...one, levels, sizes, n_zeros: Math.max(0, one.n_zeros - left), mass };
  }

  const spread = (tail, divergence) => fillLoss(tail.levels, tail.sizes, tail.n_zeros, divergence);

  function topMatcher(one, n, { divergence, k, drawn }) {
    const tail = beyond(one, k);
    const never = power(one.rho, n); // nothing was drawn, so that not even the top is known
    const whole = spread(tail, divergence);
    if (drawn === "revealed") return filled(tail, n, divergence) + never * (neverDrawn(one, divergence) - whole);
    return never * neverDrawn(one, divergence) + (1 - never) * whole;
  }

  function topCounter(one, n, { divergence, k }) {
    const tail = beyond(one, k);
    const never = power(one.rho, n);
    const none = Math.max(0, power(one.rho * tail.mass, n) - never); // draws, but none beyond the top
    const total = never * neverDrawn(one, divergence) + none * spread(tail, divergence);
    if (tail.mass === 0) return never * neverDrawn(one, divergence);
    if (divergence === "kl") return n === 0 || positive(tail) === 1 ? total : Infinity;
    const law = tail.levels.map((v) => Math.min(1, v / tail.mass));
    return total + tail.mass * counted(one.rho * tail.mass, law, tail.sizes, n);
  }

  function topRenormaliser(one, n, { divergence, k, drawn }) {
    const tail = beyond(one, k);
    const never = power(one.rho, n);
    const total = never * neverDrawn(one, divergence);
    if (tail.mass === 0) return total;
    if (drawn === "revealed") {
      if (divergence === "kl" && n > 0 && !(k === 0 && positive(tail) === 1)) return Infinity;
      return total + tail.levels.reduce((sum, v, l) => sum + tail.sizes[l] * v * Math.max(0, power(one.rho * v, n) - never), 0);
    }
    if (k === 0) return neverDrawn(one, divergence);
    return total + (divergence === "kl" && n > 0 ? Infinity : (1 - never) * tail.mass);
  }

  const RULES = {
    ce_sgl: function* (one, n, { divergence }) { return divergence === "kl" ? excludes(one, n) : ceSgl(one, n); },
    ce_ptl: function* (one, n, { divergence }) { return divergence === "kl" ? excludes(one, n) : yield* cePtl(one, n); },
    sel_ptl: function* (one, n, { divergence }) { return filled(one, n, divergence); },
    ce_ful: function* (one, n, { divergence }) { return ceFul(one, n, divergence); },
    top_matcher: function* (one, n, options) { return topMatcher(one, n, options); },
    top_counter: function* (one, n, options) { return topCounter(one, n, options); },
    top_renormaliser: function* (one, n, options) { return topRenormaliser(one, n, options); },
  };

  /** Yield now and then, and return the expected risk of a student: for callers that must not block.
   *
   * options: the divergence, "tv" or "kl"; for students of top-k answers k, and drawn, a key of PROTOCOLS.
   */
  function* expected_risk_steps(teacher, n, learner, options = {}) {
    let risk = 0;
    for (const one of teacher) {
      risk += one.n_alike * one.rho * (yield* RULES[learner](one, n, { divergence: "tv", ...options }));
      yield;
    }
    return risk;
  }

  /** Return the expected risk of a student, exactly; in KL it may be Infinity. */
  function expected_risk(teacher, n, learner, options) {
    const steps = expected_risk_steps(teacher, n, learner, options);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** Return what a student of top-k answers errs when n has grown without end, for a teacher that does not depend on n. */
  function top_k_limit(teacher, learner, { divergence, k, drawn }) {
    if (drawn === "revealed" || learner === "top_counter") return 0;
    const loss = (one) => {
      const tail = beyond(one, k);
      if (learner === "top_matcher") return spread(tail, divergence);
      if (k === 0) return neverDrawn(one, divergence);
      return divergence === "kl" && tail.mass > 0 ? Infinity : tail.mass;
    };
    return teacher.reduce((sum, one) => sum + one.n_alike * one.rho * loss(one), 0);
  }

  /** Return the limit of CE_ptl's risk as n grows, for a teacher that does not depend on n. */
  function ce_ptl_limit(teacher) {
    let limit = 0;
    for (const { n_alike, rho, levels, sizes } of teacher) {
      const squares = levels.reduce((sum, v, l) => sum + sizes[l] * v * v, 0);
      const distance = levels.reduce((sum, v, l) => sum + sizes[l] * Math.abs((v * v) / squares - v), 0) / 2;
      limit += n_alike * rho * distance;
    }
    return limit;
  }

  /** Return sum p (1 - p)^n over the masses p of a law, given as [p, how many]. */
  function expected_missing_mass(law, n) {
    return law.reduce((sum, [p, many]) => sum + (p > 0 ? many * p * power(p, n) : 0), 0);
  }

  const rho_law = (teacher) => teacher.map((one) => [one.rho, one.n_alike]);
  const joint_law = (teacher) =>
    teacher.flatMap((one) => one.levels.map((v, l) => [one.rho * v, one.n_alike * one.sizes[l]]));

  /* ---- SEL_ptl: what n draws leave unseen (kdcore/_numerics/occupancy.py explains the contour integral) ---- */

  const LOG_FACTORIAL = new Float64Array(1101);
  for (let i = 2; i < LOG_FACTORIAL.length; i++) LOG_FACTORIAL[i] = LOG_FACTORIAL[i - 1] + Math.log(i);

  /** Return E loss[U_1, U_2], where U_l of the sizes[l] cells of mass masses[l] are left unseen by n draws.
   *
   * `edges`: whether states with U_1 = 0 or U_2 = 0 may have a loss.
   */
  function expectedLoss(n, masses, sizes, loss, edges) {
    const [m, k] = sizes;
    const columns = k + 1;
    if (n === 0) return loss[m * columns + k];
    const fewest = m + k - n; // at least so many are unseen
    let least = Infinity;
    for (let i = 0; i <= m; i++) {
      for (let j = 0; j <= k; j++) {
        const mass = i * masses[0] + j * masses[1];
        if (i + j < fewest || mass >= 1 - 1e-15) loss[i * columns + j] = 0;
        else if (loss[i * columns + j] > 0 && mass < least) least = mass;
      }
    }
    if (least === Infinity) return 0;
    const scale = n * Math.log1p(-least);
    if (scale < UNDERFLOW) return 0;
    // Terms of a block are scaled by its largest, so that none that matters underflows.
    const blocks = edges ? [[1, m, 0, k], [0, 0, 1, k]] : [[1, m, 1, k]];

    /** Return [log scale, real, imaginary] of b at t / (1 - least). */
    function poissonised(re, im) {
      const [x, y] = [re / (1 - least), im / (1 - least)];
      const rows = unseenTerms(x, y, masses[0], m);
      const cols = unseenTerms(x, y, masses[1], k);
      let [log, real, imaginary] = [-Infinity, 0, 0];
      for (const [i0, i1, j0, j1] of blocks) {
        const a = scaled(rows, i0, i1);
        const b = scaled(cols, j0, j1);
        if (!a || !b) continue;
        let [sumRe, sumIm] = [0, 0];
        for (let i = a.first; i <= a.last; i++) {
          let [innerRe, innerIm] = [0, 0];
          for (let j = b.first, at = i * columns + j; j <= b.last; j++, at++) {
            innerRe += loss[at] * b.re[j - j0];
            innerIm += loss[at] * b.im[j - j0];
          }
          sumRe += a.re[i - i0] * innerRe - a.im[i - i0] * innerIm;
          sumIm += a.re[i - i0] * innerIm + a.im[i - i0] * innerRe;
        }
        if (sumRe === 0 && sumIm === 0) continue;
        const level = a.log + b.log + x * least;
        const top = Math.max(log, level);
        const [old, add] = [Math.exp(log - top), Math.exp(level - top)];
        real = real * old + sumRe * add;
        imaginary = imaginary * old + sumIm * add;
        log = top;
      }
      const [cos, sin] = [Math.cos(y * least), Math.sin(y * least)];
      return [log, real * cos - imaginary * sin, real * sin + imaginary * cos];
    }

    const radius = saddlePoint(n, poissonised);
    return Math.exp(scale) * circle(n, radius, poissonised);
  }

  /** Return what the terms C(size, u) e^(-t mass u) (1 - e^(-t mass))^(size - u), u = 0, ..., size, are made of. */
  function unseenTerms(x, y, mass, size) {
    [x, y] = [x * mass, y * mass];
    // d = 1 - e^(-z), or e^z - 1 where e^(-z) is large
    const sign = x < 0 ? -1 : 1;
    const half = Math.sin(y / 2);
    const decay = Math.exp(-Math.abs(x));
    const re = -sign * (Math.expm1(-Math.abs(x)) * Math.cos(y) - 2 * half * half);
    const im = decay * Math.sin(y);
    const square = re * re + im * im;
    const [above, beside] = x < 0 ? [1, 0] : [decay * Math.cos(y), -im];
    const ratio = [(above * re + beside * im) / square, (beside * re - above * im) / square];
    const [log, angle] = [Math.log(square) / 2, Math.atan2(im, re)];
    return x < 0 ? { size, x, y, log: log - x, angle: angle - y, ratio } : { size, x, y, log, angle, ratio };
  }

  /** Return the terms from `from` to `to` over the largest of them, and the range outside which they are negligible.
   *
   * The largest comes from its logarithm, the others from their ratios.
   */
  function scaled({ size, x, y, log, angle, ratio }, from, to) {
    if (from > to) return null;
    const [re, im] = [new Float64Array(to - from + 1), new Float64Array(to - from + 1)];
    if (size === 0) return { log: 0, re: [1], im: [0], first: 0, last: 0 };
    const [g, h] = ratio;
    const length2 = g * g + h * h;
    const length = Math.sqrt(length2);
    const peak = Math.min(to, Math.max(from, length < 1e9 ? Math.ceil((size * length - 1) / (1 + length)) : size));
    const choose = LOG_FACTORIAL[size] - LOG_FACTORIAL[peak] - LOG_FACTORIAL[size - peak];
    const phase = -y * peak + (size - peak) * angle;
    const [startRe, startIm] = [Math.cos(phase), Math.sin(phase)];
    let [first, last] = [from, to];
    for (let u = peak, a = startRe, b = startIm; u <= to; u++) {
      [re[u - from], im[u - from]] = [a, b];
      if (a * a + b * b < PRUNED) {
        last = u;
        break;
      }
      const factor = (size - u) / (u + 1);
      [a, b] = [(a * g - b * h) * factor, (a * h + b * g) * factor];
    }
    for (let u = peak - 1, a = startRe, b = startIm; u >= from; u--) {
      const factor = (u + 1) / (size - u) / length2;
      [a, b] = [(a * g + b * h) * factor, (b * g - a * h) * factor];
      [re[u - from], im[u - from]] = [a, b];
      if (a * a + b * b < PRUNED) {
        first = u;
        break;
      }
    }
    return { log: choose - x * peak + (size - peak) * log, re, im, first, last };
  }

  /** Return r with r (1 + b'(r) / b(r)) = n, roughly. */
  function saddlePoint(n, poissonised) {
    const h = 1e-5;
    const logarithm = (r) => {
      const [log, re] = poissonised(r, 0);
      return log + Math.log(re);
    };
    let radius = n;
    for (let i = 0; i < 4; i++) {
      const slope = (logarithm(radius * (1 + h)) - logarithm(radius)) / (radius * h);
      radius = Math.max(n / (1 + slope), n / 100);
    }
    return radius;
  }

  /** Return n! / (2 pi r^n) times the integral of exp(r e^(i theta) - i n theta) b(r e^(i theta)) over the circle. */
  function circle(n, radius, poissonised) {
    const excess = radius / n - 1;
    const stirling =
      n < 100
        ? LOG_FACTORIAL[n] - (n * Math.log(n) - n)
        : Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
    const constant = stirling - n * log1pMinus(excess);
    const value = (theta) => {
      const half = Math.sin(theta / 2);
      const [log, re, im] = poissonised(radius * Math.cos(theta), radius * Math.sin(theta));
      const length = Math.exp(constant - 2 * radius * half * half + log);
      const phase = radius * sinMinus(theta) + n * excess * theta;
      return [length * (re * Math.cos(phase) - im * Math.sin(phase)), length * Math.hypot(re, im)];
    };
    // Equal steps around the circle; by symmetry half of it, as far as the integrand is not negligible.
    const average = (points, offset) => {
      const step = (2 * Math.PI) / points;
      let [sum, largest] = [0, 0];
      for (let i = 0; ; i++) {
        const theta = (i + offset) * step;
        if (theta > Math.PI * (1 + 1e-12)) break;
        const [real, length] = value(theta);
        const alone = (i === 0 && offset === 0) || Math.abs(theta - Math.PI) < 1e-9;
        sum += alone ? real : 2 * real;
        largest = Math.max(largest, length);
        if (length < 1e-17 * largest && theta * Math.sqrt(radius) > 5) break;
      }
      return sum / points;
    };
    let points = Math.max(32, 2 * Math.ceil(2.5 * Math.sqrt(n)));
    let result = average(points, 0);
    for (let i = 0; i < 12; i++) {
      const finer = (result + average(points, 0.5)) / 2;
      if (Math.abs(finer - result) <= 1e-11 * Math.abs(finer)) return finer;
      [result, points] = [finer, 2 * points];
    }
    throw new Error(`the expected loss after ${n} draws has not settled`);
  }

  /** Return log(1 + x) - x without cancellation. */
  function log1pMinus(x) {
    if (Math.abs(x) > 0.01) return Math.log1p(x) - x;
    let sum = 0;
    for (let k = 9; k >= 0; k--) sum = sum * x + (k % 2 ? -1 : 1) / (k + 2);
    return -x * x * sum;
  }

  /** Return sin(x) - x without cancellation. */
  function sinMinus(x) {
    if (x >= 0.3) return Math.sin(x) - x;
    const q = x * x;
    return ((-x * q) / 6) * (1 - (q / 20) * (1 - (q / 42) * (1 - (q / 72) * (1 - q / 110))));
  }

  /* ---- bounds, in expectation: the paper's, and the book's ---- */

  function require(holds, rule) {
    if (!holds) throw new RangeError(rule);
  }

  const bounds = {
    /** Lower, hard labels: exp(-1/2) / 16 sqrt(SA / n). */
    theorem_3_1(S, A, n) {
      require(A >= 2 && n >= (S * A) / 4 && n > 0, `needs n ≥ SA/4 = ${(S * A) / 4}`);
      return (Math.exp(-0.5) / 16) * Math.sqrt((S * A) / n);
    },
    /** Upper, CE_sgl: sqrt(A / n) / 2 sum sqrt(rho) + sqrt(S / n); rho as [mass, how many], uniform by default. */
    theorem_3_2(S, A, n, rho = [[1 / S, S]]) {
      require(n >= 1, "needs n ≥ 1");
      const roots = rho.reduce((sum, [mass, many]) => sum + many * Math.sqrt(mass), 0);
      return 0.5 * Math.sqrt(A / n) * roots + Math.sqrt(S / n);
    },
    /** Lower, partial soft labels: S (A - 1) / (4 e (n + 1)). */
    theorem_4_1(S, A, n) {
      require(A >= 3, "needs A ≥ 3");
      const least = Math.max(0, (S * (A - 1)) / 2 - 1);
      require(n >= least, `needs n ≥ S(A − 1)/2 − 1 = ${least}`);
      return (S * (A - 1)) / (4 * Math.E * (n + 1));
    },
    /** Upper, SEL_ptl: SA / (e n). */
    theorem_4_4(S, A, n) {
      require(n >= 1, "needs n ≥ 1");
      return (S * A) / (Math.E * n);
    },
    /** Lower, soft labels: (S - 1) / (2 e (n + 1)). */
    theorem_5_1(S, A, n) {
      require(S >= 2, "needs S ≥ 2");
      require(n >= S, `needs n ≥ S = ${S}`);
      return (S - 1) / (2 * Math.E * (n + 1));
    },
    /** Upper, CE_ful: 4 S / (9 n). */
    theorem_5_2(S, A, n) {
      require(n >= 1, "needs n ≥ 1");
      return (4 * S) / (9 * n);
    },
  };

  /** Bounds for top-k answers; they take k, at most A, in the place of the inputs' law. */
  const top_k_bounds = {
    /** Lower, the drawn label's number always: S floor((A - k) / 2) / (2 e (n + 1)). */
    revealed_lower(S, A, n, k) {
      const pairs = Math.floor((A - k) / 2);
      const least = Math.max(0, S * (pairs + k) - 1);
      require(pairs >= 1, "needs k ≤ A − 2");
      require(n >= least, `needs n ≥ S(⌊(A − k)/2⌋ + k) − 1 = ${least}`);
      return (S * pairs) / (2 * Math.E * (n + 1));
    },
    /** Upper, the same, students that keep what is told: S (A - k + 1) / (e n). */
    revealed_upper(S, A, n, k) {
      require(n >= 1, "needs n ≥ 1");
      return (S * Math.min(A, A - k + 1)) / (Math.E * n);
    },
    /** Lower, the number in the top k alone. */
    censored_lower(S, A, n, k) {
      const pairs = Math.floor((A - k) / 2);
      require(pairs >= 1, "needs k ≤ A − 2");
      require(n >= S * A && n > 0, `needs n ≥ SA = ${S * A}`);
      const gap = Math.sqrt((S * A) / n) / 2;
      return (0.318 * pairs * gap) / (A + k * gap);
    },
    /** Upper, the same, the censored counter. */
    censored_upper(S, A, n, k) {
      require(n >= 1, "needs n ≥ 1");
      return (1 - k / A) * Math.sqrt((S * A) / (2 * (n + 1))) + (2 * S) / (Math.E * n);
    },
    /** Lower, nothing about draws: for every n. */
    hidden_lower(S, A, n, k) {
      let most = 0;
      for (let m = 1; m < A - k; m++) most = Math.max(most, (m * (A - k - m)) / ((A - k) * (k + m)));
      return most;
    },
  };

  /** The largest expected missing mass of n draws over all laws on K letters. */
  function max_missing_mass(K, n) {
    if (n + 1 <= K) return power(1 / K, n);
    if (K === 1) return 0;
    const total = (y) => (K - 1) * y * power(y, n) + (1 - (K - 1) * y) * ((K - 1) * y) ** n;
    const [low, high] = [1 / (n + 1), Math.min(2 / (n + 1), 1 / K)];
    const at = (i) => low + ((high - low) * Math.min(512, Math.max(0, i))) / 512;
    let best = 0;
    for (let i = 1; i <= 512; i++) if (total(at(i)) > total(at(best))) best = i;
    let [left, right] = [at(best - 1), at(best + 1)];
    for (let i = 0; i < 60; i++) {
      const [a, b] = [left + 0.382 * (right - left), left + 0.618 * (right - left)];
      if (total(a) < total(b)) left = a;
      else right = b;
    }
    return Math.max(total((left + right) / 2), total(at(best)));
  }

  /** The constant of partial labels in KL, -W (2 + W) with W e^W = -e^-2. */
  const PARTIAL_KL = (() => {
    let w = 0;
    for (let i = 0; i < 100; i++) w = -Math.exp(-2 - w);
    return -w * (2 + w);
  })();

  /** Bounds in KL, in nats. */
  const kl_bounds = {
    /** Upper, the matcher: 0.2920 SA / n, at most log A. */
    partial_kl_upper: (S, A, n) => Math.min((PARTIAL_KL * S * A) / Math.max(n, 1e-300), Math.log(A)),
    /** Lower and upper, soft labels: log A times the largest missing mass of inputs. */
    soft_minimax_kl: (S, A, n) => Math.log(A) * max_missing_mass(S, n),
  };

  return {
    LEARNERS,
    LIMITS,
    PROTOCOLS,
    TEACHERS,
    beyond,
    bounds,
    ce_ptl_limit,
    expected_missing_mass,
    expected_risk,
    expected_risk_steps,
    inputs,
    joint_law,
    kl_bounds,
    least_samples,
    rho_law,
    top_k_bounds,
    top_k_limit,
  };
})();
