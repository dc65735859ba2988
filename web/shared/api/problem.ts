import type { Instant } from './types.ts';

/** One field that the server refused; `pointer` is a JSON Pointer in URI-fragment form (`#/name/zh`). */
export interface FieldProblem {
  pointer?: string;
  parameter?: string;
  header?: string;
  code?: string;
  detail?: string;
}

/** RFC 9457, with the extensions that our own problems carry. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  instance: string;
  errors: FieldProblem[];
  opens_at?: Instant;
  retry_at?: Instant;
  server_time?: Instant;
  limit?: number;
}

/** The server answered, and the answer is no. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    readonly problem: Problem,
    /** What `Retry-After` asked for, if it did. */
    readonly retryAfterMs: number | null,
  ) {
    super(`${problem.code}: ${problem.title}`);
  }
}

/** No answer came, so nobody knows whether the request was carried out. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

// A member of the wrong type counts as absent (RFC 9457, section 3).
export function readProblem(status: number, body: unknown): Problem {
  const raw = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const problem: Problem = {
    status,
    code: text(raw.code) || (text(raw.type).split('/').pop() ?? '').replaceAll('-', '_') || `http_${status}`,
    title: text(raw.title) || `HTTP ${status}`,
    detail: text(raw.detail),
    instance: text(raw.instance),
    errors: Array.isArray(raw.errors)
      ? raw.errors.filter((e): e is FieldProblem => typeof e === 'object' && e !== null)
      : [],
  };
  if (typeof raw.opens_at === 'string') problem.opens_at = raw.opens_at;
  if (typeof raw.retry_at === 'string') problem.retry_at = raw.retry_at;
  if (typeof raw.server_time === 'string') problem.server_time = raw.server_time;
  if (typeof raw.limit === 'number') problem.limit = raw.limit;
  return problem;
}

/** `Retry-After` as seconds or as an HTTP date; null when absent or unreadable. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

/** The texts to show beside form fields: `#/name/zh` becomes `name/zh`. */
export function fieldErrors(problem: Problem): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const error of problem.errors) {
    const at = error.pointer?.replace(/^#?\//, '').replaceAll('~1', '/').replaceAll('~0', '~');
    const key = at ?? error.parameter ?? error.header;
    if (key !== undefined) fields[key] ??= error.detail ?? error.code ?? problem.title;
  }
  return fields;
}
