import type { Claim } from '../store/models';
import type { SourceInteraction } from '../types';

/** What the process that trains and the one that asks it to both know of a training. */

/** What a training reads of other contexts; wired in `src/recommendations-trainer.ts`. */
export interface TrainingSources {
  /** Every product of the catalogue, of whatever status. */
  readonly products: () => AsyncIterable<{ readonly id: string; readonly sku: string }>;
  /** Everything there is to learn from. */
  readonly interactions: () => AsyncIterable<SourceInteraction>;
}

export type Outcome = 'active' | 'candidate' | 'overtaken';

/** What is told of a training while it runs. */
export type Tell = (phase: string, done: number, total: number | null) => void;

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
}

/** The training cannot give a model, however often it is tried: a sentence for a person. */
export class Untrainable extends Error {
  override readonly name = 'Untrainable';
}

/** What the process is told, by message, for the address has a password. */
export interface Order {
  readonly databaseUrl: string;
  /** Where this machine keeps the files of models. */
  readonly folder: string;
  readonly claim: Claim;
}

/** What it says; with anything but a progress it has ended its work. */
export type News =
  | { readonly progress: Progress }
  | { readonly outcome: Outcome }
  | { readonly untrainable: string }
  | { readonly error: string; readonly stack: string | undefined };
