/** The protected API: the shop's orders, and a precise answer to every token that is no good. */
import type { IncomingMessage } from 'node:http';
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { type Order, type OrderChange, type OrderSummary, STATUSES } from '../shared/orders.ts';
import type { Books, Refusal } from './books.ts';
import type { Faults } from './faults.ts';
import { type Handler, pathOf, readJson } from './loopback.ts';
import { openOrderBook } from './order-book.ts';

/** What the API needs to know. */
export interface OrdersApiOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Origins that may call it from a page. */
  readonly origins: readonly string[];
  /** The public keys of the authorization server. */
  readonly keys: JSONWebKeySet;
  readonly books: Books;
  readonly faults: Faults;
}

type Verdict =
  | { readonly accepted: true; readonly claims: JWTPayload }
  | { readonly accepted: false; readonly refusal: Refusal };

const CHALLENGES: Readonly<Record<Refusal['reason'], string>> = {
  missing: 'Bearer realm="orders"',
  expired: 'Bearer realm="orders", error="invalid_token", error_description="The access token expired"',
  refused: 'Bearer realm="orders", error="invalid_token", error_description="The access token was withdrawn"',
  invalid: 'Bearer realm="orders", error="invalid_token", error_description="The access token is not valid"',
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const NOT_FOUND: Answer = { status: 404, body: { message: 'There is no such resource.' } };

function found(order: Order | undefined): Answer {
  return order === undefined ? NOT_FOUND : { status: 200, body: order };
}

function summarize({ lines: _lines, note: _note, steps: _steps, street: _street, ...summary }: Order): OrderSummary {
  return summary;
}

function readChange(body: unknown): OrderChange | undefined {
  const { picked, status } = Object(body);
  const isChange =
    (status === undefined || STATUSES.includes(status)) &&
    (picked === undefined || (Array.isArray(picked) && picked.every(Number.isInteger)));
  return isChange ? { ...(status && { status }), ...(picked && { picked }) } : undefined;
}

/** Refuses now: a busy server comes to look at the clock long after a request has come. */
function refuse(reason: Refusal['reason'], token: string): Verdict {
  const at = Date.now();
  return { accepted: false, refusal: { at, reason, age: ageOf(token, at) } };
}

function ageOf(token: string, at: number): number | undefined {
  try {
    const { iat } = decodeJwt(token);
    return iat === undefined ? undefined : Math.round(at / 100 - iat * 10) / 10;
  } catch {
    return undefined;
  }
}

/** Makes the API's request handler. */
export function createOrdersApi(options: OrdersApiOptions): Handler {
  const { issuer, audience, origins, books, faults } = options;
  const keys = createLocalJWKSet(options.keys);
  const orders = openOrderBook();

  const judge = async (request: IncomingMessage): Promise<Verdict> => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return { accepted: false, refusal: { at: Date.now(), reason: 'missing' } };
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ['ES256'],
        clockTolerance: 0,
      });
      if (payload.jti === undefined || !faults.isRefused(payload.jti)) return { accepted: true, claims: payload };
      return refuse('refused', token);
    } catch (error) {
      return refuse(error instanceof errors.JWTExpired ? 'expired' : 'invalid', token);
    }
  };

  const answer = async (request: IncomingMessage, user: string): Promise<Answer> => {
    const [, resource, id, ...rest] = pathOf(request).slice(1).split('/');
    if (rest.length > 0) return NOT_FOUND;
    switch (`${request.method} ${resource}${id === undefined ? '' : '/'}`) {
      case 'GET me':
        return { status: 200, body: { user } };
      case 'GET orders':
        return { status: 200, body: { orders: orders.list().map(summarize) } };
      case 'GET orders/':
        return found(orders.find(Number(id)));
      case 'PATCH orders/': {
        const change = readChange(await readJson(request));
        if (change === undefined) return { status: 400, body: { message: 'This is no change of an order.' } };
        return found(orders.change(Number(id), change, user));
      }
      default:
        return NOT_FOUND;
    }
  };

  return async (request, response) => {
    const origin = request.headers.origin;
    response.setHeader('Vary', 'Origin');
    response.setHeader('Cache-Control', 'no-store');
    if (origin !== undefined && origins.includes(origin)) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate, Date');
    }
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, PATCH');
      response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type');
      response.setHeader('Access-Control-Max-Age', '600');
      response.writeHead(204).end();
      return;
    }

    const verdict = await judge(request);
    if (!verdict.accepted) {
      books.apiCall(401, verdict.refusal);
      response.setHeader('WWW-Authenticate', CHALLENGES[verdict.refusal.reason]);
      response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"message":"Sign in first."}');
      return;
    }
    const { status, body } = await answer(request, verdict.claims.sub ?? 'unknown');
    books.apiCall(status);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
}
