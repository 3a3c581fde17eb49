import type { Saying } from '../../diagnostics/sayings/saying.ts';

/** What `--help` says of the demo, the doctor and the labs. */
export const HELP_OF_LABS: readonly Saying[] = [
  // demo
  ['see it work: a small network, broken and mended three times', '现场演示：一个小网络，三次弄坏，三次修好'],
  [
    'Builds a small network in a sandbox, breaks it three times, finds out why, mends it, proves it.',
    '在沙箱里搭建一个小网络，弄坏三次，每次查明原因、修好并加以验证。',
  ],
  ['namespaces only', '只用命名空间'],
  ['wait for Enter between the breaks', '每次弄坏之间等待回车'],
  [
    "Everything is real and nothing is scripted: namespaces, a firewall, a Docker engine where one is installed, and the answers of “hoplab why”. It needs no root and no internet, and does not touch this machine's own network.",
    '一切都是真实的，没有预设的脚本：命名空间、防火墙、Docker 引擎（若已安装），以及“hoplab why”的回答。不需要 root，不需要联网，也不碰这台机器自己的网络。',
  ],
  ['half a minute at most, from the first packet to the last', '从第一个数据包到最后一个，最多半分钟'],
  ['wait for Enter between the breaks, to read and to look around', '每次弄坏之间等待回车，便于阅读和查看'],
  [
    'Exit status: 0 all three found and mended, 1 not, or no sandbox can be made here (hoplab doctor says why), 64 wrong usage, 130 stopped.',
    '退出状态：0 三次都查明并修好；1 没有做到，或者这里无法创建沙箱（hoplab doctor 会说明原因）；64 用法错误；130 被中止。',
  ],
  // doctor
  [
    'what this machine can do, by trying it, and what provides the rest',
    '这台机器能做什么（逐项实测），缺什么、怎么补',
  ],
  [
    'Tries what labs and diagnosis need, and prints the command that provides what is missing.',
    '逐项尝试实验和诊断所需的能力，并给出补齐所缺部分的命令。',
  ],
  [
    'It tries in sandboxes that are gone at once: a user namespace with a network, mounts and a veth pair; firewalls, NAT, bridges and VXLAN in it; a Docker engine with containers. It changes nothing on the machine, and needs no root; a command that provides what is missing is printed, not run.',
    '它在用完即弃的沙箱里尝试：带有网络、挂载和一对 veth 的用户命名空间；其中的防火墙、NAT、网桥和 VXLAN；带容器的 Docker 引擎。它不改动这台机器，也不需要 root；补齐所缺部分的命令只打印，不执行。',
  ],
  [
    'Exit status: 0 labs can run here (◐ says what cannot), 1 they cannot, 64 wrong usage.',
    '退出状态：0 实验可以在这里运行（◐ 标出不能运行的部分）；1 不能运行；64 用法错误。',
  ],
  // hoplab
  ['see it work, in a sandbox of its own', '在独立的沙箱里现场演示'],
  ['why can the container web not reach port 5432 of db?', '容器 web 为什么到不了 db 的 5432 端口？'],
  ['learn: build a router, break it, find out why', '学习：搭建路由器，弄坏它，查明原因'],
  ['what else it can be asked', '还可以怎么问'],
  [
    'Exit status: 0 done, or reachable; 1 unreachable, or refused; 2 cannot tell; 64 wrong usage; 70 a defect of Hoplab; 130 stopped (Ctrl-C).',
    '退出状态：0 完成或可达；1 不可达或被拒绝；2 无法判断；64 用法错误；70 Hoplab 的缺陷；130 被中止（Ctrl-C）。',
  ],
  // lab
  ['real networks to learn with, in a sandbox of their own', '用来学习的真实网络，各在独立的沙箱里'],
  [
    'Real networks to learn with, in a sandbox of their own: they run without root, and this machine’s network is out of their reach.',
    '用来学习的真实网络，各在独立的沙箱里：运行时不需要 root，也碰不到这台机器的网络。',
  ],
  ['which running lab, where there are several', '有多个实验在运行时，指明是哪一个'],
  ['the labs there are, and how far you are', '有哪些实验，各自的进度'],
  [
    'start a lab (its id, its number, or a directory with a lab.yaml)',
    '启动实验（用 id、编号，或者含有 lab.yaml 的目录）',
  ],
  ['beside one that runs already', '在已经运行的之外再启动一个'],
  ['from the beginning, also where you have got further', '从头开始，不论之前进行到哪里'],
  ['the steps, and where you are', '各个步骤和当前进度'],
  ['look at everything again, with real packets', '用真实的数据包把所有检查重做一遍'],
  ['what to do and why: the text of where you are', '当前步骤的说明：做什么，为什么'],
  ['the next hint', '下一条提示'],
  ['the solution of a step', '某一步的解法'],
  ['and carry it out', '并且执行它'],
  ['make a fault in the network, to find and mend', '在网络中制造一个故障，供你查找和修复'],
  ['back to the beginning, or to the start of a step', '回到最初，或者某一步的开头'],
  ['a terminal in a node', '打开某个节点的终端'],
  ['remove a running lab; your progress stays', '移除运行中的实验；进度会保留'],
  ['all of them', '全部'],
  [
    'prove that a lab can be solved and its faults be found (for authors)',
    '验证实验可以解出、故障可以查明（供作者使用）',
  ],
  ['every lab of the catalogue', '目录中的所有实验'],
  ['start lab 13, "A router", where you left it', '从上次的进度继续实验 13“路由器”'],
  ['what to do, and why', '做什么，为什么'],
  ['a terminal in its node red', '打开它的节点 red 的终端'],
  ['what holds, and what does not yet', '哪些已经成立，哪些还没有'],
  ['where to look next', '接下来看哪里'],
  ['break it on purpose', '故意弄坏它'],
  ['remove it; your progress stays', '移除它；进度会保留'],
  [
    'Exit status: 0 done; 1 refused, or a check fails; 64 wrong usage; 70 a defect of Hoplab; 130 stopped.',
    '退出状态：0 完成；1 被拒绝或有检查未通过；64 用法错误；70 Hoplab 的缺陷；130 被中止。',
  ],
];
