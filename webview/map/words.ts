import type { TopologyEdge, TopologyNode } from '../../diagnostics/model/topology.ts';
import type { Words } from '../shared/language.ts';

export interface MapWords {
  readonly waiting: string;
  readonly gone: string;
  readonly toolbar: string;
  readonly canvas: string;
  readonly search: string;
  readonly found: (count: number) => string;
  readonly show: string;
  readonly filter: { readonly all: string; readonly down: string };
  readonly fit: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly collapseAll: string;
  readonly expandAll: string;
  readonly refresh: string;
  readonly save: string;
  readonly list: string;
  readonly listHelp: string;
  readonly table: string;
  readonly map: string;
  readonly large: (count: number) => string;
  readonly showTable: string;
  readonly kind: Readonly<Record<TopologyNode['kind'], string>>;
  readonly up: string;
  readonly down: string;
  readonly inside: (count: number) => string;
  readonly link: Readonly<Record<TopologyEdge['kind'], (other: string) => string>>;
  readonly columns: {
    readonly name: string;
    readonly kind: string;
    readonly parent: string;
    readonly addresses: string;
    readonly state: string;
    readonly links: string;
  };
  readonly selection: string;
  readonly selectHelp: string;
  readonly clear: string;
  readonly swap: string;
  readonly terminal: (name: string) => string;
  readonly whyFrom: (from: string) => string;
  readonly why: (from: string, to: string) => string;
  readonly selected: (name: string) => string;
  readonly bothSelected: (from: string, to: string) => string;
  readonly changed: (added: number, removed: number, turned: readonly string[]) => string;
  readonly way: string;
  readonly wayOf: (from: string, to: string) => string;
  readonly previous: string;
  readonly next: string;
  readonly play: string;
  readonly pause: string;
  readonly overview: string;
  readonly stepOf: (step: number, total: number) => string;
  readonly details: string;
  readonly notOnMap: string;
  readonly stopsHere: string;
}

const english: MapWords = {
  waiting: 'The map appears here as soon as the network has been read.',
  gone: 'What this map shows is gone.',
  toolbar: 'Map',
  canvas: 'Picture of the network; the list beside it says the same in words.',
  search: 'Search names and addresses',
  found: (count) => (count === 1 ? '1 found' : `${count} found`),
  show: 'Show',
  filter: { all: 'Everything', down: 'Only what is down' },
  fit: 'Fit the map into the view',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  collapseAll: 'Collapse all groups',
  expandAll: 'Expand all groups',
  refresh: 'Refresh',
  save: 'Save as picture',
  list: 'List',
  listHelp:
    'Up and down walk the list, right opens a group or follows a link, left goes back out, Space selects an end, Enter opens a terminal, Escape leaves.',
  table: 'Table',
  map: 'Map',
  large: (count) => `${count} elements: groups are collapsed to keep the map readable.`,
  showTable: 'Show as table',
  kind: {
    host: 'host',
    namespace: 'namespace',
    interface: 'interface',
    bridge: 'bridge',
    container: 'container',
    outside: 'outside',
  },
  up: 'up',
  down: 'down',
  inside: (count) => (count === 1 ? '1 inside' : `${count} inside`),
  link: {
    veth: (other) => `wired to ${other}`,
    port: (other) => `port with ${other}`,
    lower: (other) => `stands on ${other}`,
  },
  columns: {
    name: 'Name',
    kind: 'Kind',
    parent: 'In',
    addresses: 'Addresses',
    state: 'State',
    links: 'Linked to',
  },
  selection: 'Selection',
  selectHelp: 'Ctrl+click (or Space in the list) selects the other end.',
  clear: 'Clear the selection',
  swap: 'Swap the ends',
  terminal: (name) => `Terminal in ${name}`,
  whyFrom: (from) => `Why can’t ${from} reach …?`,
  why: (from, to) => `Why can’t ${from} reach ${to}?`,
  selected: (name) => `${name} selected`,
  bothSelected: (from, to) => `From ${from} to ${to} selected`,
  changed: (added, removed, turned) =>
    [
      added > 0 ? `${added} added.` : '',
      removed > 0 ? `${removed} removed.` : '',
      ...turned.map((one) => `${one}.`),
    ]
      .filter(Boolean)
      .join(' '),
  way: 'The packet’s way',
  wayOf: (from, to) => `${from} → ${to}`,
  previous: 'Previous step',
  next: 'Next step',
  play: 'Play slowly',
  pause: 'Pause',
  overview: 'Whole way',
  stepOf: (step, total) => `${step} of ${total}`,
  details: 'Full diagnosis',
  notOnMap: 'Not on this map.',
  stopsHere: 'stops here',
};

const chinese: MapWords = {
  waiting: '读取网络之后，地图会显示在这里。',
  gone: '这张地图所显示的网络已不存在。',
  toolbar: '地图',
  canvas: '网络示意图；旁边的列表用文字说明同样的内容。',
  search: '搜索名称和地址',
  found: (count) => `找到 ${count} 个`,
  show: '显示',
  filter: { all: '全部', down: '仅未启用的' },
  fit: '缩放以显示全部',
  zoomIn: '放大',
  zoomOut: '缩小',
  collapseAll: '折叠所有分组',
  expandAll: '展开所有分组',
  refresh: '刷新',
  save: '保存为图片',
  list: '列表',
  listHelp:
    '上下键在列表中移动，右键展开分组或沿链路前进，左键返回上层，空格选择一端，回车打开终端，Esc 离开。',
  table: '表格',
  map: '地图',
  large: (count) => `共 ${count} 个元素：已折叠分组以便阅读。`,
  showTable: '以表格显示',
  kind: {
    host: '主机',
    namespace: '命名空间',
    interface: '接口',
    bridge: '网桥',
    container: '容器',
    outside: '外部',
  },
  up: '已启用',
  down: '未启用',
  inside: (count) => `内含 ${count} 个`,
  link: {
    veth: (other) => `连线到 ${other}`,
    port: (other) => `端口关系：${other}`,
    lower: (other) => `基于 ${other}`,
  },
  columns: {
    name: '名称',
    kind: '类型',
    parent: '所在',
    addresses: '地址',
    state: '状态',
    links: '连接到',
  },
  selection: '所选',
  selectHelp: '按住 Ctrl 单击（或在列表中按空格）选择另一端。',
  clear: '清除选择',
  swap: '交换两端',
  terminal: (name) => `${name} 的终端`,
  whyFrom: (from) => `为什么 ${from} 无法到达 …？`,
  why: (from, to) => `为什么 ${from} 无法到达 ${to}？`,
  selected: (name) => `已选择 ${name}`,
  bothSelected: (from, to) => `已选择从 ${from} 到 ${to}`,
  changed: (added, removed, turned) =>
    [
      added > 0 ? `新增 ${added} 个。` : '',
      removed > 0 ? `移除 ${removed} 个。` : '',
      ...turned.map((one) => `${one}。`),
    ]
      .filter(Boolean)
      .join(' '),
  way: '数据包的路径',
  wayOf: (from, to) => `${from} → ${to}`,
  previous: '上一步',
  next: '下一步',
  play: '慢速播放',
  pause: '暂停',
  overview: '完整路径',
  stepOf: (step, total) => `第 ${step} / ${total} 步`,
  details: '完整诊断',
  notOnMap: '不在这张地图上。',
  stopsHere: '止步于此',
};

export const MAP_WORDS: Words<MapWords> = { en: english, 'zh-cn': chinese };
