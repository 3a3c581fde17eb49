import { afterEach, beforeEach, describe, it } from 'vitest';
import { agreeForCertain, tcp } from '../../support/agree.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.1.1/24', 'blue/eth0 10.0.1.2/24');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await hasty(net, 'red', 'blue');
});
afterEach(() => net.close());

const HOUR = 3_600_000;
const clock = (offset: number, now = Date.now()): string =>
  new Date(now + offset).toISOString().slice(11, 19);
const moment = (offset: number): string => new Date(Date.now() + offset).toISOString().slice(0, 19);
const weekday = (offset: number): string =>
  ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(Date.now() + offset).getUTCDay()] ?? '';
const DAY = 24 * HOUR;

/** From an hour ago, or two, almost round the clock: over midnight, and so that the end is the smaller number. */
function overMidnight(): string {
  const now = Date.now();
  const hours = clock(-HOUR, now) > clock(-2 * HOUR, now) ? 1 : 2;
  const [began, ends] = [-hours * HOUR, -(hours + 1) * HOUR];
  return `--timestart ${clock(began, now)} --timestop ${clock(ends, now)} --weekdays ${weekday(began)} --contiguous`;
}

/** What holds now, and what does not, whatever the hour at which this runs. */
describe.each(['iptables', 'iptables-legacy'])('%s: rules that ask for the time', (iptables) => {
  it.each<readonly [string, () => string, boolean]>([
    ['within an hour', () => `--timestart ${clock(-HOUR)} --timestop ${clock(HOUR)}`, true],
    ['an hour ago', () => `--timestart ${clock(-2 * HOUR)} --timestop ${clock(-HOUR)}`, false],
    ['in an hour', () => `--timestart ${clock(HOUR)} --timestop ${clock(2 * HOUR)}`, false],
    ['but for two hours from now on', () => `--timestart ${clock(2 * HOUR)} --timestop ${clock(HOUR)}`, true],
    ['today', () => `--weekdays ${weekday(0)}`, true],
    ['not today', () => `! --weekdays ${weekday(0)}`, false],
    ['tomorrow and the day after', () => `--weekdays ${weekday(DAY)},${weekday(2 * DAY)}`, false],
    ['on this day of the month', () => `--monthdays ${new Date().getUTCDate()}`, true],
    ['on all others', () => `! --monthdays ${new Date().getUTCDate()}`, false],
    ['since yesterday', () => `--datestart ${moment(-DAY)}`, true],
    ['until yesterday', () => `--datestop ${moment(-DAY)}`, false],
    ['of the day on which it began, over midnight', overMidnight, true],
  ])('%s', async (_, words, holds) => {
    await net.run('blue', `${iptables} -A INPUT -p tcp -m time ${words()} -j DROP`);
    await agreeForCertain(
      tcp('red', '10.0.1.2', 80),
      holds ? 'dropped at blue' : 'delivered at blue',
      holds ? 'nothing' : 'delivered at red',
    );
  });
});
