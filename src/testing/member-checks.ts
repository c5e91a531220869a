/** What is checked of each member of a token server but its rotation. */
import { errorOf, membersOf, resourceOf, type Checks } from './bench.ts';
import { createCall, fullUrl } from './fake-backend.ts';
import { CANARY } from './troubles.ts';

export const memberChecks: Checks = {
  endpoints: ({ report, server }) => {
    if (server.endpoints.length === 0) {
      report('endpoints.none', 'No endpoint is listed: the session would put tokens on requests to them.');
    }
    for (const url of server.endpoints) fullUrl(url);
  },

  lostAnswer: ({ report, server }) => {
    if (server.lostAnswer === 'probe' && server.probe === undefined) {
      report('lostAnswer.probe', "lostAnswer is 'probe', and there is no probe.");
    }
  },

  readTokens: ({ backend, report, server }) => {
    for (const garbage of [undefined, null, 'text', 7, []]) {
      const error = errorOf(() => server.readTokens(garbage));
      if (error === undefined) {
        report('readTokens.garbage', `${JSON.stringify(garbage) ?? 'undefined'} is taken for a token response.`);
      } else if (!(error instanceof TypeError)) {
        report('readTokens.error', 'What is no token response must be a TypeError.');
      }
    }
    for (const [member, value] of membersOf(backend.login())) {
      if (typeof value !== 'string') continue;
      const error = errorOf(() =>
        server.readTokens({ ...Object.fromEntries(membersOf(backend.login())), [member]: `${CANARY}\u0000` }),
      );
      if (String(error).includes(CANARY)) report('readTokens.quotes', `The error for a bad ${member} quotes it.`);
    }
  },

  attach: async (bench) => {
    const { report, server, tokens } = bench;
    const url = resourceOf(bench);
    const { credentials, headers } = await server.attach({ url, method: 'GET' }, tokens);
    const values = [...new Headers({ ...headers }).values()].join('\n');
    const { accessToken, refreshToken } = tokens;
    const isCarried = accessToken === undefined ? credentials === 'include' : values.includes(accessToken);
    if (!isCarried) report('attach.token', 'A request does not carry the access token.');
    if (refreshToken !== undefined && values.includes(refreshToken)) {
      report('attach.refreshToken', 'A request to a resource carries the refresh token.');
    }
  },

  prepare: async ({ backend, server }) => server.prepare?.(createCall(backend.answer).context),

  isRefusal: async (bench) => {
    const { backend, report, server } = bench;
    const url = resourceOf(bench);
    const ask = async (response: Response): Promise<boolean | 'again'> => {
      const verdict = await server.isRefusal({ request: { url, method: 'GET' }, response });
      if (response.bodyUsed) report('isRefusal.body', `The body of a ${response.status} is read: the app needs it.`);
      return verdict;
    };
    const refusal = backend.refusal?.() ?? new Response('{}', { status: 401 });
    if (!(await ask(refusal))) report('isRefusal.refusal', 'The API’s refusal of a token is not taken for one.');
    for (const status of [200, 403, 404, 500]) {
      if (await ask(Response.json({}, { status }))) {
        report(`isRefusal.${status}`, `A plain ${status} is taken for the refusal of a token.`);
      }
    }
  },

  adopt: ({ report, server, tokens }) => {
    if (server.adopt?.(Response.json({}), tokens) === undefined) return;
    report('adopt.nothing', 'Tokens are adopted from an answer that carries none.');
  },
};
