/** What is checked of a rotation, of asking whether one has landed, and of the sign-out. */
import { checkTokens } from '../core/tokens.ts';
import type { RotationOutcome, TokenServer, Tokens } from '../core/types.ts';
import { keepSecrets, outcomeOf, type Bench, type Checks } from './bench.ts';
import { createCall, fullUrl } from './fake-backend.ts';
import { CANARY, troubles } from './troubles.ts';

export const rotationChecks: Checks = {
  rotate: async (bench) => {
    const first = await rotateWell(bench, bench.tokens);
    // By the newest refresh token, or by the one that stays.
    if (first !== undefined) await rotateWell(bench, first);
  },

  troubles: async ({ backend, report, server }) => {
    for (const { answer, description, may, name } of troubles) {
      const { context } = createCall(answer);
      const outcome = await outcomeOf(server.rotate(server.readTokens(backend.login()), context));
      if (!may.includes(outcome.outcome)) {
        report(`rotate.${name}`, `${description} is taken for ${outcome.outcome}, and must be ${may.join(' or ')}.`);
      }
      if (quotes(outcome)) report('rotate.quotes', `What came of it quotes the answer: ${name}.`);
    }
  },

  rejection: async ({ backend, report, server, tokens }) => {
    const { context } = createCall(backend.rejection ?? invalidGrant);
    const { outcome } = await outcomeOf(server.rotate(tokens, context));
    if (outcome === 'rejected') return;
    report('rotate.rejection', `A refresh token that the backend does not know is taken for ${outcome}.`);
  },

  probe: async ({ report, server, tokens }) => {
    for (const { answer, description, may, name } of troubles.filter(({ name }) =>
      /^(network|timeout|50.)$/.test(name),
    )) {
      const { outcome } = await outcomeOf(server.probe?.(tokens, createCall(answer).context));
      if (!may.includes(outcome)) report(`probe.${name}`, `${description} is taken for ${outcome}.`);
    }
  },

  revoke: async ({ backend, report, server, tokens }) => {
    const call = createCall(backend.answer);
    await server.revoke?.(tokens, call.context);
    keepSecrets(report, 'revoke', call, tokens);
  },
};

async function rotateWell({ backend, report, server }: Bench, tokens: Tokens): Promise<Tokens | undefined> {
  const call = createCall(backend.answer);
  const result = await server.rotate(tokens, call.context);
  if (result.outcome !== 'rotated') {
    report('rotate.good', `A good answer is taken for ${result.outcome}.`);
    return undefined;
  }
  const next = Object.freeze(checkTokens(result.tokens));
  if (call.sent.length === 0) report('rotate.fetch', 'Nothing was sent with the fetch of the context.');
  if (call.sent.some(({ url }) => !isListed(server, new URL(url)))) {
    report('rotate.endpoint', 'The URL that was asked is not among the endpoints.');
  }
  keepSecrets(report, 'rotate', call, tokens);
  if (tokens.refreshToken !== undefined && next.refreshToken === undefined) {
    report(
      'rotate.refreshToken',
      'The refresh token is lost: where the answer brings none, the one before stays good.',
    );
  }
  if (tokens.accessToken !== undefined && next.accessToken === tokens.accessToken) {
    report('rotate.accessToken', 'The access token is the same as before.');
  }
  return next;
}

/** A cause that the server did not make itself may say what it likes. */
function quotes(outcome: RotationOutcome): boolean {
  const { cause, ...rest } = { cause: undefined, ...outcome };
  const isOwn = cause instanceof Error && !/^(AbortError|TypeError)$/.test(cause.name);
  return JSON.stringify(rest).includes(CANARY) || (isOwn && cause.message.includes(CANARY));
}

/** At one of the endpoints, or below. */
function isListed({ endpoints }: TokenServer, { origin, pathname }: URL): boolean {
  return endpoints.map(fullUrl).some((endpoint) => {
    const path = endpoint.pathname.replace(/\/$/, '');
    return endpoint.origin === origin && (pathname === path || pathname.startsWith(`${path}/`));
  });
}

const invalidGrant = (): Response => Response.json({ error: 'invalid_grant' }, { status: 400 });
