import type { SameWords } from '../../../shared/i18n.ts';

// Of the panel alone: loaded with it, so that other sales stay as light as they are.
const en = {
  title: 'Reserve',
  count: (taken: string, cap: string) => `${taken} of ${cap} places are taken`,
  binding: (sum: string) =>
    `Deposit ${sum}, a part of the price. You lose it if you do not buy; the shop owes you twice as much if it cannot sell.`,
  refundable: (sum: string) => `Deposit ${sum}, a part of the price. It is returned if you do not buy.`,
  now: 'Reserve a place',
  pay: (sum: string) => `Pay the deposit ${sum}`,
  pay_within: (time: string) => `Pay the deposit within ${time}`,
  reserved: (when: string) => `You have a place. Buy for the rest of the price by ${when}.`,
  from: (when: string) => `You can reserve from ${when}.`,
  until: (when: string) => `You can reserve until ${when}.`,
  over: 'Reserving is over.',
  full: 'All places are taken. One may come free: stay on this page.',
  withdraw: 'Give my place up',
  withdraw_question: 'Give your place up?',
  withdraw_what: 'Somebody else can have it at once.',
  withdraw_lost: (sum: string) => `Your deposit of ${sum} is lost, and somebody else can have the place at once.`,
  state: {
    ordered: 'Your order uses your place. Pay it in time.',
    used: 'You have used your place.',
    lapsed: 'The deposit was not paid in time, so the place went back.',
    defaulted: 'You did not buy in time, so your place is gone.',
    returned: 'The shop could not sell to you. What it owes you is on its way back.',
  },
};

const zh: SameWords<typeof en> = {
  title: '预约',
  count: (taken, cap) => `已预约 ${taken} / ${cap}`,
  binding: (sum) => `定金 ${sum}，计入货款。你不购买则定金不退；商城无法售出则双倍返还。`,
  refundable: (sum) => `订金 ${sum}，计入货款。不购买可退。`,
  now: '立即预约',
  pay: (sum) => `支付 ${sum}`,
  pay_within: (time) => `请在 ${time} 内支付`,
  reserved: (when) => `预约成功。请在 ${when} 前购买并支付尾款。`,
  from: (when) => `${when} 开始预约。`,
  until: (when) => `预约截止时间 ${when}。`,
  over: '预约已截止。',
  full: '名额已满，可能有名额退回，请停留在本页。',
  withdraw: '放弃名额',
  withdraw_question: '放弃预约名额？',
  withdraw_what: '名额会立即让给其他人。',
  withdraw_lost: (sum) => `定金 ${sum} 将不予退还，名额会立即让给其他人。`,
  state: {
    ordered: '名额已用于订单，请按时付款。',
    used: '名额已使用。',
    lapsed: '未按时支付，名额已退回。',
    defaulted: '未按时购买，名额已失效。',
    returned: '商城未能向你出售，应退款项正在退回。',
  },
};

export const reserveWords = { en, zh } as const;
