import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';

/** The error for a status of a job or call. */
export function engineError(status: EngineStatus, what: string): Easy11Error {
  if (status === EngineStatus.OUT_OF_MEMORY)
    return new Easy11Error('ERR_EASY11_OUT_OF_MEMORY', `${what} ran out of memory`);
  if (status === EngineStatus.CANCELLED)
    return new Easy11Error('ERR_EASY11_CLOSED', `${what} ended because the model was closed`);
  return new Easy11Error('ERR_EASY11_INTERNAL', `${what} failed inside the engine with status ${status}`);
}

export function checkStatus(status: EngineStatus, what: string): void {
  if (status !== EngineStatus.OK) throw engineError(status, what);
}
