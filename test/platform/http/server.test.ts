import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen, ListenError } from '../../../src/platform/http/server';

describe('the HTTP server', () => {
  test('asks the fast path first and Express for what it leaves', async () => {
    const app = express();
    app.get('/slow', (_req, res) => void res.send('express'));
    const http = await listen(
      app,
      [
        (req, res) => {
          if (req.url !== '/fast') return false;
          res.end('fast');
          return true;
        },
      ],
      { host: '127.0.0.1', port: 0 },
    );
    expect(await (await fetch(`${http.url}/fast`)).text()).toBe('fast');
    expect(await (await fetch(`${http.url}/slow`)).text()).toBe('express');
    await http.close();
  });

  test('says which port is taken and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const attempt = listen(express(), [], { host: '127.0.0.1', port });
    await expect(attempt).rejects.toThrow(ListenError);
    await expect(attempt).rejects.toThrow(`Port ${port} is taken by another process; set PORT to a free one`);
    await new Promise((resolve) => other.close(resolve));
  });

  test('finishes the requests in progress before it closes, and takes no new ones', async () => {
    const app = express();
    let release: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      app.get('/', (_req, res) => {
        release = () => void res.send('finished');
        resolve();
      });
    });
    const http = await listen(app, [], { host: '127.0.0.1', port: 0 });
    const answer = fetch(`${http.url}/`);
    await arrived;
    const closed = http.close();
    await expect(fetch(`${http.url}/`)).rejects.toThrow();
    release();
    expect(await (await answer).text()).toBe('finished');
    await closed;
  });

  test('cuts requests that do not end within the grace period', async () => {
    const app = express();
    const arrived = new Promise<void>((resolve) => void app.get('/', () => resolve()));
    const http = await listen(app, [], { host: '127.0.0.1', port: 0 });
    const answer = fetch(`${http.url}/`).then(
      () => 'answered',
      () => 'cut',
    );
    await arrived;
    await http.close(50);
    expect(await answer).toBe('cut');
  });
});
