// The part of OpenAPI 3.1 and JSON Schema 2020-12 that our own document uses.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  allOf?: Schema[];
}

export interface Content {
  schema?: Schema;
  example?: unknown;
}

export interface RawOperation {
  operationId: string;
  tags?: string[];
  summary?: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, Content> };
  responses: Record<string, { description?: string; content?: Record<string, Content> }>;
}

export interface OpenApi {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, Schema>; securitySchemes?: Record<string, { description?: string }> };
}

/** One row of a table of fields. */
export interface Field {
  name: string;
  type: string;
  required: boolean;
  /** Range, pattern, choices: what a value must keep to. */
  rule: string;
  doc: string;
}

/** Statuses of success whose answers look alike, such as 201 for what is new and 200 for what was there. */
export interface Success {
  statuses: { status: string; doc: string }[];
  type: string;
  fields: Field[];
  example: string;
}

export interface ProblemAnswer {
  status: string;
  codes: string[];
}

export interface Operation {
  id: string;
  tag: string;
  method: string;
  path: string;
  summary: string;
  auth: string[];
  parameters: (Field & { in: string })[];
  body: Field[];
  bodyExample: string;
  successes: Success[];
  problems: ProblemAnswer[];
}

function resolve(schema: Schema, root: OpenApi): Schema {
  let found = schema;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').pop() ?? '';
    found = root.components?.schemas?.[name] ?? {};
  }
  if (found.allOf === undefined) return found;
  const parts = [found, ...found.allOf.map((part) => resolve(part, root))];
  return {
    ...found,
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})) as Record<string, Schema>,
    required: parts.flatMap((part) => part.required ?? []),
  };
}

function typeOf(schema: Schema, root: OpenApi): string {
  const types = [schema.type ?? (schema.properties ? 'object' : 'any')].flat();
  return types
    .map((type) => {
      if (type === 'array' && schema.items) return `${typeOf(resolve(schema.items, root), root)}[]`;
      return schema.format ? `${type} (${schema.format})` : type;
    })
    .join(' | ');
}

// The bounds of a machine's integer tell a reader nothing.
const isWholeType = ({ minimum, maximum }: Schema) =>
  (minimum === -(2 ** 31) && maximum === 2 ** 31 - 1) ||
  (minimum !== undefined && minimum <= 0 && [2 ** 16 - 1, 2 ** 32 - 1].includes(maximum ?? 0));

function ruleOf(schema: Schema): string {
  const rules: string[] = [];
  if (schema.enum) rules.push(schema.enum.map((value) => JSON.stringify(value)).join(' | '));
  if (schema.const !== undefined) rules.push(JSON.stringify(schema.const));
  const range = (low?: number, high?: number, unit = '') => {
    if (low === undefined && high === undefined) return;
    rules.push(`${low ?? '…'} – ${high ?? '…'}${unit}`);
  };
  if (!isWholeType(schema)) range(schema.minimum, schema.maximum);
  range(schema.minLength, schema.maxLength, ' characters');
  range(schema.minItems, schema.maxItems, ' items');
  if (schema.pattern) rules.push(schema.pattern);
  if (schema.default !== undefined) rules.push(`default ${JSON.stringify(schema.default)}`);
  return rules.join('; ');
}

const depthMax = 6;

/** A schema as rows: `name.zh`, `waves[].units`. */
export function fieldsOf(schema: Schema | undefined, root: OpenApi, above = '', depth = 0): Field[] {
  if (schema === undefined || depth > depthMax) return [];
  const whole = resolve(schema, root);
  if (whole.items && whole.properties === undefined) return fieldsOf(whole.items, root, `${above}[]`, depth + 1);
  return Object.entries(whole.properties ?? {}).flatMap(([key, raw]): Field[] => {
    const inner = resolve(raw, root);
    const name = above === '' ? key : `${above}.${key}`;
    const row: Field = {
      name,
      type: typeOf(inner, root),
      required: whole.required?.includes(key) ?? false,
      rule: ruleOf(inner),
      doc: raw.description ?? inner.description ?? '',
    };
    return [row, ...fieldsOf(inner, root, name, depth + 1)];
  });
}

/** A text cut at its back ticks: what stood between two of them is code. */
export function proseOf(text: string): { text: string; code: boolean }[] {
  return text
    .split('`')
    .map((part, i) => ({ text: part, code: i % 2 === 1 }))
    .filter((part) => part.text !== '');
}

function successesOf(responses: RawOperation['responses'], root: OpenApi): Success[] {
  const successes: Success[] = [];
  // What is new is the usual answer; that it was there already is the rarer one.
  const numbers = Object.keys(responses).filter((status) => status.startsWith('2'));
  for (const status of numbers.sort((a, b) => Number(b === '201') - Number(a === '201'))) {
    const { description = '', content = {} } = responses[status] ?? {};
    const [type, raw] = Object.entries(content)[0] ?? ['', {}];
    const success: Success = {
      statuses: [{ status, doc: description }],
      type,
      fields: fieldsOf(raw.schema, root),
      example: pretty(raw.example),
    };
    const look = ({ statuses: _, ...others }: Success) => JSON.stringify(others);
    const alike = successes.find((other) => look(other) === look(success));
    if (alike) alike.statuses.push(...success.statuses);
    else successes.push(success);
  }
  return successes;
}

const pretty = (value: unknown) =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);

export function readOperations(root: OpenApi): Operation[] {
  return Object.entries(root.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]): Operation => {
      const body = Object.values(raw.requestBody?.content ?? {})[0];
      return {
        id: raw.operationId,
        tag: raw.tags?.[0] ?? '',
        method: method.toUpperCase(),
        path,
        summary: raw.summary ?? '',
        auth: (raw.security ?? []).flatMap((one) => Object.keys(one)),
        parameters: (raw.parameters ?? []).map((parameter) => ({
          name: parameter.name,
          in: parameter.in,
          type: typeOf(parameter.schema ?? {}, root),
          required: parameter.required ?? false,
          rule: ruleOf(parameter.schema ?? {}),
          doc: parameter.description ?? '',
        })),
        body: fieldsOf(body?.schema, root),
        bodyExample: pretty(body?.example),
        successes: successesOf(raw.responses, root),
        problems: Object.entries(raw.responses)
          .filter(([status]) => status >= '4')
          .map(([status, { description = '' }]) => ({
            status,
            codes: proseOf(description).flatMap((part) => (part.code ? [part.text] : [])),
          })),
      };
    }),
  );
}

/** A request to paste into a terminal. */
export function curlOf(operation: Operation, origin: string): string {
  const lines = [`curl -X ${operation.method} '${origin}${operation.path}'`];
  if (operation.auth.includes('fan')) lines.push(`-H 'Authorization: Bearer fbs_…'`);
  else if (operation.auth.includes('server')) lines.push(`-H 'Authorization: Bearer fbk_…'`);
  else if (operation.auth.includes('staff')) lines.push(`-b 'firebrand_session=…'`);
  if (operation.parameters.some((parameter) => parameter.name === 'Idempotency-Key' && parameter.required)) {
    lines.push(`-H "Idempotency-Key: $(uuidgen)"`);
  }
  if (operation.bodyExample !== '') {
    lines.push(`-H 'Content-Type: application/json'`);
    lines.push(`-d '${JSON.stringify(JSON.parse(operation.bodyExample))}'`);
  }
  return lines.join(' \\\n  ');
}
