/** The words about runs that refine a drawing by themselves. */

export const REFINING_EN = Object.freeze({
  refine: 'Refine when I stop',
  refineHint: 'A second after each change of the drawing the graph is run, behind what waits in the queue; what you '
    + 'draw meanwhile is left as it is',
  refineTakes: 'A run takes about {time}',
  refineUnknown: 'The first run will tell how long one takes',
  refineSlow: 'A run takes about {time} here, more than {most}: press Run when you want one',
  refineWaits: 'waits for Run',
  refineFailed: 'The run failed, so “Refine when I stop” is off now',
  refineRefused: 'ComfyUI did not take the graph, so “Refine when I stop” is off now',
  refineError: '“Refine when I stop” is off now: {reason}',
  takesAwaited: 'Results appear here',
});

export const REFINING_ZH = Object.freeze({
  refine: '停笔后细化',
  refineHint: '每次改动后停一秒就运行工作流，排在队列末尾；正在画的内容不受影响',
  refineTakes: '一次运行约 {time}',
  refineUnknown: '第一次运行后才知道需要多久',
  refineSlow: '这里一次运行约 {time}，超过 {most}：需要时请按运行',
  refineWaits: '等待按下运行',
  refineFailed: '运行出错，“停笔后细化”已关闭',
  refineRefused: 'ComfyUI 没有接受这个工作流，“停笔后细化”已关闭',
  refineError: '“停笔后细化”已关闭：{reason}',
  takesAwaited: '结果会显示在这里',
});
