import type { DropStatus, WaveConditions } from '../../../shared/api/types.ts';
import type { Words } from '../words.ts';

/** Everything a wave asks of a buyer, in a line; empty if it asks nothing. */
export function conditionsText(wave: WaveConditions, words: Words, when: (instant: string) => string): string {
  const { who } = words;
  const parts: string[] = [];
  if (wave.group !== undefined) parts.push(who.group(wave.group));
  if (wave.members_before !== undefined) parts.push(who.members_before(when(wave.members_before)));
  if (wave.region !== undefined) parts.push(who.region(wave.region));
  if (wave.channel !== undefined) parts.push(who.channel(wave.channel));
  if (wave.risk_max !== undefined) parts.push(who.risk);
  if (wave.per_person_limit !== undefined) parts.push(words.limit(wave.per_person_limit).replace(/^./, (first) => first.toLowerCase()));
  return parts.join(who.and);
}

/** A line for each wave that asks something, and for each limit that people share. */
export function conditionLines(status: DropStatus, words: Words, when: (instant: string) => string): string[] {
  const lines: string[] = [];
  for (const wave of status.waves) {
    const text = conditionsText(wave, words, when);
    if (text !== '') lines.push(status.waves.length > 1 ? words.who.wave(wave.wave, text) : text);
  }
  if (status.per_household_limit !== undefined) lines.push(words.who.household(status.per_household_limit));
  if (status.per_address_limit !== undefined) lines.push(words.who.address(status.per_address_limit));
  return lines;
}
