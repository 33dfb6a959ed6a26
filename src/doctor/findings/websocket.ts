import { originText } from '../../headers/forwarded';
import { inGateway, stepText } from '../evidence';
import type { Finding } from '../finding';
import type { KnownTool } from '../known-tools';
import { textOf } from '../look';
import type { Seen, Step } from '../sight';

/** Where a path is known from. */
export type PathSource = 'asked' | 'tool' | 'page';

/** A handshake, as it goes through the gateway, and where it failed, two others. */
export interface SocketSight {
  readonly source: PathSource;
  readonly asPage: Step;
  /** With `host: target`: the tool's own name, in Host and Origin. */
  readonly asTarget: Step | null;
  /** Without an Origin, as programs send it. */
  readonly withoutOrigin: Step | null;
}

/** Why a websocket is refused, as far as it can be told without a login. */
export function websocketFindings(sights: readonly SocketSight[], { origin }: Seen, tool: KnownTool | null): Finding[] {
  return sights.flatMap(({ source, asPage, asTarget, withoutOrigin }): Finding[] => {
    const { status } = asPage;
    if (status === 101 || asPage.exchanged?.result.kind !== 'answered') return [];
    const said = `${stepText(asPage)} to a handshake, Origin: ${originText(origin)}`;
    const setting = tool?.origins?.(originText(origin));
    const refused = { severity: 'wrong', title: 'The websocket is refused for its Origin' } as const;
    if (asTarget?.status === 101)
      return [
        {
          ...refused,
          evidence: [said, 'with the tool’s own name in Host and Origin: 101'],
          cause:
            'The tool takes websockets of pages of its own address only, and knows that by another name than people do.',
          fix: [...(setting === undefined ? [] : [`${tool?.name ?? ''}: ${setting}`]), inGateway('host: target')],
        },
      ];
    if (withoutOrigin?.status === 101)
      return [
        {
          ...refused,
          evidence: [said, 'without an Origin: 101'],
          cause: 'The tool has a list of origins whose pages may open websockets, and this one is not on it.',
          fix: [
            setting === undefined
              ? `Allow ${originText(origin)} in the tool’s list of origins.`
              : `${tool?.name ?? ''}: ${setting}`,
          ],
        },
      ];
    if (status === 426 || (status === 400 && /upgrade|websocket/i.test(textOf(asPage))))
      return [
        {
          severity: 'wrong',
          title: 'The websocket’s Upgrade does not arrive',
          evidence: [said],
          cause:
            'The tool says that it was asked for no websocket, and it was: something in front of it drops Upgrade or Connection.',
          fix: ['Let `target` name the tool itself, or let what is in front of it pass Upgrade and Connection on.'],
        },
      ];
    // Those of a path that is only supposed tell nothing.
    if (source !== 'asked') return [];
    const login = status === 401 || status === 403 || (status >= 300 && status < 400);
    return [
      {
        severity: login ? 'note' : 'warning',
        title: login ? 'The websocket wants a login, so it was not looked at' : `There is no websocket: ${status}`,
        evidence: [said],
        cause: login ? 'Doctor sends no credentials.' : 'The tool answers this path, and not as a websocket.',
        fix: login ? [] : ['Look in the browser’s network view at which path the page opens it.'],
      },
    ];
  });
}
