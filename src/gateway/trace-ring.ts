import type { ExchangeTrace } from '../trace/trace.js'

/** The last traces, oldest first. Bounded: a long-running gateway keeps a fixed number. */
export class TraceRing {
  readonly #slots: ExchangeTrace[] = []
  readonly #capacity: number
  #next = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(trace: ExchangeTrace): void {
    this.#slots[this.#next] = trace
    this.#next = (this.#next + 1) % this.#capacity
  }

  values(): readonly ExchangeTrace[] {
    return this.#slots.length < this.#capacity ? [...this.#slots] : [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)]
  }
}
