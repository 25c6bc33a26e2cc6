import { keptSecret } from '../kept-secret';

export interface AdminToken {
  readonly token: string;
  /** Where the token came from, for the person who starts the server. */
  readonly source: string;
}

/** The admin token of a development server without EASY11_ADMIN_TOKEN: made once and kept in the data directory. */
export async function developmentAdminToken(dataDirectory: string): Promise<AdminToken> {
  const { secret, file } = await keptSecret(dataDirectory, 'admin-token', 24);
  return { token: secret, source: file };
}
