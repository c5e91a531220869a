/** The access token as a bearer token: in a header of its own (RFC 6750 section 2.1), and refused with 401 (section 3.1). */
import { refusesToken } from '../core/refusal.ts';
import type { TokenServer } from '../core/types.ts';

/** What all servers of bearer tokens have in common. */
export const bearer: Pick<TokenServer, 'attach' | 'isRefusal'> = {
  attach: (_, { accessToken }) => ({
    headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
  }),
  isRefusal: ({ response }) => refusesToken(response, 'bearer'),
};
