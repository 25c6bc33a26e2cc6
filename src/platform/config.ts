import { z } from 'zod';

/**
 * Every setting of the application, once: its name in the environment, what is acceptable, its default and one sentence.
 * An empty string counts as not set. The sentences are printed by `npm run doctor`.
 */
const wholeNumber = (least: number, most: number): z.ZodType<number, string | number> =>
  z
    .union([z.string(), z.number()], { error: `must be a whole number from ${least} to ${most}` })
    .refine((value) => /^\d{1,15}$/.test(String(value)) && Number(value) >= least && Number(value) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);

const address = (protocols: readonly string[], example: string): z.ZodType<string> =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be an address like ${example}`,
  });

/** Of it the two caches of answers get seven sixteenths each: the largest answer must fit into one. */
const LEAST_CACHE = 2_097_152;

const SECRET = { secret: true } as const;

const schema = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], { error: 'must be development, test or production' })
    .default('development')
    .describe('How careful to be: production refuses every default that is only meant for trying things out.'),
  PORT: wholeNumber(0, 65_535).default(3000).describe('The TCP port of the HTTP server; 0 takes any free one.'),
  HOST: z.string().optional().describe('The address to listen on: by default 127.0.0.1, and 0.0.0.0 in production.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info')
    .describe('The least severe lines that the log shows.'),
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgresql://user:password@host:5432/database')
    .optional()
    .describe('The PostgreSQL to use; without it a real PostgreSQL is started in EASY11_DATA_DIR. Production needs it.')
    .meta(SECRET),
  REDIS_URL: address(['redis:', 'rediss:'], 'redis://host:6379')
    .optional()
    .describe(
      'The Redis whose streams carry events to other systems, and those of visitors to PostgreSQL; without it PostgreSQL has them alone. It may fail.',
    )
    .meta(SECRET),
  EASY11_REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error: 'must be up to 64 of a-z, 0-9, - and _' })
    .default('easy11')
    .describe('What names in Redis begin with: shops that share a Redis must differ in it.'),
  EASY11_REDIS_STREAM_LENGTH: wholeNumber(1_000, 10_000_000)
    .default(50_000)
    .describe(
      'How many events each of the eight streams in Redis keeps, at least; older ones stay in PostgreSQL alone.',
    ),
  EASY11_KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, { error: 'must be host:port, several with a comma between them' })
    .transform((text) => text.split(','))
    .optional()
    .describe(
      'Brokers of the Kafka that events are sent to, besides Redis or instead of it: host:port,host:port. It may fail.',
    ),
  EASY11_KAFKA_TOPIC: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, { error: 'must be the name of a topic' })
    .default('easy11.events')
    .describe('The topic for events. It must be there, with eight partitions.'),
  EASY11_DATA_DIR: z
    .string()
    .default('.easy11')
    .describe('The folder for what this machine keeps: the embedded database and snapshots of the index.'),
  EASY11_BACKEND: z
    .enum(['auto', 'native', 'fallback'], { error: 'must be auto, native or fallback' })
    .default('auto')
    .describe('Which engine runs: the compiled one, the TypeScript one, or the compiled one where it loads.'),
  EASY11_ADDON_PATH: z
    .string()
    .optional()
    .describe('The file of the compiled engine, instead of looking for it in the usual places.'),
  EASY11_ADMIN_TOKEN: z
    .string()
    .regex(/^\S{16,}$/, { error: 'must be 16 or more characters without a space; `openssl rand -hex 24` makes one' })
    .optional()
    .describe('The bearer token of the admin interface; without it nobody is let in there.')
    .meta(SECRET),
  EASY11_CART_SECRET: z
    .string()
    .regex(/^\S{32,}$/, { error: 'must be 32 or more characters without a space; `openssl rand -hex 32` makes one' })
    .optional()
    .describe(
      'Signs the tokens of carts; several processes need the same. Without it one is made and kept in EASY11_DATA_DIR.',
    )
    .meta(SECRET),
  EASY11_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'must be a currency code of ISO 4217 such as GBP' })
    .default('GBP')
    .describe('The currency of prices that do not name one.'),
  EASY11_DEMO_PRODUCTS: wholeNumber(0, 10_000_000)
    .default(5000)
    .describe('How many demonstration products an empty catalogue gets at the first start; 0 leaves it empty.'),
  EASY11_PAYMENTS: z
    .enum(['sandbox', 'stripe', 'off'], { error: 'must be sandbox, stripe or off' })
    .optional()
    .describe('Who takes the money: by default a sandbox that this process starts itself, and off in production.'),
  EASY11_SANDBOX_URL: address(['http:', 'https:'], 'http://127.0.0.1:8787')
    .optional()
    .describe('A sandbox payment provider that runs already (`npm run sandbox-provider`), instead of one of our own.'),
  EASY11_SANDBOX_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, { error: 'must be whsec_ and 24 or more bytes in base64' })
    .optional()
    .describe('The secret that the shop and the sandbox payment provider of EASY11_SANDBOX_URL share.')
    .meta(SECRET),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_\S+$/, { error: 'must begin with sk_ or rk_' })
    .optional()
    .describe("Stripe's secret key, for EASY11_PAYMENTS=stripe.")
    .meta(SECRET),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\S+$/, { error: 'must begin with whsec_' })
    .optional()
    .describe('The signing secret of the endpoint that Stripe calls, for EASY11_PAYMENTS=stripe.')
    .meta(SECRET),
  EASY11_STRIPE_URL: address(['http:', 'https:'], 'http://localhost:12111')
    .optional()
    .describe("Where Stripe's API is, if not at Stripe: a stand-in of it, for tests."),
  EASY11_DATABASE_POOL: wholeNumber(1, 1000)
    .default(10)
    .describe(
      'The most connections of the pool of this process to the database; up to three more listen for changes and write events of visitors.',
    ),
  EASY11_CACHE_BYTES: wholeNumber(0, 1_099_511_627_776)
    .refine((bytes) => bytes === 0 || bytes >= LEAST_CACHE, { error: `must be 0 or at least ${LEAST_CACHE}` })
    .default(67_108_864)
    .describe(
      'Memory for rendered suggestions, results and products that are asked for again, and for carts, in bytes; 0 keeps none.',
    ),
  EASY11_RATE_LIMIT: wholeNumber(0, 1_000_000)
    .optional()
    .describe(
      'Requests per second that one client may sustain, with bursts of ten times that; 0 sets no limit. By default none, and 100 in production.',
    ),
  EASY11_EVENT_QUEUE: wholeNumber(500, 10_000_000)
    .default(20_000)
    .describe('How many events of visitors may wait for the database; whoever sends more is told to come back.'),
  EASY11_EVENT_STREAM: z
    .enum(['auto', 'on', 'off'], { error: 'must be auto, on or off' })
    .default('auto')
    .describe(
      'Whether events of visitors wait in a Redis stream for the database: auto, where REDIS_URL names a Redis that writes an append-only file; on, in any Redis.',
    ),
  EASY11_EVENT_RETENTION_DAYS: wholeNumber(3, 3_650)
    .default(30)
    .describe('After how many days the events and sessions of visitors are dropped.'),
  EASY11_ANALYTICS: z
    .enum(['on', 'off'], { error: 'must be on or off' })
    .default('on')
    .describe(
      'Whether events and orders go into the archive and its models are built; the same in all processes of a shop.',
    ),
  EASY11_ANALYTICS_DIR: z
    .string()
    .optional()
    .describe('The folder of the archive and of what is made of it; by default `analytics` in EASY11_DATA_DIR.'),
  EASY11_ANALYTICS_MINUTES: wholeNumber(0, 43_200)
    .default(60)
    .describe('How many minutes after a run of analytics the next one begins; 0: only when somebody asks for one.'),
  EASY11_ANALYTICS_MEMORY_MB: wholeNumber(256, 1_048_576)
    .default(1_024)
    .describe(
      'The most memory that DuckDB takes in the process of analytics, in megabytes; what is beyond goes to the disk.',
    ),
  EASY11_ANALYTICS_THREADS: wholeNumber(1, 256)
    .default(2)
    .describe('The threads that DuckDB works with in the process of analytics, at a low priority.'),
  EASY11_TRAINING_HOURS: wholeNumber(0, 8_760)
    .default(24)
    .describe(
      'How many hours after a training of the predictive models new marts bring the next; 0: only when somebody asks.',
    ),
  EASY11_POPULARITY_HALF_LIFE_DAYS: wholeNumber(1, 3_650)
    .default(14)
    .describe('After how many days a click says half as much about the popularity of a product.'),
  EASY11_RECOMMENDATIONS_TRAINING_HOURS: wholeNumber(0, 8_760)
    .default(24)
    .describe('Hours between two trainings of the model of recommendations; 0 trains only when asked.'),
  EASY11_RECOMMENDATIONS_CACHE_BYTES: wholeNumber(LEAST_CACHE, 1_099_511_627_776)
    .default(33_554_432)
    .describe('Memory for histories of visitors and for what is alike among products, in bytes.'),
  EASY11_TRUSTED_PROXIES: wholeNumber(0, 10)
    .default(0)
    .describe('How many proxies of yours stand in front: a client is then known by X-Forwarded-For.'),
  EASY11_SHED_DELAY: wholeNumber(0, 60_000)
    .default(100)
    .describe('The delay of the event loop, in milliseconds, from which requests are shed; 0 sheds nothing.'),
});

type Decided = { HOST: string; EASY11_RATE_LIMIT: number; EASY11_PAYMENTS: 'sandbox' | 'stripe' | 'off' };
export type Settings = Readonly<z.output<typeof schema> & Decided>;
export type SettingName = keyof Settings;

/** One thing wrong with one setting. `problem` says what is acceptable and never repeats a secret. */
export interface WrongSetting {
  readonly setting: string;
  readonly problem: string;
}

/** The settings cannot be used. The message names every wrong one and says what would be acceptable. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly wrong: readonly WrongSetting[];

  constructor(wrong: readonly WrongSetting[]) {
    super(wrong.map(({ setting, problem }) => `${setting} ${problem}`).join('\n'));
    this.wrong = wrong;
  }
}

/** A setting as documentation: for `doctor` and for the guides. */
export interface SettingDescription {
  readonly name: SettingName;
  readonly sentence: string;
  readonly secret: boolean;
}

/** Every setting with its sentence, in the order of declaration. */
export function describeSettings(): readonly SettingDescription[] {
  return Object.entries(schema.shape).map(([name, setting]) => ({
    name: name as SettingName,
    sentence: setting.description ?? '',
    secret: setting.meta()?.secret === true,
  }));
}

/** Reads the settings from the environment. Throws SettingsError naming every setting that is wrong. */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name]?.trim();
    if (value) given[name] = value;
  }
  const read = schema.safeParse(given);
  const production = given.NODE_ENV === 'production';
  const wrong = read.success
    ? []
    : read.error.issues.map((issue) => explain(String(issue.path[0]), issue.message, given));
  if (production && given.DATABASE_URL === undefined) {
    const problem =
      'must be set when NODE_ENV is production: the embedded PostgreSQL is for trying things out. ' +
      'Give an address like postgresql://user:password@host:5432/database';
    wrong.push({ setting: 'DATABASE_URL', problem });
  }
  if (given.EASY11_EVENT_STREAM === 'on' && given.REDIS_URL === undefined) {
    const problem = 'must be set when EASY11_EVENT_STREAM is on: the stream is in that Redis';
    wrong.push({ setting: 'REDIS_URL', problem });
  }
  wrong.push(...missingForPayments(given, production));
  if (!read.success || wrong.length > 0) throw new SettingsError(wrong);
  return {
    ...read.data,
    HOST: read.data.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    EASY11_RATE_LIMIT: read.data.EASY11_RATE_LIMIT ?? (production ? 100 : 0),
    EASY11_PAYMENTS: read.data.EASY11_PAYMENTS ?? (production ? 'off' : 'sandbox'),
  };
}

/** What the chosen payment provider cannot do without. */
function missingForPayments(given: Readonly<Record<string, string>>, production: boolean): WrongSetting[] {
  const lacks = (setting: string, when: string): WrongSetting[] =>
    given[setting] === undefined ? [{ setting, problem: `must be set when ${when}` }] : [];
  if (given.EASY11_PAYMENTS === 'stripe')
    return ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'].flatMap((name) => lacks(name, 'EASY11_PAYMENTS is stripe'));
  if (given.EASY11_SANDBOX_URL !== undefined) return lacks('EASY11_SANDBOX_SECRET', 'EASY11_SANDBOX_URL is');
  if (given.EASY11_PAYMENTS === 'sandbox' && production)
    return lacks('EASY11_SANDBOX_URL', 'EASY11_PAYMENTS is sandbox in production: no sandbox is started there');
  return [];
}

function explain(setting: string, message: string, given: Readonly<Record<string, string>>): WrongSetting {
  const secret = describeSettings().some(({ name, secret: hidden }) => hidden && name === setting);
  return { setting, problem: secret ? message : `${message}, not "${given[setting]}"` };
}

/** A setting as it may be shown: secrets lose everything but the fact that they are set, addresses their password. */
export function showSetting(settings: Settings, name: SettingName): string {
  const value = settings[name];
  if (value === undefined) return '(not set)';
  if (name === 'DATABASE_URL' || name === 'REDIS_URL') return withoutPassword(String(value));
  return describeSettings().some((setting) => setting.name === name && setting.secret) ? '(set)' : String(value);
}

/** An address without its password and query (which may carry one too), fit for a log. */
export function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  shown.search = '';
  return shown.toString();
}

/** Names in the environment that begin like ours and are no setting: most likely slips of the pen. */
export function unknownSettings(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return Object.keys(env).filter((name) => name.startsWith('EASY11_') && !(name in schema.shape));
}
