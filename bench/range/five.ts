import { CHOSEN, DEPTHS } from './contender';

/** One of the five questions of `disjunctive`: its bin, and the conditions but its own and that of the price. */
export interface OneOfFive {
  readonly bin: string;
  readonly where: string;
}

/** The five in SQL. The price lies between `low` and `high` in all: bins of price are of that range. `whole` is how a dialect cuts fractions off. */
export function fiveInSql(low: string, high: string, whole: (value: string) => string): readonly OneOfFive[] {
  const conditions = {
    rating: 'rating >= 3',
    stock: 'stock >= 1',
    popularity: 'popularity >= 1.2',
    category: `category = ${CHOSEN}`,
  };
  const but = (own: string): string =>
    Object.entries(conditions)
      .flatMap(([name, condition]) => (name === own ? [] : [condition]))
      .join(' AND ');
  const among = (bins: number, value: string): string =>
    `CASE WHEN ${value} < ${bins} THEN ${whole(value)} ELSE ${bins - 1} END`;
  // Literals such as 1e0 are double precision in every dialect, and make the rest so.
  return [
    { bin: 'category', where: but('category') },
    { bin: among(DEPTHS, `(price - ${low}) * ${DEPTHS}e0 / (${high} - ${low})`), where: but('price') },
    { bin: among(20, '(rating - 1e0) * 5'), where: but('rating') },
    { bin: among(20, 'stock / 1e1'), where: but('stock') },
    {
      bin: among(20, '(popularity - 1e0) * 20 / 49'),
      where: `popularity BETWEEN 1 AND 50 AND ${but('popularity')}`,
    },
  ];
}
