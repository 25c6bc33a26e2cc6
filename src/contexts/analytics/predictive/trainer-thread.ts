import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Engine, quoted } from '../duckdb';
import type { Kind } from '../store/models';
import { learnChurn, learnClv, learnForecast, type Facts, type Teacher } from './learning';
import { loadMstl } from './mstl';
import type { LessonMessage, Lessons } from './trainer';

/** The thread that models are learnt in: reads what was bought from Parquet, and tells what it learnt. */

const MEMORY_MB = 512;
/** The other side writes so many at a time, and answers requests in between. */
const SCORES_AT_ONCE = 2_000;

const tell = (message: LessonMessage): void => parentPort?.postMessage(message);

async function readFacts({ purchases, revenue, spill }: Lessons): Promise<Facts> {
  const engine = await Engine.open({ file: ':memory:', memoryMb: MEMORY_MB, threads: 1, spill });
  try {
    const rows = await engine.rows<{ customer: string; day: number; amount: number }>(
      `select customer, day, amount from read_parquet(${quoted(purchases)}) order by customer, day`,
    );
    const customers: string[] = [];
    const customer = Uint32Array.from(rows, ({ customer: name }) => {
      if (customers.at(-1) !== name) customers.push(name);
      return customers.length - 1;
    });
    const days = await engine.rows<{ day: number; amount: number }>(
      `select day, amount from read_parquet(${quoted(revenue)}) order by day`,
    );
    return {
      purchases: {
        customers,
        customer,
        day: Int32Array.from(rows, ({ day }) => day),
        amount: Float64Array.from(rows, ({ amount }) => amount),
      },
      revenue: days,
    };
  } finally {
    engine.close();
  }
}

async function main(): Promise<void> {
  // On Linux a priority is a thread's own: everything else of this process comes first.
  if (process.platform === 'linux') os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  const lessons = workerData as Lessons;
  const facts = await readFacts(lessons);
  const teachers: readonly (readonly [Kind, Teacher])[] = [
    ['clv', learnClv],
    ['churn', learnChurn],
    ['forecast', learnForecast(await loadMstl())],
  ];
  for (const [kind, teach] of teachers) {
    const lesson = teach(facts, lessons.options, (share) =>
      tell({ progress: `${kind}: ${Math.round(share * 100)} %` }),
    );
    if ('missing' in lesson) {
      tell({ kind, missing: lesson.missing });
      continue;
    }
    const { scores, ...learnt } = lesson.learnt;
    tell({ kind, learnt });
    for (let from = 0; from < scores.length; from += SCORES_AT_ONCE)
      tell({ kind, scores: scores.slice(from, from + SCORES_AT_ONCE) });
  }
}

void main();
