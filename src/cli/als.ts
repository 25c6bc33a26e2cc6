import { AlsModel, type AlsProgress, baselineMetrics, Easy11Error, type FitOptions, type Interaction } from '../core';
import { detectFormat, LineReader } from './als/lines';
import { readCommand, USAGE } from './als/options';
import { abortOnSignal, progressLine } from './progress';
import { runCommand, UsageError } from './run';

const AT = [10, 20, 50, 100];
/** Progress on standard error where it is no terminal: a line each so many milliseconds. */
const LINE_EVERY = 5_000;

/** Wall and CPU seconds of the training alone, by the reports of its beginning and end. */
class Stopwatch {
  #from: { readonly wall: number; readonly cpu: NodeJS.CpuUsage } | undefined;
  seconds = 0;
  cpuSeconds = 0;

  note({ phase, done, total }: AlsProgress): void {
    if (phase === 'building') this.#from = { wall: performance.now(), cpu: process.cpuUsage() };
    if (phase !== 'training' || done !== total || !this.#from) return;
    const { user, system } = process.cpuUsage(this.#from.cpu);
    this.seconds = (performance.now() - this.#from.wall) / 1000;
    this.cpuSeconds = (user + system) / 1e6;
  }
}

function progressTeller(): { tell(progress: AlsProgress): void; clear(): void } {
  const line = progressLine();
  let toldAt = performance.now();
  return {
    tell({ phase, done, total }) {
      const sentence = `${phase} ${done.toLocaleString('en-GB')}${total === undefined ? '' : ` of ${total.toLocaleString('en-GB')}`}`;
      line.show(sentence);
      if (process.stderr.isTTY || performance.now() - toldAt < LINE_EVERY) return;
      toldAt = performance.now();
      process.stderr.write(`${sentence}\n`);
    },
    clear: () => line.clear(),
  };
}

/** `npm run als`: learns from a file, measures on another, prints JSON. */
runCommand(async (args) => {
  const command = await readCommand(args);
  if (!command) {
    console.log(USAGE);
    return 0;
  }
  const signal = abortOnSignal();
  const format = command.format ?? (await detectFormat(command.train));
  if (format === undefined)
    throw new UsageError(
      `${command.train} has a user and two or three numbers on each line, and no user twice: items, or an item with its weight and time? Say --format lists or --format triples`,
    );
  const reader = new LineReader(format);
  const watch = new Stopwatch();
  const progress = progressTeller();
  const options: FitOptions = {
    ...command.parameters,
    trackLoss: command.loss,
    signal,
    onProgress: (now) => {
      watch.note(now);
      progress.tell(now);
    },
  };
  try {
    const began = performance.now();
    using model = await AlsModel.fit(reader.read(command.train), options);
    const totalSeconds = (performance.now() - began) / 1000;
    const { parameters, losses, ...sizes } = model.stats();
    const iterations = Math.max(1, parameters.iterations);
    const measured: Record<string, unknown> = {};
    if (command.test !== undefined) {
      const test: Interaction[] = [];
      for await (const one of reader.read(command.test)) test.push(one);
      measured['als'] = await model.evaluate(test, { at: AT, signal });
      if (command.baselines)
        Object.assign(
          measured,
          await baselineMetrics(new LineReader(format).read(command.train), test, { at: AT, signal }),
        );
    }
    if (command.save !== undefined) await model.save(command.save, { signal });
    progress.clear();
    const report = {
      ...{ format, ...sizes, parameters },
      secondsPerIteration: watch.seconds / iterations,
      cpuSecondsPerIteration: watch.cpuSeconds / iterations,
      totalSeconds,
      ...(command.loss ? { losses } : {}),
      metrics: measured,
      wrongLines: { count: reader.wrong, first: reader.listed },
    };
    console.log(JSON.stringify(report, null, 2));
    return 0;
  } catch (error) {
    progress.clear();
    if (signal.aborted) return 130;
    if (error instanceof Easy11Error) throw new UsageError(`${error.code}: ${error.message}`, { cause: error });
    throw error;
  }
});
