import { SettingsError } from '../platform/config';

/** Errors that tell the user all there is to tell: a stack trace would only hide it. */
const PLAIN = new Set(['SettingsError', 'DatabaseError', 'MigrationError', 'UsageError']);

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs a command: its number becomes the exit code, its error a message on standard error and exit code 1. */
export function runCommand(command: (args: readonly string[]) => Promise<number>): void {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  command(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const plain = error instanceof Error && (error instanceof SettingsError || PLAIN.has(error.name));
      console.error(plain ? error.message : error);
      process.exitCode = 1;
    },
  );
}
