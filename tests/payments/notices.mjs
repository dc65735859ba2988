// Notices as providers send them, signed with their published clients: a body and its headers.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import Stripe from 'stripe';

const { Aes, Formatter, Rsa } = createRequire(import.meta.url)('wechatpay-axios-plugin');

/** @param keys  `platform`, the provider's pair, its `serial`, and `apiKey`, which content is sealed with */
export function wechatNotice({ platform, serial, apiKey }, event, content) {
  const nonce = randomBytes(6).toString('hex');
  const ciphertext = Aes.AesGcm.encrypt(JSON.stringify(content), apiKey, nonce, 'transaction');
  const body = JSON.stringify({
    id: 'EV-1',
    event_type: event,
    resource_type: 'encrypt-resource',
    resource: { algorithm: 'AEAD_AES_256_GCM', ciphertext, nonce, associated_data: 'transaction' },
  });
  const timestamp = String(Formatter.timestamp());
  const text = Formatter.response(timestamp, nonce, body);
  const signature = Rsa.sign(text, platform.privateKey);
  assert.ok(Rsa.verify(text, signature, platform.publicKey));
  const headers = {
    'Content-Type': 'application/json',
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': serial,
    'Wechatpay-Signature': signature,
  };
  return { body, headers };
}

/** @param options  what the client takes beside, such as `timestamp` */
export function stripeNotice(secret, event, options = {}) {
  const payload = JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, ...options });
  return { body: payload, headers: { 'Content-Type': 'application/json', 'Stripe-Signature': signature } };
}
