import { readCursor, toPage, wrongCursor, type Page } from '../../kernel/pages';
import type { LedgerTransactionView, ReconciliationView } from './schemas';
import { listTransactions } from './store/ledger';
import type { Queryable } from './store/payments';
import { listReconciliations } from './store/reconciliations';

/** Lists of the back office. Throw `validation-failed` for a cursor that is not theirs. */

export async function browseLedger(
  client: Queryable,
  {
    limit,
    after,
    payment,
  }: { readonly limit: number; readonly after?: string | undefined; readonly payment?: string | undefined },
): Promise<Page<LedgerTransactionView>> {
  const before = cursorOf(after, /^\d{1,18}$/);
  const rows = await listTransactions(client, {
    limit,
    ...(before !== undefined && { before }),
    ...(payment !== undefined && { payment }),
  });
  return toPage(rows, limit, ({ id }) => [id]);
}

export async function browseReconciliations(
  client: Queryable,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<ReconciliationView>> {
  const before = cursorOf(after, /^rcn_[0-9a-f-]{36}$/);
  const rows = await listReconciliations(client, { limit: limit + 1, ...(before !== undefined && { before }) });
  return toPage(rows, limit, ({ id }) => [id]);
}

function cursorOf(after: string | undefined, form: RegExp): string | undefined {
  const key = readCursor(after);
  if (key !== undefined && !form.test(key)) throw wrongCursor();
  return key;
}
