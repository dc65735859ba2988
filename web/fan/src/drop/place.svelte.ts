import type { Http } from '../../../shared/api/http.ts';
import { ApiProblem, type Problem } from '../../../shared/api/problem.ts';
import type { PlaceTicket, PlaceView } from '../../../shared/api/types.ts';
import type { Shelf } from './purchase.ts';

/**
 * A fan's place in the waiting room of one wave. The token is kept in the tab, and asking for the
 * place is what keeps it, so this asks as often as the server says.
 */
export class MyPlace {
  view: PlaceView | null = $state.raw(null);
  /** What the server refused to join with, or that it did not answer; null if neither. */
  refused: Problem | 'offline' | null = $state.raw(null);
  busy: boolean = $state(false);
  private token: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly http: Http,
    private readonly dropId: string,
    private readonly wave: number,
    private readonly person: string,
    private readonly shelf: Shelf,
  ) {}

  private get shelfName(): string {
    return `firebrand-place-${this.dropId}-${this.wave}-${this.person}`;
  }

  /** Goes on with the place that this tab has, if it has one. */
  resume(): void {
    this.stopped = false;
    this.token = this.shelf.getItem(this.shelfName);
    if (this.token !== null) void this.ask();
  }

  async join(): Promise<void> {
    this.busy = true;
    this.refused = null;
    try {
      const ticket = await this.http.post<PlaceTicket>(
        `/v1/drops/${encodeURIComponent(this.dropId)}/waves/${this.wave}/waiting-room/places`,
      );
      this.token = ticket.place_token;
      this.shelf.setItem(this.shelfName, ticket.place_token);
      await this.ask();
    } catch (error) {
      this.refused = error instanceof ApiProblem ? error.problem : 'offline';
    } finally {
      this.busy = false;
    }
  }

  async leave(): Promise<void> {
    if (this.token === null) return;
    this.busy = true;
    try {
      await this.http.post<unknown>(`/v1/places/${this.token}/leave`, { anonymous: true });
      await this.ask();
    } catch {
      // The place is still there, and so is the button.
    } finally {
      this.busy = false;
    }
  }

  async ask(): Promise<void> {
    clearTimeout(this.timer);
    if (this.token === null) return;
    let again = 5_000;
    try {
      this.view = await this.http.get<PlaceView>(`/v1/places/${this.token}`, { anonymous: true });
      again = this.view.ask_again_ms;
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 404) {
        this.view = null;
        this.token = null;
        this.shelf.removeItem(this.shelfName);
        return;
      }
    }
    if (this.stopped) return;
    if (this.view === null || this.view.state === 'waiting' || this.view.state === 'admitted') {
      this.timer = setTimeout(() => void this.ask(), again);
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
