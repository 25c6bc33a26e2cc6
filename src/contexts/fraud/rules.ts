import { formatMoney, type Money } from '../../kernel/money';

/** Pure decisions of fraud: no I/O, no clock, no randomness. */

/** What is known of an order before it is paid for. */
export interface Signals {
  readonly orderId: string;
  readonly amount: Money;
  /** As the customer wrote it; null where there is none. */
  readonly email: string | null;
  readonly destination: {
    readonly lines: readonly string[];
    readonly city: string;
    readonly postcode: string;
    readonly country: string;
  };
  /** ISO 3166; null where the customer did not say. */
  readonly billingCountry: string | null;
}

/** Earlier orders of the last hour, by the database's clock. */
export interface Velocity {
  readonly ofCustomer: number;
  readonly toDestination: number;
}

export type Decision = 'accept' | 'review' | 'reject';

/** Why an order has its score. */
export interface Reason {
  readonly rule: string;
  readonly points: number;
  readonly detail: string;
}

export interface Score {
  /** From 0 (nothing to see) to 100. */
  readonly score: number;
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
}

/** How an order gets its score: rules, or whatever a merchant puts in their place. */
export type Scorer = (signals: Signals, velocity: Velocity) => Score;

/** From so many on, so many points; the last step that is reached counts. */
type Steps = readonly (readonly [from: number, points: number])[];

export interface FraudRules {
  readonly reviewFrom: number;
  readonly rejectFrom: number;
  readonly ofCustomer: Steps;
  readonly toDestination: Steps;
  /** By currency, in minor units. An amount in another one has no points. */
  readonly amount: Readonly<Record<string, Steps>>;
  readonly countryMismatch: number;
}

const large = (units: number): Steps => [
  [units, 30],
  [units * 5, 60],
];

/**
 * A first guess, not learnt from anybody's losses: whoever sells for real sets the bounds by what they sell. A large amount, or
 * many orders of one customer, alone ask for a person from the second step on; two lesser ones do together.
 */
export const DEFAULT_RULES: FraudRules = {
  reviewFrom: 50,
  rejectFrom: 90,
  ofCustomer: [
    [4, 30],
    [10, 60],
  ],
  toDestination: [
    [6, 25],
    [15, 50],
  ],
  amount: {
    GBP: large(50_000),
    EUR: large(60_000),
    USD: large(65_000),
    AUD: large(100_000),
    SGD: large(85_000),
    JPY: large(100_000),
    INR: large(5_500_000),
    BRL: large(350_000),
  },
  countryMismatch: 25,
};

const pointsOf = (steps: Steps, value: number): number =>
  steps.reduce((points, [from, more]) => (value >= from ? more : points), 0);

/** Scores by rules: the sum of the points, 100 at most. */
export function scoreByRules(rules: FraudRules): Scorer {
  return ({ amount, destination, billingCountry }, velocity) => {
    const mismatch = billingCountry !== null && billingCountry !== destination.country;
    const all: Reason[] = [
      {
        rule: 'velocity-customer',
        points: pointsOf(rules.ofCustomer, velocity.ofCustomer),
        detail: `${velocity.ofCustomer} earlier orders of this customer within an hour`,
      },
      {
        rule: 'velocity-destination',
        points: pointsOf(rules.toDestination, velocity.toDestination),
        detail: `${velocity.toDestination} earlier orders to this address within an hour`,
      },
      {
        rule: 'amount',
        points: pointsOf(rules.amount[amount.currency] ?? [], amount.amount),
        detail: formatMoney(amount),
      },
      {
        rule: 'country-mismatch',
        points: mismatch ? rules.countryMismatch : 0,
        detail: `billed to ${billingCountry}, sent to ${destination.country}`,
      },
    ];
    const reasons = all.filter(({ points }) => points > 0);
    const score = Math.min(
      100,
      reasons.reduce((sum, { points }) => sum + points, 0),
    );
    const decision = score >= rules.rejectFrom ? 'reject' : score >= rules.reviewFrom ? 'review' : 'accept';
    return { score, decision, reasons };
  };
}
