import { readFileSync } from 'node:fs';
import autocannon, { type Request } from 'autocannon';

/** What a load generator in a process of its own saw. Latencies in milliseconds, of the requests with a wanted status. */
export interface CheckoutLoad {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How many answers had which status; `0` counts connections that broke. */
  readonly statuses: Readonly<Record<string, number>>;
}

/**
 * `load.ts <url> <connections> <per second, 0 for as fast as it goes> <seconds, 0 for each request once> <file of requests> [evenly]`.
 * autocannon sends what is to be sent in a second at its beginning, in one burst; `evenly` sends each at its own moment.
 */
const [url = '', connectionsText = '16', rate = '0', seconds = '0', file = '', evenly = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const requests = JSON.parse(readFileSync(file, 'utf8')) as Request[];
  const connections = Number(connectionsText);
  const statuses: Record<string, number> = {};
  const samples: number[] = [];
  let client = 0;
  const began = performance.now();
  if (evenly === 'evenly') {
    await sendEvenly(requests, (status, milliseconds) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      samples.push(milliseconds);
    });
    return report(statuses, samples, (performance.now() - began) / 1000);
  }
  // The generator itself ends at the next full second: the rate is that up to the last answer.
  let ended = began;
  const run = autocannon({
    url,
    connections,
    ...(seconds === '0' ? { amount: requests.length } : { duration: Number(seconds) }),
    ...(rate === '0' ? {} : { overallRate: Number(rate) }),
    setupClient: (one) => {
      const mine = client++;
      one.setRequests(requests.filter((_, n) => n % connections === mine));
    },
  });
  run.on('response', (_client, status, _bytes, milliseconds) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    samples.push(milliseconds);
    ended = performance.now();
  });
  const { errors, timeouts } = await run;
  if (errors + timeouts > 0) statuses['0'] = errors + timeouts;
  report(statuses, samples, (ended - began) / 1000);
}

/** Each request once, the same time apart, whether or not those before it are answered. */
async function sendEvenly(
  requests: readonly Request[],
  answered: (status: number, milliseconds: number) => void,
): Promise<void> {
  const began = performance.now();
  const send = async ({ method, path, headers, body }: Request): Promise<void> => {
    const at = performance.now();
    const init = { method: method ?? 'GET', headers: headers as Record<string, string>, body: body as string };
    const status = await fetch(url + path, init).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    answered(status, performance.now() - at);
  };
  const all: Promise<void>[] = [];
  for (const [n, request] of requests.entries()) {
    await new Promise((resolve) => setTimeout(resolve, began + (n * 1000) / Number(rate) - performance.now()));
    all.push(send(request));
  }
  await Promise.all(all);
}

function report(statuses: Record<string, number>, samples: number[], took: number): void {
  samples.sort((a, b) => a - b);
  const at = (q: number): number => samples[Math.min(samples.length - 1, Math.floor(q * samples.length))] ?? Number.NaN;
  const answer: CheckoutLoad = {
    perSecond: samples.length / took,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    statuses,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

void main();
