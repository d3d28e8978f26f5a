/** The messages of the core's errors in Chinese; the English ones are in web/core/messages.js. */

/** @import {MessageId} from '../../core/messages.js' */

/** @type {Readonly<Record<MessageId, string>>} */
export const ZH_MESSAGES = Object.freeze({
  unreadable: '无法作为绘图读取。请运行工作流以查看问题所在。',
  impossible: '无法这样做，未作任何更改。',
  tooManyPointsInOne: '一条轨迹最多可有 {most} 个点。',
  tooManyPoints: '所有轨迹和对象合计最多可有 {most} 个点，实际有 {count} 个。',
  tooManyTracks: '最多可有 {most} 条轨迹。',
  tooManyObjects: '最多可有 {most} 个对象。',
  tooManyOutlinePoints: '对象的轮廓合计最多可有 {most} 个顶点，实际有 {count} 个。',
  tooManyRings: '一个对象最多可有 {most} 个分离的部分和孔，实际有 {count} 个。',
  noArea: '轮廓至少需要三个不在同一直线上的顶点。',
  drawingTooLong: '绘图过大，无法存为文本。请减少轨迹，或减少每条轨迹的点。',
  nothingToWrite: '没有可复制的轨迹。请绘制拖动，或启用一条轨迹。',
});
