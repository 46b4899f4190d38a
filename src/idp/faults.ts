import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EndpointName } from './endpoints.js'

/** Something that goes wrong at one endpoint. */
export interface Fault {
  readonly endpoint: EndpointName
  /** Answers with this status instead of asking the provider. */
  readonly status?: number
  /** Body of that answer; an object becomes JSON. Default: empty. Given alone, the status is 200. */
  readonly body?: string | Readonly<Record<string, unknown>>
  /** Headers of that answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** Waits first, milliseconds. Without `status`, `body` and `drop` the real answer follows. */
  readonly delayMs?: number
  /** Closes the connection without an answer. */
  readonly drop?: boolean
  /** For how many requests. Default 1; 0 until it is taken away. */
  readonly times?: number
}

/** The faults in force, oldest first. */
export class Faults {
  #pending: { readonly fault: Fault; left: number }[] = []

  /** Returns what takes this fault away again. */
  add(fault: Fault): () => void {
    const entry = { fault, left: fault.times === 0 ? Infinity : (fault.times ?? 1) }
    this.#pending.push(entry)
    return () => void (this.#pending = this.#pending.filter((other) => other !== entry))
  }

  clear(): void {
    this.#pending = []
  }

  /** The fault this request meets, used up once. */
  take(endpoint: EndpointName): Fault | undefined {
    const entry = this.#pending.find(({ fault, left }) => fault.endpoint === endpoint && left > 0)
    if (entry && --entry.left === 0) this.#pending = this.#pending.filter((other) => other !== entry)
    return entry?.fault
  }
}

/** Lets a fault happen. False when the real answer should follow. */
export async function suffer(
  { delayMs, drop, status, body, headers }: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (delayMs) await sleep(delayMs, undefined, { ref: false })
  if (drop) {
    request.socket.destroy()
    return true
  }
  if (status === undefined && body === undefined) return false
  const isText = typeof body === 'string' || body === undefined
  request.resume()
  response
    .writeHead(status ?? 200, { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...headers })
    .end(isText ? body : JSON.stringify(body))
  return true
}
