import type { SameWords } from '../../../shared/i18n.ts';

// Of the panel alone: loaded with it, so that other sales stay as light as they are.
const en = {
  resting: 'Your device will do a little work',
  resting_what: (when: string) => `From ${when} on it computes for a second or two, to show that it is no robot. You need to do nothing but keep this page open.`,
  working: 'Your device is computing',
  working_what: 'It shows that it is no robot, for a second or two. You need to do nothing. It stops at the opening.',
  ready: 'Your device is ready',
  ready_what: (seconds: string) => `Its work is done: you can buy from the opening on. Who has not done it comes ${seconds} s later.`,
  missing: 'Your device has not done its work',
  missing_what: (seconds: string) => `It was not here, or not fast enough, before the opening. You can buy ${seconds} s after it, like everybody; press the button now, and your order goes in then.`,
};

const zh: SameWords<typeof en> = {
  resting: '你的设备将做一点计算',
  resting_what: (when) => `${when} 起，它会计算一两秒，以证明不是机器人。你只需保持本页打开。`,
  working: '你的设备正在计算',
  working_what: '用一两秒证明不是机器人，你无需操作。开售时会立即停止。',
  ready: '你的设备已准备好',
  ready_what: (seconds) => `计算已完成，开售即可购买。未完成的设备要晚 ${seconds} 秒。`,
  missing: '你的设备没有完成计算',
  missing_what: (seconds) => `开售前它不在本页或速度不够。开售 ${seconds} 秒后你与所有人一样可以购买；现在点击按钮，订单届时自动提交。`,
};

export const proofOfWorkWords = { en, zh } as const;
