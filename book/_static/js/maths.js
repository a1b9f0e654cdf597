/* The functions of live figures; tests compare them with kdcore. Rows are arrays of probabilities. */
window.kdMaths = (() => {
  "use strict";

  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const normalised = (values) => {
    const total = sum(values);
    return values.map((value) => value / total);
  };

  /** Total variation of two rows. */
  const totalVariation = (p, q) => sum(p.map((value, a) => Math.abs(value - q[a]))) / 2;

  /** The limit of the weigher on a row: its squares, normalised. */
  const squared = (row) => normalised(row.map((value) => value ** 2));

  /** The mass of what n draws miss, on average. */
  const expectedMissingMass = (law, n) => sum(law.map((p) => (n === 0 ? p : p * Math.exp(n * Math.log1p(-p)))));

  /** The worst-case risks of the best students with the best constant of each rate; at most that of a uniform guess. */
  function worstRisks(S, A, n) {
    const guess = 1 - 1 / A;
    const capped = (value) => Math.min(guess, value);
    return {
      hard: capped(Math.sqrt((S * (A - 1)) / (2 * Math.PI * n))),
      partial: capped((PARTIAL * S * A) / n),
      soft: capped((guess * (S - 1)) / (Math.E * n)),
    };
  }

  /** The constant of partial labels, y² / (1 + y) with y e^((1 + y) / 2) = 1. */
  const PARTIAL = (() => {
    let y = 0.5;
    for (let i = 0; i < 60; i++) y = Math.exp(-(1 + y) / 2);
    return y ** 2 / (1 + y);
  })();

  /** How many samples bring each of the rates to an error. */
  function samplesFor(S, A, error) {
    return {
      hard: (S * (A - 1)) / (2 * Math.PI * error ** 2),
      partial: (PARTIAL * S * A) / error,
      soft: ((1 - 1 / A) * (S - 1)) / (Math.E * error),
    };
  }

  /** Probabilities of 0, …, m heads of m tosses, by adding logarithms. */
  function binomial(m, p) {
    const logs = [m * Math.log1p(-p)];
    for (let k = 0; k < m; k++) logs.push(logs[k] + Math.log((m - k) / (k + 1)) + Math.log(p) - Math.log1p(-p));
    return logs.map(Math.exp);
  }

  /** What the counts of m tosses of a coin of (1 + gap) / 2 and of one of (1 - gap) / 2 have in common. */
  function overlap(m, gap) {
    const heads = binomial(m, (1 + gap) / 2);
    return sum(heads.map((value, k) => Math.min(value, heads[m - k])));
  }

  /** What a gap costs: it times the probability to take one coin for the other. */
  const costOfGap = (m, gap) => (gap * overlap(m, gap)) / 2;

  /** What a pair of buddies costs on average: its mass times the probability that n draws miss it, half of it lost. */
  const costOfBuddies = (n, mass) => (mass * Math.exp(n * Math.log1p(-mass))) / 2;

  /** What the student of top-k answers makes of a row (in decreasing order) and of counts, and what it was told. */
  function topKAnswer(row, counts, k, told) {
    const known = row.map((_, a) => a < k || (told === "revealed" && counts[a] > 0));
    const rest = Math.max(0, 1 - sum(row.filter((_, a) => known[a])));
    const below = sum(counts.filter((_, a) => !known[a]));
    const silent = known.filter((one) => !one).length;
    const share = (a) => (told === "censored" && below > 0 ? counts[a] / below : 1 / silent);
    return [row.map((p, a) => (known[a] ? p : rest * share(a))), known];
  }

  /** What is lost by spreading the mass of hidden labels evenly. */
  const lossOfSpreading = (masses) => {
    const mean = sum(masses) / masses.length;
    return sum(masses.map((v) => Math.abs(v - mean))) / 2;
  };

  /** The expected loss of that student after n >= 1 draws from the row, exactly; at most some 14 labels. */
  function topKRisk(row, k, n, told) {
    const tail = row.slice(k);
    if (told === "hidden") return lossOfSpreading(tail);
    if (told === "censored") return lossOfCounting(tail, n);
    // Labels without mass are never drawn; the chance that exactly a set of the others is unseen, by inclusion and exclusion.
    const some = tail.filter((p) => p > 0);
    const none = tail.length - some.length;
    const chance = Array.from({ length: 2 ** some.length }, (_, set) => Math.max(0, 1 - sum(some.filter((_, i) => (set >> i) & 1))) ** n);
    some.forEach((_, i) => {
      for (let set = 0; set < chance.length; set++) if (!((set >> i) & 1)) chance[set] -= chance[set | (1 << i)];
    });
    return sum(chance.map((p, set) => {
      const hidden = some.filter((_, i) => (set >> i) & 1);
      return hidden.length ? p * lossOfSpreading([...hidden, ...Array(none).fill(0)]) : 0;
    }));
  }

  /** Frequencies below the top k, scaled to their mass; de Moivre's mean absolute deviation given the draws there. */
  function lossOfCounting(tail, n) {
    const mass = sum(tail);
    if (mass < 1e-12) return 0;
    const shares = tail.map((p) => Math.min(1, p / mass)).filter((q) => q > 0 && q < 1);
    let total = binomialPart(n, mass, 0) * lossOfSpreading(tail);
    for (let t = 1; t <= n; t++) {
      const chance = binomialPart(n, mass, t);
      if (chance < 1e-14) continue;
      total += chance * mass * sum(shares.map((q) => {
        const m = Math.floor(t * q) + 1;
        return (m * (1 - q) * binomialPart(t, q, m)) / t;
      }));
    }
    return total;
  }

  /** The mass of pairs that n draws do not tell, if the k most likely labels are told at each drawn input. */
  const hiddenMass = (rho, row, k, n) => sum(rho.map((r) => {
    const missed = (x) => x * Math.exp(n * Math.log1p(-Math.min(x, 1)));
    const above = sum(row.slice(0, k));
    return (k ? above * missed(r) : 0) + sum(row.slice(k).map((p) => missed(r * p)));
  }));

  const LOGS = [0];
  /** The logarithm of n!. */
  function logFactorial(n) {
    while (LOGS.length <= n) LOGS.push(LOGS[LOGS.length - 1] + Math.log(LOGS.length));
    return LOGS[n];
  }

  /** The probability of k heads in m tosses. */
  function binomialPart(m, p, k) {
    if (k > m) return 0;
    if (p >= 1) return k === m ? 1 : 0;
    return Math.exp(logFactorial(m) - logFactorial(k) - logFactorial(m - k) + k * Math.log(p) + (m - k) * Math.log1p(-p));
  }

  const STAKES = [0.1, 0.5, 0.97];
  /** Hidden masses are rounded up to these, by half a percent. */
  const BINS = [0, ...Array.from({ length: 4000 }, (_, i) => (i === 3999 ? 1 : 10 ** (-9 + (9 * i) / 3999)))];
  const DIGITS = 1e-3;

  /** The certificate of kdcore: give it hidden masses one by one; its bound holds at every number of draws at once. */
  function certificate(delta) {
    const blocks = []; // from each start to the next: how many draws had which hidden mass
    let [n, next, settled] = [0, 0, 1];

    function refuses(t) {
      const since = STAKES.map(() => 0);
      const capital = [-Math.log(blocks.length + 1)]; // of what has not started
      for (let order = blocks.length - 1; order >= 0; order--) {
        STAKES.forEach((stake, i) => {
          for (const [bin, many] of blocks[order]) since[i] += many * Math.log1p((stake * (t - BINS[bin])) / (1 - t));
          capital.push(since[i] - Math.log((order + 1) * (order + 2) * STAKES.length));
        });
      }
      const most = Math.max(...capital);
      return most + Math.log(sum(capital.map((value) => Math.exp(value - most)))) >= -Math.log(delta);
    }

    function least(best) {
      if (!refuses(best * (1 - DIGITS))) return best;
      let [refused, kept] = [best, best / 2];
      while (refuses(kept)) {
        [refused, kept] = [kept, kept / 2];
        if (refused < 1e-12) return refused;
      }
      while (refused - kept > DIGITS * refused) {
        const middle = (kept + refused) / 2;
        if (refuses(middle)) refused = middle;
        else kept = middle;
      }
      return refused;
    }

    return {
      add(hidden) {
        if (n === next) {
          blocks.push(new Map());
          next = Math.max(n + 1, toEven(n * 1.25));
        }
        const bin = placeOf(hidden - 1e-15);
        blocks.at(-1).set(bin, (blocks.at(-1).get(bin) ?? 0) + 1);
        n += 1;
        if (n === next) settled = least(settled);
        return n === next; // whether the bound has been looked at
      },
      bound: () => (n === next ? settled : least(settled)),
    };
  }

  /** The nearest integer, of two the even one. */
  const toEven = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

  /** The first bin that is not below a value. */
  function placeOf(value) {
    let [low, high] = [0, BINS.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (BINS[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** All orders of some values. */
  const orders = (values) =>
    values.length < 2 ? [values] : values.flatMap((value, i) => orders([...values.slice(0, i), ...values.slice(i + 1)]).map((rest) => [value, ...rest]));

  /** Half the sum of all errors of answers on hidden cards; what the answers have too much, the other cards lack. */
  const costOfAnswers = (answers, truth) =>
    (sum(answers.map((answer, i) => Math.abs(answer - truth[i]))) + Math.abs(sum(answers) - sum(truth))) / 2;

  /** Frequencies after one has been added to each count. */
  const addOne = (counts) => normalised(counts.map((count) => count + 1));

  /** What each label adds to the KL of a row from an answer, none of it negative. */
  const piecesOfKl = (row, answer) =>
    row.map((p, a) => Math.max(0, (p > 0 ? p * Math.log(p / answer[a]) : 0) - p + answer[a]));

  /** Random numbers in [0, 1) from a seed (mulberry32): a figure does the same for all readers. */
  function random(seed) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  /** The place of one draw from a law. */
  function drawn(law, next) {
    let rest = next();
    const place = law.findIndex((p) => (rest -= p) < 0);
    return place < 0 ? law.length - 1 : place;
  }

  return {
    sum, normalised, totalVariation, squared, expectedMissingMass, worstRisks, samplesFor, binomial, overlap, costOfGap,
    costOfBuddies, topKAnswer, topKRisk, hiddenMass, addOne, piecesOfKl, lossOfSpreading, certificate, orders, costOfAnswers, random,
    drawn, PARTIAL,
  };
})();
