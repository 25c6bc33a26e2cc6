import type { RoundingPolicy, TaxTreatment } from '../rules';

export type Region = 'US' | 'EU' | 'APAC' | 'IN' | 'BR' | 'GB';

/** One tax of a place, in millionths. */
export interface Tax {
  readonly name: string;
  readonly ratePpm: number;
}

/** A place that is sold to: what is paid there, in which currency, and where the rates come from. */
export interface Market {
  readonly region: Region;
  readonly country: string;
  /** Undefined where the country is one. */
  readonly state: string | undefined;
  /** The first is the usual one. */
  readonly currencies: readonly string[];
  readonly treatment: TaxTreatment;
  readonly rounding: RoundingPolicy;
  readonly taxes: readonly Tax[];
  readonly source: string;
  /** The day at which the rates were in force. */
  readonly asOf: string;
}

/** Percentages by place, as one would write them: "DE 19, FI 25.5". */
export function rates(text: string): [place: string, ratePpm: number][] {
  return text.split(',').map((entry) => {
    const [place = '', percent = ''] = entry.trim().split(' ');
    return [place, Math.round(Number(percent) * 10_000)];
  });
}
