/** The `readyState` of a request that has failed without being sent: natively it would be 0, as after an abort. */

/** It is done until it is opened anew. */
export function keepDone(xhr: XMLHttpRequest): void {
  const get = () =>
    Reflect.get<XMLHttpRequest, 'readyState'>(XMLHttpRequest.prototype, 'readyState', xhr) || XMLHttpRequest.DONE;
  Object.defineProperty(xhr, 'readyState', { get, configurable: true });
}

export function forgetDone(xhr: XMLHttpRequest): void {
  Reflect.deleteProperty(xhr, 'readyState');
}
