import autocannon from 'autocannon';

/** What a load generator in a process of its own saw. Latencies in milliseconds. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly requests: number;
  readonly errors: number;
}

/** `kind` says what the values are: names to be typed, paths, or carts as `path token`. */
const [url = '', secondsText = '5', connectionsText = '16', kind = 'names', ...values] = process.argv.slice(2);

/** Each name is typed letter by letter, as a shopper does; connections type different names. */
function keystrokes(name: string): string[] {
  return Array.from(
    { length: Math.min(14, name.length) },
    (_, i) => `/v1/suggestions?q=${encodeURIComponent(name.slice(0, i + 1))}`,
  );
}

async function main(): Promise<void> {
  const paths = kind === 'names' ? values.flatMap(keystrokes) : values;
  const requests = paths.map((value) => {
    const [path = '', token] = kind === 'carts' ? value.split(' ') : [value];
    return { method: 'GET' as const, path, headers: token === undefined ? {} : { 'Cart-Token': token } };
  });
  const connections = Number(connectionsText);
  const samples: number[] = [];
  let client = 0;
  const run = autocannon({
    url,
    connections,
    duration: Number(secondsText),
    setupClient: (one) => {
      const shift = Math.floor((client++ * requests.length) / connections);
      one.setRequests([...requests.slice(shift), ...requests.slice(0, shift)]);
    },
  });
  // Its own histogram counts whole milliseconds: too coarse here.
  run.on('response', (_client, _status, _bytes, milliseconds) => samples.push(milliseconds));
  const result = await run;
  samples.sort((a, b) => a - b);
  const at = (q: number): number => samples[Math.floor(q * samples.length)] ?? Number.NaN;
  const answer: LoadResult = {
    requestsPerSecond: result.requests.average,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    requests: samples.length,
    errors: result.errors + result.timeouts + result.non2xx,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

void main();
