import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../run';
import type { LineFormat } from './lines';

export const USAGE = `Usage: npm run als -- --train FILE [--test FILE] [options]

  Learns recommendations from a file of interactions and, with --test, measures them. Prints JSON.

  --train FILE              what users did, to learn from
  --test FILE               what they did later: measured, not learnt from
  --format triples|lists    of both files; default: found out from the first lines of --train; refused
                            where a user with two or three numbers on each line may be either
                              triples  user item [weight [time]]   one interaction a line
                              lists    user item item item ...     one user a line, weights 1 (LightGCN)
                            words are divided by spaces, tabs or commas; lines that begin with # are passed over

  --factors N               length of the vectors, 1 to 1024 (64)
  --iterations N            passes over users and items (16)
  --regularization X        lambda (from the data)
  --unobserved-weight X     alpha0, the weight of every pair, seen or not (from the data)
  --nu X                    lambda of a row with n interactions: lambda (n + alpha0 * other side)^nu (1)
  --mode fast|exact         two steps of preconditioned conjugate gradient, or exact solutions (fast)
  --threads N               (as many as there are cores)
  --seed N                  another random beginning (0)
  --loss                    tell the loss after each iteration

  --baselines               measure most-popular and item-item cosine as well
  --save FILE               keep the model, for AlsModel.load
  --help                    print this

  Lines that make no sense are counted, and the first twenty are listed in the report; the rest is used.
  Users are folded in exactly from their history before they are measured, and that history is not recommended.
  "recall" divides by min(k, what the user took), "recallOfAll" by what the user took.`;

export interface AlsCommand {
  readonly train: string;
  readonly test: string | undefined;
  readonly format: LineFormat | undefined;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly loss: boolean;
  readonly baselines: boolean;
  readonly save: string | undefined;
}

const NUMBERS = ['factors', 'iterations', 'regularization', 'unobserved-weight', 'nu', 'threads', 'seed'] as const;

const refuse = (message: string): UsageError => new UsageError(`${message}\n\n${USAGE}`);

/** Undefined for --help. */
export async function readCommand(args: readonly string[]): Promise<AlsCommand | undefined> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    ...{ train: text, test: text, format: text, mode: text, save: text },
    ...{
      factors: text,
      iterations: text,
      regularization: text,
      'unobserved-weight': text,
      nu: text,
      threads: text,
      seed: text,
    },
    ...{ loss: flag, baselines: flag },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return undefined;
  const { train, test, format, mode, save, loss, baselines } = values;
  if (train === undefined) throw refuse('--train is missing');
  for (const file of [train, test]) if (file !== undefined) await checkFile(file);
  if (format !== undefined && format !== 'triples' && format !== 'lists')
    throw refuse(`--format must be triples or lists, not "${format}"`);
  if (mode !== undefined && mode !== 'fast' && mode !== 'exact')
    throw refuse(`--mode must be fast or exact, not "${mode}"`);
  const parameters: Record<string, number | string> = mode === undefined ? {} : { mode };
  for (const name of NUMBERS) {
    const value = values[name];
    if (value === undefined) continue;
    if (value.trim() === '' || !Number.isFinite(Number(value)))
      throw refuse(`--${name} must be a number, not "${value}"`);
    parameters[name === 'unobserved-weight' ? 'unobservedWeight' : name] = Number(value);
  }
  return { train, test, format, parameters, loss, baselines, save };
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'ENOENT' ? `There is no file ${file}` : error.message);
  });
  if (found.isDirectory()) throw new UsageError(`${file} is a folder`);
}
