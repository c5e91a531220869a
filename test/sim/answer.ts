/** An answer: as much of a response as the core reads. A real one costs 0.1 ms, and its streams are not what is simulated. */

export interface AnswerOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  /** The connection breaks while the body is read. */
  readonly isCut?: boolean;
}

export function createAnswer(status: number, { headers = {}, isCut = false, text }: AnswerOptions = {}): Response {
  const chunks = text === undefined ? [] : [Buffer.from(text)];
  const body = {
    cancel: async () => undefined,
    getReader: () => ({
      read: async () => {
        if (isCut) throw new TypeError('The simulated connection broke.');
        const value = chunks.shift();
        return { done: value === undefined, value };
      },
      cancel: async () => undefined,
    }),
  };
  const answer = {
    status,
    ok: status >= 200 && status <= 299,
    headers: { get: (name: string) => headers[name] ?? null },
    body: text === undefined && !isCut ? null : body,
    arrayBuffer: async () => new ArrayBuffer(0),
  };
  return answer as unknown as Response;
}
