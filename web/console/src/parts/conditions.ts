import type { WaveConditions } from '../../../shared/api/types.ts';
import { zonedToUtcMs, toInstant } from '../../../shared/time.ts';
import type { Reader } from '../form.svelte.ts';
import type { Words } from '../words.ts';

/** The texts of a wave's fields about who may buy. */
export interface ConditionTexts {
  group: string;
  membersBefore: string;
  region: string;
  channel: string;
  riskMax: string;
  limit: string;
}

export const noConditions = (): ConditionTexts => ({
  group: '',
  membersBefore: '',
  region: '',
  channel: '',
  riskMax: '',
  limit: '',
});

/** What is filled in. @param at  "waves/0": where its fields stand in the request. */
export function readConditions(texts: ConditionTexts, at: string, zone: string, reader: Reader, words: Words): WaveConditions {
  const out: WaveConditions = {};
  if (texts.group.trim() !== '') out.group = texts.group.trim();
  if (texts.region.trim() !== '') out.region = texts.region.trim();
  if (texts.channel.trim() !== '') out.channel = texts.channel.trim();
  if (texts.membersBefore !== '') {
    const utcMs = reader.given(`${at}/members_before`, zonedToUtcMs(texts.membersBefore, zone), words.error.time);
    if (utcMs !== null) out.members_before = toInstant(utcMs);
  }
  if (String(texts.riskMax).trim() !== '') out.risk_max = reader.wholeWithin(`${at}/risk_max`, texts.riskMax, 0, 100);
  if (String(texts.limit).trim() !== '') out.per_person_limit = reader.wholeWithin(`${at}/per_person_limit`, texts.limit, 1, 1000);
  return out;
}

/** The same back in a line, for a table; empty if the wave asks nothing. */
export function conditionsLine(wave: WaveConditions, words: Words, when: (instant: string) => string): string {
  const { who } = words;
  const pairs: [string, string | number | undefined][] = [
    [who.group, wave.group],
    [who.members_before, wave.members_before === undefined ? undefined : when(wave.members_before)],
    [who.region, wave.region],
    [who.channel, wave.channel],
    [who.risk_max, wave.risk_max],
    [who.limit, wave.per_person_limit],
  ];
  return pairs.flatMap(([label, value]) => (value === undefined ? [] : [`${label}: ${value}`])).join(' · ');
}
