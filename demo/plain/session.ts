/** The session of this page. */
import { createSession } from 'holdfast';
import { sessionOptions } from '../shared/session-options.ts';
import { report } from './report.ts';

/** The one session of this page. */
export const session = createSession({ ...sessionOptions, logger: report });
