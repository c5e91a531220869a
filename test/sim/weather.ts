/** The weather on the way to the token endpoint: what becomes of one request and its answer. */
import { createAnswer } from './answer.ts';
import type { Faults } from './faults.ts';
import type { Outcome } from './presentation.ts';
import type { Random } from './random.ts';

export interface Weather {
  /** Milliseconds on the way there. */
  readonly up: number;
  /** Milliseconds on the way back. */
  readonly down: number;
  /** Whether the server sees the request. */
  readonly arrives: boolean;
  readonly returns: 'answer' | 'error' | 'silence';
  /** What comes back instead of the server's own answer, and what that tells. */
  readonly instead?: () => Response;
  readonly outcome?: Outcome;
  /** The server's own answer breaks off. */
  readonly isCut?: boolean;
}

export const UNAVAILABLE = createAnswer(503);
const HOTEL = '<!doctype html><title>Sign in to the hotel</title>';

export function drawLatency(random: Random, faults: Faults): number {
  return random.between(10, 60) + (faults.strikes('network slow') ? random.between(100, 20_000) : 0);
}

export function drawWeather(random: Random, faults: Faults): Weather {
  const fair: Weather = {
    up: drawLatency(random, faults),
    down: drawLatency(random, faults),
    arrives: true,
    returns: 'answer',
  };
  if (faults.strikes('request lost')) {
    return { ...fair, arrives: false, returns: 'error', down: random.between(10, 30_000) };
  }
  if (faults.strikes('answer lost')) return { ...fair, returns: 'error', down: random.between(10, 30_000) };
  if (faults.strikes('answer cut')) return { ...fair, isCut: true };
  if (faults.strikes('hang')) return { ...fair, arrives: random.isHit(0.5), returns: 'silence' };
  if (faults.strikes('too many requests')) {
    const seconds = String(Math.ceil(random.between(0, 60)));
    const headers: Record<string, string> = random.isHit(0.7) ? { 'retry-after': seconds } : {};
    return { ...fair, arrives: false, instead: () => createAnswer(429, { headers }), outcome: 'held-back' };
  }
  if (faults.strikes('request timeout'))
    return { ...fair, arrives: false, instead: () => createAnswer(408), outcome: 'held-back' };
  if (faults.strikes('server error')) return { ...fair, arrives: random.isHit(0.5), instead: () => UNAVAILABLE };
  if (faults.strikes('page of HTML')) {
    return { ...fair, arrives: random.isHit(0.2), instead: () => createAnswer(200, { text: HOTEL }) };
  }
  return fair;
}
