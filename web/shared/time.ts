/** A length of time cut into the parts of a countdown. Never negative; begun seconds count as whole. */
export interface Countdown {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

export function countdown(leftMs: number): Countdown {
  const total = Math.max(0, Math.ceil(leftMs / 1000));
  return {
    days: Math.floor(total / 86_400),
    hours: Math.floor(total / 3_600) % 24,
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
  };
}

export const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** "04:59", or "1:04:59" from an hour on. */
export function clockText(leftMs: number): string {
  const { days, hours, minutes, seconds } = countdown(leftMs);
  const wholeHours = days * 24 + hours;
  const tail = `${twoDigits(minutes)}:${twoDigits(seconds)}`;
  return wholeHours > 0 ? `${wholeHours}:${tail}` : tail;
}

/** Offset of `timeZone` from UTC at an instant, in milliseconds east. */
function zoneOffsetMs(utcMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(utcMs);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(utcMs / 1000) * 1000;
}

/**
 * The instant that a `datetime-local` value ("2026-11-21T20:00") names in `timeZone`; null when it is
 * not a date. In the hour that a clock change skips, the time after the change; in the hour that it
 * repeats, the first of the two.
 */
export function zonedToUtcMs(local: string, timeZone: string): number | null {
  const asUtcMs = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtcMs)) return null;
  const before = asUtcMs - zoneOffsetMs(asUtcMs - 86_400_000, timeZone);
  const after = asUtcMs - zoneOffsetMs(asUtcMs + 86_400_000, timeZone);
  const names = (utcMs: number) => utcMs + zoneOffsetMs(utcMs, timeZone) === asUtcMs;
  if (names(before)) return before;
  return names(after) ? after : before;
}

/** The reverse: what a clock in `timeZone` shows, as a `datetime-local` value with seconds. */
export function utcToZoned(utcMs: number, timeZone: string): string {
  return new Date(utcMs + zoneOffsetMs(utcMs, timeZone)).toISOString().slice(0, 19);
}

export function toInstant(utcMs: number): string {
  return new Date(utcMs).toISOString();
}

/** Date, time and the zone they are meant in: a time without its zone misleads. */
export function formatInstant(instant: string | number, locale: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone,
    month: 'short',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  // Some locales put the zone between date and time; it reads better at the end.
  const parts = format.formatToParts(typeof instant === 'number' ? instant : Date.parse(instant));
  const zone = parts.find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
  const rest = parts.map((part) => (part.type === 'timeZoneName' ? '' : part.value)).join('');
  return `${rest.replace(/\s+/g, ' ').trim()} (${zone})`;
}

/** For tables: "11-21 20:00:01". */
export function formatRow(instant: string, timeZone: string): string {
  const zoned = utcToZoned(Date.parse(instant), timeZone);
  return `${zoned.slice(5, 10)} ${zoned.slice(11)}`;
}
