import type { Exchange } from './plugin.js'

/** What one module remembers about a request until it is over. */
export interface Memory<Value> {
  get(exchange: Exchange): Value | undefined
  set(exchange: Exchange, value: Value): void
}

/**
 * A field of the exchange that only its maker can read. Not a WeakMap keyed by exchanges: a scavenge keeps all that such a map holds alive
 * once the map is old, and the tokens of every request would wait for the next full collection.
 */
export function perExchange<Value>(name: string): Memory<Value> {
  const key = Symbol(name)
  return {
    get: (exchange) => exchange[key] as Value | undefined,
    set: (exchange, value) => void (exchange[key] = value),
  }
}
