import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { makeEvent, pick } from './made-events';

/** What a load generator in a process of its own saw. Latencies in milliseconds, from when a request was due to its answer. */
export interface TrackingLoad {
  readonly seconds: number;
  readonly sent: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly notTaken: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How many answers had which status; `0` counts connections that broke. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** `load.ts <url> <events per second> <events a request> <seconds> <connections>` */
const [url = '', perSecondText = '25000', batchText = '50', secondsText = '60', connectionsText = '32'] =
  process.argv.slice(2);
const [perSecond, batch, seconds] = [perSecondText, batchText, secondsText].map(Number) as [number, number, number];

const VISITORS = 50_000;
const ZERO_ID = '00000000-0000-7000-8000-000000000000';

const visitors = Array.from({ length: VISITORS }, () => randomUUID());

/** A body whose ids are written anew for each request: the generator shares the processor with what it measures. */
interface Template {
  readonly body: Buffer;
  readonly ids: readonly number[];
  readonly visitors: readonly number[];
}

function makeTemplate(): Template {
  const text = JSON.stringify({
    events: Array.from({ length: batch }, (_, n) => makeEvent(n, `evt_${ZERO_ID}`, `vis_${ZERO_ID}`)),
  });
  const places = (prefix: string): number[] =>
    [...text.matchAll(new RegExp(`${prefix}_${ZERO_ID}`, 'g'))].map(({ index }) => index + 4);
  return { body: Buffer.from(text), ids: places('evt'), visitors: places('vis') };
}

const templates = Array.from({ length: 100 }, makeTemplate);
let serial = 0;

function nextBody(): Buffer {
  const { body, ids, visitors: places } = templates[serial % templates.length] as Template;
  const fresh = Buffer.from(body);
  const time = Date.now().toString(16).padStart(12, '0');
  const visitor = pick(visitors);
  ids.forEach((at, n) => {
    fresh.write(`${time.slice(0, 8)}-${time.slice(8)}`, at, 'latin1');
    fresh.write((serial * batch + n).toString(16).padStart(12, '0'), at + 24, 'latin1');
  });
  for (const at of places) fresh.write(visitor, at, 'latin1');
  serial++;
  return fresh;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number(connectionsText) });
const statuses: Record<string, number> = {};
const samples: number[] = [];
const sums = { accepted: 0, duplicates: 0 };

function send(due: number): Promise<void> {
  const body = nextBody();
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  return new Promise((resolve) => {
    const end = (status: number): void => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      resolve();
    };
    const sent = request(`${url}/v1/events:batch`, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        if (answer.statusCode === 200) {
          samples.push(performance.now() - due);
          const result = JSON.parse(text) as typeof sums;
          sums.accepted += result.accepted;
          sums.duplicates += result.duplicates;
        }
        end(answer.statusCode ?? 0);
      });
    });
    sent.on('error', () => end(0));
    sent.end(body);
  });
}

/** An open loop: a request is due when its time has come, whether or not the ones before it are answered. */
async function main(): Promise<void> {
  const requests = Math.round((perSecond * seconds) / batch);
  const every = (1_000 * batch) / perSecond;
  const began = performance.now();
  const running: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      while (running.length < requests && began + running.length * every <= performance.now())
        running.push(send(began + running.length * every));
      if (running.length === requests) {
        clearInterval(timer);
        resolve();
      }
    }, 2);
  });
  await Promise.all(running);
  const took = (performance.now() - began) / 1_000;
  samples.sort((a, b) => a - b);
  const at = (q: number): number => samples[Math.min(samples.length - 1, Math.floor(q * samples.length))] ?? Number.NaN;
  const answer: TrackingLoad = {
    seconds: took,
    sent: requests * batch,
    ...sums,
    notTaken: requests * batch - sums.accepted - sums.duplicates,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    statuses,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
