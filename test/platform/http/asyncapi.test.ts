import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import { asyncApiDocument } from '../../../src/platform/http/asyncapi';
import { registeredEvents, registerEvents } from '../../../src/platform/outbox';
import { z } from '../../../src/platform/http/zod';
import '../../../src/app'; // every context registers what it emits when it is loaded

const contexts = path.resolve(__dirname, '../../../src/contexts');
const document = asyncApiDocument('1.2.3', 'shop') as {
  readonly channels: { events: { address: string; messages: Record<string, unknown> } };
  readonly operations: { publishEvents: { messages: unknown[] } };
  readonly components: { messages: Record<string, { name: string; summary: string }> };
};

/** It brings its own copy of the schema of schemas, next to which Ajv's has no place. */
const LENIENT = { strict: false, validateFormats: false, meta: false, validateSchema: false } as const;

/** The specification's own JSON Schema. */
function specification(): object {
  return JSON.parse(readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0.json'), 'utf8')) as object;
}

describe('the AsyncAPI document', () => {
  test('knows every event that a context names', () => {
    const named = readdirSync(contexts, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap(
        (file) => readFileSync(path.join(contexts, file), 'utf8').match(/easy11\.[a-z-]+\.[a-z-]+\.v\d+/g) ?? [],
      );
    expect(named.length).toBeGreaterThan(20);
    expect(registeredEvents().map(({ type }) => type)).toEqual([...new Set(named)].sort());
  });

  test('has a message for each, in the channel and in the operation', () => {
    const types = registeredEvents().map(({ type }) => type);
    expect(Object.keys(document.components.messages)).toEqual(types);
    expect(Object.keys(document.channels.events.messages)).toEqual(types);
    expect(document.operations.publishEvents.messages).toHaveLength(types.length);
    expect(document.channels.events.address).toBe('shop:events:{partition}');
    for (const { summary } of Object.values(document.components.messages)) expect(summary).toMatch(/\.$/);
  });

  test('is valid by the schema of the specification', () => {
    const validate = new Ajv({ ...LENIENT, allErrors: true }).compile(specification());
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    validate({ ...document, operations: { publishEvents: { action: 'shout' } } });
    expect(validate.errors ?? []).not.toEqual([]);
  });

  test('a type is registered once', () => {
    const types = { 'easy11.order.placed.v1': 'An order was placed again.' };
    expect(() => registerEvents({ source: '/test', kind: 'order', data: z.object({}), types })).toThrow(/twice/);
  });
});
