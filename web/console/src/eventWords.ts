import type { SameWords, WordTable } from '../../shared/i18n.ts';

const en = {
  title: 'Events',
  what: 'What happens, as it happens: the same events that your servers read and that endpoints are told.',
  none: 'Nothing yet. What happens next comes here by itself.',
  time: 'When',
  type: 'Event',
  subject: 'About',
  data: 'What',
  filter: 'Only events of a type',
  every: 'All types',
  remove: (type: string) => `Remove ${type}`,
  pause: 'Hold the list',
  go_on: 'Go on',
  held: (n: string) => `${n} more since`,
  newest: (n: string) => `The newest ${n} are shown.`,
} as const satisfies WordTable;

const zh: SameWords<typeof en> = {
  title: '事件',
  what: '正在发生的事：与你的服务器读取、接收地址收到的事件相同。',
  none: '暂无事件，新的事件会自动出现在这里。',
  time: '时间',
  type: '事件',
  subject: '对象',
  data: '内容',
  filter: '只看某类事件',
  every: '全部类型',
  remove: (type) => `移除 ${type}`,
  pause: '停住列表',
  go_on: '继续',
  held: (n) => `之后又有 ${n} 条`,
  newest: (n) => `只显示最新 ${n} 条。`,
};

export const eventWords = { en, zh };
