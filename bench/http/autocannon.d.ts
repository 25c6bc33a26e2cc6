declare module 'autocannon' {
  /** The part of autocannon that the benchmark uses; the package ships no types. */
  interface Client {
    setRequests(requests: readonly { method: string; path: string }[]): void;
  }
  interface Result {
    requests: { average: number; total: number };
    errors: number;
    timeouts: number;
    non2xx: number;
  }
  interface Instance extends PromiseLike<Result> {
    on(
      event: 'response',
      listener: (client: Client, status: number, bytes: number, milliseconds: number) => void,
    ): this;
  }
  interface Options {
    url: string;
    connections: number;
    duration: number;
    setupClient?: (client: Client) => void;
  }
  export default function autocannon(options: Options): Instance;
}
