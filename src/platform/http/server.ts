import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers a request ahead of Express and returns true, or leaves it alone and returns false. Must not throw. */
export type FastPath = (req: IncomingMessage, res: ServerResponse) => boolean;

export interface HttpServer {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Stops accepting, lets running requests end for at most `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Why a server could not listen, in words for the person who started it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Stands before a request: answers it itself, or calls `answer`, now or later. */
export type Door = (req: IncomingMessage, res: ServerResponse, answer: () => void) => void;

/** Serves, behind the door if there is one, the fast paths, and behind them an Express application on one port. Throws ListenError. */
export async function listen(
  app: RequestListener,
  fastPaths: readonly FastPath[],
  options: { readonly host: string; readonly port: number; readonly door?: Door },
): Promise<HttpServer> {
  const { door = (_req, _res, answer) => answer() } = options;
  const server = createServer((req, res) => {
    door(req, res, () => {
      for (const fastPath of fastPaths) if (fastPath(req, res)) return;
      app(req, res);
    });
  });
  // Slow or silent clients must not hold sockets: headers within 10 s; a bulk import may take its five minutes to arrive.
  server.headersTimeout = 10_000;
  server.requestTimeout = 300_000;
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options)));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = ['0.0.0.0', '::', '127.0.0.1'].includes(options.host) ? 'localhost' : options.host;
  return { server, port, url: `http://${host}:${port}`, close: (graceMs = 10_000) => close(server, graceMs) };
}

function listenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  if (error.code === 'EADDRINUSE') {
    return new ListenError(`Port ${port} is taken by another process; set PORT to a free one`, { cause: error });
  }
  if (error.code === 'EACCES')
    return new ListenError(`Port ${port} needs more rights; set PORT above 1023`, { cause: error });
  return new ListenError(`Cannot listen on ${host}:${port}: ${error.message}`, { cause: error });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection whose last request has just ended is kept alive by its client: it must not hold the close.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
  clearInterval(idle);
}
