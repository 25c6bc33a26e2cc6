import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second whatever its own clock (USER_HZ). */
const TICKS_A_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** Its own time and that of its children that have ended. */
  readonly ticks: number;
}

function statOf(pid: string | number): Stat | undefined {
  try {
    // The name, in parentheses, may have blanks of its own.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? [];
    return { parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, one) => sum + one, 0) };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined; // it has ended
    throw error;
  }
}

/** Processor seconds that processes and their children have taken until now. Linux only: reads /proc. */
export function cpuOf(pids: readonly number[]): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const ticks = all.reduce((sum, pid) => {
    const stat = statOf(pid);
    return stat && (pids.includes(Number(pid)) || pids.includes(stat.parent)) ? sum + stat.ticks : sum;
  }, 0);
  return ticks / TICKS_A_SECOND;
}
