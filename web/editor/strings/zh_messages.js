/** The messages of the core's errors in Chinese; the English ones are in web/core/messages.js. */

/** @import {MessageId} from '../../core/messages.js' */

/** @type {Readonly<Record<MessageId, string>>} */
export const ZH_MESSAGES = Object.freeze({
  trajectories: '轨迹数据',
  track: '第 {index} 条轨迹',
  newTrack: '第 {index} 条新轨迹',
  pointOf: '{where}，第 {index} 个点',

  theValue: '该值',
  aTrack: '轨迹',
  aPoint: '点',
  visibleInterval: '第 {index} 个可见区间',
  coordinateOf: '{field} 的 {axis}',
  sideOfCanvas: 'canvas 的 {side}',

  aNumber: '{low} 到 {high} 之间的数',
  aWholeNumber: '{low} 到 {high} 之间的整数',
  oneOf: '以下之一：{options}',
  aText: '文本',
  trueOrFalse: 'true 或 false',
  aColor: '颜色，例如 "#1f77b4"',
  aPair: '一对数 [from, to]',
  anObjectInBraces: '花括号 { } 中的对象',
  aListInBrackets: '方括号 [ ] 中的列表',

  missing: '缺失',
  emptyText: '空文本',
  theText: '文本 "{text}"',
  aListOf: '含 {count} 项的列表',
  anObject: '一个对象',

  wrongValue: '{where}：{what} 应为 {expected}；实际为：{found}。',
  unknownKey: '{where}：此处没有名为 "{key}" 的键。',
  tooManyItems: '{where}：{what} 最多有 {most} 项，实际有 {count} 项。',
  textLength: '{where}：{what} 应有 {fewest} 到 {most} 个字符。',
  loneSurrogate: '{where}：{what} 含有半个字符（孤立的代理项）。',
  startNotBeforeEnd: '{where}：start 应早于 end，但 start 为 {start}，end 为 {end}。',
  anchorPoints: '{where}：锚点应恰好有 1 个点，实际有 {count} 个。',
  timeNotLater: '{where}：t 应晚于前一个点的 t。',
  noPoints: '{where}：没有点。',
  intervalReversed: '{where}：{what} 的终点不应早于起点，实际为 [{from}, {to}]。',
  notFinite: '应为一个数；实际为：{found}。',
  textTooLong: '{where}：文本最大为 {mebibytes} MiB。',
  drawingTooLong: '{where}：文本最大为 {mebibytes} MiB。请减少轨迹，或减少每条轨迹的点。',
  nothingToWrite: '没有可复制的轨迹。请绘制拖动，或启用一条轨迹。',
  textEmpty: '轨迹文本为空。',
  notJson: '轨迹文本应为 JSON，但无法读取：{reason}',
  notTrajectories: '{where}：应为带有 "type": "{type}" 的对象；实际为：{found}。',
  tooManyTracks: '最多可有 {most} 条轨迹。',
  tooManyPoints: '{where}：所有轨迹合计最多有 {most} 个点，实际有 {count} 个。',
  idTaken: '{where}：它的 id 与第 {other} 条轨迹的相同。',
  keyTwice: '{where}：同一个对象中有重复的键，无法确定以哪个为准。',
  notChangeable: '轨迹的 "{key}" 不能这样更改。',
  insertIndex: '可以在 0 到 {count} 处插入点，但不能在 {index} 处。',
  offCurve: '曲线上的位置在 0 到 {last} 之间，实际为 {u}。',
});
