/** Passes a question on to a server that runs elsewhere. */
import { request, type RequestOptions } from 'node:http';
import type { Answer, Question } from './stand.ts';

/** Headers that are about one connection, or that the page's server sets itself. */
const OWN = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/** Resolves with the answer as it came. */
export function forward(to: RequestOptions, { body, headers: given, method, path }: Question): Promise<Answer> {
  const headers = Object.fromEntries(Object.entries(given).filter(([name]) => !OWN.includes(name)));
  return new Promise((resolve, reject) => {
    const passed = request({ ...to, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const kept = Object.entries(response.headersDistinct).filter(([name]) => !OWN.includes(name));
        const own = Object.fromEntries(kept.map(([name, values]) => [name, values ?? []]));
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 502, headers: own, body: text, isShared: false });
      });
    });
    passed.on('error', reject);
    passed.end(body);
  });
}
