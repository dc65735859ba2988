export const figureNames = [
  'fans',
  'answers',
  'answers_per_second_max',
  'sold',
  'paid',
  'cancelled',
  'replays',
  'hang_ups',
  'outages',
  'wall_seconds',
] as const;
export type FigureName = (typeof figureNames)[number];

export interface Latency {
  request: string;
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** What a reader wants first of a crowd's report. The rest of it is shown as it came. */
export interface CrowdSummary {
  /** Null when the crowd says neither: it could not start, or it ended half-way. */
  passed: boolean | null;
  error: string;
  figures: { name: FigureName; value: number }[];
  refused: { code: string; count: number }[];
  latencies: Latency[];
  ordersChecked: number;
  /** Only what was broken. */
  violations: { name: string; count: number }[];
}

type Json = Record<string, unknown>;
const part = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const whole = (value: unknown): number => (typeof value === 'number' ? value : 0);
const counts = (value: unknown): [string, number][] =>
  Object.entries(part(value)).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0);

/** Takes what it knows of a report, and misses nothing that is not there. */
export function summarise(report: Json): CrowdSummary {
  const check = part(report.check);
  return {
    passed: typeof report.passed === 'boolean' ? report.passed : null,
    error: [report.error, report.cut_short, report.journal_error]
      .filter((text): text is string => typeof text === 'string' && text !== '')
      .join('; '),
    figures: figureNames.flatMap((name) => {
      const value = report[name];
      return typeof value === 'number' ? [{ name, value }] : [];
    }),
    refused: counts(report.refused)
      .map(([code, count]) => ({ code, count }))
      .sort((a, b) => b.count - a.count),
    latencies: Object.entries(part(report.latency_ms)).flatMap(([request, raw]) => {
      const latency = part(raw);
      const count = whole(latency.count);
      if (count === 0) return [];
      return [{ request, count, p50: whole(latency.p50), p99: whole(latency.p99), max: whole(latency.max) }];
    }),
    ordersChecked: whole(check.orders_checked),
    violations: counts(check.violations).map(([name, count]) => ({ name, count })),
  };
}
