import { describe, expect, it } from 'vitest';
import { words } from '../words.ts';
import { conditionsText } from './conditions.ts';

const when = (instant: string) => instant.slice(0, 10);

describe('conditionsText', () => {
  it('says all that a wave asks, and nothing of one that asks nothing', () => {
    expect(conditionsText({}, words.en, when)).toBe('');
    const all = {
      group: 'club',
      members_before: '2026-01-01T00:00:00.000Z',
      region: 'north',
      channel: 'app',
      per_person_limit: 1,
    };
    expect(conditionsText(all, words.en, when)).toBe(
      'for the group “club”, members since before 2026-01-01, for the region “north”, by the channel “app”, one per person',
    );
    expect(conditionsText({ group: 'club' }, words.zh, when)).toBe('仅限“club”人群');
  });
});
