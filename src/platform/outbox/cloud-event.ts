import type { PublishedEvent } from './events';

/** An event in the JSON format of CloudEvents 1.0 (cloudevents.io), with the extensions partitioning, sequence and tracing. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The aggregate: events with the same key are in order. */
  readonly partitionkey: string;
  /** The aggregate's version as ten digits, so that it also sorts as text. */
  readonly sequence: string;
  readonly traceparent?: string;
  readonly data: unknown;
}

/** The envelope in which an event leaves the process. */
export function toCloudEvent(event: PublishedEvent): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    type: event.type,
    source: event.source,
    subject: event.subject,
    time: event.occurredAt.toISOString(),
    datacontenttype: 'application/json',
    partitionkey: event.aggregate,
    sequence: String(event.version).padStart(10, '0'),
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    data: event.data,
  };
}
