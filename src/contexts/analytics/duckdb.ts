import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/**
 * DuckDB for analytics: in a process of its own (see process.ts), within bounds of memory and threads. It loads no extension from
 * anywhere, and looks into no file but those that our own SQL names.
 */
export interface EngineOptions {
  /** `:memory:` or the path of a file. */
  readonly file: string;
  readonly memoryMb: number;
  readonly threads: number;
  /** A folder for what does not fit into memory. */
  readonly spill: string;
}

export type Scalar = string | number | boolean | null;
export type Row = Readonly<Record<string, Scalar>>;

export class Engine {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open({ file, memoryMb, threads, spill }: EngineOptions): Promise<Engine> {
    // Only where it is opened: the shop's own process asks another one, and starts sooner and smaller without it.
    const duckdb = await import('@duckdb/node-api');
    const instance = await duckdb.DuckDBInstance.create(file, {
      memory_limit: `${memoryMb}MB`,
      threads: String(threads),
      temp_directory: spill,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new Engine(instance, await instance.connect());
  }

  /** Runs one statement for its effect. Throws what DuckDB says. */
  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** The rows of a query as plain values: see plain(). `$1`, `$2`, … are the parameters. */
  async rows<T extends Row = Row>(sql: string, parameters: readonly Scalar[] = []): Promise<T[]> {
    const reader = await this.connection.runAndReadAll(sql, [...parameters]);
    const names = reader.columnNames();
    const dates = reader.columnTypes().map((type) => type.toString() === 'DATE');
    return reader
      .getRowsJS()
      .map(
        (values) =>
          Object.fromEntries(values.map((value, i) => [names[i], plain(value, dates[i] === true, names[i])])) as T,
      );
  }

  /** The first value of the first row, as a number. */
  async number(sql: string): Promise<number> {
    const [row] = await this.rows(sql);
    return Number(row && Object.values(row)[0]);
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/**
 * A value as JSON has it: whole numbers are numbers, and refused where a number would not be exact; a date is `2011-08-31`, a
 * timestamp ISO 8601 without a zone.
 */
function plain(value: unknown, isDate: boolean, column: string | undefined): Scalar {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') {
    if (!Number.isSafeInteger(Number(value))) throw new RangeError(`${column}: ${value} is beyond a safe integer`);
    return Number(value);
  }
  if (value instanceof Date) return value.toISOString().slice(0, isDate ? 10 : 19);
  throw new TypeError(`${column}: a ${typeof value} has no plain form`);
}

/** A text as a literal of SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
