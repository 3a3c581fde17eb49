import { allEngines } from '../model/engines.ts';
import { displayText } from '../model/display-text.ts';
import type { Language, Localised } from '../model/language.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { Trace } from '../model/trace.ts';
import { said } from '../sayings/sayings.ts';

/** Things that a user has to know about an answer, a sentence each. */
export type Note =
  | { readonly type: 'disagree'; readonly predicted: string; readonly probed: string }
  | { readonly type: 'doubt'; readonly text: string }
  /** With the first fixes the walk may arrive; what it depends on. */
  | { readonly type: 'fix-open'; readonly text: string }
  | { readonly type: 'not-privileged' }
  | { readonly type: 'engine-denied'; readonly reason: string }
  | { readonly type: 'engine-foreign'; readonly endpoint: string }
  | { readonly type: 'udp-silence' }
  /** Of two that have the address, it is not the one that was asked for who answers. */
  | {
      readonly type: 'own-address';
      readonly address: string;
      readonly asker: string;
      readonly others: string;
    }
  | { readonly type: 'namesake'; readonly address: string; readonly asked: string; readonly answers: string }
  /** A port of the host's is meant for a container, and a program of the host's own has it. */
  | {
      readonly type: 'port-taken';
      readonly port: number;
      readonly program: string;
      readonly container: string;
      readonly runs: boolean;
    }
  | { readonly type: 'proxy'; readonly container: string; readonly variable: string; readonly proxy: string }
  | { readonly type: 'not-probed'; readonly detail: string }
  | { readonly type: 'outside' }
  /** A link-local address was said without an interface, and can be behind one alone. */
  | { readonly type: 'scope'; readonly address: string; readonly device: string }
  /** Who looks a name up waits for `server` first, so many seconds, and then asks `next`. */
  | {
      readonly type: 'slow-names';
      readonly server: string;
      readonly next: string;
      readonly seconds: number;
    }
  | { readonly type: 'leaves-machine'; readonly device: string }
  | { readonly type: 'unexplained' }
  /** Why nobody knows of programs that may have lost the packet. */
  | { readonly type: 'programs-unseen'; readonly reason: string }
  | { readonly type: 'many-addresses'; readonly count: number }
  | { readonly type: 'size-passes'; readonly size: number }
  /** `passes`: the largest that does. */
  | { readonly type: 'size-adapts'; readonly size: number; readonly passes: number }
  /** Of several ways all packets between two addresses take one; `fails`: where those that do not arrive end. */
  | {
      readonly type: 'other-addresses';
      readonly of: number;
      readonly arrives: boolean;
      readonly fails: readonly string[];
    }
  /** The search list made another name of TO, and that one has the address. */
  | { readonly type: 'searched'; readonly name: string; readonly query: string; readonly address: string }
  /** Who was to answer listened at first, and not any more after a probe. */
  | {
      readonly type: 'server-gone';
      readonly program: string | null;
      readonly port: number;
      readonly namespace: string;
    }
  /** TO is an IPv6 address as it is written, and may have been meant as a shorter one with a port. */
  | {
      readonly type: 'unbracketed';
      readonly written: string;
      readonly address: string;
      readonly port: number;
    }
  /** The name has an address of nobody; `by`: which file or server says so. */
  | {
      readonly type: 'names-nobody';
      readonly name: string;
      readonly address: string;
      readonly asker: string;
      readonly by: string;
    }
  /** The name has an address of the other family too: it is reached as well, or alone; it is lost, or neither is reached. */
  | {
      readonly type: 'other-family';
      readonly name: string;
      readonly address: string;
      readonly family: 'IPv4' | 'IPv6';
      readonly fate: 'reached' | 'alone' | 'lost' | 'neither' | 'left-out' | 'unknown';
    }
  /** `tries`: how many probes were made to see the ways, and how many were answered; null: none. */
  | {
      readonly type: 'chance';
      readonly of: number;
      readonly arriving: 'all' | 'some' | 'none';
      readonly tries: { readonly made: number; readonly answered: number } | null;
    };

type Arriving = Readonly<Record<Extract<Note, { type: 'chance' }>['arriving'], string>>;

const CHANCE_EN: Arriving = {
  all: '; all of them arrive, and the first is shown',
  some: ', and not all of them arrive',
  none: '; none of them arrives',
};

const CHANCE_ZH: Arriving = {
  all: '；它们都能到达，这里显示第一条',
  some: '，其中有的到不了',
  none: '；没有一条能到达',
};

type Fates = Readonly<Record<Extract<Note, { type: 'other-family' }>['fate'], string>>;

