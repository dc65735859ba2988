import type { TrailEntry } from '../../../shared/api/types.ts';

/** What was done, in words; by its name where there are none. */
export function operationText(operation: string, words: { readonly [name: string]: string }): string {
  return words[operation] ?? operation.replaceAll('_', ' ');
}

/** Names and values of what was asked for, but for what the entry is about: "units 5 · from_wave 1". */
export function fieldsText({ subject, fields }: Pick<TrailEntry, 'subject' | 'fields'>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== subject && value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' · ');
}
