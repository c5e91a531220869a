/** oidc-provider with proofs and nonces required, and its API, at one origin. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import type { OpenBackend } from './backend.ts';
import { forward } from './forward.ts';
import { issueCode, makeApi, makeProvider, REDIRECT_URI, type Handler } from './oidc-dpop.ts';
import type { Question } from './stand.ts';

/** Milliseconds: an API that wants another nonce sooner makes two round trips of many a call. */
const NONCE_LIFE = 10_000;

/** A login's answer is a code, which the page has to exchange: only it has the key. */
export const ofOidcDpop: OpenBackend = async (life, origin) => {
  const ledger = { rotations: 0, reuses: 0, logouts: 0, refused: [] as number[] };
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { kid: 'test', alg: 'ES256', use: 'sig' };
  const provider = await makeProvider(origin, origin, { ...(await exportJWK(privateKey)), ...key }, life);
  provider.on('grant.error', (_context, { error_detail }) => {
    if (error_detail === 'refresh token already used') ledger.reuses += 1;
  });
  const [answerApi, answerProvider]: readonly Handler[] = [
    makeApi(origin, origin, [{ ...(await exportJWK(publicKey)), ...key }], NONCE_LIFE),
    provider.callback(),
  ];
  const server = createServer((request, response) => {
    void (request.url?.startsWith('/api/') ? answerApi : answerProvider)?.(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const isRotation = ({ body, path }: Question): boolean =>
    path === '/token' && new URLSearchParams(body).get('grant_type') === 'refresh_token';

  return {
    ledger,
    isRotation,
    answer: async (question) => {
      if (question.path === '/login')
        return { body: { redirect_uri: REDIRECT_URI, code: await issueCode(provider, origin, 'ada') } };
      const answer = await forward({ port }, question);
      const challenge = String(answer.headers?.['www-authenticate'] ?? '');
      if (answer.status === 200 && isRotation(question)) ledger.rotations += 1;
      if (answer.status === 200 && question.path === '/token/revocation') ledger.logouts += 1;
      if (challenge.includes('invalid_token')) ledger.refused.push(ageOf(question));
      return answer;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

function ageOf({ headers }: Question): number {
  const { iat = 0 } = decodeJwt(String(headers['authorization']).replace(/^DPoP /, ''));
  return Date.now() - iat * 1_000;
}
