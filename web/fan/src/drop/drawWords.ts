import type { SameWords } from '../../../shared/i18n.ts';

// Of the panel alone: loaded with it, so that other sales stay as light as they are.
const en = {
  title: (units: string, count: number) => (count === 1 ? 'Draw for one unit' : `Draw for ${units} units`),
  state: {
    open: 'Open for entries',
    closed: 'Closed: the list is frozen',
    decided: 'Being drawn',
    completed: 'Drawn',
  },
  cancelled: 'Called off with the sale',
  refused: (title: string, detail: string) => `${title}. ${detail}`,
  closes: (when: string) => `Enter until ${when}. Coming early or late makes no difference.`,
  drawn: (when: string) => `Drawn after ${when}, from a public random value that nobody can choose.`,
  entrants: (n: string, count: number) => (count === 1 ? 'one person' : `${n} people`),
  entries: (n: string, count: number) => (count === 1 ? 'one ticket' : `${n} tickets`),
  enter: 'Enter the draw',
  leave: 'Leave',
  sign_in: 'Sign in to take part.',
  mine: {
    entered: 'You are in.',
    left: 'You have left.',
    excluded: 'You are kept out of this draw. Ask the shop why.',
    won: 'You have won. Pay your order before its time is over.',
    reserve: 'You are in the reserve: if somebody does not pay, it is your turn.',
    passed_over: 'You were drawn, but you already have what one person may have.',
  },
  lost: 'Not this time.',
  receipt: (entrant: string) => `Your receipt: ${entrant}`,
  receipt_what: 'You find it in the public record; nobody else knows it is you.',
  record: 'Public record',
};

const zh: SameWords<typeof en> = {
  title: (units) => `抽签：${units} 件`,
  state: {
    open: '报名中',
    closed: '已截止，名单冻结',
    decided: '正在抽签',
    completed: '已开奖',
  },
  cancelled: '已随发售取消',
  refused: (title, detail) => `${title}：${detail}`,
  closes: (when: string) => `${when} 前报名，先后无差别。`,
  drawn: (when: string) => `${when} 之后，由无人能操纵的公开随机数决定。`,
  entrants: (n) => `${n} 人`,
  entries: (n) => `${n} 张票`,
  enter: '参加抽签',
  leave: '退出',
  sign_in: '登录后参加。',
  mine: {
    entered: '你已参加。',
    left: '你已退出。',
    excluded: '你被排除在本次抽签之外，可向商家询问原因。',
    won: '恭喜中签，请在时限内支付订单。',
    reserve: '你在候补名单中：有人未付款时轮到你。',
    passed_over: '你被抽中，但已达到每人限额。',
  },
  lost: '这次没有抽中。',
  receipt: (entrant: string) => `你的凭证：${entrant}`,
  receipt_what: '可在公开记录中找到它，只有你知道是你。',
  record: '公开记录',
};

export const drawWords = { en, zh } as const;
