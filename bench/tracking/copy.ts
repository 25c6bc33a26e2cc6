import type pg from 'pg';

/** What pg calls while statements with a COPY among them run; its own query refuses to be given data. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Sends statements, one of which is `copy … from stdin`, and its data, in one round trip and so one transaction; resolves to the first
 * column of the rows that the others answer. Throws what PostgreSQL says: then nothing of it was done.
 */
export function copyIn(client: pg.Client, statements: string, data: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const rows: string[] = [];
    const query = {
      submit: (wire: Wire) => wire.query(statements),
      handleCopyInResponse(wire: Wire): void {
        wire.sendCopyFromChunk(Buffer.from(data));
        wire.endCopyFrom();
      },
      handleRowDescription: () => undefined,
      handleDataRow: ({ fields }: { fields: string[] }) => void rows.push(fields[0] as string),
      handleCommandComplete: () => undefined,
      handleEmptyQuery: () => undefined,
      // The driver tells a query that failed nothing more.
      handleError: reject,
      handleReadyForQuery: () => resolve(rows),
    };
    client.query(query as unknown as pg.Submittable);
  });
}
