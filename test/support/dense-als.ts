/**
 * The vector of a history in double precision by Gaussian elimination: (α₀ YᵀY + λI + Σ w y yᵀ) x = Σ w y with λ (n + α₀ items)^ν.
 * Shares no code with the engines.
 */
export function solveDense(
  items: ReadonlyMap<string, Float32Array>,
  history: readonly { item: string; weight: number }[],
  {
    regularization,
    unobservedWeight,
    nu,
    factors: f,
  }: { regularization: number; unobservedWeight: number; nu: number; factors: number },
): number[] {
  const lambda = regularization * (history.length + unobservedWeight * items.size) ** nu;
  const rows = Array.from({ length: f }, (_, i) => Array.from({ length: f + 1 }, (_, j) => (i === j ? lambda : 0)));
  const add = (y: Float32Array, weight: number): void => {
    for (let i = 0; i < f; i++) for (let j = 0; j < f; j++) rows[i]![j]! += weight * y[i]! * y[j]!;
  };
  for (const y of items.values()) add(y, unobservedWeight);
  for (const { item, weight } of history) {
    const y = items.get(item) as Float32Array;
    add(y, weight);
    for (let i = 0; i < f; i++) rows[i]![f]! += weight * y[i]!;
  }
  for (let k = 0; k < f; k++) {
    let pivot = k;
    for (let i = k + 1; i < f; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < f; i++) {
      if (i === k) continue;
      const by = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= f; j++) rows[i]![j]! -= by * rows[k]![j]!;
    }
  }
  return rows.map((row, i) => row[f]! / row[i]!);
}
