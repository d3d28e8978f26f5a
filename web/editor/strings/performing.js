/** The words about performing. */

export const PERFORMING_EN = Object.freeze({
  perform: 'Perform: press on a thing and move it while the clip plays',
  keyPerform: 'Perform: hold the key, and what is selected, or under the pointer, follows it while the clip plays',
  presetByHand: 'Move it by hand',
  performReady: 'Press on a thing and move it: the clip plays until you let go · Esc ends performing',
  performCamera: 'Press and move the picture: the clip plays until you let go · Esc ends performing',
  performLooks: 'Looking for the thing: it begins to play in a moment …',
  performing: 'Performing: let go to end · Esc drops it',
  performingByKey: 'Performing: release T to end · Esc drops it',
  performed: 'Performed. Space plays it; perform again from any frame to replace a part',
  performedNothing: 'Nothing was performed: hold on until the clip plays, and move',
});

export const PERFORMING_ZH = Object.freeze({
  perform: '表演：按住一个东西，在视频播放时移动它',
  keyPerform: '表演：按住此键，所选或指针下的东西会在视频播放时跟随手移动',
  presetByHand: '用手移动画面',
  performReady: '按住一个东西并移动：松开前视频一直播放 · Esc 结束表演',
  performCamera: '按住并移动画面：松开前视频一直播放 · Esc 结束表演',
  performLooks: '正在查找这个东西：马上开始播放……',
  performing: '正在表演：松开即结束 · Esc 放弃',
  performingByKey: '正在表演：松开 T 即结束 · Esc 放弃',
  performed: '已录下。按空格播放；从任意一帧再次表演可替换其中一段',
  performedNothing: '没有录下动作：请按住直到视频开始播放，再移动',
});
