/** The authorization server: a certified one, with one-use refresh tokens and no mercy for reuse. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Context, Provider } from 'oidc-provider';
import { type AuthorizationServerOptions, configure, SIGN_IN_PATH } from './authorization-configuration.ts';
import { readBody } from './loopback.ts';
import { errorPage, signInPage, styleSheet } from './sign-in-page.ts';
import { withoutAdvice } from './silence.ts';

const TOKEN_PATH = '/token';
const REVOCATION_PATH = '/token/revocation';

function cut(context: Context): void {
  context.respond = false;
  context.req.socket.destroy();
}

/** Cuts the connection in the middle of the answer. Before its head, Chromium would send the request again by itself. */
async function cutAnswer(context: Context): Promise<void> {
  context.respond = false;
  context.res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 });
  await new Promise((resolve) => context.res.write('{', resolve));
  context.req.socket.destroy();
}

/** Makes the server's request handler. */
export async function createAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<ReturnType<Provider['callback']>> {
  const { issuer, books, faults, origins } = options;
  const provider = await withoutAdvice(async () => {
    const { Provider } = await import('oidc-provider');
    return new Provider(issuer, configure(options));
  });

  provider.on('access_token.issued', ({ jti }) => faults.noteAccessToken(jti));
  provider.on('grant.error', (_context, { error_detail }) => {
    if (error_detail === 'refresh token already used') books.reuse();
  });

  const refuseWhenDown = async (context: Context, next: () => Promise<void>): Promise<void> => {
    const reach = faults.reach();
    if (reach.status === 'up') return next();
    if (context.path === TOKEN_PATH && context.method === 'POST') books.tokenRequest('unread', reach.mode);
    if (reach.mode === 'cut') return cut(context);
    const origin = context.get('Origin');
    if (origins.includes(origin)) context.set('Access-Control-Allow-Origin', origin);
    context.status = 503;
    context.body = { error: 'temporarily_unavailable' };
  };

  // Each sign-in asks for a name: the provider's own login session is forgotten at once.
  const forgetLogin = async (context: Context, next: () => Promise<void>): Promise<void> => {
    const cookies = context.req.headers.cookie?.split('; ').filter((cookie) => !cookie.startsWith('_session'));
    if (cookies !== undefined) context.req.headers.cookie = cookies.join('; ');
    await next();
  };

  const askForName = async (context: Context, next: () => Promise<void>): Promise<void> => {
    if (context.path === '/sign-in.css') {
      context.type = 'css';
      context.body = styleSheet;
      return;
    }
    if (!context.path.startsWith(SIGN_IN_PATH)) return next();
    context.set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'",
    );
    context.set('Cache-Control', 'no-store');
    try {
      const { uid } = await provider.interactionDetails(context.req, context.res);
      if (context.method !== 'POST') {
        context.type = 'html';
        context.body = signInPage(`${SIGN_IN_PATH}${uid}`, issuer);
        return;
      }
      const accountId = new URLSearchParams(await readBody(context.req)).get('name')?.trim() || 'anonymous';
      context.respond = false;
      await provider.interactionFinished(context.req, context.res, { login: { accountId, remember: false } });
    } catch {
      context.status = 400;
      context.type = 'html';
      context.body = errorPage('This sign-in is over. Go back to the app and begin again.');
    }
  };

  const watchTokens = async (context: Context, next: () => Promise<void>): Promise<void> => {
    if (context.path !== TOKEN_PATH || context.method !== 'POST') return next();
    books.arrival();
    const hold = faults.takeHold();
    const { before, after } = faults.tokenDelay();
    if (before > 0) await wait(before);
    await hold?.pass('before');
    if (context.req.destroyed) return cut(context);
    await next();
    const { access_token, error, id_token, refresh_token } = Object(context.body);
    books.tokenRequest(context.oidc?.params?.['grant_type'] ?? 'unread', typeof error === 'string' ? error : 'ok');
    if (error === undefined) {
      options.onIssue({
        accessToken: String(access_token),
        refreshToken: String(refresh_token),
        idToken: String(id_token),
      });
    }
    if (faults.takeDrop()) return cutAnswer(context);
    if (after > 0) await wait(after);
    await hold?.pass('after');
  };

  const watchRevocations = async (context: Context, next: () => Promise<void>): Promise<void> => {
    await next();
    if (context.path !== REVOCATION_PATH || context.method !== 'POST' || context.status !== 200) return;
    books.revocation(context.oidc?.entities['RefreshToken'] !== undefined);
  };

  for (const step of [refuseWhenDown, forgetLogin, askForName, watchTokens, watchRevocations]) provider.use(step);
  return provider.callback();
}
