import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { createTestDatabase } from '../../support/database';
import { Model, NAMES, type Line, type Match, type Token } from './model';
import { openStage, Real, type Ending, type Stage } from './stage';

type Command =
  | { readonly do: 'create'; readonly lines: readonly Line[] }
  | { readonly do: 'add' | 'change' | 'remove'; readonly cart: number; readonly match: Match; readonly line: Line }
  | { readonly do: 'merge'; readonly cart: number; readonly from: number }
  | { readonly do: 'expire'; readonly what: 'carts' | 'quotes'; readonly which: number }
  | { readonly do: 'quote'; readonly cart: number }
  | { readonly do: 'checkout'; readonly quote: number; readonly token: Token }
  | { readonly do: 'cancel' | 'dispatch'; readonly order: number }
  | { readonly do: 'refund'; readonly order: number; readonly amount: number }
  | { readonly do: 'work'; readonly order: number; readonly end: Ending };

/** Whom a command means: 0 is the youngest. There may be fewer than it says. */
const which = fc.nat(2);
const line: fc.Arbitrary<Line> = fc.record({
  good: fc.constantFrom(...NAMES),
  quantity: fc.integer({ min: 1, max: 3 }),
});
const create = fc.record({ do: fc.constant('create' as const), lines: fc.array(line, { maxLength: 3 }) });
const checkout = fc.record({
  do: fc.constant('checkout' as const),
  quote: which,
  token: fc.constantFrom('tok_success', 'tok_success', 'tok_declined', 'tok_refund_fails'),
});
const weighted = (weight: number, arbitrary: fc.Arbitrary<Command>): fc.WeightedArbitrary<Command> => ({
  weight,
  arbitrary,
});
const command: fc.Arbitrary<Command> = fc.oneof(
  weighted(1, create),
  weighted(
    4,
    fc.record({
      do: fc.constantFrom('add', 'change', 'remove'),
      cart: which,
      match: fc.constantFrom('current', 'current', 'stale'),
      line,
    }),
  ),
  weighted(1, fc.record({ do: fc.constant('add'), cart: which, match: fc.constant('none'), line })),
  weighted(2, fc.record({ do: fc.constant('merge'), cart: which, from: which })),
  weighted(1, fc.record({ do: fc.constant('expire'), what: fc.constantFrom('carts', 'quotes'), which })),
  weighted(3, fc.record({ do: fc.constant('quote'), cart: which })),
  weighted(2, checkout),
  weighted(3, fc.record({ do: fc.constantFrom('cancel', 'dispatch'), order: which })),
  weighted(3, fc.record({ do: fc.constant('refund'), order: which, amount: fc.integer({ min: 1, max: 3_000 }) })),
  weighted(
    8,
    fc.record({
      do: fc.constant('work'),
      order: which,
      end: fc.constantFrom('well', 'through', 'through', 'through', 'dies', 'late'),
    }),
  ),
);
const work: Command = { do: 'work', order: 0, end: 'through' };
/** What becomes of an order when nothing comes between. */
const WAY: readonly Command[] = [work, work, { do: 'dispatch', order: 0 }, work];
/** Every history begins with somebody who buys something, and an order that comes some part of its way; the rest is anything. */
const history: fc.Arbitrary<Command[]> = fc
  .tuple(
    fc.array(create, { maxLength: 1 }),
    line,
    checkout,
    fc.constantFrom(0, 1, 2, 3, 4, 4),
    fc.array(command, { minLength: 1, maxLength: 10, size: 'max' }),
  )
  .map(([other, first, bought, come, rest]) => [
    ...other,
    { do: 'create', lines: [first] },
    { do: 'quote', cart: 0 },
    { ...bought, quote: 0 },
    ...WAY.slice(0, come),
    ...rest,
  ]);

/** Like expect(real).toEqual(model), which costs more than a step of a history, only when they differ. */
function agree(real: unknown, model: unknown): void {
  if (!isDeepStrictEqual(real, model)) expect(real).toEqual(model);
}

/** The real index of whom a command means; undefined when there is none. */
const find = (all: readonly unknown[], back: number): number | undefined =>
  all.length === 0 ? undefined : all.length - 1 - (back % all.length);

async function run(one: Command, model: Model, real: Real): Promise<void> {
  switch (one.do) {
    case 'create':
      return agree(await real.createCart(one.lines), [model.createCart(one.lines), model.cart(model.carts.length - 1)]);
    case 'add':
    case 'change':
    case 'remove':
    case 'merge':
      return onCart(one, model, real);
    case 'expire': {
      const index = find(model[one.what], one.which);
      if (index === undefined) return;
      await real.expire(one.what, index);
      return model.expire(one.what, index);
    }
    case 'quote': {
      const cart = find(model.carts, one.cart);
      return cart === undefined ? undefined : agree(await real.quote(cart), model.quote(cart));
    }
    case 'checkout': {
      const quote = find(model.quotes, one.quote);
      if (quote === undefined) return;
      const outcome = model.checkout(quote, one.token);
      agree(await real.checkout(quote, one.token), outcome);
      return outcome === 'ok' ? look(model, real) : undefined;
    }
    case 'cancel':
    case 'dispatch':
    case 'refund':
    case 'work':
      return onOrder(one, model, real);
  }
}

