import type { SameWords } from '../../../shared/i18n.ts';

// Of the queue alone: loaded with its panel, so that other sales stay as light as they are.
const en = {
  offline: 'We cannot reach the shop. This page keeps trying by itself.',
  minutes: (n: number) => (n === 1 ? '1 minute' : `${n} minutes`),
  title: 'This batch is sold in turn',
  what: 'Take a place and keep this page open. Who comes before the opening is ordered by lot, so hurrying does not help.',
  join: 'Take a place',
  join_again: 'Take a new place',
  lot: (waiting: string, count: number) =>
    count === 1 ? 'You have a place. Nobody else waits yet.' : `You have a place. ${waiting} people wait.`,
  lot_what: 'At the opening the order is drawn by lot, and everybody can check it.',
  ahead: (n: string, count: number) => (count === 0 ? 'You are next' : count === 1 ? 'One person is ahead of you' : `About ${n} people are ahead of you`),
  wait: (expected: string, low: string, high: string) => `Your turn comes in about ${expected}, most likely between ${low} and ${high}.`,
  keep_open: 'Close this page for long and the place goes to the next.',
  leave: 'Give the place up',
  turn: 'It is your turn',
  turn_until: (n: string, count: number) => (count === 1 ? 'One second left to buy.' : `${n} seconds left to buy.`),
  ended: { left: 'You gave your place up', lapsed: 'Your place was given on, because this page was away too long', expired: 'Your time to buy is over' },
  refused_other: (title: string, detail: string) => (detail === '' ? title : `${title}. ${detail}`),
  refused: {
    waiting_room_not_open: 'People may not come yet. Try again nearer to the opening.',
    waiting_room_closed: 'The queue has ended. What is left is sold first come.',
    waiting_room_full: 'The queue is full.',
    rejoined_too_often: 'You have left this queue too often to join it again.',
    waiting_room_not_found: 'The queue has not been opened yet.',
    drop_cancelled: 'The shop has cancelled this sale.',
    group_required: 'This batch is for members of a group.',
    member_too_new: 'This batch is for members of longer standing.',
    region_not_served: 'This batch is for another region.',
    channel_not_served: 'This batch is sold by another channel.',
    risk_too_high: 'The shop does not sell this to you now.',
  },
};

const zh: SameWords<typeof en> = {
  offline: '暂时连不上商城，页面会自动重试。',
  minutes: (n) => ` ${n} 分钟`,
  title: '本批次排队购买',
  what: '领取位置并保持本页打开。开售前到的人按抽签排序，不必抢快。',
  join: '领取位置',
  join_again: '重新领取位置',
  lot: (waiting) => `你已有位置，共 ${waiting} 人在等。`,
  lot_what: '开售时抽签决定顺序，人人可以核验。',
  ahead: (n, count) => (count === 0 ? '下一个就是你' : `你前面约有 ${n} 人`),
  wait: (expected, low, high) => `预计约${expected}后轮到你，很可能在${low}到${high}之间。`,
  keep_open: '离开本页太久，位置会让给后面的人。',
  leave: '放弃位置',
  turn: '轮到你了',
  turn_until: (n) => `请在 ${n} 秒内购买。`,
  ended: { left: '你已放弃位置', lapsed: '离开太久，位置已让出', expired: '购买时限已过' },
  refused_other: (title, detail) => (detail === '' ? title : `${title}：${detail}`),
  refused: {
    waiting_room_not_open: '排队尚未开放，请临近开售再试。',
    waiting_room_closed: '排队已结束，余货先到先得。',
    waiting_room_full: '排队人数已满。',
    rejoined_too_often: '你离开这个排队的次数过多，不能再加入。',
    waiting_room_not_found: '排队还没有开设。',
    drop_cancelled: '商城已取消这场发售。',
    group_required: '本批仅限指定人群。',
    member_too_new: '本批仅限老会员。',
    region_not_served: '本批仅限其他地区。',
    channel_not_served: '本批通过其他渠道发售。',
    risk_too_high: '商城暂不能卖给你。',
  },
};

export const queueWords = { en, zh } as const;
