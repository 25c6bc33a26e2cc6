import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { stablePort } from '../support/port';

/** A server that is killed with SIGKILL and started again on the same port. */
export class MortalServer {
  #child: ChildProcess | undefined;
  kills = 0;

  private constructor(
    readonly url: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly program: readonly string[],
  ) {
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  /** `built` runs what `npm start` runs, out of dist/; else the sources, which takes longer to start. */
  static async create(env: Readonly<Record<string, string>>, built: boolean): Promise<MortalServer> {
    const port = await stablePort();
    const program = built
      ? [path.resolve(__dirname, '../../dist/cli/start.js')]
      : ['--import', require.resolve('tsx'), path.join(__dirname, 'server.ts')];
    return new MortalServer(`http://127.0.0.1:${port}`, { ...process.env, ...env, PORT: String(port) }, program);
  }

  /** Resolves when it takes requests. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, this.program, { env: this.env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        if (/^ready|The shop runs at/.test(chunk.toString())) resolve();
      });
      child.once('exit', (code, signal) => reject(new Error(`the server ended (${code ?? signal}): ${complaint}`)));
    });
  }

  /** SIGSTOP: it is there, holds what it holds, and does nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) throw new Error('the server is dead already');
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.kills++;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
