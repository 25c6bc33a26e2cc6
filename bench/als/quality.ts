import { MetricsCounter } from '../../src/core/als/metrics';
import type { Rows, Tables } from './rows';

const LIMIT = 20;

export interface Quality {
  readonly recall: number;
  readonly ndcg: number;
}

/**
 * Recall@20 and NDCG@20 of anybody's vectors: every item scored, those of the training set left out. The same function for all
 * contenders, over at most `most` users spread evenly.
 */
export function qualityOf({ users, items }: Tables, factors: number, train: Rows, test: Rows, most: number): Quality {
  const itemCount = items.length / factors;
  const counter = new MetricsCounter([LIMIT], itemCount);
  const scores = new Float64Array(itemCount);
  const userCount = test.starts.length - 1;
  const step = Math.max(1, Math.floor(userCount / most));
  for (let user = 0; user < userCount; user += step) {
    const taken = new Set(test.columns.subarray(test.starts[user] as number, test.starts[user + 1] as number));
    if (taken.size === 0) continue;
    for (let item = 0; item < itemCount; item++) {
      let score = 0;
      for (let k = 0; k < factors; k++)
        score += (users[user * factors + k] as number) * (items[item * factors + k] as number);
      scores[item] = score;
    }
    for (let e = train.starts[user] as number; e < (train.starts[user + 1] as number); e++)
      scores[train.columns[e] as number] = -Infinity;
    counter.add(best(scores), LIMIT, taken);
  }
  const { recall, ndcg } = counter.result();
  return { recall: recall[LIMIT] as number, ndcg: ndcg[LIMIT] as number };
}

function best(scores: Float64Array): number[] {
  const list: number[] = [];
  let bar = -Infinity;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item] as number;
    if (list.length === LIMIT && score <= bar) continue;
    let at = list.length;
    while (at > 0 && (scores[list[at - 1] as number] as number) < score) at--;
    list.splice(at, 0, item);
    if (list.length > LIMIT) list.pop();
    bar = scores[list.at(-1) as number] as number;
  }
  return list;
}
