import { describe, expect, it } from 'vitest';
import { curlOf, fieldsOf, type OpenApi, proseOf, readOperations } from './openapi.ts';

const root: OpenApi = {
  info: { title: 'firebrand', version: '1' },
  components: {
    schemas: {
      Money: { type: 'object', required: ['amount'], properties: { amount: { type: 'integer', minimum: 0 } } },
      Base: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      More: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { total: { $ref: '#/components/schemas/Money' } } }] },
    },
  },
  paths: {
    '/v1/drops/{drop_id}/orders': {
      post: {
        operationId: 'placeOrder',
        tags: ['orders'],
        summary: 'Buy',
        security: [{ fan: [] }, { server: [] }],
        parameters: [{ name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', maxLength: 255 } }],
        requestBody: { content: { 'application/json': { schema: { properties: { quantity: { type: 'integer' } } }, example: { quantity: 1 } } } },
        responses: {
          201: { description: 'Created.', content: { 'application/json': { schema: { $ref: '#/components/schemas/More' } } } },
          409: { description: '`sold_out`, `paused`', content: { 'application/problem+json': {} } },
        },
      },
    },
  },
};

describe('openapi', () => {
  it('gives bounds that somebody chose, not those of a machine’s integer', () => {
    const properties = {
      chosen: { type: 'integer', minimum: 1, maximum: 1000 },
      wide: { type: 'integer', minimum: -2147483648, maximum: 2147483647 },
      short: { type: 'integer', minimum: 0, maximum: 65535 },
    };
    expect(fieldsOf({ properties }, root).map((field) => field.rule)).toEqual(['1 – 1000', '', '']);
  });

  it('follows references, joins allOf and walks into arrays', () => {
    const list = { type: 'object', properties: { data: { type: 'array', items: { $ref: '#/components/schemas/More' } } } };
    expect(fieldsOf(list, root).map((field) => [field.name, field.type, field.required])).toEqual([
      ['data', 'object[]', false],
      ['data[].id', 'string', true],
      ['data[].total', 'object', false],
      ['data[].total.amount', 'integer', true],
    ]);
  });

  it('ends where a schema holds itself', () => {
    const self: OpenApi = {
      ...root,
      components: { schemas: { Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } } } },
    };
    expect(fieldsOf({ $ref: '#/components/schemas/Node' }, self).length).toBeLessThan(20);
  });

  it('tells success from problems', () => {
    const [operation] = readOperations(root);
    expect(operation).toMatchObject({ id: 'placeOrder', tag: 'orders', method: 'POST', auth: ['fan', 'server'] });
    expect(operation?.successes.map(({ fields }) => fields.map((field) => field.name))).toEqual([['id', 'total', 'total.amount']]);
    expect(operation?.problems).toEqual([{ status: '409', codes: ['sold_out', 'paused'] }]);
    expect(operation?.parameters[0]).toMatchObject({ name: 'Idempotency-Key', rule: '… – 255 characters' });
  });

  it('shows every status of success, what is new first, and what looks alike once', () => {
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/Base' } } };
    const responses = {
      200: { description: 'It is there already.', content },
      201: { description: 'Created.', content },
      202: { description: 'Begun.', content: { 'application/json': { schema: { type: 'object' } } } },
    };
    const [create] = readOperations({ ...root, paths: { '/v1/bases': { post: { operationId: 'addBase', responses } } } });
    expect(create?.successes.map(({ statuses }) => statuses.map(({ status, doc }) => `${status} ${doc}`))).toEqual([
      ['201 Created.', '200 It is there already.'],
      ['202 Begun.'],
    ]);
    expect(create?.successes.map(({ fields }) => fields.length)).toEqual([1, 0]);
  });

  it('tells code from prose by back ticks', () => {
    expect(proseOf('Pass it as `cursor` for more.')).toEqual([
      { text: 'Pass it as ', code: false },
      { text: 'cursor', code: true },
      { text: ' for more.', code: false },
    ]);
    expect(proseOf('`408`').map((part) => part.code)).toEqual([true]);
  });

  it('writes a request with everything it needs', () => {
    const [operation] = readOperations(root);
    const text = operation ? curlOf(operation, 'http://127.0.0.1:8080') : '';
    for (const part of ['-X POST', 'fbs_', 'Idempotency-Key', `'{"quantity":1}'`]) expect(text).toContain(part);
  });
});
