/**
 * Token servers that are out there, each by its own wire format, for the option `server` of `createSession`.
 *
 * @packageDocumentation
 */
export { json, type JsonFields, type JsonOptions } from './servers/json.ts';
