import { describe, expect, it } from 'vitest';
import { ServerClock } from './clock.ts';

/** A device whose wall clock is wrong, and a server across a line with a given way there and back. */
class World {
  trueMs = Date.parse('2026-11-21T20:00:00.000Z');
  steadyMs = 5_000;
  wallAheadMs = 0;
  wayThereMs = 10;
  wayBackMs = 10;
  reachable = true;

  pass(ms: number): void {
    this.trueMs += ms;
    this.steadyMs += ms;
  }
  readonly device = {
    steadyMs: () => this.steadyMs,
    wallMs: () => this.trueMs + this.wallAheadMs,
  };
  readonly ask = async () => {
    if (!this.reachable) throw new Error('unreachable');
    this.pass(this.wayThereMs);
    const server_time = new Date(this.trueMs).toISOString();
    this.pass(this.wayBackMs);
    return { server_time };
  };
}

describe('ServerClock', () => {
  it('follows the server when the device is three hours ahead', async () => {
    const world = new World();
    world.wallAheadMs = 3 * 3_600_000;
    const clock = new ServerClock(world.ask, world.device);
    expect(clock.now()).toBe(world.trueMs + 3 * 3_600_000);
    await clock.sample();
    expect(clock.now()).toBe(world.trueMs);
    expect(clock.deviceAheadMs).toBe(3 * 3_600_000);
    world.pass(42_000);
    expect(clock.now()).toBe(world.trueMs);
  });

  it('is off by no more than half the round trip, however lopsided the way', async () => {
    const world = new World();
    world.wayThereMs = 390;
    world.wayBackMs = 10;
    const clock = new ServerClock(world.ask, world.device);
    await clock.sample();
    expect(clock.errorMsMax).toBe(200);
    expect(Math.abs(clock.now() - world.trueMs)).toBeLessThanOrEqual(clock.errorMsMax);
  });

  it('keeps the sample with the shortest round trip', async () => {
    const world = new World();
    const clock = new ServerClock(world.ask, world.device);
    world.wayThereMs = 10;
    await clock.sample();
    world.wayThereMs = 900;
    await clock.sample();
    expect(clock.now()).toBe(world.trueMs);
    expect(clock.errorMsMax).toBe(10);
  });

  it('takes a worse sample once the best has aged', async () => {
    const world = new World();
    const clock = new ServerClock(world.ask, world.device);
    await clock.sample();
    world.pass(11 * 60_000);
    expect(clock.state).toBe('stale');
    world.wayThereMs = 50;
    await clock.sample();
    expect(clock.state).toBe('synced');
    expect(clock.errorMsMax).toBe(30);
  });

  it('takes any sample after the device slept, because its steady clock stood still', async () => {
    const world = new World();
    const clock = new ServerClock(world.ask, world.device);
    await clock.sample();
    world.trueMs += 120_000;
    expect(clock.now()).toBe(world.trueMs - 120_000);
    world.wayThereMs = 30;
    await clock.sample();
    expect(Math.abs(clock.now() - world.trueMs)).toBeLessThanOrEqual(20);
  });

  it('does not move when only the wall clock is changed', async () => {
    const world = new World();
    const clock = new ServerClock(world.ask, world.device);
    await clock.sample();
    world.wallAheadMs = -86_400_000;
    expect(clock.now()).toBe(world.trueMs);
  });

  it('goes on with what it knows while the server is silent', async () => {
    const world = new World();
    const clock = new ServerClock(world.ask, world.device);
    await clock.sample();
    world.reachable = false;
    await clock.sync(2, 0);
    expect(clock.now()).toBe(world.trueMs);
  });
});
