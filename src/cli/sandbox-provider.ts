import { parseArgs } from 'node:util';
import { newSandboxSecret } from '../sandbox-provider/child';
import { faultsSchema, type Faults } from '../sandbox-provider/faults';
import { SandboxProvider } from '../sandbox-provider/server';
import { runCommand, UsageError } from './run';

const USAGE = `Usage: npm run sandbox-provider -- [--port N] [--webhook URL] [--faults JSON] [--journal FILE]

  --port N       where it listens on 127.0.0.1 (8787)
  --webhook URL  the shop's address for events: http://localhost:3000/v1/webhooks/payments/sandbox
  --faults JSON  what goes wrong, with probabilities: {"seed":1,"timeoutAfter":0.08,"webhooks":{"duplicate":0.3}}
  --journal FILE keeps the books in a file

  EASY11_SANDBOX_SECRET in the environment is the secret that the shop has too; without it a new one is made and printed.`;

function readOptions(args: readonly string[]) {
  const options = {
    port: { type: 'string', default: '8787' },
    webhook: { type: 'string' },
    faults: { type: 'string', default: '{}' },
    journal: { type: 'string' },
    'with-parent': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port must be a number, not "${values.port}"`);
    if (values.webhook !== undefined && !URL.canParse(values.webhook))
      throw new Error(`--webhook must be an address, not "${values.webhook}"`);
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function readFaults(text: string): Faults {
  try {
    return faultsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageError(
      `--faults is not usable: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`,
    );
  }
}

/** `npm run sandbox-provider`: a payment provider to try things out with, faults included, as a process of its own. */
runCommand(async (args) => {
  const values = readOptions(args);
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const given = process.env.EASY11_SANDBOX_SECRET;
  const secret = given || newSandboxSecret();
  const provider = new SandboxProvider({
    port: Number(values.port),
    secret,
    faults: readFaults(values.faults),
    ...(values.journal !== undefined && { journal: values.journal }),
    ...(values.webhook !== undefined && { webhookUrl: values.webhook }),
  });
  // Before anybody is told where it is: who has read that may end it in the next moment.
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    // The parent's end closes the pipe, even when the parent is killed. Ctrl-C is meant for the parent: it says when.
    if (values['with-parent']) {
      process.removeAllListeners('SIGINT').on('SIGINT', () => undefined);
      process.stdin
        .resume()
        .once('end', resolve)
        .once('error', () => resolve());
    }
  });
  const url = await provider.listen();
  if (!given) console.log(`Give the shop EASY11_SANDBOX_URL=${url} EASY11_SANDBOX_SECRET=${secret}`);
  console.log(`Sandbox payment provider: ${url}`);
  await ended;
  process.exit(0); // connections that hang on purpose would keep it alive
});