const OTHER_FAMILY_EN: Fates = {
  reached: ', which is reached as well',
  alone:
    ', and that one is reached: a program that tries every address gets through, one that tries only the first may not',
  lost: ', and that one is not reached: a program that tries it first has to wait for it, or fails',
  neither: ', and that one is not reached either',
  'left-out': ', to which there is no route from here: programs leave it out',
  unknown: '; whether that one is reached cannot be told',
};

const OTHER_FAMILY_ZH: Fates = {
  reached: '，同样可以到达',
  alone: '，这个地址可以到达：会逐个尝试地址的程序能连上，只试第一个的程序不一定',
  lost: '，这个地址到不了：先试它的程序要等待，或者直接失败',
  neither: '，这个地址也到不了',
  'left-out': '，但从这里没有去往它的路由，程序会跳过它',
  unknown: '；它能否到达无法判断',
};

const TEXT: Localised<(note: Note) => string> = {
  en(note) {
    switch (note.type) {
      case 'disagree':
        return `The kernel answered otherwise than predicted (predicted: ${note.predicted}; it was: ${note.probed}). Believe the kernel; the causes below are only possible ones. A snapshot (hoplab snapshot -o FILE) helps to find out why.`;
      case 'doubt':
        return `Not certain: ${note.text}`;
      case 'fix-open':
        return `Whether the fix is enough is not certain: ${note.text}`;
      case 'not-privileged':
        return 'This user may not look into other network namespaces, firewalls and processes: run the same command with sudo to see them.';
      case 'engine-denied':
        return `The container engine could not be asked: ${note.reason}`;
      case 'engine-foreign':
        return `The container engine at ${note.endpoint} runs on another machine: its containers are known by name only.`;
      case 'udp-silence':
        return 'No answer came, which proves nothing with UDP: a server may take a datagram and keep quiet.';
      case 'own-address':
        return `${note.address} is an address of ${note.asker} itself, so what it sends there never leaves it. ${note.others} has the same address: to reach that one, take the address away from ${note.asker}, or give one of them another.`;
      case 'namesake':
        return `It is ${note.answers} that answers, and not ${note.asked}: both have the address ${note.address}, and what is sent to it comes to ${note.answers}. To reach ${note.asked}, give one of them another address.`;
      case 'port-taken':
        return `It is ${note.program}, a program of the host itself, that answers on port ${note.port}, and not the container ${note.container}, ${note.runs ? 'which publishes this port too' : 'which would publish this port and is not running: it cannot start while the port is taken'}. Stop that program, or publish another port.`;
      case 'proxy':
        return `Web clients in ${note.container} do not connect there themselves: ${note.variable} sends them to the proxy ${note.proxy}.`;
      case 'not-probed':
        return `The kernel was not asked: ${note.detail}`;
      case 'outside':
        return 'A packet from outside is followed on paper; only a client there can try it.';
      case 'scope':
        return `A link-local address means something only together with an interface: ${note.address} was taken for ${note.address}%${note.device}, the only one that it can be behind. Programs have to be told the interface too.`;
      case 'slow-names':
        return `The name server ${note.server} does not answer: whoever looks a name up waits ${note.seconds} ${note.seconds === 1 ? 'second' : 'seconds'} for it before asking ${note.next}. The leg “dns” shows how far a question to it gets.`;
      case 'leaves-machine':
        return `The packet leaves this machine by ${note.device}; what becomes of it there cannot be seen from here.`;
      case 'unexplained':
        return 'None of the known causes explains this end; the way shows where it happens and what decided it.';
      case 'programs-unseen':
        return `A program of the kernel (eBPF) may have lost the packet, and nobody has looked for one. ${note.reason}`;
      case 'many-addresses':
        return `The name stands for ${note.count} addresses; the first ones were tried.`;
      case 'size-passes':
        return `Packets of ${note.size} bytes pass whole.`;
      case 'size-adapts':
        return `Packets of ${note.size} bytes do not pass whole: at most ${note.passes} bytes do. The sender is told so, and sends smaller ones.`;
      case 'other-addresses':
        return note.arrives
          ? `All packets between these two addresses take the same one of ${note.of} ways (a multipath route), and this one arrives; packets between other addresses may take one that does not: it ends in ${note.fails.join(', ')}.`
          : `All packets between these two addresses take the same one of ${note.of} ways (a multipath route), and this one does not arrive; packets between other addresses may take one that does.`;
      case 'searched':
        return `${note.address} is the address of ${note.query}, which the “search” line of resolv.conf has made of ${note.name}. If something else is meant, write its whole name with a dot at the end.`;
      case 'server-gone':
        return `When this question began, ${note.program ?? 'a program'} listened on port ${note.port} in ${note.namespace}; it does not any more. One that takes a single connection and ends has taken the one by which the kernel was asked.`;
      case 'unbracketed':
        return `“${note.written}” is an IPv6 address without a port. If ${note.port} is the port, write [${note.address}]:${note.port}.`;
      case 'names-nobody':
        return `${note.by} gives ${note.name} the address ${note.address}, which is nobody's: a program that connects to it comes to ${note.asker} itself. Name servers and hosts files that block a name on purpose answer so.`;
      case 'other-family':
        return `${note.name} has the ${note.family} address ${note.address} too${OTHER_FAMILY_EN[note.fate]}.`;
      case 'chance':
        return `For each connection chance decides between ${note.of} ways${CHANCE_EN[note.arriving]}${note.arriving === 'some' && note.tries ? `: of ${note.tries.made} probes ${note.tries.answered} were answered` : ''}.`;
    }
  },
  'zh-cn'(note) {
    switch (note.type) {
      case 'disagree':
        return `内核的回答与预测不同（预测：${note.predicted}；实际：${note.probed}）。请以内核为准，下面的原因只是可能。保存快照（hoplab snapshot -o FILE）有助于查明缘由。`;
      case 'doubt':
        return `不能确定：${said(note.text, 'zh-cn')}`;
      case 'fix-open':
        return `解决办法是否足够，还不能确定：${said(note.text, 'zh-cn')}`;
      case 'not-privileged':
        return '当前用户无权查看其他网络命名空间、防火墙和进程：请用 sudo 运行同一条命令。';
      case 'engine-denied':
        return `无法询问容器引擎：${said(note.reason, 'zh-cn')}`;
      case 'engine-foreign':
        return `${note.endpoint} 上的容器引擎运行在另一台机器上：只知道其中容器的名字。`;
      case 'udp-silence':
        return '没有收到应答，但对 UDP 来说这说明不了什么：服务器可能收下了数据报而不回应。';
      case 'own-address':
        return `${note.address} 也是 ${note.asker} 自己的地址，所以它发往那里的数据包根本不会离开它。${note.others} 有同样的地址：要到达后者，请从 ${note.asker} 去掉这个地址，或给其中一个换地址。`;
      case 'namesake':
        return `回答的是 ${note.answers}，而不是 ${note.asked}：两者都有地址 ${note.address}，发往它的数据包到的是 ${note.answers}。要到达 ${note.asked}，请给其中一个换地址。`;
      case 'port-taken':
        return `在端口 ${note.port} 上回答的是宿主机自己的程序 ${note.program}，而不是容器 ${note.container}：${note.runs ? '它也发布了这个端口' : '它要发布这个端口，却没有在运行，端口被占用期间也无法启动'}。请停止那个程序，或者发布到别的端口。`;
      case 'proxy':
        return `${note.container} 中的 Web 客户端不会自己连接那里：${note.variable} 让它们去找代理 ${note.proxy}。`;
      case 'not-probed':
        return `没有向内核求证：${said(note.detail, 'zh-cn')}`;
      case 'outside':
        return '来自外部的数据包只能在纸面上跟踪，只有那里的客户端才能实际尝试。';
      case 'scope':
        return `链路本地地址必须连同接口一起才有意义：${note.address} 被当作 ${note.address}%${note.device}，它只可能在这个接口后面。程序也需要知道是哪个接口。`;
      case 'slow-names':
        return `名字服务器 ${note.server} 没有应答：每次查询名字都要先等它 ${note.seconds} 秒，然后才去问 ${note.next}。“dns”一段显示了查询走到哪里。`;
      case 'leaves-machine':
        return `数据包从 ${note.device} 离开了这台机器；之后的情况从这里看不到。`;
      case 'unexplained':
        return '已知的原因都不能解释这个结果；下面的路径显示了它发生在哪里、由什么决定。';
      case 'programs-unseen':
        return `内核中的程序（eBPF）可能丢了数据包，而没有人查看过有没有这样的程序。${said(note.reason, 'zh-cn')}`;
      case 'many-addresses':
        return `这个名字对应 ${note.count} 个地址；只尝试了前几个。`;
      case 'size-passes':
        return `${note.size} 字节的数据包可以完整通过。`;
      case 'size-adapts':
        return `${note.size} 字节的数据包不能完整通过，最多 ${note.passes} 字节；发送者会得知这一点，改发更小的。`;
      case 'other-addresses':
        return note.arrives
          ? `这两个地址之间的数据包总是走 ${note.of} 条路径中的同一条（多路径路由），这一条能到达；其他地址之间的数据包可能会走到不了的那一条，它止于 ${note.fails.join('、')}。`
          : `这两个地址之间的数据包总是走 ${note.of} 条路径中的同一条（多路径路由），这一条到不了；其他地址之间的数据包可能会走能到达的那一条。`;
      case 'searched':
        return `${note.address} 是 ${note.query} 的地址：resolv.conf 的“search”一行把 ${note.name} 变成了这个名字。如果要找的是别的，请写出完整的名字，并在末尾加一个点。`;
      case 'server-gone':
        return `提问开始时，${note.program ?? '有程序'}还在 ${note.namespace} 的端口 ${note.port} 上监听，现在已经没有了。只接受一个连接就结束的程序，已经把用来向内核求证的那个连接用掉了。`;
      case 'unbracketed':
        return `“${note.written}”是一个不带端口的 IPv6 地址。如果 ${note.port} 是端口，请写成 [${note.address}]:${note.port}。`;
      case 'names-nobody':
        return `${note.by} 给 ${note.name} 的地址是 ${note.address}，它不属于任何机器：连接它的程序其实连到了 ${note.asker} 自己。故意屏蔽某个名字的名字服务器和 hosts 文件就是这样回答的。`;
      case 'other-family':
        return `${note.name} 还有 ${note.family} 地址 ${note.address}${OTHER_FAMILY_ZH[note.fate]}。`;
      case 'chance':
        return `每条连接都会在 ${note.of} 条路径中随机选一条${CHANCE_ZH[note.arriving]}${note.arriving === 'some' && note.tries ? `：${note.tries.made} 次探测中有 ${note.tries.answered} 次收到应答` : ''}。`;
    }
  },
};

