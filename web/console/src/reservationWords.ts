import type { SameWords, WordTable } from '../../shared/i18n.ts';

const en = {
  title: 'Let people reserve',
  what: 'Once, on terms that stay. A wave for those who reserved sells to them alone.',
  from: 'Reserve from',
  until: 'Reserve until',
  cap: 'Places',
  kind: 'Deposit',
  kinds: { none: 'none', binding: 'binding', refundable: 'refundable' },
  kind_hint: {
    none: 'Reserving costs nothing.',
    binding: 'Lost if the buyer does not buy, owed back twice if you do not sell. At most 20 % of the price.',
    refundable: 'Owed back if the buyer does not buy.',
  },
  deposit: (currency: string) => `Amount in ${currency}`,
  deposit_window: 'Minutes to pay the deposit',
  due: 'To be bought by',
  due_hint: 'After the opening. Who has not bought by then is in default, if a unit was there.',
  balance_window: 'Minutes to pay the rest',
  reminder: 'Reminder, minutes before the opening',
  reminder_hint: '0: never',
  open: 'Open reservations',
} as const satisfies WordTable;

const zh: SameWords<typeof en> = {
  title: '开放预约',
  what: '每场发售一次，条款不再变更。面向预约用户的批次只售给他们。',
  from: '预约开始',
  until: '预约截止',
  cap: '名额',
  kind: '收款方式',
  kinds: { none: '不收', binding: '定金', refundable: '订金（可退）' },
  kind_hint: {
    none: '预约不收费。',
    binding: '买方不买则不退，卖方不卖则双倍返还。不超过货款的 20%。',
    refundable: '买方不买则退还。',
  },
  deposit: (currency) => `金额（${currency}）`,
  deposit_window: '付款时限（分钟）',
  due: '购买截止',
  due_hint: '须晚于开售。届时有货而未购买即为违约。',
  balance_window: '尾款付款时限（分钟）',
  reminder: '开售前提醒（分钟）',
  reminder_hint: '0 表示不提醒',
  open: '开放预约',
};

export const reservationWords = { en, zh };
