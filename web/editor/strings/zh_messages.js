/** The messages of the core's errors in Chinese; the English ones are in web/core/messages.js. */

/** @import {MessageId} from '../../core/messages.js' */

/** @type {Readonly<Record<MessageId, string>>} */
export const ZH_MESSAGES = Object.freeze({
  unreadable: '无法作为绘图读取。请运行工作流以查看问题所在。',
  impossible: '无法这样做，未作任何更改。',
  tooManyPointsInOne: '一条轨迹最多可有 {most} 个点。',
  tooManyPoints: '所有轨迹和物体合计最多可有 {most} 个点，实际有 {count} 个。',
  tooManyTracks: '最多可有 {most} 条轨迹。',
  tooManyObjects: '最多可有 {most} 个物体。',
  tooManyOutlinePoints: '物体的轮廓合计最多可有 {most} 个点，实际有 {count} 个。',
  tooManyRings: '物体的轮廓最多可有 {most} 个环，实际有 {count} 个。',
  noArea: '轮廓应围出一块区域；但其 {count} 个点没有围出区域。',
  drawingTooLong: '绘图过大，无法存为文本。请减少轨迹，或减少每条轨迹的点。',
  nothingToWrite: '没有可复制的轨迹。请绘制拖动，或启用一条轨迹。',
});
