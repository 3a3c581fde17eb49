import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { Check } from '../../format/check-schema.ts';
import type { CheckContext } from './context.ts';
import { checkAddress, checkBridgePort, checkLink } from './links.ts';
import { checkCapture } from './capture.ts';
import { checkMtu } from './size.ts';
import { inverted, unknown, type CheckOutcome } from './outcome.ts';
import { checkReach, checkRule } from './reach.ts';
import { checkNeighbour, checkRoute, checkSysctl } from './routes.ts';
import { checkCommand, checkContainer, checkListens, checkResolves } from './services.ts';

/**
 * Looks whether a check holds now. Changes nothing; sends a packet only with `probe`, and only to confirm that it holds.
 * Never throws: what cannot be answered is `unknown`.
 */
export async function evaluate(check: Check, context: CheckContext, probe: boolean): Promise<CheckOutcome> {
  try {
    const outcome = await look(check, context, probe);
    return check.not ? inverted(outcome) : outcome;
  } catch (error) {
    const reason = displayText(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    return unknown(`This could not be checked (${reason}).`, `这一项无法检查（${reason}）。`);
  }
}

function look(check: Check, context: CheckContext, probe: boolean): Promise<CheckOutcome> {
  switch (check.kind) {
    case 'reach':
      return checkReach(check.what, context, probe);
    case 'link':
      return checkLink(check.what, context);
    case 'address':
      return checkAddress(check.what, context);
    case 'route':
      return checkRoute(check.what, context);
    case 'sysctl':
      return checkSysctl(check.what, context);
    case 'neighbour':
      return checkNeighbour(check.what, context);
    case 'bridge-port':
      return checkBridgePort(check.what, context);
    case 'rule':
      return checkRule(check.what, context);
    case 'listens':
      return checkListens(check.what, context);
    case 'resolves':
      return checkResolves(check.what, context);
    case 'container':
      return checkContainer(check.what, context);
    case 'mtu':
      return checkMtu(check.what, context, probe);
    case 'capture':
      return checkCapture(check.what, context);
    case 'command':
      return checkCommand(check.what, context);
  }
}
