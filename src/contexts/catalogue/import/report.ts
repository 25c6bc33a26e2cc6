import type { z } from 'zod';
import type { importReportSchema } from '../schemas';

export type ImportReport = z.output<typeof importReportSchema>;

/** Why a record was not taken. `line` counts from 1; `column` is null when the whole record is wrong. */
export interface Refusal {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
}

/** A product as a file describes it: fields that the file does not have stay as they are. */
export interface ImportedProduct {
  readonly line: number;
  readonly sku: string;
  readonly name?: string;
  readonly description?: string;
  /** A brand's name; null for none. */
  readonly brand?: string | null;
  /** A category's path; null for none. */
  readonly category?: string | null;
  /** Minor units of the shop's currency. */
  readonly price?: number;
  /** Likewise; null for one that nobody knows. */
  readonly cost?: number | null;
  readonly image?: string | null;
  readonly status?: 'draft' | 'active' | 'archived';
  readonly inStock?: boolean;
  readonly popularity?: number;
}

const KEPT_REFUSALS = 1000;

/** Counts what becomes of each record. Memory does not grow with the file: only the first refusals are kept whole. */
export class ReportBuilder {
  inserted = 0;
  updated = 0;
  unchanged = 0;
  read = 0;
  private refused = 0;
  private stopped: ImportReport['stopped'] = null;
  private readonly refusals: Refusal[] = [];
  private readonly byCode = new Map<string, number>();
  private readonly noted = new Map<string, number>();
  private readonly started = performance.now();

  refuse(refusal: Refusal): void {
    this.refused += 1;
    this.byCode.set(refusal.code, (this.byCode.get(refusal.code) ?? 0) + 1);
    if (this.refusals.length < KEPT_REFUSALS) this.refusals.push(refusal);
  }

  /** Adds to a count; a count of zero says that it was looked for and not met. */
  note(what: string, count = 1): void {
    this.noted.set(what, (this.noted.get(what) ?? 0) + count);
  }

  /** Says that reading ended before the input did: from which line on, where that is known, and why. */
  stop(line: number | null, reason: string): void {
    this.stopped ??= { line, reason };
  }

  finish(aborted: boolean): ImportReport {
    return {
      read: this.read,
      inserted: this.inserted,
      updated: this.updated,
      unchanged: this.unchanged,
      refused: this.refused,
      refusals: this.refusals,
      refusedByCode: Object.fromEntries([...this.byCode].sort()),
      notes: Object.fromEntries(this.noted),
      aborted: aborted || this.stopped !== null,
      stopped: this.stopped,
      seconds: Math.round(performance.now() - this.started) / 1000,
    };
  }
}

const words = (code: string): string => code.replace(/([A-Z])/g, ' $1').toLowerCase();
const count = (value: number): string => value.toLocaleString('en-GB');

/** The report in words, for a person at a terminal. `what` was written: products, if nothing else is said. */
export function describeReport(report: ImportReport, what = 'Products'): string {
  const rate = report.seconds > 0 ? `, ${count(Math.round(report.read / report.seconds))} records/s` : '';
  const lines = [
    `${report.aborted ? 'Stopped early: read' : 'Read'} ${count(report.read)} records in ${report.seconds.toFixed(1)} s${rate}.`,
    `${what}: ${count(report.inserted)} inserted, ${count(report.updated)} updated, ${count(report.unchanged)} unchanged.`,
  ];
  if (report.stopped) {
    const { line, reason } = report.stopped;
    const unread = line === null ? 'The rest was not read.' : `Everything from line ${line} on was not read.`;
    lines.push(`${reason}. ${unread} What was written before is kept.`);
  }
  const notes = Object.entries(report.notes);
  if (notes.length > 0) {
    const width = Math.max(...notes.map(([, value]) => count(value).length));
    lines.push('Noted:', ...notes.map(([code, value]) => `  ${count(value).padStart(width)}  ${words(code)}`));
  }
  if (report.refused === 0) lines.push('Nothing was refused.');
  else {
    lines.push(`Refused: ${count(report.refused)} records.`);
    lines.push(...Object.entries(report.refusedByCode).map(([code, value]) => `  ${count(value)}  ${code}`));
    const first = report.refusals.slice(0, 10);
    lines.push(first.length < report.refused ? `The first ${first.length}:` : 'They are:');
    lines.push(
      ...first.map(({ line, column, reason }) => `  line ${line}${column === null ? '' : `, ${column}`}: ${reason}`),
    );
  }
  return lines.join('\n');
}
