import { PARTITIONS, registeredEvents, type EventDescription } from '../outbox';
import { z } from './zod';

type Schema = Readonly<Record<string, unknown>>;

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });

/** What all events have in common. Additive: readers ignore what they do not know. */
const ENVELOPE: Schema = {
  type: 'object',
  description: 'CloudEvents 1.0 in JSON.',
  required: [
    'specversion',
    'id',
    'type',
    'source',
    'subject',
    'time',
    'datacontenttype',
    'partitionkey',
    'sequence',
    'data',
  ],
  properties: {
    specversion: { const: '1.0' },
    id: text('`<aggregate>:<version>`, the same however often the event is delivered: deduplicate by it.'),
    type: text('What happened, in the past tense; a new meaning is a new version.'),
    source: text('The part of the shop that says so.'),
    subject: text('The id of what it happened to.'),
    time: text('When, in UTC.', { format: 'date-time' }),
    datacontenttype: { const: 'application/json' },
    partitionkey: text('The aggregate, as `<kind>:<id>`: events with the same one are in order.'),
    sequence: text('The version of the aggregate, as ten digits: one more each time.', { pattern: '^\\d{10}$' }),
    traceparent: text('W3C Trace Context of the request behind it, where there is one.'),
    data: { description: 'The facts. No personal data: ids instead.' },
  },
};

function messageOf({ type, summary, source, kind, data }: EventDescription): Schema {
  return {
    name: type,
    title: type,
    summary,
    contentType: 'application/cloudevents+json',
    tags: [{ name: kind }],
    payload: {
      allOf: [
        { $ref: '#/components/schemas/CloudEvent' },
        {
          type: 'object',
          properties: {
            type: { const: type },
            source: { const: source },
            partitionkey: { type: 'string', pattern: `^${kind}:` },
            data: dataSchema(data),
          },
        },
      ],
    },
  };
}

/** JSON Schema of draft 7, which is AsyncAPI's own. Open: what is added to an event later breaks no reader. */
function dataSchema(data: z.ZodType): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(data, { target: 'draft-7', io: 'input' });
  return schema;
}

/** The AsyncAPI 3.0 document of every event that the contexts have registered. */
export function asyncApiDocument(version: string, redisPrefix: string): object {
  const events = registeredEvents();
  const byType = <T>(make: (event: EventDescription) => T): Record<string, T> =>
    Object.fromEntries(events.map((event) => [event.type, make(event)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Easy11 events',
      version,
      description:
        'What the shop tells other systems, at least once and in order per aggregate. With REDIS_URL it is in eight Redis Streams.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      events: {
        address: `${redisPrefix}:events:{partition}`,
        title: 'The bus',
        description:
          'One Redis Stream a partition. An entry has the id `<position>-0`, without gaps, and one field, `event`: the message.',
        parameters: {
          partition: {
            description: 'All events of an aggregate are in one.',
            enum: Array.from({ length: PARTITIONS }, (_, partition) => String(partition)),
          },
        },
        messages: byType(({ type }) => ({ $ref: `#/components/messages/${type}` })),
      },
    },
    operations: {
      publishEvents: {
        action: 'send',
        summary: 'The shop publishes what has been committed.',
        channel: { $ref: '#/channels/events' },
        messages: events.map(({ type }) => ({ $ref: `#/channels/events/messages/${type}` })),
      },
    },
    components: { messages: byType(messageOf), schemas: { CloudEvent: ENVELOPE } },
  };
}
