import type { Problem } from '../../../shared/api/problem.ts';
import type { Words } from '../words.ts';

export interface RefusalText {
  title: string;
  what: string;
  reference: string;
}

/** Every way the server can say no, in the buyer's words: what happened and what to do. */
export function refusalText(problem: Problem, words: Words, when: (instant: string) => string): RefusalText {
  const { refusal } = words;
  // An id to quote is worth the space only where the buyer can do nothing alone.
  const reference = problem.instance === '' ? '' : refusal.reference(problem.instance);
  switch (problem.code) {
    case 'not_open':
      return {
        title: refusal.not_open.title,
        what: problem.opens_at ? refusal.not_open.what(when(problem.opens_at)) : '',
        reference: '',
      };
    case 'purchase_limit':
    case 'household_limit':
    case 'address_limit':
      return {
        title: refusal[problem.code].title,
        what: refusal[problem.code].what(problem.limit ?? 1),
        reference: '',
      };
    case 'sold_out':
    case 'wave_is_drawn':
    case 'wave_sold_out':
    case 'quantity_not_available':
    case 'paused':
    case 'drop_cancelled':
    case 'currency_not_offered':
    case 'drop_not_found':
    case 'reservation_required':
    case 'code_required':
    case 'code_not_usable':
    case 'group_required':
    case 'member_too_new':
    case 'region_not_served':
    case 'channel_not_served':
    case 'risk_too_high':
    case 'not_in_waiting_room':
    case 'waiting_turn':
    case 'admission_over':
    case 'proof_wanted':
      return { ...refusal[problem.code], reference: '' };
    case 'excluded_from_drop':
      return { title: problem.title, what: problem.detail, reference: '' };
    case 'log_full':
    case 'overloaded':
    case 'rate_limited':
      return { ...refusal.busy, reference };
    case 'idempotency_key_missing':
    case 'idempotency_key_malformed':
    case 'idempotency_key_reused':
      return { ...refusal.out_of_step, reference };
    default:
      return {
        title: refusal.other.title,
        what: [refusal.other.what, problem.title, problem.detail].filter((text) => text !== '').join(' '),
        reference,
      };
  }
}
