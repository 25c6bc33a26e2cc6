import { Easy11Error } from '../errors';

/** What is wrong with a value of a column, with its row. Other errors as they are. */
export function atRow(row: number, name: string, error: unknown): unknown {
  if (!(error instanceof Easy11Error)) return error;
  return new Easy11Error(error.code, `Row ${row}, ${name}: ${error.message}`, { cause: error });
}
