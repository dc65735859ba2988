import type { SameWords } from '../../../shared/i18n.ts';

// Of the panel alone: loaded with it, so that other sales stay as light as they are.
const en = {
  by: { wechat: 'WeChat Pay', alipay: 'Alipay', stripe: 'Card' },
  scan: (app: string) => `Scan this with ${app}. This page shows when the money has arrived.`,
  open: 'Open the app instead',
  code: 'Payment code',
  stop: '. ',
};

const zh: SameWords<typeof en> = {
  by: { wechat: '微信支付', alipay: '支付宝', stripe: '银行卡' },
  scan: (app) => `请用${app}扫码付款，到账后本页会显示。`,
  open: '直接打开应用',
  code: '付款码',
  stop: '。',
};

export const payWords = { en, zh } as const;
