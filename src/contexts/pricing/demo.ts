import type { Database } from '../../platform/database';
import { addFxSnapshot } from './price-lists';
import { findLatestSnapshot } from './store';

/** Rates to try the shop with, of the right size and nobody's quotation; a real shop adds the day's own. */
const SNAPSHOT = {
  base: 'EUR',
  source: 'demonstration rates',
  takenOn: '2024-12-31',
  rates: {
    USD: '1.0389',
    JPY: '163.06',
    GBP: '0.82918',
    AUD: '1.6772',
    SGD: '1.4164',
    INR: '88.9335',
    BRL: '6.4253',
  },
};

/** Gives a shop without exchange rates some. */
export async function seedDemoRates(database: Database): Promise<void> {
  if (!(await findLatestSnapshot(database.pool))) await addFxSnapshot(database.pool, SNAPSHOT);
}
