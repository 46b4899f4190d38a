import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** A bounded cache whose entries end at a time of their own. Times are milliseconds of the caller's clock. */
export class ExpiringCache<Value extends object> {
  readonly #entries: LRUCache<string, { readonly value: Value; readonly endsAt: number }>

  constructor(max = 10_000) {
    this.#entries = new LRUCache({ max })
  }

  get(key: string, now: number): Value | undefined {
    return this.getStale(key, now, 0)
  }

  /** The entry, also when it ended less than `graceMs` ago. */
  getStale(key: string, now: number, graceMs: number): Value | undefined {
    const entry = this.#entries.get(key)
    return entry && now < entry.endsAt + graceMs ? entry.value : undefined
  }

  set(key: string, value: Value, endsAt: number): void {
    this.#entries.set(key, { value, endsAt })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}

/** One call for all who wait for the same key at the same time; its failure is everybody's and is not remembered. */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Promise<Value>>()

  run(key: string, call: () => Promise<Value>): Promise<Value> {
    let flight = this.#flights.get(key)
    if (!flight) {
      flight = call().finally(() => this.#flights.delete(key))
      this.#flights.set(key, flight)
    }
    return flight
  }
}

/** A key that holds no token, secret or password: SHA-256 over the parts, told apart by their encoding. */
export const cacheKey = (...parts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
