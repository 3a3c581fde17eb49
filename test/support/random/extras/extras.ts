import { diceFrom } from '../dice.ts';
import type { DrawnNetwork } from '../draw-network.ts';
import type { Six } from '../six.ts';
import type { WildFault } from '../wild-faults.ts';
import type { DrawExtra, Extra } from './extra.ts';
import {
  drawAddress,
  drawBridgeFirewall,
  drawBridgeSettings,
  drawMacvlan,
  drawProxy,
  drawVirtualRouter,
} from './links.ts';
import { drawMark, drawMultipath, drawPolicyRule, drawRoute, drawViaInet6 } from './policy.ts';
import { drawChain, drawTranslation, drawVerdicts } from './translation.ts';
import { drawVxlan } from './vxlan.ts';

const KINDS: Readonly<Record<string, DrawExtra>> = {
  vxlan: drawVxlan,
  rule: drawPolicyRule,
  mark: drawMark,
  multipath: drawMultipath,
  route: drawRoute,
  inet6: drawViaInet6,
  chain: drawChain,
  translation: drawTranslation,
  verdicts: drawVerdicts,
  'bridge-firewall': drawBridgeFirewall,
  bridge: drawBridgeSettings,
  vrrp: drawVirtualRouter,
  macvlan: drawMacvlan,
  proxy: drawProxy,
  address: drawAddress,
};

/** What a network has besides, by dice of its own: the networks of older seeds stay as they are. `RANDOM_EXTRA=vxlan` draws of that kind alone. */
export function drawExtras(drawn: DrawnNetwork): readonly Extra[] {
  const dice = diceFrom(drawn.seed + 900_007);
  const wanted = process.env['RANDOM_EXTRA'];
  const kinds = wanted === undefined ? [...Object.keys(KINDS), 'vxlan'] : wanted.split(',');
  const count = wanted === undefined ? dice.pick([0, 1, 1, 2, 3]) : dice.pick([1, 1, 2]);
  return Array.from({ length: count }, (_, at) => KINDS[dice.pick(kinds)]?.(drawn, dice, at) ?? null).filter(
    (extra) => extra !== null,
  );
}

/** Those that IPv6 has too, in its words. */
export const extrasInSix = (extras: readonly Extra[], six: Six): readonly Extra[] =>
  extras.flatMap((extra) => {
    const steps = extra.steps.flatMap(({ where, argv, input }): WildFault[] => {
      const words = six.text(argv.join(' '));
      const rules = input === undefined ? undefined : six.text(input);
      return words === null || rules === null
        ? []
        : [{ where, argv: words.split(' '), ...(rules === undefined ? {} : { input: rules }) }];
    });
    const targets = extra.targets.map((one) => ({ ...one, address: six.address(one.address) }));
    return extra.only === 4 || steps.length === 0 ? [] : [{ ...extra, steps, targets }];
  });
