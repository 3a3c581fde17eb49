import type { Saying } from '../../diagnostics/sayings/saying.ts';

/** How a command was used wrongly; those without a full stop at their end are commander's own. */
export const USAGE: readonly Saying[] = [
  ["unknown command '{name}'", '没有命令“{name}”'],
  ["unknown command '{name}' (Did you mean {near}?)", '没有命令“{name}”（是不是想用 {near}？）'],
  [
    "unknown command '{name}' (Did you mean one of {near}?)",
    '没有命令“{name}”（是不是想用其中之一：{near}？）',
  ],
  ["unknown option '{name}'", '没有选项“{name}”'],
  ["unknown option '{name}' (Did you mean {near}?)", '没有选项“{name}”（是不是想用 {near}？）'],
  [
    "unknown option '{name}' (Did you mean one of {near}?)",
    '没有选项“{name}”（是不是想用其中之一：{near}？）',
  ],
  ["missing required argument '{name}'", '缺少参数“{name}”'],
  ["option '{option}' argument missing", '选项“{option}”缺少参数'],
  ["required option '{option}' not specified", '必须给出选项“{option}”'],
  [
    "option '{option}' argument '{value}' is invalid. Allowed choices are {choices}",
    '选项“{option}”的参数“{value}”无效，可选的有 {choices}',
  ],
  ["option '{one}' cannot be used with option '{other}'", '选项“{one}”不能与选项“{other}”同时使用'],
  [
    'too many arguments. Expected {most} argument but got {count}',
    '参数太多：最多 {most} 个，却给了 {count} 个',
  ],
  [
    'too many arguments. Expected {most} arguments but got {count}',
    '参数太多：最多 {most} 个，却给了 {count} 个',
  ],
  [
    "too many arguments for '{name}'. Expected {most} argument but got {count}",
    '“{name}”的参数太多：最多 {most} 个，却给了 {count} 个',
  ],
  [
    "too many arguments for '{name}'. Expected {most} arguments but got {count}",
    '“{name}”的参数太多：最多 {most} 个，却给了 {count} 个',
  ],
  ['“{language}” is not a language of Hoplab: en or zh-cn', 'Hoplab 不会说“{language}”：可选 en 或 zh-cn'],
  ['--yes goes with --apply', '--yes 要与 --apply 一起使用'],
  ['--proto goes with --port', '--proto 要与 --port 一起使用'],
  [
    'A snapshot cannot be mended: leave out --apply, or --from-snapshot',
    '快照无法修复：请去掉 --apply 或 --from-snapshot',
  ],
  [
    '--save-case keeps facts as they are: leave out --apply and --from-snapshot',
    '--save-case 保存的是事实原样：请去掉 --apply 和 --from-snapshot',
  ],
  [
    '--apply asks before it runs anything, and nobody can answer here: add --yes',
    '--apply 在执行之前要先征得同意，而这里没有人能回答：请加上 --yes',
  ],
  ['--step waits for Enter, and nobody can press it here', '--step 要等人按回车，而这里没有人能按'],
  ['{count} ports are too many at once: at most {most}', '一次不能问 {count} 个端口：最多 {most} 个'],
  ['a file name is empty; see --help', '文件名是空的；请看 --help'],
  ['{file} could not be written: {why}', '无法写入 {file}：{why}'],
  ['the output could not be written: {why}', '无法写出输出：{why}'],
  ['there is no such directory', '没有这个目录'],
  ['it is a directory', '它是一个目录'],
  ['no file can be made in that directory', '那个目录里不能新建文件'],
  ['a part of its path is a file, and no directory', '路径中有一段是文件，而不是目录'],
  ['its name is too long', '文件名太长'],
  ['its path is a link that leads to itself', '它的路径是指向自己的链接'],
  ['this user may not write there', '当前用户无权写入那里'],
  ['the file system is read-only', '文件系统是只读的'],
  ['there is no space left', '磁盘空间已满'],
  [
    'the directory that this shell is in was removed: go to another one and ask again',
    '当前 shell 所在的目录已被删除：请换到别的目录再问',
  ],
  ['stopped', '已停止'],
  ['internal error: {message}', '内部错误：{message}'],
  ['Looking around', '正在查看网络'],
  ['Reading all facts', '正在读取全部信息'],
  ['{file}: {count} network namespace', '{file}：{count} 个网络命名空间'],
  ['{file}: {count} network namespaces', '{file}：{count} 个网络命名空间'],
];
