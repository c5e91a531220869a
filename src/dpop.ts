/**
 * Tokens that are worth nothing without a key that never leaves the browser (RFC 9449).
 *
 * @packageDocumentation
 */
export { dpop, type DpopServer } from './servers/dpop.ts';
