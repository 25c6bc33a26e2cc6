import { runWorker, table } from '../processes';
import type { LoopDelay } from './delays';
import { EACH } from './generated';
import type { RecommendationsMeasured, Timing } from './worker';

const SECONDS = 20;

/** Answers at a size, in process and over HTTP, beside scoring everything in JavaScript; and what a training does to the event loop. */
export async function benchRecommendations(products: number, customers: number): Promise<string> {
  const measured = await runWorker<RecommendationsMeasured>(
    'bench/recommendations/worker.ts',
    [products, customers, SECONDS].map(String),
  );
  const delays = await runWorker<readonly LoopDelay[]>(
    'bench/recommendations/training.ts',
    [products, customers].map(String),
  );
  const ms = (value: number): string => `${value.toPrecision(3)} ms`;
  const row = ({ name, p50, p95, p99, cpu }: Timing): string[] => [name, ms(p50), ms(p95), ms(p99), ms(cpu)];
  const { http, seconds, bytes, recall } = measured;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const size = (n: number): string => n.toLocaleString('en');
  return [
    `### Recommendations, ${size(products)} products, ${size(customers)} customers`,
    table(
      ['12 items', 'p50', 'p95', 'p99', 'processor an answer'],
      [
        ...measured.inProcess.map(row),
        row({
          ...http,
          name: `over HTTP, the four in turn, 4 connections, ${http.requestsPerSecond.toFixed(0)} a second`,
        }),
        row(measured.scoringAll),
      ],
    ),
    `${http.errors} errors of ${size(http.requests)} requests. Reading the products ${seconds.table.toFixed(1)} s, listing their words ` +
      `${seconds.content.toFixed(1)} s, training on ${size(customers * EACH + products)} interactions ` +
      `${seconds.training.toFixed(1)} s; ${(bytes / 2 ** 30).toFixed(2)} GiB resident at the end.`,
    `Likeness of content: of the 40 products that comparing with every product finds, ${percent(recall.mean)} are found ` +
      `(${recall.products} products asked about, the least ${percent(recall.least)}); what is found is ${percent(recall.likeness)} as alike. ` +
      `What the model says is exact.`,
    `How late the event loop of a shop comes while a model is trained beside it, and the most that it worked between two timers:`,
    table(
      ['a training', 'for', 'p99', 'the longest', 'work'],
      delays.map(({ what, seconds: took, p99, longest, worked }) => [
        ...[what, `${took.toFixed(1)} s`, ms(p99), ms(longest)],
        worked === null ? 'unknown' : ms(worked),
      ]),
    ),
  ].join('\n\n');
}
