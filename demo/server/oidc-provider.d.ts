/** The part of oidc-provider that the demo uses; the package brings no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  /** What the provider's Koa middleware is given. */
  export interface Context {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly path: string;
    readonly method: string;
    status: number;
    type: string;
    body: unknown;
    respond?: boolean;
    readonly set: (name: string, value: string) => void;
    readonly get: (name: string) => string;
    /** Absent until a route of the provider's own has matched. */
    readonly oidc?: {
      readonly params?: Readonly<Record<string, string | undefined>>;
      readonly client?: { readonly clientId: string };
      readonly session?: { readonly accountId?: string };
      readonly entities: Readonly<Record<string, unknown>>;
    };
  }

  /** What a user agreed to. */
  export interface Grant {
    readonly addOIDCScope: (scope: string) => void;
    readonly addResourceScope: (resource: string, scope: string) => void;
    readonly save: () => Promise<string>;
  }

  /** An access token as the provider knows it. */
  export interface Token {
    readonly jti: string;
  }

  /** Where the provider keeps what it knows. */
  export interface Adapter {
    readonly upsert: (id: string, payload: Payload, expiresIn: number | undefined) => Promise<void>;
    readonly find: (id: string) => Promise<Payload | undefined>;
    readonly findByUid: (uid: string) => Promise<Payload | undefined>;
    readonly findByUserCode: (userCode: string) => Promise<Payload | undefined>;
    readonly consume: (id: string) => Promise<void>;
    readonly destroy: (id: string) => Promise<void>;
    readonly revokeByGrantId: (grantId: string) => Promise<void>;
  }

  /** One stored thing. */
  export interface Payload {
    readonly grantId?: string;
    readonly uid?: string;
    consumed?: number;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: new (facts: {
      readonly accountId: string;
      readonly clientId: string;
    }) => Grant;
    readonly AuthorizationCode: new (
      facts: Readonly<Record<string, unknown>>,
    ) => {
      readonly save: () => Promise<string>;
    };
    readonly Client: { readonly find: (id: string) => Promise<unknown> };
    readonly callback: () => (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    readonly use: (middleware: (context: Context, next: () => Promise<void>) => Promise<void>) => this;
    readonly on: {
      (event: 'grant.error', listener: (context: Context, error: { readonly error_detail?: string }) => void): void;
      (event: 'access_token.issued', listener: (token: Token) => void): void;
    };
    readonly interactionFinished: (
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ) => Promise<void>;
    readonly interactionDetails: (
      request: IncomingMessage,
      response: ServerResponse,
    ) => Promise<{ readonly uid: string }>;
  }
}
