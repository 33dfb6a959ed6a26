/** @param {number[]} values at least one */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What is told of a figure: its rounds as they were measured, their median, and how far they spread. */
function summary(rounds) {
  return { median: median(rounds), min: Math.min(...rounds), max: Math.max(...rounds), rounds };
}

/**
 * Each round against the same round of another: what slows the whole machine for a while slows both.
 * @returns null where a round of either is missing, or nothing was measured to divide by
 */
function ratios(rounds, others) {
  if (rounds.length === 0 || rounds.length !== others.length) return null;
  if (others.some((other) => !(other > 0))) return null;
  return summary(rounds.map((value, i) => value / others[i]));
}

/** @param {number} share 0.99 is the value that 99 of 100 do not exceed (nearest rank) */
function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

module.exports = { median, percentile, ratios, summary };
