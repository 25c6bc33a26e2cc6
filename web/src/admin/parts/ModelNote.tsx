import { day, percent } from '../figures';
import type { ServedModel } from '../types';

/** Which model says so, how good it is, and what should be known before it is believed. */
export function ModelNote({ model }: { readonly model: ServedModel }) {
  return (
    <>
      <p className="panel-about">
        Version {model.version},{' '}
        {model.stage === 'production' ? 'in production' : `not in production (${model.verdict})`}. Learnt from{' '}
        {day(model.from)} to {day(model.through)}; skill {percent(model.skill, 1)} beside the simplest guess.
      </p>
      {model.remarks.length > 0 && (
        <ul className="remarks">
          {model.remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
    </>
  );
}
