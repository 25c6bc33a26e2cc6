import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The least a Node server can do: one constant JSON answer of a suggestion's size. What ours costs beyond it is ours. */
const body = Buffer.from(
  JSON.stringify({ data: Array.from({ length: 8 }, (_, i) => ({ id: `prd_${i}`, text: 'x'.repeat(200) })) }),
);
const server = createServer((req, res) => {
  if (req.url === '/metrics') {
    const { user, system } = process.cpuUsage();
    res.end(`process_cpu_seconds_total ${(user + system) / 1e6}\n`);
    return;
  }
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://localhost:${(server.address() as AddressInfo).port}`));
process.on('SIGTERM', () => process.exit(0));
