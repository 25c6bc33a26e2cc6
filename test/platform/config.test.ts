import {
  describeSettings,
  loadSettings,
  SettingsError,
  showSetting,
  unknownSettings,
  withoutPassword,
} from '../../src/platform/config';
import { createLog } from '../../src/platform/log';

const wrongIn = (env: NodeJS.ProcessEnv): SettingsError => {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
};

describe('settings', () => {
  it('all have a default or may be left out', () => {
    expect(loadSettings({})).toEqual({
      NODE_ENV: 'development',
      PORT: 3000,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      EASY11_DATA_DIR: '.easy11',
      EASY11_BACKEND: 'auto',
      EASY11_CURRENCY: 'GBP',
      EASY11_DEMO_PRODUCTS: 5000,
      EASY11_PAYMENTS: 'sandbox',
      EASY11_DATABASE_POOL: 10,
      EASY11_CACHE_BYTES: 67_108_864,
      EASY11_RATE_LIMIT: 0,
      EASY11_EVENT_QUEUE: 20_000,
      EASY11_EVENT_STREAM: 'auto',
      EASY11_EVENT_RETENTION_DAYS: 30,
      EASY11_ANALYTICS: 'on',
      EASY11_ANALYTICS_MINUTES: 60,
      EASY11_ANALYTICS_MEMORY_MB: 1_024,
      EASY11_ANALYTICS_THREADS: 2,
      EASY11_TRAINING_HOURS: 24,
      EASY11_KAFKA_TOPIC: 'easy11.events',
      EASY11_POPULARITY_HALF_LIFE_DAYS: 14,
      EASY11_RECOMMENDATIONS_TRAINING_HOURS: 24,
      EASY11_RECOMMENDATIONS_CACHE_BYTES: 33_554_432,
      EASY11_TRUSTED_PROXIES: 0,
      EASY11_REDIS_PREFIX: 'easy11',
      EASY11_REDIS_STREAM_LENGTH: 50_000,
      EASY11_SHED_DELAY: 100,
    });
  });

  it('count as not set when they are empty or blank', () => {
    expect(loadSettings({ PORT: '', DATABASE_URL: '  ', EASY11_CURRENCY: '' })).toEqual(loadSettings({}));
  });

  it('are read from text', () => {
    const settings = loadSettings({ PORT: ' 8080 ', EASY11_DEMO_PRODUCTS: '0', HOST: '::1', NODE_ENV: 'test' });
    expect(settings).toMatchObject({ PORT: 8080, EASY11_DEMO_PRODUCTS: 0, HOST: '::1', NODE_ENV: 'test' });
  });

  it.each([
    ['PORT', 'abc', 'PORT must be a whole number from 0 to 65535, not "abc"'],
    ['PORT', '65536', 'PORT must be a whole number from 0 to 65535, not "65536"'],
    ['PORT', '1e3', 'PORT must be a whole number from 0 to 65535, not "1e3"'],
    ['PORT', '-1', 'PORT must be a whole number from 0 to 65535, not "-1"'],
    ['NODE_ENV', 'prod', 'NODE_ENV must be development, test or production, not "prod"'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent, not "loud"'],
    ['EASY11_BACKEND', 'rust', 'EASY11_BACKEND must be auto, native or fallback, not "rust"'],
    ['EASY11_CURRENCY', 'pounds', 'EASY11_CURRENCY must be a currency code of ISO 4217 such as GBP, not "pounds"'],
    ['EASY11_DATABASE_POOL', '0', 'EASY11_DATABASE_POOL must be a whole number from 1 to 1000, not "0"'],
    ['EASY11_CACHE_BYTES', '1000', 'EASY11_CACHE_BYTES must be 0 or at least 2097152, not "1000"'],
    ['EASY11_DEMO_PRODUCTS', '2.5', 'EASY11_DEMO_PRODUCTS must be a whole number from 0 to 10000000, not "2.5"'],
  ])('%s=%s is refused by name, with what is acceptable', (name, value, message) => {
    expect(wrongIn({ [name]: value }).message).toBe(message);
  });

  it.each(['DATABASE_URL', 'REDIS_URL', 'EASY11_ADMIN_TOKEN', 'EASY11_CART_SECRET'])(
    '%s is refused without repeating the secret',
    (name) => {
      const { message } = wrongIn({ [name]: 'hunter2' });
      expect(message).toMatch(new RegExp(`^${name} must `));
      expect(message).not.toContain('hunter2');
    },
  );

  it('are all checked before the first error is thrown', () => {
    const { wrong } = wrongIn({ PORT: 'x', EASY11_BACKEND: 'y', NODE_ENV: 'production' });
    expect(wrong.map(({ setting }) => setting)).toEqual(['PORT', 'EASY11_BACKEND', 'DATABASE_URL']);
  });

  it('take a database address of either spelling', () => {
    for (const url of ['postgres://a:b@c/d', 'postgresql://a@c:1/d?sslmode=require']) {
      expect(loadSettings({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
    }
    expect(wrongIn({ DATABASE_URL: 'mysql://a@b/c' }).message).toMatch(/must be an address like postgresql:/);
  });

  it('refuse production without a database of its own, and listen to everyone there', () => {
    expect(wrongIn({ NODE_ENV: 'production' }).message).toMatch(
      /^DATABASE_URL must be set when NODE_ENV is production/,
    );
    expect(loadSettings({ NODE_ENV: 'production', DATABASE_URL: 'postgres://a@b/c' }).HOST).toBe('0.0.0.0');
  });

  it('of payments go together: a provider has its secrets, and no sandbox is started in production', () => {
    const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://a@b/c' };
    const secret = `whsec_${'a'.repeat(32)}`;
    const there = { EASY11_SANDBOX_URL: 'http://127.0.0.1:8787', EASY11_SANDBOX_SECRET: secret };
    expect(loadSettings(production).EASY11_PAYMENTS).toBe('off');
    expect(loadSettings({ ...production, EASY11_PAYMENTS: 'sandbox', ...there }).EASY11_PAYMENTS).toBe('sandbox');
    const lacking = (env: NodeJS.ProcessEnv): string[] => wrongIn(env).wrong.map(({ setting }) => setting);
    expect(lacking({ ...production, EASY11_PAYMENTS: 'sandbox' })).toEqual(['EASY11_SANDBOX_URL']);
    expect(lacking({ EASY11_PAYMENTS: 'stripe' })).toEqual(['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']);
    expect(lacking({ EASY11_SANDBOX_URL: there.EASY11_SANDBOX_URL })).toEqual(['EASY11_SANDBOX_SECRET']);
    const keys = { STRIPE_SECRET_KEY: 'sk_test_hunter2', STRIPE_WEBHOOK_SECRET: 'whsec_hunter2' };
    const settings = loadSettings({ EASY11_PAYMENTS: 'stripe', ...keys });
    for (const name of Object.keys(keys) as (keyof typeof keys)[]) expect(showSetting(settings, name)).toBe('(set)');
    expect(wrongIn({ STRIPE_SECRET_KEY: 'hunter2' }).message).toBe('STRIPE_SECRET_KEY must begin with sk_ or rk_');
  });

  it('refuse a stream of events that is on without a Redis', () => {
    expect(wrongIn({ EASY11_EVENT_STREAM: 'on' }).message).toBe(
      'REDIS_URL must be set when EASY11_EVENT_STREAM is on: the stream is in that Redis',
    );
    const given = { EASY11_EVENT_STREAM: 'on', REDIS_URL: 'redis://host:6379' };
    expect(loadSettings(given).EASY11_EVENT_STREAM).toBe('on');
    expect(wrongIn({ EASY11_EVENT_STREAM: 'yes' }).message).toBe(
      'EASY11_EVENT_STREAM must be auto, on or off, not "yes"',
    );
  });

  it('each carry a sentence', () => {
    for (const { name, sentence } of describeSettings()) expect(`${name}: ${sentence}`).toMatch(/: [A-Z].{20,}\.$/);
  });

  it('are shown without their secrets', () => {
    const settings = loadSettings({
      DATABASE_URL: 'postgres://user:hunter2@host:5/d?password=hunter2',
      EASY11_ADMIN_TOKEN: 'hunter2hunter2hunter2',
    });
    expect(showSetting(settings, 'DATABASE_URL')).toBe('postgres://user:***@host:5/d');
    expect(showSetting(settings, 'EASY11_ADMIN_TOKEN')).toBe('(set)');
    expect(showSetting(settings, 'REDIS_URL')).toBe('(not set)');
    expect(showSetting(settings, 'PORT')).toBe('3000');
    expect(withoutPassword('redis://host:6379')).toBe('redis://host:6379');
  });

  it('that are misspelt can be found', () => {
    expect(unknownSettings({ EASY11_DATADIR: 'x', EASY11_CURRENCY: 'GBP', HOME: '/' })).toEqual(['EASY11_DATADIR']);
  });
});

describe('the log', () => {
  const written = (settings: { LOG_LEVEL: 'info' }, write: (log: ReturnType<typeof createLog>) => void): string => {
    const lines: string[] = [];
    write(createLog(settings, { write: (line: string) => void lines.push(line) }));
    return lines.join('');
  };

  it('writes one JSON object a line, from its level up', () => {
    const text = written({ LOG_LEVEL: 'info' }, (log) => {
      log.debug('not this');
      log.info({ port: 3000 }, 'Listening');
    });
    expect(JSON.parse(text)).toMatchObject({ level: 'info', port: 3000, msg: 'Listening' });
  });

  it('strikes credentials out of objects, two levels deep', () => {
    const text = written({ LOG_LEVEL: 'info' }, (log) => {
      log.info({ password: 'hunter2', settings: { DATABASE_URL: 'hunter2', deep: { token: 'hunter2' } } }, 'x');
      log.info({ req: { headers: { authorization: 'hunter2', cookie: 'hunter2' } } }, 'y');
    });
    expect(text).not.toContain('hunter2');
  });
});
