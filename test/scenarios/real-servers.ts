/** Real servers: FastAPI with Redis, as token services are written, under ever more calls. */
import { setTimeout as wait } from 'node:timers/promises';
import { ofTokenService } from '../backends/token-service.ts';
import { expectUnharmed, ordealOf } from './ordeal.ts';
import type { Scenario } from './scenario.ts';
import { at } from './servers.ts';
import type { Stage } from './stage.ts';
import type { Tally } from './tally.ts';

const LIVES = 20;
/** So many calls more at once in each tab with every life. */
const STEP = 1;
/** Milliseconds between one round of calls and the next. */
const PAUSE = 100;

/** Calls in rounds, more in each life than in the one before. */
async function press(stage: Stage): Promise<Tally> {
  const { demo, expect, setting, tabs } = stage;
  for (let life = 1; life <= LIVES; life += 1) {
    const until = Date.now() + setting.life * 1000;
    await Promise.all(
      tabs().map(async (tab) => {
        while (Date.now() < until) {
          await tab.ask('call', life * STEP);
          await wait(PAUSE);
        }
      }),
    );
  }
  const tally = await expectUnharmed(stage);
  // The application's own record: the age of every token that it refused, none but those that died as the machine stood still.
  expect(await (await fetch(`${demo.issuer}/refused`)).json()).toHaveLength(tally.excusedRefusals.length);
  return tally;
}

const fastapi = at('json', ofTokenService('json'));
const strict = { losesAnswers: true, reuses: 1, life: 4 };

export const realServers: readonly Scenario[] = [
  {
    name: `FastAPI and Redis: ever more calls at once, over ${LIVES} token lives, and no 401`,
    servers: fastapi,
    life: 4,
    tabs: 3,
    weight: 75,
    play: press,
  },
  ...[
    { name: 'FastAPI and Redis', servers: fastapi, life: 4 },
    { ...strict, name: 'RomM in FastAPI and Redis', servers: at('romm', ofTokenService('romm')) },
    {
      ...strict,
      name: 'RomM in FastAPI and Redis, which fails on an expired token',
      servers: at('romm', ofTokenService('romm-500')),
    },
  ].flatMap(ordealOf),
];