/** A note as one sentence, safe to show. */
export const noteText = (note: Note, language: Language): string => displayText(TEXT[language](note));

/** What could not be seen at all. */
export function viewNotes(snapshot: Snapshot): readonly Note[] {
  return [
    ...(snapshot.machine.privileged ? [] : [{ type: 'not-privileged' } as const]),
    ...snapshot.hosts.flatMap(allEngines).flatMap((engine): readonly Note[] => {
      if (engine.state === 'denied') return [{ type: 'engine-denied', reason: engine.reason }];
      return engine.state === 'known' && engine.value.foreign
        ? [{ type: 'engine-foreign', endpoint: engine.value.endpoint }]
        : [];
    }),
  ];
}

/** What makes a walk's end uncertain, but for what was settled since, or lets it end where nobody can look. */
export function traceNotes(
  traces: readonly (Trace | null)[],
  settled: readonly string[] = [],
): readonly Note[] {
  const doubts = new Set(
    traces.flatMap((trace) => trace?.doubts ?? []).filter((text) => !settled.includes(text)),
  );
  const exits = traces.filter((trace) => trace?.disposition === 'exits-machine');
  const device = exits[0]?.hops.at(-1)?.outDev;
  return [
    ...[...doubts].map((text) => ({ type: 'doubt', text }) as const),
    ...(device === undefined || device === null ? [] : [{ type: 'leaves-machine', device } as const]),
  ];
}

