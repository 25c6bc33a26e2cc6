/** A long-running operation. `done` resolves, never rejects, with a status. */
export interface Job {
  readonly done: Promise<EngineStatus>;
  cancel(): void;
}

/** Statuses shared with native/include/easy11/status.hpp. */
export const EngineStatus = {
  OK: 0,
  INVALID_ARGUMENT: 1,
  OUT_OF_MEMORY: 2,
  CANCELLED: 3,
  INTERNAL: 4,
  IO: 5,
  /** The snapshot is not one of ours, is truncated, or its checksum does not match. */
  CORRUPT: 6,
  /** The snapshot was written by another version of the format. */
  VERSION: 7,
} as const;
export type EngineStatus = (typeof EngineStatus)[keyof typeof EngineStatus];
