import { describe, expect, it } from 'vitest';
import { clockText, countdown, formatInstant, formatRow, utcToZoned, zonedToUtcMs } from './time.ts';

const utc = (text: string) => Date.parse(text);

describe('countdown', () => {
  it('shows zero at the moment and not before', () => {
    expect(countdown(1)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 1 });
    expect(countdown(0)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
    expect(countdown(-5_000).seconds).toBe(0);
  });
  it('cuts a length into its parts', () => {
    expect(countdown(90_061_000)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
    expect(clockText(299_001)).toBe('05:00');
    expect(clockText(90_061_000)).toBe('25:01:01');
  });
});

describe('time zones', () => {
  it.each([
    ['2026-11-21T20:00', 'Asia/Shanghai', '2026-11-21T12:00:00Z'],
    ['2026-11-21T20:00', 'UTC', '2026-11-21T20:00:00Z'],
    ['2026-07-01T09:30', 'America/New_York', '2026-07-01T13:30:00Z'],
    ['2026-01-01T00:15', 'Asia/Kolkata', '2025-12-31T18:45:00Z'],
    // The clock goes forward at 02:00: half past two does not exist, and means half past three.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    // The clock goes back at 03:00: half past two comes twice, and means the first.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(zonedToUtcMs(local, zone)).toBe(utc(instant));
  });
  it('goes there and back', () => {
    for (const zone of ['Asia/Shanghai', 'America/Sao_Paulo', 'Australia/Lord_Howe']) {
      const ms = utc('2026-06-18T11:59:59Z');
      expect(zonedToUtcMs(utcToZoned(ms, zone), zone)).toBe(ms);
    }
  });
  it('refuses what is no date', () => {
    expect(zonedToUtcMs('', 'UTC')).toBeNull();
    expect(zonedToUtcMs('tomorrow', 'UTC')).toBeNull();
  });
  it('names the zone, and the same instant differs by zone and by locale', () => {
    const instant = '2026-11-21T20:00:00.000Z';
    expect(formatInstant(instant, 'en-GB', 'Europe/London')).toContain('20:00 (GMT)');
    expect(formatInstant(instant, 'zh-CN', 'Asia/Shanghai')).toMatch(/11月22日.*04:00 \(GMT\+8\)/);
    expect(formatRow(instant, 'Asia/Shanghai')).toBe('11-22 04:00:00');
  });
});
