import type { DropStatus } from '../../shared/api/types.ts';

/** The drop that `/` shows: the latest to open, and a cancelled one only when there is no other. */
export function newestDrop(drops: readonly DropStatus[]): string | null {
  const rank = (drop: DropStatus) => (drop.state === 'cancelled' ? 0 : 1);
  const newest = [...drops].sort(
    (a, b) =>
      rank(b) - rank(a) ||
      Date.parse(b.opens_at) - Date.parse(a.opens_at) ||
      b.drop_id.localeCompare(a.drop_id, 'en', { numeric: true }),
  )[0];
  return newest?.drop_id ?? null;
}
