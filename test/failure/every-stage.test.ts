import { readAnswer, type Answer } from './support/answer';
import { expectFailure, lineOf, requestText, until, useScenes } from './support/scene';
import { failAt, failingTool, faults, stagesOf, type Fault, type Stage } from './support/stages';

const scenes = useScenes();
const impatient = {
  mount: { timeouts: { response: '150ms', idle: '150ms' } },
  // While the client is to speak, its limit runs.
  limits: { bodyTimeout: '150ms' },
};

/** The code of the answer, or of the log line of an answer that is cut. */
function codeOf({ outcome, rest }: Stage, fault: Fault): string {
  if (fault !== 'goes silent') return 'UPSTREAM_CLOSED';
  if (outcome !== 'refused') return 'UPSTREAM_IDLE_TIMEOUT';
  // Nobody can tell whom it waits for but by who has to speak.
  return rest === '' ? 'UPSTREAM_RESPONSE_TIMEOUT' : 'REQUEST_TIMEOUT';
}

const statusOf: Readonly<Record<string, number>> = {
  UPSTREAM_CLOSED: 502,
  UPSTREAM_RESPONSE_TIMEOUT: 504,
  REQUEST_TIMEOUT: 408,
};

function isWhole({ outcome }: Stage, fault: Fault): boolean {
  return outcome === 'whole' || (outcome === 'by its end' && fault !== 'resets' && fault !== 'goes silent');
}

describe.each(Object.keys(faults) as Fault[])('a tool that %s', (fault) => {
  test.each(stagesOf(fault).map((stage) => [stage.when, stage] as const))('%s', async (_, stage) => {
    const tool = await failingTool(stage);
    scenes.after(() => tool.close());
    const scene = await scenes.before(tool.url, fault === 'goes silent' ? impatient : {});
    const client = await scene.client();
    const answer: Answer = await failAt(stage, fault, client, tool);
    const code = codeOf(stage, fault);
    const goesOn = isWhole(stage, fault);
    if (stage.outcome === 'refused') await expectFailure(scene, answer, statusOf[code] ?? 0, code);
    else {
      expect([answer.body, answer.complete !== false]).toEqual([stage.shows, goesOn]);
      expect(await lineOf(scene, answer)).toMatchObject({ code: goesOn ? null : code, bytes: stage.shows.length });
    }

    if (answer.complete !== false && answer.headers['connection'] !== 'close') {
      const { length } = client.text;
      client.write(requestText('/tool/second'));
      await client.until(/\/second$/);
      expect(readAnswer(client.text.slice(length)).body).toBe('/second');
    } else await client.end();
    expect((await scene.ask('/tool/third')).body).toBe('/third');

    // A sound connection is kept; any other is given up.
    const socket = (await tool.failing).resume();
    if (!goesOn) await until(() => socket.destroyed);
  });
});
