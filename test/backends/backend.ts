/** A stand or a system as one machine's backend: somebody can log in, and what has been asked of it stands in its ledger. */
import { exportJWK, generateKeyPair } from 'jose';
import { bff } from './bff.ts';
import { folio } from './folio.ts';
import type { Answer, Build, Counts, Question, Settings } from './stand.ts';
import { stackit } from './stackit.ts';
import { readCookies, type System } from './system.ts';
import { tokenStore, type TokenStore } from './token-store.ts';

/** What has been asked of a backend. */
export type Ledger = Pick<Counts, 'rotations' | 'reuses' | 'logouts' | 'refused'>;

/** A backend that somebody can log in to at `POST /login`. */
export interface Backend {
  readonly answer: (question: Question) => Answer | Promise<Answer>;
  /** Whether the question is one for the next tokens: it can be held, and its answer be lost. */
  readonly isRotation: (question: Question) => boolean;
  readonly ledger: Readonly<Ledger>;
  readonly close?: () => Promise<void>;
}

/** Tokens live so many seconds. It will be reached by that origin. */
export type OpenBackend = (life: number, origin: string) => Promise<Backend>;

/** A stand. */
export const ofStand =
  (build: Build, settings: Omit<Settings, 'life'> = {}): OpenBackend =>
  async (life) => {
    const counts: Counts = { rotations: 0, reuses: 0, logouts: 0, good: 0, anonymous: 0, refused: [] };
    const { answer, isRotation, login } = build({ life, ...settings }, counts);
    return {
      answer: (question) => (question.path === '/login' ? { body: login() } : answer(question)),
      isRotation,
      ledger: counts,
    };
  };

const USER = 'ada';
const DAY = 86_400_000;

/** Whose session of cookies is begun by the login's answer. */
const ofCookies =
  (make: (store: TokenStore) => System, rotation: string): OpenBackend =>
  async (life) => {
    const store = tokenStore();
    const system = make(store);
    const login = new URLSearchParams({ user: USER, access: String(life * 1_000), refresh: String(DAY) });
    return {
      answer: (question) => ask(system, question, question.path === '/login' ? login : undefined),
      isRotation: ({ method, path }) => method === 'POST' && path === rotation,
      ledger: store.historyOf(USER),
    };
  };

/** A backend for the frontend, which tells nothing of its cookies' lives. */
export const ofBff = ofCookies(bff, '/bff/refresh');

/** FOLIO. */
export const ofFolio = ofCookies(folio, '/authn/refresh');

/** STACKIT. Nobody has to log in: `/key` is the key that its user was given, as a JWK. */
export const ofStackit: OpenBackend = async (life) => {
  const store = tokenStore();
  const system = stackit(store, { access: life * 1_000, refresh: DAY });
  const { privateKey, publicKey } = await generateKeyPair('RS512', { extractable: true });
  const key = await exportJWK(privateKey);
  const body = JSON.stringify(await exportJWK(publicKey));
  await ask(system, { method: 'POST', path: '/keys', headers: {}, body }, new URLSearchParams({ user: USER }));
  return {
    answer: (question) => {
      if (question.path === '/key') return { body: key };
      return question.path === '/login' ? { body: {} } : ask(system, question);
    },
    isRotation: ({ path }) => path === '/token',
    ledger: store.historyOf(USER),
  };
};

async function ask(system: System, question: Question, query = new URLSearchParams()): Promise<Answer> {
  const { body, cookies, status, type } = await system({
    ...question,
    query,
    cookies: readCookies(question.headers['cookie']?.toString()),
  });
  const headers = { ...(type && { 'content-type': type }), ...(cookies && { 'set-cookie': cookies }) };
  return { status, headers, body: body === undefined || type !== undefined ? body : JSON.parse(body) };
}
