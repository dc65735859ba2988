import type { SameWords, WordTable } from '../../shared/i18n.ts';

const en = {
  title: 'firebrand API',
  loading: 'Loading…',
  failed: 'The description of the API did not arrive. Reload the page to try again.',
  language: 'Language',
  theme: 'Light or dark',
  theme_names: { system: 'As the device', light: 'Light', dark: 'Dark' },
  skip: 'Skip to the operations',
  find: 'Find an operation',
  none: 'Nothing fits.',
  raw: 'openapi.json',
  auth: { everyone: 'everyone', fan: 'fan', server: 'API key', staff: 'staff', callback: 'signed callback' },
  who: 'For',
  parameters: 'Parameters',
  body: 'Body',
  answer: 'Answer',
  problems: 'Problems',
  try_it: 'In a terminal',
  field: 'Field',
  type: 'Type',
  meaning: 'Meaning',
  required: 'required',
} as const satisfies WordTable;

export type Words = SameWords<typeof en>;

const zh: Words = {
  title: 'firebrand API 文档',
  loading: '加载中…',
  failed: 'API 描述没有加载成功，请刷新页面重试。',
  language: '语言',
  theme: '浅色或深色',
  theme_names: { system: '跟随设备', light: '浅色', dark: '深色' },
  skip: '跳到接口列表',
  find: '查找接口',
  none: '没有匹配的接口。',
  raw: 'openapi.json',
  auth: { everyone: '所有人', fan: '粉丝', server: 'API 密钥', staff: '员工', callback: '签名回调' },
  who: '调用者',
  parameters: '参数',
  body: '请求体',
  answer: '响应',
  problems: '错误',
  try_it: '在终端里',
  field: '字段',
  type: '类型',
  meaning: '含义',
  required: '必填',
};

export const words = { en, zh } as const satisfies Record<string, Words>;
