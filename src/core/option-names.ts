import { Easy11Error } from './errors';
import { show } from './show';

/**
 * Throws ERR_EASY11_INVALID_OPTION for what is no object, and for a name that is none of these: a misspelt option that is passed
 * over would do another thing than the one wanted.
 */
export function checkOptionNames(options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `Options must be an object, not ${show(options)}`);
  for (const name in options)
    if (!names.includes(name))
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `There is no option ${show(name)} here`);
}