/** Where a packet was lost that should have arrived: programs that nobody may list could have done it. */
export function unseenPrograms(snapshot: Snapshot, traces: readonly (Trace | null)[]): readonly Note[] {
  if (!snapshot.machine.privileged) return [];
  const ids = new Set(traces.flatMap((trace) => trace?.hops ?? []).map(({ namespace }) => namespace));
  const facts = [...ids].map((id) => findNamespace(snapshot, id)?.facts.socketPrograms);
  const denied = facts.find((fact) => fact?.state === 'denied');
  return denied?.state === 'denied' ? [{ type: 'programs-unseen', reason: denied.reason }] : [];
}

/** Labels and hosts of the namespaces that traces name. */
export function namespacesOf(
  snapshot: Snapshot,
  traces: readonly (Trace | null)[],
  labelOf: (id: string) => string,
): Readonly<Record<string, { readonly label: string; readonly host: string }>> {
  const ids = new Set(
    traces.flatMap((trace) =>
      (trace?.hops ?? []).flatMap((hop) => [
        hop.namespace,
        ...hop.steps.flatMap((step) =>
          step.kind === 'neighbour' && step.owner !== undefined ? [step.owner] : [],
        ),
      ]),
    ),
  );
  return Object.fromEntries(
    [...ids].map((id) => [
      id,
      { label: labelOf(id), host: findNamespace(snapshot, id)?.host ?? findHost(snapshot, id)?.id ?? '' },
    ]),
  );
}
