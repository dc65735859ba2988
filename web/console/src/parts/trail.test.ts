import { describe, expect, it } from 'vitest';
import { words } from '../words.ts';
import { fieldsText, operationText } from './trailText.ts';

describe('an entry of the trail', () => {
  it('is told in words, or by its name where there are none yet', () => {
    expect(operationText('pause_drop', words.en.trail.operations)).toBe('Paused a drop');
    expect(operationText('pause_drop', words.zh.trail.operations)).toBe('暂停发售');
    expect(operationText('do_something_new', words.en.trail.operations)).toBe('do something new');
  });

  it('shows what was asked for, and not twice what it is about', () => {
    const fields = { drop_id: 'drop_1', units: 5, note: null, waves: [{ units: 1 }], open: false };
    expect(fieldsText({ subject: 'drop_1', fields })).toBe('units 5 · waves [{"units":1}] · open false');
    expect(fieldsText({ subject: null, fields: {} })).toBe('');
  });
});
