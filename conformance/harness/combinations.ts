/** Few combinations that hold all combinations of any three factors: bugs seldom need four. */

export type Choice<F extends string, V extends string> = Readonly<Record<F, V>>;

/** Every combination of all factors. */
export function everyCombination<F extends string, V extends string>(
  factors: readonly F[],
  values: readonly V[],
): Choice<F, V>[] {
  return factors.reduce<Choice<F, V>[]>(
    (rows, factor) => rows.flatMap((row) => values.map((value) => ({ ...row, [factor]: value }))),
    [{} as Choice<F, V>],
  );
}

/** A covering array of strength three, found greedily and always the same. */
export function combinationsOfThree<F extends string, V extends string>(
  factors: readonly F[],
  values: readonly V[],
): Choice<F, V>[] {
  const all = everyCombination(factors, values);
  const open = new Set(all.flatMap((row) => triples(factors, row)));
  const chosen: Choice<F, V>[] = [];
  while (open.size > 0) {
    let best = { row: all[0] as Choice<F, V>, gain: 0 };
    // Every 7th row is as good a sample as all of them.
    for (let index = chosen.length % 7; index < all.length; index += 7) {
      const row = all[index] as Choice<F, V>;
      const gain = triples(factors, row).filter((triple) => open.has(triple)).length;
      if (gain > best.gain) best = { row, gain };
    }
    if (best.gain === 0)
      best.row = all.find((row) => triples(factors, row).some((triple) => open.has(triple))) ?? best.row;
    chosen.push(best.row);
    for (const triple of triples(factors, best.row)) open.delete(triple);
  }
  return chosen;
}

function triples<F extends string, V extends string>(factors: readonly F[], row: Choice<F, V>): string[] {
  return factors.flatMap((a, i) =>
    factors
      .slice(i + 1)
      .flatMap((b, j) => factors.slice(i + j + 2).map((c) => `${a}=${row[a]} ${b}=${row[b]} ${c}=${row[c]}`)),
  );
}
