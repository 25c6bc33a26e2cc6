import { pino } from 'pino';
import { startSandboxProcess } from '../../../src/sandbox-provider/child';

/** A process that starts the sandbox provider and is then killed by its test. */
const sandbox = startSandboxProcess({ log: pino({ level: 'silent' }) });
void sandbox.url.then((url) => {
  console.log(JSON.stringify({ url, pid: sandbox.pid }));
  setInterval(() => undefined, 60_000);
});
