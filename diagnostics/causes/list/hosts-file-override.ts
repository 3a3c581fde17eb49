import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { containerWith } from '../containers.ts';
import { engineLine } from '../evidence.ts';
import { askingFiles } from '../names.ts';
import { labelIn, ownersOf, type WaySituation } from '../situation.ts';
import { hostsLines } from '../../simulate/names/names.ts';

/** Nobody has the address of the line: whatever else is wrong, the line is. */
const asksNobody = ({ step, packet }: WaySituation): boolean =>
  step.kind === 'neighbour' && step.by === 'nobody' && step.address === packet.destination;

const isSomebodys = (snapshot: Snapshot, address: string): boolean => ownersOf(snapshot, address).length > 0;

/** A line of /etc/hosts gives the name an address at which it does not answer; name servers know a better one, even if more is wrong with that. */
export const hostsFileOverride: CauseKind = {
  id: 'hosts-file-override',
  find(situation) {
    if (situation.type !== 'way' || situation.naming?.by !== 'hosts') return null;
    const { snapshot, naming, flow, trace } = situation;
    const asking = askingFiles(snapshot, flow);
    const other = naming.others.find(
      ({ same, by, arrives, address }) =>
        !same && (by === 'engine' || arrives || (asksNobody(situation) && isSomebodys(snapshot, address))),
    );
    const [line] = asking ? hostsLines(asking.files, naming.name) : [];
    if (!asking || !other || !line) return null;
    const { namespace, container, engine, files } = asking;
    const read = ['cat', '/etc/hosts'];
    return {
      id: 'hosts-file-override',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        name: naming.name,
        namespace: labelIn(snapshot, namespace),
        address: line.address,
        line: line.line ?? null,
        right: other.address,
        container: containerWith(snapshot, other.address)?.container.name ?? null,
        server: other.server,
      },
      evidence: [
        {
          source:
            container === null
              ? (files.files?.hosts ?? '/etc/hosts')
              : engineLine(engine, 'exec', container, ...read),
          text: `${line.address} ${line.names.join(' ')}`,
        },
        { source: `DNS: ${other.server}`, text: `${other.query}: ${other.address}` },
      ],
      remedies: [
        {
          actions: [
            {
              kind: 'edit-resolver',
              namespace,
              container,
              change: { type: 'drop-host', name: naming.name },
            },
          ],
        },
        { actions: [{ kind: 'ask-instead', to: other.address, port: null, address: other.address }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The hosts file of ${p('namespace')} says that ${p('name')} is ${p('address')}; ${p('container') === '' ? `its name server says ${p('right')}` : `it is the container ${p('container')}, ${p('right')}`}`,
      explanation: (p) =>
        `/etc/hosts is read before any name server is asked, and what it says is final. Its line${p('line') === '' ? '' : ` ${p('line')}`} sends ${p('name')} to ${p('address')}, where the service is not (any more). ${p('server')} would answer ${p('right')}. Such lines are left over from a test, from an address that changed, or from --add-host (extra_hosts). Remove the line; the name then follows the service by itself.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的 hosts 文件说 ${p('name')} 是 ${p('address')}；${p('container') === '' ? `它的名字服务器说是 ${p('right')}` : `它其实是容器 ${p('container')}，地址 ${p('right')}`}`,
      explanation: (p) =>
        `程序先查 /etc/hosts，再问名字服务器；hosts 文件里有的就不再问。其中${p('line') === '' ? '一行' : `第 ${p('line')} 行`}把 ${p('name')} 指向 ${p('address')}，而服务（已经）不在那里；${p('server')} 会回答 ${p('right')}。这种行往往是测试、地址变更或 --add-host（extra_hosts）留下的。删掉它，名字就会自动跟着服务走。`,
    },
  },
};
