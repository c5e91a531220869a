/**
 * The session in Vue, from 3.5: a plugin that takes it, and a composable that gives it back with a reactive state.
 *
 * @packageDocumentation
 */
export { sessionPlugin, useSession, type VueSession } from './bindings/vue.ts';