async function onCart(
  one: Extract<Command, { do: 'add' | 'change' | 'remove' | 'merge' }>,
  model: Model,
  real: Real,
): Promise<void> {
  const cart = find(model.carts, one.cart) ?? 0;
  const [outcome, shown] =
    one.do === 'merge'
      ? [model.merge(cart, find(model.carts, one.from) ?? 0), await real.merge(cart, find(model.carts, one.from) ?? 0)]
      : [model[one.do](cart, one.match, one.line), await real[one.do](cart, one.match, one.line)];
  agree(shown, outcome === 'ok' ? [outcome, model.cart(cart)] : [outcome]);
}

async function onOrder(one: Extract<Command, { readonly order: number }>, model: Model, real: Real): Promise<void> {
  const order = find(model.orders, one.order);
  if (order === undefined) return;
  if (one.do === 'work') {
    const worked = await real.work(order, one.end);
    // Where the worker dies or comes too late, nothing has happened that anybody may see.
    if (one.end === 'well' || one.end === 'through') agree(worked, model.work(order, one.end === 'through'));
    return worked ? look(model, real) : undefined;
  }
  const outcome = one.do === 'refund' ? model.refund(order, one.amount) : model[one.do](order);
  agree(one.do === 'refund' ? await real.refund(order, one.amount) : await real[one.do](order), outcome);
  return outcome === 'ok' ? look(model, real) : undefined;
}

/** After what was refused nobody looks: whatever it has changed all the same is seen at the next look, or at the end. */
const look = async (model: Model, real: Real): Promise<void> => agree(await real.shown(), model.shown);

async function play(real: Real, commands: readonly Command[]): Promise<void> {
  const model = new Model();
  for (const one of commands) await run(one, model, real);
  // In the end everything comes to rest, and the provider has exactly what the model says.
  for (const index of real.orders.keys()) {
    while (await real.work(index, 'through')) agree(true, model.work(index, true));
    agree(false, model.work(index, true));
  }
  await look(model, real);
  agree(
    model.orders.map((_, index) => real.net(index)),
    model.orders.map((_, index) => model.net(index)),
  );
}

/**
 * What PostgreSQL spends on planning anew what it has planned before, and on waiting for the disk, tests nothing here: that nothing
 * is lost in a crash is another test's.
 */
const SESSION = {
  plan_cache_mode: 'force_generic_plan',
  ...{ enable_seqscan: 'off', jit: 'off' },
  synchronous_commit: 'off',
};

/** Histories beside each other: the database works on one while another is thought about. */
const LANES = 4;
/** After so many the database is another: the checks at the end look at all that is in it. */
const CHUNK = 2_500;

/**
 * Plays so many random histories against the model, and then holds everything that must be true against the database and the
 * provider's books. The same seed plays the same histories; a failure says how it alone is played again.
 */
export async function playHistories(count: number, seed: number): Promise<void> {
  for (let played = 0; played < count; played += CHUNK) {
    const left = Math.min(CHUNK, count - played);
    await onStage(async (stage) => {
      const lanes = Array.from({ length: Math.min(LANES, left) }, (_, lane) =>
        // A lane of a chunk has a seed of its own.
        playLane(stage, { numRuns: Math.ceil((left - lane) / LANES), seed: seed * 1_000_003 + played + lane }),
      );
      const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
      if (failed) throw failed.reason;
    });
  }
}

/** Plays the one history that a failure has named: the seed of its lane, and fast-check's path to it. */
export async function replayHistory(name: string): Promise<void> {
  const [seed, path = ''] = name.split('/');
  await onStage((stage) => playLane(stage, { numRuns: 1, seed: Number(seed), path, endOnFailure: true }));
}

async function onStage(act: (stage: Stage) => Promise<void>): Promise<void> {
  const { database, drop } = await createTestDatabase(SESSION);
  try {
    const stage = await openStage(database);
    await act(stage);
    const broken = await stage.broken();
    expect(
      broken.map((one) => `${one}: ${stage.played.get(/ord_[\w-]+|\d+-[a-z]+$/.exec(one)?.[0] ?? '') ?? ''}`),
    ).toEqual([]);
  } finally {
    await drop();
  }
}

async function playLane(
  stage: Stage,
  parameters: fc.Parameters<[Command[]]> & { readonly seed: number },
): Promise<void> {
  let played = 0;
  const property = fc.asyncProperty(history, async (commands) => {
    const real = new Real(stage, await stage.goods());
    const how = howToReplay(parameters.seed, parameters.path ?? String(played++));
    await play(real, commands);
    for (const id of real.names) stage.played.set(id, how);
  });
  const details = await fc.check(property, parameters);
  if (!details.failed) return;
  const { seed, counterexamplePath, errorInstance } = details;
  const words = `${howToReplay(seed, String(counterexamplePath))}\n\n${fc.defaultReportMessage(details)}`;
  throw new Error(words, { cause: errorInstance });
}

const howToReplay = (seed: number, path: string): string =>
  `play it again with EASY11_MODEL_REPLAY=${seed}/${path} npx jest --selectProjects=platform --testPathPatterns=orders/model`;
