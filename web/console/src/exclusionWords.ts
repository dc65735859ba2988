import type { SameWords } from '../../shared/i18n.ts';

const en = {
  title: 'Who is kept out',
  what: 'Keep somebody out of this sale before it opens. The public list shows a hash and the reason; a draw of this sale has a list of its own. A binding deposit goes back twice.',
  person: 'Person',
  reason: 'Reason',
  reasons: {
    automated: 'A program',
    several_accounts: 'Several accounts',
    reseller: 'Reseller',
    staff_or_family: 'Staff or their family',
    not_eligible: 'Not eligible',
    other: 'Other',
  },
  exclude: 'Keep out',
  done: (person: string) => `${person} cannot buy in this sale.`,
  count: (n: string) => `Kept out: ${n}.`,
  list: 'The public list',
};

const zh: SameWords<typeof en> = {
  title: '排除名单',
  what: '开售前可排除某人。公开名单只显示哈希和原因；本场的抽签另有名单。约束性定金双倍退还。',
  person: '用户',
  reason: '原因',
  reasons: {
    automated: '程序操作',
    several_accounts: '多个账号',
    reseller: '转卖',
    staff_or_family: '员工或亲属',
    not_eligible: '不符合条件',
    other: '其他',
  },
  exclude: '排除',
  done: (person) => `${person} 不能参加本场购买。`,
  count: (n) => `已排除 ${n} 人。`,
  list: '公开名单',
};

export const exclusionWords = { en, zh };
