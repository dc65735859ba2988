import { newKey } from '../../shared/api/key.ts';
import { ApiProblem, fieldErrors } from '../../shared/api/problem.ts';
import { toInstant, zonedToUtcMs } from '../../shared/time.ts';
import type { Words } from './words.ts';

// Refusals that are about one field, though the state and not the shape of the request decided them.
const fieldOfCode: Readonly<Record<string, string>> = {
  code_must_not_be_empty: 'code',
  exists_with_different_fields: 'code',
  name_must_not_be_empty: 'name',
  login_must_not_be_empty: 'login',
  login_taken: 'login',
  password_too_short: 'password',
  password_wrong: 'password',
  second_factor_needed: 'code',
  second_factor_wrong: 'code',
  second_factor_used: 'code',
  quantity_out_of_range: 'quantity',
  launch_not_found: 'launch_id',
  sku_not_found: 'sku_id',
  currency_not_offered: 'currency',
  per_person_limit_out_of_range: 'per_person_limit',
  payment_window_out_of_range: 'payment_window_seconds',
  insufficient_stock: 'waves/0/units',
  not_enough_units: 'units',
  units_out_of_range: 'units',
  waves_must_differ: 'to_wave',
  url_not_allowed: 'url',
  event_type_unknown: 'types',
  concurrency_out_of_range: 'concurrency',
  per_second_out_of_range: 'per_second',
  batch_events_out_of_range: 'batch_events',
  reservation_times_out_of_order: 'closes_at',
  reservation_cap_out_of_range: 'cap',
  deposit_kind_without_amount: 'deposit_minor',
  deposit_not_below_price: 'deposit_minor',
  deposit_too_high: 'deposit_minor',
  balance_due_before_opening: 'balance_due_at',
  reminder_out_of_range: 'reminder_seconds',
  joins_after_opening: 'joins_from',
  ends_before_opening: 'ends_at',
  places_max_out_of_range: 'places_max',
  code_count_out_of_range: 'count',
  code_times_out_of_order: 'valid_until',
  code_not_found: 'code',
  code_used: 'code',
  code_over: 'code',
  event_not_found: 'after',
  draw_closes_in_the_past: 'closes_at',
  reveal_due_before_close: 'reveal_due_at',
  beacon_before_reveal_due: 'beacon_at',
  beacon_source_must_not_be_empty: 'beacon_source',
  commit_must_not_be_zero: 'commit',
  tickets_out_of_range: 'tickets_max',
  reserve_out_of_range: 'reserve_max',
  reveal_does_not_fit: 'reveal',
};

/** What a failed request means, in a sentence. */
export function problemText(error: unknown, words: Words): string {
  if (!(error instanceof ApiProblem)) return words.error.no_answer;
  const { problem } = error;
  const parts = [words.error.what(problem.title, problem.detail)];
  if (problem.status >= 500 && problem.instance !== '') parts.push(words.error.reference(problem.instance));
  return parts.join(' ');
}

/** Thrown by a form's own checks; the same shape as the server's field errors. */
export class FieldErrors extends Error {
  constructor(readonly fields: Record<string, string>) {
    super('fields');
  }
}

/** One form: errors beside their fields, one request at a time, one idempotency key per thing to make. */
export class Form {
  busy: boolean = $state(false);
  message: string = $state('');
  errors: Record<string, string> = $state.raw({});
  key = newKey();
  #shown = new Set<string>();

  /** A field with this name shows its own error; others are listed at the end of the form. */
  show(name: string): void {
    this.#shown.add(name);
  }

  /** A field that is being changed is no longer wrong; the next attempt will say. */
  forgive(name: string): void {
    if (!(name in this.errors)) return;
    const { [name]: _, ...others } = this.errors;
    this.errors = others;
    if (Object.keys(others).length === 0) this.message = '';
  }

  #fieldErrors(error: ApiProblem, words: Words): Record<string, string> {
    const field = fieldOfCode[error.problem.code];
    if (field !== undefined && this.#shown.has(field)) return { [field]: problemText(error, words) };
    return fieldErrors(error.problem);
  }

  /** Errors that no field of the form shows. */
  rest(): string[] {
    return Object.entries(this.errors)
      .filter(([name]) => !this.#shown.has(name))
      .map(([name, text]) => `${name}: ${text}`);
  }

  /** @return whether `work` succeeded; otherwise the form shows why. */
  async submit(words: Words, work: (key: string) => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.message = '';
    this.errors = {};
    try {
      await work(this.key);
      this.key = newKey();
      return true;
    } catch (error) {
      if (error instanceof FieldErrors) this.errors = error.fields;
      else if (error instanceof ApiProblem) this.errors = this.#fieldErrors(error, words);
      this.message =
        Object.keys(this.errors).length > 0 ? words.error.check_fields : problemText(error, words);
      // The server has said no to this body: another body needs another key.
      if (error instanceof ApiProblem && error.problem.status < 500) this.key = newKey();
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** Collects what is wrong with the texts of a form while reading numbers and amounts out of them. */
export class Reader {
  readonly errors: Record<string, string> = {};

  constructor(private readonly words: Words) {}

  whole(name: string, text: string | number): number {
    const digits = String(text).trim().replaceAll(',', '');
    const value = /^\d+$/.test(digits) ? Number(digits) : NaN;
    if (Number.isSafeInteger(value)) return value;
    this.errors[name] = this.words.error.number;
    return 0;
  }

  /** For what the form asks in other units than the server, whose own words would name the wrong bounds. */
  wholeWithin(name: string, text: string | number, low: number, high: number): number {
    const value = this.whole(name, text);
    if (!(name in this.errors) && (value < low || value > high)) {
      this.errors[name] = this.words.error.range(low.toLocaleString('en'), high.toLocaleString('en'));
    }
    return value;
  }

  /** What a `datetime-local` value names in `timeZone`. */
  instant(name: string, local: string, timeZone: string): string {
    const utcMs = this.given(name, zonedToUtcMs(local, timeZone), this.words.error.time);
    return utcMs === null ? '' : toInstant(utcMs);
  }

  /** A text that must not be empty. */
  text(name: string, value: string): string {
    return this.given(name, value.trim(), this.words.error.required);
  }

  /** Passes a value through, or notes `complaint` where it is missing. */
  given<T>(name: string, value: T | null, complaint: string): T {
    if (value === null || value === '') this.errors[name] = complaint;
    return value as T;
  }

  /** @throws FieldErrors when anything was wrong. */
  done(): void {
    if (Object.keys(this.errors).length > 0) throw new FieldErrors(this.errors);
  }
}
