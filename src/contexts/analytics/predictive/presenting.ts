import type { z } from '../../../platform/http/zod';
import type { Score, StoredModel } from '../store/models';
import type { ForecastDay } from './forecast';
import type { churnSchema, clvSchema, forecastSchema, modelDetailSchema, modelSchema, servedSchema } from './schemas';

/** What the registry holds, as it is shown. Pure. */

type Money = { readonly amount: number; readonly currency: string };

/** What learning.ts puts into artefacts. */
interface Days {
  readonly from: string;
  readonly through: string;
  readonly remarks: readonly string[];
}
interface ClvArtefact extends Days {
  readonly customers: number;
  readonly totalValue: number;
  readonly meanProbabilityAlive: number;
  readonly deciles: readonly { decile: number; customers: number; value: number; share: number }[];
}
interface ChurnArtefact extends Days {
  readonly customers: number;
  readonly expectedToChurn: number;
  readonly bands: { from: number; to: number; customers: number }[];
  readonly weights: Record<string, number>;
}
interface ForecastArtefact extends Days {
  readonly days: readonly ForecastDay[];
}

export function showModel(model: StoredModel): z.output<typeof modelSchema> {
  const { id, kind, version, stage, trainingId, source, currency, skill, verdict, metrics, createdAt, promotedAt } =
    model;
  return {
    ...{ id, kind, version, stage, trainingId, source, currency, skill, verdict, metrics },
    createdAt: createdAt.toISOString(),
    promotedAt: promotedAt?.toISOString() ?? null,
  };
}

export const showModelDetail = (model: StoredModel): z.output<typeof modelDetailSchema> => ({
  ...showModel(model),
  parameters: model.parameters,
  artefact: model.artefact,
});

function showServed({
  id,
  version,
  stage,
  skill,
  verdict,
  createdAt,
  artefact,
}: StoredModel): z.output<typeof servedSchema> {
  const { from, through, remarks } = artefact as unknown as Days;
  return {
    ...{ id, version, stage, skill, verdict, from, through },
    remarks: [...remarks],
    createdAt: createdAt.toISOString(),
  };
}

const moneyIn =
  (currency: string) =>
  (amount: number): Money => ({ amount: Math.round(amount), currency });

/** The summary of lifetime values, without the customers. */
export function showClv(model: StoredModel): Omit<z.output<typeof clvSchema>, 'data' | 'page' | 'note'> {
  const { customers, totalValue, meanProbabilityAlive, deciles } = model.artefact as unknown as ClvArtefact;
  const money = moneyIn(model.currency);
  return {
    model: showServed(model),
    metrics: model.metrics,
    summary: {
      customers,
      horizonDays: Number(model.parameters.horizonDays),
      totalValue: money(totalValue),
      meanProbabilityAlive,
      deciles: deciles.map((one) => ({ ...one, value: money(one.value) })),
    },
  };
}

export function showValue(
  { customer, value, detail }: Score,
  currency: string,
): z.output<typeof clvSchema>['data'][number] {
  const money = moneyIn(currency);
  const { probabilityAlive = 0, expectedPurchases = 0, expectedSpend = 0 } = detail;
  return { customer, value: money(value), probabilityAlive, expectedPurchases, expectedSpend: money(expectedSpend) };
}

/** The summary of churn, without the customers. */
export function showChurn(model: StoredModel): Omit<z.output<typeof churnSchema>, 'data' | 'page' | 'note'> {
  const { customers, expectedToChurn, bands, weights } = model.artefact as unknown as ChurnArtefact;
  const aheadDays = Number(model.parameters.aheadDays);
  return {
    model: showServed(model),
    metrics: model.metrics,
    summary: { customers, aheadDays, expectedToChurn, bands, weights },
  };
}

export const showChurnScore = ({ customer, value, detail }: Score): z.output<typeof churnSchema>['data'][number] => ({
  customer,
  probability: value,
  daysSinceLast: detail.daysSinceLast ?? 0,
});

export function showForecast(model: StoredModel): Omit<z.output<typeof forecastSchema>, 'note'> {
  const money = moneyIn(model.currency);
  const { days } = model.artefact as unknown as ForecastArtefact;
  return {
    model: showServed(model),
    metrics: model.metrics,
    data: days.map(({ date, amount, lower80, upper80, lower95, upper95 }) => ({
      date,
      amount: money(amount),
      lower80: money(lower80),
      upper80: money(upper80),
      lower95: money(lower95),
      upper95: money(upper95),
    })),
  };
}

export type Field = string | number | Money;

/** A line of CSV (RFC 4180). Money is its amount; a text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLine(fields: readonly Field[]): string {
  const plain = fields.map((field) => {
    if (typeof field === 'number') return String(field);
    if (typeof field !== 'string') return String(field.amount);
    const safe = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${plain.join(',')}\r\n`;
}
