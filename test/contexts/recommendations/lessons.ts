import path from 'node:path';
import type { Database } from '../../../src/platform/database';

/** What the process of a training does in a test: training-program.ts reads it from a table of the database that it is handed. */
export type Lesson =
  /** Learns from tastes.ts; from that and what came later; from nobody; from products that are not there. */
  | 'tastes'
  | 'later'
  | 'nobody'
  | 'strange'
  /** Comes to no end; holds its event loop until there is a file; ends itself as the system would; says that it cannot. */
  | 'endless'
  | 'holds'
  | 'dies'
  | 'throws';

export const TRAINING_PROGRAM = path.join(__dirname, 'training-program');

type Pool = Pick<Database['pool'], 'query'>;

/** Says what the next trainings do, until another lesson is set. */
export async function setLesson(pool: Pool, lesson: Lesson, gate = ''): Promise<void> {
  await pool.query('create table if not exists lessons (lesson text, gate text, pid int)');
  await pool.query('delete from lessons');
  await pool.query('insert into lessons values ($1, $2)', [lesson, gate]);
}

/** The lesson of this process, which is noted to have begun. */
export async function beginLesson(pool: Pool): Promise<{ readonly lesson: Lesson; readonly gate: string }> {
  const { rows } = await pool.query<{ lesson: Lesson; gate: string }>(
    'update lessons set pid = $1 returning lesson, gate',
    [process.pid],
  );
  if (!rows[0]) throw new Error('no lesson was set');
  return rows[0];
}

/** The process that has come to the middle of the lesson; undefined until one has. */
export async function learner(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ pid: number | null }>('select pid from lessons');
  return rows[0]?.pid ?? undefined;
}
