/** `npm run chaos`: the long forms of the tests of reliability, with their progress and a report. `--help` lists them. */
import { seconds, type Drill } from './drill';
import { readCommand, Usage, type Wanted } from './drills';

/** Runs one, shows what came of it, and resolves to how many things are not as they must be. */
async function runDrill(drill: Drill, given: ReadonlyMap<string, number>): Promise<number> {
  const option = (name: string): number => given.get(name) ?? drill.options[name] ?? 0;
  const options = Object.keys(drill.options).map((name) => `${name} ${option(name)}`);
  console.log(`\n${drill.sentence}${options.length > 0 ? `\n(${options.join(', ')})` : ''}`);
  const began = performance.now();
  const say = (sentence: string): void =>
    console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${sentence}`);
  const { figures, broken } = await drill.run(option, say).catch((error: unknown) => ({
    figures: {},
    broken: [`it did not come to its end: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
  }));
  console.table({ ...figures, 'not as it must be': broken.length });
  for (const one of broken.slice(0, 50)) console.log(`BROKEN ${one}`);
  return broken.length;
}

async function main({ drills, options }: Wanted): Promise<number> {
  const ends: Record<string, { broken: number; took: string }> = {};
  for (const drill of drills) {
    const began = performance.now();
    const broken = await runDrill(drill, options);
    ends[drill.name] = { broken, took: seconds(performance.now() - began) };
  }
  if (drills.length > 1) console.table(ends);
  return Object.values(ends).every(({ broken }) => broken === 0) ? 0 : 1;
}

function read(): Wanted {
  try {
    return readCommand(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    console.log(error.message);
    process.exit(process.argv.includes('--help') ? 0 : 2);
  }
}

// What is waited for belongs to other processes, and does not keep this one alive.
setInterval(() => undefined, 60_000);
main(read()).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
