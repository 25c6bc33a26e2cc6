/** How good probabilities are. Pure. `labels` are 0 or 1, beside the probability at the same place. */

/** The area under the ROC curve: how often one that happened is put above one that did not; ties count half. O(n log n). */
export function areaUnderCurve(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: labels.length }, (_, index) => index).sort(
    (left, right) => (probabilities[left] as number) - (probabilities[right] as number),
  );
  let [positives, ranks] = [0, 0];
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && probabilities[order[to] as number] === probabilities[order[from] as number]) to++;
    // Ties share the middle of their ranks, which are counted from 1.
    for (let at = from; at < to; at++)
      if (labels[order[at] as number] === 1) {
        positives++;
        ranks += (from + to + 1) / 2;
      }
    from = to;
  }
  const negatives = order.length - positives;
  return positives === 0 || negatives === 0
    ? 0.5
    : (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** The mean squared error of the probabilities (Brier 1950). */
export function brierScore(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < labels.length; index++)
    sum += ((probabilities[index] as number) - (labels[index] as number)) ** 2;
  return sum / labels.length;
}

/** The mean of −log of the probability of what happened. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < labels.length; index++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probabilities[index] as number));
    sum -= Math.log(labels[index] === 1 ? p : 1 - p);
  }
  return sum / labels.length;
}

/** A tenth of the customers, from the highest probability to the lowest. */
export interface Decile {
  readonly decile: number;
  readonly customers: number;
  readonly meanProbability: number;
  readonly actualRate: number;
  /** The rate beside that of all: 2 is twice as many. */
  readonly lift: number;
  /** The share of all that happened which is in this tenth and those above it. */
  readonly captured: number;
}

/** Calibration and lift in one table: tenths by probability, the highest first. Fewer rows than ten make fewer tenths. */
export function deciles(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Decile[] {
  const size = labels.length;
  const order = Array.from({ length: size }, (_, index) => index).sort(
    (left, right) => (probabilities[right] as number) - (probabilities[left] as number) || left - right,
  );
  const all = order.reduce((sum, index) => sum + (labels[index] as number), 0);
  let seen = 0;
  const tenths = Math.min(10, size);
  return Array.from({ length: tenths }, (_, tenth) => {
    const part = order.slice(Math.floor((tenth * size) / tenths), Math.floor(((tenth + 1) * size) / tenths));
    const happened = part.reduce((sum, index) => sum + (labels[index] as number), 0);
    seen += happened;
    const actualRate = happened / part.length;
    return {
      decile: tenth + 1,
      customers: part.length,
      meanProbability: part.reduce((sum, index) => sum + (probabilities[index] as number), 0) / part.length,
      actualRate,
      lift: all === 0 ? 0 : actualRate / (all / size),
      captured: all === 0 ? 0 : seen / all,
    };
  });
}
