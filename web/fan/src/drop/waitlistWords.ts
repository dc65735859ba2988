import type { SameWords } from '../../../shared/i18n.ts';

// Of the waitlist alone: loaded with its panel, so that other sales stay as light as they are.
const en = {
  offline: 'We cannot reach the shop. Try again.',
  title: 'Wait for one that comes back',
  what: 'Units that are not paid in time, or given back, go to those who wait, in the order of joining. You then get an order with the full time to pay.',
  others: (n: string, count: number) => (count === 0 ? 'Nobody waits yet.' : count === 1 ? 'One person waits.' : `${n} people wait.`),
  join: 'Join the waitlist',
  join_again: 'Join again, at the end',
  ahead: (n: string, count: number) => (count === 0 ? 'You are next' : count === 1 ? 'One person is ahead of you' : `${n} people are ahead of you`),
  waiting: 'If one comes back for you, its order stands here, and its clock runs whether or not you look. You need not keep this page open.',
  leave: 'Leave the waitlist',
  ended: {
    served: 'Your turn came: see your order',
    left: 'You left the waitlist',
    passed_over: 'Your turn came, but you had bought all that one person may',
  },
  refused: {
    not_sold_out: 'There is something to buy right now.',
    purchase_limit: 'You have as many as one person may buy.',
    waitlist_full: 'The waitlist is full. A place is free when somebody is served or leaves.',
    waitlist_closed: 'The waitlist has ended.',
    waitlist_joined_too_often: 'You have joined this list as often as one person may.',
    waitlist_place_served: 'Your turn came: see your order.',
    drop_cancelled: 'The shop has cancelled this sale.',
  },
};

const zh: SameWords<typeof en> = {
  offline: '暂时连不上商城，请重试。',
  title: '候补退回的商品',
  what: '超时未付或退回的商品按加入顺序分给候补的人，轮到时会为你生成订单，付款时间完整计算。',
  others: (n, count) => (count === 0 ? '目前无人候补。' : `目前有 ${n} 人候补。`),
  join: '加入候补',
  join_again: '重新候补（排到最后）',
  ahead: (n, count) => (count === 0 ? '下一个就是你' : `你前面还有 ${n} 人`),
  waiting: '轮到你时，订单会出现在这里，无论你是否在看，付款倒计时都会开始。不必一直打开本页。',
  leave: '退出候补',
  ended: { served: '已轮到你，请查看订单', left: '你已退出候补', passed_over: '轮到你时，你已买满每人限购数' },
  refused: {
    not_sold_out: '现在还有商品可买。',
    purchase_limit: '你已达到每人限购数。',
    waitlist_full: '候补人数已满，有人补到或退出后会空出位置。',
    waitlist_closed: '候补已结束。',
    waitlist_joined_too_often: '你在此候补中加入的次数已达上限。',
    waitlist_place_served: '已轮到你，请查看订单。',
    drop_cancelled: '商城已取消这场发售。',
  },
};

export const waitlistWords = { en, zh } as const;
