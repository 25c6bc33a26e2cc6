/**
 * Compares the Prisma schema with what the migrations build, by Prisma's own schema engine (compiled to WebAssembly, so
 * nothing is downloaded). For developers: the engine is a development dependency.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import type { SchemaEngine } from '@prisma/schema-engine-wasm' with { 'resolution-mode': 'import' };

/** prisma/schema of this package: one file per context. */
export const SCHEMA_FOLDER = path.resolve(__dirname, '../../../prisma/schema');

interface EngineModule {
  readonly SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: unknown): void;
}

/** The little of WebAssembly that is used here: the types of Node do not have it without those of a browser. */
interface WebAssemblyLoader {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}

/** The `.wasm` is loaded by hand: the package's own entry is for bundlers that can import it. */
async function loadEngine(): Promise<typeof SchemaEngine> {
  const require = createRequire(__filename);
  const name = '@prisma/schema-engine-wasm/schema_engine_bg';
  const glue = (await import(name)) as EngineModule;
  const bytes = readFileSync(require.resolve(name).replace(/\.js$/, '.wasm'));
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyLoader };
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

/** PostgreSQL's internal one-byte type "char", and the array of it. */
const CHAR = 18;
const CHAR_ARRAY = 1002;

/** The little of @prisma/driver-adapter-utils that is used here; the package comes with the adapter. */
interface AdapterUtilities {
  readonly ColumnTypeEnum: { readonly Character: number; readonly CharacterArray: number };
  bindMigrationAwareSqlAdapterFactory(factory: PrismaPg): object;
}

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;

/**
 * The adapter as the engine needs it. The engine reads one-byte columns of PostgreSQL's catalogue (the action of a
 * foreign key, the kind of a constraint) as characters; the adapter knows no such type and refuses the whole answer. The
 * catalogue holds no arrays of them, so they travel through the adapter under that name.
 */
class CatalogAdapter extends PrismaPg {
  constructor(
    pool: pg.Pool,
    private readonly types: AdapterUtilities['ColumnTypeEnum'],
  ) {
    super(pool);
  }

  override async connect(): Promise<Adapter> {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type) =>
        type === this.types.CharacterArray ? (this.types.Character as typeof type) : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }
}

class CatalogPool extends pg.Pool {
  override query = (async (query: pg.QueryConfig) => {
    const client = await this.connect();
    try {
      const result = await client.query(query);
      for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = CHAR_ARRAY;
      return result;
    } finally {
      client.release();
    }
  }) as pg.Pool['query'];
}

/** The engine wants an adapter whose errors are values. */
function bindAdapter(pool: pg.Pool): object {
  const fromAdapter = createRequire(createRequire(__filename).resolve('@prisma/adapter-pg'));
  const utilities = fromAdapter('@prisma/driver-adapter-utils') as AdapterUtilities;
  return utilities.bindMigrationAwareSqlAdapterFactory(new CatalogAdapter(pool, utilities.ColumnTypeEnum));
}

/** Runs `work` with Prisma's schema engine, connected to the database at `url`. */
export async function withEngine<T>(
  url: string,
  datamodels: [string, string][],
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const Engine = await loadEngine();
  const pool = new CatalogPool({ connectionString: url });
  try {
    const engine = await Engine.new({ datamodels }, () => undefined, bindAdapter(pool));
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

export interface SchemaDifference {
  /** SQL that would bring the database to the schema. */
  readonly sql: string;
  /** The same for a person. */
  readonly summary: string;
}

/** What the database at `url` lacks or has too much, compared with the schema; undefined when they agree. */
export async function compareWithSchema(url: string, folder = SCHEMA_FOLDER): Promise<SchemaDifference | undefined> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.prisma'))
    .sort()
    .map((name) => ({ path: path.join(folder, name), content: readFileSync(path.join(folder, name), 'utf8') }));
  const datamodels = files.map((file): [string, string] => [file.path, file.content]);
  return withEngine(url, datamodels, async (engine) => {
    const diff = (script: boolean): ReturnType<SchemaEngine['diff']> =>
      engine.diff({
        from: { tag: 'schemaDatasource', files, configDir: folder },
        to: { tag: 'schemaDatamodel', files },
        script,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      });
    const { exitCode, stdout: sql } = await diff(true);
    return exitCode === 0 ? undefined : { sql: sql ?? '', summary: (await diff(false)).stdout ?? '' };
  });
}
